"""Where trucks stand and what they wait for: derived from stages and the last passage, never stored."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from checkpoints.corrections import OpenCorrection, open_corrections, told
from checkpoints.holds import OpenHold, holds_told, open_holds
from checkpoints.journey import expects, next_stage
from checkpoints.models import Confirmation, Consent, Fact, Passage, TripStage
from checkpoints.overstays import Deadline, deadline_column, deadline_of
from checkpoints.states import SETTLED, ConfirmationState, CorrectionState
from declarations.models import Trip
from declarations.plates import normalise
from declarations.states import LIVE_DECLARATIONS, LIVE_TRIPS, DeclarationState, TripState
from gates.models import Gate, Lane, Yard
from gates.procedures import Stage
from gates.procedures.words import Moment, Order, Place

FORGOTTEN_AFTER = timedelta(hours=12)
"""A truck that came too early and was not seen again for so long is no longer shown at the barrier."""

DRIVES_THERE = timedelta(minutes=10)
"""After so long a vehicle let in is taken to stand in its yard, where no camera watches the yard's gate."""

SHORTEST_SEARCH = 3
LONGEST_SEARCH = 20
LONG_ENOUGH_FOR_A_SLIP = 5


REMOVED_BY = {"tow_away": "towed_away", "hand_over": "handed_over"}
"""The move that took a vehicle out for good, and how that is called."""


@dataclass(frozen=True)
class Standing:
    """Where a truck is. `code` is expected, at_barrier, in_gate, in_yard, ready_to_leave or how its trip ended.

    One turned back before it entered is `refused_entry`; one removed is `towed_away` or `handed_over`.

    `place` is the barrier or the yard where it was last known, `yard_id` that yard; `since` when it came there.
    """

    code: str
    place: Place | None = None
    yard_id: int | None = None
    since: datetime | None = None


def standing(
    trip: Trip, stages: Sequence[TripStage], last_passage: Passage | None, *, removed_by: str = ""
) -> Standing:
    """Where a truck stands, from the stages opened so far, in order, and its last passage with its lane.

    Stages may carry their `slots`: work confirmed in a yard whose gate no camera watches tells that it is there.
    `removed_by`: the move that took the vehicle out for good.
    """
    if trip.has_ended:
        refused_entry = trip.state == TripState.TURNED_BACK and not any(
            done.completed_at and done.spec.camera for done in stages
        )
        removed = REMOVED_BY.get(removed_by, trip.state) if trip.state == TripState.REMOVED else ""
        code = removed or ("refused_entry" if refused_entry else trip.state)
        return Standing(code, since=stages[-1].completed_at if stages else None)
    stage = stages[-1] if stages and stages[-1].is_open else None
    seen_at = last_passage.first_seen_at if last_passage else None
    if stage and stage.spec.opens:
        here = last_passage is not None and last_passage.pk == stage.passage_id
        return Standing("at_barrier", Place(stage.place), since=seen_at if here else stage.opened_at)
    if last_passage and _came_early(trip, stages, last_passage):
        return Standing("at_barrier", last_passage.lane.place, since=seen_at)
    if trip.state == TripState.EXPECTED:
        return Standing("expected", since=trip.declaration.expected_at)
    since = max((done.completed_at for done in stages if done.completed_at), default=None)
    yard_id, came_at = _in_yard(trip, stages, last_passage)
    place = Place.YARD if yard_id else None
    ahead = None if stage else next_stage(trip, {done.moment for done in stages})
    if ahead is not None and ahead.moment is Moment.LEAVE:
        return Standing("ready_to_leave", place, yard_id, since)
    if yard_id:
        return Standing("in_yard", place, yard_id, came_at)
    return Standing("in_gate", since=since)


def _in_yard(trip: Trip, stages: Sequence[TripStage], passage: Passage | None) -> tuple[int | None, datetime | None]:
    """The yard where a vehicle inside stands, and since when: where its gate saw it last, else where it was declared.

    That one once work on it began there, or the time of driving there has passed.
    """
    if passage is not None and passage.lane.yard_id:
        out = passage.lane.direction == Lane.Direction.OUT
        return (None, None) if out else (passage.lane.yard_id, passage.first_seen_at)
    stage = next((each for each in stages if each.place == Place.YARD), None)
    if stage is None or not (_work_began(stage) or stage.opened_at <= timezone.now() - DRIVES_THERE):
        return None, None
    return trip.declaration.yard_id, stage.opened_at


