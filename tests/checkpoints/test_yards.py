"""What stands and lies in the yards: zones, stays and their clock, the day, who is to come."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from checkpoints.door import perform
from checkpoints.models import Passage, TripStage
from checkpoints.refusals import Refusal
from checkpoints.selectors import inside, lanes_of
from checkpoints.views.figures import gates_now, midnight
from checkpoints.yards import crowding, day_of, plan_of, stays, zones_now
from declarations.models import Declaration
from gates.models import Yard, Zone
from tests.world import World, fresh, goods, make_gate, make_officer, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def zone(yard) -> Zone:
    return Zone.objects.create(yard=yard, code="kho-1", name="Kho 1", kind="store", capacity=2)


def entered(world: World, plate: str = "11C12345"):
    trip = world.submit(vehicles=[vehicle(plate)]).trips.get()
    world.enter(trip, "B2")
    return trip


def present(world: World):
    return inside([world.gate], lanes_of([world.gate]))


def place(world: World, trip, zone, agency: str = "yard_operator"):
    return perform("place_in_zone", trip, actor=world.officer(agency), key=None, zone=zone)


def code_of(act) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


# Zones


def test_a_zone_counts_the_vehicles_that_stand_there_and_the_loads_put_there(world, zone):
    trip = entered(world)
    place(world, trip, zone)
    lines = [goods(quantity=9, weight=10), goods("Chè", quantity=2, weight=5)]
    other = world.submit("import", [vehicle("桂F12345")], lines).trips.get()
    world.enter(other, "B1")
    perform("register_storage", other, actor=world.trader, key=None, yard=zone.yard, zone=zone)
    world.confirm(other, "customs", "storage_or_unloading")

    [now] = zones_now([zone])
    assert (now.trucks, now.loads, now.free, now.is_full, now.tone) == (1, 1, 0, True, "bad")
    assert crowding(zone) == "Kho 1 đã đầy: 2/2 xe."
    world.see(trip, "yard", "out")
    assert zones_now([zone])[0].count == 1, "driven out, it stands there no more"
    assert crowding(zone) == ""


def test_a_full_zone_keeps_nobody_out(world, zone):
    for number in range(3):
        place(world, entered(world, f"11C1000{number}"), zone)
    assert zones_now([zone])[0].count == 3


def test_a_zone_out_of_use_is_shown_until_it_is_empty(world, zone):
    trip = entered(world)
    place(world, trip, zone)
    Zone.objects.update(in_use=False)
    zone.refresh_from_db()
    assert [now.count for now in zones_now([zone])] == [1]
    assert code_of(lambda: place(world, trip, zone)) == "zone_not_here"
    world.see(trip, "yard", "out")
    assert zones_now([zone]) == []


def test_who_may_say_where_a_truck_stands(world, zone):
    trip = entered(world)
    place(world, trip, zone, "customs")
    abroad = make_gate("tra-linh", "Trà Lĩnh")
    stranger = make_officer("yard_operator", abroad)
    given = {"key": None, "zone": zone}
    assert code_of(lambda: perform("place_in_zone", trip, actor=stranger, **given)) == "not_yours"
    assert code_of(lambda: perform("place_in_zone", trip, actor=world.trader, **given)) == "not_yours"
    there = Zone.objects.create(yard=abroad.yards.get(), code="1", name="Khu 1", capacity=1)
    assert code_of(lambda: perform("place_in_zone", trip, actor=stranger, key=None, zone=there)) == "zone_not_here"


def test_a_truck_that_has_not_come_in_or_has_left_stands_in_no_zone(world, zone):
    coming = world.submit(vehicles=[vehicle("11C10009")]).trips.get()
    assert code_of(lambda: place(world, coming, zone)) == "not_in_yard"
    trip = entered(world)
    world.confirm_all(trip)
    world.confirm_all(trip)
    world.see(trip, "B1", "out")
    assert code_of(lambda: place(world, trip, zone)) == "not_in_yard"
    world.confirm_all(trip)
    world.open(trip)
    assert code_of(lambda: place(world, trip, zone)) == "trip_ended"


# Where a truck stands that no camera of a yard saw


def standing(world, trip):
    return next(truck.standing for truck in present(world) if truck.trip == trip)


def test_a_truck_let_in_is_on_its_way_and_then_in_the_declared_yard(world, yard):
    trip = entered(world)
    assert (standing(world, trip).code, standing(world, trip).yard_id) == ("in_gate", None)
    TripStage.objects.filter(trip=trip, moment="yard").update(opened_at=timezone.now() - timedelta(minutes=11))
    assert (standing(world, trip).code, standing(world, trip).yard_id) == ("in_yard", yard.pk)


def test_it_stands_there_while_it_pays_and_until_it_is_seen_elsewhere(world, yard):
    trip = entered(world)
    world.confirm_all(trip)
    assert (standing(world, trip).code, standing(world, trip).yard_id) == ("in_yard", yard.pk)
    world.confirm_all(trip)
    assert (standing(world, trip).code, standing(world, trip).yard_id) == ("ready_to_leave", yard.pk)
    world.see(trip, "yard", "out")
    assert (standing(world, trip).code, standing(world, trip).yard_id) == ("ready_to_leave", None)


def test_seen_in_another_yard_it_stands_in_that_one(world, yard):
    other = Yard.objects.create(gate=world.gate, code="z", name="Bãi Z", capacity=5)
    lane = other.lanes.create(number=1, direction="in")
    trip = entered(world)
    perform("record_passage", trip, actor=None, key=None, lane=lane)
    world.confirm(trip, "border_guard", "vehicle_carrying_goods")
    assert standing(world, trip).yard_id == other.pk


# Stays


def test_stays_are_longest_first_and_marked_by_the_yards_own_limit(world, yard):
    yard.stay_limit_hours = 10
    yard.save()
    now = timezone.now()
    for plate, hours in (("11C10001", 1), ("11C10002", 11), ("11C10003", 9)):
        trip = entered(world, plate)
        world.see(trip, "yard", "in")
        Passage.objects.filter(trip=trip, lane__yard=yard).update(first_seen_at=now - timedelta(hours=hours))
    found = stays(fresh(yard), present(world))
    assert [(stay.truck.trip.plate, stay.is_over, stay.is_nearly_over) for stay in found] == [
        ("11C10002", True, False),
        ("11C10003", False, True),
        ("11C10001", False, False),
    ]


# The day


def test_the_day_counts_in_and_out_and_how_long_they_stayed(world, yard):
    now = timezone.now()
    for plate, minutes in (("11C10001", 30), ("11C10002", 90), ("11C10003", 60)):
        trip = entered(world, plate)
        world.see(trip, "yard", "in")
        Passage.objects.filter(trip=trip, lane__yard=yard).update(first_seen_at=now - timedelta(minutes=minutes))
        world.see(trip, "yard", "out", happened_at=now)
    world.see(entered(world, "11C10004"), "yard", "in")
    day = day_of(yard, now - timedelta(hours=3))
    assert (day.came, day.went, day.median_minutes) == (4, 3, 60)


def test_a_yard_without_cameras_counts_by_the_work_done_there(world, yard):
    trip = entered(world)
    TripStage.objects.filter(trip=trip, moment="yard").update(opened_at=timezone.now() - timedelta(minutes=20))
    world.confirm_all(trip)
    world.confirm_all(trip)
    world.leave(trip, "B1")
    day = day_of(yard, timezone.now() - timedelta(hours=1))
    assert (day.came, day.went, day.median_minutes) == (1, 1, 20)


def test_a_truck_goes_from_a_yard_outside_the_gate_area_by_the_yards_gate_and_not_by_the_barrier_before_it():
    world = World(gate=make_gate("huu-nghi", "Hữu Nghị", book="lang_son_2024_amended"))
    outside = world.gate.yards.get(inside=False)
    trip = world.submit("import", [vehicle("桂F12345")], outside_yard=True).trips.get()
    now = timezone.now()

    def at_gate(direction: str) -> None:
        perform("record_passage", trip, actor=None, key=None, lane=world.lane("yard", direction, inside=False))

    def day() -> tuple[int, int, int | None]:
        found = day_of(outside, now - timedelta(hours=3))
        return found.came, found.went, found.median_minutes

    world.enter(trip, "B1")
    world.leave(trip, "B2")
    assert day() == (0, 0, None)
    at_gate("in")
    TripStage.objects.filter(trip=trip, moment="leave").update(opened_at=now - timedelta(minutes=50))
    TripStage.objects.filter(trip=trip, moment="yard_in").update(opened_at=now - timedelta(minutes=20))
    Passage.objects.filter(trip=trip, lane__yard=outside).update(first_seen_at=now - timedelta(minutes=20))
    assert day() == (1, 0, None), "it stands there still"
    world.confirm_all(trip)
    world.confirm_all(trip)
    at_gate("out")
    assert day() == (1, 1, 20)
    TripStage.objects.filter(trip=trip).update(passage=None)
    Passage.objects.filter(trip=trip, lane__yard=outside).delete()
    assert day() == (1, 1, 20), "by its stages just so"


def test_a_day_without_vehicles_has_no_median(yard):
    day = day_of(yard, midnight())
    assert (day.came, day.went, day.median_stay) == (0, 0, None)


# The plan


def test_the_plan_has_every_hour_and_who_is_late_or_on_the_way(world, yard):
    start = timezone.localtime().replace(minute=0, second=0, microsecond=0)
    expected = {"11C10001": 0.5, "11C10002": 3.5, "11C10003": 3.2, "11C10004": -1.5, "11C10005": 30}
    for plate, hours in expected.items():
        declaration = world.submit(vehicles=[vehicle(plate)])
        Declaration.objects.filter(pk=declaration.pk).update(expected_at=start + timedelta(hours=hours))
    trip = entered(world)
    plan = plan_of(yard, present(world))
    by_hour = {index: {trip.plate for trip in hour.trips} for index, hour in enumerate(plan.hours) if hour.count}
    assert len(plan.hours) == 24
    assert by_hour == {0: {"11C10001"}, 3: {"11C10002", "11C10003"}}
    assert [trip.plate for trip in plan.late] == ["11C10004"]
    assert [truck.trip for truck in plan.on_the_way] == [trip]
    assert plan.total == 5


# For everybody


def test_the_gate_tells_its_zones_and_a_full_yard_with_what_is_to_come(world, yard, zone):
    Yard.objects.update(capacity=1)
    trip = entered(world)
    world.see(trip, "yard", "in")
    place(world, trip, zone)
    world.submit(vehicles=[vehicle("11C10002")])
    [now] = gates_now([world.gate], lanes_of([world.gate]), present(world))
    [room] = now.rooms
    assert (room.count, room.is_full, room.coming) == (1, True, 1)
    assert room.fullness == "Bãi A đã đầy: 1/1 xe, dự kiến thêm 1 xe trong 2 giờ tới."
    assert [(each.zone, each.count) for each in room.zones] == [(zone, 1)]


def test_the_figures_ask_as_often_for_many_trucks_and_zones_as_for_few(world, yard, zone):
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as counted:
            gates_now([world.gate], lanes_of([world.gate]), present(world))
        return len(counted)

    place(world, entered(world, "11C10000"), zone)
    few = asked()
    for number in range(1, 5):
        another = Zone.objects.create(yard=yard, code=f"k{number}", name=f"Khu {number}", capacity=1)
        place(world, entered(world, f"11C1000{number}"), another)
    assert asked() == few
