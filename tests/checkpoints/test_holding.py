"""A vehicle that may not or cannot go on: seized and released or handed over, broken down and towed away."""

from uuid import uuid4

import pytest
from django.db.models import Sum
from django.utils import timezone

from checkpoints.cards import token_for
from checkpoints.door import perform
from checkpoints.facts import verify
from checkpoints.models import Fact, Hold, Transshipment
from checkpoints.refusals import Refusal
from declarations.models import Load
from tests.world import fresh, goods, make_gate, make_officer, vehicle

pytestmark = pytest.mark.django_db

SEIZURE = {"case": "12/VPHC-2026", "takes": "both", "reason": "Hàng không có chứng từ"}


@pytest.fixture
def trip(world):
    """A Vietnamese truck with goods for export, in the yard."""
    trip = world.submit("export", lines=[goods(quantity=10, weight=1000)]).trips.get()
    world.enter(trip, "B2")
    return trip


def act(world, move: str, trip, by: str = "border_guard", **details):
    actor = world.trader if by == "trader" else world.officer(by)
    return perform(move, trip, actor=actor, key=str(uuid4()), **details)


def refused(world, move: str, trip, by: str = "border_guard", **details) -> str:
    with pytest.raises(Refusal) as refusal:
        act(world, move, trip, by, **details)
    return refusal.value.code


def test_nothing_of_a_seized_vehicle_goes_on_until_it_is_released(world, trip):
    act(world, "seize", trip, "customs", **SEIZURE)
    with pytest.raises(Refusal) as refusal:
        world.confirm(trip, "health_quarantine", "health_quarantine")
    assert (refusal.value.code, "12/VPHC-2026" in refusal.value.message) == ("seized", True)
    assert refused(world, "turn_back", trip, reason="cho về") == "seized"

    act(world, "release", trip, "customs", reason="Đã xuất trình chứng từ")
    world.confirm_all(trip)
    world.confirm_all(trip)
    world.leave(trip, "B1")

    assert fresh(trip).state == "left"
    assert not Hold.objects.filter(ended=None).exists()
    assert len(list(verify())) == Fact.objects.count()


def test_only_border_guard_and_customs_of_the_gate_seize_and_only_who_seized_releases(world, trip):
    for by in ("trader", "health_quarantine"):
        assert refused(world, "seize", trip, by, **SEIZURE) == "not_yours"
    with pytest.raises(Refusal):
        perform("seize", trip, actor=make_officer("customs", make_gate("tra-linh", "Trà Lĩnh")), key=None, **SEIZURE)
    act(world, "seize", trip, "border_guard", **SEIZURE)
    for move in ("release", "hand_over"):
        assert refused(world, move, trip, "customs", reason="trả lại") == "not_yours"
    assert refused(world, "release", trip, reason="") == "reason_missing"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"reason": " "}, "reason_missing"),
        ({"case": "  "}, "case_missing"),
        ({"case": "1" * 61}, "case_missing"),
        ({"takes": ""}, "nothing_seized"),
        ({"takes": "driver"}, "nothing_seized"),
    ],
)
def test_a_seizure_names_its_case_its_reason_and_what_it_takes(world, trip, given, code):
    assert refused(world, "seize", trip, **SEIZURE | given) == code
    assert not Hold.objects.exists()


def test_goods_are_not_seized_from_an_empty_vehicle_nor_a_vehicle_twice_nor_before_it_came(world):
    coming = world.submit("export", [vehicle("11C77777")]).trips.get()
    assert refused(world, "seize", coming, **SEIZURE) == "not_here"
    empty = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(empty, "B2")
    assert refused(world, "seize", empty, **SEIZURE) == "no_goods"
    act(world, "seize", empty, **SEIZURE | {"takes": "vehicle"})
    for by in ("border_guard", "customs"):
        assert refused(world, "seize", empty, by, **SEIZURE | {"takes": "vehicle"}) == "already_seized"


def test_a_vehicle_seized_before_it_entered_is_neither_withdrawn_nor_expires(world):
    trip = world.submit("export").trips.get()
    world.see(trip, "B2", "in")
    act(world, "seize", trip, **SEIZURE)
    assert refused(world, "withdraw", trip.declaration, "trader") == "seized"
    assert refused(world, "withdraw_trip", trip, "trader") == "seized"
    for move, subject in (("expire", trip.declaration), ("expire_trip", trip)):
        with pytest.raises(Refusal) as refusal:
            perform(move, subject, actor=None, key=None)
        assert refusal.value.code == "seized"


