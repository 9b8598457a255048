"""What may be corrected of a declared trip, field by field.

A field is named by a key: `plate` of the trip, `line:12.weight` of a goods line on it, `consignment:3.regime` of a
consignment of which it carries goods. Quantity and weight are those on this trip; the line changes with them, so
that its loads add up to it. Only goods of the trip's own declaration are corrected.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet

from declarations import plates, validators
from declarations.linking import IDENTITY, relink
from declarations.models import Consignment, GoodsLine, Load, Trip

TRIP = (
    "plate",
    "country",
    "trailer_plate",
    "vehicle_type",
    "payload",
    "container",
    "seal",
    "driver_name",
    "driver_phone",
    "specialised_driver",
    "companion",
    "permit_number",
    "permit_kind",
    "permit_from",
    "permit_to",
)
LINE = ("name", "origin", "hs_code", "quantity", "unit", "weight", "value")
CONSIGNMENT = ("regime", "goods_group")
AMOUNTS = ("quantity", "weight")
"""Of a line, what this trip alone carries; all else is the same on every trip that carries the line."""

NORMAL: dict[str, Callable[[str], str]] = {
    "plate": plates.normalise,
    "trailer_plate": plates.normalise,
    "container": validators.normal_container,
    "driver_phone": validators.normal_phone,
    "hs_code": validators.normal_hs_code,
}
_KEY = re.compile(r"(?:(line|consignment):(\d{1,18})\.)?([a-z_]+)")
_TABLES = {None: Trip, "line": GoodsLine, "consignment": Consignment}

Value = str | int | Decimal | date | None


def parted(key: str) -> tuple[str | None, int | None, str]:
    """`line:12.weight` as ("line", 12, "weight"), `plate` as (None, None, "plate"); raises `ValueError`."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise ValueError(key)
    table, pk, name = found.groups()
    return table, int(pk) if pk else None, name


def kind(key: str) -> str:
    """The key without the number of its row: `line.weight`."""
    table, _pk, name = parted(key)
    return f"{table}.{name}" if table else name


def is_of_goods(key: str) -> bool:
    return parted(key)[0] is not None


def is_shared(key: str) -> bool:
    """Whether every trip that carries the goods has this value."""
    table, _pk, name = parted(key)
    return table is not None and name not in AMOUNTS


def in_order(keys: Iterable[str]) -> list[str]:
    """As they are declared: the vehicle, its driver, its permit, then the goods line by line."""
    names = [*TRIP, *LINE, *CONSIGNMENT]

    def place(key: str) -> tuple[str, int, int]:
        table, pk, name = parted(key)
        return {None: "", "line": "a"}.get(table, "b"), pk or 0, names.index(name)

    return sorted(keys, key=place)


def model_field(key: str) -> models.Field:
    table, _pk, name = parted(key)
    return _TABLES[table]._meta.get_field(name)


def current(trip: Trip) -> dict[str, Value]:
    """Every field of the trip that may be corrected, with its value now; two queries at most."""
    values: dict[str, Value] = {name: getattr(trip, name) for name in TRIP}
    for load in own_loads(trip):
        line = load.line
        values |= {f"line:{line.pk}.{name}": getattr(load if name in AMOUNTS else line, name) for name in LINE}
        values |= {f"consignment:{line.consignment_id}.{name}": getattr(line.consignment, name) for name in CONSIGNMENT}
    return values


def own_loads(trip: Trip) -> QuerySet[Load]:
    """The goods on the trip that its own declaration declared."""
    loads = Load.objects.filter(trip=trip, line__consignment__declaration=trip.declaration_id)
    return loads.select_related("line__consignment").order_by("line")


def cleaned(key: str, value: object) -> Value:
    """The value in its one spelling, as the declaration would keep it; raises `ValidationError`."""
    field = model_field(key)
    if isinstance(value, str):
        value = NORMAL.get(field.name, validators.normal_text)(value)
    if value in ("", None):
        value = None if field.null else ""
    if value is None and kind(key).startswith("line."):
        raise ValidationError(field.error_messages["blank"], code="blank")
    return field.clean(value, None)


def as_text(value: Value) -> str:
    """The value as `Correction` keeps it; `cleaned` reads it back."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def write(trip: Trip, values: Mapping[str, Value]) -> None:
    """Put these values in force; raises `ValidationError` where a line's sum becomes too large to keep.

    The caller holds the locks of the trip and of its declaration.
    """
    if own := {key: value for key, value in values.items() if not is_of_goods(key)}:
        Trip.objects.filter(pk=trip.pk).update(**own)
        if IDENTITY.intersection(own):
            relink(Trip.objects.select_related("declaration").get(pk=trip.pk))
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    for key, value in values.items():
        table, pk, name = parted(key)
        if table and pk:
            rows.setdefault((table, pk), {})[name] = value
    for (table, pk), named in rows.items():
        if table == "consignment":
            Consignment.objects.filter(pk=pk).update(**named)
        else:
            _write_line(trip, pk, named)


def _write_line(trip: Trip, line_id: int, named: Mapping[str, Any]) -> None:
    load = Load.objects.select_related("line").get(trip=trip, line=line_id)
    line = load.line
    for name, value in named.items():
        if name in AMOUNTS:
            total = getattr(line, name) + value - getattr(load, name)
            setattr(line, name, GoodsLine._meta.get_field(name).clean(total, line))
            setattr(load, name, value)
        else:
            setattr(line, name, value)
    load.save(update_fields=list(AMOUNTS))
    line.save(update_fields=list(named))


def carriers(keys: Iterable[str]) -> QuerySet[Trip]:
    """The trips that carry goods to which these keys belong, whoever declared the trip; what is no key is ignored."""
    return Trip.objects.filter(pk__in=loads_of(keys).values("trip"))


def loads_of(keys: Iterable[str]) -> QuerySet[Load]:
    """The goods to which these keys belong, wherever they are."""
    wanted = Q(pk__in=())
    for table, pk, _name in map(parted, filter(_KEY.fullmatch, keys)):
        if table == "line":
            wanted |= Q(line=pk)
        elif table == "consignment":
            wanted |= Q(line__consignment=pk)
    return Load.objects.filter(wanted)
