"""Who may settle what a camera could not."""

from accounts.models import User
from accounts.rules import role_at_lane
from gates.models import Lane


def may_settle(user: User, lane: Lane) -> bool:
    """Whoever serves at the lane."""
    return role_at_lane(user, lane) is not None
