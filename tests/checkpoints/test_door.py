"""The one door, along every road of the book and against what must not pass."""

import pytest

from checkpoints.door import perform
from checkpoints.facts import verify
from checkpoints.models import Fact, Transshipment, TripStage
from checkpoints.refusals import Refusal
from declarations.models import Load
from tests.world import fresh, goods, make_officer, make_trader, vehicle

pytestmark = pytest.mark.django_db


def moments(trip) -> list[str]:
    return list(TripStage.objects.filter(trip=trip).order_by("position").values_list("moment", flat=True))


def test_an_export_goes_from_declared_to_left(world):
    declaration = world.submit("export")
    trip = declaration.trips.get()
    assert (trip.state, moments(trip)) == ("expected", ["declare"])
    world.enter(trip, "B2")
    assert (fresh(trip).state, fresh(declaration).state) == ("under_way", "under_way")
    assert [(s.agency, s.of) for s in world.waiting(trip)] == [
        ("customs", "regime_and_goods_group"),
        ("border_guard", "vehicle_carrying_goods"),
        ("health_quarantine", "health_quarantine"),
        ("plant_quarantine", "plant_quarantine"),
    ]
    world.confirm_all(trip)
    world.confirm_all(trip)
    world.leave(trip, "B1")
    assert moments(trip) == ["declare", "enter", "yard", "fee", "leave"]
    assert (fresh(trip).state, fresh(declaration).state) == ("left", "completed")
    assert len(list(verify())) == Fact.objects.count()


def test_goods_go_over_and_both_trucks_take_their_ways(world):
    source = world.submit("import", [vehicle("桂F12345")], [goods("Linh kiện", hs_code="85423900")]).trips.get()
    target = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(source, "B1")
    world.enter(target, "B2")
    perform("register_transshipment", target, actor=world.trader, key="sang-tai-1", source=source)
    assert ("customs", "transshipment") in [(s.agency, s.of) for s in world.waiting(source)]
    world.confirm(target, "customs", "transshipment")

    source, target = fresh(source), fresh(target)
    assert source.procedure_code == "cn_empty_returns_from_yard"
    assert target.procedure_code == "import"
    assert moments(source) == ["declare", "enter", "yard", "fee"]
    assert moments(target) == ["declare", "enter", "transship", "yard"]
    assert [load.trip_id for load in Load.objects.filter(line__consignment__declaration=source.declaration)] == [
        target.pk
    ]
    world.leave(source, "B1")
    assert fresh(source).state == "left"
    world.confirm_all(target)
    world.confirm_all(target)
    world.leave(target, "B2")
    assert (fresh(target).state, fresh(target.declaration).state) == ("left", "completed")


def test_part_of_the_goods_goes_over_and_sums_stay(world):
    source = world.submit("import", [vehicle("桂F12345")], [goods(quantity=9, weight=10)]).trips.get()
    one = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    two = world.submit("collect_import", [vehicle("12C45679")]).trips.get()
    world.enter(source, "B1")
    for trip in (one, two):
        world.enter(trip, "B2")
    load = Load.objects.get(trip=source)
    perform("register_transshipment", one, actor=world.trader, key=None, source=source, quantities={str(load.pk): "3"})
    world.confirm(one, "customs", "transshipment")
    assert fresh(source).procedure_code == "import"
    with pytest.raises(Refusal) as refused:
        perform(
            "register_transshipment", two, actor=world.trader, key=None, source=source, quantities={str(load.pk): "7"}
        )
    assert refused.value.code == "too_much"
    perform("register_transshipment", two, actor=world.trader, key=None, source=source)
    world.confirm(two, "customs", "transshipment")
    amounts = sorted((str(load.quantity), str(load.weight)) for load in Load.objects.all())
    assert amounts == [("3.000", "3.33"), ("6.000", "6.67")]
    assert fresh(source).procedure_code == "cn_empty_returns_from_yard"


def test_a_registered_transshipment_is_taken_back_and_holds_nobody_up(world):
    source = world.submit("import", [vehicle("桂F12345")]).trips.get()
    target = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(source, "B1")
    world.enter(target, "B2")
    perform("register_transshipment", target, actor=world.trader, key=None, source=source)
    slot = next(slot for slot in world.waiting(target) if slot.of == "transshipment")
    given = {"actor": world.officer("customs"), "key": None, "confirmation": slot.pk, "reason": "nhầm xe"}
    perform("refuse", target, **given)
    registered = Transshipment.objects.get().pk
    with pytest.raises(Refusal) as refused:
        perform("cancel_transshipment", target, actor=make_trader("Công ty khác"), key=None, registered=registered)
    assert refused.value.code == "not_yours"
    perform("cancel_transshipment", target, actor=world.trader, key=None, registered=registered)
    assert [slot.of for slot in world.waiting(target)] == ["transshipment_registered", "transshipment"]
    assert "transshipment" not in [slot.of for slot in world.waiting(source)]
    with pytest.raises(Refusal) as refused:
        perform("cancel_transshipment", target, actor=world.trader, key=None, registered=registered)
    assert refused.value.code == "just_changed"
    world.confirm_all(source)
    world.confirm_all(source)
    world.leave(source, "B2")
    perform("leave_without_goods", target, actor=world.trader, key=None)
    world.leave(target, "B2")
    assert (fresh(source).state, fresh(target).state) == ("left", "left")


