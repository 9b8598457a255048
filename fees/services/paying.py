"""Money that comes in, is left over, is used for another bill or goes back."""

from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules import acts_for_organisation
from checkpoints.refusals import Refusal, not_yours
from fees.codes import find_code
from fees.models import Assessment, Bill, LedgerEntry, Payment
from fees.rules import collects_at
from fees.services.billing import amounts_by_trip, announce, lock_bills, new_bill
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
        enter(Kind.RECEIVED, amount, payment=payment, actor=actor)
        _leave_late_trucks(bill, amount, actor)
        allocate(payment, bill, min(amount, bill.outstanding), actor)
        announce(
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
    late = new_bill(bill.declaration, bill.kind)
    for trip_id, owed in carried[sums.index(amount) + 1 :]:
        assessment = Assessment.objects.filter(trip_id=trip_id).order_by("-version").first()
        enter(Kind.ASSESSED, -owed, bill=bill, assessment=assessment, actor=actor)
        enter(Kind.ASSESSED, owed, bill=late, assessment=assessment, actor=actor)
        announce(late, "ready_to_pay", trip=assessment.trip, amount=owed)


def use_credit(*, bill: Bill, actor: User) -> int:
    """Allocate what the payer has left over from earlier payments, the oldest first; returns the đồng used.

    Once the bill is settled it does nothing, so that a click twice counts once.
    """
    with transaction.atomic():
        bill = lock_bills(pk=bill.pk)[0]
        if not (acts_for_organisation(actor, bill.payer_id) or collects_at(actor, bill.declaration.gate_id)):
            raise not_yours()
        used = 0
        for payment in lock_payments(payer_id=bill.payer_id):
            part = min(payment.credit, bill.outstanding)
            if part > 0:
                allocate(payment, bill, part, actor)
                used += part
        if used:
            outstanding = bill.outstanding
            announce(bill, "use_credit", actor=actor, amount=used, outstanding=outstanding)
    return used


def refund(*, payment: Payment, amount: int, actor: User, key: str) -> LedgerEntry:
    """Give back of a payment what is not allocated. The same key again changes nothing."""
    if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
        raise Refusal("wrong_amount", _("Số tiền phải là số đồng nguyên, lớn hơn 0."))
    with transaction.atomic():
        payment = lock_payments(pk=payment.pk)[0]
        if payment.bill is None or not collects_at(actor, payment.bill.declaration.gate_id):
            raise not_yours()
        if before := LedgerEntry.objects.filter(key=key).first():
            if (before.payment_id, before.amount, before.kind) != (payment.pk, amount, Kind.REFUNDED):
                raise _key_reused()
            return before
        if amount > payment.credit:
            raise Refusal("more_than_credit", _("Số tiền hoàn trả lớn hơn số còn dư của khoản nộp."))
        return enter(Kind.REFUNDED, amount, payment=payment, actor=actor, key=key)


def lock_payments(**which) -> list[Payment]:
    ids = list(
        Payment.objects.select_for_update(no_key=True).filter(**which).order_by("pk").values_list("pk", flat=True)
    )
    return list(Payment.objects.with_credit().filter(pk__in=ids).select_related("bill__declaration").order_by("pk"))
