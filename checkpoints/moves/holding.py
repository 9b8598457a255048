"""What a seizure and a breakdown share: a hold begins with its fact, and a vehicle may be taken out for good."""

from accounts.models import Role
from checkpoints.context import Context
from checkpoints.models import Hold
from checkpoints.moves.progress import close_declaration
from declarations.models import Trip
from gates.procedures.words import Agency


def begin(ctx: Context, by: Role | Agency | None, **held: str) -> None:
    """From here on the vehicle is held; one that was held by this kind before, is held by this instead."""
    trip = ctx.trip
    fact = ctx.record(trip, place=place_of(ctx), by=by, **{key: str(value) for key, value in held.items()})
    former = next((hold for hold in ctx.holds(trip) if hold.kind == held["kind"]), None)
    if former is not None:
        ctx.end_hold(trip, former, fact)
    ctx.write()
    Hold.objects.create(trip=trip, began=fact, **held)


def place_of(ctx: Context) -> str:
    stage = ctx.open_stage(ctx.trip)
    return stage.place if stage else ""


def remove(ctx: Context, trip: Trip) -> None:
    """Its trip ends as it stands."""
    trip.remove()
    trip.save(update_fields=["state"])
    close_declaration(ctx, trip)
