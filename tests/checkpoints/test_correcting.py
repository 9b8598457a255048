"""What was declared is corrected in seconds, and nothing that was already right is asked again."""

from datetime import date
from uuid import uuid4

import pytest
from django.db.models import Sum

from checkpoints.cards import token_for
from checkpoints.door import Outcome, perform
from checkpoints.models import Confirmation, Correction, Fact
from checkpoints.refusals import Refusal
from checkpoints.selectors import trucks
from declarations.correctable import as_text, cleaned, current
from declarations.models import GoodsLine, QuarantineRule, Trip
from fees.models import Assessment, Bill
from gates.models import Lane
from tests.world import World, fresh, goods, make_gate, make_officer, make_trader, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def trip(world) -> Trip:
    """At B2, customs and the border guard have confirmed, the barrier is closed."""
    trip = world.submit("export", [vehicle("11C12345", payload=40)]).trips.get()
    world.see(trip, "B2", "in")
    world.confirm_all(trip)
    return trip


def ask(world: World, trip: Trip, *fields: str, agency: str = "border_guard", reason: str = "Biển không khớp ảnh"):
    actor = world.officer(agency)
    return perform("ask_correction", trip, actor=actor, key=str(uuid4()), fields=list(fields), reason=reason)


def correct(world: World, trip: Trip, values: dict, **details) -> Outcome:
    actor = details.pop("actor", world.trader)
    return perform("correct", trip, actor=actor, key=str(uuid4()), values=values, **details)


def settle(world: World, trip: Trip, how: str = "agree", agency: str = "border_guard", **details) -> Outcome:
    details.setdefault("proposal", Correction.objects.filter(trip=trip).latest("pk").proposed_id)
    actor = details.pop("actor", None) or world.officer(agency)
    return perform(f"{how}_correction", trip, actor=actor, key=str(uuid4()), **details)


def awaited(trip: Trip) -> list[str]:
    """The agencies whose agreement the trip's last correction awaits."""
    correction = Correction.objects.filter(trip=trip).latest("pk")
    return sorted(correction.consents.filter(fact=None).values_list("agency", flat=True))


def states(trip: Trip) -> dict[tuple[str, str], str]:
    slots = Confirmation.objects.filter(stage__trip=trip)
    return {(slot.stage.moment, slot.of): slot.state for slot in slots.select_related("stage")}


def line_key(trip: Trip, name: str) -> str:
    return f"line:{trip.loads.get().line_id}.{name}"


def lot_key(trip: Trip, name: str) -> str:
    return f"consignment:{trip.loads.get().line.consignment_id}.{name}"


def code_of(action) -> str:
    with pytest.raises(Refusal) as refusal:
        action()
    return refusal.value.code


# The plate that was mistyped


def test_a_wrong_plate_is_a_matter_of_the_border_guard_alone(world, trip):
    before = {slot.pk: slot.fact_id for slot in Confirmation.objects.filter(stage__trip=trip)}
    ask(world, trip, "plate")
    correct(world, trip, {"plate": "11c-123.46"})
    assert fresh(trip).plate == "11C12345"
    assert awaited(trip) == ["border_guard"]
    settle(world, trip)
    assert fresh(trip).plate == "11C12346"
    assert {slot.pk: slot.fact_id for slot in Confirmation.objects.filter(stage__trip=trip)} == before
    world.open(trip)
    assert fresh(trip).state == "under_way"


def test_before_anybody_confirmed_the_declarants_own_change_counts_at_once(world):
    trip = world.submit("export").trips.get()
    correct(world, trip, {"plate": "11C12346", "driver_name": "Hoàng Văn Thụ", "companion": "Lý Thị Mai"})
    trip = fresh(trip)
    assert (trip.plate, trip.driver_name, trip.companion) == ("11C12346", "Hoàng Văn Thụ", "Lý Thị Mai")
    correction = Correction.objects.get()
    assert (correction.state, correction.before["plate"], correction.after["plate"]) == (
        "applied",
        "11C12345",
        "11C12346",
    )


