"""Who may see the fee desk, who may collect there, and who enters tariffs."""

from accounts.models import Role, User
from accounts.rules import COLLECTORS, OVERSEERS, has_role, role_at, roles_of
from gates.models import Gate
from gates.procedures import BOOKS, Book, Stage
from gates.procedures.words import Agency, Moment

DESK = COLLECTORS | OVERSEERS
ENTERING = frozenset({Role.Code.FEE_CENTRE, Role.Code.ADMIN})


def sees_desk(user: User) -> bool:
    """Those who collect fees and those who oversee, at whatever gate."""
    return user.is_superuser or has_role(user, *DESK)


def collects_at(user: User, gate_id: int) -> bool:
    """Whether the person takes payments at this gate."""
    return role_at(user, COLLECTORS, gate_id) is not None


def enters_tariffs(user: User, province: str | None = None) -> bool:
    """The fee centre writes down what the resolution asks, of its own province; the administrator may too."""
    return user.is_superuser or any(
        role.code in ENTERING
        and (province is None or role.gate is None or BOOKS[role.gate.book_code].province == province)
        for role in roles_of(user)
    )


def fee_stage(book: Book) -> Stage:
    return next(stage for procedure in book for stage in procedure.stages if stage.moment is Moment.FEE)


def collector_of(kind: str, book: Book) -> Agency:
    """Who collects this kind of fee: whom the book's fee stage routes it to, else whom it asks to confirm fees."""
    stage = fee_stage(book)
    return stage.routed.get(kind) or stage.confirmations[0].agency


def collects(user: User, kind: str, gate: Gate) -> bool:
    """Whether the person takes this kind of fee at the gate: where the book routes fees, only who it routes this to."""
    book = BOOKS[gate.book_code]
    takers = {collector_of(kind, book)} if fee_stage(book).routed else COLLECTORS
    return role_at(user, takers, gate.pk) is not None
