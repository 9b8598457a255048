"""Writing declarations before they are submitted: give them a number, save and copy drafts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from accounts.models import Organisation, User
from declarations import documents, plates
from declarations.linking import link
from declarations.models import Consignment, Declaration, DeclarationNumber, GoodsLine, Load, Trip
from declarations.selectors import CONSIGNMENT, LINE, VEHICLE, fields_of
from gates.models import Gate, Yard
from gates.procedures import Procedure
from gates.procedures.words import Country, Purpose, Side

# From where a loaded vehicle comes; for an empty one it is asked.
COMES_FROM = {Purpose.EXPORT: Side.INLAND, Purpose.IMPORT: Side.BORDER}
BACK = {Purpose.EXPORT: Purpose.IMPORT, Purpose.IMPORT: Purpose.EXPORT}


def procedure_for(
    gate: Gate, *, purpose: str, country: str, comes_from: str, yard: Yard | None = None
) -> Procedure | None:
    """The procedure of the gate's book for such a vehicle; None if the decision knows no such journey."""
    side = COMES_FROM.get(Purpose(purpose)) or (Side(comes_from) if comes_from else None)
    if side is None or not country:
        return None
    return gate.book.declared_as(
        purpose=Purpose(purpose),
        country=Country(country),
        comes_from=side,
        outside_yard=yard is not None and not yard.inside,
    )


def new_code() -> str:
    """The next declaration number: YYYYMMDD and five digits, without gaps within committed ones."""
    day = timezone.localdate()
    with transaction.atomic():
        DeclarationNumber.objects.get_or_create(day=day)
        number = DeclarationNumber.objects.select_for_update().get(day=day)
        number.last += 1
        number.save(update_fields=["last"])
    return f"{day:%Y%m%d}{number.last:05d}"


class NotADraft(Exception):
    """The declaration was submitted or deleted meanwhile; it is no longer written here."""


@transaction.atomic
def delete_draft(declaration: Declaration) -> None:
    """Throw a draft away with all that it holds; raises `NotADraft`, and waits for who is just submitting it."""
    draft = _locked_draft(declaration)
    files = [document.file for document in draft.documents.all()]
    draft.delete()
    _delete_files(files)


def _delete_files(files: Iterable[FieldFile]) -> None:
    """Once what names them is gone for good."""
    for file in files:
        transaction.on_commit(partial(file.storage.delete, file.name))


def _locked_draft(declaration: Declaration) -> Declaration:
    locked = Declaration.objects.select_for_update().filter(pk=declaration.pk).first()
    if locked is None or not locked.is_draft:
        raise NotADraft
    return locked


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
    """Write a draft whole, in place of what it held before; raises `NotADraft`.

    `general`: fields of Declaration. `consignments`: fields of Consignment, `lot`, the id of the one of this draft
    that it is, which keeps its documents, and `lines`, fields of GoodsLine each with an optional `vehicle`, the
    number from 1 of the one that carries it; without, the vehicles share it evenly.
    `vehicles`: fields of Trip, `comes_from` (a Side), in order. Drafts may be incomplete.
    """
    declaration = _locked_draft(declaration) if declaration else Declaration(code=new_code(), created_by=actor)
    declaration.organisation = organisation
    for name, value in general.items():
        setattr(declaration, name, value)
    declaration.comes_from = declaration.comes_from or next(
        (vehicle["comes_from"] for vehicle in vehicles if vehicle.get("comes_from")), ""
    )
    declaration.save()
    GoodsLine.objects.filter(consignment__declaration=declaration).delete()
    declaration.trips.all().delete()
    trips = [_trip(declaration, position, fields) for position, fields in enumerate(vehicles, start=1)]
    link(trips, organisation.pk)
    Trip.objects.bulk_create(trips)
    lots = _lots(declaration, consignments)
    listed = [
        (lot, dict(line)) for lot, fields in zip(lots, consignments, strict=True) for line in fields.get("lines", ())
    ]
    carriers = [_carriers(trips, line.pop("vehicle", None)) for _lot, line in listed]
    lines = GoodsLine.objects.bulk_create(GoodsLine(consignment=lot, **line) for lot, line in listed)
    Load.objects.bulk_create(
        load for line, carrying in zip(lines, carriers, strict=True) for load in _loads(line, carrying)
    )
    return declaration


def _lots(declaration: Declaration, listed: Sequence[Mapping[str, Any]]) -> list[Consignment]:
    """The consignments of the draft as listed; one no longer listed goes, and its documents belong to none."""
    own = set(declaration.consignments.values_list("pk", flat=True))
    lots = []
    for fields in listed:
        given = {name: value for name, value in fields.items() if name not in ("lot", "lines")}
        known = fields.get("lot") if fields.get("lot") in own else None
        own.discard(known)
        lots.append(Consignment(pk=known, declaration=declaration, **given))
    if own:
        declaration.consignments.filter(pk__in=own).delete()
    return Consignment.objects.bulk_create(lots, update_conflicts=True, unique_fields=["id"], update_fields=CONSIGNMENT)


