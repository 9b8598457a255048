"""The number of unread notices for the top bar: one query, asked only where it is drawn."""

from functools import cache

from django.http import HttpRequest

from notices.models import Notice


def unread(request: HttpRequest) -> dict:
    """Adds `notice_count` for who is signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"notice_count": cache(lambda: Notice.objects.visible_to(user).unread().count())}
