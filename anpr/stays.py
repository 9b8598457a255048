"""Which frames show one vehicle: its stay before the cameras of a lane, from the first frame to the last."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from types import SimpleNamespace

from django.conf import settings

from anpr.consensus import LIKE_COST, Merged, PlateInFrame, alike, merge, movement, of_the_vehicle, stands_still, turned
from anpr.matching import Candidate, Expected, Told, cost_of, is_trailer
from anpr.models import Reading
from checkpoints.models import Passage
from gates.models import Lane

LONGEST = timedelta(hours=1)
"""So long an unknown vehicle that nothing followed in its lane is still taken for the one that stands there."""
MOST_FRAMES, MOST_MERGED = 40, 12
"""So many frames of a lane are looked back at, and of one vehicle so many are judged together, the latest."""
STANDING = timedelta(seconds=20)
"""So soon no other vehicle can stand just where one stood."""
FOLLOWS = timedelta(seconds=60)
"""So soon after its tractor a trailer passes."""
MOVING = timedelta(seconds=60)
"""Over so long a vehicle's movement tells which way it drives."""
GLIMPSE_QUALITY = 0.1
GLIMPSE = timedelta(seconds=5)
"""Less than so legible, and so shortly before a vehicle's first legible frame, is that vehicle seen too far away."""
TOLD_MOVEMENT = {"towards": 1, "away": -1}
"""What a camera itself says of a vehicle's movement, where it does not know in from out."""
CAMERAS_OWN_CONFIDENCE = 0.6
"""How far a plate that the camera read itself is believed where our engine found none."""


def gap() -> timedelta:
    return timedelta(seconds=settings.PASSAGE_GAP_SECONDS)


def plates_of(reading: Reading) -> list[PlateInFrame]:
    """The plates read; where the engine found none, what the camera itself read."""
    plates: list[PlateInFrame] = [SimpleNamespace(**plate) for plate in reading.plates]
    if not plates and reading.camera_plate:
        confidence = reading.told.get("confidence") or CAMERAS_OWN_CONFIDENCE
        country = reading.told.get("country")
        return [Told(reading.camera_plate, min(confidence, CAMERAS_OWN_CONFIDENCE), country=country)]
    return plates


@dataclass
class Stay:
    """The frames of one vehicle in a lane, the oldest first; the first of all is `head`, which may be left out here."""

    head_id: int
    frames: list[Reading]

    @cached_property
    def sights(self) -> list[list[PlateInFrame]]:
        """The vehicle's plates in each of its latest frames."""
        return [of_the_vehicle(plates_of(frame)) for frame in self.frames[-MOST_MERGED:]]

    @cached_property
    def plates(self) -> list[Merged]:
        """The vehicle's plates as these frames together show them."""
        return merge(self.sights)

    @property
    def trip_ids(self) -> set[int]:
        return {frame.passage.trip_id for frame in self.frames if frame.passage_id}

    @property
    def is_settled(self) -> bool:
        return any(frame.is_settled for frame in self.frames)

    def away(self, at: datetime) -> timedelta:
        """How long before or after its nearest frame that was."""
        return min(abs(at - frame.taken_at) for frame in self.frames)

    @property
    def is_glimpse(self) -> bool:
        """Whether nothing could be made of its frames, so that nobody settled them."""
        return not any(frame.is_settled or (frame.quality or 0) >= GLIMPSE_QUALITY for frame in self.frames)

    def last_by(self, reading: Reading) -> Reading | None:
        """The newest frame of the same camera."""
        return next((frame for frame in reversed(self.frames) if frame.camera_id == reading.camera_id), None)


def stays_before(reading: Reading) -> list[Stay]:
    """The vehicles that stood in the reading's lane shortly before it, the latest first, in one query."""
    frames = (
        Reading.objects.filter(
            camera__lane=reading.camera.lane_id, taken_at__range=(reading.taken_at - LONGEST, reading.taken_at + gap())
        )
        .exclude(pk=reading.pk)
        .exclude(read_at__isnull=True, failed_at__isnull=True)
        .select_related("passage")
        .order_by("-taken_at", "-pk")[:MOST_FRAMES]
    )
    stays: dict[int, Stay] = {}
    for frame in frames:
        head = frame.same_as_id or frame.pk
        stays.setdefault(head, Stay(head, [])).frames.insert(0, frame)
    return list(stays.values())


