"""What the fee of a truck stands on: its goods, what became of them in the yard, and the day whose tariff holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Q, Subquery
from django.utils import timezone

from checkpoints.models import Confirmation, Transshipment, TransshipmentLine, TripStage
from checkpoints.states import ConfirmationState
from declarations.models import GoodsLine, Load, Trip
from fees.models import Assessment, Bill, Direction, Handling, PayingAuthority, Tariff
from fees.pricing import Goods
from gates.procedures.words import Moment, Side


@dataclass(frozen=True)
class Circumstances:
    """`last` the version before, `facts` the ids of the facts of the yard's confirmations: who found what.

    `billed` tells whether the declaration has a bill already.
    """

    last: Assessment | None
    day: date
    tariff_id: int | None
    facts: list[int]
    goods: Sequence[tuple[GoodsLine, Goods]]
    direction: str
    handling: str
    payer_id: int
    billed: bool


def circumstances_of(trip: Trip) -> Circumstances:
    """Asked while the truck waits at an officer's click: one query, more only where goods went over or anew."""
    day = DAYS[settings.TARIFF_DAY](trip)
    asked = _asked(trip, day)
    loads = list(Load.objects.filter(trip=trip).select_related("line__consignment").annotate(**asked).order_by("pk"))
    found = loads[0] if loads else Trip.objects.annotate(**asked).get(pk=trip.pk)
    last, tariff_id = None, found.tariff_id
    if found.last_id:
        last = Assessment.objects.prefetch_related("lines").get(pk=found.last_id)
        if last.is_clear and last.day and last.day != day:
            # A correction of the facts is no reason for another tariff.
            day = last.day
            tariff_id = _tariffs(trip, day).values_list("pk", flat=True).first()
    goods = [(load.line, load) for load in loads]
    given = _given(trip) if found.gave else []
    if goods and found.received and trip.book[trip.began_as].continues:
        handling = Handling.RECEIVED
    elif goods:
        handling = Handling.GAVE_PART if given else Handling.CARRIED
    elif given:
        goods, handling = given, Handling.GAVE_ALL
    else:
        handling = ""
    return Circumstances(
        last=last,
        day=day,
        tariff_id=tariff_id,
        facts=found.fact_ids,
        goods=goods,
        direction=direction_of(trip),
        handling=handling,
        payer_id=found.payer_id or trip.declaration.organisation_id,
        billed=found.billed,
    )


def _asked(trip: Trip, day: date) -> dict[str, Subquery | Exists]:
    """What is asked besides the goods, the same whatever row it comes with."""
    over = Transshipment.objects.filter(moved_at__isnull=False)
    yard = Confirmation.objects.filter(stage__trip=trip, stage__moment=Moment.YARD, state=ConfirmationState.CONFIRMED)
    payers = PayingAuthority.objects.in_force().filter(organisation=trip.declaration.organisation_id)
    return {
        "last_id": Subquery(Assessment.objects.filter(trip=trip).order_by("-version").values("pk")[:1]),
        "tariff_id": Subquery(_tariffs(trip, day).values("pk")[:1]),
        "fact_ids": ArraySubquery(yard.order_by("position").values("fact_id")),
        "gave": Exists(over.filter(source=trip)),
        "received": Exists(over.filter(target=trip)),
        "payer_id": Subquery(payers.values("payer_id")[:1]),
        "billed": Exists(Bill.objects.filter(declaration=trip.declaration_id)),
    }


DAYS = {
    "assessed": lambda trip: timezone.localdate(),
    "submitted": lambda trip: timezone.localdate(trip.declaration.submitted_at),
    "entered": lambda trip: timezone.localdate(_first_seen(trip)),
}
"""The day whose tariff holds for a truck, by the setting TARIFF_DAY."""


def _first_seen(trip: Trip) -> datetime:
    """When its first stage at the gate began: at a barrier or, where the yard lies outside the gate area, there."""
    stages = TripStage.objects.filter(trip=trip).exclude(moment=Moment.DECLARE).order_by("position")
    return stages.values_list("opened_at", flat=True)[0]


def _tariffs(trip: Trip, day: date):
    return Tariff.objects.in_force(day).filter(province=trip.book.province)


def _given(trip: Trip) -> list[tuple[GoodsLine, Goods]]:
    """The goods that went from this vehicle to others or into store, less those it took back from store."""
    moved = TransshipmentLine.objects.filter(transshipment__moved_at__isnull=False)
    over = moved.filter(
        Q(transshipment__source=trip) | Q(transshipment__source__isnull=True, transshipment__target=trip)
    )
    given: dict[int, TransshipmentLine] = {}
    for line in over.select_related("transshipment", "goods_line__consignment").order_by("pk"):
        sign = 1 if line.transshipment.source_id else -1
        line.quantity, line.weight = sign * line.quantity, sign * line.weight
        if (so_far := given.setdefault(line.goods_line_id, line)) is not line:
            so_far.quantity += line.quantity
            so_far.weight += line.weight
    return [(line.goods_line, line) for line in given.values() if line.quantity > 0]


def direction_of(trip: Trip) -> str:
    """Whether the goods leave the country or come in, by the procedure under which the trip carries them."""
    for code in (trip.procedure_code, trip.began_as):
        procedure = trip.book[code]
        if procedure.continues:
            procedure = trip.book[procedure.continues.procedure]
        if procedure.carries_goods:
            return Direction.IMPORT if procedure.comes_from is Side.BORDER else Direction.EXPORT
    return ""
