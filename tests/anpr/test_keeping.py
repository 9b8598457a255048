"""Evidence stays, the rest goes after a set time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from anpr.keeping import clear_frames
from anpr.models import Camera, Reading
from anpr.settling import dismiss, settle_by_hand
from tests.anpr.frames import make_camera, plate, seen
from tests.world import fresh, make_officer, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def camera(world) -> Camera:
    return make_camera(world.lane("B2", "in"))[0]


def grow_old(days: float) -> None:
    for reading in Reading.objects.all():
        Reading.objects.filter(pk=reading.pk).update(taken_at=reading.taken_at - timedelta(days=days))


def kept() -> set[int]:
    """The readings whose picture is there, as file and by name."""
    return {
        reading.pk for reading in Reading.objects.exclude(image="") if reading.image.storage.exists(reading.image.name)
    }


def ago(seconds: float):
    return timezone.now() - timedelta(seconds=seconds)


def test_of_a_passage_the_first_and_the_best_frame_of_each_camera_stay(world, camera):
    world.submit("export", [vehicle("11C12345")])
    rear = make_camera(world.lane("B2", "in"))[0]
    first = seen(camera, plate("11C12345", 0.9, width=60), taken_at=ago(20))
    poor = seen(camera, plate("11C12345", 0.4, width=50), taken_at=ago(15))
    best = seen(camera, plate("11C12345", 0.99), taken_at=ago(10))
    behind = seen(rear, plate("11C12345", 0.9), taken_at=ago(5))
    grow_old(31)
    assert clear_frames() == (1, 0)
    assert kept() == {first.pk, best.pk, behind.pk}
    assert (fresh(poor).image.name, fresh(poor).passage) == ("", first.passage)
    assert clear_frames() == (0, 0)


def test_what_an_officer_settled_stays_and_what_was_dismissed_or_nobody_asked_about_goes(world, camera):
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    guard = world.officer("border_guard")
    settled = seen(camera, plate("98C55555"), taken_at=ago(60))
    settle_by_hand(reading=settled, trip=trip, actor=guard, text="")
    dismissed = seen(camera, plate("29H77777"), taken_at=ago(40))
    dismiss(reading=dismissed, actor=guard, reason="xe con")
    seen(camera, plate("12C88888"), taken_at=ago(20))
    grow_old(31)
    assert clear_frames() == (2, 0)
    assert kept() == {settled.pk}


def test_nothing_is_deleted_before_its_time(world, camera, settings):
    seen(camera, plate("12C88888"))
    grow_old(29)
    assert clear_frames() == (0, 0)
    settings.FRAMES_KEPT_DAYS = 7
    assert clear_frames() == (1, 0)


def test_blank_frames_of_a_watched_camera_go_after_a_day_with_their_rows(world, camera):
    other = make_camera(world.lane("B1", "in"))[0]
    Camera.objects.filter(pk=camera.pk).update(source="/srv/films")
    watched = [seen(camera, taken_at=ago(each)) for each in (30, 20, 10)]
    sent, plain = seen(other, taken_at=ago(5)), seen(camera, plate("12C88888"), taken_at=ago(1))
    assert watched[1].same_as == watched[0]
    grow_old(2)
    Reading.objects.filter(pk=plain.pk).update(text="12C88888")
    assert clear_frames() == (0, 3)
    assert set(Reading.objects.all()) == {sent, plain}
    assert kept() == {sent.pk, plain.pk}


def test_a_picture_that_is_gone_is_not_found(world, camera, client):
    reading = seen(camera, plate("12C88888"))
    grow_old(31)
    clear_frames()
    client.force_login(make_officer("customs", world.gate))
    assert client.get(f"/readings/{reading.pk}/frame/").status_code == 404
    assert client.get(f"/readings/{reading.pk}/crop/").status_code == 404