def _came_early(trip: Trip, stages: Sequence[TripStage], passage: Passage) -> bool:
    """Whether the truck stands before a barrier whose stage has not opened for it."""
    if passage.lane.place is Place.YARD or passage.pk in {stage.passage_id for stage in stages}:
        return False
    return expects(trip, {stage.moment for stage in stages}, passage.lane)


def _work_began(stage: TripStage) -> bool:
    slots = getattr(stage, "slots", ())
    settled = (ConfirmationState.CONFIRMED, ConfirmationState.REFUSED)
    return not stage.is_open or any(slot.state in settled for slot in slots)


@dataclass
class Truck:
    """A trip with what a line of trucks shows of it: its stages, the open one's slots, and where it stands."""

    trip: Trip
    stages: list[TripStage] = field(default_factory=list)
    passage: Passage | None = None
    corrections: tuple[OpenCorrection, ...] = ()
    holds: tuple[OpenHold, ...] = ()
    deadline: Deadline | None = None
    removed_by: str = ""

    @property
    def correction(self) -> OpenCorrection | None:
        """The open correction that is shown: its own before that of goods which it carries with others."""
        return self.corrections[0] if self.corrections else None

    @property
    def hold(self) -> OpenHold | None:
        """What keeps it from going on: a seizure before a breakdown."""
        return self.holds[0] if self.holds else None

    @property
    def is_seized(self) -> bool:
        return any(hold.is_seizure for hold in self.holds)

    @property
    def overstays(self) -> Deadline | None:
        """The time by which it should have left, once that is over."""
        return self.deadline if self.deadline and self.deadline.is_over else None

    @property
    def has_come(self) -> bool:
        """Whether it stands at its first barrier or is inside, and its trip goes on."""
        return not self.trip.has_ended and (self.trip.state == TripState.UNDER_WAY or self.stage is not None)

    @property
    def may_break_down(self) -> bool:
        return self.has_come and all(hold.is_seizure for hold in self.holds)

    @property
    def may_be_repaired(self) -> bool:
        return self.has_come and not all(hold.is_seizure for hold in self.holds)

    @cached_property
    def standing(self) -> Standing:
        return standing(self.trip, self.stages, self.passage, removed_by=self.removed_by)

    @cached_property
    def stage(self) -> TripStage | None:
        """The open stage."""
        return self.stages[-1] if self.stages and self.stages[-1].is_open else None

    @property
    def slots(self) -> list[Confirmation]:
        return self.stage.slots if self.stage else []

    @property
    def since(self) -> datetime | None:
        return self.standing.since

    @property
    def yard_id(self) -> int | None:
        """The yard where it is, or where it shall go."""
        return self.standing.yard_id or self.trip.declaration.yard_id

    @property
    def in_yard_since(self) -> datetime | None:
        """When it came into the yard where it stands."""
        return _in_yard(self.trip, self.stages, self.passage)[1] if self.standing.yard_id else None

    @property
    def outward(self) -> bool:
        """Whether it is on its way out."""
        if self.stage and self.stage.spec.opens:
            return self.stage.moment == Moment.LEAVE
        if self.standing.code == "at_barrier":
            return self.passage.lane.direction == Lane.Direction.OUT or self.trip.state == TripState.UNDER_WAY
        return self.standing.code == "ready_to_leave"

    @property
    def came_early(self) -> bool:
        """It stands at a barrier whose stage is not open for it."""
        return self.standing.code == "at_barrier" and not (self.stage and self.stage.spec.opens)

    @property
    def next(self) -> Stage | None:
        """The next stage of its plan that was not opened."""
        return next_stage(self.trip, {stage.moment for stage in self.stages})

    @property
    def waiting(self) -> list[Confirmation]:
        """The slots of the open stage that nobody settled, in the order of the book."""
        return [slot for slot in self.slots if slot.state == ConfirmationState.WAITING]

    @property
    def refused(self) -> list[Confirmation]:
        return [slot for slot in self.slots if slot.state == ConfirmationState.REFUSED]

    @property
    def to_confirm(self) -> list[Confirmation]:
        """The waiting slots whose turn it is, and which rest on nothing that is being corrected."""
        if self.stage is None or self.stage.spec.order is Order.ANY:
            return [slot for slot in self.waiting if not self._is_held(slot)]
        first = next((slot for slot in self.slots if slot.state not in SETTLED), None)
        held = first is None or first.state != ConfirmationState.WAITING or self._is_held(first)
        return [] if held else [first]

    def _is_held(self, slot: Confirmation) -> bool:
        return any(each.holds(slot.of) for each in self.corrections) or any(hold.keeps(slot.of) for hold in self.holds)

    @property
    def awaits_opening(self) -> bool:
        """Everything is confirmed, nothing is being corrected or holds it, and the barrier is still closed."""
        return (
            self.correction is None
            and self.hold is None
            and bool(self.stage and self.stage.spec.opens)
            and all(slot.is_settled for slot in self.slots)
        )


