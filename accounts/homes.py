"""Where each role begins after signing in: the first line whose role the person holds and whose page exists."""

from django.urls import NoReverseMatch, reverse

from accounts.models import Role, User
from accounts.rules import has_role, organisation_ids_of

Code = Role.Code

HOMES = (
    ("checkpoints:home", (Code.BORDER_GUARD, Code.CUSTOMS, Code.TRANSPORT)),
    ("checkpoints:home", (Code.HEALTH_QUARANTINE, Code.ANIMAL_QUARANTINE, Code.PLANT_QUARANTINE)),
    ("checkpoints:yards", (Code.YARD_OPERATOR,)),
    ("fees:desk", (Code.FEE_CENTRE, Code.TAX_OFFICE)),
    ("checkpoints:overview", (Code.ZONE_AUTHORITY, Code.INDUSTRY_TRADE, Code.ADMIN)),
    ("declarations:list", (Code.TRADER, Code.DRIVER)),
)


def home_of(user: User) -> str:
    """The address of the person's first page; the public one where there is no other."""
    for name, roles in HOMES:
        if has_role(user, *roles) and (address := _address(name)):
            return address
    if organisation_ids_of(user) and (address := _address("declarations:list")):
        return address
    return "/"


def _address(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
