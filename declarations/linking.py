"""Which rows of the firm's register a trip agrees with: the vehicle of its plate, the driver of its name and number.

Nobody chooses the rows: they follow from what was declared, so another firm's can never be named.
"""

from collections.abc import Iterable

from django.db.models import Q

from accounts.models import Organisation
from declarations.models import Trip
from declarations.states import LIVE_DECLARATIONS, LIVE_TRIPS, DeclarationState
from declarations.validators import folded
from register.models import Driver, Vehicle

IDENTITY = frozenset({"plate", "driver_name", "driver_phone"})
"""The declared fields from which the rows follow."""


def link(trips: Iterable[Trip], organisation_id: int) -> None:
    """Set `vehicle` and `driver` of these trips, unsaved, in two queries."""
    trips = list(trips)
    plates, phones = {trip.plate for trip in trips} - {""}, {trip.driver_phone for trip in trips} - {""}
    vehicles = Vehicle.objects.current().filter(organisation=organisation_id, plate__in=plates) if plates else ()
    drivers = Driver.objects.current().filter(organisation=organisation_id, phone__in=phones) if phones else ()
    by_plate = {vehicle.plate: vehicle for vehicle in vehicles}
    by_person = {(driver.phone, folded(driver.name)): driver for driver in drivers}
    for trip in trips:
        trip.vehicle = by_plate.get(trip.plate)
        trip.driver = by_person.get((trip.driver_phone, folded(trip.driver_name)))


def relink(trip: Trip) -> None:
    """After its values changed."""
    link([trip], trip.declaration.organisation_id)
    trip.save(update_fields=["vehicle", "driver"])


def relink_all(organisation: Organisation) -> None:
    """After the register changed: the drafts and the live trips of the firm."""
    going_on = Q(state__in=LIVE_TRIPS, declaration__state__in=[*LIVE_DECLARATIONS, DeclarationState.DRAFT])
    trips = list(Trip.objects.filter(going_on, declaration__organisation=organisation))
    link(trips, organisation.pk)
    Trip.objects.bulk_update(trips, ["vehicle", "driver"])
