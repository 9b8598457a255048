"""A real Celery worker: an event becomes a passage, whatever dies on the way, and is read once."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from anpr.models import Reading
from anpr.synthetic.scenes import render_passage
from anpr.tasks import sweep
from checkpoints.models import Fact, Passage, TripStage
from tests.anpr.frames import broker_down, make_camera
from tests.world import World, vehicle

WEIGHTS = Path(__file__).parents[2] / "anpr" / "weights"
PATIENCE_SECONDS = 60

pytestmark = [
    pytest.mark.skipif(
        not all((WEIGHTS / name).exists() for name in ("detector.onnx", "reader.onnx")),
        reason="the trained weights are not in anpr/weights",
    ),
    pytest.mark.xdist_group("worker"),
]


@contextmanager
def worker(environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen]:
    """A worker for all queues, up and listening; killed at the end if it still lives."""
    celery = [sys.executable, "-m", "celery", "--app", "cuakhauso", "worker", "--pool", "solo"]
    options = ["--queues", "readings,default", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig=KILL", *celery, *options], env=environment, stdout=output, stderr=output
        )
    try:
        wait_for(lambda: b" ready." in log.read_bytes() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(holds: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def world(environment) -> World:
    return World()


@pytest.fixture
def entrance(world):
    """The camera before barrier 2, with its key."""
    camera, camera.key = make_camera(world.lane("B2", "in"))
    return camera


def post(camera, plate: str, key: str) -> Reading:
    answer = Client().post(
        "/api/v1/camera-events/",
        {
            "taken_at": timezone.now().isoformat(),
            "image": SimpleUploadedFile("a.jpg", render_passage(plate, seed=2), "image/jpeg"),
        },
        headers={"Authorization": f"Camera {camera.key}", "Idempotency-Key": key},
    )
    assert answer.status_code in (200, 202)
    return Reading.objects.get(pk=answer.json()["id"])


def is_read(reading: Reading) -> bool:
    return Reading.objects.filter(pk=reading.pk, read_at__isnull=False).exists()


def moments(trip) -> list[str]:
    return list(TripStage.objects.filter(trip=trip).order_by("position").values_list("moment", flat=True))


def test_events_are_read_and_open_stages_also_those_the_broker_never_had(world, entrance, environment, tmp_path):
    plates = ["11C12345", "12C67890"]
    first, second = (world.submit("export", [vehicle(plate)]).trips.get() for plate in plates)
    with worker(environment, tmp_path / "log"):
        reading = post(entrance, "11C12345", "one")
        wait_for(lambda: is_read(reading))
        reading.refresh_from_db()
        assert (reading.text, reading.settled_how, reading.passage.trip) == ("11C12345", "matched", first)
        assert moments(first) == ["declare", "enter"]

        with broker_down():
            lost = post(entrance, "12C67890", "two")
        assert not is_read(lost)
        Reading.objects.filter(pk=lost.pk).update(queued_at=lost.queued_at - timedelta(seconds=6))
        for _ in range(2):
            sweep.delay()
        wait_for(lambda: is_read(lost))
        lost.refresh_from_db()
        assert (lost.attempts, lost.passage.trip, moments(second)) == (1, second, ["declare", "enter"])


def test_a_worker_killed_in_the_middle_loses_nothing_and_doubles_nothing(world, entrance, environment, tmp_path):
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    held = connection.copy()
    held.set_autocommit(False)
    try:
        with worker(environment, tmp_path / "first") as process, held.cursor() as cursor:
            cursor.execute("SELECT 1 FROM declarations_trip WHERE id = %s FOR UPDATE", [trip.pk])
            reading = post(entrance, "11C12345", "one")
            wait_for(somebody_waits_for_a_lock)
            process.kill()
            process.wait()
    finally:
        held.rollback()
        held.close()
    reading.refresh_from_db()
    assert (reading.read_at, reading.attempts, reading.passage) == (None, 1, None)
    assert moments(trip) == ["declare"]

    Reading.objects.update(queued_at=reading.queued_at - timedelta(seconds=6))
    with worker(environment, tmp_path / "second"):
        sweep.delay()
        post_again = Reading.objects.get(idempotency_key="one")
        wait_for(lambda: is_read(post_again))
    reading.refresh_from_db()
    assert (reading.attempts, reading.passage.trip, moments(trip)) == (2, trip, ["declare", "enter"])
    assert Passage.objects.count() == 1
    assert Fact.objects.filter(move="record_passage").count() == 1


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0] > 0


def test_a_picture_is_tried_in_the_worker_and_not_kept(world, environment, tmp_path):
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    client = Client()
    client.force_login(world.officer("customs"))
    with worker(environment, tmp_path / "log"):
        frame = SimpleUploadedFile("a.jpg", render_passage("11C12345", seed=2), "image/jpeg")
        page = client.post("/cameras/test/", {"image": frame, "lane": world.lane("B2", "in").pk})
    assert page.status_code == 200
    assert page.context["winner"] == trip
    assert "11C12345" in {plate["text"] for plate in page.context["trial"].plates}
    assert page.context["trial"].milliseconds > 0
    assert moments(trip) == ["declare"]
    assert not Reading.objects.exists()
