"""What the cameras' pages show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import Role, User
from accounts.rules import gate_ids_of
from anpr.matching import Expected, Told, rank
from anpr.models import WATCHERS, Camera, Reading
from declarations.models import Trip
from declarations.plates import CN_PROVINCES, normalise
from declarations.states import LIVE_DECLARATIONS, LIVE_TRIPS
from gates.models import Gate, Lane

MOST_SHOWN = 100
MOST_FOUND = 6
SILENT_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class Choice:
    """A trip that the vehicle may be: how likely, 0 to 1 (None where a person typed it), and the plate it shows."""

    trip: Trip
    score: float | None
    by: str
    plate: str


def gates_watched_by(user: User) -> list[Gate]:
    """The gates some of whose lanes this person watches."""
    gates = None if user.is_superuser else gate_ids_of(user, WATCHERS | {Role.Code.YARD_OPERATOR})
    return list(Gate.objects.all() if gates is None else Gate.objects.filter(pk__in=gates))


def unsettled_at(gate: Gate, user: User) -> QuerySet[Reading]:
    """The vehicles that wait to be named, the oldest first, each with the number of its `frames` and its `last_at`."""
    return (
        Reading.objects.unsettled()
        .at(gate)
        .visible_to(user)
        .select_related("camera__lane__barrier__gate", "camera__lane__yard__gate")
        .annotate(frames=Count("repeats", distinct=True) + 1, last_at=Max("repeats__taken_at"))
        .order_by("taken_at", "pk")[:MOST_SHOWN]
    )


def best_frame(reading: Reading) -> Reading:
    """Of all frames of a waiting vehicle the one that shows its plate best; `reading` is the first of them."""
    frames = Reading.objects.filter(Q(pk=reading.pk) | Q(same_as=reading.pk))
    return frames.order_by(F("quality").desc(nulls_last=True), "pk").first() or reading


def choices_of(reading: Reading) -> list[Choice]:
    """The likeliest trips of a reading that are still live, likeliest first."""
    rows = {row["trip"]: row for row in reading.candidates}
    trips = _live_trips(reading.camera.lane).filter(pk__in=rows).in_bulk()
    return [
        Choice(trip, row["score"], row["by"], trip.trailer_plate if row["by"] == "trailer" else trip.plate)
        for pk, row in rows.items()
        if (trip := trips.get(pk))
    ]


def trips_by_plate(lane: Lane, text: str) -> list[Trip]:
    """The live trips of the lane's gate whose plate or trailer is this one, typed with or without its province."""
    plate = normalise(text)
    if not plate:
        return []
    spellings = [plate, *(province + plate for province in CN_PROVINCES)]
    return list(_live_trips(lane).filter(Q(plate__in=spellings) | Q(trailer_plate__in=spellings))[:MOST_FOUND])


def choices_like(lane: Lane, text: str) -> list[Choice]:
    """The live trips of the lane's gate whose plate is most like what a person typed."""
    typed = [Told(normalise(text))]
    plates = _live_trips(lane).values_list("pk", "plate", "trailer_plate")
    found = rank(typed, [Expected(*row) for row in plates])[:MOST_FOUND]
    trips = _live_trips(lane).in_bulk([candidate.trip_id for candidate in found])
    return [
        Choice(trip, candidate.score, candidate.by, trip.trailer_plate if candidate.by == "trailer" else trip.plate)
        for candidate in found
        if (trip := trips.get(candidate.trip_id))
    ]


def _live_trips(lane: Lane) -> QuerySet[Trip]:
    return (
        Trip.objects.filter(
            declaration__gate_id=lane.gate_id, declaration__state__in=LIVE_DECLARATIONS, state__in=LIVE_TRIPS
        )
        .select_related("declaration__organisation", "declaration__gate")
        .order_by("declaration__expected_at", "pk")
    )


def cameras_today(gates: Sequence[Gate], user: User) -> list[Camera]:
    """The cameras that the person watches, each with its day so far.

    `passages` seen today, of them `by_hand`, and `at_once` without a person; `dismissed` and `waiting` vehicles;
    `is_silent` where an active camera sent nothing for a while; `last_reading` is the newest frame's id.
    """
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    today = Q(readings__taken_at__gte=midnight)
    newest = Reading.objects.filter(camera=OuterRef("pk")).order_by("-taken_at").values("pk")[:1]
    cameras = (
        Camera.objects.visible_to(user)
        .filter(Q(lane__barrier__gate__in=gates) | Q(lane__yard__gate__in=gates))
        .select_related("lane__barrier__gate", "lane__yard__gate")
        .annotate(
            frames=Count("readings", filter=today, distinct=True),
            passages=Count("readings__passage", filter=today, distinct=True),
            by_hand=Count("readings__passage", filter=today & Q(readings__settled_by__isnull=False), distinct=True),
            at_once=F("passages") - F("by_hand"),
            dismissed=_vehicles(today & Q(readings__settled_at__isnull=False, readings__passage__isnull=True)),
            waiting=_vehicles(Q(readings__in=Reading.objects.unsettled())),
            last_reading=Subquery(newest),
        )
        .order_by("code")
    )
    for camera in cameras:
        camera.is_silent = camera.active and (
            camera.last_seen_at is None or timezone.now() - camera.last_seen_at > SILENT_AFTER
        )
    return list(cameras)


def _vehicles(rows: Q) -> Count:
    return Count("readings", filter=rows & Q(readings__same_as__isnull=True), distinct=True)
