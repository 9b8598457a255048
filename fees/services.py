"""Writes of money: assess a truck, put it on a bill, record a payment, use a credit, refund, confirm.

Locks: whoever holds the door's (declaration, trip) takes bills after them, by id, then payments by id.
Each function raises `Refusal` with one reason, and then nothing was changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import accumulate

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules import acts_for_organisation
from checkpoints import facts, registry
from checkpoints.door import perform
from checkpoints.models import Confirmation, Fact
from checkpoints.refusals import Refusal, not_yours
from checkpoints.states import ConfirmationState
from declarations.models import Declaration, Load, Trip
from fees.codes import find_code
from fees.models import Assessment, AssessmentLine, Bill, LedgerEntry, Payment, Tariff, TariffLine
from fees.pricing import Case, Charge, charge, dearest_goods
from fees.rules import collects_at
from gates.procedures.words import Moment

Kind = LedgerEntry.Kind
Outcome = Assessment.Outcome
FEE_CONFIRMED = "fee_confirmed"
# Far above any fee: what is more is a slip of the finger. In đồng.
MOST = 1_000_000_000_000


# Assessing


def assess(*, trip: Trip, actor: User | None, payload: Decimal | None = None) -> Assessment:
    """Calculate what the truck owes by the facts of its yard stage, and put the difference on a bill.

    `payload` in tonnes, where the declaration names none. The same facts again make no new version.
    The caller holds the locks of the declaration and the trip.
    """
    last = latest_assessment(trip)
    assessment, charged = _calculate(trip, payload or trip.payload or (last and last.payload))
    if last is not None and _same(last, assessment):
        return last
    assessment.version = last.version + 1 if last else 1
    assessment.made_by = actor
    assessment.save(force_insert=True)
    if charged is not None:
        AssessmentLine.objects.create(
            assessment=assessment,
            tariff_line=charged.line,
            quantity=charged.quantity,
            unit=charged.line.unit,
            price=charged.line.price,
            amount=charged.amount,
        )
    difference = assessment.total - (last.total if last else 0)
    if difference > 0:
        _put_on_bill(assessment, difference, actor)
    elif difference < 0:
        _take_off_bills(assessment, -difference, actor)
    trip.assessed_now = assessment
    return assessment


def latest_assessment(trip: Trip) -> Assessment | None:
    """The version that counts; not asked for again in the transaction that made it."""
    return getattr(trip, "assessed_now", None) or trip.assessments.order_by("-version").first()


def _calculate(trip: Trip, payload: Decimal | None) -> tuple[Assessment, Charge | None]:
    loads = list(Load.objects.filter(trip=trip).select_related("line__consignment").order_by("pk"))
    assessment = Assessment(
        trip=trip,
        made_at=timezone.now(),
        vehicle_type=trip.vehicle_type,
        payload=payload,
        weight=sum((load.weight for load in loads), Decimal(0)),
        total=0,
        facts=_yard_facts(trip),
    )
    if not loads:
        assessment.outcome = Outcome.NO_GOODS
        return assessment, None
    assessment.regime, assessment.goods_group = dearest_goods(loads)
    lines = _lines_in_force(trip)
    if not lines:
        assessment.outcome = Outcome.NO_TARIFF
        return assessment, None
    assessment.tariff = lines[0].tariff
    case = Case(
        regime=assessment.regime,
        goods_group=assessment.goods_group,
        vehicle_type=trip.vehicle_type,
        payload=payload,
        weight=assessment.weight,
    )
    assessment.outcome, charged = charge(case, lines)
    assessment.total = charged.amount if charged else 0
    return assessment, charged


def _lines_in_force(trip: Trip) -> list[TariffLine]:
    """The prices in force today in the province whose book the trip follows."""
    tariffs = Tariff.objects.in_force().filter(province=trip.book.province)
    return list(TariffLine.objects.filter(tariff__in=tariffs).select_related("tariff"))


def _yard_facts(trip: Trip) -> list[int]:
    """The facts of the yard's confirmations: who found what, on which the fee stands."""
    confirmed = Confirmation.objects.filter(
        stage__trip=trip, stage__moment=Moment.YARD, state=ConfirmationState.CONFIRMED
    )
    return list(confirmed.order_by("position").values_list("fact_id", flat=True))


