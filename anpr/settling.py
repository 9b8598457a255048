"""Whose vehicle is it? Settled by the platform where one expected trip is the clear winner, else by a person."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from types import SimpleNamespace

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from anpr.consensus import Merged, PlateInFrame, merge, weight
from anpr.matching import Candidate, Expected, decide, rank
from anpr.models import Reading, Sample
from anpr.rules import may_settle
from anpr.stays import (
    GLIMPSE,
    GLIMPSE_QUALITY,
    Stay,
    came_back,
    hangs_behind,
    heading,
    plates_of,
    stay_of,
    stays_before,
)
from checkpoints import live
from checkpoints.door import Outcome, perform
from checkpoints.journey import expects
from checkpoints.models import Passage, TripStage
from checkpoints.refusals import Refusal, not_yours
from declarations.models import Trip
from declarations.plates import normalise
from declarations.states import LIVE_DECLARATIONS, LIVE_TRIPS, TripState
from gates.models import Lane
from gates.procedures.words import Moment

CLOCK_SKEW = timedelta(minutes=5)
"""How far a camera's clock may go ahead of ours."""
MOST_CANDIDATES = 5
INWARD = (Moment.ENTER, Moment.YARD_IN)


def expected_trips(lane: Lane, at: datetime) -> list[Trip]:
    """The trips that a vehicle seen in this lane at that time may be, in two queries.

    Those whose next camera stage is there, declared before the picture was taken, and those that stand there still:
    seen in this lane within the gap of one passage, or at an open stage of this place.
    """
    trips = (
        Trip.objects.filter(
            declaration__gate_id=lane.gate_id,
            declaration__state__in=LIVE_DECLARATIONS,
            declaration__submitted_at__lte=at + CLOCK_SKEW,
            state__in=LIVE_TRIPS,
        )
        .select_related("declaration")
        .prefetch_related(Prefetch("stages", TripStage.objects.select_related("passage").order_by("position")))
        .order_by("declaration__expected_at", "pk")
    )
    return [trip for trip in trips if _may_be_here(trip, lane, at)]


def _may_be_here(trip: Trip, lane: Lane, at: datetime) -> bool:
    stages = list(trip.stages.all())
    if expects(trip, {stage.moment for stage in stages}, lane):
        return True
    gap = timedelta(seconds=settings.PASSAGE_GAP_SECONDS)
    for stage in stages:
        passage = stage.passage
        if passage and passage.lane_id == lane.pk and (stage.is_open or abs(at - passage.last_seen_at) <= gap):
            return True
    return False


def expectations(trips: Sequence[Trip], at: datetime) -> list[Expected]:
    """The trips as matching takes them."""
    return [Expected(trip.pk, trip.plate, trip.trailer_plate, _hours_off(trip, at)) for trip in trips]


def _hours_off(trip: Trip, at: datetime) -> float:
    """How far from its expected arrival; a truck that is here already is expected at any time."""
    if trip.state != TripState.EXPECTED or trip.declaration.expected_at is None:
        return 0.0
    return abs((at - trip.declaration.expected_at).total_seconds()) / 3600


def match(
    plates: Sequence[PlateInFrame], lane: Lane, at: datetime
) -> tuple[Candidate | None, list[Candidate], dict[int, Trip]]:
    """For one frame's plates: the clear winner if there is one, all candidates, and the trips asked, by id."""
    trips = expected_trips(lane, at)
    candidates = rank(merge([plates]), expectations(trips, at))
    return decide(candidates), candidates, {trip.pk: trip for trip in trips}


def settle_reading(reading: Reading) -> None:
    """Find the one trip that a finished reading shows, record its passage, and save; else leave it to a person.

    A frame is judged together with those that showed the same vehicle in the lane shortly before, whichever camera
    of the lane took them: tractor and trailer are one trip, and what one frame leaves open another may tell. Frames
    of one lane are settled one after another.
    """
    list(Lane.objects.select_for_update(no_key=True, of=("self",)).filter(pk=reading.camera.lane_id))
    at = reading.taken_at
    plates = plates_of(reading)
    trips = {trip.pk: trip for trip in expected_trips(reading.camera.lane, at)}
    expected = expectations(list(trips.values()), at)
    alone = decide(rank(merge([plates]), expected))
    stays = stays_before(reading)
    stay = stay_of(reading, stays, alone=alone, expected=expected)
    frames = stay.sights if stay else []
    seen = merge([*frames, plates])
    candidates = rank(seen, _heading_here(expected, trips, reading, stay))
    winner = decide(candidates)
    if stay is None and winner and winner.by == "trailer" and stays and hangs_behind(stays[0], reading):
        # The tractor that went before is not the one which declared this trailer.
        reading.disputed = True
    _choose(reading, candidates, seen, number=len(frames))
    head = _locked(stay.head_id) if stay else None
    if head is None:
        _settle_alone(reading, winner, trips)
    else:
        _settle_with(reading, head, winner, trips, seen, candidates)
    reading.save()
    _take_in_glimpses(reading, stays)
    if not reading.is_settled and reading.same_as_id is None:
        tell_list_changed(reading)


