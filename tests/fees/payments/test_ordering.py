"""Orders over bills, and what VNPAY says of them: counted once, never by the payer's browser."""

from datetime import timedelta
from urllib.parse import parse_qsl
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from checkpoints.refusals import Refusal
from fees.links import code_in, token_of
from fees.models import Bill, LedgerEntry, OrderLine, Payment, PaymentOrder, ProviderNotice
from fees.payments.providers import open_for
from fees.payments.vietqr import Transfer
from fees.services import ordering, paying, refunding
from tests.concurrency.test_door import at_once
from tests.fees.banks import make_account, transfer_on
from tests.fees.payments.gateway import sent
from tests.fees.trucks import pay, ready
from tests.world import World, make_gate, make_officer, make_trader

pytestmark = pytest.mark.django_db


def two_bills(world: World) -> list[Bill]:
    for number in (1, 2):
        ready(world, f"11C0000{number}")
    return list(Bill.objects.order_by("pk"))


def order_over(bills, provider: str = "vnpay", actor=None) -> PaymentOrder:
    return ordering.open_order(bills=bills, provider=provider, actor=actor)


def ipn(client: Client, query: str) -> dict:
    return client.get(f"/fees/vnpay/ipn/?{query}").json()


def rests() -> list[int]:
    return list(Bill.objects.with_sums().order_by("pk").values_list("outstanding", flat=True))


def test_one_order_pays_several_bills_of_one_payer(world, gateway, client):
    order = order_over(two_bills(world), actor=world.trader)
    assert (order.amount, order.created_by, order.payer) == (6_000_000, world.trader, Bill.objects.first().payer)
    sent(order, gateway)
    assert ipn(client, gateway.notice(order.code)) == {"RspCode": "00", "Message": "Confirm Success"}
    assert rests() == [0, 0]
    payment = Payment.objects.get()
    assert (payment.order, payment.method, payment.reference) == (order, "vnpay", "14226112")
    shares = LedgerEntry.objects.filter(kind="allocated").values_list("bill", "amount")
    assert sorted(shares) == [(bill.pk, 3_000_000) for bill in Bill.objects.order_by("pk")]
    assert payment.received_at == order.created_at.replace(microsecond=0)


def test_the_notice_is_checked_in_the_order_documented(world, gateway, client):
    order = order_over(two_bills(world))
    sent(order, gateway)
    good = gateway.notice(order.code)
    assert ipn(client, "")["RspCode"] == "97"
    assert ipn(client, good.replace("vnp_Amount=600000000", "vnp_Amount=1"))["RspCode"] == "97"
    assert ipn(client, gateway.notice(order.code, vnp_TxnRef="CKS2"))["RspCode"] == "01"
    assert ipn(client, gateway.notice(order.code, vnp_TmnCode="ANOTHER1"))["RspCode"] == "01"
    assert ipn(client, gateway.notice(order.code, vnp_Amount="599999900"))["RspCode"] == "04"
    assert not Payment.objects.exists()
    assert ipn(client, good)["RspCode"] == "00"
    assert [ipn(client, good)["RspCode"] for _again in range(9)] == ["02"] * 9
    assert rests() == [0, 0]
    assert LedgerEntry.objects.filter(kind="received").count() == 1


@pytest.mark.parametrize(("response", "status"), [("07", "00"), ("24", "02"), ("00", "01"), ("51", "02"), ("99", "99")])
def test_what_is_not_paid_is_answered_and_is_no_money(world, gateway, client, response, status):
    order = order_over(two_bills(world))
    sent(order, gateway)
    notice = gateway.notice(order.code, response=response, status=status)
    assert [ipn(client, notice)["RspCode"] for _twice in range(2)] == ["00", "02"]
    assert not Payment.objects.exists()
    html = client.get(f"/fees/pay/{token_of(order.code)}/").content.decode()
    assert ("VNPAY đang kiểm tra giao dịch" in html) == (response == "07")
    assert ipn(client, gateway.notice(order.code))["RspCode"] == "00"
    assert rests() == [0, 0]