def _same(last: Assessment, new: Assessment) -> bool:
    names = ("outcome", "tariff_id", "regime", "goods_group", "vehicle_type", "payload", "weight", "total")
    return all(getattr(last, name) == getattr(new, name) for name in names)


def _put_on_bill(assessment: Assessment, amount: int, actor: User | None) -> None:
    """On the open bill of the declaration as long as nothing is paid on it, else on a new one."""
    declaration = assessment.trip.declaration
    bill = next((bill for bill in lock_bills(declaration=declaration) if not bill.allocated and bill.due), None)
    if bill is None:
        bill = _new_bill(declaration)
    _enter(Kind.ASSESSED, amount, bill=bill, assessment=assessment, actor=actor)
    _announce(bill, "ready_to_pay", trip=assessment.trip, amount=amount)


def _take_off_bills(assessment: Assessment, amount: int, actor: User | None) -> None:
    """Off the bills that carry this truck, the newest first; money set free stays the payer's credit."""
    for bill in reversed(lock_bills(declaration=assessment.trip.declaration)):
        carried = amounts_by_trip(bill).get(assessment.trip_id, 0)
        less = min(carried, amount)
        if less <= 0:
            continue
        _enter(Kind.ASSESSED, -less, bill=bill, assessment=assessment, actor=actor)
        _set_free(bill, bill.allocated - bill.due, actor)
        amount -= less


def _new_bill(declaration: Declaration) -> Bill:
    return Bill.objects.create(declaration=declaration, payer_id=declaration.organisation_id, created_at=timezone.now())


def reassess(*, trip: Trip, actor: User, payload: Decimal | None = None) -> Assessment:
    """Calculate again, e.g. after a missing price was entered; only while the fee waits to be confirmed.

    Where nothing turns out to be due the step is closed with it.
    """
    with transaction.atomic():
        declaration = Declaration.objects.select_for_update(no_key=True).get(pk=trip.declaration_id)
        trip = Trip.objects.select_for_update(no_key=True).get(pk=trip.pk)
        trip.declaration = declaration
        if not collects_at(actor, declaration.gate_id):
            raise not_yours()
        slots = waiting_fee_slots([trip.pk])
        if not slots:
            raise Refusal("not_waiting", _("Phí của phương tiện %(plate)s không còn chờ.") % {"plate": trip.plate})
        assessment = assess(trip=trip, actor=actor, payload=payload)
        if assessment.is_clear and not assessment.total:
            # There is no bill by which anybody could confirm it.
            perform("confirm", trip, actor=actor, key=None, confirmation=slots[0].pk)
        return assessment


# Paying


@dataclass(frozen=True)
class Recorded:
    """A payment, and whether it had been recorded before under its key."""

    payment: Payment
    repeated: bool = False


def record_payment(
    *,
    bill: Bill,
    amount: int,
    method: str,
    actor: User | None,
    key: str,
    reference: str = "",
    received_at: datetime | None = None,
) -> Recorded:
    """Write down money received for a bill and allocate as much of it as the bill asks; the rest stays a credit.

    `amount` in đồng. `actor` None is a bank; a person must collect at the bill's gate. The same key again changes
    nothing.
    """
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount <= MOST:
        raise Refusal("wrong_amount", _("Số tiền phải là số đồng nguyên, lớn hơn 0."))
    with transaction.atomic():
        bill = lock_bills(pk=bill.pk)[0]
        if actor is not None and not collects_at(actor, bill.declaration.gate_id):
            raise not_yours()
        if before := Payment.objects.filter(key=key).first():
            return _repeated(before, bill, amount, method)
        payment = _new_payment(
            payer_id=bill.payer_id,
            bill=bill,
            amount=amount,
            method=method,
            reference=reference,
            received_at=received_at or timezone.now(),
            recorded_by=actor,
            key=key,
        )
        _enter(Kind.RECEIVED, amount, payment=payment, actor=actor)
        _leave_late_trucks(bill, amount, actor)
        _allocate(payment, bill, min(amount, bill.outstanding), actor)
        _announce(
            bill,
            "record_payment",
            actor=actor,
            payment=payment.pk,
            amount=amount,
            outstanding=bill.outstanding,
        )
    return Recorded(payment)


