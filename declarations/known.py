"""What is known of a firm's vehicles and drivers when it declares: its register, and what it declared before."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, QuerySet, Value

from accounts.models import Organisation, User
from accounts.rules import organisation_ids_of
from declarations.models import Trip
from declarations.states import DeclarationState
from gates.models import Gate
from gates.procedures.words import Country
from register.models import Driver, Kind, Paper, SpecialisedDriver, Vehicle
from register.papers import held_by

VEHICLE = ("vehicle_type", "payload", "plate", "country", "trailer_plate")
DRIVER = ("driver_name", "driver_phone")
PERMIT = ("permit_number", "permit_kind", "permit_from", "permit_to")
MOST_RECENT = 12
MOST_OFFERED = 300


def recent_vehicles(organisation_ids: set[int], *, limit: int = MOST_RECENT) -> list[dict[str, Any]]:
    """The vehicles last declared by these organisations, each once, with what is said of it and its driver.

    Drafts tell nothing: they may be half filled.
    """
    trips = _declared_by(organisation_ids)
    newest: dict[str, dict[str, Any]] = {}
    for row in trips.order_by("-id").values(*VEHICLE, "origin", *DRIVER, *PERMIT)[: limit * 5]:
        newest.setdefault(row["plate"], row)
    return list(newest.values())[:limit]


def _declared_by(organisation_ids: Iterable[int]) -> QuerySet[Trip]:
    trips = Trip.objects.filter(declaration__organisation__in=organisation_ids)
    return trips.exclude(plate="").exclude(declaration__state=DeclarationState.DRAFT)


def kind_of(gate: Gate | None) -> str:
    """By which gates' rules papers are told; while no gate is chosen, by those of an international one."""
    return gate.kind if gate else Gate.Kind.INTERNATIONAL


def vehicles_offered(user: User, gate: Gate | None, *, day: date) -> list[dict[str, Any]]:
    """What fills a vehicle's row by one tap, lately declared first; the register's word goes before the last time's.

    A permit is that of the register, before the one last declared; a vehicle put away is not offered. `papers` says
    what the register's papers lack on that day at this gate.
    """
    firms = organisation_ids_of(user)
    kept = {vehicle.plate: vehicle for vehicle in Vehicle.objects.filter(organisation__in=firms).order_by("-pk")}
    permits = _permits(kept.values())
    held = held_by(kept.values(), kind_of(gate), day=day)
    offered = {row["plate"]: row for row in recent_vehicles(firms)}
    for plate, vehicle in sorted(kept.items()):
        if vehicle.archived_at:
            offered.pop(plate, None)
        elif len(offered) < MOST_OFFERED or plate in offered:
            own = {name: getattr(vehicle, name) for name in VEHICLE}
            own |= permits.get(vehicle.pk, {}) | {"papers": held[vehicle.pk].told}
            offered[plate] = offered.get(plate, {}) | own
    return list(offered.values())


def _permits(vehicles) -> dict[int, dict[str, Any]]:
    """Id of the vehicle to its transport permit with the latest end; no query where there is no vehicle."""
    ids = [vehicle.pk for vehicle in vehicles]
    papers = Paper.objects.current().filter(vehicle__in=ids, kind=Kind.PERMIT).order_by("valid_to", "pk") if ids else ()
    return {
        paper.vehicle_id: dict(
            zip(PERMIT, (paper.number, paper.variety, paper.valid_from, paper.valid_to), strict=True)
        )
        for paper in papers
    }


def drivers_offered(user: User, gate: Gate | None, *, day: date) -> list[dict[str, Any]]:
    """Name and telephone number of the firm's drivers, with what their papers lack on that day; then the specialised
    drivers of this gate, with `gate` its id. One query; two more for papers where the firm has drivers.
    """
    names = ("pk", "name", "phone", "nationality", "gate")
    own = Driver.objects.current().filter(organisation__in=organisation_ids_of(user))
    own = own.annotate(gate=Value(None, BigIntegerField())).values_list(*names)
    others = SpecialisedDriver.objects.in_force(day).filter(gate=gate)
    others = others.annotate(nationality=Value("")).values_list(*names)
    rows = sorted(own.order_by().union(others.order_by(), all=True), key=lambda row: (row[4] is not None, row[1]))
    drivers = {pk: Driver(pk=pk, nationality=nationality) for pk, _n, _p, nationality, of in rows if of is None}
    held = held_by(drivers.values(), kind_of(gate), day=day)
    return [
        {"name": name, "phone": phone, "gate": of} | ({} if of else {"papers": held[pk].told})
        for pk, name, phone, _nationality, of in rows[:MOST_OFFERED]
    ]


def declared_before(user: User) -> list[dict[str, Any]]:
    """Vehicles lately declared that the firm's register does not have, each with firm, vehicle and driver."""
    firms = {firm.pk: firm for firm in Organisation.objects.filter(pk__in=organisation_ids_of(user))}
    kept = set(Vehicle.objects.filter(organisation__in=firms).values_list("organisation", "plate"))
    trips = _declared_by(firms).exclude(country="")
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for row in trips.order_by("-id").values(*VEHICLE, *DRIVER, "declaration__organisation")[: MOST_RECENT * 5]:
        key = (row["declaration__organisation"], row["plate"])
        if key not in kept and key not in found and len(found) < MOST_RECENT:
            vehicle, driver = as_rows(row)
            found[key] = {"plate": row["plate"], "organisation": firms[key[0]], "vehicle": vehicle, "driver": driver}
    return list(found.values())


def as_rows(declared: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The declared vehicle, as fields of `register.Vehicle` and `register.Driver`."""
    vehicle = {name: declared.get(name) for name in VEHICLE}
    vehicle |= {name: vehicle[name] or "" for name in VEHICLE if name != "payload"}
    nationality = vehicle["country"] or Country.VN
    driver = {
        "name": declared.get("driver_name") or "",
        "phone": declared.get("driver_phone") or "",
        "nationality": nationality,
    }
    return vehicle, driver
