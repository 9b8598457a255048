"""Trucks that end on the way with a fee: the desk names them, a person decides, the money stays the payer's."""

import pytest

from checkpoints.door import perform
from checkpoints.facts import verify
from checkpoints.models import Confirmation, Fact
from checkpoints.refusals import Refusal
from declarations.models import Trip
from declarations.states import TripState
from fees.models import Assessment, Bill, Payment, Receipt, ReceiptSeries
from fees.selectors import bills as selectors
from fees.services import receipting
from fees.services.waiving import waive
from tests.fees.test_stories import the_report_ties
from tests.fees.trucks import pay, ready
from tests.world import World, fresh, make_gate, make_officer, vehicle

pytestmark = pytest.mark.django_db


def turned_back(world: World, plate: str = "11C12345", *, paid: bool = False) -> tuple[Trip, Bill]:
    trip = ready(world, plate, pay=paid)
    bill = Bill.objects.get(entries__assessment__trip=trip)
    perform("turn_back", trip, actor=world.officer("border_guard"), key=None, reason="giấy tờ không hợp lệ")
    return fresh(trip), bill


def test_the_desk_shows_who_turned_back_and_one_click_with_a_reason_asks_nothing_more(world, client):
    trip, bill = turned_back(world)
    client.force_login(world.officer("fee_centre"))
    assert bill.code not in client.get("/fees/").content.decode()
    desk = client.get("/fees/?tab=stranded")
    assert desk.context["counts"]["stranded"] == 1
    assert f"/fees/bills/{bill.code}/#stranded" in desk.content.decode()
    assert "Không thu phí của xe này" in client.get(f"/fees/bills/{bill.code}/").content.decode()
    address = f"/fees/bills/{bill.code}/waive/{trip.pk}/"
    said = [str(message) for message in client.post(address, {"reason": " "}, follow=True).context["messages"]]
    assert said == ["Hãy ghi lý do."]
    for _twice in range(2):
        client.post(address, {"reason": "Biên phòng cho quay về"})
    assert client.get("/fees/?tab=stranded").context["counts"]["stranded"] == 0
    assert "Thông báo phí đã rút" in client.get(f"/fees/bills/{bill.code}/").content.decode()
    assert Bill.objects.with_sums().get().due == 0
    assert list(Assessment.objects.values_list("version", "outcome", "total")) == [
        (1, "due", 3_000_000),
        (2, "ended", 0),
    ]
    assert Fact.objects.get(move="fee_waived").reason == "Biên phòng cho quay về"
    assert len(list(verify())) == Fact.objects.count()
    the_report_ties()


def test_what_was_paid_becomes_the_payers_credit(world, client):
    trip, bill = turned_back(world, paid=True)
    centre = world.officer("fee_centre")
    client.force_login(centre)
    assert bill.code in client.get("/fees/?tab=stranded").content.decode()
    waive(trip=trip, actor=centre, reason="xe bị tạm giữ")
    assert Payment.objects.with_credit().get().credit == 3_000_000
    assert "3.000.000" in client.get("/fees/?tab=over").content.decode()
    the_report_ties()


def test_a_sister_on_her_way_still_pays_her_own(world):
    declaration = world.submit("export", [vehicle(f"11C1000{number}") for number in range(2)])
    one, two = declaration.trips.all()
    for trip in (one, two):
        ready(world, trip=trip)
    perform("turn_back", one, actor=world.officer("border_guard"), key=None, reason="giấy tờ không hợp lệ")
    waive(trip=one, actor=world.officer("fee_centre"), reason="quay về")
    assert Bill.objects.with_sums().get().due == 1_500_000
    pay(Bill.objects.get(), 1_500_000)
    world.confirm(fresh(two), "fee_centre", "fee_confirmed")


def test_the_fee_may_be_kept_by_its_receipt(world, client):
    ReceiptSeries.objects.create(template="01BLP0-001", sign="CB-26T")
    _trip, bill = turned_back(world, paid=True)
    client.force_login(world.officer("fee_centre"))
    client.post(f"/fees/bills/{bill.code}/receipt/")
    assert Receipt.objects.get().amount == 3_000_000
    assert client.get("/fees/").context["counts"]["stranded"] == 0