def receive_transfer(*, text: str, amount: int, method: str, reference: str, key: str) -> Recorded:
    """Record what a bank says came in: the bill is the one whose payment code stands in the transfer's text."""
    bill = Bill.objects.filter(code=find_code(text) or "").first()
    if bill is None:
        raise Refusal("unknown_code", _("Nội dung chuyển khoản không có mã nộp phí nào đúng."))
    return record_payment(bill=bill, amount=amount, method=method, actor=None, key=key, reference=reference)


def _new_payment(**fields) -> Payment:
    try:
        with transaction.atomic():
            return Payment.objects.create(**fields)
    except IntegrityError as taken:
        raise _key_reused() from taken


def _repeated(before: Payment, bill: Bill, amount: int, method: str) -> Recorded:
    if (before.bill_id, before.amount, before.method) != (bill.pk, amount, method):
        raise _key_reused()
    return Recorded(before, repeated=True)


def _key_reused() -> Refusal:
    return Refusal("key_reused", _("Mã yêu cầu này đã dùng cho một việc khác. Hãy tải lại trang."))


def _leave_late_trucks(bill: Bill, amount: int, actor: User | None) -> None:
    """Who pays to the đồng what the first trucks owe pays for these; those that joined later get a bill of their own.

    So a truck that became ready while its sister was being paid for does not hold that one up.
    """
    if bill.allocated or amount >= bill.outstanding:
        return
    carried = list(amounts_by_trip(bill).items())
    sums = list(accumulate(owed for _trip_id, owed in carried))
    if amount not in sums:
        return
    late = _new_bill(bill.declaration)
    for trip_id, owed in carried[sums.index(amount) + 1 :]:
        assessment = Assessment.objects.filter(trip_id=trip_id).order_by("-version").first()
        _enter(Kind.ASSESSED, -owed, bill=bill, assessment=assessment, actor=actor)
        _enter(Kind.ASSESSED, owed, bill=late, assessment=assessment, actor=actor)
        _announce(late, "ready_to_pay", trip=assessment.trip, amount=owed)


def use_credit(*, bill: Bill, actor: User) -> int:
    """Allocate what the payer has left over from earlier payments, the oldest first; returns the đồng used.

    Once the bill is settled it does nothing, so that a click twice counts once.
    """
    with transaction.atomic():
        bill = lock_bills(pk=bill.pk)[0]
        if not (acts_for_organisation(actor, bill.payer_id) or collects_at(actor, bill.declaration.gate_id)):
            raise not_yours()
        used = 0
        for payment in _lock_payments(payer_id=bill.payer_id):
            part = min(payment.credit, bill.outstanding)
            if part > 0:
                _allocate(payment, bill, part, actor)
                used += part
        if used:
            outstanding = bill.outstanding
            _announce(bill, "use_credit", actor=actor, amount=used, outstanding=outstanding)
    return used


def refund(*, payment: Payment, amount: int, actor: User, key: str) -> LedgerEntry:
    """Give back of a payment what is not allocated. The same key again changes nothing."""
    if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
        raise Refusal("wrong_amount", _("Số tiền phải là số đồng nguyên, lớn hơn 0."))
    with transaction.atomic():
        payment = _lock_payments(pk=payment.pk)[0]
        if payment.bill is None or not collects_at(actor, payment.bill.declaration.gate_id):
            raise not_yours()
        if before := LedgerEntry.objects.filter(key=key).first():
            if (before.payment_id, before.amount, before.kind) != (payment.pk, amount, Kind.REFUNDED):
                raise _key_reused()
            return before
        if amount > payment.credit:
            raise Refusal("more_than_credit", _("Số tiền hoàn trả lớn hơn số còn dư của khoản nộp."))
        return _enter(Kind.REFUNDED, amount, payment=payment, actor=actor, key=key)


# Confirming