def test_a_truck_that_got_goods_goes_on_when_the_rest_is_taken_back(world):
    one, two = world.submit("import", [vehicle("桂F12345"), vehicle("桂F12346")]).trips.all()
    target = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(target, "B2")
    for source in (one, two):
        world.enter(source, "B1")
        perform("register_transshipment", target, actor=world.trader, key=None, source=source)
    world.confirm(one, "customs", "transshipment")
    assert moments(target)[-1] == "transship"
    registered = Transshipment.objects.get(source=two).pk
    perform("cancel_transshipment", target, actor=world.trader, key=None, registered=registered)
    assert (fresh(target).procedure_code, moments(target)[-1]) == ("import", "yard")


def test_a_truck_that_found_no_goods_goes_home(world):
    trip = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(trip, "B2")
    perform("leave_without_goods", trip, actor=world.trader, key=None)
    assert fresh(trip).procedure_code == "vn_empty_returns_without_goods"
    world.leave(trip, "B2")
    assert fresh(trip).state == "left"


def test_a_truck_that_comes_too_early_is_let_in_when_what_it_lacks_arrives(world):
    trip = world.submit("export").trips.get()
    world.enter(trip, "B2")
    world.see(trip, "B1", "out")
    assert moments(trip)[-1] == "yard"
    world.confirm_all(trip)
    world.confirm_all(trip)
    assert moments(trip)[-1] == "leave"


@pytest.mark.parametrize(
    ("agency", "gate", "code"), [("customs", "own", "not_yours"), ("border_guard", "other", "not_yours")]
)
def test_only_the_agency_at_its_own_gate_confirms(world, agency, gate, code):
    from tests.world import make_gate

    trip = world.submit("export").trips.get()
    world.see(trip, "B2", "in")
    slot = next(s for s in world.waiting(trip) if s.agency == "border_guard")
    where = world.gate if gate == "own" else make_gate("tra-linh", "Trà Lĩnh")
    with pytest.raises(Refusal) as refused:
        perform("confirm", trip, actor=make_officer(agency, where), key=None, confirmation=slot.pk)
    assert refused.value.code == code


def test_the_listed_order_is_kept_on_leaving(world):
    trip = world.submit("export").trips.get()
    world.enter(trip, "B2")
    world.confirm_all(trip)
    world.confirm_all(trip)
    world.see(trip, "B1", "out")
    with pytest.raises(Refusal) as refused:
        world.confirm(trip, "border_guard", "driver_and_vehicle")
    assert refused.value.code == "out_of_order"


def test_the_barrier_opens_only_when_all_confirmed_and_the_guards_key_does_both(world):
    trip = world.submit("export").trips.get()
    world.see(trip, "B2", "in")
    with pytest.raises(Refusal) as refused:
        world.open(trip)
    assert refused.value.code == "not_all_confirmed"
    world.confirm(trip, "customs", "vehicle_and_goods")
    world.confirm(trip, "border_guard", "driver_and_vehicle", opens=True)
    assert moments(trip)[-1] == "yard"


def test_a_repeated_key_changes_nothing_and_answers_as_before(world):
    trip = world.submit("export").trips.get()
    world.see(trip, "B2", "in", key="frame-1")
    facts = Fact.objects.count()
    again = world.see(trip, "B2", "in", key="frame-1")
    assert again.repeated
    assert Fact.objects.count() == facts


def test_a_truck_under_way_cannot_enter_a_second_time(world):
    first = world.submit("export").trips.get()
    second = world.submit("export").trips.get()
    world.enter(first, "B2")
    world.see(second, "B2", "in")
    assert moments(second) == ["declare"]


def test_a_truck_standing_there_is_let_in_once_its_other_trip_has_ended(world):
    first = world.submit("cross_empty", [vehicle("桂F12345", comes_from="inland")]).trips.get()
    second = world.submit("import", [vehicle("桂F12345")]).trips.get()
    world.enter(first, "B2")
    world.see(second, "B1", "in")
    world.leave(first, "B1")
    assert moments(second) == ["declare"]
    world.see(second, "B1", "in")
    assert moments(second) == ["declare", "enter"]
    assert second.passages.count() == 1


def test_withdrawing_twice_with_one_key_answers_as_before(world):
    declaration = world.submit("export", [vehicle("11C00001"), vehicle("11C00002")])
    assert not perform("withdraw", declaration, actor=world.trader, key="w").repeated
    assert perform("withdraw", declaration, actor=world.trader, key="w").repeated
    assert set(declaration.trips.values_list("state", flat=True)) == {"withdrawn"}


