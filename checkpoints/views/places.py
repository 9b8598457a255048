"""Where an officer stands and what the officer may do there."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.http import Http404
from django.urls import reverse

from accounts.models import Role, User
from accounts.rules import OFFICERS, OVERSEERS, role_at, roles_of
from anpr.models import WATCHERS
from checkpoints.models import Confirmation
from checkpoints.selectors import Line, Truck, at_barrier, lanes_of, working_in_yard
from gates.labels import PLACES
from gates.models import Gate, Lane, Yard
from gates.procedures.words import Place

READERS = OFFICERS | OVERSEERS


@dataclass(frozen=True)
class Spot:
    """A barrier or a yard of a gate, with all lanes of the gate. `code` is B1, B2 or the yard's code."""

    gate: Gate
    code: str
    place: Place
    yard: Yard | None
    gate_lanes: tuple[Lane, ...]

    @property
    def name(self) -> str:
        return self.yard.name if self.yard else str(PLACES[self.place])

    @property
    def title(self) -> str:
        return f"{self.name} · {self.gate}"

    @property
    def lanes(self) -> list[Lane]:
        """The lanes of this place."""
        if self.yard:
            return [lane for lane in self.gate_lanes if lane.yard_id == self.yard.pk]
        return [lane for lane in self.gate_lanes if lane.barrier_id and lane.place is self.place]

    def line(self, *, asked: int | None = None, agencies: Collection[str] = ()) -> Line:
        """The trucks here now, and those elsewhere that wait for one of these agencies to agree to a correction."""
        if self.yard:
            return working_in_yard(self.yard, self.gate_lanes, asked=asked, agencies=agencies)
        return at_barrier(self.gate, self.place, self.gate_lanes, asked=asked, agencies=agencies)

    def url(self, name: str = "place", *args) -> str:
        return reverse(f"checkpoints:{name}", args=[self.gate.code, self.code, *args])


def spots(lanes: Iterable[Lane]) -> list[Spot]:
    """The places of the gates to which these lanes belong: barriers before yards."""
    by_gate: dict[int, list[Lane]] = {}
    for lane in lanes:
        by_gate.setdefault(lane.gate_id, []).append(lane)
    found = {}
    for of_gate in by_gate.values():
        for lane in sorted(of_gate, key=lambda lane: (lane.yard_id is not None, lane.place, lane.yard_id or 0)):
            code = lane.yard.code if lane.yard_id else lane.barrier.place
            spot = Spot(lane.gate, code, lane.place, lane.yard, tuple(of_gate))
            found.setdefault((lane.gate_id, code), spot)
    return list(found.values())


def spot_or_404(gate_code: str, code: str) -> Spot:
    lanes = lanes_of(Gate.objects.filter(code=gate_code))
    spot = next((spot for spot in spots(lanes) if spot.code == code), None)
    if spot is None:
        raise Http404
    return spot


@dataclass(frozen=True)
class Desk:
    """What a person may do at one place: for which agencies to confirm, and whether to open barriers."""

    user: User
    spot: Spot

    @property
    def gate(self) -> Gate:
        return self.spot.gate

    @cached_property
    def agencies(self) -> frozenset[str]:
        return frozenset(
            role.code for role in roles_of(self.user) if role.code in OFFICERS and role.covers(self.gate.pk)
        )

    @property
    def acts(self) -> bool:
        """Whether the person serves here; others who may read see everything and do nothing."""
        return bool(self.agencies)

    @property
    def watches(self) -> bool:
        """Whether the person may see the cameras' pictures of this gate."""
        return self.user.is_superuser or role_at(self.user, WATCHERS, self.gate.pk) is not None

    @property
    def opens(self) -> bool:
        return self.gate.book.barriers_opened_by in self.agencies

    @property
    def role(self) -> Role | None:
        return role_at(self.user, READERS, self.gate.pk)

    def owns(self, slot: Confirmation) -> bool:
        """Whether the slot is one of the person's own agency."""
        return any(agency in self.agencies for agency in slot.spec.agencies)

    def to_confirm(self, truck: Truck) -> list[Confirmation]:
        """What this person can confirm at the truck here and now."""
        if truck.stage is None or truck.stage.place != self.spot.place:
            return []
        return [slot for slot in truck.to_confirm if self.owns(slot)]

    def may_open(self, truck: Truck) -> bool:
        return self.opens and truck.awaits_opening and truck.stage.place == self.spot.place

    def opens_with(self, truck: Truck) -> bool:
        """Whether the person's own slot is the last that waits, so that one key confirms and opens."""
        waiting = [slot for slot in truck.slots if not slot.is_settled]
        at_barrier = truck.correction is None and truck.hold is None and bool(truck.stage and truck.stage.spec.opens)
        return self.opens and at_barrier and waiting == self.to_confirm(truck) != []

    def may_agree(self, truck: Truck) -> bool:
        """Whether the person's agency has to agree to what is corrected of this truck."""
        correction = truck.correction
        return correction is not None and not self.agencies.isdisjoint(correction.awaits)

    def is_waited_for(self, truck: Truck) -> bool:
        return bool(self.to_confirm(truck)) or self.may_open(truck) or self.may_agree(truck)


def desk_or_404(user: User, spot: Spot) -> Desk:
    """The person's desk at this place; 404 for everybody without a role at its gate, so that nothing leaks."""
    reader_or_404(user, spot.gate)
    return Desk(user, spot)


def reader_or_404(user: User, gate: Gate) -> None:
    if role_at(user, READERS, gate.pk) is None:
        raise Http404
