"""The top bar of every page: who is here, in which role and place, and the pages of that role.

An app that has a page worth a link adds a line to PAGES; a line whose address does not exist is left out.
"""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.rules import COLLECTORS, OFFICERS, OVERSEERS, has_role, roles_of

Code = Role.Code


@dataclass(frozen=True)
class Page:
    """A named address, the word of its link and the roles to whom it is shown; no role means everybody."""

    name: str
    word: str
    roles: frozenset[str] = frozenset()


PAGES = (
    Page("declarations:list", _("Tờ khai"), frozenset({Code.TRADER})),
    Page("register:vehicles", _("Phương tiện"), frozenset({Code.TRADER})),
    Page("register:drivers", _("Lái xe"), frozenset({Code.TRADER})),
    Page("fees:mine", _("Phí"), frozenset({Code.TRADER})),
    Page("checkpoints:home", _("Hàng xe"), OFFICERS),
    Page("checkpoints:yards", _("Bến bãi"), frozenset({Code.YARD_OPERATOR})),
    Page("fees:desk", _("Thu phí"), COLLECTORS),
    Page("checkpoints:overview", _("Toàn cảnh"), OVERSEERS),
    Page("fees:desk", _("Thu phí"), OVERSEERS),
    Page("checkpoints:closures", _("Hạn chế, tạm dừng"), frozenset({Code.ZONE_AUTHORITY})),
    Page("register:specialised", _("Lái xe chuyên trách"), frozenset({Code.BORDER_GUARD, Code.ZONE_AUTHORITY})),
    Page("fees:tariffs", _("Biểu phí"), frozenset({Code.FEE_CENTRE, Code.ADMIN, Code.ZONE_AUTHORITY})),
    Page("anpr:unsettled", _("Biển chưa rõ"), OFFICERS | {Code.YARD_OPERATOR}),
    Page("anpr:cameras", _("Camera"), frozenset({Code.ADMIN, Code.ZONE_AUTHORITY})),
    Page("admin:index", _("Quản trị"), frozenset({Code.ADMIN})),
)


def _address(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def navigation(user: User | AnonymousUser) -> list[dict]:
    """The links for this person, in the order of PAGES."""
    shown = (page for page in PAGES if not page.roles or has_role(user, *page.roles))
    return [{"url": url, "word": page.word} for page in shown if (url := _address(page.name))]


def bar(request: HttpRequest) -> dict:
    """Context of `components/bar.html`; asked only where the bar is drawn, so parts of pages pay nothing."""
    user = getattr(request, "user", AnonymousUser())

    def first_role() -> Role | None:
        return next(iter(roles_of(user)), None)

    def bar_role() -> str:
        role = first_role()
        return role.get_code_display() if role else ""

    def bar_place() -> str:
        role = first_role()
        return str(role.yard or role.gate or "") if role else ""

    return {
        "navigation": lambda: navigation(user),
        "bar_role": bar_role,
        "bar_place": bar_place,
        "home_url": lambda: _address("home") or "/",
        "notices_url": lambda: _address("notices:list"),
    }
