"""From a camera's event to a passage: stored, read, matched, settled by the platform or by a person."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from types import SimpleNamespace

from django.conf import settings
from django.db import transaction
from django.db.models import F, Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from anpr.decode import PictureError
from anpr.matching import Candidate, Expected, PlateSeen, Told, alike, decide, rank
from anpr.models import Camera, Reading, Sample
from anpr.rules import may_settle
from anpr.types import PlateRead
from checkpoints import live
from checkpoints.door import Outcome, perform
from checkpoints.journey import expects
from checkpoints.models import Passage, TripStage
from checkpoints.refusals import Refusal, not_yours
from declarations.models import Trip
from declarations.plates import normalise
from declarations.states import LIVE_DECLARATIONS, LIVE_TRIPS
from gates.models import Lane

CLOCK_SKEW = timedelta(minutes=5)
"""How far a camera's clock may go ahead of ours."""
QUEUE_AGAIN_AFTER = timedelta(seconds=5)
MOST_ATTEMPTS = 5
MOST_CANDIDATES = 5
CAMERAS_OWN_CONFIDENCE = 0.6
"""How far a plate that the camera read itself is believed where our engine found none."""

Read = Callable[[bytes], Sequence[PlateRead]]


# Cameras


def new_key(camera: Camera) -> str:
    """Give the camera a fresh random key and return it; it is shown this once, only its hash is kept."""
    key = secrets.token_urlsafe(32)
    camera.key_prefix, camera.key_hash = key[:8], _key_hash(key)
    camera.save(update_fields=["key_prefix", "key_hash"])
    return key


def camera_with_key(key: str) -> Camera | None:
    """The active camera that holds this key, found in one query and compared in constant time."""
    camera = (
        Camera.objects.select_related("lane__barrier__gate", "lane__yard__gate")
        .filter(key_prefix=key[:8], active=True)
        .first()
    )
    known = camera.key_hash if camera else _key_hash("")
    return camera if hmac.compare_digest(known, _key_hash(key)) else None


def _key_hash(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()


# Reading


def read_stored(reading_id: int, *, read: Read) -> Reading | None:
    """Read and settle one stored frame, whole or not at all; None where there is nothing to do.

    Whoever holds the row reads it; a second message passes by. Each try is counted before it begins, so that a frame
    that kills its worker is given up in the end.
    """
    unfinished = Reading.objects.unfinished().filter(pk=reading_id)
    if not unfinished.filter(attempts__lt=MOST_ATTEMPTS).update(attempts=F("attempts") + 1):
        return None
    with transaction.atomic():
        reading = (
            unfinished.select_for_update(skip_locked=True, no_key=True, of=("self",))
            .select_related("camera__lane__barrier__gate", "camera__lane__yard__gate")
            .first()
        )
        if reading is None:
            return None
        try:
            with reading.image.open("rb") as file:
                plates = read(file.read())
        except PictureError as error:
            reading.failed_at, reading.error = timezone.now(), error.code
        except FileNotFoundError:
            reading.failed_at, reading.error = timezone.now(), "missing"
        else:
            reading.plates = [asdict(plate) for plate in plates]
            reading.read_at = timezone.now()
        settle_reading(reading)
    return reading


def give_up_or_requeue(queue: Callable[[int], None], *, most: int = 200) -> int:
    """Queue again what is stored and unfinished since some seconds, the oldest first; return how many.

    What was tried too often is given up and shown to a person. Rows being read at this moment are left alone.
    """
    with transaction.atomic():
        stale = list(
            Reading.objects.unfinished()
            .select_for_update(skip_locked=True, no_key=True, of=("self",))
            .select_related("camera__lane__barrier__gate", "camera__lane__yard__gate")
            .filter(queued_at__lt=timezone.now() - QUEUE_AGAIN_AFTER)
            .order_by("queued_at")[:most]
        )
        for reading in stale:
            if reading.attempts < MOST_ATTEMPTS:
                continue
            reading.failed_at, reading.error = timezone.now(), "given_up"
            reading.save(update_fields=["failed_at", "error"])
            _tell_list_changed(reading)
        again = [reading.pk for reading in stale if reading.attempts < MOST_ATTEMPTS]
        Reading.objects.filter(pk__in=again).update(queued_at=timezone.now())
    for reading_id in again:
        queue(reading_id)
    return len(again)


# Settling


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


def match(
    plates: Sequence[PlateSeen], lane: Lane, at: datetime
) -> tuple[Candidate | None, list[Candidate], dict[int, Trip]]:
    """The clear winner if there is one, all candidates, and the trips asked, by id."""
    trips = {trip.pk: trip for trip in expected_trips(lane, at)}
    candidates = rank(plates, [Expected(trip.pk, trip.plate, trip.trailer_plate) for trip in trips.values()])
    return decide(candidates), candidates, trips


def settle_reading(reading: Reading) -> None:
    """Find the one trip that a finished reading shows, record its passage, and save; else leave it to a person.

    A frame of a vehicle that a frame shortly before showed in the same lane shares that one's fate.
    """
    winner, candidates, trips = match(_seen(reading), reading.camera.lane, reading.taken_at)
    _choose(reading, candidates)
    matched = winner is not None and _record(reading, trips[winner.trip_id], plate=winner.text)
    if not matched and (before := _same_vehicle_before(reading)):
        _share_fate(reading, before)
    reading.save()
    if not reading.is_settled and reading.same_as_id is None:
        _tell_list_changed(reading)


def _seen(reading: Reading) -> list:
    """The plates read; where the engine found none, what the camera itself read."""
    plates = [SimpleNamespace(**plate) for plate in reading.plates]
    if not plates and reading.camera_plate:
        return [Told(reading.camera_plate, CAMERAS_OWN_CONFIDENCE)]
    return plates


def _choose(reading: Reading, candidates: Sequence[Candidate]) -> None:
    """Put the plate that stands for the vehicle first: that of the likeliest trip, else the surest of a known form."""
    reading.candidates = [
        {"trip": candidate.trip_id, "score": round(candidate.score, 3), "by": candidate.by}
        for candidate in candidates[:MOST_CANDIDATES]
    ]
    if not reading.plates:
        reading.text = reading.camera_plate
        return
    known = (index for index, plate in enumerate(reading.plates) if plate["known_form"])
    chosen = candidates[0].seen if candidates else next(known, 0)
    reading.plates = [reading.plates[chosen], *reading.plates[:chosen], *reading.plates[chosen + 1 :]]
    reading.text = reading.chosen["text"][:20]
    reading.confidence = reading.chosen["confidence"]


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
            evidence={"reading": reading.pk},
        )
    except Refusal:
        if actor:
            raise
        return False
    reading.passage = _passage_of(outcome, trip, reading.camera.lane)
    reading.settled_at, reading.settled_by = timezone.now(), actor
    return True