def test_withdrawal_ends_with_entering(world):
    declaration = world.submit("export", [vehicle("11C00001"), vehicle("11C00002")])
    one, two = declaration.trips.all()
    world.enter(one, "B2")
    with pytest.raises(Refusal) as refused:
        perform("withdraw", declaration, actor=world.trader, key=None)
    assert refused.value.code == "already_entered"
    perform("withdraw_trip", two, actor=world.trader, key=None)
    assert fresh(two).state == "withdrawn"
    with pytest.raises(Refusal):
        perform("withdraw_trip", one, actor=world.trader, key=None)
    with pytest.raises(Refusal) as refused:
        perform("withdraw", declaration, actor=make_trader("Công ty khác"), key=None)
    assert refused.value.code == "not_yours"


def test_a_click_can_be_undone_until_the_barrier_opened(world):
    trip = world.submit("export").trips.get()
    world.see(trip, "B2", "in")
    outcome = world.confirm(trip, "customs", "vehicle_and_goods")
    slot = outcome.fact.data["confirmation"]
    customs = world.officer("customs")
    with pytest.raises(Refusal) as refused:
        perform("undo", trip, actor=customs, key=None, confirmation=slot)
    assert refused.value.code == "reason_missing"
    perform("undo", trip, actor=customs, key=None, confirmation=slot, reason="nhầm xe")
    world.confirm_all(trip)
    world.open(trip)
    with pytest.raises(Refusal) as refused:
        perform("undo", trip, actor=customs, key=None, confirmation=slot, reason="nhầm xe")
    assert refused.value.code == "too_late_to_undo"


def test_undoing_asks_those_anew_who_confirmed_after_it_in_the_order_listed(world):
    trip = world.submit("export").trips.get()
    world.enter(trip, "B2")
    world.confirm_all(trip)
    world.confirm_all(trip)
    world.see(trip, "B1", "out")
    first = world.confirm(trip, "customs", "vehicle_and_goods").fact.data["confirmation"]
    world.confirm(trip, "health_quarantine", "health_quarantine")
    perform("undo", trip, actor=world.officer("customs"), key=None, confirmation=first, reason="nhầm xe")
    assert [slot.agency for slot in world.waiting(trip)] == ["customs", "health_quarantine", "border_guard"]
    assert Fact.objects.filter(trip=trip, move="ask", data__of="health_quarantine").count() == 1
    world.confirm_all(trip)
    world.open(trip)
    assert fresh(trip).state == "left"


def test_a_barrier_is_opened_forced_with_a_reason_and_completes_nothing(world):
    guard = world.officer("border_guard")
    lane = world.lane("B2", "in")
    with pytest.raises(Refusal) as refused:
        perform("open_forced", world.gate, actor=world.officer("customs"), key=None, lane=lane, reason="xe cứu thương")
    assert refused.value.code == "not_yours"
    outcome = perform("open_forced", world.gate, actor=guard, key="f", lane=lane, reason="xe cứu thương")
    assert (outcome.fact.place, outcome.fact.reason) == ("B2", "xe cứu thương")


def test_history_is_only_appended_to(world):
    from django.db import IntegrityError, transaction

    world.submit("export")
    with pytest.raises(IntegrityError), transaction.atomic():
        Fact.objects.update(reason="khác")


def test_goods_go_only_to_a_truck_of_their_direction(world):
    source = world.submit("import", [vehicle("桂F12345")]).trips.get()
    target = world.submit("collect_export", [vehicle("12C45678")]).trips.get()
    world.enter(source, "B1")
    world.enter(target, "B2")
    with pytest.raises(Refusal) as refused:
        perform("register_transshipment", target, actor=world.trader, key=None, source=source)
    assert refused.value.code == "wrong_direction"


def test_a_truck_that_went_otherwise_is_ended_by_the_guard_and_may_come_again(world):
    trip = world.submit("export").trips.get()
    guard = world.officer("border_guard")
    with pytest.raises(Refusal) as refused:
        perform("turn_back", trip, actor=guard, key=None, reason="giấy tờ không hợp lệ")
    assert refused.value.code == "not_here"
    world.enter(trip, "B2")
    for actor, reason, code in ((world.officer("customs"), "giấy tờ sai", "not_yours"), (guard, "", "reason_missing")):
        with pytest.raises(Refusal) as refused:
            perform("turn_back", trip, actor=actor, key=None, reason=reason)
        assert refused.value.code == code
    perform("turn_back", trip, actor=guard, key=None, reason="giấy tờ không hợp lệ")
    assert (fresh(trip).state, fresh(trip.declaration).state) == ("turned_back", "completed")
    again = world.submit("export").trips.get()
    world.enter(again, "B2")
    assert fresh(again).state == "under_way"