def test_what_the_border_guard_did_not_confirm_yet_waits_for_nobody(world):
    trip = world.submit("export").trips.get()
    world.see(trip, "B2", "in")
    world.confirm(trip, "customs", "vehicle_and_goods")
    ask(world, trip, "plate")
    correct(world, trip, {"plate": "11C12346"})
    assert fresh(trip).plate == "11C12346"
    assert states(trip)["enter", "vehicle_and_goods"] == "confirmed"
    assert states(trip)["enter", "driver_and_vehicle"] == "waiting"


def test_what_was_refused_on_the_old_value_waits_again(world):
    trip = world.submit("export").trips.get()
    world.see(trip, "B2", "in")
    slot = next(s for s in world.waiting(trip) if s.agency == "border_guard")
    perform(
        "refuse", trip, actor=world.officer("border_guard"), key=None, confirmation=slot.pk, reason="Sai số điện thoại"
    )
    correct(world, trip, {"driver_phone": "0987654321"})
    assert states(trip)["enter", "driver_and_vehicle"] == "waiting"


# The driver, by the card


def test_the_driver_corrects_on_the_phone_what_was_asked(world, trip):
    ask(world, trip, "plate")
    correct(world, trip, {"plate": "11C12346"}, actor=None, card=token_for(trip))
    settle(world, trip)
    assert fresh(trip).plate == "11C12346"
    assert Fact.objects.get(trip=trip, move="correct").agency == "driver"


@pytest.mark.parametrize("card", ["", "1:nonsense", "other"])
def test_a_card_of_another_truck_corrects_nothing(world, trip, card):
    ask(world, trip, "plate")
    other = world.submit("export", [vehicle("12C45678")]).trips.get()
    token = token_for(other) if card == "other" else card
    assert code_of(lambda: correct(world, trip, {"plate": "11C12346"}, actor=None, card=token)) == "not_yours"


def test_the_driver_corrects_only_what_was_asked(world, trip):
    card = token_for(trip)
    assert code_of(lambda: correct(world, trip, {"plate": "11C12346"}, actor=None, card=card)) == "not_yours"
    ask(world, trip, "plate")
    both = {"plate": "11C12346", "driver_name": "Người khác"}
    assert code_of(lambda: correct(world, trip, both, actor=None, card=card)) == "not_yours"
    swap = {"plate": "11C12346"}
    assert code_of(lambda: correct(world, trip, swap, actor=None, card=card, replaces=True)) == "not_yours"


# While it is open


def test_the_barrier_stays_closed_while_something_is_corrected(world, trip):
    ask(world, trip, "driver_phone")
    assert code_of(lambda: world.open(trip)) == "being_corrected"
    settle(world, trip, "withdraw")
    world.open(trip)
    assert fresh(trip).state == "under_way"


def test_only_what_rests_on_the_field_waits_with_it(world):
    trip = world.submit("export").trips.get()
    world.see(trip, "B2", "in")
    ask(world, trip, "plate", agency="customs")
    assert code_of(lambda: world.confirm(trip, "border_guard", "driver_and_vehicle")) == "being_corrected"
    world.confirm(trip, "customs", "vehicle_and_goods")
    assert states(trip)["enter", "vehicle_and_goods"] == "confirmed"


def test_a_confirmation_opens_no_barrier_with_it_while_something_is_corrected(world):
    trip = world.submit("export").trips.get()
    world.see(trip, "B2", "in")
    world.confirm(trip, "customs", "vehicle_and_goods")
    ask(world, trip, line_key(trip, "unit"), agency="customs")
    assert code_of(lambda: world.confirm(trip, "border_guard", "driver_and_vehicle", opens=True)) == "being_corrected"
    world.confirm(trip, "border_guard", "driver_and_vehicle")


# Who may, and when


def test_who_is_not_asked_in_the_procedure_asks_for_nothing(world, trip):
    assert code_of(lambda: ask(world, trip, "plate", agency="yard_operator")) == "not_yours"
    stranger = make_officer("border_guard", make_gate("tra-linh", "Trà Lĩnh"))
    details = {"fields": ["plate"], "reason": "Biển không khớp"}
    assert code_of(lambda: perform("ask_correction", trip, actor=stranger, key=None, **details)) == "not_yours"
    assert code_of(lambda: perform("ask_correction", trip, actor=world.trader, key=None, **details)) == "not_yours"


def test_another_firm_corrects_nothing(world, trip):
    stranger = make_trader("Công ty khác")
    assert code_of(lambda: correct(world, trip, {"plate": "11C12346"}, actor=stranger)) == "not_yours"


