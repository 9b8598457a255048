"""Lines of the ledger, and what of a payment goes to which bill."""

from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from fees.models import Bill, LedgerEntry, Payment

Kind = LedgerEntry.Kind


def allocate(payment: Payment, bill: Bill, amount: int, actor: User | None) -> None:
    if amount:
        enter(Kind.ALLOCATED, amount, payment=payment, bill=bill, actor=actor)


def set_free(bill: Bill, amount: int, actor: User | None) -> None:
    """Take so much of what is allocated to the bill back, the newest payment first."""
    shares = (
        LedgerEntry.objects.filter(bill=bill, kind=Kind.ALLOCATED)
        .values("payment_id")
        .annotate(total=Sum("amount"))
        .order_by("-payment_id")
    )
    for share in shares:
        part = min(share["total"], amount)
        if part > 0:
            enter(Kind.ALLOCATED, -part, bill=bill, payment_id=share["payment_id"], actor=actor)
            amount -= part


def enter(kind: str, amount: int, **fields) -> LedgerEntry:
    """Append one line; the bill's sums, where it has them, follow."""
    entry = LedgerEntry.objects.create(kind=kind, amount=amount, at=timezone.now(), **fields)
    bill = fields.get("bill")
    if bill is not None and hasattr(bill, "outstanding"):
        name, sign = ("due", 1) if kind == Kind.ASSESSED else ("allocated", -1)
        setattr(bill, name, getattr(bill, name) + amount)
        bill.outstanding += sign * amount
    return entry