def test_handed_over_for_good_the_trip_ends_with_its_goods(world, trip):
    act(world, "seize", trip, "customs", **SEIZURE)
    act(world, "hand_over", trip, "customs", reason="Quyết định tịch thu 7/QĐ")

    assert (fresh(trip).state, fresh(trip.declaration).state) == ("removed", "completed")
    load = Load.objects.get()
    assert (load.trip, load.case, load.quantity) == (None, "12/VPHC-2026", 10)
    again = world.submit("export").trips.get()
    world.enter(again, "B2")
    assert fresh(again).state == "under_way"


def test_a_vehicle_alone_is_handed_over_once_its_goods_went_over_to_another(world):
    source = world.submit("import", [vehicle("桂F12345")], [goods(quantity=10, weight=1000)]).trips.get()
    target = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(source, "B1")
    world.enter(target, "B2")
    act(world, "seize", source, **SEIZURE | {"takes": "vehicle"})
    assert refused(world, "hand_over", source, reason="tịch thu xe") == "goods_on_it"

    act(world, "register_transshipment", target, "trader", source=source)
    world.confirm(source, "customs", "transshipment")
    act(world, "hand_over", source, reason="tịch thu xe")

    assert fresh(source).state == "removed"
    assert Load.objects.get().trip == target


@pytest.mark.parametrize("where", ["at its first barrier", "in the yard", "at its last barrier"])
def test_a_vehicle_is_handed_over_with_the_goods_on_it_wherever_it_was_seized(world, where):
    trip = world.submit("export", lines=[goods(quantity=10, weight=1000)]).trips.get()
    if where == "at its first barrier":
        world.see(trip, "B2", "in")
    else:
        world.enter(trip, "B2")
    if where == "at its last barrier":
        world.confirm_all(trip)
        world.confirm_all(trip)
        world.see(trip, "B1", "out")
        assert fresh(trip).stages.last().moment == "leave"
    act(world, "seize", trip, **SEIZURE | {"takes": "vehicle"})
    assert refused(world, "hand_over", trip, reason="tịch thu xe") == "goods_on_it"

    fact = act(world, "hand_over", trip, reason="tịch thu xe", with_goods=True).fact

    assert fact.data["takes"] == "both"
    assert (fresh(trip).state, fresh(trip.declaration).state) == ("removed", "completed")
    load = Load.objects.get()
    assert (load.trip, load.case) == (None, "12/VPHC-2026")


def test_the_agency_that_seized_may_seize_anew_and_what_it_seized_last_counts(world, trip):
    act(world, "seize", trip, "customs", **SEIZURE | {"takes": "vehicle"})
    assert refused(world, "seize", trip, "border_guard", **SEIZURE) == "already_seized"

    act(world, "seize", trip, "customs", **SEIZURE | {"case": "13/VPHC-2026"})

    hold = Hold.objects.get(ended=None)
    assert (hold.takes, hold.case) == ("both", "13/VPHC-2026")
    assert Hold.objects.get(takes="vehicle").ended == hold.began
    act(world, "hand_over", trip, "customs", reason="tịch thu cả hai")
    assert Load.objects.get().case == "13/VPHC-2026"


def test_goods_handed_over_at_the_first_barrier_are_not_asked_about_inside(world):
    trip = world.submit("import", [vehicle("桂F12345")], [goods(quantity=10, weight=1000)]).trips.get()
    world.see(trip, "B1", "in")
    act(world, "seize", trip, "customs", **SEIZURE | {"takes": "goods"})
    act(world, "hand_over", trip, "customs", reason="tịch thu hàng")
    world.confirm_all(trip)
    world.open(trip)

    assert fresh(trip).procedure_code == "cn_empty_returns_from_yard"
    assert "yard" not in fresh(trip).stages.values_list("moment", flat=True)
    world.leave(trip, "B1")
    assert fresh(trip).state == "left"


