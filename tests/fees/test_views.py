"""The fee pages: who sees what, what a click does, and how many questions a list asks."""

from uuid import uuid4

import pytest
from django.test import Client

from checkpoints.models import TripStage
from fees.models import Bill, LedgerEntry, Payment
from fees.services.paying import record_payment
from tests.fees.tariffs import in_force, without_prices
from tests.fees.trucks import ready
from tests.world import make_gate, make_officer, make_trader, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def payer(world) -> Client:
    client = Client()
    client.force_login(world.trader)
    return client


def page(response) -> str:
    assert response.status_code == 200, response
    return response.content.decode()


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_the_desk_shows_what_is_ready_and_confirms_what_is_settled(world, centre):
    trip = ready(world)
    bill = Bill.objects.get()
    html = page(centre.get("/fees/"))
    assert bill.code in html
    assert "3.000.000" in html
    centre.post(f"/fees/bills/{bill.code}/payment/", {"key": str(uuid4()), "amount": "3.000.000", "reference": "PT01"})
    assert bill.code in page(centre.get("/fees/?tab=paid"))
    answer = centre.post(f"/fees/bills/{bill.code}/confirm/", {"key": str(uuid4()), "from": "desk"}, follow=True)
    assert said(answer) == ["Đã xác nhận phí: 11C12345."]
    assert TripStage.objects.get(trip=trip, moment="fee").completed_at
    assert bill.code in page(centre.get("/fees/?tab=confirmed"))


def test_a_short_payment_is_shown_with_the_difference_and_not_confirmed(world, centre):
    trip = ready(world)
    bill = Bill.objects.get()
    record_payment(bill=bill, amount=2_999_999, method="bank", actor=None, key="a")
    assert "thiếu 1\u00a0₫" in page(centre.get("/fees/?tab=short"))
    answer = centre.post(f"/fees/bills/{bill.code}/confirm/", {"key": str(uuid4())}, follow=True)
    assert said(answer) == [
        f"Chưa khớp: thông báo phí {bill.code} phải nộp 3.000.000\u00a0₫, đã nộp 2.999.999\u00a0₫, còn thiếu 1\u00a0₫."
    ]
    assert not TripStage.objects.get(trip=trip, moment="fee").completed_at


def test_a_surplus_is_shown_used_and_refunded(world, centre, payer):
    ready(world)
    bill = Bill.objects.get()
    record_payment(bill=bill, amount=3_500_000, method="bank", actor=None, key="a")
    assert "500.000" in page(centre.get("/fees/?tab=over"))
    assert bill.code in page(centre.get("/fees/?tab=paid"))
    answer = centre.post(f"/fees/bills/{bill.code}/refund/", {"key": str(uuid4()), "amount": "500.001"}, follow=True)
    assert said(answer) == ["Số tiền hoàn trả lớn hơn số còn dư của khoản nộp."]
    key = str(uuid4())
    for _twice in range(2):
        centre.post(f"/fees/bills/{bill.code}/refund/", {"key": key, "amount": "100.000"})
    ready(world, "11C22222")
    later = Bill.objects.exclude(pk=bill.pk).get()
    answer = payer.post(f"/fees/bills/{later.code}/credit/", follow=True)
    assert said(answer) == ["Đã dùng 400.000\u00a0₫ tiền dư để nộp phí."]
    assert Bill.objects.with_sums().get(pk=later.pk).outstanding == 2_600_000


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("-5000", "Số tiền không được âm."),
        ("1000,5", "Đồng không có phần lẻ: hãy ghi số nguyên, ví dụ 1.250.000."),
        ("1000.00", "Đồng không có phần lẻ: hãy ghi số nguyên, ví dụ 1.250.000."),
        ("ba triệu", "Hãy ghi số tiền bằng chữ số, ví dụ 1.250.000."),
        ("0", "Số tiền phải lớn hơn 0."),
        ("9999999999999", "Số tiền quá lớn. Hãy kiểm tra lại."),
    ],
)
def test_what_is_no_whole_dong_is_refused_with_words(world, centre, amount, words):
    ready(world)
    bill = Bill.objects.get()
    answer = centre.post(f"/fees/bills/{bill.code}/payment/", {"key": "k", "amount": amount}, follow=True)
    assert said(answer) == [words]
    assert not Payment.objects.exists()


def test_the_same_click_twice_is_one_payment(world, centre):
    ready(world)
    bill = Bill.objects.get()
    for _twice in range(2):
        centre.post(f"/fees/bills/{bill.code}/payment/", {"key": "k", "amount": "1.000.000 ₫"})
    assert list(Payment.objects.values_list("amount", "method")) == [(1_000_000, "counter")]


def test_who_is_not_of_the_desk_is_refused(world, client):
    ready(world)
    bill = Bill.objects.get()
    assert client.get("/fees/").status_code == 302
    for agency in ("customs", "border_guard", "yard_operator"):
        client.force_login(world.officer(agency))
        assert client.get("/fees/").status_code == 403
        assert client.get("/fees/unpriced/").status_code == 403
        assert client.get(f"/fees/bills/{bill.code}/").status_code == 404
        assert client.post(f"/fees/bills/{bill.code}/confirm/").status_code == 403
        assert client.post(f"/fees/bills/{bill.code}/payment/", {"amount": "1"}).status_code == 403
    client.force_login(world.trader)
    assert client.get("/fees/").status_code == 403


def test_another_gate_and_another_organisation_see_nothing(world, client):
    ready(world)
    bill = Bill.objects.get()
    for stranger in (make_officer("fee_centre", make_gate("tra-linh", "Trà Lĩnh")), make_trader("Công ty khác")):
        client.force_login(stranger)
        assert client.get(f"/fees/bills/{bill.code}/").status_code == 404
        assert client.get(f"/fees/bills/{bill.code}/print/").status_code == 404
        assert client.post(f"/fees/bills/{bill.code}/credit/").status_code == 404
        assert bill.code not in page(client.get("/fees/mine/"))
    assert client.post(f"/fees/bills/{bill.code}/payment/", {"amount": "1"}).status_code == 403


