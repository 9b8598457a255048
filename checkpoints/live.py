"""Tells open pages, after each committed move, that something changed: one Redis channel a gate, one an organisation.

A message holds ids only. Redis may be down: the move stands, pages catch up when they ask anew.
"""

import json
import logging
import time
from collections import defaultdict
from collections.abc import Sequence, Set
from functools import cache

import redis
from django.conf import settings
from redis.connection import parse_url

from checkpoints.models import Fact
from checkpoints.registry import listener
from declarations.models import Declaration

logger = logging.getLogger(__name__)

# A channel is heard in every database of its server: the number keeps two installations on one Redis apart.
PREFIX = f"live:{parse_url(settings.REDIS_URL).get('db', 0)}"
CHANNELS = f"{PREFIX}:*"
REST_SECONDS = 5
"""So long nothing is tried after Redis did not answer, so that a queue of trucks does not wait for it."""

ARRIVALS = frozenset({"record_passage", "call_up"})

MOST_KNOWN = 4096

_silent_until = 0.0
_owners: dict[int, int] = {}


def gate_channel(gate_id: int) -> str:
    return f"{PREFIX}:gate:{gate_id}"


def organisation_channel(organisation_id: int) -> str:
    return f"{PREFIX}:organisation:{organisation_id}"


@listener
def publish(facts: Sequence[Fact]) -> None:
    """Publish one message a gate, and one an organisation whose declaration moved."""
    send(_messages(facts))


def send(messages: Sequence[tuple[str, dict]]) -> None:
    """Publish these messages, each to its channel. What is no move (a plate that waits) is told by this alone."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        pipe = _client().pipeline(transaction=False)
        for channel, message in messages:
            pipe.publish(channel, json.dumps(message))
        pipe.execute()
    except (redis.RedisError, OSError) as error:
        _silent_until = time.monotonic() + REST_SECONDS
        logger.warning("live pages were not told of a move: %s", type(error).__name__)


def _messages(facts: Sequence[Fact]) -> list[tuple[str, dict]]:
    by_gate: dict[int, list[Fact]] = defaultdict(list)
    by_declaration: dict[int, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.gate_id:
            by_gate[fact.gate_id].append(fact)
        if fact.declaration_id:
            by_declaration[fact.declaration_id].append(fact)
    owners = _organisations_of(by_declaration.keys())
    return [
        *((gate_channel(gate_id), _message(own)) for gate_id, own in by_gate.items()),
        *((organisation_channel(owners[pk]), _message(own)) for pk, own in by_declaration.items()),
    ]


def _message(facts: Sequence[Fact]) -> dict:
    first = facts[0]
    return {
        "kind": "arrival" if first.move in ARRIVALS else "move",
        "gate": first.gate_id,
        "places": sorted({fact.place for fact in facts if fact.place}),
        "trip": first.trip_id,
        "declaration": first.declaration_id,
        "move": first.move,
    }


def _organisations_of(declaration_ids: Set[int]) -> dict[int, int]:
    """Whose the declarations are, which never changes: asked for once, in one query for all."""
    found = {pk: owner for pk in declaration_ids if (owner := _owners.get(pk))}
    if lacking := declaration_ids - found.keys():
        asked = dict(Declaration.objects.filter(pk__in=lacking).values_list("pk", "organisation_id"))
        if len(_owners) > MOST_KNOWN:
            _owners.clear()
        _owners.update(asked)
        found |= asked
    return found


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