def test_a_suspicious_payment_is_recorded_and_counts_once_it_is_settled(world, gateway, client):
    """Code 07: the money has left the payer's account and VNPAY looks into it."""
    order = order_over(two_bills(world))
    sent(order, gateway)
    address = f"/fees/pay/{token_of(order.code)}/"
    assert ipn(client, gateway.notice(order.code, response="07", status="00"))["RspCode"] == "00"
    held = ProviderNotice.objects.get()
    assert (held.order, held.answer, held.fields["vnp_ResponseCode"]) == (order, "00", "07")
    for status in ("01", "07"):
        gateway.orders[order.code]["paid"] = status
        assert not ordering.ask_vnpay(order)
        assert "VNPAY đang kiểm tra giao dịch" in client.get(address).content.decode()
    assert not Payment.objects.exists()
    assert not LedgerEntry.objects.filter(kind="received").exists()
    assert rests() == [3_000_000, 3_000_000]
    gateway.orders[order.code]["paid"] = "00"
    assert ordering.ask_vnpay(order)
    assert ipn(client, gateway.notice(order.code))["RspCode"] == "02"
    assert rests() == [0, 0]
    assert Payment.objects.get().amount == 6_000_000
    assert "Đã nộp đủ" in client.get(address).content.decode()


def test_a_suspicious_payment_that_the_bank_takes_back_may_be_paid_anew(world, gateway, client):
    order = order_over(two_bills(world))
    sent(order, gateway)
    ipn(client, gateway.notice(order.code, response="07", status="00"))
    gateway.orders[order.code]["paid"] = "02"
    assert not ordering.ask_vnpay(order)
    html = client.get(f"/fees/pay/{token_of(order.code)}/").content.decode()
    assert "Giao dịch qua VNPAY không thành công" in html
    assert order_over(list(Bill.objects.order_by("pk"))) != order


def test_a_late_notice_is_still_money_and_what_is_too_much_stays_the_payers(world, gateway, client):
    bills = two_bills(world)
    order = order_over(bills)
    sent(order, gateway)
    pay(bills[0], 3_000_000)
    PaymentOrder.objects.update(expires_at=timezone.now() - timedelta(days=3))
    assert ipn(client, gateway.notice(order.code))["RspCode"] == "00"
    assert rests() == [0, 0]
    assert Payment.objects.with_credit().get(order=order).credit == 3_000_000


def test_an_error_of_ours_is_answered_99_so_that_the_notice_comes_again(world, gateway, client, monkeypatch):
    order = order_over(two_bills(world))
    sent(order, gateway)
    monkeypatch.setattr(ordering, "record_order", lambda **_fields: 1 / 0)
    assert ipn(client, gateway.notice(order.code)) == {"RspCode": "99", "Message": "Unknown error"}
    monkeypatch.undo()
    assert ipn(client, gateway.notice(order.code))["RspCode"] == "00"


def test_the_return_page_decides_nothing(world, gateway, client):
    order = order_over(two_bills(world))
    sent(order, gateway)
    notice = gateway.notice(order.code)
    for _twice in range(2):
        answer = client.get(f"/fees/vnpay/return/?{notice}")
        assert answer.url == f"/fees/pay/{token_of(order.code)}/"
    assert not Payment.objects.exists()
    assert client.get(f"/fees/vnpay/return/?{notice}0").status_code == 404
    assert "Còn phải nộp" in client.get(answer.url).content.decode()
    ipn(client, notice)
    assert "Đã nộp đủ" in client.get(answer.url).content.decode()


def test_an_order_whose_notice_was_lost_is_asked_after(world, gateway):
    order = order_over(two_bills(world))
    sent(order, gateway)
    assert not ordering.ask_vnpay(order)
    gateway.orders[order.code]["paid"] = "00"
    assert ordering.ask_vnpay(order)
    assert ordering.ask_vnpay(order)
    assert rests() == [0, 0]
    assert Payment.objects.count() == 1


