"""Cameras watched by the platform: their frames kept, their lines told, their blank frames asked nobody about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import cv2
import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from anpr.capture.watch import Link
from anpr.intake import EventRefused
from anpr.models import Camera, Reading
from anpr.services import read_stored
from anpr.watching import MOST_UNREAD, addresses, keep_frame, tell_links
from cuakhauso.metrics import registry
from tests.anpr.frames import make_camera, picture, plate, seen
from tests.anpr.test_capture import road
from tests.world import fresh, vehicle

pytestmark = pytest.mark.django_db
PATIENCE = 60


@pytest.fixture
def camera(world) -> Camera:
    camera, _key = make_camera(world.lane("B2", "in"))
    camera.source = "rtsp://view:${CAMERA_B2}@10.0.0.8/1"
    camera.save()
    return camera


def keep(camera: Camera, at: datetime | None = None) -> Reading | None:
    return keep_frame(camera.code, picture(), at or timezone.now())


def test_active_cameras_with_a_source_are_watched(world, camera):
    other, _key = make_camera(world.lane("B1", "in"))
    assert addresses() == {camera.code: camera.source}
    assert addresses([other.code]) == {}
    Camera.objects.filter(pk=camera.pk).update(active=False)
    assert addresses() == {}


def test_a_frame_is_kept_as_if_the_camera_had_sent_it(world, camera):
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    reading = keep(camera)
    read_stored(reading.pk, read=lambda data: [plate("11C12345")])
    assert fresh(reading).passage.trip == trip
    assert fresh(camera).last_seen_at is not None


def test_the_same_moment_is_kept_once(camera):
    at = timezone.now()
    assert keep(camera, at) is not None
    assert keep(camera, at) is None
    assert keep_frame(camera.code, picture(65), at) is None
    assert Reading.objects.count() == 1


def test_frames_are_left_out_while_too_many_wait(camera):
    kept = [keep(camera, timezone.now() - timedelta(seconds=number)) for number in range(MOST_UNREAD + 2)]
    assert [reading is not None for reading in kept] == [True] * MOST_UNREAD + [False] * 2
    read_stored(kept[0].pk, read=lambda data: [])
    assert keep(camera) is not None


def test_a_frame_of_the_future_is_refused(camera):
    with pytest.raises(EventRefused):
        keep(camera, timezone.now() + timedelta(hours=1))


def test_a_watched_cameras_frame_without_a_plate_is_asked_nobody_about(world, camera):
    seen(camera)
    assert not Reading.objects.unsettled().exists()
    unknown = seen(camera, plate("98C55555"))
    other, _key = make_camera(world.lane("B1", "in"))
    blank = seen(other)
    assert set(Reading.objects.unsettled()) == {unknown, blank}


def test_lines_are_told_and_grow_old(camera):
    link = Link(state="lost", error="no frame for a while")
    assert fresh(camera).link_now == "unwatched"
    tell_links({camera.code: link, "gone": link})
    told = fresh(camera)
    assert (told.link_now, told.link_error, told.link_since) == ("lost", "no frame for a while", link.since)
    assert (told.link_words, told.frame_at) == ("mất hình", None)
    tell_links({camera.code: replace(link, state="live", error="", frame_at=datetime.now(UTC))})
    assert (fresh(camera).link_now, fresh(camera).link_error) == ("live", "")
    Camera.objects.update(link_told_at=timezone.now() - timedelta(minutes=2))
    assert fresh(camera).link_words == "không có máy theo dõi"


def test_a_camera_that_sends_its_frames_itself_has_no_line(world):
    camera, _key = make_camera(world.lane("B1", "in"))
    assert (camera.link_now, camera.link_words) == ("", "")


@pytest.mark.parametrize(
    ("source", "may"), [("rtsp://a:b@host/1", False), ("rtsp://a:${B}@host/1", True), ("/srv", True)]
)
def test_no_password_is_kept_in_the_database(camera, source, may):
    camera.source = source
    if may:
        camera.full_clean()
        return
    with pytest.raises(ValidationError):
        camera.full_clean()


def test_monitors_see_which_cameras_give_pictures(camera, broker):
    tell_links({camera.code: Link(state="live")})
    assert registry.get_sample_value("cuakhauso_camera_up", {"camera": camera.code}) == 1
    tell_links({camera.code: Link(state="lost")})
    seen(camera)
    assert registry.get_sample_value("cuakhauso_camera_up", {"camera": camera.code}) == 0
    assert registry.get_sample_value("cuakhauso_camera_silent_seconds", {"camera": camera.code}) < 30


@pytest.mark.django_db(transaction=True)
def test_the_command_watches_a_folder_to_its_end(world, camera, broker, tmp_path, capsys):
    for number in range(4):
        cv2.imwrite(str(tmp_path / f"{number}.jpg"), road(40 * number))
    Camera.objects.filter(pk=camera.pk).update(source=str(tmp_path))
    call_command("watch_cameras", until_end=True, fast=True)
    assert "ended, 4 frames looked at, 4 passed on" in capsys.readouterr().out
    readings = list(Reading.objects.order_by("taken_at"))
    assert len(readings) == 4
    assert timezone.now() - readings[0].taken_at < timedelta(seconds=PATIENCE)
    assert broker.llen("readings") == 4
    assert fresh(camera).link_now == "ended"


def test_the_command_checks_that_a_watcher_is_at_work(camera):
    with pytest.raises(CommandError):
        call_command("watch_cameras", check=True)
    tell_links({camera.code: Link()})
    call_command("watch_cameras", check=True)
    with pytest.raises(CommandError):
        call_command("watch_cameras", camera=["nobody"])