def test_an_officer_asks_with_a_reason_for_fields_that_are_there(world, trip):
    assert code_of(lambda: ask(world, trip, "plate", reason="")) == "reason_missing"
    assert code_of(lambda: ask(world, trip)) == "nothing_named"
    for fields in (["state"], ["line:999999.weight"], ["nonsense;"], ["a:b"], ["line:x.weight"]):
        assert code_of(lambda f=fields: ask(world, trip, *f)) == "unknown_field"


def test_one_thing_is_corrected_at_a_time(world, trip):
    ask(world, trip, "plate")
    assert code_of(lambda: ask(world, trip, "driver_name", agency="customs")) == "being_corrected"


def test_who_did_not_confirm_on_it_has_nothing_to_agree_to(world, trip):
    correct(world, trip, {"plate": "11C12346"})
    assert code_of(lambda: settle(world, trip, agency="customs")) == "not_yours"
    assert code_of(lambda: settle(world, trip, "reject", agency="customs", reason="Không đúng")) == "not_yours"


def test_an_officer_agrees_to_what_was_on_the_screen(world, trip):
    ask(world, trip, "plate")
    seen = correct(world, trip, {"plate": "11C12346"}).fact.pk
    correct(world, trip, {"plate": "11C12399"})
    assert code_of(lambda: settle(world, trip, proposal=seen)) == "just_changed"
    settle(world, trip)
    assert fresh(trip).plate == "11C12399"


def test_a_proposal_adds_to_the_one_before(world, trip):
    correct(world, trip, {"plate": "11C12346"})
    correct(world, trip, {"driver_name": "Hoàng Văn Thụ"})
    assert Correction.objects.get().after == {"plate": "11C12346", "driver_name": "Hoàng Văn Thụ"}
    correct(world, trip, {"plate": "11C12345"})
    assert Correction.objects.get().after == {"driver_name": "Hoàng Văn Thụ"}


def test_rejected_means_as_it_was(world, trip):
    before = states(trip)
    correct(world, trip, {"plate": "11C12346"})
    assert code_of(lambda: settle(world, trip, "reject", reason="")) == "reason_missing"
    settle(world, trip, "reject", reason="Biển cũ mới đúng")
    assert (fresh(trip).plate, states(trip), Correction.objects.get().state) == ("11C12345", before, "rejected")
    world.open(trip)


def test_who_asked_takes_it_back_and_who_proposed(world, trip):
    ask(world, trip, "plate")
    assert code_of(lambda: settle(world, trip, "withdraw", actor=world.trader)) == "not_yours"
    assert code_of(lambda: settle(world, trip, "withdraw", agency="customs")) == "not_yours"
    settle(world, trip, "withdraw")
    correct(world, trip, {"plate": "11C12346"})
    assert code_of(lambda: settle(world, trip, "withdraw")) == "not_yours"
    settle(world, trip, "withdraw", actor=world.trader)
    assert list(Correction.objects.values_list("state", flat=True)) == ["withdrawn", "withdrawn"]


def test_nothing_is_corrected_after_leaving_or_before_sending(world, trip):
    draft = world.draft().trips.get()
    assert code_of(lambda: correct(world, draft, {"plate": "11C12346"})) == "trip_ended"
    reason = "Không đủ giấy tờ"
    perform("turn_back", trip, actor=world.officer("border_guard"), key=None, reason=reason)
    assert code_of(lambda: correct(world, trip, {"plate": "11C12346"})) == "trip_ended"
    assert code_of(lambda: ask(world, trip, "plate")) == "trip_ended"


def test_with_its_trip_a_correction_ends_as_it_stands(world, trip):
    ask(world, trip, "plate")
    perform("turn_back", trip, actor=world.officer("border_guard"), key=None, reason="Không đủ giấy tờ")
    assert not Correction.objects.open().exists()
    assert code_of(lambda: settle(world, trip, "withdraw")) == "not_yours"


