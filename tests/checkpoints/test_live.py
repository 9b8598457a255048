"""Live pages: what a move publishes, who may listen, and what happens when Redis goes away."""

import asyncio
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter

import pytest
import redis
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.test import AsyncClient, RequestFactory

from checkpoints import events, live
from declarations.models import Trip
from tests.world import World, make_gate, make_officer


@pytest.fixture(autouse=True)
def _fresh_publisher(monkeypatch):
    client = live._client
    client.cache_clear()
    monkeypatch.setattr(live, "_silent_until", 0.0)
    yield
    client.cache_clear()


@pytest.fixture
def world(db) -> World:
    return World()


@pytest.fixture
def heard(broker):
    """What is published on the live channels from now on."""
    with broker.pubsub() as subscription:
        subscription.psubscribe(live.CHANNELS)
        while subscription.get_message(timeout=1) is None:
            pass

        def collect() -> list[tuple[str, dict]]:
            found = []
            while message := subscription.get_message(timeout=0.2):
                found.append((message["channel"].decode(), json.loads(message["data"])))
            return found

        yield collect


def request_of(user, path: str = "/events/ta-lung/", **headers):
    request = RequestFactory().get(path, headers=headers)
    request.user = user
    return request


def test_a_move_is_told_at_its_gate_and_to_its_organisation(world, heard, django_capture_on_commit_callbacks):
    trip = world.submit().trips.get()
    with django_capture_on_commit_callbacks(execute=True):
        world.see(trip, "B2", "in")
    expected = {
        "kind": "arrival",
        "gate": world.gate.pk,
        "places": ["B2"],
        "trip": trip.pk,
        "declaration": trip.declaration_id,
        "move": "record_passage",
    }
    assert sorted(heard(), key=itemgetter(0)) == sorted(
        [
            (live.gate_channel(world.gate.pk), expected),
            (live.organisation_channel(trip.declaration.organisation_id), expected),
        ],
        key=itemgetter(0),
    )


def test_a_message_holds_no_plate_and_no_name(world, heard, django_capture_on_commit_callbacks):
    trip = world.submit().trips.get()
    with django_capture_on_commit_callbacks(execute=True):
        world.enter(trip, "B2")
    told = json.dumps(heard())
    assert "confirm" in told
    assert trip.plate not in told
    assert trip.driver_name not in told


