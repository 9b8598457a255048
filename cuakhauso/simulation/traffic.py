"""The demo's traffic: trucks keep arriving at both gates, and simulated people do what the visitor leaves undone.

At the first gate officers wait a while for the visitor to click before they act themselves, at the others they act
at once; so there is always something to do, and the line never grows without end.
"""

import logging
import time
from collections import deque
from dataclasses import dataclass, field
from random import Random

from checkpoints.models import TripStage
from checkpoints.refusals import Refusal
from cuakhauso.simulation.drive import Crew, Driver
from cuakhauso.simulation.errands import Declarer, Errand, holds_back
from cuakhauso.simulation.frames import Cameras
from declarations.models import Trip
from declarations.states import ENDED_TRIPS
from gates.models import Gate
from gates.procedures.words import Agency

log = logging.getLogger(__name__)

ON_THE_ROAD = 9
"""How many trips a gate has under way at once."""
ARRIVAL_SECONDS = (4, 14)
BUSY_SECONDS = (3, 9)
PATIENCE_SECONDS = 100
"""How long the officers of the first gate leave a truck to the visitor."""
TICK_SECONDS = 0.5


@dataclass
class Flow:
    """The traffic of one gate: errands under way, each with the time of its next step, and those still to come."""

    gate: Gate
    declarer: Declarer
    patience: float
    errands: dict[int, Errand] = field(default_factory=dict)
    due: dict[int, float] = field(default_factory=dict)
    coming: deque[Errand] = field(default_factory=deque)
    next_arrival: float = 0.0


class Traffic:
    def __init__(self, *, url: str, keys: dict[str, str], seed: int) -> None:
        self.random = Random(seed)
        self.crew = Crew()
        self.cameras = Cameras(url=url, keys=keys, crew=self.crew, seed=seed)
        self.driver = Driver(self.crew, self.cameras.show)
        trader = self.crew.officer([Agency.TRADER], 0)
        self.flows = [
            Flow(gate, Declarer(gate, trader, self.random), patience=PATIENCE_SECONDS if first else 0)
            for first, gate in zip((True, *[False] * 9), Gate.objects.order_by("id"), strict=False)
        ]

    def run(self) -> None:
        """Go on until the process is stopped."""
        while True:
            for flow in self.flows:
                self._arrive(flow)
                self._step(flow)
            time.sleep(TICK_SECONDS)

    def _arrive(self, flow: Flow) -> None:
        now = time.monotonic()
        if len(flow.errands) >= ON_THE_ROAD or now < flow.next_arrival:
            return
        if not flow.coming:
            book = flow.gate.book
            flow.coming.extend(flow.declarer.errands(book, len(book.procedures)))
        errand = flow.coming.popleft()
        flow.errands[errand.trip.pk] = errand
        flow.due[errand.trip.pk] = now
        flow.next_arrival = now + self.random.uniform(*ARRIVAL_SECONDS)

    def _step(self, flow: Flow) -> None:
        now = time.monotonic()
        for pk, errand in list(flow.errands.items()):
            if now < flow.due[pk] or self.cameras.is_waiting_for(errand.trip) or holds_back(errand):
                continue
            if Trip.objects.filter(pk=pk, state__in=ENDED_TRIPS).exists():
                del flow.errands[pk], flow.due[pk]
                continue
            if flow.patience and self._left_to_the_visitor(flow, pk):
                continue
            try:
                self.driver.step(errand.trip, sources=errand.sources, collects=errand.collects)
            except Refusal as refusal:
                log.info("refused: %s", refusal.code)
            flow.due[pk] = now + self.random.uniform(*BUSY_SECONDS)

    @staticmethod
    def _left_to_the_visitor(flow: Flow, trip_id: int) -> bool:
        """Whether the truck's open stage is young enough that the visitor may still want to click."""
        stage = TripStage.objects.filter(trip=trip_id, completed_at__isnull=True).first()
        return stage is not None and (time.time() - stage.opened_at.timestamp()) < flow.patience
