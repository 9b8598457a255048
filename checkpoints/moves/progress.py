"""How a trip goes on by itself: stages complete and open as far as their confirmations and sightings allow."""

from datetime import datetime

from django.db.models import Exists

from checkpoints import registry
from checkpoints.context import Context
from checkpoints.journey import is_inside, joins_at, next_stage, opening_passage, was_seen_beyond, way_out
from checkpoints.models import Confirmation, Passage, TripStage
from checkpoints.states import ConfirmationState
from declarations.models import Declaration, Load, Trip
from declarations.states import ENDED_TRIPS, DeclarationState, TripState
from gates.procedures import Stage
from gates.procedures.words import Moment


def advance(ctx: Context, trip: Trip) -> None:
    """Complete the open stage and open the next ones until something must be waited for or the trip has ended."""
    while True:
        stage = ctx.open_stage(trip)
        if stage is None:
            if not _go_on(ctx, trip):
                return
        elif is_complete(stage):
            _complete(ctx, stage)
        else:
            return


def is_complete(stage: TripStage) -> bool:
    """Whether every slot is confirmed or not required and the barrier, where the stage has one, was opened."""
    return all(slot.is_settled for slot in stage.slots) and (
        not stage.spec.opens or stage.barrier_opened_at is not None
    )


def open_slots(ctx: Context, stage: TripStage, spec: Stage, *, confirmed_by=None) -> None:
    """Make the slots of a stage just opened; those whose condition does not hold are not required.

    `confirmed_by`: the fact that confirms them all at once (declaring; the yard gate's own data).
    """
    trip = stage.trip
    had = _confirmed_facts(ctx, trip) if joins_at(trip, spec) else frozenset()
    conditions = {confirms.condition for confirms in spec.confirmations if confirms.condition}
    holding = registry.conditions_holding(trip, conditions) | {None}
    slots = []
    for position, confirms in enumerate(spec.confirmations):
        slot = Confirmation(stage=stage, position=position, agency=confirms.agency, of=confirms.of)
        if (confirms.agency, confirms.of) in had or confirms.condition not in holding:
            slot.waive()
        slots.append(slot)
    stage.slots = Confirmation.objects.bulk_create(slots)
    if confirmed_by is not None:
        for slot in slots:
            if slot.state == ConfirmationState.WAITING:
                ctx.settle(slot, "confirm", confirmed_by)


def _confirmed_facts(ctx: Context, trip: Trip) -> frozenset[tuple[str, str]]:
    return frozenset(
        (slot.agency, slot.of)
        for stage in ctx.stages(trip)
        for slot in stage.slots
        if slot.state == ConfirmationState.CONFIRMED
    )


def make_stage(
    ctx: Context, trip: Trip, spec: Stage, *, passage: Passage | None = None, opened_at: datetime | None = None
) -> TripStage:
    stages = ctx.stages(trip)
    stage = TripStage.objects.create(
        trip=trip,
        position=len(stages) + 1,
        procedure_code=trip.procedure_code,
        moment=spec.moment,
        place=spec.place,
        passage=passage,
        opened_at=opened_at or ctx.now,
    )
    stage.slots = []
    stages.append(stage)
    return stage


def _complete(ctx: Context, stage: TripStage) -> None:
    trip = stage.trip
    stage.completed_at = ctx.now
    stage.save(update_fields=["completed_at", "barrier_opened_at"])
    if stage.spec.camera and trip.state == TripState.EXPECTED:
        trip.start()
        trip.save(update_fields=["state"])
        ctx.record(trip, move="start", place=stage.place)
        declaration = ctx.declarations[trip.declaration_id]
        if declaration.state == DeclarationState.SUBMITTED:
            declaration.start()
            declaration.save(update_fields=["state", "changed_at"])
            ctx.record(declaration, move="start")
    if effects := registry.effects[Moment(stage.moment)]:
        ctx.write()
        for effect in effects:
            effect(stage)


