"""What stands and lies in the yards: how full each zone is, what is in store, how long trucks stay, who is to come."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from checkpoints.goods import stored
from checkpoints.models import Fact, Passage, TripStage
from checkpoints.selectors import Truck, expected_in_yard
from declarations.models import Load, Trip
from declarations.states import LIVE_DECLARATIONS, TripState
from gates.models import Gate, Lane, Yard, Zone
from gates.procedures.words import Moment, Place

FULL, NEARLY_FULL = 0.95, 0.8
SOON = timedelta(hours=2)
PLAN_HOURS = 24
GOES = (Moment.YARD_OUT, Moment.LEAVE)
"""Having been in a yard, a vehicle is out of it once it comes to one of these."""


def tone_of(count: int, capacity: int) -> str:
    """How a place that is so full is marked."""
    share = count / capacity if capacity else 1
    return "bad" if share >= FULL else "wait" if share >= NEARLY_FULL else "ok"


@dataclass(frozen=True)
class ZoneNow:
    """A zone and what is in it, in vehicles: those that stand there, and the loads put in store there."""

    zone: Zone
    trucks: int
    loads: int

    @property
    def count(self) -> int:
        return self.trucks + self.loads

    @property
    def capacity(self) -> int:
        return self.zone.capacity

    @property
    def free(self) -> int:
        return max(0, self.capacity - self.count)

    @property
    def is_full(self) -> bool:
        return self.count >= self.capacity

    @property
    def tone(self) -> str:
        return tone_of(self.count, self.capacity)


def zones_now(zones: Iterable[Zone]) -> list[ZoneNow]:
    """How full these zones are; one out of use is left out once it is empty."""
    zones = list(zones)
    if not zones:
        return []
    standing = dict(
        Trip.objects.filter(zone__in=zones, state=TripState.UNDER_WAY)
        .order_by()
        .values_list("zone")
        .annotate(Count("pk"))
    )
    lying = stored(Load.objects.filter(yard__in={zone.yard_id for zone in zones})).order_by()
    loads = Counter(zone for zone, _storage in set(lying.values_list("zone_id", "storage_id")))
    found = [ZoneNow(zone, standing.get(zone.pk, 0), loads[zone.pk]) for zone in zones]
    return [each for each in found if each.zone.in_use or each.count]


def crowding(zone: Zone) -> str:
    """In words that a zone is full; empty where it is not."""
    [now] = zones_now([zone]) or [ZoneNow(zone, 0, 0)]
    if not now.is_full:
        return ""
    return _("%(zone)s đã đầy: %(count)s/%(capacity)s xe.") % {
        "zone": zone,
        "count": now.count,
        "capacity": now.capacity,
    }


@dataclass(frozen=True)
class Stay:
    """A truck in a yard, since when, and whether that is longer than the yard, or the law, allows."""

    truck: Truck
    since: datetime
    limit: timedelta

    @property
    def ends_at(self) -> datetime:
        return self.since + self.limit

    @property
    def is_over(self) -> bool:
        return timezone.now() > self.ends_at or self.truck.overstays is not None

    @property
    def is_nearly_over(self) -> bool:
        return not self.is_over and timezone.now() > self.since + NEARLY_FULL * self.limit


def stays(yard: Yard, present: Iterable[Truck]) -> list[Stay]:
    """The trucks that stand in this yard, longest first."""
    limit = timedelta(hours=yard.stay_limit_hours)
    here = [Stay(truck, truck.in_yard_since, limit) for truck in present if truck.standing.yard_id == yard.pk]
    return sorted(here, key=lambda stay: stay.since)


@dataclass(frozen=True)
class YardDay:
    """What a day brought to a yard: vehicles in and out, and how long those that went out had stayed."""

    came: int
    went: int
    median_stay: timedelta | None

    @property
    def median_minutes(self) -> int | None:
        return None if self.median_stay is None else round(self.median_stay / timedelta(minutes=1))


def day_of(yard: Yard, since: datetime) -> YardDay:
    """From this moment on. A vehicle that the yard's gate did not see came and went with its stages, as declared."""
    touched = Fact.objects.filter(gate=yard.gate_id, recorded_at__gte=since, trip__isnull=False)
    trips = set(touched.order_by().values_list("trip", flat=True))
    came, went = _by_stages(yard, trips)
    seen = Passage.objects.filter(trip__in=trips, lane__yard=yard).order_by().values_list("trip", "lane__direction")
    for trip, direction, first, last in seen.annotate(Min("first_seen_at"), Max("last_seen_at")):
        if direction == Lane.Direction.OUT:
            went[trip] = last
        else:
            came[trip] = first
    left = [(trip, at) for trip, at in went.items() if at >= since and trip in came]
    lasted = [at - came[trip] for trip, at in left]
    return YardDay(
        came=sum(at >= since for at in came.values()),
        went=len(left),
        median_stay=median(lasted) if lasted else None,
    )