def test_money_goes_back_through_the_gateway(world, gateway, client):
    bills = two_bills(world)
    order = order_over(bills)
    sent(order, gateway)
    pay(bills[0], 3_000_000)
    ipn(client, gateway.notice(order.code))
    payment, officer = Payment.objects.get(order=order), world.officer("fee_centre")
    ask = {"payment": payment, "how": "gateway", "to": "", "reason": "nộp thừa"}
    with pytest.raises(Refusal) as refused:
        refunding.ask_refund(**ask, amount=3_000_001, actor=world.trader, key="k0")
    assert refused.value.code == "more_than_credit"
    request = refunding.ask_refund(**ask, amount=3_000_000, actor=world.trader, key="k")
    gateway.refund_code = "95"
    with pytest.raises(Refusal, match="mã 95"):
        refunding.pay_out(request=request, actor=officer)
    gateway.refund_code = "00"
    for _twice in range(2):
        refunding.pay_out(request=request, actor=officer)
    assert [asked["vnp_TransactionType"] for asked in gateway.refunds] == ["03", "03"]
    assert Payment.objects.with_credit().get(pk=payment.pk).credit == 0


def test_the_same_order_again_is_one_and_a_changed_one_is_new(world, gateway):
    bills = two_bills(world)
    order = order_over(bills)
    assert order_over(bills) == order
    assert order_over(bills[:1]) != order
    pay(bills[0], 1_000_000)
    assert order_over(bills).amount == 5_000_000


def test_who_may_not_order(world, gateway):
    bills = two_bills(world)
    ready(world, "12H00003", trader=make_trader("Công ty khác"))
    other = Bill.objects.order_by("pk").last()
    make_account()
    stranger = make_officer("fee_centre", make_gate("tra-linh", "Trà Lĩnh"))
    for wrong, code in (
        ({"bills": [*bills, other]}, "many_payers"),
        ({"bills": bills, "actor": make_trader("Công ty thứ ba")}, "not_yours"),
        ({"bills": bills, "actor": stranger}, "not_yours"),
        ({"bills": bills, "provider": "stub"}, "not_open"),
    ):
        with pytest.raises(Refusal) as refused:
            ordering.open_order(**{"provider": "transfer", "actor": None} | wrong)
        assert refused.value.code == code
    for bill in bills:
        pay(bill, 3_000_000)
    with pytest.raises(Refusal, match="đã nộp đủ"):
        order_over(bills)


def test_without_an_account_nothing_of_it_is_offered(world, settings):
    settings.VNPAY = {"terminal": "", "secret": "", "pay_url": "", "api_url": ""}
    ready(world)
    bill = Bill.objects.get()
    assert open_for(bill) == []
    make_account(make_gate("tra-linh", "Trà Lĩnh"))
    assert open_for(bill) == []
    make_account(world.gate, "2")
    assert open_for(bill) == ["transfer"]


