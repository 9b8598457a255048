"""Specialised drivers (lái xe chuyên trách): whoever is declared as one must stand in the register of the gate."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from declarations.models import Trip
from declarations.plates import display
from declarations.validators import folded
from gates.models import Gate
from register.models import SpecialisedDriver

MOST_OFFERED = 200


@dataclass(frozen=True)
class Claim:
    """A trip that declares a specialised driver, with the row of the gate's register; why it does not hold, in words.

    A claim that does not hold is `hard` but for a tractor that is not among the driver's own.
    """

    trip: Trip
    row: SpecialisedDriver | None
    fault: str = ""
    hard: bool = True


def claims(trips: Iterable[Trip], gate: Gate, *, day: date) -> dict[int, Claim]:
    """Trip id to its claim, of those that make one; one query, none where none does."""
    claiming = [trip for trip in trips if trip.specialised_driver]
    if not claiming:
        return {}
    phones = {trip.driver_phone for trip in claiming}
    rows = {row.phone: row for row in SpecialisedDriver.objects.filter(gate=gate, phone__in=phones)}
    return {trip.pk: _claim(trip, rows.get(trip.driver_phone), gate, day) for trip in claiming}


def _claim(trip: Trip, row: SpecialisedDriver | None, gate: Gate, day: date) -> Claim:
    if row is None or folded(row.name) != folded(trip.driver_name):
        fault = _("%(name)s không có trong danh sách lái xe chuyên trách của cửa khẩu %(gate)s.")
        return Claim(trip, None, fault % {"name": trip.driver_name, "gate": gate})
    if not row.holds_on(day):
        fault = _("%(name)s chỉ được đăng ký lái xe chuyên trách từ %(first)s đến %(last)s.")
        last = f"{row.valid_to:%d/%m/%Y}" if row.valid_to else "…"
        return Claim(trip, row, fault % {"name": row.name, "first": f"{row.valid_from:%d/%m/%Y}", "last": last})
    if row.plates and trip.plate not in row.plates:
        fault = _("%(name)s chỉ đăng ký lái đầu kéo %(plates)s.")
        plates = ", ".join(display(plate) for plate in row.plates)
        return Claim(trip, row, fault % {"name": row.name, "plates": plates}, hard=False)
    return Claim(trip, row)


def offered_at(gate: Gate, *, day: date) -> Iterator[dict[str, Any]]:
    """The specialised drivers of the gate on that day, to be chosen when correcting."""
    for row in SpecialisedDriver.objects.in_force(day).filter(gate=gate).order_by("name", "pk")[:MOST_OFFERED]:
        yield {"name": row.name, "phone": row.phone, "plates": [display(plate) for plate in row.plates]}
