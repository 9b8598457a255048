"""Lạng Sơn's book: yards outside the gate area, yard gates that confirm themselves, permits, and its way out."""

import pytest

from checkpoints.door import perform
from checkpoints.journey import camera_stages_ahead
from checkpoints.models import Confirmation, Fact
from checkpoints.states import ConfirmationState
from declarations.models import Trip
from declarations.states import TripState
from tests.world import World, fresh, make_gate, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World(gate=make_gate("huu-nghi", "Hữu Nghị", book="lang_son_2024_amended"))


def at_gate(world: World, trip: Trip, direction: str, *, inside: bool = True) -> None:
    lane = world.lane("yard", direction, inside=inside)
    perform("record_passage", trip, actor=None, key=None, lane=lane)


def moments(trip: Trip) -> list[str]:
    return list(trip.stages.order_by("position").values_list("moment", flat=True))


def slot(trip: Trip, of: str) -> Confirmation:
    return Confirmation.objects.get(stage__trip=trip, of=of)


def test_an_export_through_a_yard_inside_is_confirmed_by_the_yards_gates_themselves(world):
    trip = world.submit().trips.get()
    assert trip.procedure_code == "export"
    world.enter(trip, "B2")
    at_gate(world, trip, "in")
    entry = slot(trip, "yard_entry")
    assert (entry.state, entry.fact.actor_id) == (ConfirmationState.CONFIRMED, None)
    world.confirm_all(trip)
    world.confirm_all(trip)
    at_gate(world, trip, "out")
    assert slot(trip, "yard_exit").state == ConfirmationState.CONFIRMED
    world.see(trip, "B1", "out")
    assert [each.agency for each in world.waiting(trip)] == [
        "transport",
        "customs",
        "health_quarantine",
        "border_guard",
    ]
    world.confirm_all(trip)
    world.open(trip)
    assert fresh(trip).state == TripState.LEFT


def test_an_export_from_a_yard_outside_goes_through_the_yard_before_the_gate(world):
    trip = world.submit(outside_yard=True).trips.get()
    assert trip.procedure_code == "export_outside_yard"
    world.see(trip, "B2", "in")
    assert moments(trip) == ["declare"], "it has not been in the yard"
    at_gate(world, trip, "in", inside=False)
    assert fresh(trip).state == TripState.UNDER_WAY
    world.confirm_all(trip)
    world.confirm_all(trip)
    at_gate(world, trip, "out", inside=False)
    world.enter(trip, "B2")
    world.leave(trip, "B1")
    assert moments(trip) == ["declare", "yard_in", "yard", "fee", "yard_out", "enter", "leave"]
    assert fresh(trip).state == TripState.LEFT


def test_an_import_to_a_yard_outside_ends_at_the_yards_gate(world):
    trip = world.submit("import", [vehicle("桂F12345")], outside_yard=True).trips.get()
    assert trip.procedure_code == "import_outside_yard"
    world.enter(trip, "B1")
    world.leave(trip, "B2")
    at_gate(world, trip, "in", inside=False)
    world.confirm_all(trip)
    world.confirm_all(trip)
    at_gate(world, trip, "out", inside=False)
    assert fresh(trip).state == TripState.LEFT
    assert fresh(trip.declaration).state == "completed"


def test_a_truck_seen_only_when_it_left_the_yard_was_in_it(world):
    """Điều 22(2): a failed device holds no vehicle up, and the history says what was not seen."""
    trip = world.submit().trips.get()
    world.enter(trip, "B2")
    assert [stage.moment for stage in camera_stages_ahead(trip, set(moments(trip)))] == ["yard_in", "yard_out"]
    at_gate(world, trip, "out")
    assert moments(trip)[-1] == "yard", "the work in the yard comes before its gate out"
    assert slot(trip, "yard_entry").state == ConfirmationState.NOT_REQUIRED
    waived = Fact.objects.get(trip=trip, move="waive")
    assert waived.data["why"] == "not_seen_at_the_gate"


def test_a_truck_not_seen_leaving_the_yard_is_let_go_on_at_the_barrier(world):
    trip = world.submit().trips.get()
    world.enter(trip, "B2")
    at_gate(world, trip, "in")
    world.confirm_all(trip)
    world.see(trip, "B1", "out")
    assert moments(trip)[-1] == "fee", "at the barrier before its fee is confirmed"
    world.confirm_all(trip)
    assert slot(trip, "yard_exit").state == ConfirmationState.NOT_REQUIRED
    assert moments(trip)[-1] == "leave", "its stage opens by itself"
    world.confirm_all(trip)
    world.open(trip)
    assert fresh(trip).state == TripState.LEFT


def test_the_yards_operator_records_by_hand_what_the_camera_missed(world):
    trip = world.submit().trips.get()
    world.enter(trip, "B2")
    perform("call_up", trip, actor=world.officer("yard_operator"), key=None, lane=world.lane("yard", "in"))
    assert slot(trip, "yard_entry").state == ConfirmationState.CONFIRMED
    assert moments(trip)[-1] == "yard"


def test_an_emptied_chinese_truck_leaves_at_b1_without_waiting_for_the_yards_gate(world):
    source = world.submit("import", [vehicle("桂F12345")]).trips.get()
    target = world.submit("collect_import", [vehicle("12C00001")]).trips.get()
    world.enter(source, "B1")
    at_gate(world, source, "in")
    world.enter(target, "B2")
    perform("register_transshipment", target, actor=world.trader, key=None, source=source)
    world.confirm(target, "customs", "transshipment")
    source = fresh(source)
    assert source.procedure_code == "cn_empty_returns_from_yard"
    world.see(source, "B1", "out")
    assert [each.of for each in world.waiting(source)] == ["transport_permit", "vehicle_status", "driver_and_vehicle"]
    world.confirm_all(source)
    world.open(source)
    assert fresh(source).state == TripState.LEFT
    target = fresh(target)
    assert (target.procedure_code, moments(target)[-1]) == ("import", "yard")
    health = Confirmation.objects.get(stage__trip=target, stage__moment="yard", of="health_quarantine")
    assert health.state == ConfirmationState.WAITING, "goods were transshipped"
