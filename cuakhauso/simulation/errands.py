"""Which trips a simulation declares: spread over the procedures of a book, with goods for those that collect some."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle, islice
from random import Random
from typing import Any

from django.utils import timezone

from accounts.models import User
from checkpoints.door import perform
from checkpoints.models import Passage
from cuakhauso.simulation.drive import Source, key
from cuakhauso.simulation.invented import Inventor
from cuakhauso.simulation.register import known_vehicle
from declarations.models import Declaration, Trip
from declarations.services import copy_of, save_draft
from gates.models import Gate, Yard
from gates.procedures import Book, Procedure
from gates.procedures.words import Country, Side

RECEIVERS_OF_A_SOURCE = 2


@dataclass
class Errand:
    """One trip to be driven to its end, for the sake of one procedure."""

    procedure: Procedure
    trip: Trip
    collects: bool = True
    sources: list[Source] = field(default_factory=list)
    source: Source | None = None
    twin: Trip | None = None

    @property
    def is_alone(self) -> bool:
        """Whether no other trip gives it goods or gets them from it."""
        return self.source is None and not self.sources

    def settle_twin(self) -> None:
        """Of a vehicle declared twice, go on with the trip that was named at the camera; the other is withdrawn."""
        if self.twin is None or not Passage.objects.filter(trip__in=(self.trip, self.twin)).exists():
            return
        named, other = (self.trip, self.twin) if self.trip.passages.exists() else (self.twin, self.trip)
        self.trip, self.twin = named, None
        perform("withdraw_trip", other, actor=other.declaration.created_by, key=key())


def declared_for(book: Book, procedure: Procedure) -> tuple[Procedure, bool]:
    """The procedure to declare so that `procedure` is gone through, and whether the vehicle collects goods."""
    if procedure.purpose is not None:
        return procedure, True
    return next(other for other in book if other.may_become == procedure.code), False


class Declarer:
    """Declares invented trips of one trader at one gate, through the door like anybody."""

    def __init__(self, gate: Gate, trader: User, random: Random) -> None:
        self.gate = gate
        self.trader = trader
        self.inventor = Inventor(random)
        self.organisation = trader.organisations.first()
        self.yards = list(gate.yards.order_by("id"))

    def _yards(self, procedure: Procedure) -> list[Yard]:
        return [yard for yard in self.yards if yard.inside is not procedure.outside_yard]

    def declare(self, procedure: Procedure, *, loads: bool | None = None) -> Trip:
        """A submitted declaration of one vehicle for this procedure."""
        now = timezone.now()
        loads = procedure.carries_goods if loads is None else loads
        country = procedure.country or (Country.VN if procedure.comes_from is Side.INLAND else Country.CN)
        crosses = any(stage.place == "B1" for stage in procedure.stages) or country is Country.CN
        general: dict[str, Any] = {
            "gate": self.gate,
            "yard": self.inventor.random.choice(self._yards(procedure)),
            "purpose": procedure.purpose,
            "expected_at": now + timedelta(minutes=self.inventor.random.randrange(5, 90)),
        }
        exported = procedure.comes_from is Side.INLAND
        vehicle = self.inventor.vehicle(country, procedure.comes_from, permit=crosses, today=now.date())
        vehicle |= known_vehicle(self.organisation, country, self.inventor.random)
        declaration: Declaration = save_draft(
            actor=self.trader,
            organisation=self.organisation,
            general=general,
            consignments=[self.inventor.consignment(exported=exported, today=now.date())] if loads else [],
            vehicles=[vehicle],
        )
        perform("submit", declaration, actor=self.trader, key=key())
        return declaration.trips.get()

    def declare_again(self, trip: Trip) -> Trip:
        """The same vehicle in another declaration, sent by mistake: the camera finds two trips that it may be."""
        expected_at = trip.declaration.expected_at + timedelta(minutes=10)
        declaration = copy_of(trip.declaration, actor=self.trader, expected_at=expected_at)
        perform("submit", declaration, actor=self.trader, key=key())
        return declaration.trips.select_related("declaration").get()

    def errands(self, book: Book, number: int) -> Iterator[Errand]:
        """So many errands, spread evenly over all procedures of the book; who collects gets sources to collect from."""
        made: list[Errand] = []
        for procedure in islice(cycle(book), number):
            declared, collects = declared_for(book, procedure)
            made.append(Errand(procedure=procedure, trip=self.declare(declared), collects=collects))
        for errand in made:
            continues = errand.procedure.continues
            if continues and errand.collects:
                errand.sources = [self._source(made, continues.procedure)]
        yield from made

    @staticmethod
    def _source(made: list[Errand], carried_under: str) -> Source:
        """A loaded trip that still has goods for one more receiver; every one of them serves before one serves more."""
        loaded = [errand for errand in made if errand.procedure.code == carried_under]
        free = [e for e in loaded if e.source is None or e.source.receivers < RECEIVERS_OF_A_SOURCE]
        begun = [errand for errand in free if errand.source]
        errand = (begun or free or loaded)[0]
        errand.source = errand.source or Source(errand.trip, receivers=0)
        errand.source.receivers += 1
        return errand.source


def holds_back(errand: Errand) -> bool:
    """Whether a loaded truck stays in its yard stage because receivers are still to come."""
    source = errand.source
    return source is not None and not source.through_store and not source.is_done and source.stands_in_the_yard
