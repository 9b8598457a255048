"""What time does: expire, seal."""

from datetime import timedelta

import pytest
from django.utils import timezone

from checkpoints import tasks
from checkpoints.door import perform
from checkpoints.facts import verify_anchors
from declarations.models import Declaration
from declarations.states import DeclarationState
from tests.world import World, fresh, make_gate, vehicle

pytestmark = pytest.mark.django_db


def make_late(declaration: Declaration) -> None:
    Declaration.objects.filter(pk=declaration.pk).update(expected_at=timezone.now() - timedelta(hours=100))


def test_expire_ends_what_nobody_came_for_and_leaves_the_rest(world):
    late, soon = world.submit(), world.submit(vehicles=[vehicle("11C10002")])
    entered = world.submit(vehicles=[vehicle("11C10003")])
    world.enter(entered.trips.get(), "B2")
    make_late(late)
    make_late(entered)
    assert tasks.expire() == 1
    assert fresh(late).state == DeclarationState.EXPIRED
    assert late.trips.get().state == "expired"
    assert (fresh(soon).state, fresh(entered).state) == (DeclarationState.SUBMITTED, DeclarationState.UNDER_WAY)
    assert tasks.expire() == 0


def test_a_vehicle_that_never_came_expires_and_holds_up_no_declaration(world):
    declaration = world.submit(vehicles=[vehicle("11C10001"), vehicle("11C10002"), vehicle("11C10003")])
    came, never, stands = declaration.trips.order_by("position")
    world.enter(came, "B2")
    world.see(stands, "B2", "in")
    make_late(declaration)
    assert tasks.expire() == 1
    assert [fresh(trip).state for trip in (came, never, stands)] == ["under_way", "expired", "expected"]
    perform("withdraw_trip", stands, actor=world.trader, key=None)
    world.confirm_all(came)
    world.confirm_all(came)
    world.leave(came, "B1")
    assert fresh(declaration).state == DeclarationState.COMPLETED


def test_a_truck_that_the_yards_last_gate_never_saw_is_taken_to_have_left(settings):
    world = World(gate=make_gate("huu-nghi", "Hữu Nghị", book="lang_son_2024_amended"))
    trips = world.submit("import", [vehicle("桂F00001"), vehicle("桂F00002")], outside_yard=True).trips
    done, works = trips.order_by("position")
    for trip in (done, works):
        world.enter(trip, "B1")
        world.leave(trip, "B2")
        perform("record_passage", trip, actor=None, key=None, lane=world.lane("yard", "in", inside=False))
    world.confirm_all(done)
    world.confirm_all(done)
    assert tasks.leave_unseen() == 0
    settings.UNSEEN_AFTER_HOURS = 0
    assert tasks.leave_unseen() == 1
    assert [fresh(trip).state for trip in (done, works)] == ["left", "under_way"]
    exit_slot = done.stages.get(moment="yard_out").confirmations.get()
    assert (exit_slot.state, exit_slot.fact.data["why"]) == ("not_required", "not_seen_at_the_gate")


def test_seal_seals_what_is_new_once(world):
    world.submit()
    assert tasks.seal() is not None
    assert tasks.seal() is None
    assert verify_anchors() == 1
