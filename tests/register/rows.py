"""Vehicles, drivers and papers of a firm's register."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Organisation
from declarations.linking import relink_all
from register.models import OF_VEHICLES, Driver, Kind, Paper, Vehicle

FOR_VEHICLE = (Kind.REGISTRATION, Kind.INSPECTION, Kind.INSURANCE)
FOR_DRIVER = (Kind.PASSPORT, Kind.LICENCE)


def make_vehicle(organisation: Organisation, plate: str = "11C12345", *, papers=FOR_VEHICLE, **fields: Any) -> Vehicle:
    country = "VN" if plate[:1].isdigit() else "CN"
    given = {"country": country, "vehicle_type": "other", **fields}
    row = Vehicle.objects.create(organisation=organisation, plate=plate, **given)
    for kind in papers:
        make_paper(row, kind)
    relink_all(organisation)
    return row


def make_driver(organisation: Organisation, *, papers=FOR_DRIVER, **fields: Any) -> Driver:
    given = {"name": "Lý Văn Sình", "phone": "0912345678", "nationality": "VN", **fields}
    row = Driver.objects.create(organisation=organisation, **given)
    for kind in papers:
        make_paper(row, kind)
    relink_all(organisation)
    return row


def make_paper(
    row: Vehicle | Driver, kind: str, *, number: str = "A1", valid_to: date | None = None, **fields
) -> Paper:
    owner = {"vehicle" if kind in OF_VEHICLES else "driver": row}
    valid_to = valid_to or timezone.localdate() + timedelta(days=300)
    return Paper.objects.create(kind=kind, number=number, valid_to=valid_to, **owner, **fields)
