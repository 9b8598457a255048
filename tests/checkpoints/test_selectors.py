"""Where trucks stand, the lines of places, and the search by plate."""

from datetime import timedelta

import pytest
from django.utils import timezone

from checkpoints.door import perform
from checkpoints.selectors import (
    at_barrier,
    expected_in_yard,
    inside,
    lanes_of,
    resembling,
    trucks,
    working_in_yard,
)
from declarations.models import Trip
from gates.procedures.words import Place
from tests.world import World, make_gate, vehicle

pytestmark = pytest.mark.django_db


def truck(world: World, trip: Trip):
    return trucks(Trip.objects.filter(pk=trip.pk), lanes_of([world.gate]))[0]


def stands(world: World, trip: Trip):
    return truck(world, trip).standing


def test_standing_follows_an_export_from_expected_to_left(world):
    declaration = world.submit()
    trip = declaration.trips.get()
    assert (stands(world, trip).code, stands(world, trip).since) == ("expected", declaration.expected_at)

    world.see(trip, "B2", "in")
    assert (stands(world, trip).code, stands(world, trip).place) == ("at_barrier", Place.B2)
    world.confirm_all(trip)
    assert stands(world, trip).code == "at_barrier"
    world.open(trip)
    assert (stands(world, trip).code, stands(world, trip).yard_id) == ("in_gate", None)

    world.see(trip, "yard", "in")
    yard = world.gate.yards.get()
    assert (stands(world, trip).code, stands(world, trip).yard_id) == ("in_yard", yard.pk)
    world.confirm_all(trip)
    assert stands(world, trip).code == "in_yard"
    world.confirm_all(trip)
    assert (stands(world, trip).code, stands(world, trip).yard_id) == ("ready_to_leave", yard.pk)

    world.see(trip, "yard", "out")
    assert (stands(world, trip).code, stands(world, trip).yard_id) == ("ready_to_leave", None)
    world.leave(trip, "B1")
    assert stands(world, trip).code == "left"


def test_standing_knows_a_truck_in_the_yard_by_the_work_done_there(world):
    trip = world.submit().trips.get()
    world.enter(trip, "B2")
    assert stands(world, trip).code == "in_gate"
    world.confirm(trip, "border_guard", "vehicle_carrying_goods")
    assert (stands(world, trip).code, stands(world, trip).yard_id) == ("in_yard", world.gate.yards.get().pk)


def test_a_truck_that_came_too_early_to_leave_stands_at_the_barrier_with_what_it_lacks(world):
    trip = world.submit().trips.get()
    world.enter(trip, "B2")
    world.see(trip, "B1", "out")
    early = truck(world, trip)
    assert (early.standing.code, early.standing.place, early.came_early, early.outward) == (
        "at_barrier",
        Place.B1,
        True,
        True,
    )
    assert [slot.of for slot in early.waiting] == [
        "regime_and_goods_group",
        "vehicle_carrying_goods",
        "health_quarantine",
        "plant_quarantine",
    ]


def test_a_truck_seen_again_while_its_barrier_was_open_is_not_at_the_barrier(world):
    trip = world.submit().trips.get()
    now = timezone.now()
    world.see(trip, "B2", "in", happened_at=now - timedelta(minutes=40))
    world.see(trip, "B2", "in", happened_at=now - timedelta(minutes=10))
    assert stands(world, trip).code == "at_barrier"
    world.confirm_all(trip)
    world.open(trip)
    assert stands(world, trip).code == "in_gate"


def test_at_barrier_lists_the_longest_waiting_first_and_only_its_own(world):
    lanes = lanes_of([world.gate])
    now = timezone.now()
    trips = [world.submit(vehicles=[vehicle(f"11C1000{n}")]).trips.get() for n in range(3)]
    for trip, minutes in zip(trips, (5, 30, 12), strict=True):
        world.see(trip, "B2", "in", happened_at=now - timedelta(minutes=minutes))
    assert [t.trip.plate for t in at_barrier(world.gate, Place.B2, lanes).trucks] == [
        "11C10001",
        "11C10002",
        "11C10000",
    ]
    assert at_barrier(world.gate, Place.B1, lanes).trucks == []


