"""Money that comes before its bill is made, or after nothing is asked any more: it is somebody's, and holds nobody."""

from urllib.parse import parse_qsl

import pytest

from checkpoints.models import Confirmation
from checkpoints.refusals import Refusal
from fees.codes import new_code
from fees.models import Bill, LedgerEntry, Payment, PaymentOrder, Receipt, ReceiptSeries, StatementLine
from fees.services import desking, matching, ordering, paying
from fees.services.confirming import confirm_bill
from fees.services.waiving import waive
from tests.fees.banks import make_account
from tests.fees.payments.gateway import sent
from tests.fees.statements.test_importing import bring_in, row
from tests.fees.test_ledger import INVARIANTS
from tests.fees.test_stories import the_report_ties
from tests.fees.test_waiving import turned_back
from tests.fees.trucks import ready
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = World()
    ReceiptSeries.objects.create(template="01BLP0-001", sign="CB-26T")
    desking.set_confirming(gate_id=world.gate.pk, on=True, actor=world.officer("fee_centre"))
    return world


def all_ties() -> None:
    for holds in (*INVARIANTS, the_report_ties):
        holds()


def test_money_before_the_assessment_waits_as_unknown_and_is_assigned_when_the_bill_is_there(world, client):
    code = new_code()
    bring_in(
        world,
        make_account(),
        row(3_000_000, f"NOP PHI {code}", "FT1"),
        row(3_000_000, "cong ty phuc hoa nop phi xe 11C-123.45", "FT2"),
    )
    assert not Payment.objects.exists()
    by_code, by_plate = StatementLine.objects.order_by("pk")
    assert (by_code.code, by_code.payment) == (code, None)
    client.force_login(world.officer("fee_centre"))
    assert "chưa thấy thông báo phí phù hợp" in client.get("/fees/?tab=unknown").content.decode()
    with pytest.raises(Refusal) as refused:
        paying.receive_transfer(text=code, amount=3_000_000, method="bank", reference="FT9", key="k")
    assert refused.value.code == "unknown_code"
    ready(world)
    bill = Bill.objects.get()
    assert Bill.objects.with_sums().get().outstanding == 3_000_000
    html = client.get("/fees/?tab=unknown").content.decode()
    assert "trùng biển kiểm soát, tên người nộp, số tiền" in html
    client.post(f"/fees/lines/{by_plate.pk}/settle/", {"how": "assign", "bill": bill.code})
    assert Bill.objects.with_sums().get().outstanding == 0
    assert desking.confirm_by_itself() == 1
    # The other one, of the same sum, is for a settled bill: its payer's credit.
    matching.assign_line(line=by_code, bill=bill, actor=world.officer("fee_centre"))
    assert sorted(Payment.objects.with_credit().values_list("credit", flat=True)) == [0, 3_000_000]
    assert Confirmation.objects.filter(of="fee_confirmed", state="confirmed").count() == 1
    all_ties()


def test_a_gateway_that_tells_of_an_order_not_made_yet_is_told_so_and_nothing_is_booked(world, gateway):
    ready(world)
    order = ordering.open_order(bills=[Bill.objects.get()], provider="vnpay", actor=None)
    sent(order, gateway)
    early = gateway.notice(order.code, vnp_TxnRef=new_code())
    assert ordering.take_vnpay_notice(dict(parse_qsl(early)))[0] == "01"
    assert not Payment.objects.exists()
    assert order.notices.count() == 0


def test_money_after_the_bill_was_withdrawn_is_the_payers_credit_and_confirms_nobody(world, gateway, client):
    account = make_account()
    trip, bill = turned_back(world)
    orders = [ordering.open_order(bills=[bill], provider=way, actor=None) for way in ("vnpay", "transfer")]
    sent(orders[0], gateway)
    officer = world.officer("fee_centre")
    waive(trip=trip, actor=officer, reason="quay về")
    notice = dict(parse_qsl(gateway.notice(orders[0].code)))
    assert [ordering.take_vnpay_notice(notice)[0] for _twice in range(2)] == ["00", "02"]
    file = bring_in(
        world, account, row(3_000_000, bill.code, "FT1"), row(3_000_000, f"NOP PHI {orders[1].code}", "FT2")
    )
    assert file.matched == 2
    assert Bill.objects.with_sums().values_list("due", "allocated", "outstanding").get() == (0, 0, 0)
    assert [payment.credit for payment in Payment.objects.with_credit()] == [3_000_000] * 3
    assert set(Payment.objects.values_list("payer", flat=True)) == {bill.payer_id}
    assert not LedgerEntry.objects.filter(kind="allocated").exists()
    assert desking.confirm_by_itself() == 0
    assert confirm_bill(bill=bill, actor=officer, key="k") == []
    assert not Confirmation.objects.filter(of="fee_confirmed", state="confirmed").exists()
    assert not Receipt.objects.exists()
    client.force_login(officer)
    desk = client.get("/fees/?tab=over")
    assert desk.context["counts"]["over"] == 3
    assert desk.context["counts"]["paid"] == desk.context["counts"]["stranded"] == 0
    assert "Thông báo phí đã rút" in client.get(f"/fees/bills/{bill.code}/").content.decode()
    with pytest.raises(Refusal) as refused:
        ordering.open_order(bills=[bill], provider="vnpay", actor=None)
    assert refused.value.code == "already_settled"
    # The next truck of the payer is not held: what is left may pay for it.
    ready(world, "11C22222")
    following = Bill.objects.exclude(pk=bill.pk).get()
    assert paying.use_credit(bill=following, actor=world.trader) == 3_000_000
    assert desking.confirm_by_itself() == 1
    assert PaymentOrder.objects.count() == 2
    all_ties()