# What values


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"plate": ""}, "bad_value"),
        ({"plate": "X" * 40}, "bad_value"),
        ({"vehicle_type": "bicycle"}, "bad_value"),
        ({"payload": "viele"}, "bad_value"),
        ({"permit_to": "31/02/2026"}, "bad_value"),
        ({"plate": "11C-123.45"}, "nothing_changed"),
        ({"plate": "HELLO"}, "doubtful"),
        ({"driver_phone": "12"}, "doubtful"),
        ({"container": "ABCU1234567"}, "doubtful"),
        ({"permit_to": "2020-01-01"}, "bad_value"),
        ({"permit_from": "2019-01-01", "permit_to": "2020-01-01"}, "doubtful"),
        ({"country": "CN"}, "doubtful"),
    ],
)
def test_values_are_asked_as_in_declaring(world, trip, values, code):
    assert code_of(lambda: correct(world, trip, values)) == code
    assert current(fresh(trip)) == current(trip)


def test_a_warning_is_overridden_by_who_saw_it(world, trip):
    correct(world, trip, {"plate": "HELLO"}, sure=True)
    settle(world, trip)
    assert fresh(trip).plate == "HELLO"


def test_what_was_asked_must_change(world, trip):
    ask(world, trip, "plate")
    assert code_of(lambda: correct(world, trip, {"driver_name": "Người khác"})) == "nothing_changed"


def test_a_vehicle_under_way_is_not_declared_again_here(world, trip):
    inside = world.submit("export", [vehicle("12C45678")]).trips.get()
    world.enter(inside, "B2")
    assert code_of(lambda: correct(world, trip, {"plate": "12C45678"})) == "vehicle_under_way"
    tomorrow = world.submit("export", [vehicle("11C55555")]).trips.get()
    correct(world, tomorrow, {"plate": "12C45678"})
    assert fresh(tomorrow).plate == "12C45678"


def test_a_vehicle_that_entered_before_the_agreement_is_refused_then(world, trip):
    correct(world, trip, {"plate": "12C45678"})
    inside = world.submit("export", [vehicle("12C45678")]).trips.get()
    world.enter(inside, "B2")
    assert code_of(lambda: settle(world, trip)) == "vehicle_under_way"
    assert fresh(trip).plate == "11C12345"


def test_the_same_vehicle_twice_in_a_declaration_is_refused(world):
    one, _two = world.submit("export", [vehicle("11C12345"), vehicle("12C45678")]).trips.all()
    assert code_of(lambda: correct(world, one, {"plate": "12C45678"})) == "incomplete"


def test_an_import_keeps_its_permit_and_its_country(world):
    trip = world.submit("import", [vehicle("桂F12345")]).trips.get()
    assert code_of(lambda: correct(world, trip, {"permit_number": ""})) == "incomplete"
    empty = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    assert code_of(lambda: correct(world, empty, {"plate": "桂F12399", "country": "CN"})) == "other_procedure"


# Goods


def test_weight_changes_the_load_and_its_line_together(world):
    trips = world.submit("export", [vehicle("11C12345"), vehicle("12C45678")], [goods(quantity=10, weight=900)])
    one, two = trips.trips.order_by("position")
    key = line_key(one, "weight")
    correct(world, one, {key: "500.5", line_key(one, "quantity"): "6"})
    line = GoodsLine.objects.annotate(q=Sum("loads__quantity"), w=Sum("loads__weight")).get()
    assert (one.loads.get().weight, two.loads.get().weight) == (500.5, 450)
    assert (line.weight, line.quantity, line.w, line.q) == (950.5, 11, 950.5, 11)


@pytest.mark.parametrize(
    ("name", "value"), [("weight", "0"), ("weight", "-3"), ("quantity", "0"), ("name", ""), ("weight", "")]
)
def test_goods_are_not_corrected_away(world, trip, name, value):
    assert code_of(lambda: correct(world, trip, {line_key(trip, name): value})) in ("bad_value", "incomplete")


def test_goods_ask_who_confirmed_them_and_the_plate_does_not(world, trip):
    correct(world, trip, {line_key(trip, "name"): "Tinh bột sắn loại 2"})
    assert awaited(trip) == ["customs"]
    assert code_of(lambda: settle(world, trip)) == "not_yours"
    settle(world, trip, agency="customs")
    assert trip.loads.get().line.name == "Tinh bột sắn loại 2"


