"""Drives one trip: does what its trader, its driver and each agency's officer would do next.

What comes next is read from the trip's stages alone, so any book's procedures are driven in the same way.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Role, User
from checkpoints.door import perform
from checkpoints.journey import camera_stages_ahead
from checkpoints.models import STORED, Confirmation, TripStage
from checkpoints.papers import GOODS_CONFIRMED, unnamed_on
from checkpoints.states import ConfirmationState
from cuakhauso.simulation.invented import customs_number
from declarations.models import Load, Trip
from declarations.services import divide
from fees.models import Bill, Payment
from fees.services.paying import record_payment
from gates.models import Lane, Zone
from gates.procedures import Stage
from gates.procedures.words import Agency, Moment, Place, Purpose

STANDS_BY = {Moment.YARD: Zone.Kind.DRY, Moment.TRANSSHIP: Zone.Kind.TRANSSHIPMENT}
"""In which kind of zone a truck stands at which of its stages."""
LABOUR = "Đội bốc xếp số 1"


def key() -> str:
    return f"simulated:{uuid4()}"


class Crew:
    """The people of the made-up border: for each agency an account that holds its role at the gate."""

    def __init__(self) -> None:
        self._people: dict[tuple[str, int], User] = {}

    def officer(self, agencies: Iterable[Agency], gate_id: int) -> User:
        codes = tuple(agency.value for agency in agencies)
        if (codes[0], gate_id) not in self._people:
            role = next(
                role
                for role in Role.objects.in_force().filter(code__in=codes).select_related("user").order_by("id")
                if role.covers(gate_id)
            )
            self._people[codes[0], gate_id] = role.user
        return self._people[codes[0], gate_id]


@dataclass
class Source:
    """A loaded trip whose goods go over in the yard, in equal shares to so many `receivers` one after another.

    `through_store`: they are unloaded first, its truck leaves, and the receivers fetch them when they come.
    """

    trip: Trip
    receivers: int
    through_store: bool = False

    @property
    def is_done(self) -> bool:
        return self.receivers == 0 and not self._pending

    @property
    def is_ready(self) -> bool:
        if self.through_store:
            return self._loads.exists() and not self._loads.filter(self._registered).exists()
        return self.stands_in_the_yard and not self._pending

    @property
    def stands_in_the_yard(self) -> bool:
        return self.trip.stages.filter(moment=Moment.YARD, completed_at__isnull=True).exists()

    @property
    def _pending(self) -> bool:
        return self.trip.transshipments_out.filter(moved_at__isnull=True).exists()

    _registered = Q(transshipment_lines__isnull=False, transshipment_lines__transshipment__moved_at__isnull=True)

    @property
    def _loads(self) -> QuerySet[Load]:
        """What is still there to be fetched."""
        if self.through_store:
            declaration = self.trip.declaration_id
            return Load.objects.filter(line__consignment__declaration=declaration, yard__isnull=False)
        return self.trip.loads.all()

    def next_share(self) -> dict[str, str]:
        """Load id to quantity for the next receiver; the last takes the rest."""
        share = {str(load.pk): str(divide(load.quantity, self.receivers, Decimal("0.001"))[0]) for load in self._loads}
        self.receivers -= 1
        return share


class Driver:
    """Drives trips with the help of a crew; `show` brings a truck before the camera of a lane."""

    def __init__(self, crew: Crew, show: Callable[[Trip, Lane], None]) -> None:
        self.crew = crew
        self.show = show
        self._zones = list(Zone.objects.filter(in_use=True).order_by("id"))
        self._lanes = list(Lane.objects.select_related("barrier", "yard").order_by("id"))

    def step(
        self, trip: Trip, *, sources: Sequence[Source] = (), collects: bool = True, source: Source | None = None
    ) -> bool:
        """Do the next thing for the trip; False when it must wait.

        `sources`: from which it receives goods. `collects` False: it finds none and goes home. `source`: how its own
        goods go over to others.
        """
        trip = Trip.objects.select_related("declaration__gate").get(pk=trip.pk)
        if trip.has_ended:
            return False
        stage = TripStage.objects.filter(trip=trip, completed_at__isnull=True).first()
        if stage is None:
            return self._come(trip)
        stage.trip = trip
        self._stands(trip, stage, sources)
        if source and source.through_store and stage.moment == Moment.YARD and trip.loads.exists():
            self._unload(trip, stage)
            return True
        if stage.moment == Moment.TRANSSHIP and not collects:
            perform("leave_without_goods", trip, actor=trip.declaration.created_by, key=key())
            return True
        slot = Confirmation.objects.filter(stage=stage, state=ConfirmationState.WAITING).order_by("position").first()
        if slot is None:
            guard = self.crew.officer([trip.book.barriers_opened_by], trip.declaration.gate_id)
            perform("open_barrier", trip, actor=guard, key=key())
            return True
        slot.stage = stage
        return self._answer(trip, slot, sources)

    def _come(self, trip: Trip) -> bool:
        """The truck drives to where its next camera stage is."""
        opened = set(TripStage.objects.filter(trip=trip).values_list("moment", flat=True))
        ahead = camera_stages_ahead(trip, opened)
        if not ahead:
            return False
        self.show(trip, self.lane(trip, ahead[0]))
        return True

    def lane(self, trip: Trip, stage: Stage) -> Lane:
        """The lane of the trip's gate in which a vehicle at this stage drives."""
        return next(
            lane
            for lane in self._lanes
            if lane.gate_id == trip.declaration.gate_id
            and lane.place is stage.place
            and lane.serves(stage.moment)
            and (stage.place is not Place.YARD or lane.yard_id == trip.declaration.yard_id)
        )

    def _stands(self, trip: Trip, stage: TripStage, sources: Sequence[Source]) -> None:
        """Whoever runs the yard says where in it the truck shall stand: where the goods are that it receives."""
        if stage.moment not in STANDS_BY or trip.zone_id:
            return
        declaration = sources[0].trip.declaration if sources else trip.declaration
        suited = [zone for zone in self._zones if zone.yard_id == declaration.yard_id]
        zone = next((zone for zone in suited if zone.kind == STANDS_BY[stage.moment]), None)
        if zone:
            operator = self.crew.officer([Agency.YARD_OPERATOR], trip.declaration.gate_id)
            perform("place_in_zone", trip, actor=operator, key=key(), zone=zone)

    def _unload(self, trip: Trip, stage: TripStage) -> None:
        """All goods of the truck go into the yard's store, and customs confirms it."""
        yard = trip.declaration.yard
        zone = next((zone for zone in self._zones if (zone.yard_id, zone.kind) == (yard.pk, Zone.Kind.STORE)), None)
        trader = trip.declaration.created_by
        perform("register_storage", trip, actor=trader, key=key(), yard=yard, zone=zone, labour=LABOUR)
        slot = Confirmation.objects.get(stage=stage, of=STORED)
        slot.stage = stage
        customs = self.crew.officer(slot.spec.agencies, trip.declaration.gate_id)
        perform("confirm", trip, actor=customs, key=key(), confirmation=slot.pk)

    def _answer(self, trip: Trip, slot: Confirmation, sources: Sequence[Source]) -> bool:
        if slot.of == "transshipment_registered":
            return self._register(trip, sources)
        if slot.of == "fee_confirmed":
            pay(trip)
        actor = self.crew.officer(slot.spec.agencies, trip.declaration.gate_id)
        if slot.of == GOODS_CONFIRMED:
            self._name_customs_declarations(trip, actor)
        perform("confirm", trip, actor=actor, key=key(), confirmation=slot.pk)
        return True

    def _register(self, trip: Trip, sources: Sequence[Source]) -> bool:
        """Register this vehicle's share of the goods of each source; False until all stand ready in the yard."""
        if not sources or not all(source.is_ready for source in sources):
            return False
        for source in sources:
            declaration = source.trip.declaration
            given = {"actor": declaration.created_by, "quantities": source.next_share(), "labour": LABOUR}
            if source.through_store:
                given |= {"declaration": declaration, "yard": declaration.yard}
                perform("register_loading", trip, key=key(), **given)
            else:
                perform("register_transshipment", trip, key=key(), source=source.trip, **given)
        return True

    @staticmethod
    def _name_customs_declarations(trip: Trip, actor: User) -> None:
        """Who confirms the goods enters what the declarants of the goods left open."""
        for lot in unnamed_on(trip).select_related("declaration__gate"):
            perform(
                "name_customs_declaration",
                lot.declaration,
                actor=actor,
                key=key(),
                consignment=lot.pk,
                number=lot.customs_number or customs_number(lot.pk, exported=lot.declaration.purpose == Purpose.EXPORT),
                day=timezone.localdate(),
            )


def pay(trip: Trip) -> None:
    """The trader pays online what the trip's bills ask."""
    for bill in Bill.objects.with_sums().filter(entries__assessment__trip=trip).distinct():
        if bill.outstanding > 0:
            record_payment(bill=bill, amount=bill.outstanding, method=Payment.Method.STUB, actor=None, key=key())