def test_nothing_is_corrected_while_it_is_seized_nor_what_handed_over_goods_share_with_others(world):
    first, second = vehicle("11C12345"), vehicle("11C77777")
    declaration = world.submit("export", [first, second], [goods(quantity=10, weight=1000)])
    trip, other = declaration.trips.order_by("position")
    world.enter(trip, "B2")
    name = {f"line:{Load.objects.filter(trip=trip).get().line_id}.name": "Đá vôi"}
    lot = declaration.consignments.get()
    number = {"consignment": lot.pk, "number": "308508812999", "day": lot.customs_date}

    act(world, "seize", trip, "customs", **SEIZURE | {"takes": "goods"})
    assert refused(world, "correct", trip, "trader", values={"driver_name": "Nông Văn Dền"}) == "seized"
    assert refused(world, "ask_correction", trip, fields=["plate"], reason="biển không khớp") == "seized"
    assert refused(world, "correct", other, "trader", values=name, sure=True) == "seized"
    assert refused(world, "name_customs_declaration", declaration, "trader", **number) == "seized"
    act(world, "correct", other, "trader", values={"driver_name": "Nông Văn Dền"})

    act(world, "hand_over", trip, "customs", reason="tịch thu hàng")
    assert refused(world, "correct", other, "trader", values=name, sure=True) == "seized"
    assert refused(world, "name_customs_declaration", declaration, "trader", **number) == "seized"


def test_a_correction_proposed_before_the_seizure_is_agreed_to_only_after_it(world, trip):
    key = f"line:{Load.objects.get().line_id}.origin"
    proposal = act(world, "correct", trip, "trader", values={key: "Trung Quốc"}, sure=True).fact
    act(world, "seize", trip, **SEIZURE)
    given = {"proposal": proposal.pk}
    assert refused(world, "agree_correction", trip, "customs", **given) == "seized"
    act(world, "release", trip, reason="hợp lệ")
    act(world, "agree_correction", trip, "customs", **given)
    assert Load.objects.get().line.origin == "Trung Quốc"


def test_seized_goods_do_not_go_over_and_a_seized_vehicle_receives_nothing(world):
    source = world.submit("import", [vehicle("桂F12345")], [goods(quantity=10, weight=1000)]).trips.get()
    target = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(source, "B1")
    world.enter(target, "B2")
    act(world, "register_transshipment", target, "trader", source=source)
    act(world, "seize", source, **SEIZURE | {"takes": "goods"})
    for held in (source, target):
        with pytest.raises(Refusal) as refusal:
            world.confirm(held, "customs", "transshipment")
        assert refusal.value.code == "seized"
    assert refused(world, "hand_over", source, reason="tịch thu hàng") == "goods_registered"
    registered = Transshipment.objects.get().pk
    assert refused(world, "cancel_transshipment", target, "customs", registered=registered) == "reason_missing"
    act(world, "cancel_transshipment", target, "customs", registered=registered, reason="hàng bị tạm giữ")
    act(world, "seize", target, "customs", **SEIZURE | {"takes": "vehicle"})
    act(world, "release", source, reason="trả lại hàng")
    assert refused(world, "register_transshipment", target, "trader", source=source) == "seized"


def test_seized_goods_handed_over_are_off_the_truck_which_goes_home_empty(world):
    trip = world.submit("import", [vehicle("桂F12345")], [goods(quantity=10, weight=1000)]).trips.get()
    world.enter(trip, "B1")
    act(world, "seize", trip, "customs", **SEIZURE | {"takes": "goods"})
    act(world, "hand_over", trip, "customs", reason="tịch thu hàng")

    load = Load.objects.get()
    assert (load.trip, load.yard, load.case, load.quantity) == (None, None, "12/VPHC-2026", 10)
    assert Load.objects.aggregate(Sum("weight"))["weight__sum"] == 1000
    assert fresh(trip).procedure_code == "cn_empty_returns_from_yard"
    world.leave(trip, "B1")
    assert fresh(trip).state == "left"


def test_a_part_of_the_seized_goods_is_handed_over_and_the_truck_goes_on_with_the_rest(world):
    goods_of = [goods(quantity=10, weight=1000), goods("Sắn lát", quantity=5, weight=50)]
    lacks = {"customs_number": "", "customs_date": None}
    trip = world.submit("import", [vehicle("桂F12345")], goods_of, **lacks).trips.get()
    world.enter(trip, "B1")
    first = Load.objects.order_by("pk").first()
    act(world, "seize", trip, "customs", **SEIZURE | {"takes": "goods"})
    for wrong in ("10.5", "-1", "0"):
        given = {"reason": "tịch thu một phần", "quantities": {str(first.pk): wrong}}
        assert refused(world, "hand_over", trip, "customs", **given) == "too_much"
    act(world, "hand_over", trip, "customs", reason="tịch thu một phần", quantities={str(first.pk): "3"})

    amounts = Load.objects.order_by("pk").values_list("trip", "case", "quantity", "weight")
    assert list(amounts) == [(trip.pk, "", 7, 700), (trip.pk, "", 5, 50), (None, "12/VPHC-2026", 3, 300)]
    lot = trip.declaration.consignments.get()
    number = {"consignment": lot.pk, "number": "108508812340", "day": timezone.localdate()}
    act(world, "name_customs_declaration", trip.declaration, "trader", **number)
    world.confirm_all(trip)
    world.confirm_all(trip)
    world.leave(trip, "B2")
    assert fresh(trip).state == "left"


