"""Who may settle what a camera could not."""

from accounts.models import Role, User
from accounts.rules import OFFICERS, role_at
from gates.models import Lane
from gates.procedures.words import Place


def may_settle(user: User, lane: Lane) -> bool:
    """An officer of the gate, or at a yard gate the operator of that yard (Điều 19(1))."""
    if role_at(user, OFFICERS, lane.gate_id):
        return True
    operator = role_at(user, (Role.Code.YARD_OPERATOR,), lane.gate_id)
    return operator is not None and lane.place is Place.YARD and operator.yard_id in (None, lane.yard_id)
