"""The number of unread notices for the top bar: one query, asked only where it is drawn."""

from functools import cache

from django.http import HttpRequest

from notices.models import Notice

MOST = 99


def unread(request: HttpRequest) -> dict:
    """Adds `notice_count` for who is signed in; nobody counts beyond `MOST`, and neither does the database."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}

    def count() -> int | str:
        number = Notice.objects.visible_to(user).unread()[: MOST + 1].count()
        return number if number <= MOST else f"{MOST}+"

    return {"notice_count": cache(count)}