def test_the_authority_reads_and_does_not_collect(world, client):
    ready(world)
    bill = Bill.objects.get()
    client.force_login(make_officer("zone_authority", None))
    assert "Thu tiền" not in page(client.get("/fees/"))
    assert page(client.get(f"/fees/bills/{bill.code}/"))
    answer = client.post(f"/fees/bills/{bill.code}/payment/", {"key": "k", "amount": "1"}, follow=True)
    assert said(answer) == ["Tài khoản của bạn không có quyền thực hiện việc này tại đây."]
    assert not Payment.objects.exists()


def test_the_trader_pays_by_the_demo_bank_only_in_the_demo(world, payer, settings):
    ready(world)
    bill = Bill.objects.get()
    body = {"key": "k", "amount": "3000000"}
    settings.DEMO = False
    assert "ngân hàng thử nghiệm" not in page(payer.get(f"/fees/bills/{bill.code}/"))
    assert payer.post(f"/fees/bills/{bill.code}/demo-bank/", body).status_code == 404
    settings.DEMO = True
    assert bill.code in page(payer.get("/fees/mine/"))
    for _twice in range(2):
        answer = payer.post(f"/fees/bills/{bill.code}/demo-bank/", body, follow=True)
    assert said(answer) == ["Ngân hàng thử nghiệm đã chuyển 3.000.000\u00a0₫."]
    assert Payment.objects.get().method == "stub"
    assert "Đã nộp đủ" in page(payer.get(f"/fees/bills/{bill.code}/"))
    assert bill.code not in page(payer.get("/fees/mine/"))
    assert bill.code in page(payer.get("/fees/mine/?tab=all"))


def test_a_missing_price_is_shown_and_answered_by_calculating_again(world, centre):
    without_prices()
    trip = ready(world)
    assert "chưa có mức phí" in page(centre.get("/fees/"))
    assert "Chưa có biểu phí có hiệu lực" in page(centre.get("/fees/unpriced/"))
    answer = centre.post(f"/fees/unpriced/{trip.pk}/", follow=True)
    assert said(answer) == ["11C12345: chưa có biểu phí có hiệu lực"]
    in_force()
    answer = centre.post(f"/fees/unpriced/{trip.pk}/", follow=True)
    assert said(answer) == ["Phương tiện 11C12345: phí 3.000.000\u00a0₫."]
    assert centre.post(f"/fees/unpriced/{trip.pk}/").status_code == 404


def test_a_missing_payload_is_asked(world, centre):
    trip = ready(world, payload=None, regime="transit", goods_group="farm")
    assert "Trọng tải (tấn)" in page(centre.get("/fees/unpriced/"))
    answer = centre.post(f"/fees/unpriced/{trip.pk}/", {"payload": "-1"}, follow=True)
    assert len(said(answer)) == 1
    answer = centre.post(f"/fees/unpriced/{trip.pk}/", {"payload": "18"}, follow=True)
    assert said(answer) == ["Phương tiện 11C12345: phí 5.500.000\u00a0₫."]


@pytest.mark.parametrize("words", ["12345", "11c-123.45", "phuc hoa", "Phục Hòa"])
def test_the_search_finds_by_plate_and_payer(world, centre, words):
    ready(world)
    ready(world, "12H00001", trader=make_trader("Công ty Đông Khê"))
    bill = Bill.objects.get(payer__name__contains="Phục")
    other = Bill.objects.exclude(pk=bill.pk).get()
    html = page(centre.get("/fees/", {"q": words}))
    assert bill.code in html
    assert other.code not in html
    assert bill.code in page(centre.get("/fees/", {"q": f"nop phi {bill.code.lower()} ck"}))


def test_everybody_sees_the_tariff_in_force(world, client):
    html = page(client.get("/fees/tariff/"))
    assert "Biểu phí mẫu (NQ 39/2019, đã hết hiệu lực)" in html
    assert "5.500.000\u00a0₫ / xe" in html
    assert "Xe từ 18 tấn trở lên" in html
    assert page(client.get("/en/fees/tariff/"))


def test_the_desk_asks_no_more_of_many_than_of_few(world, client, django_assert_max_num_queries):
    client.force_login(make_officer("fee_centre", None))
    addresses = ("/fees/", "/fees/?tab=paid", "/fees/?q=11C", "/fees/unpriced/")

    def asked() -> list[int]:
        numbers = []
        for address in addresses:
            with django_assert_max_num_queries(12) as queries:
                client.get(address)
            numbers.append(len(queries))
        return numbers

    for number in range(3):
        ready(world, f"11C1000{number}", pay=number == 2)
    few = asked()
    for number in range(10, 16):
        ready(world, f"11C100{number}", pay=bool(number % 2))
    assert asked() == few


def test_the_traders_pages_ask_little(world, payer, django_assert_max_num_queries):
    for number in range(3):
        ready(world, f"11C1000{number}")
    with django_assert_max_num_queries(12):
        payer.get("/fees/mine/")
    declaration = world.submit("export", [vehicle(f"11C2000{number}") for number in range(8)])
    for trip in declaration.trips.all():
        ready(world, trip=trip)
    bill = declaration.bills.get()
    with django_assert_max_num_queries(12):
        assert len(page(payer.get(f"/fees/bills/{bill.code}/")).split("plate--s")) == 9
    assert LedgerEntry.objects.filter(bill=bill).count() == 8
    assert page(payer.get(f"/fees/bills/{bill.code}/print/"))
