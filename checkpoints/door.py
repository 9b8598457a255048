"""The one door: every move of the three state machines goes through `perform`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from checkpoints import facts, registry
from checkpoints.context import Context, chain_of
from checkpoints.models import Fact
from checkpoints.moves.table import MOVES
from checkpoints.refusals import Refusal, key_reused
from declarations.models import Declaration, Trip
from gates.models import Gate


def _vehicle_under_way() -> Refusal:
    return Refusal(
        "vehicle_under_way",
        _("Phương tiện này đang trong một lượt khác chưa kết thúc; chưa thể cho vào lượt mới."),
    )


# What only the database can know, because others may do the same at this moment under other locks.
CONFLICTS = {
    "checkpoints_fact_key_key": key_reused,
    "one_trip_of_a_vehicle_under_way": _vehicle_under_way,
}


@dataclass(frozen=True)
class Outcome:
    """What a move did: its first fact, if it recorded one, and whether it had been done before under its key."""

    fact: Fact | None
    repeated: bool = False


def perform(
    move: str,
    subject: Declaration | Trip | Gate,
    *,
    actor: User | None,
    key: str | None,
    happened_at: datetime | None = None,
    **details: Any,
) -> Outcome:
    """Make one move, whole or not at all.

    In one transaction: lock the declarations, then the trips, each by id, and fetch them afresh; ask the move's
    guards in order; write; append the facts; after commit tell the listeners. `actor` None is the platform
    itself. `key` is the caller's idempotency key: a repeated one changes nothing and answers as before.

    Raises `Refusal` with one chosen reason.
    """
    try:
        with transaction.atomic():
            return _perform(move, subject, actor=actor, key=key, happened_at=happened_at, details=details)
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if conflict := CONFLICTS.get(diagnosis and diagnosis.constraint_name):
            raise conflict() from error
        raise


def _perform(move: str, subject, *, actor, key, happened_at, details) -> Outcome:
    spec = MOVES[move]
    now = timezone.now()
    ctx = Context(
        move=move,
        subject=subject,
        actor=actor,
        key=key,
        now=now,
        happened_at=happened_at or now,
        details=details,
    )
    _lock(ctx, *spec.touches(subject, details))
    if not _is_there(ctx):
        raise Refusal("gone", _("Tờ khai này vừa được xóa."))
    if repeated := _before(ctx):
        return repeated
    for guard in spec.guards:
        if refusal := guard(ctx):
            raise refusal
    spec.act(ctx)
    ctx.write()
    registry.tell_after_commit(ctx.facts)
    return Outcome(fact=ctx.facts[0] if ctx.facts else None)


def _is_there(ctx: Context) -> bool:
    """Whether the subject still exists: a draft may be deleted while somebody submits it."""
    return isinstance(ctx.subject, Gate) or ctx.subject.pk in (ctx.trips | ctx.declarations)


def _lock(ctx: Context, declaration_ids: Sequence[int], trip_ids: Sequence[int]) -> None:
    """Lock by id, each declaration before its trips; who holds a trip holds its declaration."""
    if trip_ids and len(declaration_ids) > 1:
        # Some may have none of these trips: all are locked in the order of their ids before any trip.
        list(Declaration.objects.select_for_update(no_key=True).filter(pk__in=declaration_ids).order_by("pk"))
    if trip_ids:
        trips = Trip.objects.select_for_update(of=("declaration", "self"), no_key=True).filter(pk__in=trip_ids)
        for trip in trips.select_related("declaration__gate").order_by("declaration_id", "pk"):
            trip.declaration = ctx.declarations.setdefault(trip.declaration_id, trip.declaration)
            ctx.trips[trip.pk] = trip
    if alone := set(declaration_ids) - ctx.declarations.keys():
        declarations = Declaration.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=alone)
        for declaration in declarations.select_related("gate").order_by("pk"):
            ctx.declarations[declaration.pk] = declaration
    if isinstance(ctx.subject, Gate):
        Gate.objects.select_for_update(no_key=True).get(pk=ctx.subject.pk)


def _before(ctx: Context) -> Outcome | None:
    """The outcome of the same move under the same key, if it was made; reads the heads of the chains on the way."""
    subjects = [*ctx.declarations.values(), *ctx.trips.values(), ctx.subject]
    found = facts.heads({chain_of(subject) for subject in subjects})
    if ctx.key is not None:
        found = found.union(Fact.objects.filter(key=ctx.key))
    for fact in found:
        ctx.heads[fact.chain] = max(ctx.heads.get(fact.chain, fact), fact, key=attrgetter("sequence"))
    fact = next((fact for fact in found if ctx.key is not None and fact.key == ctx.key), None)
    if fact is None:
        return None
    if fact.move != ctx.move or fact.chain != chain_of(ctx.subject) or fact.actor_id != (ctx.actor and ctx.actor.pk):
        raise key_reused()
    return Outcome(fact=fact, repeated=True)