LAST_PASSAGE = JSONObject(
    pk=F("pk"), lane_id=F("lane_id"), first_seen_at=F("first_seen_at"), last_seen_at=F("last_seen_at")
)


def trucks(trips: QuerySet[Trip], lanes: Iterable[Lane]) -> list[Truck]:
    """The trips with all that `Truck` shows, longest waiting first, in three queries whatever their number.

    `lanes` are those of the gates concerned, with their barriers and yards.
    """
    by_id = {lane.pk: lane for lane in lanes}
    last = Passage.objects.filter(trip=OuterRef("pk")).order_by("-last_seen_at").values(seen=LAST_PASSAGE)[:1]
    found = trips.select_related(
        "declaration__organisation", "declaration__gate", "declaration__returns__declaration", "driver"
    )
    removing = Fact.objects.filter(trip=OuterRef("pk"), move__in=REMOVED_BY)
    found = found.annotate(
        seen=Subquery(last),
        being_corrected=open_corrections(OuterRef("pk")),
        held=open_holds(OuterRef("pk")),
        stays=deadline_column(),
        removed_by=Subquery(removing.order_by("-pk").values("move")[:1]),
    )
    by_trip = {
        trip.pk: Truck(
            trip,
            passage=_passage(trip, by_id),
            corrections=told(trip.being_corrected, trip.pk),
            holds=holds_told(trip.held),
            deadline=deadline_of(trip, trip.stays),
            removed_by=trip.removed_by or "",
        )
        for trip in found
    }
    opened = {}
    for stage in TripStage.objects.filter(trip__in=by_trip).order_by("position"):
        truck = by_trip[stage.trip_id]
        stage.trip, stage.slots = truck.trip, []
        truck.stages.append(stage)
        if stage.is_open:
            opened[stage.pk] = stage
    for slot in Confirmation.objects.filter(stage__in=opened).order_by("position"):
        slot.stage = opened[slot.stage_id]
        slot.stage.slots.append(slot)
    return sorted(by_trip.values(), key=lambda truck: truck.since or timezone.now())


def _passage(trip: Trip, lanes: dict[int, Lane]) -> Passage | None:
    seen = trip.seen
    if seen is None or seen["lane_id"] not in lanes:
        return None
    times = {name: parse_datetime(seen[name]) for name in ("first_seen_at", "last_seen_at")}
    return Passage(pk=seen["pk"], trip=trip, lane=lanes[seen["lane_id"]], plate=trip.plate, **times)


def lanes_of(gates: Iterable[Gate] | None = None) -> list[Lane]:
    """The lanes of these gates, or of all, with their barriers, yards and gates."""
    lanes = Lane.objects.select_related("barrier__gate", "yard__gate").order_by("barrier__place", "yard", "number")
    if gates is not None:
        lanes = lanes.filter(Q(barrier__gate__in=gates) | Q(yard__gate__in=gates))
    return list(lanes)


def live_trips() -> QuerySet[Trip]:
    return Trip.objects.filter(state__in=LIVE_TRIPS, declaration__state__in=LIVE_DECLARATIONS)


@dataclass(frozen=True)
class Line:
    """The trucks at one place, longest waiting first, and the one asked for, wherever it is.

    `elsewhere`: trucks of the gate that wait for somebody here to agree to a correction, and for nobody of the same
    agency where they are.
    """

    trucks: list[Truck]
    asked: Truck | None = None
    elsewhere: Sequence[Truck] = ()


def at_barrier(
    gate: Gate, place: Place, lanes: Iterable[Lane], *, asked: int | None = None, agencies: Collection[str] = ()
) -> Line:
    """The trucks that stand at this barrier, also those that came too early."""
    here = TripStage.objects.filter(completed_at__isnull=True, place=place, trip__declaration__gate=gate)
    lately = timezone.now() - FORGOTTEN_AFTER
    seen = Passage.objects.filter(lane__barrier__gate=gate, lane__barrier__place=place, last_seen_at__gte=lately)
    wanted = Q(pk__in=here.values("trip")) | Q(pk__in=seen.values("trip"))

    def stands_here(truck: Truck) -> bool:
        return truck.standing.code == "at_barrier" and truck.standing.place is place

    return _line(gate, wanted, asked, lanes, stands_here, agencies)


