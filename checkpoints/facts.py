"""The history: facts appended to chains, each chain sealed by hashes.

A chain is one subject: `trip:12`, `declaration:7`, `gate:1`. The hash covers every stored value and the hash of
the fact before, as canonical JSON under SHA-256. Chains are apart, so that two gates never wait for each other.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from checkpoints.models import AuditAnchor, Fact

SEALED = (
    "chain",
    "sequence",
    "move",
    "declaration_id",
    "trip_id",
    "gate_id",
    "place",
    "actor_id",
    "agency",
    "unit_id",
    "happened_at",
    "recorded_at",
    "reason",
    "data",
    "key",
    "previous",
)


def digest(values: dict) -> str:
    """SHA-256 of the values as canonical JSON, times in UTC to the microsecond."""

    def plain(value):
        if isinstance(value, datetime):
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        raise TypeError(value)

    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=plain)
    return hashlib.sha256(text.encode()).hexdigest()


def heads(chains: Collection[str]) -> QuerySet[Fact]:
    """The last fact of each of these chains that has one."""
    return Fact.objects.filter(chain__in=chains).order_by("chain", "-sequence").distinct("chain")


def link(chain: str, *, after: Fact | None, **values) -> Fact:
    """A fact sealed to follow `after`, the chain's last one, and not yet saved."""
    sequence, previous = (after.sequence + 1, after.hash) if after else (1, "")
    fact = Fact(chain=chain, sequence=sequence, previous=previous, **values)
    fact.hash = digest({name: getattr(fact, name) for name in SEALED})
    return fact


def append(chain: str, **values) -> Fact:
    """Append one fact to its chain. The caller holds the lock of the chain's subject."""
    fact = link(chain, after=heads([chain]).first(), **values)
    fact.save(force_insert=True)
    return fact


class BrokenChain(Exception):
    """A fact does not fit: it was altered, or one before it is gone."""

    def __init__(self, fact: Fact | None, why: str):
        super().__init__(f"{fact or 'anchor'}: {why}")


def verify() -> Iterator[Fact]:
    """Yield every fact in chain order; raise `BrokenChain` at the first that does not fit."""
    chain, sequence, previous = "", 0, ""
    for fact in Fact.objects.order_by("chain", "sequence").iterator(chunk_size=2000):
        if fact.chain != chain:
            chain, sequence, previous = fact.chain, 0, ""
        if fact.sequence != sequence + 1:
            raise BrokenChain(fact, f"fact {sequence + 1} of the chain is missing")
        if fact.previous != previous:
            raise BrokenChain(fact, "does not follow from the fact before")
        if fact.hash != digest({name: getattr(fact, name) for name in SEALED}):
            raise BrokenChain(fact, "was altered")
        sequence, previous = fact.sequence, fact.hash
        yield fact


def _heads(last_fact_id: int) -> dict[str, str]:
    """The newest hash of each chain among the facts up to this id."""
    heads = Fact.objects.filter(id__lte=last_fact_id).order_by("chain", "-sequence").distinct("chain")
    return dict(heads.values_list("chain", "hash"))


def seal() -> AuditAnchor | None:
    """Seal the heads of all chains, so that a whole chain or its end cannot be taken away unseen.

    Returns None when nothing was recorded since the last seal.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            # A fact with a lower id may commit later than one with a higher; wait for these writers.
            cursor.execute("LOCK TABLE checkpoints_fact IN SHARE MODE")
        before = AuditAnchor.objects.select_for_update().order_by("-id").first()
        newest = Fact.objects.order_by("-id").first()
        if newest is None or (before and before.last_fact_id == newest.id):
            return None
        at, previous = timezone.now(), before.hash if before else ""
        values = {"at": at, "last_fact_id": newest.id, "previous": previous, "heads": _heads(newest.id)}
        return AuditAnchor.objects.create(
            at=at,
            facts=Fact.objects.filter(id__lte=newest.id).count(),
            last_fact_id=newest.id,
            previous=previous,
            hash=digest(values),
        )


def verify_anchors() -> int:
    """Check every seal against the facts that it covers and return their number; raises `BrokenChain`."""
    previous = ""
    anchors = AuditAnchor.objects.order_by("id")
    for anchor in anchors:
        values = {
            "at": anchor.at,
            "last_fact_id": anchor.last_fact_id,
            "previous": previous,
            "heads": _heads(anchor.last_fact_id),
        }
        if anchor.previous != previous or anchor.hash != digest(values):
            raise BrokenChain(None, f"the seal of {anchor.at.isoformat()} does not fit the facts")
        previous = anchor.hash
    return len(anchors)
