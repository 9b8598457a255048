"""Bills: which trucks they carry, what they ask, and who is told."""

from collections.abc import Collection

from django.utils import timezone

from accounts.models import User
from checkpoints import facts, registry
from checkpoints.models import Fact
from declarations.models import Declaration, Trip
from fees.models import Assessment, Bill, LedgerEntry
from fees.services.ledger import enter, set_free

Kind = LedgerEntry.Kind


def lock_bills(*, related: Collection[str] = ("declaration__gate", "payer"), **which) -> list[Bill]:
    """Lock these bills by id; then read their sums, which only now stand still."""
    ids = list(Bill.objects.select_for_update(no_key=True).filter(**which).order_by("pk").values_list("pk", flat=True))
    if not ids:
        return []
    bills = Bill.objects.filter(pk__in=ids).summed()
    return list(bills.select_related(*related).order_by("pk"))


def amounts_by_trip(bill: Bill) -> dict[int, int]:
    """Trip id to what the bill asks for it in đồng, in the order in which the trucks joined."""
    carried: dict[int, int] = {}
    entries = LedgerEntry.objects.filter(bill=bill, kind=Kind.ASSESSED).order_by("pk")
    for trip_id, amount in entries.values_list("assessment__trip_id", "amount"):
        carried[trip_id] = carried.get(trip_id, 0) + amount
    return {trip_id: amount for trip_id, amount in carried.items() if amount}


def put_on_bill(
    assessment: Assessment, kind: str, amount: int, *, payer_id: int, billed: bool, actor: User | None
) -> None:
    """On the declaration's open bill of this kind and payer as long as nothing is paid on it, else on a new one.

    `billed`: whether the declaration has a bill at all; its lock, which the caller holds, keeps that so.
    """
    declaration = assessment.trip.declaration
    bills = lock_bills(declaration=declaration, kind=kind, payer=payer_id) if billed else []
    bill = next((bill for bill in bills if not bill.allocated and bill.due), None)
    is_new = bill is None
    if bill is None:
        bill = new_bill(declaration, kind, payer_id)
    enter(Kind.ASSESSED, amount, bill=bill, assessment=assessment, actor=actor)
    announce(bill, "ready_to_pay", trip=assessment.trip, is_first=is_new, amount=amount)


def take_off_bills(assessment: Assessment, kind: str, amount: int, actor: User | None) -> None:
    """Off the bills that carry this truck, the newest first; money set free stays the payer's credit."""
    for bill in reversed(lock_bills(declaration=assessment.trip.declaration, kind=kind)):
        carried = amounts_by_trip(bill).get(assessment.trip_id, 0)
        less = min(carried, amount)
        if less <= 0:
            continue
        enter(Kind.ASSESSED, -less, bill=bill, assessment=assessment, actor=actor)
        set_free(bill, bill.allocated - bill.due, actor)
        amount -= less


def new_bill(declaration: Declaration, kind: str, payer_id: int) -> Bill:
    return Bill.objects.create(declaration=declaration, kind=kind, payer_id=payer_id, created_at=timezone.now())


def announce(
    bill: Bill,
    move: str,
    *,
    trip: Trip | None = None,
    actor: User | None = None,
    reason: str = "",
    is_first: bool = False,
    **data,
) -> Fact:
    """Append a fact about the bill, whose lock the caller holds, and tell the door's listeners after commit.

    `is_first`: the bill was just made, its chain is not asked for.
    """
    now, chain = timezone.now(), f"bill:{bill.pk}"
    fact = facts.link(
        chain,
        after=None if is_first else facts.heads([chain]).first(),
        move=move,
        declaration_id=bill.declaration_id,
        trip_id=trip.pk if trip else None,
        gate_id=bill.declaration.gate_id,
        actor_id=actor.pk if actor else None,
        happened_at=now,
        recorded_at=now,
        reason=reason,
        data={"bill": bill.pk, "code": bill.code, "collector": bill.collector, **data},
    )
    fact.save(force_insert=True)
    registry.tell_after_commit([fact])
    return fact
