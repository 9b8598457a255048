"""Orders to pay, and what providers say of them."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules import acts_for_organisation
from checkpoints.refusals import Refusal, not_yours
from fees.models import Bill, OrderLine, Payment, PaymentOrder, ProviderNotice
from fees.payments import vnpay as gateway
from fees.payments.providers import provider_of, share_account, vnpay
from fees.rules import collects_at
from fees.services.billing import lock_bills
from fees.services.paying import Recorded, record_order

MOST_BILLS = 100
Provider = PaymentOrder.Provider

CONFIRMED, NO_ORDER, AGAIN, WRONG_AMOUNT, WRONG_SIGNATURE, UNKNOWN = "00", "01", "02", "04", "97", "99"
ANSWERS = {
    CONFIRMED: "Confirm Success",
    NO_ORDER: "Order not found",
    AGAIN: "Order already confirmed",
    WRONG_AMOUNT: "Invalid amount",
    WRONG_SIGNATURE: "Invalid signature",
    UNKNOWN: "Unknown error",
}
ASKED = "qd"


def open_order(*, bills: Sequence[Bill], provider: str, actor: User | None) -> PaymentOrder:
    """An order over what these bills of one payer and one holder still ask. `actor` None came by the payer's link.

    An order over the same that can still be paid is given again, so that a click twice makes one.
    """
    how = provider_of(provider)
    with transaction.atomic():
        locked = [bill for bill in lock_bills(pk__in=[bill.pk for bill in bills]) if bill.outstanding > 0]
        if not locked:
            raise Refusal("already_settled", _("Các thông báo phí này đã nộp đủ."))
        if len(locked) > MOST_BILLS:
            raise Refusal("too_many", _("Mỗi lần chỉ nộp được %(n)s thông báo phí.") % {"n": MOST_BILLS})
        if len({bill.payer_id for bill in locked}) > 1:
            raise Refusal("many_payers", _("Các thông báo phí phải cùng một người nộp."))
        if len({bill.holder for bill in locked}) > 1 or not share_account(locked):
            # Each holder has accounts of its own, and one transfer goes to one of them.
            raise Refusal(
                "many_collectors", _("Các thông báo phí này nộp vào những tài khoản khác nhau. Hãy nộp riêng từng nơi.")
            )
        gates = {bill.declaration.gate_id for bill in locked}
        payer = locked[0].payer
        is_payer = actor is None or acts_for_organisation(actor, payer.pk)
        if not is_payer and not all(collects_at(actor, gate) for gate in gates):
            raise not_yours()
        if not all(how.is_open(bill) for bill in locked):
            raise Refusal("not_open", _("Hình thức nộp này chưa mở tại cửa khẩu."))
        lines = {bill.pk: bill.outstanding for bill in locked}
        now = timezone.now()
        if before := _same_order(payer.pk, provider, lines, now):
            return before
        order = PaymentOrder.objects.create(
            provider=provider,
            payer=payer,
            amount=sum(lines.values()),
            created_at=now,
            created_by=actor,
            expires_at=now + how.lasts,
        )
        OrderLine.objects.bulk_create(
            OrderLine(order=order, bill_id=bill_id, amount=amount) for bill_id, amount in lines.items()
        )
        return order


def _same_order(payer_id: int, provider: str, lines: dict[int, int], now) -> PaymentOrder | None:
    orders = PaymentOrder.objects.filter(
        payer=payer_id,
        provider=provider,
        expires_at__gt=now + provider_of(provider).lasts / 3,
        payments__isnull=True,
        notices__isnull=True,
        amount=sum(lines.values()),
    )
    for order in orders.prefetch_related("lines")[:20]:
        if {line.bill_id: line.amount for line in order.lines.all()} == lines:
            return order
    return None


def take_vnpay_notice(fields: Mapping[str, str]) -> tuple[str, str]:
    """What VNPAY's notice (IPN) is answered: code and words. In this order: signature, order, amount, seen before."""
    account = vnpay()
    if account is None or not account.is_signed(fields):
        return _answer(WRONG_SIGNATURE)
    notice = gateway.read(fields)
    order = PaymentOrder.objects.filter(code=notice.order, provider=Provider.VNPAY).first()
    if order is None or notice.terminal != account.terminal:
        return _kept(None, fields, NO_ORDER)
    if notice.amount != order.amount:
        return _kept(order, fields, WRONG_AMOUNT)
    if not notice.is_paid:
        seen = order.notices.filter(fields=_trimmed(fields)).exists() or order.payments.exists()
        return _kept(order, fields, AGAIN if seen else CONFIRMED)
    recorded = _record(order, notice)
    return _kept(order, fields, AGAIN if recorded.repeated else CONFIRMED)


def ask_vnpay(order: PaymentOrder) -> bool:
    """Ask VNPAY what became of an order whose notice did not come; whether it is paid. Raises `VnpayError`."""
    notice = provider_of(order.provider).ask(order, now=timezone.now())
    if notice is None:
        return False
    paid = notice.is_paid and notice.amount == order.amount
    told = {"vnp_ResponseCode": notice.response, "vnp_TransactionStatus": notice.status, "vnp_Amount": notice.amount}
    _kept(order, told, ASKED)
    if paid:
        _record(order, notice)
    return paid


def pay_by_stub(*, order: PaymentOrder, amount: int, key: str) -> Recorded:
    """What the demo's bank says: so much was paid for the order. Only in the demo."""
    if not settings.DEMO:
        raise not_yours()
    return record_order(
        order=order, amount=amount, method=Payment.Method.STUB, key=f"stub:{key}", reference=f"DEMO {key[:8].upper()}"
    )


def _record(order: PaymentOrder, notice: gateway.Notice) -> Recorded:
    return record_order(
        order=order,
        amount=notice.amount,
        method=Payment.Method.VNPAY,
        key=f"vnpay:{order.code}",
        reference=notice.transaction[:100],
        received_at=notice.paid_at,
    )


def _kept(order: PaymentOrder | None, fields: Mapping, answer: str) -> tuple[str, str]:
    ProviderNotice.objects.create(
        order=order,
        provider=Provider.VNPAY,
        received_at=timezone.now(),
        fields=_trimmed(fields),
        answer=answer,
    )
    return _answer(answer)


def _trimmed(fields: Mapping) -> dict[str, str]:
    return {str(name)[:40]: str(value)[:300] for name, value in list(fields.items())[:40]}


def _answer(code: str) -> tuple[str, str]:
    return code, ANSWERS.get(code, "")