def _go_on(ctx: Context, trip: Trip) -> bool:
    """Open the next stage, take the next procedure, or end the trip; False when there is nothing to do yet.

    A seized vehicle goes on once it is released. One that was emptied is asked nothing more of goods, but the fee of
    what it did here.
    """
    if ctx.seizure(trip):
        return False
    stages = ctx.stages(trip)
    opened = {stage.moment for stage in stages}
    spec = next_stage(trip, opened)
    if spec is None:
        return _end_of_plan(ctx, trip)
    asked_of_goods = trip.procedure.carries_goods and spec.moment is not Moment.FEE
    if asked_of_goods and is_inside(opened) and not ctx.carries(trip):
        follow(ctx, trip, way_out(trip, stages).code, move="emptied")
        return True
    passage = None
    if spec.camera:
        passages = Passage.objects.filter(trip=trip).select_related("lane__barrier", "lane__yard")
        passage = opening_passage(spec, stages, passages)
        unseen = spec.is_auto and was_seen_beyond(trip, spec, stages, passages)
        if (passage is None and not unseen) or _another_is_under_way(trip):
            return False
    begin(ctx, trip, spec, passage=passage)
    return True


def begin(ctx: Context, trip: Trip, spec: Stage, *, passage: Passage | None, opened_at: datetime | None = None) -> None:
    """Open this stage, seen by `passage` or not; what confirms itself is settled at once."""
    stage = make_stage(ctx, trip, spec, passage=passage, opened_at=opened_at)
    open_slots(ctx, stage, spec)
    for slot in stage.slots:
        if slot.spec.auto and slot.state == ConfirmationState.WAITING:
            _confirm_by_itself(ctx, slot)


def _confirm_by_itself(ctx: Context, slot: Confirmation) -> None:
    """By the passage at the yard's gate; where its device failed the vehicle goes on unconfirmed (Điều 22(2))."""
    stage = slot.stage
    if stage.passage_id:
        fact = ctx.record(stage.trip, move="confirm", place=stage.place, confirmation=slot.pk, of=slot.of)
        ctx.settle(slot, "confirm", fact)
    else:
        fact = ctx.record(stage.trip, move="waive", place=stage.place, why="not_seen_at_the_gate", slots=[slot.pk])
        ctx.settle(slot, "waive", fact)


def _another_is_under_way(trip: Trip) -> bool:
    """Whether another trip of the same vehicle has entered and not left (design.md §6)."""
    if trip.state != TripState.EXPECTED:
        return False
    return Trip.objects.filter(plate=trip.plate, state=TripState.UNDER_WAY).exclude(pk=trip.pk).exists()


def follow(ctx: Context, trip: Trip, procedure_code: str, *, move: str) -> None:
    """Let the trip go on under another procedure of its book, and record it."""
    before, trip.procedure_code = trip.procedure_code, procedure_code
    trip.save(update_fields=["procedure_code"])
    ctx.record(trip, move=move, **{"from": before, "to": procedure_code})


def _end_of_plan(ctx: Context, trip: Trip) -> bool:
    continues = trip.procedure.continues
    if continues:
        follow(ctx, trip, continues.procedure, move="continue")
        return True
    if trip.state == TripState.UNDER_WAY:
        trip.leave()
        trip.save(update_fields=["state"])
        ctx.record(trip, move="leave")
        close_declaration(ctx, trip)
    return False


def close_declaration(ctx: Context, trip: Trip) -> None:
    """Complete the declaration of a trip that has just ended, if nothing of it is left."""
    close_if_over(ctx, ctx.declarations[trip.declaration_id])


def close_if_over(ctx: Context, declaration: Declaration) -> None:
    """Complete it when its last trip has ended and no goods of it lie in store."""
    if declaration.state not in (DeclarationState.SUBMITTED, DeclarationState.UNDER_WAY):
        return
    live = Trip.objects.filter(declaration=declaration).exclude(state__in=ENDED_TRIPS)
    stored = Load.objects.filter(yard__isnull=False, line__consignment__declaration=declaration)
    if not Declaration.objects.filter(Exists(live) | Exists(stored), pk=declaration.pk).exists():
        declaration.complete()
        declaration.save(update_fields=["state", "changed_at"])
        ctx.record(declaration, move="complete")
