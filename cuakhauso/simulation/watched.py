"""Shows a film of declared trucks to a watched camera, and counts the passages that come of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from uuid import uuid4

from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from anpr.models import Camera, Reading
from checkpoints.door import perform
from checkpoints.models import Passage
from cuakhauso.celery import app
from cuakhauso.simulation.drive import key
from cuakhauso.simulation.film import Passing, film, likely_to_be_mistaken
from cuakhauso.simulation.invented import Inventor
from cuakhauso.simulation.seed import seed
from declarations.models import Declaration
from declarations.services import save_draft
from gates.models import Gate, Lane
from gates.procedures.words import Country, Purpose, Side


@dataclass(frozen=True)
class Outcome:
    """What came of the film; `order` tells whether the trucks were recorded in the order in which they came."""

    trucks: int
    passages: int
    twice: int
    missed: list[str]
    order: bool
    frames_kept: int
    frames_asked_about: int
    seconds_filming: float
    seconds_watching: float

    @property
    def is_right(self) -> bool:
        return self.passages == self.trucks and not (self.twice or self.missed) and self.order


def watch_film(*, passages: int, minutes: float, number: int, folder: Path) -> Outcome:
    """In an empty database: declare the trucks, film them, and watch the film as fast as it can be read."""
    seed(password=uuid4().hex, keys_file=folder / "keys.json")
    trucks = likely_to_be_mistaken(passages, number)
    lane = _declare(trucks, Random(number))
    path = folder / "film.avi"
    began = perf_counter()
    film(path, trucks, minutes=minutes, seed=number)
    filmed = perf_counter()
    camera = Camera.objects.get(lane=lane)
    camera.source = str(path)
    camera.save(update_fields=["source"])
    # Frames are read where they are kept, as by a worker that is never late.
    eager, app.conf.task_always_eager = app.conf.task_always_eager, True
    try:
        call_command("watch_cameras", camera=[camera.code], until_end=True, fast=True)
    finally:
        app.conf.task_always_eager = eager
    return _counted(trucks, lane, filmed - began, perf_counter() - filmed)


def _declare(trucks: Sequence[Passing], random: Random) -> Lane:
    """Declare them all for import an hour ago; returns the lane by which they come."""
    gate = Gate.objects.order_by("id").first()
    trader = User.objects.get(username="trader")
    inventor, today = Inventor(random), timezone.localdate()
    for truck in trucks:
        country = Country.VN if truck.plate[0].isdigit() else Country.CN
        vehicle = inventor.vehicle(country, Side.BORDER, permit=True, today=today)
        declaration = save_draft(
            actor=trader,
            organisation=trader.organisations.first(),
            general={
                "gate": gate,
                "yard": gate.yards.first(),
                "purpose": Purpose.IMPORT,
                "expected_at": timezone.now() + timedelta(minutes=random.randrange(5, 90)),
            },
            consignments=[inventor.consignment(exported=False, today=today)],
            vehicles=[vehicle | {"plate": truck.plate, "trailer_plate": truck.trailer_plate}],
        )
        perform("submit", declaration, actor=trader, key=key())
    Declaration.objects.update(submitted_at=timezone.now() - timedelta(hours=1))
    return Lane.objects.get(barrier__gate=gate, barrier__place="B1", direction=Lane.Direction.IN)


def _counted(trucks: Sequence[Passing], lane: Lane, filming: float, watching: float) -> Outcome:
    seen = list(Passage.objects.filter(lane=lane).order_by("first_seen_at").values_list("trip__plate", flat=True))
    readings = Reading.objects.filter(camera__lane=lane)
    return Outcome(
        trucks=len(trucks),
        passages=len(seen),
        twice=sum(count > 1 for count in Counter(seen).values()),
        missed=[truck.plate for truck in trucks if truck.plate not in seen],
        order=seen == [truck.plate for truck in trucks],
        frames_kept=readings.count(),
        frames_asked_about=readings.unsettled().count(),
        seconds_filming=filming,
        seconds_watching=watching,
    )