def test_a_sisters_confirmation_decides_nothing_of_who_turned_back(world, client):
    ReceiptSeries.objects.create(template="01BLP0-001", sign="CB-26T")
    declaration = world.submit("export", [vehicle(f"11C1000{number}") for number in range(2)])
    one, two = declaration.trips.all()
    for trip in (one, two):
        ready(world, trip=trip)
    bill = Bill.objects.get()
    pay(bill, 3_000_000)
    perform("turn_back", one, actor=world.officer("border_guard"), key=None, reason="giấy tờ không hợp lệ")
    client.force_login(world.officer("fee_centre"))
    client.post(f"/fees/bills/{bill.code}/confirm/", {"key": "k"})
    states = Confirmation.objects.filter(of="fee_confirmed").order_by("stage__trip")
    assert list(states.values_list("state", flat=True)) == ["waiting", "confirmed"]
    assert (receipting.issue_missing(), Receipt.objects.count()) == (0, 0)
    assert client.get("/fees/").context["counts"]["stranded"] == 1
    client.post(f"/fees/bills/{bill.code}/receipt/")
    assert Receipt.objects.get().amount == 3_000_000
    assert client.get("/fees/").context["counts"]["stranded"] == 0


def test_a_bill_is_stranded_whatever_became_of_its_confirmation(world, client):
    """Its passages were another vehicle's: its stages are gone, and it never comes."""
    trip = ready(world)
    bill = Bill.objects.get()
    other = world.submit("export", [vehicle("11C22222")]).trips.get()
    guard = world.officer("border_guard")
    perform("reassign", trip, actor=guard, key=None, to=other, reason="nhầm xe")
    Trip.objects.filter(pk=trip.pk).update(state=TripState.WITHDRAWN)
    client.force_login(world.officer("fee_centre"))
    counts = client.get("/fees/").context["counts"]
    carried = selectors.put_trucks_on([bill])[0].trucks
    assert (counts["stranded"], [truck.is_stranded for truck in carried]) == (len(carried), [True] * len(carried))
    assert counts["stranded"] == 1


def test_who_and_what_is_refused(world):
    trip, _bill = turned_back(world)
    stranger = make_officer("fee_centre", make_gate("tra-linh", "Trà Lĩnh"))
    for who in (world.trader, world.officer("customs"), stranger):
        with pytest.raises(Refusal) as refused:
            waive(trip=trip, actor=who, reason="vì sao")
        assert refused.value.code == "not_yours"
    moving = ready(world, "11C22222", pay=True)
    with pytest.raises(Refusal) as refused:
        waive(trip=moving, actor=world.officer("fee_centre"), reason="vì sao")
    assert refused.value.code == "not_stranded"
    world.confirm(moving, "fee_centre", "fee_confirmed")
    perform("turn_back", fresh(moving), actor=world.officer("border_guard"), key=None, reason="hỏng xe")
    with pytest.raises(Refusal) as refused:
        waive(trip=moving, actor=world.officer("fee_centre"), reason="vì sao")
    assert refused.value.code == "fee_confirmed"


def test_a_receipt_goes_with_its_fee(world):
    ReceiptSeries.objects.create(template="01BLP0-001", sign="CB-26T")
    trip, bill = turned_back(world, paid=True)
    centre = world.officer("fee_centre")
    receipting.issue_receipt(bill=bill, actor=centre)
    waive(trip=trip, actor=centre, reason="xe bị thu giữ")
    assert list(Receipt.objects.order_by("number").values_list("amount", flat=True)) == [3_000_000, -3_000_000]
    assert receipting.issue_missing() == 0


def test_a_seized_truck_waits_at_the_desk_and_once_handed_over_may_be_waived(world, client):
    trip = ready(world)
    seizure = {"case": "12/VPHC-2026", "takes": "both", "reason": "Hàng không có chứng từ"}
    perform("seize", trip, actor=world.officer("customs"), key=None, **seizure)
    client.force_login(world.officer("fee_centre"))
    assert client.get("/fees/").context["counts"]["ready_to_pay"] == 1
    perform("hand_over", fresh(trip), actor=world.officer("customs"), key=None, reason="Quyết định tịch thu 7/QĐ")
    counts = client.get("/fees/").context["counts"]
    assert (fresh(trip).state, counts["ready_to_pay"], counts["stranded"]) == ("removed", 0, 1)
    waive(trip=trip, actor=world.officer("fee_centre"), reason="xe bị tịch thu")
    assert client.get("/fees/").context["counts"]["stranded"] == 0
    the_report_ties()