@dataclass(frozen=True)
class TruckOutcome:
    """What confirming a bill did for one of its trucks: `refusal` None means confirmed."""

    trip: Trip
    refusal: Refusal | None


def confirm_bill(*, bill: Bill, actor: User, key: str) -> list[TruckOutcome]:
    """Confirm through the door the fee of every truck of the bill that waits for it, each by itself."""
    outcomes = []
    for slot in waiting_fee_slots(amounts_by_trip(bill)):
        try:
            perform("confirm", slot.stage.trip, actor=actor, key=f"{key}:{slot.pk}", confirmation=slot.pk)
            outcomes.append(TruckOutcome(slot.stage.trip, None))
        except Refusal as refusal:
            outcomes.append(TruckOutcome(slot.stage.trip, refusal))
    return outcomes


def waiting_fee_slots(trip_ids: Sequence[int]) -> list[Confirmation]:
    slots = Confirmation.objects.filter(
        stage__trip__in=list(trip_ids), of=FEE_CONFIRMED, state=ConfirmationState.WAITING
    )
    return list(slots.select_related("stage__trip__declaration__gate").order_by("stage__trip__position"))


# The ledger


def lock_bills(**which) -> list[Bill]:
    """Lock these bills by id; then read their sums, which only now stand still."""
    ids = list(Bill.objects.select_for_update(no_key=True).filter(**which).order_by("pk").values_list("pk", flat=True))
    if not ids:
        return []
    bills = Bill.objects.with_sums().filter(pk__in=ids)
    return list(bills.select_related("declaration__gate", "payer").order_by("pk"))


def _lock_payments(**which) -> list[Payment]:
    ids = list(
        Payment.objects.select_for_update(no_key=True).filter(**which).order_by("pk").values_list("pk", flat=True)
    )
    return list(Payment.objects.with_credit().filter(pk__in=ids).select_related("bill__declaration").order_by("pk"))


def amounts_by_trip(bill: Bill) -> dict[int, int]:
    """Trip id to what the bill asks for it in đồng, in the order in which the trucks joined."""
    carried: dict[int, int] = {}
    entries = LedgerEntry.objects.filter(bill=bill, kind=Kind.ASSESSED).order_by("pk")
    for trip_id, amount in entries.values_list("assessment__trip_id", "amount"):
        carried[trip_id] = carried.get(trip_id, 0) + amount
    return {trip_id: amount for trip_id, amount in carried.items() if amount}


def _allocate(payment: Payment, bill: Bill, amount: int, actor: User | None) -> None:
    if amount:
        _enter(Kind.ALLOCATED, amount, payment=payment, bill=bill, actor=actor)


def _set_free(bill: Bill, amount: int, actor: User | None) -> None:
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
            _enter(Kind.ALLOCATED, -part, bill=bill, payment_id=share["payment_id"], actor=actor)
            amount -= part


def _enter(kind: str, amount: int, **fields) -> LedgerEntry:
    """Append one line; the bill's sums, where it has them, follow."""
    entry = LedgerEntry.objects.create(kind=kind, amount=amount, at=timezone.now(), **fields)
    bill = fields.get("bill")
    if bill is not None and hasattr(bill, "outstanding"):
        name, sign = ("due", 1) if kind == Kind.ASSESSED else ("allocated", -1)
        setattr(bill, name, getattr(bill, name) + amount)
        bill.outstanding += sign * amount
    return entry


def _announce(bill: Bill, move: str, *, trip: Trip | None = None, actor: User | None = None, **data) -> Fact:
    """Append a fact about the bill, whose lock the caller holds, and tell the door's listeners after commit."""
    now = timezone.now()
    fact = facts.append(
        f"bill:{bill.pk}",
        move=move,
        declaration_id=bill.declaration_id,
        trip_id=trip.pk if trip else None,
        gate_id=bill.declaration.gate_id,
        actor_id=actor.pk if actor else None,
        happened_at=now,
        recorded_at=now,
        data={"bill": bill.pk, "code": bill.code, **data},
    )
    transaction.on_commit(partial(_tell, (fact,)))
    return fact


def _tell(told: Sequence[Fact]) -> None:
    for listener in registry.listeners:
        listener(told)
