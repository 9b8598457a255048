"""Figures of the gates: who stands where now, and what the day brought, as plain values to draw and to cache."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median, quantiles

from django.db.models import Count
from django.db.models.functions import ExtractHour
from django.utils import timezone
from django.utils.translation import gettext as _

from checkpoints.closures import announced
from checkpoints.models import Closure, Fact, TripStage
from checkpoints.selectors import Truck
from checkpoints.yards import ZoneNow, is_on_the_way_to, soon_in_yards, tone_of, zones_now
from declarations.models import Declaration
from declarations.states import DeclarationState
from gates.models import Gate, Lane, Yard
from gates.procedures.words import Place

ENOUGH_TO_TELL = 3
"""From so few trucks no waiting time is told."""


@dataclass(frozen=True)
class Waiting:
    """The trucks that stand at a barrier now, and how long those of today waited, in minutes."""

    place: Place
    plates: tuple[str, ...]
    longest_since: datetime | None
    median: int | None = None
    worst_tenth: int | None = None

    @property
    def count(self) -> int:
        return len(self.plates)


@dataclass(frozen=True)
class Room:
    """A yard, the trucks in it, and how full its zones are; of a full one, how many `coming` within two hours."""

    gate: Gate
    code: str
    name: str
    capacity: int
    plates: tuple[str, ...]
    zones: tuple[ZoneNow, ...] = ()
    coming: int = 0

    @property
    def count(self) -> int:
        return len(self.plates)

    @property
    def free(self) -> int:
        return max(0, self.capacity - self.count)

    @property
    def is_full(self) -> bool:
        return self.count >= self.capacity

    @property
    def tone(self) -> str:
        return tone_of(self.count, self.capacity)

    @property
    def fullness(self) -> str:
        """In words that it is full, and what is still to come."""
        said = {"yard": self.name, "count": self.count, "capacity": self.capacity, "coming": self.coming}
        if self.coming:
            words = _("%(yard)s đã đầy: %(count)s/%(capacity)s xe, dự kiến thêm %(coming)s xe trong 2 giờ tới.")
        else:
            words = _("%(yard)s đã đầy: %(count)s/%(capacity)s xe.")
        return words % said


@dataclass(frozen=True)
class GateNow:
    """One gate at this moment."""

    gate: Gate
    waiting: tuple[Waiting, ...]
    rooms: tuple[Room, ...]
    on_the_way: int
    ready: int
    is_open: bool
    closures: tuple[Closure, ...] = ()
    today: dict[str, int] = field(default_factory=dict)

    @property
    def suspended(self) -> Closure | None:
        """The suspension that holds now."""
        return next((each for each in self.closures if each.holds and each.kind == Closure.Kind.SUSPENDED), None)

    def at(self, place: str) -> Waiting:
        return next(each for each in self.waiting if each.place == place)


def midnight() -> datetime:
    """The beginning of today at the gate."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def gates_now(gates: Sequence[Gate], lanes: Iterable[Lane], present: Iterable[Truck]) -> list[GateNow]:
    """Each gate with who stands where, from the trucks present.

    Four queries; two more where yards have zones, one where a yard is full.
    """
    yards: dict[int, list[Yard]] = {}
    for yard in Yard.objects.filter(gate__in=gates).prefetch_related("zones").order_by("name"):
        yards.setdefault(yard.gate_id, []).append(yard)
    waits = waits_today(gates)
    by_gate: dict[int, list[Truck]] = {gate.pk: [] for gate in gates}
    for truck in present:
        if truck.trip.declaration.gate_id in by_gate:
            by_gate[truck.trip.declaration.gate_id].append(truck)
    closures = announced(gates)
    rooms = _rooms(gates, yards, by_gate)
    return [
        _now(gate, by_gate[gate.pk], rooms[gate.pk], waits, [each for each in closures if each.gate == gate])
        for gate in gates
    ]


def _rooms(
    gates: Sequence[Gate], yards: Mapping[int, list[Yard]], by_gate: Mapping[int, list[Truck]]
) -> dict[int, tuple[Room, ...]]:
    """The yards of each gate, who stands in them, and of those that are full who is still to come."""
    zones = zones_now(zone for of_gate in yards.values() for yard in of_gate for zone in yard.zones.all())
    rooms = {
        gate.pk: tuple(
            Room(
                gate,
                yard.code,
                yard.name,
                yard.capacity,
                tuple(truck.trip.plate for truck in by_gate[gate.pk] if truck.standing.yard_id == yard.pk),
                zones=tuple(zone for zone in zones if zone.zone.yard_id == yard.pk),
                coming=sum(is_on_the_way_to(yard, truck) for truck in by_gate[gate.pk]),
            )
            for yard in yards.get(gate.pk, ())
        )
        for gate in gates
    }
    if not any(room.is_full for of_gate in rooms.values() for room in of_gate):
        return rooms
    soon = soon_in_yards(gates)
    return {
        pk: tuple(replace(room, coming=room.coming + soon.get((pk, room.code), 0)) for room in of_gate)
        for pk, of_gate in rooms.items()
    }


