"""What a move works on: the locked rows, the actor, and the facts that it records."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Exists

from accounts.models import Role, User
from accounts.rules import DECLARING, acts_for_agency, acts_for_organisation
from checkpoints import facts
from checkpoints.corrections import OpenCorrection, open_corrections, told
from checkpoints.holds import OpenHold, holds_told, open_holds
from checkpoints.models import Confirmation, Fact, Hold, TripStage
from checkpoints.overstays import Deadline, deadline
from declarations.models import Declaration, Load, Trip
from gates.models import Gate
from gates.procedures.words import Agency


def chain_of(subject: Declaration | Trip | Gate) -> str:
    """The chain of facts about it, e.g. `trip:12`."""
    return f"{subject._meta.model_name}:{subject.pk}"


@dataclass
class Context:
    """One move under way. `actor` None is the platform itself: a camera, a sweep, an effect."""

    move: str
    subject: Declaration | Trip | Gate
    actor: User | None
    key: str | None
    now: datetime
    happened_at: datetime
    details: dict[str, Any]
    declarations: dict[int, Declaration] = field(default_factory=dict)
    trips: dict[int, Trip] = field(default_factory=dict)
    heads: dict[str, Fact] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    _settled: dict[int, Confirmation] = field(default_factory=dict)
    _stages: dict[int, list[TripStage]] = field(default_factory=dict)
    _corrected: dict[int, tuple[OpenCorrection, ...]] = field(default_factory=dict)
    _held: dict[int, tuple[OpenHold, ...]] = field(default_factory=dict)
    _carries: dict[int, bool] = field(default_factory=dict)

    @property
    def trip(self) -> Trip:
        return self.trips[self.subject.pk]

    @property
    def declaration(self) -> Declaration:
        """The declaration that is the subject, or that of the trip that is."""
        if isinstance(self.subject, Trip):
            return self.declarations[self.subject.declaration_id]
        return self.declarations[self.subject.pk]

    @property
    def gate_id(self) -> int:
        return self.subject.pk if isinstance(self.subject, Gate) else self.declaration.gate_id

    @property
    def reason(self) -> str:
        return self.details.get("reason", "").strip()

    def stages(self, trip: Trip) -> list[TripStage]:
        """The stages of a locked trip in order, each with its `slots`, read once a move."""
        if trip.pk not in self._stages:
            stages: dict[int, TripStage] = {}
            slots = Confirmation.objects.filter(stage__trip=trip).select_related("stage__passage", "fact")
            slots = slots.annotate(
                being_corrected=open_corrections(trip),
                held=open_holds(trip),
                carries=Exists(Load.objects.filter(trip=trip)),
            )
            for slot in slots.order_by("stage__position", "position"):
                if trip.pk not in self._corrected:
                    self._corrected[trip.pk] = told(slot.being_corrected, trip.pk)
                    self._held[trip.pk] = holds_told(slot.held)
                    self._carries[trip.pk] = slot.carries
                stage = stages.setdefault(slot.stage_id, slot.stage)
                stage.trip, slot.stage = trip, stage
                stage.slots = [*getattr(stage, "slots", ()), slot]
            self._stages[trip.pk] = list(stages.values())
        return self._stages[trip.pk]

    def being_corrected(self, trip: Trip) -> tuple[OpenCorrection, ...]:
        """The open corrections that concerned the trip when its stages were read, its own first."""
        self.stages(trip)
        return self._corrected.get(trip.pk, ())

    def holds(self, trip: Trip) -> tuple[OpenHold, ...]:
        """What keeps the vehicle from going on: seized, broken down."""
        self.stages(trip)
        return self._held.get(trip.pk, ())

    def seizure(self, trip: Trip) -> OpenHold | None:
        return next((hold for hold in self.holds(trip) if hold.is_seizure), None)

    def breakdown(self, trip: Trip) -> OpenHold | None:
        return next((hold for hold in self.holds(trip) if not hold.is_seizure), None)

    def end_hold(self, trip: Trip, hold: OpenHold, fact: Fact) -> None:
        """From here on the trip is not held by it; `fact`, saved by `write`, tells why."""
        self.write()
        Hold.objects.filter(pk=hold.pk).update(ended=fact)
        self._held[trip.pk] = tuple(other for other in self.holds(trip) if other.pk != hold.pk)

    @cached_property
    def deadline(self) -> Deadline | None:
        """When the vehicle must have left; read once a move."""
        return deadline(self.trip)

    def carries(self, trip: Trip) -> bool:
        """Whether goods are on the vehicle."""
        self.stages(trip)
        if trip.pk not in self._carries:
            self._carries[trip.pk] = Load.objects.filter(trip=trip).exists()
        return self._carries[trip.pk]

    def forget_goods(self, trip: Trip) -> None:
        """They are looked for anew: some came onto the vehicle or went off it."""
        self.stages(trip)
        self._carries.pop(trip.pk, None)

    def forget_stages(self, trip: Trip) -> None:
        """Its stages are read anew when they are asked for: some were taken back."""
        self._stages.pop(trip.pk, None)

    def open_stage(self, trip: Trip) -> TripStage | None:
        stages = self.stages(trip)
        return stages[-1] if stages and stages[-1].is_open else None

    def slot(self, trip: Trip) -> Confirmation | None:
        """The slot of the trip that the details name by `confirmation`, its id."""
        wanted = self.details.get("confirmation")
        return next((slot for stage in self.stages(trip) for slot in stage.slots if slot.pk == wanted), None)

    def represents(self, *agencies: Agency) -> Role | Agency | None:
        """By what the actor may act for one of these agencies here; None if by nothing.

        A role at this gate or, for the declaring side, belonging to the organisation that declared.
        """
        if self.actor is None:
            return None
        declaring = DECLARING.intersection(agencies)
        if declaring and acts_for_organisation(self.actor, self.declaration.organisation_id):
            return Agency.TRADER
        return acts_for_agency(self.actor, set(agencies) - declaring, self.gate_id)

    def record(
        self,
        subject: Declaration | Trip | Gate,
        *,
        move: str | None = None,
        place: str = "",
        by: Role | Agency | None = None,
        **data: Any,
    ) -> Fact:
        """A fact about `subject`, linked to its chain and saved by `write`; the first of a move carries its key."""
        is_trip = isinstance(subject, Trip)
        declaration = self.declarations[subject.declaration_id] if is_trip else subject
        is_gate = isinstance(subject, Gate)
        chain = chain_of(subject)
        fact = facts.link(
            chain,
            after=self.heads.get(chain),
            move=move or self.move,
            declaration_id=None if is_gate else declaration.pk,
            trip_id=subject.pk if is_trip else None,
            gate_id=subject.pk if is_gate else declaration.gate_id,
            place=place,
            actor_id=self.actor.pk if self.actor else None,
            agency=by.code if isinstance(by, Role) else (by or ""),
            unit_id=by.unit_id if isinstance(by, Role) else None,
            happened_at=self.happened_at,
            recorded_at=self.now,
            reason=self.reason,
            data=data,
            key=self.key if not self.facts else None,
        )
        self.facts.append(fact)
        self.heads[chain] = fact
        return fact

    def settle(self, slot: Confirmation, transition: str, fact: Fact | None) -> None:
        """Make a transition of the slot, by this fact; both are saved by `write`."""
        getattr(slot, transition)()
        slot.fact = fact
        self._settled[slot.pk] = slot

    def write(self) -> None:
        """Save the facts recorded and the slots settled since the last time, all at once."""
        Fact.objects.bulk_create(fact for fact in self.facts if fact.pk is None)
        Confirmation.objects.bulk_update(self._settled.values(), ["state", "fact"])
        self._settled.clear()