def working_in_yard(
    yard: Yard, lanes: Iterable[Lane], *, asked: int | None = None, agencies: Collection[str] = ()
) -> Line:
    """The trucks with a stage open in this yard.

    One that names no yard and was seen in none is shown in every yard of its gate, so that nobody misses it.
    """
    here = TripStage.objects.filter(completed_at__isnull=True, place=Place.YARD, trip__declaration__gate=yard.gate_id)

    def works_here(truck: Truck) -> bool:
        in_yard = truck.stage is not None and truck.stage.place == Place.YARD
        return in_yard and truck.yard_id in (None, yard.pk)

    return _line(yard.gate, Q(pk__in=here.values("trip")), asked, lanes, works_here, agencies)


def _line(
    gate: Gate,
    here: Q,
    asked: int | None,
    lanes: Iterable[Lane],
    is_here: Callable[[Truck], bool],
    agencies: Collection[str],
) -> Line:
    live = Q(state__in=LIVE_TRIPS, declaration__state__in=LIVE_DECLARATIONS)
    awaited = Consent.objects.filter(fact=None, agency__in=agencies, correction__state=CorrectionState.PROPOSED).values(
        "correction__trip"
    )
    submitted = Trip.objects.filter(declaration__gate=gate).exclude(declaration__state=DeclarationState.DRAFT)
    wanted = live & (here | Q(pk__in=awaited) if agencies else here)
    found = trucks(submitted.filter(wanted | Q(pk=asked)), lanes)
    present: list[Truck] = []
    others: list[Truck] = []
    for truck in found:
        (present if not truck.trip.has_ended and is_here(truck) else others).append(truck)
    return Line(
        trucks=present,
        asked=next((truck for truck in found if truck.trip.pk == asked), None),
        elsewhere=[truck for truck in others if _lacks(truck, agencies)],
    )


def _lacks(truck: Truck, agencies: Collection[str]) -> bool:
    """Whether one of these agencies must agree to its correction and is asked nothing where the truck is."""
    if truck.correction is None or truck.correction.trip_id != truck.trip.pk or truck.trip.has_ended:
        return False
    return not set(agencies).intersection(truck.correction.awaits) <= {slot.agency for slot in truck.slots}


def inside(gates: Iterable[Gate] | None, lanes: Iterable[Lane]) -> list[Truck]:
    """All trucks under way at these gates, or at all, and those that stand at a barrier before they are."""
    lately = timezone.now() - FORGOTTEN_AFTER
    arrived = Passage.objects.filter(last_seen_at__gte=lately, trip__state=TripState.EXPECTED)
    trips = live_trips().filter(Q(state=TripState.UNDER_WAY) | Q(pk__in=arrived.values("trip")))
    if gates is not None:
        trips = trips.filter(declaration__gate__in=gates)
    return trucks(trips, lanes)


def expected_in_yard(yard: Yard, *, within: timedelta) -> QuerySet[Trip]:
    """The trips not yet entered that are expected in this yard so soon, or late by at most as much."""
    now = timezone.now()
    return (
        Trip.objects.filter(state=TripState.EXPECTED, declaration__state__in=LIVE_DECLARATIONS)
        .filter(declaration__yard=yard, declaration__expected_at__range=(now - within, now + within))
        .select_related("declaration__organisation")
        .order_by("declaration__expected_at", "pk")
    )


def resembling(gate: Gate, text: str, *, limit: int = 8) -> list[Trip]:
    """The live trips of the gate whose plate is or contains what was typed, best match first.

    Separators, case and diacritics do not count; one wrong, missing or superfluous character is forgiven
    (the trigram index of plates answers the regular expression).
    """
    typed = normalise(text)
    if not SHORTEST_SEARCH <= len(typed) <= LONGEST_SEARCH:
        return []
    trips = live_trips().filter(declaration__gate=gate, plate__regex="|".join(_spellings(typed)))
    found = trips.select_related("declaration__organisation").order_by("declaration__expected_at", "pk")[:100]
    return sorted(found, key=lambda trip: _unlikeness(typed, trip.plate))[:limit]


def _spellings(typed: str) -> list[str]:
    """What was typed, and, where it is long enough to tell, each way in which one character may be wrong."""
    if len(typed) < LONG_ENOUGH_FOR_A_SLIP:
        return [typed]
    places = range(len(typed))
    wrong = [typed[:at] + "." + typed[at + 1 :] for at in places]
    superfluous = [typed[:at] + typed[at + 1 :] for at in places]
    missing = [typed[:at] + "." + typed[at:] for at in places if at]
    return [*wrong, *superfluous, *missing]


def _unlikeness(typed: str, plate: str) -> tuple[bool, bool, int]:
    return plate != typed, typed not in plate, abs(len(plate) - len(typed))
