"""Live pages by server-sent events: `/events/<gate>/` for people of the gate, `/events/mine/` for declarants.

One Redis subscription a process is fanned out to all its pages (`Hub`). Who may listen is asked once, at the
beginning; after that no page holds a database connection. After a break the page is told to catch up.
"""

import asyncio
import json
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Collection
from weakref import WeakKeyDictionary

import redis.asyncio
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseForbidden,
    HttpResponseNotFound,
    StreamingHttpResponse,
)
from django.urls import path

from accounts.models import Role
from accounts.rules import OFFICERS, OVERSEERS, organisation_ids_of, role_at
from checkpoints.live import CHANNELS, gate_channel, organisation_channel
from gates.models import Gate

logger = logging.getLogger(__name__)

WATCHERS = OFFICERS | OVERSEERS | {Role.Code.YARD_OPERATOR, Role.Code.FEE_CENTRE, Role.Code.TAX_OFFICE}
BEAT_SECONDS = 15
LOOK_UP_SECONDS = 2
LONGEST_SECONDS = 3600
"""A page is let go after this time and comes back by itself, so that a right that ended does not listen for ever."""
WAITING_MESSAGES = 64
CATCH_UP = {"kind": "catch-up"}


class Hub:
    """The one subscription of this process (of its event loop), and the pages that listen."""

    def __init__(self) -> None:
        self.pages: dict[str, set[asyncio.Queue]] = defaultdict(set)
        self.reader: asyncio.Task | None = None

    def join(self, channels: Collection[str]) -> asyncio.Queue:
        queue: asyncio.Queue = asyncio.Queue(WAITING_MESSAGES)
        for channel in channels:
            self.pages[channel].add(queue)
        if self.reader is None or self.reader.done() or self.reader.cancelling():
            self.reader = asyncio.get_running_loop().create_task(self._read())
        return queue

    def leave(self, channels: Collection[str], queue: asyncio.Queue) -> None:
        for channel in channels:
            self.pages[channel].discard(queue)
            if not self.pages[channel]:
                del self.pages[channel]
        if not self.pages and self.reader:
            self.reader.cancel()

    async def _read(self) -> None:
        # The client may take a cancellation for its own time-out and swallow it; the task remembers.
        me = asyncio.current_task()
        pause, lost = 1, False
        while not me.cancelling():
            try:
                async with redis.asyncio.Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as subscription:
                    await subscription.psubscribe(CHANNELS)
                    if lost:
                        self._tell_all(CATCH_UP)
                    pause, lost = 1, False
                    while not me.cancelling():
                        message = await subscription.get_message(
                            ignore_subscribe_messages=True, timeout=LOOK_UP_SECONDS
                        )
                        if message:
                            self._tell(message["channel"].decode(), json.loads(message["data"]))
            except (redis.RedisError, OSError) as error:
                if not lost:
                    logger.warning("live pages wait for Redis: %s", type(error).__name__)
                lost = True
                await asyncio.sleep(pause)
                pause = min(2 * pause, 15)

    def _tell(self, channel: str, message: dict) -> None:
        for queue in self.pages.get(channel, ()):
            _put(queue, message)

    def _tell_all(self, message: dict) -> None:
        for queue in {queue for queues in self.pages.values() for queue in queues}:
            _put(queue, message)


def _put(queue: asyncio.Queue, message: dict) -> None:
    """A page too slow to follow gets one word instead of a heap: ask for everything anew."""
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        message = CATCH_UP
    queue.put_nowait(message)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


async def at_gate(request: HttpRequest, gate: str) -> HttpResponse:
    """The moves at one gate; `?place=B2` keeps the sound of an arrival to that place."""
    gate_id = await sync_to_async(_gate_watched)(request, gate)
    if gate_id is None:
        return HttpResponseNotFound()
    return _stream(request, [gate_channel(gate_id)])


async def of_mine(request: HttpRequest) -> HttpResponse:
    """The moves of the declarations of one's own organisations."""
    organisations = await sync_to_async(_own_organisations)(request)
    if not organisations:
        return HttpResponseForbidden()
    return _stream(request, [organisation_channel(pk) for pk in sorted(organisations)])


def _gate_watched(request: HttpRequest, code: str) -> int | None:
    try:
        gate = Gate.objects.filter(code=code).only("pk").first()
        allowed = gate is not None and role_at(request.user, WATCHERS, gate.pk) is not None
        return gate.pk if allowed else None
    finally:
        _let_go()


def _own_organisations(request: HttpRequest) -> set[int]:
    try:
        return organisation_ids_of(request.user)
    finally:
        _let_go()


def _let_go() -> None:
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


def _stream(request: HttpRequest, channels: Collection[str]) -> StreamingHttpResponse:
    messages = _messages(channels, place=request.GET.get("place", ""), came_back="Last-Event-ID" in request.headers)
    response = StreamingHttpResponse(messages, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _messages(channels: Collection[str], *, place: str, came_back: bool) -> AsyncIterator[str]:
    shared, until = hub(), time.monotonic() + LONGEST_SECONDS
    queue = shared.join(channels)
    try:
        yield "retry: 2000\nevent: beat\ndata: 1\n\n"
        if came_back:
            yield _event(CATCH_UP)
        while time.monotonic() < until:
            try:
                message = await asyncio.wait_for(queue.get(), BEAT_SECONDS)
            except TimeoutError:
                yield "event: beat\ndata: 1\n\n"
            else:
                yield _event(_heard_at(place, message))
    finally:
        shared.leave(channels, queue)


def _heard_at(place: str, message: dict) -> dict:
    elsewhere = place and message["kind"] == "arrival" and place not in message["places"]
    return message | {"kind": "move"} if elsewhere else message


def _event(message: dict) -> str:
    return f"id: {time.time_ns() // 1_000_000}\ndata: {json.dumps(message)}\n\n"


urlpatterns = [
    path("mine/", of_mine, name="events-mine"),
    path("<slug:gate>/", at_gate, name="events"),
]
