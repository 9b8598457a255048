"""How long a vehicle may stay in the gate area, and which stay longer: derived from what happened, by dated limits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from checkpoints.models import Fact, Hold, StayLimit, Transshipment, TripStage
from declarations.models import Load, Trip
from declarations.states import TripState
from gates.procedures.words import Moment

OVERSTAYED = "overstay"
NOTED = "note_overstay"
REASSIGNED = "reassign"
"""What was said of a trip before this was said of another vehicle."""


@dataclass(frozen=True)
class Deadline:
    """When a vehicle must have left, by a limit of so many `hours` of this `kind`.

    `told` once it was said that it stays longer, `noted` once a violation was recorded.
    """

    kind: str
    hours: int
    at: datetime
    told: bool
    noted: bool

    @property
    def is_over(self) -> bool:
        return timezone.now() > self.at

    @property
    def word(self) -> str:
        """From when the hours count."""
        return str(StayLimit.Kind(self.kind).label)


def deadline_column() -> JSONObject:
    """For a column of trips that `deadline_of` reads."""
    given = Transshipment.objects.filter(source=OuterRef("pk"), moved_at__isnull=False).order_by()
    last_given = given.values("source").annotate(last=Max("moved_at")).values("last")
    entered = TripStage.objects.filter(trip=OuterRef("pk"), moment=Moment.ENTER).values("barrier_opened_at")
    held = Hold.objects.filter(trip=OuterRef("pk"), kind=Hold.Kind.SEIZED).order_by()
    last_released = held.values("trip").annotate(last=Max("ended__recorded_at")).values("last")
    later = Fact.objects.filter(trip=OuterRef("trip"), move=REASSIGNED, pk__gt=OuterRef("pk"))
    said = Fact.objects.filter(~Exists(later), trip=OuterRef("pk"))
    limits = StayLimit.objects.in_force().filter(Q(country=OuterRef("country")) | Q(country="")).order_by("-country")
    return JSONObject(
        loaded=Exists(Load.objects.filter(trip=OuterRef("pk"))),
        gave_at=Subquery(last_given),
        entered_at=Subquery(entered[:1]),
        seized=Exists(held.filter(ended=None)),
        released_at=Subquery(last_released),
        told=Exists(said.filter(move=OVERSTAYED)),
        noted=Exists(said.filter(move=NOTED)),
        limits=ArraySubquery(limits.values(row=JSONObject(kind=F("kind"), hours=F("hours")))),
    )


def deadline_of(trip: Trip, row: dict) -> Deadline | None:
    """When this vehicle must have left; None where no limit holds for it now.

    While it or its goods are seized none does; afterwards its hours begin anew.
    """
    if trip.state != TripState.UNDER_WAY or row["seized"]:
        return None
    brought_goods = trip.book[trip.began_as].carries_goods
    if row["loaded"] and brought_goods:
        return None
    kind = StayLimit.Kind.DELIVERED if brought_goods else StayLimit.Kind.COLLECTING
    since = row["gave_at"] or row["entered_at"] if brought_goods else row["entered_at"]
    limit = next((limit["hours"] for limit in row["limits"] if limit["kind"] == kind), None)
    if since is None or limit is None:
        return None
    began = max(map(parse_datetime, filter(None, (since, row["released_at"]))))
    at = began + timedelta(hours=limit)
    return Deadline(kind=kind, hours=limit, at=at, told=row["told"], noted=row["noted"])


def deadline(trip: Trip) -> Deadline | None:
    """The same of one trip, in one query."""
    return deadline_of(trip, Trip.objects.values_list(deadline_column()).get(pk=trip.pk)[0])
