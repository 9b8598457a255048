"""The desk: each tab, the next click of each row, several at once, and what it does by itself."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from checkpoints.door import perform
from checkpoints.models import Confirmation
from checkpoints.refusals import Refusal
from declarations.models import Trip
from declarations.states import TripState
from fees.models import (
    BankAccount,
    Bill,
    CashShift,
    DeskSetting,
    Payment,
    Receipt,
    ReceiptSeries,
    RefundRequest,
    StatementLine,
)
from fees.services import counter, desking, paying, refunding
from tests.fees.banks import make_account
from tests.fees.statements.test_importing import bring_in, row
from tests.fees.trucks import pay, ready
from tests.world import World, make_gate, make_officer, make_trader

pytestmark = pytest.mark.django_db


def page(response) -> str:
    assert response.status_code == 200, response
    return response.content.decode()


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def bills(world: World, count: int, **fields) -> list[Bill]:
    first = Bill.objects.count()
    for number in range(first, first + count):
        ready(world, f"11C0000{number}", **fields)
    return list(Bill.objects.order_by("pk"))[first:]


def confirmed() -> int:
    return Confirmation.objects.filter(of="fee_confirmed", state="confirmed").count()


def test_several_are_confirmed_after_a_preview_each_with_its_outcome(world, centre):
    one, two, three = bills(world, 3)
    ReceiptSeries.objects.create(template="01BLP0-001", sign="CB-26T")
    pay(one, 3_000_000)
    pay(two, 2_999_999)
    codes = {"bill": [one.code, two.code, three.code]}
    html = page(centre.post("/fees/confirm/", codes))
    assert html.count("bỏ qua".capitalize()) == 2
    assert confirmed() == 0
    for _twice in range(2):
        html = page(centre.post("/fees/confirm/", codes | {"step": "do", "key": "k"}))
        assert html.count("biên lai 0000001") == 1
        assert "còn thiếu 1\u00a0₫" in html
    assert (confirmed(), Receipt.objects.count()) == (1, 1)


def test_what_matches_is_confirmed_by_itself_where_the_centre_wants_it(world, centre):
    one, two = bills(world, 2)
    pay(one, 3_000_000)
    assert desking.confirm_by_itself() == 0
    answer = centre.post("/fees/by-itself/", {"on": "1"}, follow=True)
    assert "Cán bộ fee_centre" in page(answer)
    pay(two, 2_000_000)
    assert desking.confirm_by_itself() == 1
    assert desking.confirm_by_itself() == 0
    assert Confirmation.objects.get(of="fee_confirmed", state="confirmed").fact.actor == world.officer("fee_centre")
    pay(two, 1_000_000)
    world.officer("fee_centre").roles.update(valid_to=timezone.localdate() - timedelta(days=1))
    assert desking.confirm_by_itself() == 0
    world.officer("fee_centre").roles.update(valid_to=None)
    centre.post("/fees/by-itself/", {"on": "0"})
    assert (desking.confirm_by_itself(), DeskSetting.objects.get().confirms_for) == (0, None)
    with pytest.raises(Refusal):
        desking.set_confirming(gate_id=world.gate.pk, on=True, actor=world.trader)


def test_what_waits_for_good_keeps_nobody_off(world, centre):
    ended, retracted, next_one = bills(world, 3)
    centre.post("/fees/by-itself/", {"on": "1"})
    for bill in (retracted, ended):
        pay(bill, 3_000_000)
    Trip.objects.filter(declaration=ended.declaration).update(state=TripState.LEFT)
    assert desking.confirm_by_itself(most=1) == 1
    trip = retracted.declaration.trips.get()
    slot = Confirmation.objects.get(stage__trip=trip, of="fee_confirmed")
    perform("undo", trip, actor=world.officer("fee_centre"), key=None, confirmation=slot.pk, reason="nhầm")
    assert desking.confirm_by_itself() == 0
    pay(next_one, 3_000_000)
    assert desking.confirm_by_itself(most=1) == 1
    assert Confirmation.objects.get(of="fee_confirmed", state="confirmed").stage.trip.declaration_id == (
        next_one.declaration_id
    )


def test_what_is_left_is_used_for_open_bills_or_given_back(world, centre):
    one, two, three = bills(world, 3)
    pay(one, 7_000_000)
    html = page(centre.get("/fees/?tab=over"))
    assert "4.000.000\u00a0₫" in html
    assert "Dùng cho 2 thông báo phí" in html
    payment = Payment.objects.get()
    answer = centre.post(f"/fees/payments/{payment.pk}/spend/", follow=True)
    assert said(answer) == ["Đã dùng 4.000.000\u00a0₫ tiền dư để nộp phí."]
    sums = Bill.objects.with_sums()
    assert [sums.get(pk=bill.pk).outstanding for bill in (one, two, three)] == [0, 0, 2_000_000]
    assert "Mọi khoản" not in page(centre.get("/fees/?tab=over"))
    assert centre.post(f"/fees/payments/{payment.pk}/spend/").status_code == 404


def test_a_refund_is_asked_by_the_payer_and_paid_out_by_the_desk(world, centre):
    (one,) = bills(world, 1)
    pay(one, 3_500_000)
    payment, payer = Payment.objects.get(), Client()
    payer.force_login(world.trader)
    ask = {"key": "k", "amount": "400.000", "how": "transfer", "to": "", "reason": "nộp thừa"}
    address = f"/fees/payments/{payment.pk}/refund/"
    assert "Hãy ghi số tài khoản" in page(payer.post(address, ask))
    assert "tiền mặt" not in page(payer.get(address))
    for _twice in range(2):
        assert payer.post(address, ask | {"to": "0123 VCB Nông Thị Hoa"}).url == "/fees/account/"
    assert "lớn hơn số còn dư" in page(payer.post(address, ask | {"key": "k2", "amount": "100.001", "to": "x 1"}))
    asked = RefundRequest.objects.get()
    html = page(centre.get("/fees/?tab=refunds"))
    assert "0123 VCB Nông Thị Hoa" in html
    answer = centre.post(f"/fees/refunds/{asked.pk}/", {"how": "decline", "reason": ""}, follow=True)
    assert said(answer) == ["Hãy ghi lý do."]
    for _twice in range(2):
        centre.post(f"/fees/refunds/{asked.pk}/", {"reference": "UNC 7"})
    assert Payment.objects.with_credit().get().credit == 100_000
    assert RefundRequest.objects.get().reference == "UNC 7"
    stranger = Client()
    stranger.force_login(make_trader("Công ty khác"))
    assert stranger.get(address).status_code == 404


def test_cash_goes_back_out_of_the_drawer_and_the_count_says_so(world, centre):
    (one,) = bills(world, 1)
    officer = world.officer("fee_centre")
    counter.begin_shift(gate_id=world.gate.pk, cashier=officer, float_amount=200_000)
    with pytest.raises(Refusal) as refused:
        counter.begin_shift(gate_id=world.gate.pk, cashier=officer, float_amount=0)
    assert refused.value.code == "shift_open"
    how = {"bill": one, "method": "counter", "actor": officer}
    paying.record_payment(**how, amount=3_500_000, key="a")
    ask = {"payment": Payment.objects.get(), "amount": 500_000, "to": "", "reason": "tiền thừa", "key": "k"}
    request = refunding.ask_refund(**ask, how="cash", actor=officer)
    refunding.pay_out(request=request, actor=officer)
    shift = CashShift.objects.get()
    assert counter.in_drawer(shift) == 3_200_000
    shown = centre.get("/fees/counter/")
    assert "3.200.000" in page(shown)
    assert shown.context["mine"][0].form["counted"].value() is None, "who counts writes what was counted"
    close = f"/fees/counter/{shift.pk}/close/"
    assert said(centre.post(close, {"counted": "3.199.000"}, follow=True)) == [
        "Số tiền đếm được lệch -1.000\u00a0₫: hãy ghi lý do chênh lệch."
    ]
    assert said(centre.post(close, {"counted": "3.199.000", "note": "thiếu lẻ"}, follow=True)) == [
        "Đã kết thúc ca, lệch -1.000\u00a0₫."
    ]
    assert said(centre.post(close, {"counted": "1"}, follow=True)) == ["Ca này đã kết thúc."]
    (two,) = bills(world, 1)
    paying.record_payment(**how | {"bill": two}, amount=1, key="b")
    assert CashShift.objects.filter(closed_at__isnull=True).count() == 1


def test_unknown_money_is_shown_with_whose_it_may_be_and_settled_by_a_click(world, centre):
    one, two = bills(world, 2)
    make_account()
    bring_in(
        world,
        make_account(world.gate, "77"),
        row(3_000_000, "CONG TY PHUC HOA nop phi xe 11C-000.01", "FT1"),
        row(123, "chuyển tiền", "FT2"),
    )
    html = page(centre.get("/fees/?tab=unknown"))
    assert two.code in html
    assert "trùng biển kiểm soát, tên người nộp, số tiền, ngày" in html
    assert one.code not in html
    line, other = StatementLine.objects.order_by("pk")
    suggested = page(centre.get(f"/fees/lines/{line.pk}/"))
    assert two.code in suggested
    assert 'data-plate="11C00001"' in suggested
    searched = page(centre.get(f"/fees/lines/{line.pk}/", {"q": "11C00000"}))
    assert one.code in searched
    assert 'data-plate="11C00000"' in searched
    answer = centre.post(f"/fees/lines/{line.pk}/settle/", {"how": "assign", "bill": two.code}, follow=True)
    assert said(answer) == [f"Đã ghi 3.000.000\u00a0₫ cho thông báo phí {two.code}."]
    assert said(centre.post(f"/fees/lines/{other.pk}/settle/", {"how": "x"}, follow=True)) == ["Hãy chọn lý do."]
    centre.post(f"/fees/lines/{other.pk}/settle/", {"how": "back", "to": "0123", "reason": "không rõ"})
    assert "Tiền không rõ người nộp" in page(centre.get("/fees/?tab=refunds"))
    asked = RefundRequest.objects.get()
    centre.post(f"/fees/refunds/{asked.pk}/", {"reference": "UNC 8"})
    assert "Mọi khoản tiền đều đã rõ" in page(centre.get("/fees/?tab=unknown"))
    assert RefundRequest.objects.get().entry.amount == 123


def test_nothing_chosen_is_said(world, centre):
    bills(world, 1)
    for address in ("/fees/confirm/", "/fees/pay/"):
        centre.force_login(world.trader if address == "/fees/pay/" else world.officer("fee_centre"))
        assert said(centre.post(address, follow=True)) == ["Hãy chọn ít nhất một thông báo phí."]
    centre.force_login(world.officer("fee_centre"))
    assert said(centre.post("/fees/statements/", follow=True)) == ["Tài khoản thu phí: Trường này là bắt buộc."]


@pytest.mark.parametrize("asked", ["1", "2", "99", "0", "x", "²", "9" * 30, ""])
def test_whatever_page_is_asked_there_is_one(world, centre, monkeypatch, asked):
    monkeypatch.setattr("fees.views.desk.PER_PAGE", 2)
    made = bills(world, 3)
    shown = centre.get("/fees/", {"page": asked}).context["page"]
    assert shown.paginator.count == 3
    assert [bill.pk for bill in shown] == [bill.pk for bill in (made[:1] if asked in ("2", "99") else made[:0:-1])]
    empty = centre.get("/fees/?tab=paid", {"tab": "paid", "page": asked}).context["page"]
    assert (list(empty), empty.number) == ([], 1)


def test_other_gates_see_nothing_of_it(world, client):
    (one,) = bills(world, 1)
    account = make_account(world.gate)
    bring_in(world, account, row(5, "gì đó"))
    pay(one, 3_000_001)
    refunding.ask_refund(
        payment=Payment.objects.get(), amount=1, how="transfer", to="x", reason="r", actor=world.trader, key="k"
    )
    client.force_login(make_officer("fee_centre", make_gate("tra-linh", "Trà Lĩnh")))
    assert "Mọi khoản tiền đều đã rõ" in page(client.get("/fees/?tab=unknown"))
    assert "Không có khoản nào nộp thừa" in page(client.get("/fees/?tab=over"))
    assert "Không có khoản nào chờ hoàn trả" in page(client.get("/fees/?tab=refunds"))
    line, asked, payment = StatementLine.objects.get(), RefundRequest.objects.get(), Payment.objects.get()
    assert client.get(f"/fees/lines/{line.pk}/").status_code == 404
    assert client.get(f"/fees/payments/{payment.pk}/refund/").status_code == 404
    assert client.get(f"/fees/refunds/{asked.pk}/").status_code == 404
    assert client.post(f"/fees/refunds/{asked.pk}/", {"reference": "x"}).status_code == 404
    answer = client.post(f"/fees/lines/{line.pk}/settle/", {"how": "own"}, follow=True)
    assert said(answer) == ["Tài khoản của bạn không có quyền thực hiện việc này tại đây."]
    assert page(client.get("/fees/statements/"))
    file = StatementLine.objects.get().file
    assert client.get(f"/fees/statements/{file.pk}/").status_code == 404


def test_the_payers_account_adds_up(world, client):
    one, two = bills(world, 2)
    pay(one, 3_500_000)
    client.force_login(world.trader)
    html = page(client.get("/fees/account/"))
    assert "2.500.000\u00a0₫" in html
    assert "Đề nghị hoàn trả" in html
    pay(two, 2_500_000)
    payment = Payment.objects.order_by("pk").first()
    refunding.refund(payment=payment, amount=500_000, actor=world.officer("fee_centre"), key="r")
    html = page(client.get("/fees/account/"))
    assert "-500.000\u00a0₫" in html
    client.force_login(make_trader("Công ty khác"))
    assert "Chưa có khoản nào" in page(client.get("/fees/account/"))


def test_every_tab_asks_no_more_of_many_than_of_few(world, client, django_assert_max_num_queries):
    client.force_login(make_officer("fee_centre", None))
    account = make_account()

    def fill(count: int, name: str) -> None:
        made = bills(world, count)
        pay(made[0], 4_000_000)
        pay(made[1], 1_000)
        rows = [row(3_000_000, f"nop phi {name} {number}") for number in range(count)]
        bring_in(world, account, *rows, name=f"{name}.csv")
        for payment in Payment.objects.with_credit().filter(credit__gt=0, refund_requests__isnull=True)[:1]:
            ask = {"payment": payment, "amount": 1, "how": "transfer", "to": "x", "reason": "r"}
            refunding.ask_refund(**ask, actor=world.trader, key=f"{name}{payment.pk}")

    def asked() -> list[int]:
        numbers = []
        for tab in ("ready_to_pay", "paid", "short", "over", "unknown", "refunds", "confirmed"):
            with django_assert_max_num_queries(12) as queries:
                page(client.get(f"/fees/?tab={tab}"))
            numbers.append(len(queries))
        return numbers

    fill(3, "a")
    few = asked()
    fill(4, "b")
    assert asked() == few


def test_the_administrator_names_the_account_and_what_is_used_stays(world, client):
    body = {"bank": "970436", "number": "123", "holder": "TRUNG TAM", "is_open": "on"}
    for code, allowed in (("fee_centre", False), ("admin", True)):
        officer = make_officer(code, None)
        officer.is_staff = True
        officer.save()
        client.force_login(officer)
        assert client.get("/admin/fees/bankaccount/").status_code == 200
        assert client.post("/admin/fees/bankaccount/add/", body).status_code == (302 if allowed else 403)
        assert (
            client.post("/admin/fees/receiptseries/add/", {"template": "01BLP0-001", "sign": code}).status_code == 302
        )
    account = BankAccount.objects.get()
    bring_in(world, account, row(5, "x"))
    client.post(f"/admin/fees/bankaccount/{account.pk}/change/", body | {"number": "999", "holder": "TT"})
    account.refresh_from_db()
    assert (account.number, account.holder) == ("123", "TT")


@pytest.mark.parametrize("gate", ["", "x", "9" * 30, "9" * 5000, "0", "-1"])
def test_a_counter_at_no_gate_of_ones_own_is_not_found(centre, gate):
    for address in ("/fees/counter/open/", "/fees/counter/close-day/"):
        assert centre.post(address, {"gate": gate, "counted": "0", "day": "2026-01-01"}).status_code == 404
