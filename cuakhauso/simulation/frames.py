"""Trucks before cameras: frames rendered and posted to the real API as an edge camera posts them."""

from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from uuid import uuid4

from django.utils import timezone

from anpr.models import Camera, Reading
from anpr.settling import settle_by_hand
from anpr.simulator import post_frame
from anpr.synthetic.scenes import render_passage
from cuakhauso.simulation.drive import Crew
from declarations.models import Trip
from gates.models import Lane


@dataclass
class Shown:
    """A frame of a vehicle with this plate on its way: posted under this key, until its reading is settled."""

    plate: str
    key: str
    posted: Future

    @property
    def reading(self) -> Reading | None:
        """What became of it, once it was read."""
        if not self.posted.done():
            return None
        self.posted.result()
        reading = Reading.objects.filter(idempotency_key=self.key).first()
        return reading if reading and reading.is_finished else None


class Cameras:
    """Brings trucks before cameras: renders the frame, posts it as an edge camera does, waits for its reading."""

    def __init__(self, *, url: str, keys: dict[str, str], crew: Crew, seed: int) -> None:
        self.url = url
        self.keys = keys
        self.crew = crew
        self.random = Random(seed)
        self.readings: Counter[str] = Counter(right=0, wrong=0, by_hand=0)
        self._cameras = {camera.lane_id: camera.code for camera in Camera.objects.filter(active=True)}
        self._shown: dict[int, Shown] = {}
        self._pool = ThreadPoolExecutor(max_workers=2)

    def show(self, trip: Trip, lane: Lane) -> None:
        """Post one frame of the truck in this lane, unless one is on its way."""
        if trip.pk not in self._shown:
            self._shown[trip.pk] = self.show_plate(trip.plate, lane)

    def show_plate(self, plate: str, lane: Lane) -> Shown:
        """Post one frame of a vehicle with this plate, whoever it is, in this lane."""
        key = str(uuid4())
        seed, night = self.random.randrange(2**31), self.random.random() < 0.3
        return Shown(plate, key, self._pool.submit(self._post, plate, self._cameras[lane.pk], key, seed, night))

    def _post(self, plate: str, camera: str, key: str, seed: int, night: bool) -> None:
        frame = render_passage(plate, seed=seed, night=night)
        post_frame(self.url, self.keys[camera], frame, timezone.now(), key)

    def is_waiting_for(self, trip: Trip, *, patience: float = 0) -> bool:
        """Whether a frame of the trip is still on its way.

        A reading that nobody could match is settled by hand once it has lain so many seconds for somebody to do it.
        """
        shown = self._shown.get(trip.pk)
        if shown is None:
            return False
        reading = shown.reading
        if reading is None or (not reading.is_settled and age(reading) < patience):
            return True
        self._count(trip, reading, plate=shown.plate)
        del self._shown[trip.pk]
        return False

    def _count(self, trip: Trip, reading: Reading, *, plate: str) -> None:
        self.readings["right" if reading.text == plate else "wrong"] += 1
        if not reading.is_settled:
            self.readings["by_hand"] += 1
            guard = self.crew.officer([trip.book.barriers_opened_by], trip.declaration.gate_id)
            settle_by_hand(reading=reading, trip=trip, actor=guard, text=trip.plate)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def age(reading: Reading) -> float:
    """Seconds since the frame was taken."""
    return (timezone.now() - reading.taken_at).total_seconds()
