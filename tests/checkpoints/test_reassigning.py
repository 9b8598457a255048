"""A vehicle recorded under another's trip: its sightings go to its own, and the other is expected again."""

from uuid import uuid4

import pytest

from checkpoints.door import perform
from checkpoints.facts import verify
from checkpoints.models import Fact, Passage, Transshipment
from checkpoints.refusals import Refusal
from fees.models import Bill, Payment
from tests.world import World, fresh, make_gate, make_officer, make_trader, vehicle

pytestmark = pytest.mark.django_db

REASON = "Camera đọc nhầm 8 thành 3"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def recorded(world):
    """The trip under which the vehicle was recorded."""
    return world.submit("export", [vehicle("11C12343")]).trips.get()


@pytest.fixture
def own(world):
    """The trip of the vehicle that really came, of another firm."""
    return world.submit("export", [vehicle("11C12348")], trader=make_trader("Công ty khác")).trips.get()


def reassign(world, trip, to, by: str = "border_guard", reason: str = REASON):
    return perform("reassign", trip, actor=world.officer(by), key=str(uuid4()), to=to, reason=reason)


def refused(world, trip, to, **given) -> str:
    with pytest.raises(Refusal) as refusal:
        reassign(world, trip, to, **given)
    return refusal.value.code


def moments(trip) -> list[str]:
    return list(trip.stages.values_list("moment", flat=True))


def test_a_plate_misread_at_entry_and_discovered_at_the_exit(world, recorded, own):
    world.enter(recorded, "B2")
    world.confirm_all(recorded)
    world.confirm_all(recorded)
    world.see(recorded, "B1", "out", plate="11C12348")
    assert moments(recorded)[-1] == "leave"
    bills = list(Bill.objects.values_list("code", flat=True))

    reassign(world, recorded, own)

    assert (fresh(recorded).state, fresh(recorded.declaration).state) == ("expected", "submitted")
    assert moments(recorded) == ["declare"]
    assert set(Passage.objects.values_list("trip", flat=True)) == {own.pk}
    assert moments(own) == ["declare", "enter"]
    assert {slot.agency for slot in world.waiting(own)} == {"border_guard", "customs"}
    world.confirm_all(own)
    world.open(own)
    world.confirm_all(own)
    world.confirm_all(own)
    assert moments(own)[-1] == "leave", "it was seen at the exit already"
    world.confirm_all(own)
    world.open(own)
    assert fresh(own).state == "left"

    world.enter(recorded, "B2")
    world.confirm_all(recorded)
    world.confirm_all(recorded)
    world.leave(recorded, "B1")
    assert fresh(recorded).state == "left"
    assert len(Bill.objects.exclude(code__in=bills)) == 1, "what was paid for the first is not asked again"
    assert Payment.objects.count() == 2
    assert len(list(verify())) == Fact.objects.count()


def test_both_histories_tell_of_it_with_the_reason(world, recorded, own):
    world.enter(recorded, "B2")
    fact = reassign(world, recorded, own).fact
    assert (fact.trip, fact.data["to"], fact.reason) == (recorded, own.pk, REASON)
    assert len(fact.data["taken_back"]) == 2
    other = Fact.objects.get(trip=own, move="reassign")
    assert (other.data["from"], other.data["passages"]) == (recorded.pk, fact.data["passages"])


def test_at_the_first_barrier_the_right_vehicle_stands_there_instead(world, recorded, own):
    world.see(recorded, "B2", "in")
    world.confirm(recorded, "customs", "vehicle_and_goods")
    reassign(world, recorded, own)
    assert fresh(recorded).state == "expected"
    world.confirm_all(own)
    world.open(own)
    assert fresh(own).state == "under_way"


def test_one_vehicle_that_entered_under_the_wrong_of_its_two_declarations(world, recorded):
    again = world.submit("export", [vehicle("11C12343")]).trips.get()
    world.enter(recorded, "B2")
    reassign(world, recorded, again)
    world.confirm_all(again)
    world.open(again)
    assert (fresh(recorded).state, fresh(again).state) == ("expected", "under_way")


def test_only_the_border_guard_of_the_gate_and_with_a_reason(world, recorded, own):
    world.enter(recorded, "B2")
    assert refused(world, recorded, own, by="customs") == "not_yours"
    assert refused(world, recorded, own, reason="") == "reason_missing"
    abroad = make_officer("border_guard", make_gate("tra-linh", "Trà Lĩnh"))
    with pytest.raises(Refusal) as refusal:
        perform("reassign", recorded, actor=abroad, key=None, to=own, reason=REASON)
    assert refusal.value.code == "not_yours"


def test_a_trip_that_left_or_whose_own_vehicle_was_seen_is_not_touched(world, recorded, own):
    assert refused(world, recorded, own) == "not_seen"
    assert refused(world, recorded, recorded) == "not_seen"
    world.enter(recorded, "B2")
    assert refused(world, recorded, recorded) == "wrong_trip"
    world.see(own, "B2", "in")
    assert refused(world, recorded, own) == "already_seen"
    world.confirm_all(recorded)
    world.confirm_all(recorded)
    world.leave(recorded, "B1")
    assert refused(world, recorded, own) == "trip_ended"


def test_the_other_trip_is_of_the_same_gate_and_comes_the_same_way(world, recorded):
    world.enter(recorded, "B2")
    importing = world.submit("import", [vehicle("桂F12345")]).trips.get()
    assert refused(world, recorded, importing) == "other_journey"
    elsewhere = World(gate=make_gate("tra-linh", "Trà Lĩnh"), trader=world.trader)
    there = elsewhere.submit("export", [vehicle("11C77777")]).trips.get()
    assert refused(world, recorded, there) == "wrong_trip"


def test_goods_that_went_over_a_seizure_and_an_open_correction_end_first(world, recorded, own):
    world.enter(recorded, "B2")
    guard = world.officer("border_guard")
    seizure = {"case": "1", "takes": "vehicle", "reason": "kiểm tra"}
    perform("seize", recorded, actor=guard, key=None, **seizure)
    assert refused(world, recorded, own) == "held"
    perform("release", recorded, actor=guard, key=None, reason="xong")
    perform("ask_correction", own, actor=guard, key=None, fields=["plate"], reason="biển sai")
    assert refused(world, recorded, own) == "being_corrected"
    perform("withdraw_correction", own, actor=guard, key=None)
    receiver = world.submit("collect_export", [vehicle("桂F12345")]).trips.get()
    world.enter(receiver, "B1")
    perform("register_transshipment", receiver, actor=world.trader, key=None, source=recorded)
    assert Transshipment.objects.count() == 1
    assert refused(world, recorded, own) == "goods_registered"


def test_a_vehicle_that_is_inside_on_another_trip_is_not_let_in_twice(world, recorded, own):
    world.enter(own, "B2")
    twin = world.submit("export", [vehicle("11C12348")]).trips.get()
    world.enter(recorded, "B2")
    assert refused(world, recorded, twin) == "vehicle_under_way"
