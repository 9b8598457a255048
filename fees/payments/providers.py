"""The ways to pay without a counter, behind one small interface."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from checkpoints.refusals import Refusal
from fees.models import BankAccount, Bill, Payment, PaymentOrder
from fees.payments.vietqr import Transfer, encode
from fees.payments.vnpay import SUCCESS, Notice, Vnpay, VnpayError

IN_HAND = "94"
"""VNPAY's word for: this refund was asked before and is being worked on."""


class Provider(Protocol):
    """A way to pay an order. Whatever the payer's browser says, only what the provider itself says is money."""

    code: str
    lasts: timedelta
    """How long an order may be paid."""

    def is_open(self, bill: Bill) -> bool:
        """Whether the bill's collector takes its fees so at its gate."""

    def address(self, order: PaymentOrder, *, return_url: str, ip: str, language: str) -> str:
        """Where the payer goes on; empty where a QR code is shown instead."""

    def ask(self, order: PaymentOrder, *, now: datetime) -> Notice | None:
        """What the provider says of the order when asked; None where it cannot be asked."""

    def give_back(self, order: PaymentOrder, *, payment: Payment, amount: int, request: str, by: str) -> str:
        """Send money back and return the provider's reference; raises `Refusal` where that is not possible."""


class ByTransfer:
    """A transfer to the collector's bank account, filled in by VietQR; the bank's statement tells of it."""

    code: ClassVar[str] = PaymentOrder.Provider.TRANSFER
    lasts: ClassVar[timedelta] = timedelta(days=7)

    def is_open(self, bill: Bill) -> bool:
        return account_for(bill) is not None

    def address(self, order: PaymentOrder, *, return_url: str, ip: str, language: str) -> str:
        return ""

    def ask(self, order: PaymentOrder, *, now: datetime) -> Notice | None:
        return None

    def give_back(self, order: PaymentOrder, *, payment: Payment, amount: int, request: str, by: str) -> str:
        raise _by_hand()


class ByVnpay:
    """The VNPAY gateway, where the environment names an account there, for the collector whose account it is."""

    code: ClassVar[str] = PaymentOrder.Provider.VNPAY
    lasts: ClassVar[timedelta] = timedelta(minutes=15)

    def is_open(self, bill: Bill) -> bool:
        return vnpay() is not None and settings.VNPAY_COLLECTOR in ("", bill.collector)

    def address(self, order: PaymentOrder, *, return_url: str, ip: str, language: str) -> str:
        return _vnpay().address(
            order=order.code,
            amount=order.amount,
            info=f"Nop phi cua khau {order.code}",
            return_url=return_url,
            ip=ip,
            now=order.created_at,
            expires=order.expires_at,
            language="vn" if language == "vi" else "en",
        )

    def ask(self, order: PaymentOrder, *, now: datetime) -> Notice | None:
        request = f"Q{order.pk}T{int(now.timestamp())}"
        return _vnpay().query(order=order.code, created=order.created_at, now=now, request=request)

    def give_back(self, order: PaymentOrder, *, payment: Payment, amount: int, request: str, by: str) -> str:
        try:
            answer = _vnpay().refund(
                order=order.code,
                transaction=payment.reference,
                amount=amount,
                whole=amount == payment.amount,
                created=order.created_at,
                now=timezone.now(),
                request=request,
                by=by,
            )
        except VnpayError as error:
            raise Refusal("gateway_silent", _("Cổng thanh toán không trả lời. Hãy thử lại sau.")) from error
        if answer.response not in (SUCCESS, IN_HAND):
            words = _("Cổng thanh toán không hoàn trả được (mã %(code)s).")
            raise Refusal("gateway_refused", words % {"code": answer.response})
        return answer.transaction or request


class ByStub:
    """The demo's bank: what a bank would send comes by the same way, at the click of a button."""

    code: ClassVar[str] = PaymentOrder.Provider.STUB
    lasts: ClassVar[timedelta] = timedelta(days=1)

    def is_open(self, bill: Bill) -> bool:
        return settings.DEMO

    def address(self, order: PaymentOrder, *, return_url: str, ip: str, language: str) -> str:
        return reverse("fees:stub_bank", args=[order.code])

    def ask(self, order: PaymentOrder, *, now: datetime) -> Notice | None:
        return None

    def give_back(self, order: PaymentOrder, *, payment: Payment, amount: int, request: str, by: str) -> str:
        return f"DEMO {request}"


PROVIDERS: dict[str, Provider] = {provider.code: provider for provider in (ByTransfer(), ByVnpay(), ByStub())}


def provider_of(code: str) -> Provider:
    return PROVIDERS[code]


def open_for(bill: Bill) -> list[str]:
    """The codes of the ways in which the bill can be paid."""
    return [code for code, provider in PROVIDERS.items() if provider.is_open(bill)]


def account_for(bill: Bill) -> BankAccount | None:
    """Where the bill is transferred to: an account of whom the law names as its collector."""
    return BankAccount.objects.for_fees(bill.declaration.gate_id, bill.collector)


def share_account(bills: Iterable[Bill]) -> bool:
    """Whether all these bills are transferred to one account, or none of them to any."""
    tills = {(bill.declaration.gate_id, bill.collector): bill for bill in bills}
    return len({account_for(bill) for bill in tills.values()}) <= 1


def vnpay() -> Vnpay | None:
    """Our account at VNPAY; None where the environment names none."""
    return Vnpay(**settings.VNPAY) if settings.VNPAY["terminal"] and settings.VNPAY["secret"] else None


def _vnpay() -> Vnpay:
    account = vnpay()
    if account is None:
        raise Refusal("gateway_closed", _("Chưa mở thanh toán qua VNPAY."))
    return account


def _by_hand() -> Refusal:
    return Refusal("by_hand", _("Khoản này phải hoàn trả bằng chuyển khoản từ tài khoản thu phí."))


def transfer_text(account: BankAccount, code: str, amount: int | None) -> str:
    """The VietQR text for a transfer to this account under this payment code."""
    return encode(Transfer(bin=account.bank, account=account.number, amount=amount, purpose=f"NOP PHI {code}"))


def transfer_picture(account: BankAccount | None, code: str, amount: int) -> str:
    """The VietQR code as the address of an SVG picture; empty where there is no account, or nothing to pay."""
    if account is None or amount <= 0:
        return ""
    return segno.make(transfer_text(account, code, amount), error="m").svg_data_uri(border=4, scale=6)
