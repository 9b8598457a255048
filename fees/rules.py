"""Who may see the fee desk, and who may collect there."""

from accounts.models import Role, User
from accounts.rules import COLLECTORS, OVERSEERS, has_role, role_at

DESK = COLLECTORS | OVERSEERS


def sees_desk(user: User) -> bool:
    """Those who collect fees and those who oversee, at whatever gate."""
    return user.is_superuser or has_role(user, *DESK)


def collects_at(user: User, gate_id: int) -> bool:
    """Whether the person takes payments at this gate."""
    return role_at(user, COLLECTORS, gate_id) is not None


def enters_tariffs(user: User) -> bool:
    """The fee centre writes down what the resolution asks; the administrator may too."""
    return user.is_superuser or has_role(user, Role.Code.FEE_CENTRE, Role.Code.ADMIN)