def _take_in_glimpses(reading: Reading, stays: Sequence[Stay]) -> None:
    """Frames of the same camera in which the vehicle was still too far away to be read are its own."""
    if (reading.quality or 0) < GLIMPSE_QUALITY:
        return
    for stay in stays:
        last = stay.last_by(reading)
        if last and stay.is_glimpse and timedelta(0) <= reading.taken_at - last.taken_at <= GLIMPSE:
            frames = Reading.objects.filter(Q(pk=stay.head_id) | Q(same_as=stay.head_id), settled_at__isnull=True)
            frames.exclude(pk=reading.pk).exclude(pk=reading.same_as_id).update(
                same_as=reading.same_as_id or reading.pk,
                passage=reading.passage,
                settled_at=reading.settled_at,
                settled_by=reading.settled_by,
            )
            tell_list_changed(reading)


def _heading_here(
    expected: Sequence[Expected], trips: dict[int, Trip], reading: Reading, stay: Stay | None
) -> list[Expected]:
    """In a two-way lane, where the vehicle's way is known, only the trips that may go that way."""
    lane = reading.camera.lane
    way = heading(reading, stay)
    if lane.direction != Lane.Direction.BOTH or not way:
        return list(expected)
    one_way = Lane(pk=lane.pk, barrier=lane.barrier, yard=lane.yard, number=lane.number, direction=way)
    return [each for each in expected if _may_be_here(trips[each.trip_id], one_way, reading.taken_at)]


def _settle_alone(reading: Reading, winner: Candidate | None, trips: dict[int, Trip]) -> None:
    if winner and not reading.disputed:
        _record(reading, trips[winner.trip_id], plate=winner.text)


def _settle_with(
    reading: Reading,
    head: Reading,
    winner: Candidate | None,
    trips: dict[int, Trip],
    seen: Sequence[Merged],
    candidates: Sequence[Candidate],
) -> None:
    """Settle a frame that goes on with others: it joins the vehicle's passage, settles them all, or waits with them.

    What was dismissed stays so for a while only, and a frame without a plate never follows one that was matched.
    """
    if head.passage:
        trip = head.passage.trip
        if winner and winner.trip_id != trip.pk and head.settled_by_id is None:
            # All frames together now speak for another trip than the one recorded.
            reading.disputed = True
            return
        if reading.text:
            reading.same_as = head
            if not _record(reading, trips.get(trip.pk, trip), plate=reading.text):
                # The trip ended while the vehicle was still before the camera.
                reading.passage, reading.settled_at = head.passage, timezone.now()
    elif head.is_settled:
        lately = timezone.now() - head.settled_at <= timedelta(seconds=settings.PASSAGE_GAP_SECONDS)
        if winner and _record(reading, trips[winner.trip_id], plate=winner.text):
            return
        if lately:
            reading.same_as, reading.dismissal = head, head.dismissal
            reading.settled_at, reading.settled_by = head.settled_at, head.settled_by
    else:
        reading.same_as = head
        if winner and not head.disputed and _record(reading, trips[winner.trip_id], plate=winner.text):
            head.passage, head.settled_at = reading.passage, reading.settled_at
            _settle_repeats(head)
            tell_list_changed(head)
        elif seen and reading.text:
            head.text, head.confidence = seen[0].text[:20], seen[0].confidence
            head.candidates = _listed(candidates)
        head.save(update_fields=["passage", "settled_at", "text", "confidence", "candidates"])


def _locked(reading_id: int) -> Reading:
    """The first frame of a vehicle; a person may be settling it at this moment."""
    return (
        Reading.objects.select_for_update(no_key=True, of=("self",))
        .select_related("passage__trip__declaration", "camera__lane__barrier__gate", "camera__lane__yard__gate")
        .get(pk=reading_id)
    )


def _choose(reading: Reading, candidates: Sequence[Candidate], seen: Sequence[Merged], *, number: int) -> None:
    """Put the plate that stands for the vehicle first: that of the likeliest trip, else the surest of a known form.

    `number`: which of the frames in `seen` this one is.
    """
    reading.candidates = _listed(candidates)
    if not reading.plates:
        reading.text = reading.camera_plate
        reading.quality = 0.0
        return
    places = dict(seen[candidates[0].seen].members) if candidates else {}
    known = (index for index, plate in enumerate(reading.plates) if plate["known_form"])
    chosen = places[number] if number in places else next(known, 0)
    reading.plates = [reading.plates[chosen], *reading.plates[:chosen], *reading.plates[chosen + 1 :]]
    reading.text = reading.chosen["text"][:20]
    reading.confidence = reading.chosen["confidence"]
    reading.quality = weight(SimpleNamespace(**reading.chosen))


