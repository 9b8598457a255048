"""Moves at the same moment, on real PostgreSQL: one wins, nothing is counted twice, nothing is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier as Rendezvous

import pytest
from django.db import connections
from django.db.models import Sum

from checkpoints.door import perform
from checkpoints.facts import verify
from checkpoints.models import Confirmation, Consent, Correction, Fact, Passage
from checkpoints.refusals import Refusal
from declarations.models import Load, Trip
from fees.models import Assessment, Bill
from fees.services.paying import record_payment
from tests.world import World, goods, make_officer, vehicle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db) -> World:
    return World()


def at_once(*actions: Callable[[], object]) -> list:
    """What each action answered, all begun together in threads of their own; refusals as their codes."""
    together = Rendezvous(len(actions))

    def run(action):
        together.wait()
        try:
            return action()
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))


def test_two_officers_confirm_the_same_slot_and_one_is_told(world):
    trip = world.submit("export").trips.get()
    world.see(trip, "B2", "in")
    slot = next(s for s in world.waiting(trip) if s.agency == "customs")
    officers = [make_officer("customs", world.gate) for _ in range(4)]
    answers = at_once(
        *(lambda a=a: perform("confirm", trip, actor=a, key=None, confirmation=slot.pk) for a in officers)
    )
    assert answers.count("already_confirmed") == 3
    assert Fact.objects.filter(trip=trip, move="confirm", data__confirmation=slot.pk).count() == 1


def test_one_click_sent_many_times_counts_once_and_answers_alike(world):
    trip = world.submit("export").trips.get()
    world.see(trip, "B2", "in")
    slot = next(s for s in world.waiting(trip) if s.agency == "customs")
    actor = world.officer("customs")
    answers = at_once(*[lambda: perform("confirm", trip, actor=actor, key="one-click", confirmation=slot.pk)] * 5)
    assert {answer.fact.pk for answer in answers} == {Fact.objects.get(key="one-click").pk}
    assert sorted(answer.repeated for answer in answers) == [False, True, True, True, True]


def test_the_last_confirmations_at_once_open_the_next_stage_once(world):
    trip = world.submit("export").trips.get()
    world.enter(trip, "B2")
    clicks = [(slot, world.officer(slot.agency)) for slot in world.waiting(trip)]
    at_once(
        *(
            lambda slot=slot, actor=actor: perform("confirm", trip, actor=actor, key=None, confirmation=slot.pk)
            for slot, actor in clicks
        )
    )
    assert [stage.moment for stage in trip.stages.order_by("position")] == ["declare", "enter", "yard", "fee"]
    assert len(list(verify())) == Fact.objects.count()


def test_the_camera_and_an_officer_bring_the_truck_in_at_once(world):
    trip = world.submit("export").trips.get()
    guard, lane = world.officer("border_guard"), world.lane("B2", "in")
    at_once(
        lambda: perform("record_passage", trip, actor=None, key="frame", lane=lane),
        lambda: perform("call_up", trip, actor=guard, key="hand", lane=lane),
    )
    assert Passage.objects.filter(trip=trip).count() == 1
    assert Confirmation.objects.filter(stage__trip=trip, stage__moment="enter").count() == 2


def test_withdrawal_and_entering_at_once_leave_one_truth(world):
    declaration = world.submit("export")
    trip = declaration.trips.get()
    world.see(trip, "B2", "in")
    for slot in world.waiting(trip):
        world.confirm(trip, slot.agency, slot.of)
    guard = world.officer("border_guard")
    at_once(
        lambda: perform("open_barrier", trip, actor=guard, key=None),
        lambda: perform("withdraw", declaration, actor=world.trader, key=None),
    )
    state = Trip.objects.get(pk=trip.pk).state
    opened = Fact.objects.filter(trip=trip, move="open_barrier").exists()
    assert (state, opened) in {("under_way", True), ("withdrawn", False)}


def test_two_declarations_of_one_truck_enter_at_once_and_one_waits(world):
    trips = [world.submit("export").trips.get() for _ in range(2)]
    for trip in trips:
        world.see(trip, "B2", "in")
        for slot in world.waiting(trip):
            world.confirm(trip, slot.agency, slot.of)
    guard = world.officer("border_guard")
    answers = at_once(*(lambda t=t: perform("open_barrier", t, actor=guard, key=None) for t in trips))
    assert answers.count("vehicle_under_way") == 1
    assert Trip.objects.filter(plate=trips[0].plate, state="under_way").count() == 1


def test_goods_claimed_for_two_trucks_at_once_are_not_doubled(world):
    source = world.submit("import", [vehicle("桂F12345")], [goods(quantity=10, weight=100)]).trips.get()
    targets = [world.submit("collect_import", [vehicle(f"12C4567{n}")]).trips.get() for n in range(2)]
    world.enter(source, "B1")
    for target in targets:
        world.enter(target, "B2")
    load = Load.objects.get(trip=source)
    answers = at_once(
        *(
            lambda t=t: perform(
                "register_transshipment",
                t,
                actor=world.trader,
                key=None,
                source=source,
                quantities={str(load.pk): "8"},
            )
            for t in targets
        )
    )
    assert answers.count("too_much") == 1
    assert Load.objects.aggregate(total=Sum("quantity"))["total"] == 10


def test_both_sides_of_a_transshipment_are_confirmed_at_once_and_goods_move_once(world):
    source = world.submit("import", [vehicle("桂F12345")], [goods(quantity=10, weight=100)]).trips.get()
    target = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(source, "B1")
    world.enter(target, "B2")
    perform("register_transshipment", target, actor=world.trader, key=None, source=source)
    slots = [slot for trip in (source, target) for slot in world.waiting(trip) if slot.of == "transshipment"]
    customs = world.officer("customs")
    at_once(*(lambda s=s: perform("confirm", s.stage.trip, actor=customs, key=None, confirmation=s.pk) for s in slots))
    assert [(load.trip_id, load.quantity) for load in Load.objects.all()] == [(target.pk, 10)]
    assert Fact.objects.filter(move="continue", trip=target).count() == 1


def test_two_officers_ask_and_two_corrections_are_made_at_once_with_one_outcome(world):
    trip = world.submit("export").trips.get()
    world.see(trip, "B2", "in")
    world.confirm_all(trip)
    asking = {"fields": ["plate"], "reason": "Biển không khớp ảnh"}
    officers = [world.officer("border_guard"), world.officer("customs")]
    answers = at_once(*(lambda a=a: perform("ask_correction", trip, actor=a, key=None, **asking) for a in officers))
    assert answers.count("being_corrected") == 1
    plates = ["11C12346", "11C12347"]
    at_once(*(lambda p=p: perform("correct", trip, actor=world.trader, key=None, values={"plate": p}) for p in plates))
    correction = Correction.objects.get()
    assert correction.after["plate"] in plates
    guards = [make_officer("border_guard", world.gate) for _ in range(3)]
    agreeing = {"proposal": correction.proposed_id}
    answers = at_once(*(lambda a=a: perform("agree_correction", trip, actor=a, key=None, **agreeing) for a in guards))
    assert answers.count("not_yours") == 2
    assert Trip.objects.get(pk=trip.pk).plate == correction.after["plate"]
    assert Fact.objects.filter(trip=trip, move="corrected").count() == 1
    assert len(list(verify())) == Fact.objects.count()


def test_an_agreement_and_a_rejection_at_once_leave_one_truth(world):
    trip = world.submit("export").trips.get()
    world.see(trip, "B2", "in")
    world.confirm_all(trip)
    seen = perform("correct", trip, actor=world.trader, key=None, values={"plate": "11C12346"}).fact.pk
    guards = [make_officer("border_guard", world.gate) for _ in range(2)]
    at_once(
        lambda: perform("agree_correction", trip, actor=guards[0], key=None, proposal=seen),
        lambda: perform("reject_correction", trip, actor=guards[1], key=None, proposal=seen, reason="Biển cũ đúng"),
    )
    truth = (Correction.objects.get().state, Trip.objects.get(pk=trip.pk).plate)
    assert truth in {("applied", "11C12346"), ("rejected", "11C12345")}


def test_a_correction_and_a_barrier_at_once_leave_one_truth(world):
    trip = world.submit("export").trips.get()
    world.see(trip, "B2", "in")
    world.confirm_all(trip)
    guard, customs = world.officer("border_guard"), world.officer("customs")
    asking = {"fields": ["plate"], "reason": "Biển không khớp ảnh"}
    answers = at_once(
        lambda: perform("open_barrier", trip, actor=guard, key=None),
        lambda: perform("ask_correction", trip, actor=customs, key=None, **asking),
    )
    opened = Fact.objects.filter(trip=trip, move="open_barrier").exists()
    assert opened == (answers[0] != "being_corrected")


def test_another_vehicle_is_put_in_place_while_the_bill_is_paid_and_money_ties(world):
    trip = world.submit("export", [vehicle("11C12345", payload=18)]).trips.get()
    world.enter(trip, "B2")
    world.confirm_all(trip)
    swap = {"plate": "11C12346", "payload": "9"}
    seen = perform("correct", trip, actor=world.trader, key=None, values=swap, replaces=True, sure=True).fact.pk
    *first, last = Consent.objects.filter(correction__trip=trip).order_by("pk").values_list("agency", flat=True)
    for agency in first:
        perform("agree_correction", trip, actor=world.officer(agency), key=None, proposal=seen)
    bill = Bill.objects.with_sums().get()
    officer = world.officer(last)
    at_once(
        lambda: record_payment(bill=bill, amount=bill.due, method="stub", actor=None, key="paid"),
        lambda: perform("agree_correction", trip, actor=officer, key=None, proposal=seen),
    )
    assert Trip.objects.get(pk=trip.pk).plate == "11C12346"
    bills = list(Bill.objects.with_sums())
    assert sum(each.allocated for each in bills) <= bill.due
    assert sum(each.due for each in bills) == Assessment.objects.latest("version").total
    slot = next(slot for slot in world.waiting(trip) if slot.of == "fee_confirmed")
    world.pay(trip)
    perform("confirm", trip, actor=world.officer("fee_centre"), key=None, confirmation=slot.pk)
    assert all(each.outstanding == 0 for each in Bill.objects.with_sums())
