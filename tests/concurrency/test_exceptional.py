"""What leaves the straight road at the same moment as something else: one truth each time."""

import pytest

from checkpoints.door import perform
from checkpoints.facts import verify
from checkpoints.models import Fact, Hold, Passage
from declarations.models import Declaration, Trip
from tests.concurrency.test_door import at_once
from tests.world import World, fresh, make_officer, vehicle

pytestmark = pytest.mark.django_db(transaction=True)

SEIZURE = {"case": "12/VPHC", "takes": "vehicle", "reason": "Giấy tờ giả"}


@pytest.fixture
def world(transactional_db) -> World:
    return World()


def test_a_vehicle_is_seized_or_its_barrier_opens(world):
    trip = world.submit("export").trips.get()
    world.see(trip, "B2", "in")
    world.confirm_all(trip)
    guard, customs = world.officer("border_guard"), world.officer("customs")
    opened, _seized = at_once(
        lambda: perform("open_barrier", trip, actor=guard, key=None),
        lambda: perform("seize", trip, actor=customs, key=None, **SEIZURE),
    )
    assert Hold.objects.filter(trip=trip, ended=None).count() == 1
    assert Fact.objects.filter(trip=trip, move="open_barrier").exists() == (opened != "seized")


def test_two_agencies_seize_at_once_and_one_case_is_kept(world):
    trip = world.submit("export").trips.get()
    world.enter(trip, "B2")
    answers = at_once(
        lambda: perform("seize", trip, actor=world.officer("border_guard"), key=None, **SEIZURE),
        lambda: perform("seize", trip, actor=world.officer("customs"), key=None, **SEIZURE),
    )
    assert answers.count("already_seized") == 1
    assert Hold.objects.count() == 1


def test_a_record_is_given_to_two_trips_at_once_and_one_gets_it(world):
    wrong = world.submit("export", [vehicle("11C12343")]).trips.get()
    one = world.submit("export", [vehicle("11C12348")]).trips.get()
    two = world.submit("export", [vehicle("11C12349")]).trips.get()
    world.enter(wrong, "B2")
    guards = world.officer("border_guard"), make_officer("border_guard", world.gate)
    answers = at_once(
        lambda: perform("reassign", wrong, actor=guards[0], key=None, to=one, reason="đọc nhầm biển"),
        lambda: perform("reassign", wrong, actor=guards[1], key=None, to=two, reason="đọc nhầm biển"),
    )
    assert answers.count("not_seen") == 1
    assert Passage.objects.get().trip in (one, two)
    assert fresh(wrong).state == "expected"
    assert len(list(verify())) == Fact.objects.count()


def test_a_record_given_to_a_trip_whose_vehicle_comes_at_that_moment_leaves_one_truth(world):
    wrong = world.submit("export", [vehicle("11C12343")]).trips.get()
    right = world.submit("export", [vehicle("11C12348")]).trips.get()
    world.enter(wrong, "B2")
    guard = world.officer("border_guard")
    given, _seen = at_once(
        lambda: perform("reassign", wrong, actor=guard, key=None, to=right, reason="đọc nhầm biển"),
        lambda: world.see(right, "B2", "in"),
    )
    assert list(right.stages.values_list("moment", flat=True)) == ["declare", "enter"]
    assert fresh(wrong).state == ("under_way" if given == "already_seen" else "expected")
    assert Passage.objects.filter(trip=wrong).exists() == (given == "already_seen")


def test_a_declaration_is_extended_or_expires(world):
    declaration = world.submit("export")
    at_once(
        lambda: perform("extend", declaration, actor=world.trader, key=None, reason="xe hỏng"),
        lambda: perform("expire", declaration, actor=None, key=None),
    )
    after = Declaration.objects.get()
    assert (after.state, after.extended_to is None) in {("submitted", False), ("expired", True)}
    assert Trip.objects.get().state == ("expected" if after.state == "submitted" else "expired")
