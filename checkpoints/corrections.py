"""What a correction touches: the trucks that carry the goods, the confirmations that rest on its fields."""

from collections.abc import Collection, Iterable, Mapping

from django.utils.crypto import salted_hmac
from django.utils.text import capfirst

from checkpoints.models import Correction
from checkpoints.resting import rests_on
from declarations.correctable import is_shared, kind, model_field, parted
from declarations.models import Load, Trip
from declarations.states import LIVE_TRIPS


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


def keys_of(correction: Correction) -> Collection[str]:
    """The fields that are open: those proposed, before that those asked."""
    return correction.after or correction.fields


def label(key: str) -> str:
    """What the field is called, without its goods."""
    return capfirst(str(model_field(key).verbose_name))
