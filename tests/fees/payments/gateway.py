"""A local stand-in for VNPAY: takes the payer's redirect, signs its notices and answers as documented."""

import hashlib
import hmac
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote_plus, urlsplit
from urllib.request import urlopen

from fees.models import PaymentOrder
from fees.payments.providers import provider_of

TERMINAL, SECRET = "CUAKHAU1", "for-tests-only"


def signature(text: str) -> str:
    return hmac.new(SECRET.encode(), text.encode(), hashlib.sha512).hexdigest()


@dataclass
class Gateway:
    """Orders that payers were sent with; `pay` answers what the bank then says, as the query string of the IPN."""

    orders: dict[str, dict[str, str]] = field(default_factory=dict)
    refunds: list[dict[str, str]] = field(default_factory=list)
    forge: bool = False
    silent: bool = False
    refund_code: str = "00"
    url: str = ""
    ipn_url: str = ""
    ipn_answers: list[dict] = field(default_factory=list)

    def receive(self, address: str) -> dict[str, str]:
        """What VNPAY does with the address that the payer opens: nothing whose signature is wrong is taken."""
        query = urlsplit(address).query
        signed, _between, given = query.rpartition("&vnp_SecureHash=")
        assert signature(signed) == given, "the redirect is not signed"
        fields = dict(parse_qsl(signed, strict_parsing=True))
        assert list(fields) == sorted(fields)
        self.orders[fields["vnp_TxnRef"]] = fields
        return fields

    def notice(self, order: str, *, response: str = "00", status: str | None = None, **changes: str) -> str:
        """The query string of the IPN (and of the return) for an order."""
        asked = self.orders[order]
        fields = {
            "vnp_Amount": asked["vnp_Amount"],
            "vnp_BankCode": "NCB",
            "vnp_BankTranNo": "VNP14226112",
            "vnp_CardType": "ATM",
            "vnp_OrderInfo": asked["vnp_OrderInfo"],
            "vnp_PayDate": asked["vnp_CreateDate"],
            "vnp_ResponseCode": response,
            "vnp_TmnCode": TERMINAL,
            "vnp_TransactionNo": "14226112",
            "vnp_TransactionStatus": status or response,
            "vnp_TxnRef": order,
            **changes,
        }
        signed = "&".join(f"{quote_plus(name)}={quote_plus(fields[name])}" for name in sorted(fields))
        return f"{signed}&vnp_SecureHash={signature(signed)}"

    def answer(self, asked: dict[str, str]) -> dict[str, str]:
        order = self.orders.get(asked["vnp_TxnRef"])
        told = {
            "vnp_ResponseId": "r1",
            "vnp_Command": asked["vnp_Command"],
            "vnp_ResponseCode": "00" if order else "91",
            "vnp_Message": "ok",
            "vnp_TmnCode": TERMINAL,
            "vnp_TxnRef": asked["vnp_TxnRef"],
            "vnp_Amount": order["vnp_Amount"] if order else "",
            "vnp_BankCode": "NCB",
            "vnp_PayDate": order["vnp_CreateDate"] if order else "",
            "vnp_TransactionNo": "14226112",
            "vnp_TransactionType": "01",
            "vnp_TransactionStatus": order.get("paid", "01") if order else "",
            "vnp_OrderInfo": asked["vnp_OrderInfo"],
        }
        names = list(told)
        if asked["vnp_Command"] == "querydr":
            names += ["vnp_PromotionCode", "vnp_PromotionAmount"]
        else:
            self.refunds.append(asked)
            told |= {
                "vnp_ResponseCode": self.refund_code,
                "vnp_Amount": asked["vnp_Amount"],
                "vnp_TransactionType": asked["vnp_TransactionType"],
                "vnp_TransactionStatus": "05",
            }
        told["vnp_SecureHash"] = signature("|".join(told.get(name, "") for name in names))
        if self.forge:
            told["vnp_Amount"] = "100"
        return told


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """The payer arrives and pays at once: the notice goes to the merchant, then the browser goes back."""
        gateway = self.server.gateway
        order = gateway.receive(self.path)
        notice = gateway.notice(order["vnp_TxnRef"])
        with urlopen(f"{gateway.ipn_url}?{notice}", timeout=10) as answer:
            gateway.ipn_answers.append(json.load(answer))
        self.send_response(302)
        self.send_header("Location", f"{order['vnp_ReturnUrl']}?{notice}")
        self.end_headers()

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        gateway = self.server.gateway
        if gateway.silent:
            self.send_error(503)
            return
        names = {
            "querydr": "RequestId Version Command TmnCode TxnRef TransactionDate CreateDate IpAddr OrderInfo",
            "refund": "RequestId Version Command TmnCode TransactionType TxnRef Amount TransactionNo TransactionDate"
            " CreateBy CreateDate IpAddr OrderInfo",
        }[asked["vnp_Command"]]
        assert asked["vnp_SecureHash"] == signature("|".join(asked[f"vnp_{name}"] for name in names.split()))
        body = json.dumps(gateway.answer(asked)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args) -> None:
        """Say nothing."""


def serve() -> tuple[Gateway, ThreadingHTTPServer]:
    """A gateway answering questions on a free port; the caller shuts it down."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    gateway = Gateway(url=f"http://127.0.0.1:{server.server_port}/")
    server.gateway = gateway
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return gateway, server


def sent(order: PaymentOrder, gateway: Gateway) -> None:
    """The payer is sent to the gateway, which takes the order."""
    gateway.receive(provider_of("vnpay").address(order, return_url="https://x.example/r", ip="::1", language="vi"))