def _passage_of(outcome: Outcome, trip: Trip, lane: Lane) -> Passage:
    if outcome.fact:
        return Passage.objects.get(pk=outcome.fact.data["passage"])
    return Passage.objects.filter(trip=trip, lane=lane).latest("last_seen_at")


def _same_vehicle_before(reading: Reading) -> Reading | None:
    """The first frame of the vehicle that stood in this lane shortly before with a like plate, or with none as here."""
    seen = _seen(reading)
    gap = timedelta(seconds=settings.PASSAGE_GAP_SECONDS)
    frames = (
        Reading.objects.filter(camera=reading.camera, taken_at__range=(reading.taken_at - gap, reading.taken_at + gap))
        .exclude(pk=reading.pk)
        .exclude(read_at__isnull=True, failed_at__isnull=True)
        .select_related("same_as")
        .order_by("-taken_at")[:20]
    )
    for frame in frames:
        if alike(seen[0], frame.text) if seen else frame.text == "":
            return frame.same_as or frame
    return None


def _share_fate(reading: Reading, before: Reading) -> None:
    """Settle the reading as the vehicle's first frame was, or let it wait with that one.

    What was dismissed stays so for a while only, and a frame without a plate never follows one that was matched.
    """
    # A person may be settling that one at this moment.
    before = (
        Reading.objects.select_for_update(no_key=True, of=("self",)).select_related("passage__trip").get(pk=before.pk)
    )
    if before.passage and reading.text:
        if not _record(reading, before.passage.trip, plate=reading.text):
            # The trip ended while the vehicle was still before the camera.
            reading.passage, reading.settled_at = before.passage, timezone.now()
    elif not before.is_settled:
        reading.same_as = before
    elif before.dismissal and timezone.now() - before.settled_at <= timedelta(seconds=settings.PASSAGE_GAP_SECONDS):
        reading.same_as, reading.dismissal = before, before.dismissal
        reading.settled_at, reading.settled_by = before.settled_at, before.settled_by


def _tell_list_changed(reading: Reading) -> None:
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
    _tell_list_changed(reading)
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
    _tell_list_changed(reading)
    return reading


def _settle_repeats(reading: Reading) -> None:
    reading.repeats.filter(settled_at__isnull=True).update(
        passage=reading.passage,
        settled_at=reading.settled_at,
        settled_by=reading.settled_by,
        dismissal=reading.dismissal,
    )