def test_what_others_carry_too_asks_those_who_confirmed_it_on_any_truck(world):
    declaration = world.submit("export", [vehicle("11C12345"), vehicle("12C45678")])
    one, two = declaration.trips.order_by("position")
    world.see(one, "B2", "in")
    world.confirm(one, "customs", "vehicle_and_goods")
    correct(world, two, {line_key(two, "hs_code"): "11081900"}, sure=True)
    assert awaited(two) == ["customs"]
    assert code_of(lambda: world.open(one)) in ("not_all_confirmed", "being_corrected")
    world.confirm(one, "border_guard", "driver_and_vehicle")
    assert code_of(lambda: world.open(one)) == "being_corrected"
    settle(world, two, agency="customs")
    world.open(one)


def test_goods_registered_to_go_over_are_not_corrected_meanwhile(world):
    source = world.submit("import", [vehicle("桂F12345")]).trips.get()
    target = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(source, "B1")
    world.enter(target, "B2")
    perform("register_transshipment", target, actor=world.trader, key=None, source=source)
    assert code_of(lambda: correct(world, source, {line_key(source, "weight"): "10"})) == "goods_registered"
    correct(world, source, {"driver_phone": "0987654321"})


def test_goods_of_another_declaration_are_not_corrected_by_who_carries_them(world):
    source = world.submit("import", [vehicle("桂F12345")]).trips.get()
    target = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(source, "B1")
    world.enter(target, "B2")
    key = line_key(source, "weight")
    perform("register_transshipment", target, actor=world.trader, key=None, source=source)
    world.confirm(target, "customs", "transshipment")
    assert code_of(lambda: correct(world, target, {key: "10"})) == "unknown_field"
    assert code_of(lambda: correct(world, source, {key: "10"})) == "unknown_field"


def test_goods_that_turn_out_to_need_quarantine_are_asked_after_all(world):
    QuarantineRule.objects.get_or_create(
        agency="animal_quarantine", hs_prefix="02", defaults={"valid_from": date(2026, 1, 1)}
    )
    trip = world.submit("export", lines=[goods(hs_code="85423900")]).trips.get()
    world.enter(trip, "B2")
    assert states(trip)["yard", "animal_quarantine"] == "not_required"
    correct(world, trip, {line_key(trip, "hs_code"): "02071200"})
    settle(world, trip, agency="customs")
    assert states(trip)["yard", "animal_quarantine"] == "waiting"
    world.confirm_all(trip)
    correct(world, trip, {line_key(trip, "hs_code"): "85423900"})
    assert awaited(trip) == ["animal_quarantine", "customs", "health_quarantine"]


def test_quarantine_of_a_finished_yard_agrees_instead_of_being_passed_over(world):
    QuarantineRule.objects.get_or_create(
        agency="animal_quarantine", hs_prefix="02", defaults={"valid_from": date(2026, 1, 1)}
    )
    trip = world.submit("export", lines=[goods(hs_code="85423900")]).trips.get()
    world.enter(trip, "B2")
    world.confirm_all(trip)
    correct(world, trip, {line_key(trip, "hs_code"): "02071200"})
    assert "animal_quarantine" in awaited(trip)
    for agency in awaited(trip):
        settle(world, trip, agency=agency)
    slot = Confirmation.objects.get(stage__trip=trip, of="animal_quarantine")
    assert (slot.state, slot.fact.agency, slot.fact.move) == ("confirmed", "animal_quarantine", "agree_correction")


def test_who_would_have_been_asked_in_a_yard_finished_meanwhile_is_asked_to_agree_too(world):
    QuarantineRule.objects.get_or_create(
        agency="animal_quarantine", hs_prefix="02", defaults={"valid_from": date(2026, 1, 1)}
    )
    trip = world.submit("export", lines=[goods(hs_code="85423900")]).trips.get()
    world.enter(trip, "B2")
    others = [slot for slot in world.waiting(trip) if slot.agency != "border_guard"]
    guards = [slot for slot in world.waiting(trip) if slot.agency == "border_guard"]
    for slot in others:
        world.confirm(trip, slot.agency, slot.of)
    correct(world, trip, {line_key(trip, "hs_code"): "02071200"})
    asked = awaited(trip)
    assert asked
    assert "animal_quarantine" not in asked
    for slot in guards:
        world.confirm(trip, slot.agency, slot.of)
    assert not trip.stages.filter(moment="yard", completed_at=None).exists()
    for agency in asked:
        settle(world, trip, agency=agency)
    assert (awaited(trip), Correction.objects.get().state) == (["animal_quarantine"], "proposed")
    assert Fact.objects.filter(move="agree_correction", data__asks=["animal_quarantine"]).count() == 1
    assert trip.loads.get().line.hs_code == "85423900"
    settle(world, trip, agency="animal_quarantine")
    assert Correction.objects.get().state == "applied"
    slot = Confirmation.objects.get(stage__trip=trip, of="animal_quarantine")
    assert (slot.state, slot.fact.agency, slot.fact.move) == ("confirmed", "animal_quarantine", "agree_correction")


