"""What the fee of a truck stands on: its goods, what became of them in the yard, and the day whose tariff holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from checkpoints.models import Confirmation, Transshipment, TransshipmentLine, TripStage
from checkpoints.states import ConfirmationState
from declarations.models import GoodsLine, Load, Trip
from fees.models import Assessment, Direction, Handling, PayingAuthority, Tariff
from fees.pricing import Goods
from gates.procedures.words import Moment, Side


@dataclass(frozen=True)
class Circumstances:
    """`last` the version before, `facts` the ids of the facts of the yard's confirmations: who found what."""

    last: Assessment | None
    day: date
    tariff_id: int | None
    facts: list[int]
    goods: Sequence[tuple[GoodsLine, Goods]]
    direction: str
    handling: str
    payer_id: int


def circumstances_of(trip: Trip) -> Circumstances:
    """Asked while the truck waits at an officer's click: two queries, more only where goods went over or anew."""
    day = DAYS[settings.TARIFF_DAY](trip)
    moved = {"moved_at__isnull": False}
    yard = {"stage__trip": OuterRef("pk"), "stage__moment": Moment.YARD, "state": ConfirmationState.CONFIRMED}
    versions = Assessment.objects.filter(trip=OuterRef("pk")).order_by("-version")
    payers = PayingAuthority.objects.in_force().filter(organisation=trip.declaration.organisation_id)
    found = (
        Trip.objects.filter(pk=trip.pk)
        .values(
            last_id=Subquery(versions.values("pk")[:1]),
            tariff_id=Subquery(_tariffs(trip, day).values("pk")[:1]),
            fact_ids=ArraySubquery(Confirmation.objects.filter(**yard).order_by("position").values("fact_id")),
            gave=Exists(Transshipment.objects.filter(source=OuterRef("pk"), **moved)),
            payer_id=Subquery(payers.values("payer_id")[:1]),
            received=Exists(Transshipment.objects.filter(target=OuterRef("pk"), **moved)),
        )
        .get()
    )
    last, tariff_id = None, found["tariff_id"]
    if found["last_id"]:
        last = Assessment.objects.prefetch_related("lines").get(pk=found["last_id"])
        if last.is_clear and last.day and last.day != day:
            # A correction of the facts is no reason for another tariff.
            day = last.day
            tariff_id = _tariffs(trip, day).values_list("pk", flat=True).first()
    loads = Load.objects.filter(trip=trip).select_related("line__consignment").order_by("pk")
    goods = [(load.line, load) for load in loads]
    if goods:
        handling = Handling.RECEIVED if found["received"] else Handling.GAVE_PART if found["gave"] else Handling.CARRIED
    elif found["gave"]:
        goods, handling = _given(trip), Handling.GAVE_ALL
    else:
        handling = ""
    payer_id = found["payer_id"] or trip.declaration.organisation_id
    return Circumstances(last, day, tariff_id, found["fact_ids"], goods, direction_of(trip), handling, payer_id)


DAYS = {
    "assessed": lambda trip: timezone.localdate(),
    "submitted": lambda trip: timezone.localdate(trip.declaration.submitted_at),
    "entered": lambda trip: timezone.localdate(TripStage.objects.get(trip=trip, moment=Moment.ENTER).opened_at),
}
"""The day whose tariff holds for a truck, by the setting TARIFF_DAY."""


def _tariffs(trip: Trip, day: date):
    return Tariff.objects.in_force(day).filter(province=trip.book.province)


def _given(trip: Trip) -> list[tuple[GoodsLine, Goods]]:
    """The goods that went from this vehicle to others."""
    lines = TransshipmentLine.objects.filter(transshipment__source=trip, transshipment__moved_at__isnull=False)
    return [(line.goods_line, line) for line in lines.select_related("goods_line__consignment").order_by("pk")]


def direction_of(trip: Trip) -> str:
    """Whether the goods leave the country or come in, by the procedure under which the trip carries them."""
    for code in (trip.procedure_code, trip.began_as):
        procedure = trip.book[code]
        if procedure.continues:
            procedure = trip.book[procedure.continues.procedure]
        if procedure.carries_goods:
            return Direction.IMPORT if procedure.comes_from is Side.BORDER else Direction.EXPORT
    return ""