def _by_stages(yard: Yard, trips: Collection[int]) -> tuple[dict[int, datetime], dict[int, datetime]]:
    """When the vehicles declared for this yard began their work there, and when they next came to a gate or barrier on
    the way out. What they left before is not the yard: one outside the gate area is reached after the barrier.
    """
    stages = TripStage.objects.filter(trip__in=trips, trip__declaration__yard=yard)
    stages = stages.filter(Q(place=Place.YARD) | Q(moment=Moment.LEAVE)).order_by("trip", "position")
    came: dict[int, datetime] = {}
    went: dict[int, datetime] = {}
    for trip, moment, opened_at in stages.values_list("trip", "moment", "opened_at"):
        if moment not in GOES:
            came.setdefault(trip, opened_at)
        elif trip in came:
            went.setdefault(trip, opened_at)
    return came, went


@dataclass(frozen=True)
class PlannedHour:
    """The vehicles declared to come in one hour."""

    start: datetime
    trips: Sequence[Trip]

    @property
    def count(self) -> int:
        return len(self.trips)


@dataclass(frozen=True)
class Plan:
    """Who is to come into a yard: those in the gate area on their way to it, and hour by hour those declared."""

    on_the_way: Sequence[Truck]
    late: Sequence[Trip]
    hours: Sequence[PlannedHour]

    @property
    def total(self) -> int:
        return len(self.on_the_way) + len(self.late) + sum(hour.count for hour in self.hours)


def plan_of(yard: Yard, present: Iterable[Truck], *, hours: int = PLAN_HOURS) -> Plan:
    """By what was declared, from this hour on; `late` were to come before it and have not."""
    start = timezone.localtime().replace(minute=0, second=0, microsecond=0)
    by_hour: dict[int, list[Trip]] = {}
    for trip in expected_in_yard(yard, within=timedelta(hours=hours)):
        by_hour.setdefault((trip.declaration.expected_at - start) // timedelta(hours=1), []).append(trip)
    return Plan(
        on_the_way=on_the_way_to(yard, present),
        late=[trip for hour, trips in sorted(by_hour.items()) if hour < 0 for trip in trips],
        hours=[PlannedHour(start + timedelta(hours=hour), by_hour.get(hour, [])) for hour in range(hours)],
    )


def on_the_way_to(yard: Yard, present: Iterable[Truck]) -> list[Truck]:
    return [truck for truck in present if is_on_the_way_to(yard, truck)]


def is_on_the_way_to(yard: Yard, truck: Truck) -> bool:
    """In the gate area, declared for this yard, and not come there yet."""
    return truck.standing.code == "in_gate" and truck.trip.declaration.yard_id == yard.pk


def soon_in_yards(gates: Iterable[Gate]) -> dict[tuple[int, str], int]:
    """By gate and code of the yard: how many vehicles are declared to come within two hours.

    Those are among them that were to come and are late by at most as much.
    """
    now = timezone.now()
    trips = Trip.objects.filter(state=TripState.EXPECTED, declaration__state__in=LIVE_DECLARATIONS)
    trips = trips.filter(declaration__gate__in=gates, declaration__expected_at__range=(now - SOON, now + SOON))
    counted = trips.order_by().values_list("declaration__gate", "declaration__yard__code").annotate(Count("pk"))
    return {(gate, yard): count for gate, yard, count in counted}
