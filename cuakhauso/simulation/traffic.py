"""The demo's traffic: trucks keep arriving at both gates, and simulated people do what the visitor leaves undone.

At the first gate officers wait a while for the visitor to click before they act themselves, at the others they act
at once; so there is always something to do, and the line never grows without end.
"""

import logging
import time
from collections import deque
from dataclasses import dataclass, field
from random import Random

from accounts.models import User
from anpr.models import Reading
from anpr.selectors import unsettled_at
from anpr.settling import dismiss
from checkpoints.models import TripStage
from checkpoints.refusals import Refusal
from checkpoints.selectors import lanes_of
from cuakhauso.simulation.drive import Crew, Driver
from cuakhauso.simulation.errands import Declarer, Errand, holds_back
from cuakhauso.simulation.frames import Cameras, age
from declarations.models import Trip
from declarations.states import ENDED_TRIPS
from gates.models import Gate, Lane
from gates.procedures.words import Agency, Country, Place

log = logging.getLogger(__name__)

ON_THE_ROAD = 9
"""How many trips a gate has under way at once."""
ARRIVAL_SECONDS = (4, 14)
BUSY_SECONDS = (3, 9)
PATIENCE_SECONDS = 100
"""How long the officers of the first gate leave a truck to the visitor."""
UNKNOWN_SECONDS = 240
"""How long a plate that nobody knows is left to the visitor, at every gate."""
FORGOTTEN_SECONDS = 300
"""When the guard sends away a vehicle that nobody declared or settled."""
STRANGER_SECONDS = (50, 150)
MOST_UNKNOWN = 3
"""So often a vehicle comes that nobody declared, as long as no more plates than this wait at the gate."""
DECLARED_TWICE = 0.25
"""The share of vehicles without goods to exchange that somebody declared twice."""
STORED_SHARE = 0.3
"""The share of trucks with goods for others that unload them into store instead of waiting."""
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
    next_stranger: float = 0.0


class Traffic:
    def __init__(self, *, url: str, keys: dict[str, str], seed: int) -> None:
        self.random = Random(seed)
        self.crew = Crew()
        self.cameras = Cameras(url=url, keys=keys, crew=self.crew, seed=seed)
        self.driver = Driver(self.crew, self.cameras.show)
        trader = self.crew.officer([Agency.TRADER], 0)
        self.lanes = [lane for lane in lanes_of() if lane.barrier_id and lane.direction != Lane.Direction.OUT]
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
                self._strangers(flow)
            time.sleep(TICK_SECONDS)

    def _arrive(self, flow: Flow) -> None:
        now = time.monotonic()
        if len(flow.errands) >= ON_THE_ROAD or now < flow.next_arrival:
            return
        if not flow.coming:
            book = flow.gate.book
            flow.coming.extend(flow.declarer.errands(book, len(book.procedures)))
            for errand in flow.coming:
                if errand.source and self.random.random() < STORED_SHARE:
                    errand.source.through_store = True
        errand = flow.coming.popleft()
        if errand.is_alone and self.random.random() < DECLARED_TWICE:
            errand.twin = flow.declarer.declare_again(errand.trip)
        flow.errands[errand.trip.pk] = errand
        flow.due[errand.trip.pk] = now
        flow.next_arrival = now + self.random.uniform(*ARRIVAL_SECONDS)

    def _step(self, flow: Flow) -> None:
        now = time.monotonic()
        for pk, errand in list(flow.errands.items()):
            if now < flow.due[pk]:
                continue
            try:
                moved = self._further(flow, errand)
            except Refusal as refusal:
                log.info("refused: %s", refusal.code)
                moved = True
            if errand.trip.pk != pk:
                flow.errands[errand.trip.pk] = flow.errands.pop(pk)
                flow.due[errand.trip.pk] = flow.due.pop(pk)
            if Trip.objects.filter(pk=errand.trip.pk, state__in=ENDED_TRIPS).exists():
                del flow.errands[errand.trip.pk], flow.due[errand.trip.pk]
            elif moved:
                flow.due[errand.trip.pk] = now + self.random.uniform(*BUSY_SECONDS)

    def _further(self, flow: Flow, errand: Errand) -> bool:
        """Do the next thing of an errand; False when it waits for a camera, for others or for the visitor."""
        if self.cameras.is_waiting_for(errand.trip, patience=UNKNOWN_SECONDS) or holds_back(errand):
            return False
        errand.settle_twin()
        if flow.patience and self._left_to_the_visitor(flow, errand.trip.pk):
            return False
        self.driver.step(errand.trip, sources=errand.sources, collects=errand.collects, source=errand.source)
        return True

    @staticmethod
    def _left_to_the_visitor(flow: Flow, trip_id: int) -> bool:
        """Whether the truck's open stage is young enough that the visitor may still want to click."""
        stage = TripStage.objects.filter(trip=trip_id, completed_at__isnull=True).first()
        return stage is not None and (time.time() - stage.opened_at.timestamp()) < flow.patience

    def _strangers(self, flow: Flow) -> None:
        """Vehicles come that nobody declared; the guard sends away whom the visitor leaves standing."""
        now = time.monotonic()
        if now < flow.next_stranger:
            return
        flow.next_stranger = now + self.random.uniform(*STRANGER_SECONDS)
        guard = self.crew.officer([flow.gate.book.barriers_opened_by], flow.gate.pk)
        unknown = list(unsettled_at(flow.gate, guard))
        for reading in unknown:
            if age(reading) > FORGOTTEN_SECONDS:
                self._send_away(reading, guard)
        if len(unknown) < MOST_UNKNOWN:
            lane = self.random.choice([lane for lane in self.lanes if lane.gate_id == flow.gate.pk])
            country = Country.CN if lane.place is Place.B1 else Country.VN
            self.cameras.show_plate(flow.declarer.inventor.plate(country), lane)

    @staticmethod
    def _send_away(reading: Reading, guard: User) -> None:
        try:
            dismiss(reading=reading, actor=guard, reason="Xe chưa khai báo, đã yêu cầu khai báo")
        except Refusal as refusal:
            log.info("refused: %s", refusal.code)