def stay_of(
    reading: Reading, stays: Sequence[Stay], *, alone: Candidate | None, expected: Sequence[Expected]
) -> Stay | None:
    """The stay that the frame goes on with, if any.

    `alone`: the trip that the frame shows by itself. A frame that shows another trip than the stay's is another
    vehicle, unless its plate stands just where the other stood a moment ago: then it was misread.
    """
    seen = of_the_vehicle(plates_of(reading))
    if not seen:
        return next((stay for stay in stays if _is_as_blank(stay, reading)), None)
    for stay in stays:
        last = stay.last_by(reading)
        if last and stay.away(reading.taken_at) <= STANDING and stands_still(of_the_vehicle(plates_of(last)), seen):
            return stay
    open_to_it = [stay for stay in stays if stay.plates and not (alone and stay.trip_ids - {alone.trip_id})]
    for stay in open_to_it:
        near = stay.away(reading.taken_at) <= gap()
        if (near or (stay is stays[0] and not stay.is_settled)) and alike(seen, stay.plates):
            return stay
    for stay in open_to_it:
        if stay.away(reading.taken_at) <= gap() and _coupled(stay.plates, seen, expected):
            return stay
    if open_to_it and open_to_it[0] is stays[0] and hangs_behind(stays[0], reading):
        return stays[0]
    return None


def hangs_behind(stay: Stay, reading: Reading) -> bool:
    """Whether the frame shows but a trailer, right behind a vehicle whose own trailer, if any, was not seen yet."""
    seen = of_the_vehicle(plates_of(reading))
    is_a_trailer = bool(seen) and all(is_trailer(plate.text) for plate in seen)
    tractor_alone = bool(stay.plates) and not any(is_trailer(plate.text) for plate in stay.plates)
    return is_a_trailer and tractor_alone and stay.away(reading.taken_at) <= FOLLOWS


def _is_as_blank(stay: Stay, reading: Reading) -> bool:
    """A frame without a plate never goes on with a vehicle whose plate was seen."""
    return not stay.plates and stay.last_by(reading) is not None and stay.away(reading.taken_at) <= gap()


def _coupled(before: Iterable[PlateInFrame], now: Iterable[PlateInFrame], expected: Iterable[Expected]) -> bool:
    """Whether some trip has one of its two plates among those seen before and the other among those seen now."""

    def shows(plates: Iterable[PlateInFrame], text: str) -> bool:
        return any(cost_of(plate, text) <= LIKE_COST for plate in plates)

    before, now = list(before), list(now)
    return any(
        trip.trailer_plate
        and (
            (shows(before, trip.plate) and shows(now, trip.trailer_plate))
            or (shows(before, trip.trailer_plate) and shows(now, trip.plate))
        )
        for trip in expected
    )


# Which way it drives


def heading(reading: Reading, stay: Stay | None) -> str:
    """`in` or `out`, as the lane says, the camera itself, or the vehicle's movement; empty where nothing tells."""
    lane = reading.camera.lane
    if lane.direction != Lane.Direction.BOTH:
        return lane.direction
    told = reading.told.get("direction", "")
    if told in (Lane.Direction.IN, Lane.Direction.OUT):
        return told
    moved = TOLD_MOVEMENT.get(told, 0)
    if not moved and stay is not None:
        recent = [frame for frame in stay.frames if timedelta(0) <= reading.taken_at - frame.taken_at <= MOVING]
        moved = movement(_sights([*recent, reading], reading))
    if not moved or not reading.camera.approaching:
        return ""
    other = {Lane.Direction.IN: Lane.Direction.OUT, Lane.Direction.OUT: Lane.Direction.IN}
    return reading.camera.approaching if moved > 0 else other[reading.camera.approaching]


def came_back(reading: Reading, passage: Passage) -> bool:
    """Whether the vehicle of this passage is seen to have turned between its frames and this one."""
    frames = Reading.objects.filter(passage=passage, camera=reading.camera, taken_at__lte=reading.taken_at)
    earlier = list(frames.exclude(pk=reading.pk).order_by("-taken_at")[:MOST_FRAMES])
    return turned(_sights([*reversed(earlier), reading], reading))


def _sights(frames: Iterable[Reading], reading: Reading) -> list[PlateInFrame]:
    """The plate in front as the reading's own camera saw it, frame by frame; a trailer's is another plate."""
    sights = [of_the_vehicle(plates_of(frame)) for frame in frames if frame.camera_id == reading.camera_id]
    return [plates[0] for plates in sights if plates and not is_trailer(plates[0].text)]