def _listed(candidates: Sequence[Candidate]) -> list[dict]:
    return [
        {"trip": candidate.trip_id, "score": round(candidate.score, 3), "by": candidate.by}
        for candidate in candidates[:MOST_CANDIDATES]
    ]


def _record(reading: Reading, trip: Trip, *, plate: str, actor: User | None = None) -> bool:
    """Record the passage through the door and link it. The platform's own try may be refused: then False."""
    move = "call_up" if actor else "record_passage"
    try:
        outcome = perform(
            move,
            trip,
            actor=actor,
            key=f"reading:{reading.pk}",
            happened_at=min(reading.taken_at, reading.received_at),
            lane=reading.camera.lane,
            plate=plate[:15],
            again=actor is None and _has_returned(reading, trip),
            evidence={"reading": reading.pk},
        )
    except Refusal:
        if actor:
            raise
        return False
    reading.passage = _passage_of(outcome, trip, reading.camera.lane)
    reading.settled_at, reading.settled_by = timezone.now(), actor
    return True


def _has_returned(reading: Reading, trip: Trip) -> bool:
    """Whether the vehicle, seen in this two-way lane just now, went through it and is seen there the other way."""
    lane = reading.camera.lane
    if lane.direction != Lane.Direction.BOTH:
        return False
    stages = list(TripStage.objects.filter(trip=trip).select_related("passage").order_by("position"))
    last = next((stage for stage in reversed(stages) if stage.passage_id), None)
    if last is None or last.is_open or last.passage.lane_id != lane.pk:
        return False
    if trip.passages.latest("last_seen_at").pk != last.passage_id:
        return False
    if not expects(trip, {stage.moment for stage in stages}, lane):
        return False
    went = Lane.Direction.IN if last.moment in INWARD else Lane.Direction.OUT
    told = heading(reading, None)
    return told != went if told else came_back(reading, last.passage)


def _passage_of(outcome: Outcome, trip: Trip, lane: Lane) -> Passage:
    if outcome.fact:
        return Passage.objects.get(pk=outcome.fact.data["passage"])
    return Passage.objects.filter(trip=trip, lane=lane).latest("last_seen_at")


def tell_list_changed(reading: Reading) -> None:
    """Let the consoles of the gate know that their list of unsettled plates changed, once this is committed."""
    lane = reading.camera.lane
    message = {"kind": "unsettled", "gate": lane.gate_id, "places": [lane.place], "reading": reading.pk}
    transaction.on_commit(partial(live.send, [(live.gate_channel(lane.gate_id), message)]))


def _unsettled(reading: Reading, actor: User) -> Reading:
    """The first frame of the vehicle, locked and asked whether this person may still settle it."""
    reading = (
        Reading.objects.select_for_update(no_key=True, of=("self",))
        .select_related("camera__lane__barrier__gate", "camera__lane__yard__gate")
        .get(pk=reading.same_as_id or reading.pk)
    )
    if not may_settle(actor, reading.camera.lane):
        raise not_yours()
    if reading.is_settled:
        raise Refusal("settled", _("Ảnh này đã được xử lý."))
    if not reading.is_finished:
        raise Refusal("not_read_yet", _("Ảnh này đang được đọc. Hãy đợi vài giây."))
    return reading


@transaction.atomic
def settle_by_hand(*, reading: Reading, trip: Trip, actor: User, text: str) -> Reading:
    """An officer says which trip the vehicle is: record its passage, and keep the plate's true text as a sample.

    All frames of the standing vehicle are settled with it. Raises `Refusal`.
    """
    reading = _unsettled(reading, actor)
    text = normalise(text) or trip.plate
    _record(reading, trip, plate=text, actor=actor)
    reading.save(update_fields=["passage", "settled_at", "settled_by"])
    Sample.objects.create(reading=reading, text=text[:15], by=actor)
    _settle_repeats(reading)
    tell_list_changed(reading)
    return reading


@transaction.atomic
def dismiss(*, reading: Reading, actor: User, reason: str) -> Reading:
    """An officer says that no declared vehicle is to be found in the frame, and why. Raises `Refusal`."""
    reading = _unsettled(reading, actor)
    reason = reason.strip()
    if len(reason) < 3:
        raise Refusal("reason_missing", _("Hãy ghi lý do."))
    if len(reason) > 300:
        raise Refusal("reason_too_long", _("Lý do dài quá 300 ký tự."))
    reading.settled_at, reading.settled_by, reading.dismissal = timezone.now(), actor, reason
    reading.save(update_fields=["settled_at", "settled_by", "dismissal"])
    _settle_repeats(reading)
    tell_list_changed(reading)
    return reading


def _settle_repeats(reading: Reading) -> None:
    reading.repeats.filter(settled_at__isnull=True).update(
        passage=reading.passage,
        settled_at=reading.settled_at,
        settled_by=reading.settled_by,
        dismissal=reading.dismissal,
    )