@pytest.mark.parametrize("own_is_first", [True, False])
def test_a_truck_waits_for_its_own_correction_and_for_that_of_goods_carried_with_others(world, own_is_first):
    one, two = world.submit("export", [vehicle("11C12345"), vehicle("12C45678")]).trips.order_by("position")
    world.see(one, "B2", "in")
    asks = [(one, "driver_name"), (two, line_key(two, "hs_code"))]
    for trip, field in asks if own_is_first else reversed(asks):
        ask(world, trip, field)
    assert code_of(lambda: world.confirm(one, "customs", "vehicle_and_goods")) == "being_corrected"
    assert code_of(lambda: world.confirm(one, "border_guard", "driver_and_vehicle")) == "being_corrected"
    (truck,) = trucks(Trip.objects.filter(pk=one.pk), Lane.objects.select_related("barrier", "yard"))
    assert (truck.correction.trip_id, len(truck.corrections), truck.to_confirm) == (one.pk, 2, [])
    settle(world, one, "withdraw")
    world.confirm(one, "border_guard", "driver_and_vehicle")
    assert code_of(lambda: world.confirm(one, "customs", "vehicle_and_goods")) == "being_corrected"


# Goods that go over


@pytest.fixture
def pair(world) -> tuple[Trip, Trip]:
    """Goods in the yard, and the truck that waits for them."""
    source = world.submit("import", [vehicle("桂F12345")]).trips.get()
    target = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(source, "B1")
    world.enter(target, "B2")
    return source, target


def test_goods_that_are_being_corrected_are_not_registered_to_go(world, pair):
    source, target = pair
    ask(world, source, line_key(source, "weight"), agency="customs")
    register = {"actor": world.trader, "key": None, "source": source}
    assert code_of(lambda: perform("register_transshipment", target, **register)) == "being_corrected"
    settle(world, source, "withdraw", agency="customs")
    ask(world, source, "driver_phone")
    perform("register_transshipment", target, **register)


def test_goods_that_are_being_corrected_do_not_move_from_either_side(world, pair):
    source, target = pair
    perform("register_transshipment", target, actor=world.trader, key=None, source=source)
    ask(world, source, line_key(source, "weight"), agency="customs")
    for trip in pair:
        assert code_of(lambda trip=trip: world.confirm(trip, "customs", "transshipment")) == "being_corrected"
    settle(world, source, "withdraw", agency="customs")
    world.confirm(target, "customs", "transshipment")
    assert target.loads.exists()


def test_a_field_of_goods_that_left_the_truck_is_not_corrected_on_it(world, trip):
    other = world.submit("export", [vehicle("12C45678")]).trips.get()
    correct(world, trip, {line_key(trip, "weight"): "100"})
    trip.loads.update(trip=other)
    assert code_of(lambda: settle(world, trip, agency="customs")) == "just_changed"
    assert code_of(lambda: correct(world, trip, {"driver_name": "Hoàng Văn Thụ"})) == "just_changed"
    settle(world, trip, "reject", agency="customs", reason="Hàng đã sang xe khác")


# Money


def test_a_heavier_load_is_calculated_anew_and_its_fee_waits_again(world):
    trip = world.submit("export", [vehicle("11C12345", payload=None)]).trips.get()
    world.enter(trip, "B2")
    world.confirm_all(trip)
    world.confirm_all(trip)
    assert states(trip)["fee", "fee_confirmed"] == "confirmed"
    version = Assessment.objects.filter(trip=trip).latest("version")
    correct(world, trip, {"payload": "33"})
    for agency in awaited(trip):
        settle(world, trip, agency=agency)
    newest = Assessment.objects.filter(trip=trip).latest("version")
    assert newest.payload == 33
    expected = "confirmed" if newest.total <= version.total else "waiting"
    assert states(trip)["fee", "fee_confirmed"] == expected


