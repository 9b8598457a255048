"""How a camera did on a day, and what officers settled as a training set."""

import csv
import stat
from datetime import timedelta

import cv2
import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from anpr.days import camera_day
from anpr.models import Camera, Reading, Sample
from anpr.samples import export_samples
from anpr.settling import dismiss, settle_by_hand
from tests.anpr.frames import make_camera, picture, plate, seen
from tests.anpr.test_views import queries_of, signed_in
from tests.world import make_gate, make_officer, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def camera(world) -> Camera:
    return make_camera(world.lane("B2", "in"))[0]


@pytest.fixture
def a_day(world, camera) -> Camera:
    """One truck read at once, one misread but found, one settled by hand, one dismissed, one that waits."""
    plates = ("11C12345", "12C55555", "14C77777")
    trips = dict(
        zip(plates, world.submit("export", [vehicle(text) for text in plates]).trips.order_by("pk"), strict=True)
    )
    guard = world.officer("border_guard")
    seen(camera, plate("11C12345"))
    seen(camera, plate("11C12345", 0.99))
    seen(camera, plate("12C5S555", 0.8))
    by_hand = seen(camera, plate("29H11111", 0.6, at=(12, 14), width=40))
    settle_by_hand(reading=by_hand, trip=trips["14C77777"], actor=guard, text="14C-777.77")
    dismiss(reading=seen(camera, plate("30A00000")), actor=guard, reason="xe con")
    seen(camera, plate("98C88888"))
    return camera


def test_the_figures_of_a_day(a_day):
    day = camera_day(a_day, timezone.localdate())
    assert (day.frames, day.passages, day.at_once, day.by_hand) == (6, 3, 2, 1)
    assert (day.misread, day.dismissed, day.waiting, day.disputed) == (2, 1, 1, 0)
    assert (day.at_once_share, day.misread_share) == (67, 67)
    assert [(vehicle.reading.text, vehicle.declared) for vehicle in day.worst] == [
        ("12C5S555", "12C55555"),
        ("29H11111", "14C77777"),
        ("98C88888", ""),
        ("11C12345", "11C12345"),
    ]


def test_a_day_without_anything(camera):
    day = camera_day(camera, timezone.localdate() - timedelta(days=1))
    assert (day.frames, day.passages, day.at_once_share, day.worst) == (0, 0, None, [])


def test_a_chinese_plate_without_its_province_is_read_right(world):
    entering = make_camera(world.lane("B1", "in"))[0]
    world.submit("import", [vehicle("桂F12345")])
    seen(entering, plate("F12345"))
    assert camera_day(entering, timezone.localdate()).misread == 0


def test_the_page_shows_the_day_to_who_watches_the_lane(a_day, world):
    address = f"/cameras/{a_day.code}/"
    page = signed_in(world.officer("customs")).get(address)
    words = page.content.decode()
    assert page.status_code == 200
    assert page.context["day"].passages == 3
    assert "đọc sai biển" in words
    assert f"/readings/{Reading.objects.get(text='12C5S555').pk}/frame/" in words
    strangers = [make_officer("customs", make_gate("tra-linh", "Trà Lĩnh")), world.trader]
    assert [signed_in(person).get(address).status_code for person in strangers] == [404, 404]
    assert Client().get(address).status_code == 302
    assert signed_in(world.officer("customs")).get("/cameras/nobody/").status_code == 404


@pytest.mark.parametrize("asked", ["nonsense", "0001-01-01", "9999-12-31", "2026-11-31", ""])
def test_a_day_that_is_none_shows_one_that_is(camera, world, asked):
    assert signed_in(world.officer("customs")).get(f"/cameras/{camera.code}/?day={asked}").status_code == 200


def test_the_page_asks_the_same_number_of_queries_for_many_vehicles(world, camera):
    client = signed_in(world.officer("customs"))
    plates = [f"12C{10_000 + 137 * number}" for number in range(30)]
    world.submit("export", [vehicle(text) for text in plates])
    for text in plates[:3]:
        seen(camera, plate(text))
    few = queries_of(client, f"/cameras/{camera.code}/")
    for text in plates[3:]:
        seen(camera, plate(text))
    assert queries_of(client, f"/cameras/{camera.code}/") == few
    assert few <= 12


def test_settled_plates_become_a_training_set(a_day, tmp_path, capsys):
    call_command("export_samples", str(tmp_path / "set"))
    assert "1 frames and 1 plates" in capsys.readouterr().out
    reading = Sample.objects.get().reading
    (scene,) = csv.DictReader((tmp_path / "set" / "scenes.csv").read_text().splitlines())
    (crop,) = csv.DictReader((tmp_path / "set" / "crops.csv").read_text().splitlines())
    assert (scene["plate"], scene["nation"], scene["lines"], scene["colour"]) == ("14C77777", "VN", "1", "white")
    assert [float(scene[name]) for name in ("x0", "y0", "x1", "y1")] == [12.0, 14.0, 52.0, 24.0]
    assert scene["note"] == "read 29H11111 at 0.60"
    assert (tmp_path / "set" / scene["file"]).read_bytes() == picture()
    assert (crop["plate"], crop["file"]) == ("14C77777", f"crops/{reading.pk}.png")
    cut = cv2.imread(str(tmp_path / "set" / crop["file"]))
    assert cut.shape[1::-1] == (int(crop["w"]), int(crop["h"]))
    assert stat.S_IMODE((tmp_path / "set").stat().st_mode) == 0o700


def test_only_frames_in_which_the_plate_was_found_are_taken_the_best_first(world, camera, tmp_path):
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    at = timezone.now()
    blank = seen(camera, taken_at=at - timedelta(seconds=60))
    frames = [
        seen(camera, plate("11C1", width=20 + number), plate("98C99999"), taken_at=at - timedelta(seconds=50 - number))
        for number in range(5)
    ]
    head = frames[0].same_as or frames[0]
    settle_by_hand(reading=head, trip=trip, actor=world.officer("customs"), text="")
    settle_by_hand(reading=blank, trip=trip, actor=world.officer("customs"), text="")
    scenes, crops = export_samples(tmp_path / "set")
    assert scenes == crops <= 3


def test_since_and_camera_narrow_the_set(a_day, tmp_path):
    assert export_samples(tmp_path / "a", since=timezone.now() + timedelta(days=1)) == (0, 0)
    assert export_samples(tmp_path / "b", camera="another") == (0, 0)
    assert export_samples(tmp_path / "c", camera=a_day.code) == (1, 1)


def test_a_picture_that_is_gone_or_broken_is_left_out(a_day, tmp_path):
    image = Sample.objects.get().reading.image
    image.storage.delete(image.name)
    assert export_samples(tmp_path / "a") == (0, 0)
    image.storage.save(image.name, ContentFile(b"garbage"))
    assert export_samples(tmp_path / "b") == (0, 0)


def test_the_command_refuses_a_folder_that_holds_something(a_day, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CommandError):
        call_command("export_samples", str(tmp_path))
    with pytest.raises(CommandError):
        call_command("export_samples", str(tmp_path / "a"), camera="nobody")
    assert (tmp_path / "mine.txt").read_text() == "mine"
