"""Goods put into a yard's store and loaded again later: nothing lost, nothing left behind, every truck its way."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from checkpoints.door import perform
from checkpoints.facts import verify
from checkpoints.goods import free_in_store, stored
from checkpoints.models import Fact, Transshipment
from checkpoints.refusals import Refusal
from declarations.models import Load
from fees.models import Assessment, Bill
from gates.models import Yard, Zone
from tests.world import World, fresh, goods, make_gate, make_trader, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def zone(yard) -> Zone:
    return Zone.objects.create(yard=yard, code="kho-1", name="Kho 1", kind="store", capacity=20)


@pytest.fixture
def source(world):
    """A Chinese truck with nine bags of 10.00 kg in the yard."""
    trip = world.submit("import", [vehicle("桂F12345")], [goods(quantity=9, weight=10)]).trips.get()
    world.enter(trip, "B1")
    return trip


@pytest.fixture
def target(world):
    trip = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(trip, "B2")
    return trip


def store(world, trip, quantity=None, **details):
    """Registered by its declarant and confirmed by customs."""
    register_storage(world, trip, quantity, **details)
    world.confirm(trip, "customs", "storage_or_unloading")


def register_storage(world, trip, quantity=None, **details):
    given = {"yard": world.gate.yards.get(inside=True), **details}
    if quantity is not None:
        given["quantities"] = {str(trip.loads.get().pk): quantity}
    return perform("register_storage", trip, actor=trip.declaration.created_by, key=str(uuid4()), **given)


def register_loading(world, trip, declaration, quantity=None, **details):
    given = {"declaration": declaration, "yard": world.gate.yards.get(inside=True), **details}
    if quantity is not None:
        given["quantities"] = {str(free_in_store(declaration).get().pk): quantity}
    actor = details.pop("actor", declaration.created_by)
    given.pop("actor", None)
    return perform("register_loading", trip, actor=actor, key=str(uuid4()), **given)


def load(world, trip, declaration, quantity=None):
    register_loading(world, trip, declaration, quantity)
    world.confirm(trip, "customs", "transshipment")


def code_of(act) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def amounts() -> list[tuple]:
    """Where the goods are: plate or yard, quantity, weight."""
    loads = Load.objects.select_related("trip", "yard").order_by("pk")
    return sorted((str(load.trip or load.yard), str(load.quantity), str(load.weight)) for load in loads)


def of_yard(world, trip) -> list[str]:
    return [slot.of for slot in world.waiting(trip)]


def test_goods_are_unloaded_and_fetched_days_later_by_another_truck(world, source, zone):
    register_storage(world, source, zone=zone, labour="Đội bốc xếp số 2")
    assert amounts() == [("桂F12345", "9.000", "10.00")], "nothing moves before customs confirms"
    assert "storage_or_unloading" in of_yard(world, source)
    world.confirm(source, "customs", "storage_or_unloading")
    assert amounts() == [("Bãi A", "9.000", "10.00")]

    world.confirm_all(source)
    assert fresh(source).procedure_code == "cn_empty_returns_from_yard"
    world.leave(source, "B1")
    assert (fresh(source).state, fresh(source.declaration).state) == ("left", "under_way")

    target = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(target, "B2")
    load(world, target, source.declaration)
    assert amounts() == [("12C45678", "9.000", "10.00")]
    assert (fresh(target).procedure_code, fresh(source.declaration).state) == ("import", "completed")
    world.confirm_all(target)
    world.confirm_all(target)
    world.leave(target, "B2")
    assert (fresh(target).state, fresh(target.declaration).state) == ("left", "completed")
    assert len(list(verify())) == Fact.objects.count()


def test_part_is_stored_and_part_goes_on(world, source, zone):
    store(world, source, "4", zone=zone)
    assert amounts() == [("Bãi A", "4.000", "4.44"), ("桂F12345", "5.000", "5.56")]
    world.confirm_all(source)
    world.confirm_all(source)
    world.leave(source, "B2")
    assert (fresh(source).state, fresh(source.declaration).state) == ("left", "under_way")


def test_it_is_known_since_when_goods_lie_in_store_and_where(world, source, zone):
    store(world, source, "4", zone=zone)
    days_ago = timezone.now() - timedelta(days=3)
    Transshipment.objects.update(moved_at=days_ago)
    store(world, source, "2")

    first, second = stored(Load.objects.all())
    assert (first.quantity, first.since, first.zone_id) == (4, days_ago, zone.pk)
    assert (second.quantity, second.zone_id) == (2, None)
    assert second.since > days_ago


def test_goods_of_two_trucks_lie_apart_and_are_fetched_in_parts(world, yard, target):
    declaration = world.submit("import", [vehicle("桂F12345"), vehicle("桂F12346")], [goods(quantity=9, weight=10)])
    for trip in declaration.trips.all():
        world.enter(trip, "B1")
        store(world, trip)
    assert [str(each.quantity) for each in stored(Load.objects.all())] == ["4.500", "4.500"]

    first, second = stored(Load.objects.all())
    register_loading(world, target, declaration, quantities={str(first.pk): "1.5", str(second.pk): "4.5"})
    world.confirm(target, "customs", "transshipment")
    assert amounts() == [("12C45678", "6.000", "6.67"), ("Bãi A", "3.000", "3.33")]


def test_a_truck_that_carries_already_takes_more_and_is_checked_for_it(world, source, yard):
    other = world.submit(
        "import", [vehicle("桂F99999")], [goods(quantity=3, weight=30, hs_code="72142000")]
    ).trips.get()
    world.enter(other, "B1")
    store(world, source)
    world.confirm(other, "customs", "regime_and_goods_group")
    world.confirm(other, "border_guard", "vehicle_carrying_goods")

    register_loading(world, other, source.declaration)
    assert "transshipment" in of_yard(world, other)
    world.confirm(other, "customs", "transshipment")
    assert amounts() == [("桂F99999", "3.000", "30.00"), ("桂F99999", "9.000", "10.00")]
    assert of_yard(world, other) == ["regime_and_goods_group", "health_quarantine", "plant_quarantine"]
    world.confirm_all(other)
    world.confirm_all(other)
    world.leave(other, "B2")
    assert fresh(other).state == "left"


def test_the_same_truck_may_take_its_goods_back(world, source):
    store(world, source, "4")
    load(world, source, source.declaration)
    assert amounts() == [("桂F12345", "9.000", "10.00")]


def test_a_truck_waits_for_what_is_registered_for_it_when_all_its_own_goods_are_unloaded(world, source, yard):
    other = world.submit("import", [vehicle("桂F99999")], [goods(quantity=3, weight=30)]).trips.get()
    world.enter(other, "B1")
    store(world, source)
    register_loading(world, other, source.declaration)
    store(world, other)
    assert "transshipment" in of_yard(world, other), "it does not leave without what it fetches"

    found = Transshipment.objects.get(target=other)
    perform("cancel_transshipment", other, actor=world.trader, key=None, registered=found.pk)
    assert "transshipment" not in of_yard(world, other)
    assert fresh(other).stages.get(moment="yard").completed_at is not None, "now it is emptied"


# Taken back


def test_a_registered_storage_is_taken_back(world, source):
    register_storage(world, source)
    found = Transshipment.objects.get()
    stranger = make_trader("Công ty khác")
    cancel = {"key": None, "registered": found.pk}
    assert code_of(lambda: perform("cancel_transshipment", source, actor=stranger, **cancel)) == "not_yours"
    perform("cancel_transshipment", source, actor=world.trader, **cancel)
    assert "storage_or_unloading" not in of_yard(world, source)
    assert code_of(lambda: perform("cancel_transshipment", source, actor=world.trader, **cancel)) == "just_changed"
    assert amounts() == [("桂F12345", "9.000", "10.00")]


def test_storage_declared_beforehand_is_still_asked_when_a_registration_is_taken_back(world):
    trip = world.submit("import", [vehicle("桂F12345", stored_or_unloaded=True)]).trips.get()
    world.enter(trip, "B1")
    register_storage(world, trip)
    found = Transshipment.objects.get()
    perform("cancel_transshipment", trip, actor=world.trader, key=None, registered=found.pk)
    world.confirm(trip, "customs", "storage_or_unloading")
    slot = trip.stages.get(moment="yard").confirmations.get(of="storage_or_unloading")
    undo = {"confirmation": slot.pk, "reason": "nhầm"}
    perform("undo", trip, actor=world.officer("customs"), key=None, **undo)
    assert amounts() == [("桂F12345", "600.000", "30000.00")], "nothing was registered, nothing moved"


def test_a_registered_loading_is_taken_back_by_either_side(world, source):
    store(world, source)
    carrier = make_trader("Công ty vận tải")
    target = world.submit("collect_import", [vehicle("12C45678")], trader=carrier).trips.get()
    world.enter(target, "B2")
    for actor, reason in ((world.trader, ""), (carrier, "xe hỏng")):
        register_loading(world, target, source.declaration)
        found = Transshipment.objects.get(target=target)
        cancel = {"key": None, "registered": found.pk, "reason": reason}
        perform("cancel_transshipment", target, actor=actor, **cancel)
        assert of_yard(world, target) == ["transshipment_registered", "transshipment"]
    register_loading(world, target, source.declaration)
    cancel = {"key": None, "registered": Transshipment.objects.get(target=target).pk}
    assert code_of(lambda: perform("cancel_transshipment", target, actor=carrier, **cancel)) == "reason_missing"


def test_what_customs_confirmed_is_not_undone(world, source):
    store(world, source, "4")
    slot = source.stages.get(moment="yard").confirmations.get(of="storage_or_unloading")
    undo = {"confirmation": slot.pk, "reason": "nhầm"}
    assert code_of(lambda: perform("undo", source, actor=world.officer("customs"), key=None, **undo)) == "goods_moved"


# Refused


def test_more_than_there_is_is_refused_and_nothing_is_left_half_done(world, source, target):
    assert code_of(lambda: register_storage(world, source, "9.001")) == "too_much"
    assert code_of(lambda: register_storage(world, source, "0")) == "too_much"
    register_storage(world, source, "5")
    assert code_of(lambda: register_storage(world, source, "5")) == "too_much"
    world.confirm(source, "customs", "storage_or_unloading")
    assert code_of(lambda: register_loading(world, target, source.declaration, "5.5")) == "too_much"
    register_loading(world, target, source.declaration, "3")
    other = world.submit("collect_import", [vehicle("12C45679")]).trips.get()
    world.enter(other, "B2")
    assert code_of(lambda: register_loading(world, other, source.declaration, "3")) == "too_much"
    assert Transshipment.objects.count() == 2


def test_only_who_declared_says_what_becomes_of_the_goods(world, source, target):
    stranger = make_trader("Công ty khác")
    given = {"key": None, "yard": world.gate.yards.get()}
    assert code_of(lambda: perform("register_storage", source, actor=stranger, **given)) == "not_yours"
    store(world, source)
    assert code_of(lambda: register_loading(world, target, source.declaration, actor=stranger)) == "not_yours"


def test_the_yard_and_its_zone_are_of_this_gate_and_in_use(world, source, zone):
    abroad = make_gate("tra-linh", "Trà Lĩnh")
    away = abroad.yards.get()
    there = Zone.objects.create(yard=away, code="1", name="Kho 1", capacity=2)
    assert code_of(lambda: register_storage(world, source, yard=away)) == "wrong_gate"
    assert code_of(lambda: register_storage(world, source, zone=there)) == "zone_not_here"
    zone.in_use = False
    zone.save()
    assert code_of(lambda: register_storage(world, source, zone=zone)) == "zone_not_here"


def test_a_truck_that_is_told_to_stand_in_another_yard_neither_unloads_here_nor_fetches(world, source, target, yard):
    other = Yard.objects.create(gate=world.gate, code="b", name="Bãi B", capacity=10, inside=False)
    there = Zone.objects.create(yard=other, code="b-1", name="Khu B1", kind="store", capacity=20)
    operator = world.officer("yard_operator")
    perform("place_in_zone", source, actor=operator, key=None, zone=there)
    assert code_of(lambda: register_storage(world, source)) == "other_yard"
    world.see(source, "yard", "in")
    store(world, source, 5)
    perform("place_in_zone", target, actor=operator, key=None, zone=there)
    assert code_of(lambda: register_loading(world, target, source.declaration)) == "other_yard"
    given = {"actor": world.trader, "key": None, "source": source}
    assert code_of(lambda: perform("register_transshipment", target, **given)) == "other_yard"
    world.see(target, "yard", "in")
    load(world, target, source.declaration)
    assert {where for where, _quantity, _weight in amounts()} == {"桂F12345", "12C45678"}


def test_goods_in_store_go_onto_no_truck_that_left_is_elsewhere_or_goes_the_other_way(world, source, target):
    store(world, source)
    export = world.submit("export", [vehicle("11C00001")]).trips.get()
    assert code_of(lambda: register_loading(world, export, source.declaration)) == "target_not_ready"
    world.enter(export, "B2")
    assert code_of(lambda: register_loading(world, export, source.declaration)) == "wrong_direction"
    perform("leave_without_goods", target, actor=world.trader, key=None)
    assert code_of(lambda: register_loading(world, target, source.declaration)) == "target_not_ready"
    world.leave(target, "B2")
    assert code_of(lambda: register_loading(world, target, source.declaration)) == "trip_ended"
    abroad = World(gate=make_gate("tra-linh", "Trà Lĩnh"), trader=world.trader)
    there = abroad.submit("collect_import", [vehicle("12C00009")]).trips.get()
    abroad.enter(there, "B2")
    yard = world.gate.yards.get()
    given = {"actor": world.trader, "key": None, "declaration": source.declaration, "yard": yard}
    assert code_of(lambda: perform("register_loading", there, **given)) == "wrong_gate"


def test_a_truck_with_goods_registered_to_be_unloaded_is_not_sent_back(world, source):
    register_storage(world, source)
    turn_back = {"actor": world.officer("border_guard"), "key": None, "reason": "hết giờ"}
    assert code_of(lambda: perform("turn_back", source, **turn_back)) == "goods_registered"


# The declaration


def test_a_completed_declaration_is_under_way_again_while_goods_of_it_lie_in_store(world, source, target):
    """Its truck went home; the one that took the goods over breaks down and is unloaded."""
    perform("register_transshipment", target, actor=world.trader, key=None, source=source)
    world.confirm(target, "customs", "transshipment")
    world.confirm_all(source)
    world.leave(source, "B1")
    assert fresh(source.declaration).state == "completed"
    store(world, fresh(target))
    assert fresh(source.declaration).state == "under_way"
    third = world.submit("collect_import", [vehicle("12C45679")]).trips.get()
    world.enter(third, "B2")
    load(world, third, source.declaration)
    assert fresh(source.declaration).state == "completed"
    moves = Fact.objects.filter(declaration=source.declaration, trip=None).order_by("pk")
    assert list(moves.values_list("move", flat=True)) == ["submit", "start", "complete", "resume", "complete"]


# The fee


def test_each_truck_pays_once_for_goods_that_lay_in_store(world, source):
    """Emptied into store it pays as emptied, and who fetches the goods pays as who received them."""
    store(world, source)
    world.confirm_all(source)
    world.leave(source, "B1")
    target = world.submit("collect_import", [vehicle("12C45678", payload=5)]).trips.get()
    world.enter(target, "B2")
    load(world, target, source.declaration)
    assert not Assessment.objects.filter(trip=target).exists(), "not before its own yard stage is complete"
    world.confirm_all(target)
    found = Assessment.objects.order_by("pk").values_list("trip__plate", "transshipment", "version")
    assert list(found) == [("桂F12345", "gave_all", 1), ("12C45678", "received", 1)]
    assert Bill.objects.filter(entries__assessment__trip=target).distinct().count() == 1


def test_a_truck_that_only_took_its_own_goods_back_pays_as_one_that_carries_them(world, source):
    store(world, source, "4")
    load(world, source, source.declaration)
    world.confirm_all(source)
    assert Assessment.objects.get(trip=source).transshipment == "carried"


def test_a_loaded_truck_that_takes_more_from_store_pays_as_one_that_carries(world, source):
    other = world.submit("import", [vehicle("桂F99999")], [goods(quantity=3, weight=30)]).trips.get()
    world.enter(other, "B1")
    store(world, source, "4")
    load(world, other, source.declaration)
    world.confirm_all(other)
    world.confirm_all(source)
    assert dict(Assessment.objects.values_list("trip__plate", "transshipment")) == {
        "桂F99999": "carried",
        "桂F12345": "gave_part",
    }
    assert Decimal(Assessment.objects.get(trip=other).weight) == Decimal("34.44")


def hand_over_stored(world, declaration, by: str = "customs", **given):
    details = {"case": "15/BB-2026", "reason": "Hàng hỏng, đã tiêu hủy"} | given
    return perform("hand_over_stored", declaration, actor=world.officer(by), key=str(uuid4()), **details)


def test_goods_that_nobody_fetches_leave_the_store_by_a_case_and_the_declaration_ends(world, source):
    store(world, source)
    world.leave(source, "B1")
    declaration = source.declaration
    assert fresh(declaration).state == "under_way"
    assert code_of(lambda: hand_over_stored(world, declaration, "health_quarantine")) == "not_yours"
    assert code_of(lambda: hand_over_stored(world, declaration, case=" ")) == "case_missing"
    assert code_of(lambda: hand_over_stored(world, declaration, reason="")) == "reason_missing"
    assert code_of(lambda: hand_over_stored(world, declaration, loads=[0])) == "no_goods"

    hand_over_stored(world, declaration)

    load = Load.objects.get()
    assert (load.trip, load.yard, load.case) == (None, None, "15/BB-2026")
    assert fresh(declaration).state == "completed"
    assert code_of(lambda: hand_over_stored(world, declaration)) == "no_goods"
    assert len(list(verify())) == Fact.objects.count()


def test_goods_registered_to_be_loaded_are_not_handed_over_from_store_and_one_load_may_go_alone(world, source, target):
    store(world, source, "4")
    store(world, source, "3")
    declaration = source.declaration
    first, second = free_in_store(declaration)
    perform(
        "register_loading",
        target,
        actor=world.trader,
        key=None,
        declaration=declaration,
        yard=first.yard,
        quantities={str(first.pk): "1"},
    )
    assert code_of(lambda: hand_over_stored(world, declaration)) == "goods_registered"
    hand_over_stored(world, declaration, "border_guard", loads=[second.pk])
    assert list(free_in_store(declaration)) == [first]
    assert fresh(declaration).state == "under_way"
