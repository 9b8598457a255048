"""VNPAY PAY 2.1.0: the signed address to which the payer is sent, the notice (IPN) that comes back, query and refund.

Everything here is pure but `Vnpay.ask`, which posts one question to the gateway. Amounts are đồng on our side and
hundredths of it on VNPAY's; its clock is GMT+7.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from http.client import HTTPException
from typing import Any
from urllib.parse import quote_plus
from urllib.request import Request, urlopen

VERSION = "2.1.0"
HANOI = timezone(timedelta(hours=7))
SUCCESS, UNFINISHED, HELD = "00", "01", "07"
SIGNED_QUESTION = {
    "querydr": ("RequestId Version Command TmnCode TxnRef TransactionDate CreateDate IpAddr OrderInfo"),
    "refund": (
        "RequestId Version Command TmnCode TransactionType TxnRef Amount TransactionNo TransactionDate CreateBy"
        " CreateDate IpAddr OrderInfo"
    ),
}
SIGNED_ANSWER = {
    "querydr": (
        "ResponseId Command ResponseCode Message TmnCode TxnRef Amount BankCode PayDate TransactionNo TransactionType"
        " TransactionStatus OrderInfo PromotionCode PromotionAmount"
    ),
    "refund": (
        "ResponseId Command ResponseCode Message TmnCode TxnRef Amount BankCode PayDate TransactionNo TransactionType"
        " TransactionStatus OrderInfo"
    ),
}
MOST_ANSWER_BYTES = 64 * 1024


class VnpayError(Exception):
    """VNPAY did not answer, or answered what is not signed as documented."""


@dataclass(frozen=True)
class Notice:
    """What VNPAY says of one order: `amount` in đồng, None where it is no whole number of them."""

    order: str
    amount: int | None
    response: str
    status: str
    transaction: str
    bank: str
    paid_at: datetime | None
    terminal: str = ""

    @property
    def is_paid(self) -> bool:
        """Only when both codes say so; everything else, 07 (suspected fraud) too, is not money."""
        return self.response == self.status == SUCCESS


@dataclass(frozen=True)
class Vnpay:
    """One merchant's account at VNPAY, as the environment gives it."""

    terminal: str
    secret: str = field(repr=False)
    pay_url: str = "https://pay.vnpay.vn/vpcpay.html"
    api_url: str = "https://merchant.vnpay.vn/merchant_webapi/api/transaction"
    timeout: float = 20

    def address(
        self,
        *,
        order: str,
        amount: int,
        info: str,
        return_url: str,
        ip: str,
        now: datetime,
        expires: datetime,
        language: str = "vn",
    ) -> str:
        """Where the payer is sent: `info` in plain letters, `amount` in đồng."""
        fields = {
            "vnp_Version": VERSION,
            "vnp_Command": "pay",
            "vnp_TmnCode": self.terminal,
            "vnp_Amount": str(amount * 100),
            "vnp_CurrCode": "VND",
            "vnp_TxnRef": order,
            "vnp_OrderInfo": info,
            "vnp_OrderType": "other",
            "vnp_Locale": language,
            "vnp_ReturnUrl": return_url,
            "vnp_IpAddr": ip,
            "vnp_CreateDate": stamp(now),
            "vnp_ExpireDate": stamp(expires),
        }
        signed = joined(fields)
        return f"{self.pay_url}?{signed}&vnp_SecureHash={self.sign(signed)}"

    def sign(self, text: str) -> str:
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha512).hexdigest()

    def is_signed(self, fields: Mapping[str, str]) -> bool:
        """Whether these fields of an IPN or of a return are signed with our secret."""
        given = fields.get("vnp_SecureHash", "")
        bare = {
            name: value
            for name, value in fields.items()
            if name.startswith("vnp_") and name not in ("vnp_SecureHash", "vnp_SecureHashType")
        }
        return hmac.compare_digest(self.sign(joined(bare)).encode(), given.lower().encode())

    def query(self, *, order: str, created: datetime, now: datetime, request: str, ip: str = "127.0.0.1") -> Notice:
        """Ask what became of an order, where the notice did not come."""
        answer = self.ask(
            "querydr",
            {
                "RequestId": request,
                "TxnRef": order,
                "TransactionDate": stamp(created),
                "CreateDate": stamp(now),
                "IpAddr": ip,
                "OrderInfo": f"Tra cuu {order}",
            },
        )
        return read(answer)

    def refund(
        self,
        *,
        order: str,
        transaction: str,
        amount: int,
        whole: bool,
        created: datetime,
        now: datetime,
        request: str,
        by: str,
        ip: str = "127.0.0.1",
    ) -> Notice:
        """Ask for a payment, or with `whole` False for a part of it, to be given back. `request` makes it unique."""
        answer = self.ask(
            "refund",
            {
                "RequestId": request,
                "TransactionType": "02" if whole else "03",
                "TxnRef": order,
                "Amount": str(amount * 100),
                "TransactionNo": transaction,
                "TransactionDate": stamp(created),
                "CreateBy": by,
                "CreateDate": stamp(now),
                "IpAddr": ip,
                "OrderInfo": f"Hoan tra {order}",
            },
        )
        return read(answer)

    def ask(self, command: str, fields: Mapping[str, str]) -> dict[str, str]:
        """Post one question; the answer's fields, its signature checked. Raises `VnpayError`."""
        asked = {"Version": VERSION, "Command": command, "TmnCode": self.terminal, **fields}
        body = {f"vnp_{name}": value for name, value in asked.items()}
        body["vnp_SecureHash"] = self.sign(piped(body, SIGNED_QUESTION[command]))
        request = Request(self.api_url, json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urlopen(request, timeout=self.timeout) as response:
                answer = json.loads(response.read(MOST_ANSWER_BYTES))
        except (OSError, HTTPException, ValueError) as error:
            raise VnpayError("VNPAY does not answer") from error
        if not isinstance(answer, dict):
            raise VnpayError("VNPAY's answer is no object")
        told = {name: "" if value is None else str(value) for name, value in answer.items()}
        expected = self.sign(piped(told, SIGNED_ANSWER[command]))
        if not hmac.compare_digest(expected.encode(), told.get("vnp_SecureHash", "").lower().encode()):
            raise VnpayError("VNPAY's answer is not signed as documented")
        if told.get("vnp_TmnCode") != self.terminal or told.get("vnp_TxnRef") != fields["TxnRef"]:
            raise VnpayError("VNPAY answered for something else")
        return told


def joined(fields: Mapping[str, str]) -> str:
    """The fields as they are signed in addresses: sorted by name, form-encoded, empty ones left out."""
    return "&".join(f"{quote_plus(name)}={quote_plus(fields[name])}" for name in sorted(fields) if fields[name])


def piped(fields: Mapping[str, Any], names: str) -> str:
    """The values as they are signed in questions and answers: in this order, `|` between them."""
    return "|".join(str(fields.get(f"vnp_{name}", "")) for name in names.split())


def read(fields: Mapping[str, str]) -> Notice:
    """What the fields of an IPN, a return or an answer say; that they are signed is for the caller to check."""
    return Notice(
        order=fields.get("vnp_TxnRef", ""),
        amount=_dong(fields.get("vnp_Amount", "")),
        response=fields.get("vnp_ResponseCode", ""),
        status=fields.get("vnp_TransactionStatus", ""),
        transaction=fields.get("vnp_TransactionNo", ""),
        bank=fields.get("vnp_BankCode", ""),
        paid_at=_moment(fields.get("vnp_PayDate", "")),
        terminal=fields.get("vnp_TmnCode", ""),
    )


def stamp(moment: datetime) -> str:
    """`20261122140500`, in GMT+7."""
    return moment.astimezone(HANOI).strftime("%Y%m%d%H%M%S")


def _dong(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 15) or int(text) % 100:
        return None
    return int(text) // 100


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=HANOI).astimezone(UTC)
    except ValueError:
        return None