def test_redis_down_does_not_fail_the_move_and_is_logged_once(
    world, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    nowhere = redis.Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    monkeypatch.setattr(live, "_client", lambda: nowhere)
    trip = world.submit().trips.get()
    with caplog.at_level(logging.WARNING, "checkpoints.live"), django_capture_on_commit_callbacks(execute=True):
        world.enter(trip, "B2")
    assert Trip.objects.get(pk=trip.pk).state == "under_way"
    assert [record.message for record in caplog.records] == ["live pages were not told of a move: ConnectionError"]


@pytest.mark.parametrize("who", ["customs", "yard_operator", "zone_authority", "fee_centre"])
def test_people_of_the_gate_may_listen(world, who):
    assert events._gate_watched(request_of(world.officer(who)), "ta-lung") == world.gate.pk


def test_others_may_not_listen_and_learn_nothing(world):
    make_gate("tra-linh", "Trà Lĩnh")
    officer = world.officer("customs")
    for user, code in ((world.trader, "ta-lung"), (AnonymousUser(), "ta-lung"), (officer, "tra-linh"), (officer, "x")):
        assert events._gate_watched(request_of(user), code) is None


def test_a_declarant_listens_to_own_organisations_only(world):
    own = world.trader.memberships.get().organisation_id
    assert events._own_organisations(request_of(world.trader)) == {own}
    assert events._own_organisations(request_of(world.officer("customs"))) == set()


def test_an_arrival_sounds_only_at_its_place():
    arrival = {"kind": "arrival", "places": ["B2"]}
    assert events._heard_at("B2", arrival)["kind"] == "arrival"
    assert events._heard_at("", arrival)["kind"] == "arrival"
    assert events._heard_at("B1", arrival)["kind"] == "move"


def in_a_thread_of_its_own(coroutine):
    """Playwright, once started, keeps an event loop in the main thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def run(coroutine):
    return in_a_thread_of_its_own(asyncio.wait_for(coroutine, 20))


async def _next(stream, kind: str) -> dict:
    while True:
        event = await anext(stream)
        if "data: {" in event:
            message = json.loads(event.partition("data: ")[2])
            if message["kind"] == kind:
                return message


async def _open(channels, **options):
    stream = events._messages(channels, **{"place": "", "came_back": False} | options)
    assert "event: beat" in await anext(stream)
    return stream


async def _subscriptions(client: redis.asyncio.Redis) -> int:
    """How many patterns are listened to from this test run's number in Redis; other workers have others."""
    own = client.connection_pool.connection_kwargs.get("db", 0)
    return sum(int(other["psub"]) for other in await client.client_list() if int(other["db"]) == own)


async def _subscribed() -> None:
    async with redis.asyncio.Redis.from_url(settings.REDIS_URL) as client:
        while not await _subscriptions(client):
            await asyncio.sleep(0.02)


def test_one_subscription_serves_all_pages_of_a_process(broker):
    async def scene():
        first, second, other = [
            await _open([live.gate_channel(1)]),
            await _open([live.gate_channel(1)]),
            await _open([live.gate_channel(2)]),
        ]
        waiting = [asyncio.ensure_future(_next(stream, "move")) for stream in (first, second, other)]
        await _subscribed()
        async with redis.asyncio.Redis.from_url(settings.REDIS_URL) as client:
            assert await _subscriptions(client) == 1
            await client.publish(live.gate_channel(1), json.dumps({"kind": "move", "places": [], "trip": 7}))
        assert [(await each)["trip"] for each in waiting[:2]] == [7, 7]
        assert not waiting[2].done()
        waiting[2].cancel()
        await asyncio.gather(waiting[2], return_exceptions=True)
        shared = events.hub()
        for stream in (first, second, other):
            await stream.aclose()
        assert not shared.pages
        await asyncio.gather(shared.reader, return_exceptions=True)

    run(scene())


def test_a_page_that_came_back_is_told_to_catch_up(broker):
    async def scene():
        stream = await _open([live.gate_channel(1)], came_back=True)
        assert await _next(stream, "catch-up") == {"kind": "catch-up"}
        await stream.aclose()

    run(scene())


def test_a_quiet_line_beats(broker, monkeypatch):
    monkeypatch.setattr(events, "BEAT_SECONDS", 0.05)

    async def scene():
        stream = await _open([live.gate_channel(1)])
        assert await anext(stream) == "event: beat\ndata: 1\n\n"
        await stream.aclose()

    run(scene())


def test_a_page_too_slow_to_follow_is_told_to_catch_up():
    async def scene():
        queue = asyncio.Queue(2)
        for trip in range(3):
            events._put(queue, {"kind": "move", "trip": trip})
        assert [queue.get_nowait() for _ in range(queue.qsize())] == [events.CATCH_UP]

    run(scene())


def _break_own(broker: redis.Redis) -> None:
    """End the subscriptions of this test run's number; those of other workers are left alone."""
    own = broker.connection_pool.connection_kwargs.get("db", 0)
    for other in broker.client_list(_type="pubsub"):
        if int(other["db"]) == own:
            broker.client_kill_filter(_id=other["id"])


def test_a_subscription_that_broke_comes_back_and_pages_catch_up(broker, caplog):
    async def scene():
        stream = await _open([live.gate_channel(1)])
        told = asyncio.ensure_future(_next(stream, "catch-up"))
        await _subscribed()
        await sync_to_async(_break_own)(broker)
        assert await told == {"kind": "catch-up"}
        await stream.aclose()

    with caplog.at_level(logging.WARNING, "checkpoints.events"):
        run(scene())


def test_the_stream_answers_through_the_whole_stack(transactional_db, broker):
    world = World(gate=make_gate())
    officer = make_officer("customs", world.gate)

    async def scene():
        client = AsyncClient()
        await client.aforce_login(officer)
        assert (await client.get("/events/nowhere/")).status_code == 404
        response = await client.get("/events/ta-lung/?place=B2")
        assert response["Content-Type"] == "text/event-stream"
        stream = response.streaming_content
        assert "event: beat" in (await anext(stream)).decode()
        trip = await sync_to_async(lambda: world.submit().trips.get())()
        waiting = asyncio.ensure_future(anext(stream))
        await _subscribed()
        await sync_to_async(world.see)(trip, "B2", "in")
        heard = b""
        while b'"arrival"' not in heard:
            heard = await waiting
            waiting = asyncio.ensure_future(anext(stream))
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await stream.aclose()
        await sync_to_async(connections.close_all)()

    run(scene())


def test_a_page_that_comes_while_the_last_one_goes_has_a_reader_of_its_own():
    async def come_and_go():
        shared = events.Hub()
        queue = shared.join([live.gate_channel(1)])
        await asyncio.sleep(0)
        leaving = shared.reader
        shared.leave([live.gate_channel(1)], queue)
        queue = shared.join([live.gate_channel(1)])
        staying = shared.reader
        await asyncio.wait([leaving], timeout=5)
        alive = leaving.done() and not staying.done()
        shared.leave([live.gate_channel(1)], queue)
        await asyncio.wait([staying], timeout=5)
        return alive

    assert in_a_thread_of_its_own(come_and_go())
