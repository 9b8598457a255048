"""Assessments, bills, payments and what the door asks of them."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from checkpoints.door import perform
from checkpoints.facts import verify
from checkpoints.models import Confirmation, Fact
from checkpoints.refusals import Refusal
from declarations.models import Load, Trip
from fees.models import Assessment, AssessmentLine, Bill, LedgerEntry, Payment
from fees.services import assessing, confirming, paying, refunding
from tests.fees.tariffs import in_force, without_prices
from tests.fees.trucks import pay, ready
from tests.world import World, fresh, goods, make_officer, make_trader, vehicle

pytestmark = pytest.mark.django_db


def sums(bill: Bill) -> tuple[int, int, int]:
    bill = Bill.objects.with_sums().get(pk=bill.pk)
    return bill.due, bill.allocated, bill.outstanding


def confirm(world: World, trip: Trip, **changes):
    return world.confirm(trip, "fee_centre", "fee_confirmed", **changes)


def correct_weight(trip: Trip, weight: int) -> Assessment:
    """An officer found another weight, and the truck is assessed again."""
    Load.objects.filter(trip=trip).update(weight=weight)
    return assessing.assess(trip=fresh(trip), actor=None)


def test_a_truck_is_assessed_when_its_yard_stage_is_complete(world):
    trip = ready(world)
    assessment = Assessment.objects.get()
    assert (assessment.outcome, assessment.total, assessment.version) == ("due", 3_000_000, 1)
    assert (assessment.regime, assessment.goods_group, assessment.vehicle_type) == ("ordinary", "general", "other")
    line = AssessmentLine.objects.get()
    assert (line.quantity_words, line.unit, line.price, line.amount) == ("30", "tonne", 100_000, 3_000_000)
    yard = Confirmation.objects.filter(stage__trip=trip, stage__moment="yard", state="confirmed")
    assert assessment.facts == list(yard.order_by("position").values_list("fact_id", flat=True))
    bill = Bill.objects.get()
    assert (bill.declaration, bill.payer) == (trip.declaration, trip.declaration.organisation)
    assert sums(bill) == (3_000_000, 0, 3_000_000)
    told = Fact.objects.get(move="ready_to_pay")
    of = {"bill": bill.pk, "code": bill.code, "collector": "fee_centre", "amount": 3_000_000}
    assert (told.trip, told.data) == (trip, of)
    assert len(list(verify())) == Fact.objects.count()


def test_assessing_again_changes_nothing(world):
    trip = ready(world)
    before = LedgerEntry.objects.count()
    assert assessing.assess(trip=fresh(trip), actor=None).version == 1
    assert (Assessment.objects.count(), LedgerEntry.objects.count()) == (1, before)


def test_only_what_is_settled_to_the_dong_is_confirmed(world):
    trip = ready(world)
    bill = Bill.objects.get()
    for amount, rest in ((1_000_000, "2.000.000"), (1_999_999, "1")):
        pay(bill, amount)
        with pytest.raises(Refusal) as refused:
            confirm(world, trip)
        assert refused.value.code == "fee_unsettled"
        assert f"còn thiếu {rest}\u00a0₫" in refused.value.message
    pay(bill, 1)
    confirm(world, trip)
    assert not world.waiting(trip)


def test_a_surplus_holds_nobody_up_and_stays_the_payers(world):
    trip = ready(world)
    pay(Bill.objects.get(), 3_000_500)
    assert sums(Bill.objects.get()) == (3_000_000, 3_000_000, 0)
    assert Payment.objects.with_credit().get().credit == 500
    confirm(world, trip)


def test_the_trucks_that_are_ready_share_a_bill_until_money_comes(world):
    declaration = world.submit("export", [vehicle(f"11C1000{n}") for n in range(3)])
    one, two, three = declaration.trips.all()
    ready(world, trip=one)
    ready(world, trip=two)
    bill = Bill.objects.get()
    assert sums(bill) == (2_000_000, 0, 2_000_000)
    pay(bill, 2_000_000)
    ready(world, trip=three)
    late = Bill.objects.exclude(pk=bill.pk).get()
    assert sums(late) == (1_000_000, 0, 1_000_000)
    officer = world.officer("fee_centre")
    outcomes = confirming.confirm_bill(bill=bill, actor=officer, key=str(uuid4()))
    assert [(outcome.trip, outcome.refusal) for outcome in outcomes] == [(one, None), (two, None)]
    outcomes = confirming.confirm_bill(bill=late, actor=officer, key=str(uuid4()))
    assert [outcome.refusal.code for outcome in outcomes] == ["fee_unsettled"]


def test_who_paid_for_the_first_truck_is_not_held_up_by_the_second(world):
    declaration = world.submit("export", [vehicle(f"11C1000{n}") for n in range(2)])
    one, two = declaration.trips.all()
    ready(world, trip=one)
    bill = Bill.objects.get()
    seen = sums(bill)[0]
    ready(world, trip=two)
    pay(bill, seen)
    late = Bill.objects.exclude(pk=bill.pk).get()
    assert (sums(bill), sums(late)) == ((1_500_000, 1_500_000, 0), (1_500_000, 0, 1_500_000))
    confirm(world, one)
    with pytest.raises(Refusal):
        confirm(world, two)


def test_an_emptied_truck_owes_nothing_and_its_goods_truck_owes_all(world):
    source = world.submit("import", [vehicle("桂F12345")], [goods("Linh kiện", hs_code="85423900")]).trips.get()
    target = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(source, "B1")
    world.enter(target, "B2")
    perform("register_transshipment", target, actor=world.trader, key=None, source=source)
    world.confirm(target, "customs", "transshipment")
    assessment = Assessment.objects.get(trip=source)
    assert (assessment.outcome, assessment.total) == ("no_goods", 0)
    slot = Confirmation.objects.get(stage__trip=source, of="fee_confirmed")
    assert (slot.state, Bill.objects.count()) == ("not_required", 0)
    world.confirm_all(fresh(target))
    assert Assessment.objects.get(trip=target).total == 3_000_000
    assert Bill.objects.get().declaration == target.declaration


def test_a_price_of_nothing_closes_the_step_by_itself(world):
    in_force({"regime": "ordinary", "price": 0})
    trip = ready(world)
    assert Assessment.objects.get().outcome == "free"
    slot = Confirmation.objects.get(stage__trip=trip, of="fee_confirmed")
    assert slot.state == "not_required"
    assert slot.stage.completed_at


def test_without_a_tariff_nobody_leaves_free(world):
    without_prices()
    trip = ready(world)
    with pytest.raises(Refusal) as refused:
        confirm(world, trip)
    assert refused.value.code == "no_tariff"
    assert not world.see(trip, "B1", "out").repeated
    assert [slot.of for slot in world.waiting(trip)] == ["fee_confirmed"]
    with pytest.raises(Refusal) as refused:
        assessing.reassess(trip=trip, actor=world.officer("customs"))
    assert refused.value.code == "not_yours"
    in_force()
    assert assessing.reassess(trip=trip, actor=world.officer("fee_centre")).version == 2
    world.pay(trip)
    confirm(world, trip)
    with pytest.raises(Refusal) as refused:
        assessing.reassess(trip=trip, actor=world.officer("fee_centre"))
    assert refused.value.code == "not_waiting"


def test_a_price_of_nothing_entered_late_closes_the_step_too(world):
    without_prices()
    trip = ready(world)
    in_force({"regime": "ordinary", "price": 0})
    assert assessing.reassess(trip=trip, actor=world.officer("fee_centre")).outcome == "free"
    assert world.waiting(trip) == []
    world.leave(trip, "B1")
    assert fresh(trip).state == "left"


def test_a_correction_makes_a_new_version_and_the_difference_is_due(world):
    trip = ready(world)
    bill = Bill.objects.get()
    assert correct_weight(trip, 40_000).version == 2
    assert sums(bill) == (4_000_000, 0, 4_000_000)
    pay(bill, 4_000_000)
    correct_weight(trip, 45_000)
    late = Bill.objects.exclude(pk=bill.pk).get()
    assert sums(late) == (500_000, 0, 500_000)
    with pytest.raises(Refusal):
        confirm(world, trip)
    correct_weight(trip, 20_000)
    assert (sums(bill), sums(late)) == ((2_000_000, 2_000_000, 0), (0, 0, 0))
    assert Payment.objects.with_credit().get().credit == 2_000_000
    confirm(world, trip)


def test_the_credit_pays_a_later_bill_once(world):
    pay_for = ready(world, "11C00001")
    pay(Bill.objects.get(), 4_000_000)
    ready(world, "11C00002")
    later = Bill.objects.exclude(declaration=pay_for.declaration).get()
    with pytest.raises(Refusal):
        paying.use_credit(bill=later, actor=make_trader("Công ty khác"))
    assert paying.use_credit(bill=later, actor=world.trader) == 1_000_000
    assert paying.use_credit(bill=later, actor=world.trader) == 0
    assert sums(later) == (3_000_000, 1_000_000, 2_000_000)


@pytest.mark.parametrize("amount", [0, -1, 0.5, "1000", True, None, paying.MOST + 1])
def test_only_whole_dong_above_zero_are_money(world, amount):
    ready(world)
    with pytest.raises(Refusal) as refused:
        pay(Bill.objects.get(), amount)
    assert refused.value.code == "wrong_amount"


def test_the_same_key_is_one_payment_and_never_two_different(world):
    ready(world)
    bill = Bill.objects.get()
    how = {"bill": bill, "amount": 1_000, "method": "bank", "actor": None, "key": "a"}
    assert not paying.record_payment(**how).repeated
    again = paying.record_payment(**how)
    assert (again.repeated, again.payment) == (True, Payment.objects.get())
    for change in ({"amount": 2_000}, {"method": "counter"}):
        with pytest.raises(Refusal) as refused:
            paying.record_payment(**how | change)
        assert refused.value.code == "key_reused"
    assert sums(bill) == (3_000_000, 1_000, 2_999_000)


def test_a_person_records_only_where_they_collect(world):
    ready(world)
    bill = Bill.objects.get()
    for stranger in (world.trader, world.officer("customs"), make_officer("zone_authority", None)):
        with pytest.raises(Refusal) as refused:
            paying.record_payment(bill=bill, amount=1, method="counter", actor=stranger, key="k")
        assert refused.value.code == "not_yours"


def test_a_transfer_finds_its_bill_by_the_code_in_its_text(world):
    ready(world)
    bill = Bill.objects.get()
    text = f"MBVCB.1234.{bill.code[:6].lower()} {bill.code[6:]}.CT tu 0123"
    how = {"amount": 3_000_000, "method": "bank", "reference": "FT1"}
    paying.receive_transfer(text=text, key="a", **how)
    assert sums(bill)[2] == 0
    with pytest.raises(Refusal) as refused:
        paying.receive_transfer(text="nop phi xe 11C12345", key="b", **how)
    assert refused.value.code == "unknown_code"


def test_no_more_is_given_back_than_is_left(world):
    ready(world)
    pay(Bill.objects.get(), 3_000_100)
    payment, officer = Payment.objects.get(), world.officer("fee_centre")
    for actor, amount, code in ((officer, 101, "more_than_credit"), (world.trader, 1, "not_yours")):
        with pytest.raises(Refusal) as refused:
            refunding.refund(payment=payment, amount=amount, actor=actor, key="r")
        assert refused.value.code == code
    for _twice in range(2):
        refunding.refund(payment=payment, amount=60, actor=officer, key="r")
    assert Payment.objects.with_credit().get().credit == 40


@pytest.mark.parametrize("model", [LedgerEntry, Payment, Assessment, AssessmentLine])
def test_what_is_written_down_stays(world, model):
    ready(world)
    pay(Bill.objects.get(), 1)
    table = model._meta.db_table
    for sql in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
