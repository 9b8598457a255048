"""The papers of declared vehicles and drivers: what each trip is asked, and how it stands on a day.

Asked of a vehicle that crosses the border line (NĐ 112/2014, Điều 9(2), 9(3): "khi xuất cảnh, nhập cảnh") and that
the firm has in its register. The transport permit is the trip's own: its number is declared for each journey.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.rules import OFFICERS, gate_ids_of, organisation_ids_of
from declarations.models import Trip
from declarations.states import LIVE_DECLARATIONS, LIVE_TRIPS
from gates.procedures.words import Place
from register.models import Kind, Paper, PaperRule
from register.papers import Judged, Together, asked_of, judged, rules_in_force


@dataclass(frozen=True)
class TripPapers(Together):
    """What is asked of the vehicle and of the driver; of those unknown to the register only what must be there.

    `permit` is the paper of the register that bears the number of the permit declared.
    """

    trip: Trip
    vehicle: list[Judged]
    driver: list[Judged]
    permit: Paper | None = None

    @property
    def all(self) -> list[Judged]:
        return [*self.vehicle, *self.driver]


def crosses(trip: Trip) -> bool:
    """Whether its journey passes the barrier towards the border line; one that no decision knows is taken to."""
    procedure = trip.book.by_code.get(trip.procedure_code)
    return procedure is None or any(stage.place is Place.B1 for stage in procedure.stages)


def papers_of(trips: Sequence[Trip], gate_kind: str, *, day: date, unknown_too: bool = False) -> dict[int, TripPapers]:
    """Trip id to its papers as they stand on that day, of trips through a gate of this kind.

    Trips come with `vehicle` and `driver`. Two queries; none while the register knows neither, unless `unknown_too`
    asks what must be there even so.
    """
    if not unknown_too and not any(trip.vehicle_id or trip.driver_id for trip in trips):
        return {trip.pk: TripPapers(trip, [], []) for trip in trips}
    vehicles, drivers = {trip.vehicle_id for trip in trips} - {None}, {trip.driver_id for trip in trips} - {None}
    held: dict[tuple[str, int], list[Paper]] = {}
    if vehicles or drivers:
        papers = Paper.objects.current().filter(Q(vehicle__in=vehicles) | Q(driver__in=drivers))
        for paper in papers.order_by("pk"):
            owner = ("vehicle", paper.vehicle_id) if paper.vehicle_id else ("driver", paper.driver_id)
            held.setdefault(owner, []).append(paper)
    rules = rules_in_force(day)
    return {trip.pk: _papers(trip, rules, held, gate_kind, day) for trip in trips}


def _papers(trip: Trip, rules: Sequence[PaperRule], held, gate_kind: str, day: date) -> TripPapers:
    of_vehicle = held.get(("vehicle", trip.vehicle_id), [])
    if not crosses(trip):
        return TripPapers(trip, [], [], _permit(trip, of_vehicle))
    of_driver = held.get(("driver", trip.driver_id), [])
    vehicle = asked_of(rules, driver=False, country=trip.country, gate_kind=gate_kind)
    nationality = trip.driver.nationality if trip.driver else trip.country
    driver = asked_of(rules, driver=True, country=nationality, gate_kind=gate_kind)
    return TripPapers(
        trip,
        judged([rule for rule in vehicle if trip.vehicle_id or rule.blocks], of_vehicle, day=day),
        judged([rule for rule in driver if trip.driver_id or rule.blocks], of_driver, day=day),
        _permit(trip, of_vehicle),
    )


def _permit(trip: Trip, papers: Iterable[Paper]) -> Paper | None:
    declared = (Kind.PERMIT, trip.permit_number)
    return next((paper for paper in papers if trip.has_permit and (paper.kind, paper.number) == declared), None)


def must_be_there(day: date) -> Exists:
    """Whether some paper is asked without which nothing is sent, to be told with another query."""
    return Exists(PaperRule.objects.in_force(day).filter(blocks=True))


def day_of(declaration) -> date:
    """The day on which its papers must hold: that of its arrival."""
    return timezone.localdate(declaration.expected_at) if declaration.expected_at else timezone.localdate()


def papers_visible_to(user: User) -> QuerySet[Paper]:
    """Those in the register: of the own organisations; for officers, what a live trip through their gates declares."""
    own = Paper.objects.current().of_organisations(organisation_ids_of(user))
    gates = gate_ids_of(user, OFFICERS)
    if gates is not None and not gates:
        return own
    live = Trip.objects.filter(state__in=LIVE_TRIPS, declaration__state__in=LIVE_DECLARATIONS)
    live = live if gates is None else live.filter(declaration__gate__in=gates)
    used = Q(Exists(live.filter(vehicle=OuterRef("vehicle")))) | Q(Exists(live.filter(driver=OuterRef("driver"))))
    return own | Paper.objects.current().filter(used)