def test_a_truck_whose_other_trip_is_under_way_is_shown_at_the_barrier(world):
    first = world.submit().trips.get()
    world.enter(first, "B2")
    second = world.submit().trips.get()
    world.see(second, "B2", "in")
    line = at_barrier(world.gate, Place.B2, lanes_of([world.gate])).trucks
    assert [(t.trip.pk, t.came_early) for t in line] == [(second.pk, True)]


def test_to_confirm_is_the_first_in_the_listed_order(world):
    trip = world.submit().trips.get()
    world.see(trip, "B2", "in")
    assert [slot.agency for slot in truck(world, trip).to_confirm] == ["border_guard", "customs"]
    world.confirm_all(trip)
    assert truck(world, trip).awaits_opening
    world.open(trip)
    world.confirm_all(trip)
    world.confirm_all(trip)
    world.see(trip, "B1", "out")
    assert [slot.agency for slot in truck(world, trip).to_confirm] == ["customs"]


def test_working_in_yard_and_inside(world):
    trip = world.submit().trips.get()
    lanes = lanes_of([world.gate])
    yard = world.gate.yards.get()
    assert [t.trip.plate for t in inside([world.gate], lanes)] == []
    world.enter(trip, "B2")
    assert [t.trip.plate for t in working_in_yard(yard, lanes).trucks] == [trip.plate]
    assert [t.trip.plate for t in inside(None, lanes)] == [trip.plate]
    perform(
        "refuse", trip, actor=world.officer("customs"), key=None, reason="Sai", confirmation=world.waiting(trip)[0].pk
    )
    assert [slot.of for slot in working_in_yard(yard, lanes).trucks[0].refused] == ["regime_and_goods_group"]


def test_expected_in_yard_looks_two_hours_ahead(world):
    soon = world.submit()
    later = world.submit(vehicles=[vehicle("11C99999")])
    type(later).objects.filter(pk=later.pk).update(expected_at=timezone.now() + timedelta(hours=5))
    type(soon).objects.filter(pk=soon.pk).update(expected_at=timezone.now() + timedelta(hours=1))
    assert [t.plate for t in expected_in_yard(world.gate.yards.get(), within=timedelta(hours=2))] == ["11C12345"]


@pytest.mark.parametrize("typed", ["11C-123.45", "11c12345", "123.45", "11C12845", "1C12345", "11C123456", "l1c12345"])
def test_resembling_forgives_separators_and_one_slip(world, typed):
    trip = world.submit().trips.get()
    world.submit(vehicles=[vehicle("29H55555")])
    assert [found.pk for found in resembling(world.gate, typed)] == [trip.pk]


@pytest.mark.parametrize("typed", ["", "11", "11C88845", "99X99999", "11C12345" * 1000])
def test_resembling_does_not_guess(world, typed):
    world.submit()
    assert resembling(world.gate, typed) == []


def test_resembling_finds_a_chinese_plate_without_its_character_and_the_exact_one_first(world):
    near = world.submit(vehicles=[vehicle("桂F12346", comes_from="inland")]).trips.get()
    exact = world.submit(vehicles=[vehicle("桂F12345", comes_from="inland")]).trips.get()
    assert [trip.pk for trip in resembling(world.gate, "F12345")] == [exact.pk, near.pk]


def test_resembling_keeps_to_the_gate(world):
    world.submit()
    other = World(gate=make_gate("tra-linh", "Trà Lĩnh"))
    assert resembling(other.gate, "11C12345") == []


def test_lines_ask_as_often_for_many_trucks_as_for_few(world, django_assert_num_queries):
    lanes = lanes_of([world.gate])
    for n in range(6):
        trip = world.submit(vehicles=[vehicle(f"11C1000{n}")]).trips.get()
        world.see(trip, "B2", "in")
        with django_assert_num_queries(3):
            assert len(at_barrier(world.gate, Place.B2, lanes).trucks) == n + 1


def test_a_line_brings_the_truck_asked_for_wherever_it_is(world):
    lanes = lanes_of([world.gate])
    trip = world.submit().trips.get()
    line = at_barrier(world.gate, Place.B1, lanes, asked=trip.pk)
    assert (line.trucks, line.asked.standing.code) == ([], "expected")
    draft = world.draft(vehicles=[vehicle("11C00002")]).trips.get()
    assert at_barrier(world.gate, Place.B1, lanes, asked=draft.pk).asked is None
