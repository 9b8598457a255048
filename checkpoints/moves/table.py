"""Every way a declaration, a trip or a barrier can move: who may, what must hold, what happens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from checkpoints.context import Context
from checkpoints.corrections import keys_of
from checkpoints.models import Correction, Transshipment
from checkpoints.moves import (
    breaking_down,
    closing,
    confirming,
    correcting,
    declaring,
    documents,
    extending,
    may_correct,
    overstaying,
    passing,
    reassigning,
    seizing,
    storing,
    transshipping,
)
from checkpoints.moves.guards import (
    Guard,
    by_barrier_guard,
    by_declarant,
    by_platform,
    trip_is_live,
    with_reason,
)
from declarations.correctable import carriers

Touched = tuple[Sequence[int], Sequence[int]]
GOODS_OF = "lines__goods_line__consignment__declaration_id"


def only_itself(declaration, details: dict[str, Any]) -> Touched:
    return [declaration.pk], []


def itself_and_what_it_returns(declaration, details: dict[str, Any]) -> Touched:
    return [declaration.pk], [declaration.returns_id] if declaration.returns_id else []


def with_its_trips(declaration, details: dict[str, Any]) -> Touched:
    return [declaration.pk], list(declaration.trips.order_by("pk").values_list("pk", flat=True))


def the_trip(trip, details: dict[str, Any]) -> Touched:
    return [trip.declaration_id], [trip.pk]


def trip_and_partners(trip, details: dict[str, Any]) -> Touched:
    """The trip and those with which it exchanges goods now; `source` in the details is one about to.

    Where goods go into store or out of it, the declaration that they belong to: by them it is under way or complete.
    """
    pairs = (
        Transshipment.objects.of(trip)
        .pending()
        .values_list("source__declaration_id", "source_id", "target__declaration_id", "target_id", "yard_id", GOODS_OF)
    )
    declarations, trips = {trip.declaration_id}, {trip.pk}
    for source_declaration, source, target_declaration, target, yard, goods_of in pairs:
        declarations |= {source_declaration, target_declaration, goods_of if yard else None}
        trips |= {source, target}
    if source := details.get("source"):
        declarations.add(source.declaration_id)
        trips.add(source.pk)
    if goods_of := details.get("declaration"):
        declarations.add(goods_of.pk)
    return sorted(declarations - {None}), sorted(trips - {None})


def trip_and_carriers(trip, details: dict[str, Any]) -> Touched:
    """The trip and those that carry some of the goods whose fields are named, or open to be corrected."""
    keys = [*details.get("fields", ()), *details.get("values", ())]
    for correction in Correction.objects.open().filter(trip=trip):
        keys += keys_of(correction)
    pairs = {(trip.declaration_id, trip.pk)}
    if any(":" in key for key in keys):
        pairs |= set(carriers(keys).values_list("declaration_id", "pk"))
    return sorted({declaration for declaration, _trip in pairs}), sorted({pk for _declaration, pk in pairs})


def trip_and_the_other(trip, details: dict[str, Any]) -> Touched:
    """The trip, and the one that `to` in the details names."""
    pairs = {(each.declaration_id, each.pk) for each in (trip, details["to"])}
    return sorted({declaration for declaration, _trip in pairs}), sorted(pk for _declaration, pk in pairs)


def a_gate(gate, details: dict[str, Any]) -> Touched:
    return [], []


def those_awaited(gate, details: dict[str, Any]) -> Touched:
    return extending.awaited_at(gate), []


@dataclass(frozen=True)
class Move:
    """Guards are asked in this order; the first refusal is the answer."""

    touches: Callable[[Any, dict[str, Any]], Touched]
    guards: tuple[Guard, ...]
    act: Callable[[Context], None]


MOVES: dict[str, Move] = {
    "submit": Move(
        itself_and_what_it_returns,
        (by_declarant, declaring.is_draft, declaring.returns_what_left_once, declaring.is_complete_enough),
        declaring.submit,
    ),
    "withdraw": Move(
        with_its_trips, (by_declarant, declaring.none_has_entered, seizing.none_is_seized), declaring.withdraw
    ),
    "withdraw_trip": Move(
        the_trip,
        (by_declarant, trip_is_live, declaring.has_not_entered, seizing.is_not_seized),
        declaring.withdraw_trip,
    ),
    "name_customs_declaration": Move(
        only_itself,
        (declaring.by_who_names_it, declaring.is_under_customs_eyes, seizing.lot_is_not_seized),
        declaring.name_customs_declaration,
    ),
    "update_document": Move(
        only_itself,
        (by_declarant, documents.declaration_is_live, documents.document_belongs),
        documents.update_document,
    ),
    "expire": Move(
        with_its_trips,
        (by_platform, declaring.none_has_entered, declaring.was_not_extended, seizing.none_is_seized),
        declaring.expire,
    ),
    "expire_trip": Move(
        the_trip,
        (by_platform, trip_is_live, declaring.has_not_entered, declaring.was_not_extended, seizing.is_not_seized),
        declaring.expire_trip,
    ),
    "extend": Move(
        only_itself,
        (by_declarant, with_reason, extending.is_awaited, extending.is_not_extended_too_often),
        extending.extend,
    ),
    "extend_all": Move(
        those_awaited,
        (closing.by_zone_authority, with_reason, extending.hours_are_sensible, extending.some_are_awaited),
        extending.extend_all,
    ),
    "record_passage": Move(the_trip, (by_platform, passing.lane_is_here, trip_is_live), passing.record_passage),
    "call_up": Move(
        the_trip,
        (passing.by_people_at_the_lane, passing.lane_is_here, trip_is_live),
        passing.record_passage,
    ),
    "place_in_zone": Move(
        the_trip,
        (passing.by_who_runs_the_yard, trip_is_live, passing.zone_is_free_to_use),
        passing.place_in_zone,
    ),
    "confirm": Move(
        trip_and_partners,
        (
            confirming.by_slots_agency,
            trip_is_live,
            confirming.stage_is_open,
            confirming.is_waiting,
            confirming.is_its_turn,
            seizing.may_be_confirmed,
            may_correct.does_not_rest_on_what_is_corrected,
            confirming.others_agree,
        ),
        confirming.confirm,
    ),
    "refuse": Move(
        the_trip,
        (
            confirming.by_slots_agency,
            trip_is_live,
            with_reason,
            confirming.stage_is_open,
            confirming.is_waiting,
            confirming.is_its_turn,
        ),
        confirming.refuse,
    ),
    "undo": Move(
        the_trip,
        (confirming.by_slots_agency, trip_is_live, with_reason, confirming.may_be_undone),
        confirming.undo,
    ),
    "open_barrier": Move(
        the_trip,
        (
            by_barrier_guard,
            trip_is_live,
            seizing.is_not_seized,
            breaking_down.it_drives,
            passing.all_have_confirmed,
            may_correct.nothing_is_being_corrected,
        ),
        passing.open_barrier,
    ),
    "leave_unseen": Move(
        the_trip,
        (by_platform, trip_is_live, seizing.is_not_seized, passing.only_the_yards_gate_is_left),
        passing.leave_unseen,
    ),
    "open_forced": Move(a_gate, (by_barrier_guard, passing.lane_is_of_the_gate, with_reason), passing.open_forced),
    "turn_back": Move(
        the_trip,
        (
            by_barrier_guard,
            trip_is_live,
            with_reason,
            passing.has_come,
            seizing.is_not_seized,
            transshipping.nothing_is_registered,
        ),
        passing.turn_back,
    ),
    "reassign": Move(
        trip_and_the_other,
        (
            by_barrier_guard,
            trip_is_live,
            with_reason,
            reassigning.was_seen,
            reassigning.other_is_there,
            reassigning.nothing_else_rests_on_it,
            reassigning.other_comes_the_same_way,
        ),
        reassigning.reassign,
    ),
    "seize": Move(
        the_trip,
        (
            seizing.by_seizing_agency,
            trip_is_live,
            with_reason,
            passing.has_come,
            seizing.case_is_named,
            seizing.is_not_another_agencys,
            seizing.what_is_seized_is_there,
        ),
        seizing.seize,
    ),
    "release": Move(the_trip, (seizing.by_who_seized, trip_is_live, with_reason), seizing.release),
    "hand_over": Move(
        the_trip,
        (
            seizing.by_who_seized,
            trip_is_live,
            with_reason,
            seizing.goods_are_off_or_go_along,
            transshipping.nothing_is_registered,
            seizing.part_is_on_it,
        ),
        seizing.hand_over,
    ),
    "hand_over_stored": Move(
        only_itself,
        (seizing.by_seizing_agency, with_reason, seizing.case_is_named, seizing.stored_goods_are_there),
        seizing.hand_over_stored,
    ),
    "report_breakdown": Move(
        the_trip,
        (breaking_down.by_who_is_there, trip_is_live, with_reason, passing.has_come, breaking_down.is_not_broken_down),
        breaking_down.report_breakdown,
    ),
    "report_repaired": Move(
        the_trip,
        (breaking_down.by_who_is_there, trip_is_live, breaking_down.is_broken_down),
        breaking_down.report_repaired,
    ),
    "tow_away": Move(
        the_trip,
        (
            by_barrier_guard,
            trip_is_live,
            with_reason,
            breaking_down.is_broken_down,
            seizing.is_not_seized,
            breaking_down.way_out_is_named,
            breaking_down.goods_are_off_or_go_with_it,
            transshipping.nothing_is_registered,
        ),
        breaking_down.tow_away,
    ),
    "overstay": Move(
        the_trip,
        (by_platform, trip_is_live, overstaying.is_over_its_time, overstaying.was_not_told),
        overstaying.overstay,
    ),
    "note_overstay": Move(
        the_trip,
        (by_barrier_guard, trip_is_live, with_reason, overstaying.is_over_its_time, overstaying.was_not_noted),
        overstaying.note_overstay,
    ),
    "announce_closure": Move(
        a_gate, (closing.by_zone_authority, with_reason, closing.has_an_end), closing.announce_closure
    ),
    "lift_closure": Move(a_gate, (closing.by_zone_authority, with_reason, closing.is_not_over), closing.lift_closure),
    "ask_correction": Move(
        trip_and_carriers,
        (
            may_correct.by_confirming_agency,
            trip_is_live,
            with_reason,
            may_correct.fields_are_declared,
            may_correct.none_is_open,
            seizing.is_not_seized,
        ),
        correcting.ask_correction,
    ),
    "correct": Move(
        trip_and_carriers,
        (
            may_correct.by_declarant_or_driver,
            trip_is_live,
            may_correct.fields_are_declared,
            may_correct.values_are_proper,
            seizing.nothing_seized_is_rewritten,
            *may_correct.VALUES_MAY_STAND,
        ),
        correcting.correct,
    ),
    "agree_correction": Move(
        trip_and_carriers,
        (
            may_correct.by_who_must_agree,
            trip_is_live,
            may_correct.is_the_one_seen,
            seizing.nothing_seized_is_rewritten,
            *may_correct.VALUES_MAY_STAND,
        ),
        correcting.agree_correction,
    ),
    "reject_correction": Move(
        trip_and_carriers,
        (may_correct.by_who_must_agree, trip_is_live, with_reason, may_correct.is_the_one_seen),
        correcting.reject_correction,
    ),
    "withdraw_correction": Move(
        trip_and_carriers, (may_correct.by_who_asked, trip_is_live), correcting.withdraw_correction
    ),
    "register_transshipment": Move(
        trip_and_partners,
        (
            transshipping.by_owner_of_the_goods,
            trip_is_live,
            transshipping.both_are_in_the_yard,
            transshipping.they_stand_together,
            transshipping.neither_is_seized,
            transshipping.goods_go_its_way,
            transshipping.zone_is_here,
            transshipping.goods_are_not_being_corrected,
            transshipping.goods_are_there,
        ),
        transshipping.register_transshipment,
    ),
    "register_storage": Move(
        trip_and_partners,
        (
            by_declarant,
            trip_is_live,
            storing.yard_is_here,
            transshipping.zone_is_here,
            storing.carrier_is_in_the_yard,
            storing.stands_in_that_yard,
            storing.its_goods_are_not_seized,
            storing.goods_are_not_being_corrected,
            storing.goods_are_on_it,
        ),
        storing.register_storage,
    ),
    "register_loading": Move(
        trip_and_partners,
        (
            storing.by_owner_in_store,
            trip_is_live,
            storing.yard_is_here,
            transshipping.zone_is_here,
            storing.receiver_is_in_the_yard,
            storing.stands_in_that_yard,
            seizing.is_not_seized,
            storing.stored_goods_go_its_way,
            storing.goods_are_in_store,
        ),
        storing.register_loading,
    ),
    "cancel_transshipment": Move(
        trip_and_partners,
        (
            transshipping.by_a_party,
            trip_is_live,
            transshipping.is_registered,
            transshipping.others_give_reason,
        ),
        transshipping.cancel_transshipment,
    ),
    "leave_without_goods": Move(
        the_trip,
        (transshipping.by_declarant_or_customs, trip_is_live, seizing.is_not_seized, transshipping.found_no_goods),
        transshipping.leave_without_goods,
    ),
}
