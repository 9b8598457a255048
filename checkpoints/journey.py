"""How far a trip is: derived from its book and the stages opened so far, never stored."""

from collections.abc import Collection, Iterable

from checkpoints.models import Passage, TripStage
from declarations.models import Trip
from declarations.states import TripState
from gates.models import Lane, Yard
from gates.procedures import Procedure, Stage
from gates.procedures.words import Country, Moment, Place


def plan(trip: Trip) -> tuple[Stage, ...]:
    """The stages of the procedure followed now, from where the trip joined it."""
    stages = trip.procedure.stages
    continues = trip.book[trip.began_as].continues
    if continues and continues.procedure == trip.procedure_code:
        joined = next(index for index, stage in enumerate(stages) if stage.moment is continues.start)
        return stages[joined:]
    return stages


def next_stage(trip: Trip, opened: Collection[str]) -> Stage | None:
    """The first stage of the plan that was not opened; None at its end."""
    return next((stage for stage in plan(trip) if stage.moment not in opened), None)


def joins_at(trip: Trip, stage: Stage) -> bool:
    """Whether this is the stage at which an empty vehicle goes on as the carrier of what it received."""
    continues = trip.book[trip.began_as].continues
    return bool(continues and continues.procedure == trip.procedure_code and continues.start is stage.moment)


def is_inside(opened: Collection[str]) -> bool:
    """Whether a vehicle whose stages were opened so far has come into the gate area and not gone out of it."""
    return Moment.ENTER in opened and Moment.LEAVE not in opened


def known_yard(trip: Trip) -> Yard | None:
    """The yard in which the vehicle was last told or seen to stand; None where it was only declared for one."""
    if trip.zone_id:
        return trip.zone.yard
    last = Passage.objects.filter(trip=trip).select_related("lane__yard").order_by("-last_seen_at").first()
    return last.lane.yard if last and last.lane.direction != Lane.Direction.OUT else None


def way_out(trip: Trip, stages: Iterable[TripStage]) -> Procedure:
    """The procedure by which an emptied vehicle leaves the gate area (head of procedures.yaml; Điều 7(3))."""
    entered = next((Place(stage.place) for stage in stages if stage.moment == Moment.ENTER), None)
    barrier = entered or Place.B2
    return trip.book[trip.book.ways_out[Country(trip.country), barrier]]


def alternative(trip: Trip) -> Procedure | None:
    """The procedure that the trip takes if it finds no goods; None when there is none or it found some."""
    procedure = trip.procedure
    return trip.book[procedure.may_become] if procedure.may_become else None


def camera_stages_ahead(trip: Trip, opened: Collection[str]) -> list[Stage]:
    """The next stages before a camera: those of the plan, and those of leaving without goods where that may be.

    A gate whose stage confirms itself holds nobody up: the vehicle may be seen beyond it first.
    """
    procedures = [plan(trip)]
    if (other := alternative(trip)) and Moment.TRANSSHIP in opened:
        procedures.append(other.stages)
    elif continues := trip.procedure.continues:
        procedures[0] = procedures[0] + trip.book[continues.procedure].stages
    ahead: list[Stage] = []
    for stages in procedures:
        coming = [stage for stage in stages if stage.camera and stage.moment not in opened]
        ahead += coming[: 2 if coming and coming[0].is_auto else 1]
    return ahead


def expects(trip: Trip, opened: Collection[str], lane: Lane) -> bool:
    """Whether a vehicle seen in this lane now may be this trip's (design.md §3, rule 7).

    At a yard gate that confirms nothing, any vehicle inside the gate area may be.
    """
    if lane.place is Place.YARD:
        inside = trip.state == TripState.UNDER_WAY
        asks = any(stage.place is Place.YARD for stage in camera_stages_ahead(trip, opened))
        return inside or asks
    return any(stage.place is lane.place and lane.serves(stage.moment) for stage in camera_stages_ahead(trip, opened))


def opening_passage(stage: Stage, stages: Collection[TripStage], passages: Iterable[Passage]) -> Passage | None:
    """The passage that opens this camera stage: the vehicle's last one, if it was there and opened no other.

    One that happened before the last camera stage opened came late and opens nothing.
    """
    last = max(passages, key=lambda passage: passage.last_seen_at, default=None)
    if last is None or last.pk in {done.passage_id for done in stages}:
        return None
    if last.lane.place is not stage.place or not last.lane.serves(stage.moment):
        return None
    seen_stages = [done.opened_at for done in stages if done.passage_id]
    return last if not seen_stages or last.last_seen_at >= max(seen_stages) else None


def was_seen_beyond(trip: Trip, stage: Stage, stages: Collection[TripStage], passages: Collection[Passage]) -> bool:
    """Whether the vehicle came to the next camera stage of its plan without having been seen at this one."""
    ahead = plan(trip)
    beyond = next((each for each in ahead[ahead.index(stage) + 1 :] if each.camera), None)
    return beyond is not None and opening_passage(beyond, stages, passages) is not None
