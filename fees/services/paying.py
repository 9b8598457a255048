"""Money that comes in, is left over, is used for another bill."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules import acts_for_organisation
from checkpoints.refusals import Refusal, key_reused, not_yours
from fees.codes import find_code
from fees.models import Assessment, Bill, LedgerEntry, Payment, PaymentOrder
from fees.rules import collects
from fees.services.billing import amounts_by_trip, announce, lock_bills, new_bill
from fees.services.counter import open_shift
from fees.services.ledger import allocate, enter

Kind = LedgerEntry.Kind
# Far above any fee: what is more is a slip of the finger. In đồng.
MOST = 1_000_000_000_000


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

    `amount` in đồng. `actor` None is a bank; a person must collect at the bill's gate, and what is taken at the
    counter goes into the person's shift there. The same key again changes nothing.
    """
    with transaction.atomic():
        bills = lock_bills(pk=bill.pk)
        if actor is not None and not collects(actor, bills[0].kind, bills[0].declaration.gate):
            raise not_yours()
        how = {"bill": bills[0], "amount": amount, "method": method}
        if before := _before(key, **how):
            return before
        shift = None
        if method == Payment.Method.COUNTER and actor is not None:
            if not bills[0].outstanding:
                raise Refusal("already_settled", _("Thông báo phí %(code)s đã nộp đủ.") % {"code": bill.code})
            shift = open_shift(gate_id=bills[0].declaration.gate_id, cashier=actor)
        return _receive(bills, {}, how, actor=actor, key=key, reference=reference, received_at=received_at, shift=shift)


def record_order(
    *, order: PaymentOrder, amount: int, method: str, key: str, reference: str = "", received_at: datetime | None = None
) -> Recorded:
    """Write down what a provider says was paid for an order, and allocate it to its bills in their order there."""
    with transaction.atomic():
        wanted = dict(order.lines.order_by("pk").values_list("bill_id", "amount"))
        bills = {bill.pk: bill for bill in lock_bills(pk__in=wanted)}
        how = {"order": order, "amount": amount, "method": method}
        if before := _before(key, **how):
            return before
        ordered = [bills[pk] for pk in wanted]
        return _receive(ordered, wanted, how, actor=None, key=key, reference=reference, received_at=received_at)


def receive_transfer(
    *, text: str, amount: int, method: str, reference: str, key: str, received_at: datetime | None = None
) -> Recorded:
    """Record what a bank says came in: the bill or the order is that whose code stands in the transfer's text."""
    code = find_code(text) or ""
    how = {"amount": amount, "method": method, "key": key, "reference": reference, "received_at": received_at}
    if bill := Bill.objects.filter(code=code).first():
        return record_payment(bill=bill, actor=None, **how)
    if order := PaymentOrder.objects.filter(code=code).first():
        return record_order(order=order, **how)
    raise Refusal("unknown_code", _("Nội dung chuyển khoản không có mã nộp phí nào đúng."))


def check_amount(amount: object) -> None:
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount <= MOST:
        raise Refusal("wrong_amount", _("Số tiền phải là số đồng nguyên, lớn hơn 0."))


def _receive(bills: Sequence[Bill], wanted: Mapping[int, int], how: dict, *, actor, received_at, **fields) -> Recorded:
    """The payment and its lines of the ledger; the bills, all of one payer, are locked and have their sums."""
    amount = how["amount"]
    check_amount(amount)
    payment = _new_payment(
        payer_id=bills[0].payer_id,
        received_at=received_at or timezone.now(),
        recorded_by=actor,
        **how,
        **fields,
    )
    enter(Kind.RECEIVED, amount, payment=payment, actor=actor)
    rest = amount
    for bill in bills:
        _leave_late_trucks(bill, wanted.get(bill.pk, rest), actor)
        part = min(rest, bill.outstanding)
        allocate(payment, bill, part, actor)
        rest -= part
        if part or len(bills) == 1:
            announce(
                bill,
                "record_payment",
                actor=actor,
                payment=payment.pk,
                amount=part if len(bills) > 1 else amount,
                outstanding=bill.outstanding,
            )
    return Recorded(payment)


def _before(key: str, **how) -> Recorded | None:
    """The payment that was recorded under this key, if any; another one under it is refused."""
    before = Payment.objects.filter(key=key).first()
    if before is None:
        return None
    if any(getattr(before, name) != value for name, value in how.items()):
        raise key_reused()
    return Recorded(before, repeated=True)


def _new_payment(**fields) -> Payment:
    try:
        with transaction.atomic():
            return Payment.objects.create(**fields)
    except IntegrityError as taken:
        raise key_reused() from taken


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
    late = new_bill(bill.declaration, bill.kind, bill.payer_id)
    for trip_id, owed in carried[sums.index(amount) + 1 :]:
        assessment = Assessment.objects.filter(trip_id=trip_id).order_by("-version").first()
        enter(Kind.ASSESSED, -owed, bill=bill, assessment=assessment, actor=actor)
        enter(Kind.ASSESSED, owed, bill=late, assessment=assessment, actor=actor)
        announce(late, "ready_to_pay", trip=assessment.trip, amount=owed)


def use_credit(*, bill: Bill, actor: User) -> int:
    """Allocate what the payer has left over with the bill's holder, the oldest payment first; returns the đồng.

    Once the bill is settled it does nothing, so that a click twice counts once.
    """
    with transaction.atomic():
        bill = lock_bills(pk=bill.pk)[0]
        if not (acts_for_organisation(actor, bill.payer_id) or collects(actor, bill.kind, bill.declaration.gate)):
            raise not_yours()
        used = 0
        for payment in lock_payments(payer_id=bill.payer_id):
            part = min(payment.credit, bill.outstanding)
            if part > 0 and payment.holder == bill.holder:
                allocate(payment, bill, part, actor)
                used += part
        if used:
            outstanding = bill.outstanding
            announce(bill, "use_credit", actor=actor, amount=used, outstanding=outstanding)
    return used


def lock_payments(**which) -> list[Payment]:
    ids = list(
        Payment.objects.select_for_update(no_key=True).filter(**which).order_by("pk").values_list("pk", flat=True)
    )
    return list(
        Payment.objects.with_credit().filter(pk__in=ids).select_related("bill__declaration__gate").order_by("pk")
    )