def test_what_a_provider_said_is_never_changed(world, gateway, client):
    order = order_over(two_bills(world))
    sent(order, gateway)
    ipn(client, gateway.notice(order.code))
    for change in (
        lambda: ProviderNotice.objects.update(answer="99"),
        lambda: OrderLine.objects.update(amount=1),
        lambda: ProviderNotice.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert connection.is_usable()


def test_the_qr_on_the_pages_reads_back_to_the_transfer(world, client):
    make_account(make_gate("tra-linh", "Trà Lĩnh"), "999")
    make_account(None, "1023020330000")
    bills = two_bills(world)
    pay(bills[0], 500_000)
    client.force_login(world.trader)
    for address in (f"/fees/bills/{bills[0].code}/", f"/fees/bills/{bills[0].code}/print/"):
        expected = Transfer("970436", "1023020330000", 2_500_000, f"NOP PHI {bills[0].code}")
        assert transfer_on(client.get(address).content.decode()) == expected
    answer = client.post("/fees/pay/", {"bill": [bill.code for bill in bills]})
    order = PaymentOrder.objects.get()
    assert answer.url == f"/fees/pay/{token_of(order.code)}/"
    client.logout()
    html = client.get(answer.url).content.decode()
    assert transfer_on(html) == Transfer("970436", "1023020330000", 5_500_000, f"NOP PHI {order.code}")
    text = f"MBVCB.1234.nop phi {order.code.lower()}.CT tu 0011"
    paying.receive_transfer(text=text, amount=5_500_000, method="bank", reference="FT1", key="b1")
    assert rests() == [0, 0]
    assert "Đã nộp đủ" in client.get(answer.url).content.decode()
    gone = client.get(f"/fees/bills/{bills[0].code}/")
    assert gone.status_code == 302


def test_a_link_cannot_be_guessed_and_shows_its_bill_only(world, client):
    one, two = two_bills(world)
    assert code_in(token_of(one.code)) == one.code
    html = client.get(f"/fees/pay/{token_of(one.code)}/").content.decode()
    assert one.code in html
    assert two.code not in html
    for token in (one.code, f"{one.code}.x", token_of(one.code) + "x", token_of("CKS00000000X"), "."):
        assert client.get(f"/fees/pay/{token}/").status_code == 404
    assert client.post(f"/fees/pay/{token_of(one.code)}/start/", {"provider": "x"}).status_code == 404
    assert client.get(f"/fees/pay/{token_of(one.code)}/start/").status_code == 405


def test_the_payer_without_an_account_goes_on_to_vnpay(world, gateway, client):
    make_account()
    bill = two_bills(world)[0]
    answer = client.post(f"/fees/pay/{token_of(bill.code)}/start/", {"provider": "vnpay"})
    order = PaymentOrder.objects.get()
    fields = gateway.receive(answer.url)
    assert (fields["vnp_TxnRef"], fields["vnp_Amount"]) == (order.code, "300000000")
    assert fields["vnp_ReturnUrl"] == "http://testserver/fees/vnpay/return/"
    assert dict(parse_qsl(gateway.notice(order.code)))["vnp_TxnRef"] == order.code


def test_the_demos_bank_is_in_the_demo_only(world, client, settings):
    settings.DEMO = True
    bill = two_bills(world)[0]
    answer = client.post(f"/fees/pay/{token_of(bill.code)}/start/", {"provider": "stub"})
    order = PaymentOrder.objects.get()
    assert answer.url == f"/fees/stub-bank/{order.code}/"
    assert "3.000.000" in client.get(answer.url).content.decode()
    for _twice in range(2):
        client.post(answer.url, {"key": "k", "amount": "1.000.000"})
    assert rests() == [2_000_000, 3_000_000]
    settings.DEMO = False
    assert client.get(answer.url).status_code == 404
    with pytest.raises(Refusal):
        ordering.pay_by_stub(order=order, amount=1, key=str(uuid4()))


@pytest.mark.django_db(transaction=True)
def test_ten_notices_at_once_count_once(transactional_db, gateway):
    order = order_over(two_bills(World()))
    sent(order, gateway)
    fields = dict(parse_qsl(gateway.notice(order.code)))
    answers = at_once(*[lambda: ordering.take_vnpay_notice(fields)[0]] * 10)
    assert sorted(answers) == ["00"] + ["02"] * 9
    assert Payment.objects.count() == 1
    assert rests() == [0, 0]


@pytest.mark.django_db(transaction=True)
def test_two_cashiers_take_money_for_one_bill_once(transactional_db):
    world = World()
    ready(world)
    bill = Bill.objects.get()
    cashiers = [make_officer("fee_centre", world.gate) for _two in range(2)]
    how = {"bill": bill, "amount": 3_000_000, "method": "counter"}
    answers = at_once(
        *(lambda cashier=cashier: paying.record_payment(**how, actor=cashier, key=str(uuid4())) for cashier in cashiers)
    )
    assert answers.count("already_settled") == 1
    assert Payment.objects.get().shift.cashier in cashiers
