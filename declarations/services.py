"""Writing declarations before they are submitted: give them a number, save and copy drafts."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from declarations import plates
from declarations.models import Consignment, Declaration, DeclarationNumber, GoodsLine, Load, Trip
from gates.models import Gate
from gates.procedures import Procedure
from gates.procedures.words import Country, Purpose, Side

# From where a loaded vehicle comes; for an empty one it is asked.
COMES_FROM = {Purpose.EXPORT: Side.INLAND, Purpose.IMPORT: Side.BORDER}


def procedure_for(gate: Gate, *, purpose: str, country: str, comes_from: str) -> Procedure | None:
    """The procedure of the gate's book for such a vehicle; None if the decision knows no such journey."""
    side = COMES_FROM.get(Purpose(purpose)) or (Side(comes_from) if comes_from else None)
    if side is None or not country:
        return None
    return gate.book.declared_as(purpose=Purpose(purpose), country=Country(country), comes_from=side)


def new_code() -> str:
    """The next declaration number: YYYYMMDD and five digits, without gaps within committed ones."""
    day = timezone.localdate()
    with transaction.atomic():
        DeclarationNumber.objects.get_or_create(day=day)
        number = DeclarationNumber.objects.select_for_update().get(day=day)
        number.last += 1
        number.save(update_fields=["last"])
    return f"{day:%Y%m%d}{number.last:05d}"


@transaction.atomic
def save_draft(
    *,
    actor: User,
    organisation: Organisation,
    general: Mapping[str, Any],
    consignments: Sequence[Mapping[str, Any]],
    vehicles: Sequence[Mapping[str, Any]],
    declaration: Declaration | None = None,
) -> Declaration:
    """Write a draft whole, in place of what it held before.

    `general`: fields of Declaration. `consignments`: fields of Consignment and `lines`, fields of GoodsLine each
    with an optional `vehicle`, the number from 1 of the one that carries it; without, the vehicles share it evenly.
    `vehicles`: fields of Trip, `comes_from` (a Side), in order. Drafts may be incomplete.
    """
    if declaration is None:
        declaration = Declaration(code=new_code(), organisation=organisation, created_by=actor)
    for name, value in general.items():
        setattr(declaration, name, value)
    declaration.save()
    declaration.consignments.all().delete()
    declaration.trips.all().delete()
    trips = [_make_trip(declaration, position, fields) for position, fields in enumerate(vehicles, start=1)]
    for fields in consignments:
        fields = dict(fields)
        lines = fields.pop("lines", ())
        consignment = Consignment.objects.create(declaration=declaration, **fields)
        for line in lines:
            _make_line(consignment, line, trips)
    return declaration


def _make_trip(declaration: Declaration, position: int, fields: Mapping[str, Any]) -> Trip:
    fields = dict(fields)
    comes_from = fields.pop("comes_from", "")
    for name in ("plate", "trailer_plate"):
        fields[name] = plates.normalise(fields.get(name, ""))
    procedure = procedure_for(
        declaration.gate,
        purpose=declaration.purpose,
        country=fields.get("country", ""),
        comes_from=comes_from,
    )
    code = procedure.code if procedure else ""
    return Trip.objects.create(
        declaration=declaration,
        position=position,
        book_code=declaration.gate.book_code,
        began_as=code,
        procedure_code=code,
        **fields,
    )


def _make_line(consignment: Consignment, fields: Mapping[str, Any], trips: Sequence[Trip]) -> GoodsLine:
    fields = dict(fields)
    vehicle = fields.pop("vehicle", None)
    line = GoodsLine.objects.create(consignment=consignment, **fields)
    carriers = [trip for trip in trips if trip.position == vehicle] if vehicle else list(trips)
    if carriers:
        quantities = divide(Decimal(line.quantity), len(carriers), Decimal("0.001"))
        weights = divide(Decimal(line.weight), len(carriers), Decimal("0.01"))
        Load.objects.bulk_create(
            Load(line=line, trip=trip, quantity=quantity, weight=weight)
            for trip, quantity, weight in zip(carriers, quantities, weights, strict=True)
            if quantity > 0
        )
    return line


def divide(total: Decimal, parts: int, step: Decimal) -> list[Decimal]:
    """`total` in equal parts of whole steps; the first takes the rest, so that they add up exactly."""
    part = (total / parts).quantize(step, rounding=ROUND_DOWN)
    return [total - part * (parts - 1)] + [part] * (parts - 1)