def test_another_regime_costs_more_and_the_fee_waits_again(world):
    trip = world.submit("export").trips.get()
    world.enter(trip, "B2")
    world.confirm_all(trip)
    world.confirm_all(trip)
    before = Assessment.objects.filter(trip=trip).latest("version")
    correct(world, trip, {lot_key(trip, "regime"): "transit"})
    assert "fee_centre" not in awaited(trip)
    for agency in awaited(trip):
        settle(world, trip, agency=agency)
    after = Assessment.objects.filter(trip=trip).latest("version")
    assert after.total > before.total
    assert states(trip)["fee", "fee_confirmed"] == "waiting"
    world.confirm_all(trip)
    world.leave(trip, "B1")
    assert all(bill.outstanding == 0 for bill in Bill.objects.with_sums())


def test_what_would_cost_more_is_not_corrected_at_the_last_barrier(world):
    trip = world.submit("export").trips.get()
    world.enter(trip, "B2")
    world.confirm_all(trip)
    world.confirm_all(trip)
    world.see(trip, "B1", "out")
    correct(world, trip, {lot_key(trip, "regime"): "transit"})
    *first, last = awaited(trip)
    for agency in first:
        settle(world, trip, agency=agency)
    assert code_of(lambda: settle(world, trip, agency=last)) == "too_late_to_correct"
    assert Correction.objects.get().state == "proposed"


def test_a_swap_of_the_receiving_truck_leaves_its_paid_bill_and_asks_guard_and_customs(world):
    source = world.submit("import", [vehicle("桂F12345")]).trips.get()
    target = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(source, "B1")
    world.enter(target, "B2")
    perform("register_transshipment", target, actor=world.trader, key=None, source=source)
    world.confirm(target, "customs", "transshipment")
    world.confirm_all(target)
    world.confirm_all(target)
    money = [(bill.pk, bill.due, bill.allocated) for bill in Bill.objects.with_sums().order_by("pk")]
    versions = Assessment.objects.count()
    swap = {"plate": "15C88888", "payload": "9", "driver_name": "Hoàng Văn Thụ", "driver_phone": "0987654321"}
    correct(world, fresh(target), swap, replaces=True, sure=True)
    assert awaited(target) == ["border_guard", "customs", "health_quarantine"]
    for agency in awaited(target):
        settle(world, target, agency=agency)
    assert [(bill.pk, bill.due, bill.allocated) for bill in Bill.objects.with_sums().order_by("pk")] == money
    assert Assessment.objects.count() == versions
    assert states(target)["fee", "fee_confirmed"] == "confirmed"
    world.leave(fresh(target), "B2")
    assert (fresh(target).state, fresh(target).plate) == ("left", "15C88888")


# The trace


def test_facts_hold_fields_and_hashes_and_no_values(world, trip):
    ask(world, trip, "driver_name", "driver_phone")
    correct(world, trip, {"driver_name": "Hoàng Văn Thụ", "driver_phone": "0987654321"})
    settle(world, trip)
    facts = Fact.objects.filter(trip=trip, data__has_key="correction").order_by("pk")
    assert [fact.move for fact in facts] == ["ask_correction", "correct", "agree_correction", "corrected"]
    for fact in facts:
        assert not {"Hoàng", "0987654321", "Lý Văn"} & set(str(fact.data).split("'"))
    told = facts[1].data
    assert told["fields"] == ["driver_name", "driver_phone"]
    assert told["before"]["driver_name"] != told["after"]["driver_name"]
    assert len(told["after"]["driver_name"]) == 64


def test_the_same_click_twice_counts_once(world, trip):
    values = {"plate": "11C12346"}
    one = perform("correct", trip, actor=world.trader, key="once", values=values)
    two = perform("correct", trip, actor=world.trader, key="once", values=values)
    assert (one.repeated, two.repeated, one.fact) == (False, True, two.fact)


def test_texts_are_read_back_as_they_were(world, trip):
    for key, value in current(trip).items():
        if value not in ("", None):
            assert cleaned(key, as_text(value)) == value
