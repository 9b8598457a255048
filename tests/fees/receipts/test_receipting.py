"""Receipts: one a bill, numbers without gaps, nothing of them ever changed."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from checkpoints.models import Confirmation
from checkpoints.refusals import Refusal
from declarations.models import Trip
from fees.models import Bill, Receipt, ReceiptSending, ReceiptSeries
from fees.receipts.provider import Answer, HttpProvider, NoAnswer
from fees.receipts.words import in_words
from fees.selectors.reports import report
from fees.services import receipting
from tests.concurrency.test_door import at_once
from tests.fees.test_services import correct_weight
from tests.fees.trucks import ready
from tests.world import World, make_gate, make_officer, make_trader

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    ReceiptSeries.objects.create(template="01BLP0-001", sign="CB-26T")
    return World()


def confirmed(world: World, count: int = 1) -> list[Bill]:
    for number in range(count):
        trip = ready(world, f"11C0000{number}", pay=True)
        world.confirm(trip, "fee_centre", "fee_confirmed")
    return list(Bill.objects.order_by("pk"))


def test_a_receipt_says_all_that_it_must(world):
    (bill,) = confirmed(world)
    receipt = receipting.issue_receipt(bill=bill, actor=None)
    content = receipt.content
    assert (content["number"], content["template"], content["sign"]) == ("0000001", "01BLP0-001", "CB-26T")
    assert content["payer"]["name"] == "Công ty TNHH Xuất nhập khẩu Phục Hòa"
    assert content["lines"] == [
        {"plate": "11C-000.00", "words": content["lines"][0]["words"], "amount": 3_000_000, "shown": "3.000.000"}
    ]
    assert content["lines"][0]["words"].startswith("30 tấn × 100.000\u00a0₫")
    assert content["total_words"] == "Ba triệu đồng"
    assert content["issued_by"] == "Cán bộ fee_centre"
    assert content["paid_by"] == "ngân hàng thử nghiệm"
    assert receipting.issue_receipt(bill=bill, actor=world.officer("fee_centre")) == receipt


def test_only_what_is_confirmed_gets_one(world):
    ready(world, pay=True)
    bill = Bill.objects.get()
    with pytest.raises(Refusal) as refused:
        receipting.issue_receipt(bill=bill, actor=None)
    assert refused.value.code == "not_confirmed"
    assert ReceiptSeries.objects.get().last == 0


@pytest.mark.parametrize(
    ("state", "trip_state", "by", "held"),
    [
        ("refused", "under_way", "", True),
        ("waiting", "left", "", False),
        ("refused", "turned_back", "", True),
        ("refused", "turned_back", "fee_centre", False),
    ],
)
def test_only_a_truck_on_its_way_holds_the_receipt_back(world, state, trip_state, by, held):
    """And one that ended on the way, until a person keeps its fee."""
    trip = ready(world, pay=True)
    Confirmation.objects.filter(stage__trip=trip, of="fee_confirmed").update(state=state)
    Trip.objects.filter(pk=trip.pk).update(state=trip_state)
    how = {"bill": Bill.objects.get(), "actor": world.officer(by) if by else None}
    if held:
        with pytest.raises(Refusal, match="được xác nhận"):
            receipting.issue_receipt(**how)
    else:
        assert receipting.issue_receipt(**how).amount == 3_000_000


def test_without_a_series_there_is_none_and_a_gates_own_comes_first(world):
    (bill,) = confirmed(world)
    ReceiptSeries.objects.update(is_open=False)
    ReceiptSeries.objects.create(template="01BLP0-001", sign="TL-26T", gate=make_gate("tra-linh", "Trà Lĩnh"))
    assert receipting.issue_missing() == 0
    with pytest.raises(Refusal, match="Chưa có ký hiệu"):
        receipting.issue_receipt(bill=bill, actor=None)
    ReceiptSeries.objects.create(template="01BLP0-001", sign="TLG-26T", gate=world.gate)
    ReceiptSeries.objects.update(is_open=True)
    assert receipting.issue_receipt(bill=bill, actor=None).series.sign == "TLG-26T"


def test_a_cancelled_one_has_a_counter_document_and_may_be_followed_by_a_new_one(world):
    (bill,) = confirmed(world)
    officer = world.officer("fee_centre")
    receipt = receipting.issue_receipt(bill=bill, actor=officer)
    with pytest.raises(Refusal, match="lý do"):
        receipting.cancel_receipt(receipt=receipt, actor=officer, reason=" ")
    for stranger in (world.trader, make_officer("fee_centre", make_gate("tra-linh", "Trà Lĩnh"))):
        with pytest.raises(Refusal) as refused:
            receipting.cancel_receipt(receipt=receipt, actor=stranger, reason="sai tên")
        assert refused.value.code == "not_yours"
    counter = receipting.cancel_receipt(receipt=receipt, actor=officer, reason="sai tên người nộp")
    assert receipting.cancel_receipt(receipt=receipt, actor=officer, reason="lần nữa") == counter
    assert (counter.number, counter.amount, counter.content["total_words"]) == (2, -3_000_000, "Âm ba triệu đồng")
    assert "số 0000001. Lý do: sai tên người nộp" in counter.content["note"]
    with pytest.raises(Refusal) as refused:
        receipting.cancel_receipt(receipt=counter, actor=officer, reason="hủy chứng từ hủy")
    assert refused.value.code == "counter_document"
    assert receipting.issue_missing() == 0
    assert receipting.issue_receipt(bill=bill, actor=officer).number == 3
    assert sum(Receipt.objects.values_list("amount", flat=True)) == 3_000_000


def test_a_receipt_is_never_changed_or_taken_away(world):
    receipt = receipting.issue_receipt(bill=confirmed(world)[0], actor=None)
    for change in (
        lambda: Receipt.objects.update(content={}),
        lambda: Receipt.objects.filter(pk=receipt.pk).update(amount=1),
        lambda: Receipt.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert connection.is_usable()


def test_a_number_is_not_lost_when_the_transaction_is(world):
    one, two = confirmed(world, 2)
    with transaction.atomic():
        receipting.issue_receipt(bill=one, actor=None)
        transaction.set_rollback(True)
    assert receipting.issue_receipt(bill=two, actor=None).number == 1


@pytest.mark.django_db(transaction=True)
def test_receipts_made_at_once_have_numbers_without_gaps(transactional_db):
    ReceiptSeries.objects.create(template="01BLP0-001", sign="CB-26T")
    bills = confirmed(World(), 4)
    at_once(*(lambda bill=bill: receipting.issue_receipt(bill=bill, actor=None) for bill in bills * 2))
    assert list(Receipt.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4]
    assert Receipt.objects.values("bill").distinct().count() == 4


def test_the_sweep_issues_what_lacks_one(world):
    confirmed(world, 2)
    ready(world, "11C00009", pay=True)
    assert receipting.issue_missing() == 2
    assert receipting.issue_missing() == 0


def test_a_receipt_over_more_than_its_bill_is_cancelled_and_issued_anew(world):
    (bill,) = confirmed(world)
    trip = bill.declaration.trips.get()
    assert receipting.issue_missing() == 1
    correct_weight(trip, 20_000)
    old, counter = Receipt.objects.order_by("number")
    assert (old.amount, counter.amount, counter.cancels, counter.issued_by) == (3_000_000, -3_000_000, old, None)
    assert "Lý do: số phí phải nộp đã thay đổi" in counter.content["note"]
    assert (receipting.issue_missing(), receipting.issue_missing()) == (1, 0)
    assert receipting.live_receipts().get().amount == 2_000_000
    ReceiptSeries.objects.update(is_open=False)
    assert correct_weight(trip, 10_000).total == 1_000_000
    assert Receipt.objects.count() == 3


def test_a_receipt_that_no_series_could_cancel_is_named_and_renewed_by_a_click(world, client):
    (bill,) = confirmed(world)
    receipting.issue_missing()
    ReceiptSeries.objects.update(is_open=False)
    correct_weight(bill.declaration.trips.get(), 20_000)
    client.force_login(world.officer("fee_centre"))
    desk = client.get("/fees/?tab=outdated")
    assert (desk.context["counts"]["outdated"], bill.code in desk.content.decode()) == (1, True)
    today = timezone.localdate()
    wrong = [check for check in report(first=today, last=today, gates=None).checks if not check.holds]
    assert [(check.left, check.right, "0000001" in check.where) for check in wrong] == [(3_000_000, 2_000_000, True)]
    renew = f"/fees/bills/{bill.code}/receipt/renew/"
    assert "Chưa có ký hiệu biên lai" in client.post(renew, follow=True).content.decode()
    ReceiptSeries.objects.update(is_open=True)
    for _twice in range(2):
        client.post(renew)
    assert list(Receipt.objects.order_by("number").values_list("amount", flat=True)) == [
        3_000_000,
        -3_000_000,
        2_000_000,
    ]
    assert client.get("/fees/").context["counts"]["outdated"] == 0
    found = report(first=today, last=today, gates=None)
    assert found.ties
    assert (found.checks[-1].left, found.checks[-1].right) == (2_000_000, 2_000_000)


def test_everybody_with_the_code_sees_the_page_and_the_pdf(world, client):
    receipt = receipting.issue_receipt(bill=confirmed(world)[0], actor=None)
    address = f"/fees/receipts/{receipt.code}/"
    assert client.get("/fees/receipts/", {"code": f" {receipt.code.lower()} "}).url == address
    assert "Không có biên lai nào" in client.get("/fees/receipts/", {"code": "CKS1"}).content.decode()
    html = client.get(address).content.decode()
    assert "Biên lai có hiệu lực" in html
    assert "Hủy biên lai" not in html
    answer = client.get(f"{address}pdf/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert client.get(f"{address}xml/").status_code == 302
    client.force_login(make_trader("Công ty khác"))
    assert client.get(f"{address}xml/").status_code == 404
    assert client.get("/fees/receipts/CKS00000000X/").status_code == 404
    client.force_login(world.trader)
    tree = ElementTree.fromstring(client.get(f"{address}xml/").content)
    assert tree.find("DuLieu/TongCong/SoTien").text == "3000000"
    assert tree.find("DuLieu/NguoiNop/Ten").text == "Công ty TNHH Xuất nhập khẩu Phục Hòa"
    client.force_login(world.officer("fee_centre"))
    client.post(f"{address}cancel/", {"reason": "sai tên"})
    assert "đã bị hủy" in client.get(address).content.decode()


class Provider:
    """Answers as told, and remembers what it was given."""

    def __init__(self, *answers) -> None:
        self.answers, self.sent, self.asked = list(answers), [], []

    def _next(self) -> Answer:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def send(self, code: str, xml: bytes) -> Answer:
        self.sent.append((code, xml))
        return self._next()

    def ask(self, code: str, reference: str) -> Answer:
        self.asked.append(reference)
        return self._next()


def forget_pauses() -> None:
    ReceiptSending.objects.update(changed_at="2026-01-01T00:00Z")


def test_receipts_go_to_the_provinces_provider_until_it_has_issued_them(world):
    receipt = receipting.issue_receipt(bill=confirmed(world)[0], actor=None)
    provider = Provider(NoAnswer("URLError"), Answer("sent", "P1"), Answer("sent", "P1"), Answer("issued", "P1"))
    states = []
    for _round in range(5):
        receipting.send_receipts(provider)
        receipting.send_receipts(provider)
        states.append(ReceiptSending.objects.get().state)
        forget_pauses()
    assert states == ["new", "sent", "issued", "issued", "issued"]
    assert [code for code, _xml in provider.sent] == [receipt.code] * 2
    assert b"<SoTien>3000000</SoTien>" in provider.sent[0][1]


def test_what_the_provider_refuses_is_kept_with_its_words(world):
    receipting.issue_receipt(bill=confirmed(world)[0], actor=None)
    receipting.send_receipts(Provider(Answer("refused", "", "sai mã số thuế")))
    sending = ReceiptSending.objects.get()
    assert (sending.state, sending.message) == ("refused", "sai mã số thuế")


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self._answer({"state": "sent", "reference": self.headers["Idempotency-Key"]})

    def do_GET(self) -> None:
        odd = {"/odd": {"state": "who knows"}, "/list": [1]}
        self._answer(odd.get(self.path, {"state": "issued", "reference": self.path[1:]}))

    def _answer(self, body) -> None:
        assert self.headers["Authorization"] == "Bearer secret"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *args) -> None:
        """Say nothing."""


def test_the_provider_over_http():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    provider = HttpProvider(f"http://127.0.0.1:{server.server_port}/", "secret", timeout=2)
    assert provider.send("CKS1", b"<BienLai/>") == Answer("sent", "CKS1")
    assert provider.ask("CKS1", "a b") == Answer("issued", "a%20b")
    for odd in ("odd", "list"):
        with pytest.raises(NoAnswer):
            provider.ask("CKS1", odd)
    server.shutdown()
    server.server_close()
    with pytest.raises(NoAnswer):
        provider.send("CKS1", b"")
    assert "secret" not in repr(provider)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Không đồng"),
        (5, "Năm đồng"),
        (15, "Mười lăm đồng"),
        (21, "Hai mươi mốt đồng"),
        (105, "Một trăm lẻ năm đồng"),
        (1_001, "Một nghìn không trăm lẻ một đồng"),
        (1_250_000, "Một triệu hai trăm năm mươi nghìn đồng"),
        (2_024_055, "Hai triệu không trăm hai mươi bốn nghìn không trăm năm mươi lăm đồng"),
        (1_000_000_005, "Một tỷ không trăm lẻ năm đồng"),
        (10**12, "Một nghìn tỷ đồng"),
        (-90_000, "Âm chín mươi nghìn đồng"),
    ],
)
def test_an_amount_in_words(amount, words):
    assert in_words(amount) == words
