"""Trucks driven so far that their fee is due."""

from uuid import uuid4

from declarations.models import Trip
from fees.services.paying import record_payment
from tests.world import World, goods, vehicle


def ready(
    world: World,
    plate: str = "11C12345",
    *,
    trip: Trip | None = None,
    pay: bool = False,
    trader=None,
    payload: float | None = 18,
    lines: list[dict] | None = None,
    **consignment,
) -> Trip:
    """An export truck whose yard stage is complete; with `pay`, its bill is paid too."""
    if trip is None:
        vehicles = [vehicle(plate, payload=payload)]
        trip = world.submit("export", vehicles, lines or [goods()], trader=trader, **consignment).trips.get()
    world.enter(trip, "B2")
    world.confirm_all(trip)
    if pay:
        world.pay(trip)
    return trip


def pay(bill, amount: int) -> None:
    record_payment(bill=bill, amount=amount, method="bank", actor=None, key=str(uuid4()))
