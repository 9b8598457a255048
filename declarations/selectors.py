"""Reading declarations: as the fields they were written with, and as lists that are searched."""

from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Window

from accounts.models import Organisation, User
from accounts.rules import organisation_ids_of
from declarations import plates
from declarations.models import Declaration, GoodsLine, Trip
from declarations.states import LIVE_DECLARATIONS, LIVE_TRIPS, DeclarationState
from declarations.validators import bare_code

GENERAL = ("gate", "yard", "purpose", "comes_from", "expected_at", "note")
CONSIGNMENT = ("owner_name", "owner_tax_code", "customs_number", "customs_date", "regime", "goods_group")
LINE = ("name", "origin", "quantity", "unit", "value", "weight", "hs_code")
VEHICLE = (
    "vehicle_type",
    "payload",
    "plate",
    "country",
    "trailer_plate",
    "container",
    "seal",
    "origin",
    "stored_or_unloaded",
    "driver_name",
    "driver_phone",
    "specialised_driver",
    "companion",
    "permit_number",
    "permit_kind",
    "permit_from",
    "permit_to",
)
# The choices of the list's filter: one state, or several under one word.
STATES = {
    "live": LIVE_DECLARATIONS,
    "draft": (DeclarationState.DRAFT,),
    "submitted": (DeclarationState.SUBMITTED,),
    "under_way": (DeclarationState.UNDER_WAY,),
    "completed": (DeclarationState.COMPLETED,),
    "withdrawn": (DeclarationState.WITHDRAWN,),
    "expired": (DeclarationState.EXPIRED,),
}


def fields_of(declaration: Declaration) -> dict[str, Any]:
    """The fields with which `services.save_draft` would write this declaration: general, consignments, vehicles.

    A consignment names itself by `lot`. A line on one of several vehicles names it; one on several is shared. A
    vehicle carries `comes_from`.
    """
    trips = list(declaration.trips.order_by("position"))
    numbers = {trip.pk: number for number, trip in enumerate(trips, start=1)}
    lines = GoodsLine.objects.order_by("pk").prefetch_related("loads")
    consignments = declaration.consignments.order_by("pk").prefetch_related(Prefetch("lines", queryset=lines))
    return {
        "general": _picked(declaration, GENERAL),
        "consignments": [
            _picked(consignment, CONSIGNMENT)
            | {
                "lot": consignment.pk,
                "lines": [
                    _picked(line, LINE) | {"vehicle": _carrier(line, numbers)} for line in consignment.lines.all()
                ],
            }
            for consignment in consignments
        ],
        "vehicles": [_picked(trip, VEHICLE) | {"comes_from": _side(trip)} for trip in trips],
    }


def _picked(row, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _line(line: GoodsLine, numbers: dict[int, int]) -> dict[str, Any]:
    return _picked(line, LINE) | {"vehicle": _carrier(line, numbers)}


def _carrier(line: GoodsLine, numbers: dict[int, int]) -> int | None:
    here = [numbers[load.trip_id] for load in line.loads.all() if load.trip_id in numbers]
    return here[0] if len(here) == 1 < len(numbers) else None


def _side(trip: Trip) -> str:
    procedure = trip.book.by_code.get(trip.began_as)
    return (procedure.comes_from if procedure else None) or ""


def trips_on_the_road(user: User) -> QuerySet[Trip]:
    """The vehicles of the person's organisations under way, then those expected, each with the number of `all`."""
    return (
        Trip.objects.filter(
            declaration__organisation__in=organisation_ids_of(user),
            declaration__state__in=LIVE_DECLARATIONS,
            state__in=LIVE_TRIPS,
        )
        .annotate(all=Window(Count("pk")))
        .order_by("-state", "declaration__expected_at", "declaration", "position")
    )


def declarations_for_list(user: User) -> QuerySet[Declaration]:
    """What the person may see, newest first, each with its vehicles and their number."""
    trips = Trip.objects.order_by("position").only("pk", "declaration", "plate", "state", "position")
    return (
        Declaration.objects.visible_to(user)
        .select_related("gate", "organisation")
        .prefetch_related(Prefetch("trips", queryset=trips))
        .order_by("-id")
    )


def narrowed(
    declarations: QuerySet[Declaration],
    *,
    state: str = "",
    purpose: str = "",
    gate_id: int | None = None,
    first: date | None = None,
    last: date | None = None,
) -> QuerySet[Declaration]:
    """The declarations of a state, purpose, gate and days of expected arrival (both included)."""
    if state:
        declarations = declarations.filter(state__in=STATES[state])
    if purpose:
        declarations = declarations.filter(purpose=purpose)
    if gate_id:
        declarations = declarations.filter(gate=gate_id)
    if first:
        declarations = declarations.filter(expected_at__date__gte=first)
    if last:
        declarations = declarations.filter(expected_at__date__lte=last)
    return declarations


def found(declarations: QuerySet[Declaration], text: str) -> tuple[QuerySet[Declaration], bool]:
    """Those whose number, plate, trailer or container holds the text, and whether they hold it exactly.

    Diacritics, case and separators do not count. Where nothing holds it, those with the plates most alike.
    """
    wanted, code = plates.normalise(text), bare_code(text)
    if not wanted:
        return declarations, True
    trips = Trip.objects.filter(declaration=OuterRef("pk"))
    holding = Q(plate__contains=wanted) | Q(trailer_plate__contains=wanted) | Q(container__contains=code)
    exact = declarations.filter(Q(code__contains=code) | Exists(trips.filter(holding)))
    if exact.exists():
        return exact, True
    alike = Trip.objects.filter(plate__trigram_similar=wanted)
    return declarations.filter(pk__in=alike.values("declaration")), False


def organisations_of(user: User) -> QuerySet[Organisation]:
    """For whom the person may declare today."""
    return Organisation.objects.filter(pk__in=organisation_ids_of(user)).order_by("name")