def add_to_draft(
    declaration: Declaration, consignment_id: int, *, kind: str, file: ContentFile, by: User, replaces: int | None
) -> str | None:
    """Add a document to a draft; why it cannot be, in words. Raises `NotADraft`."""
    with transaction.atomic():
        draft = _locked_draft(declaration)
        consignment = draft.consignments.filter(pk=consignment_id).first()
        if found := documents.fault(draft, consignment, kind, replaces):
            return found
        documents.add(draft, consignment, kind=kind, file=file, by=by, at=timezone.now(), replaces=replaces)
    return None


@transaction.atomic
def place_document(declaration: Declaration, document_id: int, consignment_id: int) -> bool:
    """Give a document that belongs to no consignment of a draft, in all its versions, to one; whether that could be.

    Raises `NotADraft`.
    """
    draft = _locked_draft(declaration)
    versions = documents.loose(draft, document_id)
    lot = draft.consignments.filter(pk=consignment_id).first()
    return lot is not None and versions.update(consignment=lot) > 0


@transaction.atomic
def drop_document(declaration: Declaration, document_id: int) -> None:
    """Delete a document that belongs to no consignment of a draft, in all its versions. Raises `NotADraft`."""
    versions = documents.loose(_locked_draft(declaration), document_id)
    files = [document.file for document in versions]
    versions.delete()
    _delete_files(files)


def copy_of(declaration: Declaration, *, actor: User, expected_at: datetime) -> Declaration:
    """A new draft like an earlier declaration, without what belongs to that one journey alone.

    Left out: the customs declaration, seals and containers.
    """
    fields = fields_of(declaration)
    for consignment in fields["consignments"]:
        consignment |= {"customs_number": "", "customs_date": None}
    for vehicle in fields["vehicles"]:
        vehicle |= {"seal": "", "container": ""}
    fields["general"]["expected_at"] = expected_at
    return save_draft(actor=actor, organisation=declaration.organisation, **fields)


def return_of(trip: Trip, *, actor: User, expected_at: datetime) -> Declaration:
    """A new draft the other way round: the goods that left on this trip were not accepted and come back on it.

    They need a customs declaration of their own; the draft keeps from which trip they return.
    """
    before = trip.declaration
    consignments: dict[int, dict[str, Any]] = {}
    loads = Load.objects.filter(trip=trip, line__consignment__declaration__organisation=before.organisation_id)
    for load in loads.select_related("line__consignment").order_by("line"):
        lot, line = load.line.consignment, load.line
        kept = {name: getattr(lot, name) for name in CONSIGNMENT}
        fields = consignments.setdefault(lot.pk, kept | {"customs_number": "", "customs_date": None, "lines": []})
        part = {
            "quantity": load.quantity,
            "weight": load.weight,
            "value": round(line.value * load.quantity / line.quantity),
        }
        fields["lines"].append({name: getattr(line, name) for name in LINE} | part)
    purpose = BACK[Purpose(before.purpose)]
    vehicle = {name: getattr(trip, name) for name in VEHICLE}
    with transaction.atomic():
        declaration = save_draft(
            actor=actor,
            organisation=before.organisation,
            general={"gate": before.gate, "yard": before.yard, "purpose": purpose, "expected_at": expected_at},
            consignments=list(consignments.values()),
            vehicles=[vehicle | {"comes_from": COMES_FROM[purpose]}],
        )
        declaration.returns = trip
        declaration.save(update_fields=["returns"])
    return declaration


def _trip(declaration: Declaration, position: int, fields: Mapping[str, Any]) -> Trip:
    fields = dict(fields)
    comes_from = fields.pop("comes_from", "")
    for name in ("plate", "trailer_plate"):
        fields[name] = plates.normalise(fields.get(name, ""))
    procedure = procedure_for(
        declaration.gate,
        purpose=declaration.purpose,
        country=fields.get("country", ""),
        comes_from=comes_from,
        yard=declaration.yard,
    )
    code = procedure.code if procedure else ""
    return Trip(
        declaration=declaration,
        position=position,
        book_code=declaration.gate.book.code,
        began_as=code,
        procedure_code=code,
        **fields,
    )


def _carriers(trips: Sequence[Trip], vehicle: int | None) -> Sequence[Trip]:
    return [trip for trip in trips if trip.position == vehicle] if vehicle else trips


def _loads(line: GoodsLine, carriers: Sequence[Trip]) -> Iterator[Load]:
    """The line in equal loads; none while its quantity is unknown."""
    if not carriers or line.quantity is None:
        return
    quantities = divide(Decimal(line.quantity), len(carriers), Decimal("0.001"))
    weights = divide(Decimal(line.weight or 0), len(carriers), Decimal("0.01"))
    for trip, quantity, weight in zip(carriers, quantities, weights, strict=True):
        if quantity > 0:
            yield Load(line=line, trip=trip, quantity=quantity, weight=weight)


def divide(total: Decimal, parts: int, step: Decimal) -> list[Decimal]:
    """`total` in equal parts of whole steps; the first takes the rest, so that they add up exactly."""
    part = (total / parts).quantize(step, rounding=ROUND_DOWN)
    return [total - part * (parts - 1)] + [part] * (parts - 1)
