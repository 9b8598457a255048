"""What people try at a gate and should not: goods to oneself, in a circle, twice, to who left; a book cut short."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from checkpoints.door import perform
from checkpoints.models import Correction, Transshipment
from checkpoints.refusals import Refusal
from declarations.models import Load
from gates.models import Gate
from gates.procedures import BOOKS
from tests.world import fresh, goods, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(world):
    """A Chinese truck with ten bags, in the yard."""
    trip = world.submit("import", [vehicle("桂F12345")], [goods(quantity=10, weight=1000)]).trips.get()
    world.enter(trip, "B1")
    return trip


@pytest.fixture
def target(world):
    trip = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(trip, "B2")
    return trip


def register(world, source, target, quantity: str | None = None):
    quantities = {str(Load.objects.get(trip=source).pk): quantity} if quantity else None
    given = {"actor": world.trader, "key": str(uuid4()), "source": source, "quantities": quantities}
    return perform("register_transshipment", target, **given)


def refused(world, source, target, quantity: str | None = None) -> str:
    with pytest.raises(Refusal) as refusal:
        register(world, source, target, quantity)
    return refusal.value.code


@pytest.mark.parametrize("quantity", ["10.001", "11", "0", "-1"])
def test_no_more_goes_over_than_there_is(world, source, target, quantity):
    assert refused(world, source, target, quantity) == "too_much"
    assert not Transshipment.objects.exists()


def test_goods_do_not_go_over_to_the_truck_that_carries_them(world, source, target):
    assert refused(world, source, source) == "same_vehicle"
    assert refused(world, target, target) == "same_vehicle"


def test_goods_do_not_go_in_a_circle(world, source, target):
    register(world, source, target, "4")
    world.confirm(target, "customs", "transshipment")
    assert refused(world, target, source) == "target_not_ready"
    assert refused(world, target, target) == "same_vehicle"
    assert sorted(Load.objects.values_list("quantity", flat=True)) == [4, 6]


def test_goods_do_not_go_to_a_truck_that_left_nor_from_one(world, source, target):
    other = world.submit("collect_import", [vehicle("29H00003")]).trips.get()
    world.enter(other, "B2")
    perform("leave_without_goods", other, actor=world.trader, key=None)
    world.leave(other, "B2")
    assert fresh(other).state == "left"
    assert refused(world, source, other) == "trip_ended"
    register(world, source, target)
    world.confirm(source, "customs", "transshipment")
    world.leave(source, "B1")
    last = world.submit("collect_import", [vehicle("11C00009")]).trips.get()
    world.enter(last, "B2")
    assert refused(world, source, last) == "source_not_ready"


def test_a_receiving_truck_takes_from_two_shipments_and_the_same_goods_are_not_claimed_twice(world, source, target):
    other = world.submit("import", [vehicle("桂L00002")], [goods(quantity=8, weight=800)]).trips.get()
    world.enter(other, "B1")
    second = world.submit("collect_import", [vehicle("29H00003")]).trips.get()
    world.enter(second, "B2")
    register(world, source, target, "7")
    register(world, other, target, "8")
    assert refused(world, source, second, "4") == "too_much", "seven of the ten are promised"
    assert refused(world, other, second) == "no_goods"
    world.confirm(target, "customs", "transshipment")
    assert sorted(Load.objects.filter(trip=target).values_list("quantity", flat=True)) == [7, 8]


def test_a_driver_is_replaced_after_entering_and_who_checked_the_first_agrees(world):
    trip = world.submit("export").trips.get()
    world.enter(trip, "B2")
    values = {"driver_name": "Hoàng Văn Páo", "driver_phone": "0987654321"}
    perform("correct", trip, actor=world.trader, key=None, values=values, reason="Lái xe bỏ đi", sure=True)
    found = Correction.objects.get()
    assert list(found.consents.values_list("agency", flat=True)) == ["border_guard"]
    assert fresh(trip).driver_name == "Lý Văn Sình"
    guard = world.officer("border_guard")
    perform("agree_correction", trip, actor=guard, key=None, proposal=found.proposed_id)
    assert (fresh(trip).driver_name, fresh(trip).driver_phone) == ("Hoàng Văn Páo", "0987654321")
    world.confirm_all(trip)
    world.confirm_all(trip)
    world.leave(trip, "B1")
    assert fresh(trip).state == "left"


def test_a_driver_checked_by_health_quarantine_too_is_replaced_with_both_agreeing(world):
    trip = world.submit("export").trips.get()
    world.enter(trip, "B2")
    world.confirm(trip, "health_quarantine", "health_quarantine")
    values = {"driver_name": "Hoàng Văn Páo"}
    perform("correct", trip, actor=world.trader, key=None, values=values, reason="Lái xe bỏ đi", sure=True)
    agencies = Correction.objects.get().consents.values_list("agency", flat=True)
    assert set(agencies) == {"border_guard", "health_quarantine"}


def test_a_version_of_the_book_without_a_stage_lets_trips_that_stand_in_it_finish_by_their_own(world, monkeypatch):
    book = BOOKS["cao_bang_2026"]
    shorter = replace(
        book,
        code="shorter",
        procedures=tuple(
            replace(procedure, stages=tuple(stage for stage in procedure.stages if stage.moment != "fee"))
            for procedure in book
        ),
    )
    standing = world.submit("export").trips.get()
    world.enter(standing, "B2")
    world.confirm_all(standing)
    assert standing.stages.last().moment == "fee"

    monkeypatch.setitem(BOOKS, "shorter", shorter)
    today = timezone.localdate()
    Gate.objects.filter(pk=world.gate.pk).update(next_book_code="shorter", next_book_from=today - timedelta(days=1))
    world.gate = fresh(world.gate)

    later = world.submit("export", [vehicle("11C77777")]).trips.get()
    world.enter(later, "B2")
    world.confirm_all(later)
    assert list(later.stages.values_list("moment", flat=True)) == ["declare", "enter", "yard"]
    world.confirm_all(standing)
    for trip in (later, standing):
        world.leave(trip, "B1")
    assert (fresh(later).state, fresh(standing).state) == ("left", "left")
    assert "fee" in standing.stages.values_list("moment", flat=True)
