"""A vehicle recorded under another's trip: its sightings go to its own, and the other is expected again."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from checkpoints.door import perform
from checkpoints.facts import verify
from checkpoints.models import Fact, Passage, Transshipment, TripStage
from checkpoints.overstays import deadline
from checkpoints.refusals import Refusal
from checkpoints.tasks import expire
from declarations.models import Declaration, Trip
from fees.models import Bill, Payment
from gates.models import Zone
from tests.world import World, fresh, make_gate, make_officer, make_trader, vehicle

pytestmark = pytest.mark.django_db

REASON = "Camera đọc nhầm 8 thành 3"


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


def test_the_trip_that_waits_again_has_time_to_come_and_its_place_in_the_yard_is_the_others(world, recorded, own):
    world.enter(recorded, "B2")
    yard = world.gate.yards.get()
    zone = Zone.objects.create(yard=yard, code="a-1", name="Khu A1", kind="dry", capacity=20)
    Trip.objects.filter(pk=recorded.pk).update(zone=zone)
    expected = timezone.now() - timedelta(hours=100)
    Declaration.objects.filter(pk=recorded.declaration_id).update(expected_at=expected)

    reassign(world, recorded, own)

    assert expire() == 0
    assert fresh(recorded.declaration).expires_at > timezone.now() + timedelta(hours=71)
    assert (fresh(recorded).zone, fresh(own).zone) == (None, zone)
    assert Fact.objects.filter(move="await_again", declaration=recorded.declaration, trip=None).count() == 1


def test_two_vehicles_recorded_under_each_others_trips_exchange_what_was_seen(world, recorded, own):
    zone = Zone.objects.create(yard=world.gate.yards.get(), code="a-1", name="Khu A1", kind="dry", capacity=20)
    world.enter(recorded, "B2")
    world.confirm_all(recorded)
    perform("place_in_zone", recorded, actor=world.officer("yard_operator"), key=None, zone=zone)
    world.see(own, "B2", "in")
    seen = {trip: set(Passage.objects.filter(trip=trip).values_list("pk", flat=True)) for trip in (recorded, own)}
    assert refused(world, recorded, own) == "already_seen"

    given = {"actor": world.officer("border_guard"), "reason": "Hai xe đọc nhầm biển của nhau"}
    perform("reassign", recorded, key=None, to=own, exchanges=True, **given)

    assert {moment for trip in (recorded, own) for moment in moments(trip)} == {"declare", "enter"}
    assert set(Passage.objects.filter(trip=own).values_list("pk", flat=True)) == seen[recorded]
    assert set(Passage.objects.filter(trip=recorded).values_list("pk", flat=True)) == seen[own]
    assert (fresh(recorded).zone, fresh(own).zone) == (None, zone)
    for trip in (own, recorded):
        world.confirm_all(trip)
        world.open(trip)
        world.confirm_all(trip)
        world.confirm_all(trip)
        world.leave(trip, "B1")
    assert {fresh(recorded).state, fresh(own).state} == {"left"}
    assert len(list(verify())) == Fact.objects.count()


def test_nothing_is_exchanged_with_a_trip_that_was_not_seen_or_of_which_something_is_held(world, recorded, own):
    guard = world.officer("border_guard")
    given = {"actor": guard, "key": None, "reason": REASON, "to": own, "exchanges": True}
    world.enter(recorded, "B2")
    with pytest.raises(Refusal, match="chưa được ghi nhận"):
        perform("reassign", recorded, **given)
    world.enter(own, "B2")
    perform("report_breakdown", own, actor=guard, key=None, reason="nổ lốp")
    with pytest.raises(Refusal, match="báo hỏng"):
        perform("reassign", recorded, **given)
    perform("report_repaired", own, actor=guard, key=None)
    perform("reassign", recorded, **given)
    assert (fresh(recorded).state, fresh(own).state) == ("expected", "expected")


def test_what_was_said_of_its_stay_was_said_of_the_other_vehicle(world):
    recorded = world.submit("collect_export", [vehicle("桂F12345")]).trips.get()
    own = world.submit("collect_export", [vehicle("桂L00002")]).trips.get()
    guard = world.officer("border_guard")

    def is_told_and_noted(trip) -> bool:
        TripStage.objects.filter(trip=trip, moment="enter").update(
            barrier_opened_at=timezone.now() - timedelta(hours=40)
        )
        perform("overstay", trip, actor=None, key=None)
        perform("note_overstay", trip, actor=guard, key=None, reason="BB-07/2026")
        found = deadline(fresh(trip))
        return found.told and found.noted

    world.enter(recorded, "B1")
    assert is_told_and_noted(recorded)
    reassign(world, recorded, own)
    world.enter(recorded, "B1")
    assert not deadline(fresh(recorded)).told
    assert is_told_and_noted(recorded)


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
