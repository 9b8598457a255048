"""Money that goes back: asked for, then paid out or declined. Never more than is left of the payment."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules import COLLECTORS, acts_for_organisation, has_role
from checkpoints.refusals import Refusal, key_reused, not_yours
from fees.models import LedgerEntry, Payment, RefundRequest
from fees.payments.providers import provider_of
from fees.rules import collects_at
from fees.services.counter import open_shift
from fees.services.ledger import enter
from fees.services.paying import check_amount, lock_payments

Kind = LedgerEntry.Kind
How = RefundRequest.How


def gates_of(payment: Payment) -> set[int]:
    """The gates whose fees the payment was for; none for money that nobody claimed."""
    if payment.bill:
        return {payment.bill.declaration.gate_id}
    if payment.order_id:
        return set(payment.order.lines.values_list("bill__declaration__gate", flat=True))
    line = getattr(payment, "statement_line", None)
    return {line.account.gate_id} - {None} if line else set()


def handles(actor: User, payment: Payment) -> bool:
    """Whether the person may give this money back: who collects where it was for, or anywhere if it was for nothing."""
    gates = gates_of(payment)
    return any(collects_at(actor, gate) for gate in gates) if gates else has_role(actor, *COLLECTORS)


def left_to_ask(payment: Payment) -> int:
    """What of the payment is left and not yet asked back, in đồng; the payment has its `credit`."""
    asked = payment.refund_requests.filter(entry__isnull=True, declined_at__isnull=True)
    return payment.credit - sum(asked.values_list("amount", flat=True))


def ask_refund(
    *, payment: Payment, amount: int, how: str, to: str, reason: str, actor: User, key: str
) -> RefundRequest:
    """Ask for a part of a payment that is left over; by the payer or the desk. The same key again changes nothing."""
    check_amount(amount)
    with transaction.atomic():
        payment = lock_payments(pk=payment.pk)[0]
        is_payer = payment.payer_id is not None and acts_for_organisation(actor, payment.payer_id)
        if not (is_payer or handles(actor, payment)):
            raise not_yours()
        if before := RefundRequest.objects.filter(key=key).first():
            if (before.payment_id, before.amount) != (payment.pk, amount):
                raise key_reused()
            return before
        if amount > left_to_ask(payment):
            raise more_than_credit()
        if how == How.TRANSFER and not to.strip():
            raise Refusal("account_missing", _("Hãy ghi số tài khoản và ngân hàng nhận tiền."))
        return RefundRequest.objects.create(
            payment=payment,
            amount=amount,
            how=how,
            to=to.strip(),
            reason=reason.strip(),
            key=key,
            asked_at=timezone.now(),
            asked_by=actor,
        )


def pay_out(*, request: RefundRequest, actor: User, reference: str = "") -> LedgerEntry:
    """Write down that the money went back; through the gateway it is sent with this. Twice changes nothing."""
    with transaction.atomic():
        payment = lock_payments(pk=request.payment_id)[0]
        request = RefundRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
        if not handles(actor, payment):
            raise not_yours()
        if request.entry_id:
            return request.entry
        if request.declined_at:
            raise Refusal("declined", _("Đề nghị hoàn trả này đã bị từ chối."))
        if request.amount > payment.credit:
            raise more_than_credit()
        if request.how == How.CASH:
            gates = sorted(gate for gate in gates_of(payment) if collects_at(actor, gate))
            if not gates:
                raise Refusal("no_counter", _("Khoản này không thu tại quầy nào; hãy hoàn trả bằng chuyển khoản."))
            request.shift = open_shift(gate_id=gates[0], cashier=actor)
        elif request.how == How.GATEWAY:
            reference = provider_of(payment.order.provider).give_back(
                payment.order, payment=payment, amount=request.amount, request=f"R{request.pk}", by=actor.username
            )
        request.entry = enter(Kind.REFUNDED, request.amount, payment=payment, actor=actor, key=f"refund:{request.pk}")
        request.reference = reference.strip()[:100]
        request.save(update_fields=["entry", "reference", "shift"])
        return request.entry


def decline(*, request: RefundRequest, actor: User, why: str) -> None:
    """Say no, with a reason; the money stays the payer's credit."""
    with transaction.atomic():
        request = RefundRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
        if not handles(actor, request.payment):
            raise not_yours()
        if request.entry_id:
            raise Refusal("paid_out", _("Đề nghị hoàn trả này đã được chi."))
        if len(why.strip()) < 3:
            raise Refusal("reason_missing", _("Hãy ghi lý do."))
        request.declined_at, request.declined_by, request.declined_why = timezone.now(), actor, why.strip()[:500]
        request.save(update_fields=["declined_at", "declined_by", "declined_why"])


def refund(*, payment: Payment, amount: int, actor: User, key: str) -> LedgerEntry:
    """Ask and write down at once that the desk gave money back by transfer. The same key again changes nothing."""
    with transaction.atomic():
        payment = lock_payments(pk=payment.pk)[0]
        if not handles(actor, payment):
            raise not_yours()
        request = ask_refund(payment=payment, amount=amount, how=How.TRANSFER, to="–", reason="", actor=actor, key=key)
        return pay_out(request=request, actor=actor)


def more_than_credit() -> Refusal:
    return Refusal("more_than_credit", _("Số tiền hoàn trả lớn hơn số còn dư của khoản nộp."))
