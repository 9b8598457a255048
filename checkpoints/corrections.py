"""What a correction touches: the trucks that carry the goods, the confirmations that rest on its fields; in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils.crypto import salted_hmac
from django.utils.dateparse import parse_date
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from checkpoints.models import Consent, Correction
from checkpoints.resting import rests_on
from checkpoints.states import CorrectionState
from cuakhauso.templatetags.ui import day
from declarations import plates
from declarations.correctable import in_order, is_shared, kind, model_field, parted
from declarations.models import GoodsLine, Load, Trip
from declarations.states import LIVE_TRIPS


@dataclass(frozen=True)
class OpenCorrection:
    """An open correction that concerns a trip. `fields` those proposed, before that those asked.

    `trip_id` the trip that it is about, `awaits` the agencies that have not agreed yet.
    """

    pk: int
    trip_id: int
    state: str
    fields: tuple[str, ...]
    replaces: bool
    awaits: tuple[str, ...]

    @property
    def is_asked(self) -> bool:
        """Whether it waits for who corrects, not for who agrees."""
        return self.state == CorrectionState.ASKED

    def holds(self, of: str) -> bool:
        """Whether the confirmation of this fact must wait for it."""
        return rests(of, self.fields, replaces=self.replaces)

    @property
    def words(self) -> str:
        """Its fields, in a few words."""
        return labels(self.fields)


def open_corrections(trip: Trip | OuterRef) -> ArraySubquery:
    """For a column that `told` reads: the open corrections that concern the trip."""
    awaited = Consent.objects.filter(correction=OuterRef("pk"), fact=None).order_by("pk").values("agency")
    row = JSONObject(
        pk="pk",
        trip_id="trip_id",
        state="state",
        fields="fields",
        after="after",
        replaces="replaces",
        awaits=ArraySubquery(awaited),
    )
    return ArraySubquery(Correction.objects.concerning(trip).order_by("pk").values(row=row))


def told(column: Iterable[dict[str, Any]], trip_id: int) -> tuple[OpenCorrection, ...]:
    """The corrections of the column, the trip's own first."""
    found = [
        OpenCorrection(
            pk=row["pk"],
            trip_id=row["trip_id"],
            state=row["state"],
            fields=tuple(row["after"] or row["fields"]),
            replaces=row["replaces"],
            awaits=tuple(row["awaits"]),
        )
        for row in column
    ]
    return tuple(sorted(found, key=lambda each: each.trip_id != trip_id))


def sealed(correction: Correction, values: Mapping[str, str]) -> dict[str, str]:
    """Keyed hashes of the values, for the facts: they prove a value that is shown, and tell none."""
    return {
        key: salted_hmac("checkpoints.corrections", f"{correction.pk}|{key}|{text}", algorithm="sha256").hexdigest()
        for key, text in values.items()
    }


def concerned(trip: Trip, keys: Iterable[str]) -> dict[int, set[str]]:
    """The ids of the live trips whose confirmations may rest on these fields, each with those that concern it.

    The trip itself, and those that carry some of the same goods, whoever declared them.
    """
    found = {trip.pk: set(keys)}
    rows: dict[tuple[str, int], set[str]] = {}
    for key in filter(is_shared, found[trip.pk]):
        table, pk, _name = parted(key)
        rows.setdefault((str(table), pk or 0), set()).add(key)
    if not rows:
        return found
    loads = Load.objects.filter(line__consignment__declaration=trip.declaration_id, trip__state__in=LIVE_TRIPS)
    for trip_id, line, consignment in loads.values_list("trip_id", "line_id", "line__consignment_id"):
        touched = rows.get(("line", line), set()) | rows.get(("consignment", consignment), set())
        if touched:
            found.setdefault(trip_id, set()).update(touched)
    return found


def rests(of: str, keys: Iterable[str], *, replaces: bool) -> bool:
    """Whether the confirmation of this fact rests on one of these fields."""
    return not rests_on(of, replaces=replaces).isdisjoint(map(kind, keys))


def keys_of(correction: Correction) -> list[str]:
    """The fields that are open: those proposed, before that those asked."""
    return in_order(correction.after or correction.fields)


SHORT = {
    "driver_name": _("Tên lái xe"),
    "driver_phone": _("Số điện thoại lái xe"),
    "trailer_plate": _("Biển rơ moóc"),
    "country": _("Nước đăng ký"),
    "permit_number": _("Số giấy phép vận tải"),
}


def label(key: str) -> str:
    """What the field is called in a few words, without its goods."""
    return str(SHORT.get(kind(key)) or capfirst(str(model_field(key).verbose_name)))


def labels(keys: Iterable[str]) -> str:
    """The fields in a few words, each once, in the order of the declaration."""
    return ", ".join(dict.fromkeys(map(label, in_order(keys))))


@dataclass(frozen=True)
class Change:
    """One field as people read it; `goods` names the line, `after` is of no meaning while it is only asked."""

    key: str
    label: str
    goods: str
    before: str
    after: str
    is_plate: bool
    proposed: bool


def changes(corrections: Iterable[Correction]) -> dict[int, list[Change]]:
    """Correction id to its fields before and after; one query where goods are among them, else none."""
    corrections = list(corrections)
    lines = {pk for each in corrections for table, pk, _name in map(parted, keys_of(each)) if table == "line"}
    names = dict(GoodsLine.objects.filter(pk__in=lines).values_list("pk", "name")) if lines else {}
    return {each.pk: [_change(each, key, names) for key in keys_of(each)] for each in corrections}


def _change(correction: Correction, key: str, names: Mapping[int, str]) -> Change:
    table, pk, name = parted(key)
    return Change(
        key=key,
        label=label(key),
        goods=names.get(pk or 0, "") if table == "line" else "",
        before=shown(key, correction.before.get(key, "")),
        after=shown(key, correction.after.get(key, "")),
        is_plate=name in ("plate", "trailer_plate"),
        proposed=bool(correction.after),
    )


def shown(key: str, text: str) -> str:
    """A kept value as people read it."""
    field = model_field(key)
    if field.get_internal_type() == "BooleanField":
        return str(_("có") if text == str(True) else _("không"))
    if field.choices:
        return str(dict(field.flatchoices).get(text, text))
    if field.name in ("plate", "trailer_plate"):
        return plates.display(text) if text else ""
    if text and field.get_internal_type() == "DateField":
        return day(parse_date(text))
    return text.replace(".", ",") if field.get_internal_type() == "DecimalField" else text
