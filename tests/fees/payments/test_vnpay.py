"""What is sent to VNPAY and what it says, against a stand-in that signs as documented."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest

from fees.payments.vnpay import Vnpay, VnpayError, joined, piped, read, stamp
from tests.fees.payments.gateway import SECRET, TERMINAL, serve

NOW = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)
ORDER = {
    "order": "CKS00000001",
    "amount": 3_000_000,
    "info": "Nop phi ha tang: 11C12345",
    "return_url": "https://cuakhauso.example/fees/vnpay/return/?a=b c",
    "ip": "203.0.113.7",
    "now": NOW,
    "expires": NOW + timedelta(minutes=15),
}


@pytest.fixture
def gateway():
    gateway, server = serve()
    yield gateway
    server.shutdown()
    server.server_close()


@pytest.fixture
def vnpay(gateway) -> Vnpay:
    return Vnpay(terminal=TERMINAL, secret=SECRET, api_url=gateway.url, timeout=2)


def test_the_fields_are_joined_as_documented():
    fields = {"vnp_TxnRef": "5", "vnp_OrderInfo": "Thanh toan don hang :5", "vnp_Amount": "1806000", "vnp_Empty": ""}
    assert joined(fields) == "vnp_Amount=1806000&vnp_OrderInfo=Thanh+toan+don+hang+%3A5&vnp_TxnRef=5"


def test_what_is_missing_is_signed_as_empty():
    assert piped({"vnp_A": "1", "vnp_C": "3"}, "A B C D") == "1||3|"


def test_the_payer_is_sent_with_a_signed_order(vnpay, gateway):
    fields = gateway.receive(vnpay.address(**ORDER))
    assert fields == {
        "vnp_Amount": "300000000",
        "vnp_Command": "pay",
        "vnp_CreateDate": "20261122140500",
        "vnp_CurrCode": "VND",
        "vnp_ExpireDate": "20261122142000",
        "vnp_IpAddr": "203.0.113.7",
        "vnp_Locale": "vn",
        "vnp_OrderInfo": "Nop phi ha tang: 11C12345",
        "vnp_OrderType": "other",
        "vnp_ReturnUrl": "https://cuakhauso.example/fees/vnpay/return/?a=b c",
        "vnp_TmnCode": TERMINAL,
        "vnp_TxnRef": "CKS00000001",
        "vnp_Version": "2.1.0",
    }


def test_a_notice_is_read_and_its_signature_checked(vnpay, gateway):
    gateway.receive(vnpay.address(**ORDER))
    fields = dict(parse_qsl(gateway.notice("CKS00000001")))
    assert vnpay.is_signed(fields)
    assert vnpay.is_signed(fields | {"vnp_SecureHashType": "HMACSHA512", "utm": "x"})
    notice = read(fields)
    assert (notice.order, notice.amount, notice.is_paid, notice.paid_at) == ("CKS00000001", 3_000_000, True, NOW)
    for change in ({"vnp_Amount": "100"}, {"vnp_ResponseCode": "00 "}, {"vnp_New": "1"}, {"vnp_SecureHash": "é"}):
        assert not vnpay.is_signed(fields | change)
    assert not vnpay.is_signed({})


@pytest.mark.parametrize(
    ("response", "status", "paid"),
    [("00", "00", True), ("07", "00", False), ("00", "07", False), ("24", "02", False), ("", "", False)],
)
def test_only_two_zeros_are_money(response, status, paid):
    assert read({"vnp_ResponseCode": response, "vnp_TransactionStatus": status}).is_paid is paid


@pytest.mark.parametrize("text", ["", "-100", "150", "1e5", "٣٠٠", "9" * 40])
def test_an_amount_that_is_no_whole_dong_is_none(text):
    assert read({"vnp_Amount": text}).amount is None


def test_an_order_is_asked_after(vnpay, gateway):
    gateway.receive(vnpay.address(**ORDER))
    ask = {"order": "CKS00000001", "created": NOW, "now": NOW, "request": "q1"}
    assert not vnpay.query(**ask).is_paid
    gateway.orders["CKS00000001"]["paid"] = "00"
    assert vnpay.query(**ask).is_paid
    assert vnpay.query(**ask | {"order": "CKS2"}).response == "91"


def test_money_is_asked_back(vnpay, gateway):
    gateway.receive(vnpay.address(**ORDER))
    ask = {"order": "CKS00000001", "transaction": "14226112", "created": NOW, "now": NOW, "request": "r", "by": "phi"}
    assert vnpay.refund(**ask, amount=1_000_000, whole=False).response == "00"
    sent = gateway.refunds[0]
    assert (sent["vnp_TransactionType"], sent["vnp_Amount"], sent["vnp_CreateDate"]) == ("03", "100000000", stamp(NOW))


def test_a_forged_or_missing_answer_is_no_answer(vnpay, gateway):
    ask = {"order": "CKS00000001", "created": NOW, "now": NOW, "request": "q1"}
    gateway.forge = True
    with pytest.raises(VnpayError, match="not signed"):
        vnpay.query(**ask)
    gateway.silent = True
    with pytest.raises(VnpayError, match="does not answer"):
        vnpay.query(**ask)


def test_the_secret_is_not_shown(vnpay):
    assert SECRET not in repr(vnpay)