def test_of_a_seized_vehicle_no_part_of_the_goods_is_handed_over(world, trip):
    part = {"quantities": {str(trip.loads.first().pk): "1"}}
    act(world, "seize", trip, "customs", **SEIZURE | {"takes": "both"})
    assert refused(world, "hand_over", trip, "customs", reason="tịch thu", **part) == "whole_vehicle"


def test_a_seized_vehicle_seen_at_the_next_barrier_is_asked_nothing_until_it_is_released(world, trip):
    world.confirm_all(trip)
    world.confirm_all(trip)
    act(world, "seize", trip, **SEIZURE)
    world.see(trip, "B1", "out")
    assert fresh(trip).stages.last().moment != "leave"
    act(world, "release", trip, reason="hợp lệ")
    assert fresh(trip).stages.last().moment == "leave"


def test_a_vehicle_that_broke_down_keeps_its_barrier_closed_until_it_drives_again(world, trip):
    world.confirm_all(trip)
    world.confirm_all(trip)
    world.see(trip, "B1", "out")
    act(world, "report_breakdown", trip, "trader", reason="Hỏng hộp số")
    world.confirm(trip, "customs", "vehicle_and_goods")
    world.confirm(trip, "health_quarantine", "health_quarantine")
    slot = world.waiting(trip)[0]
    assert refused(world, "confirm", trip, confirmation=slot.pk, opens=True) == "broken_down"
    world.confirm(trip, "border_guard", slot.of)
    assert refused(world, "open_barrier", trip) == "broken_down"
    assert refused(world, "report_breakdown", trip, reason="Hỏng hộp số") == "already_broken_down"

    act(world, "report_repaired", trip, "health_quarantine")
    world.open(trip)
    assert fresh(trip).state == "left"


def test_the_driver_reports_it_by_the_card_and_nobody_else_without_an_account(world, trip):
    other = world.submit("export", [vehicle("11C77777")]).trips.get()
    for card in (token_for(other), "", "x"):
        with pytest.raises(Refusal) as refusal:
            perform("report_breakdown", trip, actor=None, key=None, reason="Nổ lốp", card=card)
        assert refusal.value.code == "not_yours"
    fact = perform("report_breakdown", trip, actor=None, key=None, reason="Nổ lốp", card=token_for(trip)).fact
    assert fact.agency == "driver"
    with pytest.raises(Refusal):
        perform("report_breakdown", other, actor=None, key=None, reason="Nổ lốp", card=token_for(other))


def test_a_broken_down_vehicle_is_towed_away_once_its_goods_are_off_or_go_with_it(world, trip):
    out = {"lane": world.lane("B2", "out"), "reason": "Hỏng máy"}
    assert refused(world, "tow_away", trip, **out) == "not_broken_down"
    act(world, "report_breakdown", trip, "customs", reason="Hỏng máy")
    assert refused(world, "tow_away", trip, "customs", **out) == "not_yours"
    assert refused(world, "tow_away", trip, **out | {"lane": world.lane("yard", "out")}) == "no_way_out"
    assert refused(world, "tow_away", trip, **out) == "goods_on_it"

    fact = act(world, "tow_away", trip, with_goods=True, **out).fact

    assert (fact.place, fact.data["lane"], fact.data["with_goods"]) == ("B2", out["lane"].pk, True)
    assert (fresh(trip).state, fresh(trip.declaration).state) == ("removed", "completed")
    assert refused(world, "report_repaired", trip, "trader") == "trip_ended"


def test_a_seized_vehicle_is_not_towed_away(world, trip):
    act(world, "report_breakdown", trip, reason="Hỏng máy")
    act(world, "seize", trip, "customs", **SEIZURE)
    out = {"lane": world.lane("B2", "out"), "reason": "Hỏng máy", "with_goods": True}
    assert refused(world, "tow_away", trip, **out) == "seized"