def _now(
    gate: Gate,
    here: list[Truck],
    rooms: tuple[Room, ...],
    waits: dict[tuple[int, str], list[int]],
    closures: list[Closure],
) -> GateNow:
    codes = [truck.standing.code for truck in here]
    return GateNow(
        gate=gate,
        waiting=tuple(_waiting(place, here, waits.get((gate.pk, place), [])) for place in (Place.B2, Place.B1)),
        rooms=rooms,
        on_the_way=sum(
            truck.standing.code in ("in_gate", "ready_to_leave") and truck.standing.yard_id is None for truck in here
        ),
        ready=codes.count("ready_to_leave"),
        is_open=gate.is_open_at(timezone.now()),
        closures=tuple(closures),
    )


def _waiting(place: Place, here: list[Truck], minutes: list[int]) -> Waiting:
    trucks = [truck for truck in here if truck.standing.code == "at_barrier" and truck.standing.place is place]
    enough = len(minutes) >= ENOUGH_TO_TELL
    return Waiting(
        place=place,
        plates=tuple(truck.trip.plate for truck in trucks),
        longest_since=min((truck.since for truck in trucks if truck.since), default=None),
        median=max(1, round(median(minutes))) if enough else None,
        worst_tenth=max(1, round(quantiles(minutes, n=10, method="inclusive")[-1])) if enough else None,
    )


def waits_today(gates: Sequence[Gate]) -> dict[tuple[int, str], list[int]]:
    """Minutes from being seen to the barrier's opening, of each truck let through today, by gate and barrier."""
    opened = TripStage.objects.filter(barrier_opened_at__gte=midnight(), trip__declaration__gate__in=gates)
    rows = opened.values_list(
        "trip__declaration__gate", "place", "opened_at", "passage__first_seen_at", "barrier_opened_at"
    )
    found: dict[tuple[int, str], list[int]] = {}
    for gate_id, place, opened_at, seen_at, through_at in rows:
        waited = through_at - min(seen_at or opened_at, opened_at)
        found.setdefault((gate_id, place), []).append(round(waited / timedelta(minutes=1)))
    return found


def counts_today(gates: Sequence[Gate]) -> dict[int, dict[str, int]]:
    """By gate: declared, entered, left and forced today."""
    found = {gate.pk: {"declared": 0, "entered": 0, "left": 0, "forced": 0} for gate in gates}
    declared = Declaration.objects.filter(gate__in=gates, submitted_at__gte=midnight())
    declared = declared.exclude(state=DeclarationState.WITHDRAWN)
    for gate_id, count in declared.order_by().values_list("gate").annotate(Count("trips")):
        found[gate_id]["declared"] = count
    names = {"start": "entered", "leave": "left", "open_forced": "forced"}
    facts = Fact.objects.filter(gate__in=gates, recorded_at__gte=midnight(), move__in=names)
    facts = facts.exclude(move="start", trip__isnull=True)
    for gate_id, move, count in facts.order_by().values_list("gate", "move").annotate(Count("pk")):
        found[gate_id][names[move]] = count
    return found


def flow_today(gates: Sequence[Gate]) -> list[dict[str, int]]:
    """Trucks that entered and left, for each hour of today so far."""
    facts = Fact.objects.filter(gate__in=gates, recorded_at__gte=midnight(), move__in=("start", "leave"))
    facts = facts.exclude(trip__isnull=True).annotate(hour=ExtractHour("recorded_at"))
    counted = {
        (hour, move): count for hour, move, count in facts.order_by().values_list("hour", "move").annotate(Count("pk"))
    }
    last = timezone.localtime().hour
    first = min([hour for hour, _move in counted], default=last)
    first = min(first, max(0, last - 5))
    return [
        {"hour": hour, "entered": counted.get((hour, "start"), 0), "left": counted.get((hour, "leave"), 0)}
        for hour in range(first, last + 1)
    ]
