"""The cameras' pages, and pictures that only some may see."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from anpr.models import Reading, Sample
from anpr.settling import dismiss
from tests.anpr.frames import make_camera, picture, plate, seen, stored
from tests.world import World, fresh, make_gate, make_officer, make_trader, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def camera(world):
    return make_camera(world.lane("B2", "in"))[0]


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def guard(world) -> Client:
    return signed_in(world.officer("border_guard"))


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_a_console_asks_for_no_picture_and_no_page_that_its_reader_may_not_see(world, camera, guard):
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    own = seen(camera, plate("11C12345"))
    seen(camera, plate("29H99999"))
    overseer = signed_in(make_officer("industry_trade", gate=None))
    for reader, shown in ((guard, True), (overseer, False)):
        page = reader.get(f"/console/ta-lung/B2/{trip.pk}/").content.decode()
        assert (f"/readings/{own.pk}/frame/" in page, f"/readings/{own.pk}/crop/" in page) == (shown, shown)
        assert "Camera đọc" in page
        unknown = reader.get("/console/ta-lung/B2/unsettled/").content.decode()
        assert "1 biển chưa rõ" in unknown
        assert ("/plates/" in unknown) == shown


def test_the_list_shows_what_waits_with_the_likeliest_trips_in_order(world, camera, guard):
    near = world.submit("export", [vehicle("11C12346")]).trips.get()
    far = world.submit("export", [vehicle("11C92346")]).trips.get()
    reading = seen(camera, plate("11C12345"))
    page = guard.get("/plates/")
    assert [row.pk for row in page.context["readings"]] == [reading.pk]
    assert [choice.trip for choice in page.context["choices"]] == [near, far]
    words = page.content.decode()
    assert f"/readings/{reading.pk}/frame/" in words
    assert f"/readings/{reading.pk}/crop/" in words
    assert f"/plates/{reading.pk}/settle/" in words
    assert "97%" in words
    part = guard.get("/plates/?part=list").content.decode()
    assert "11C-123.45" in part
    assert "<html" not in part


def test_two_trips_of_one_plate_are_told_apart_by_their_declarations(world, camera, guard):
    trips = [world.submit("export", [vehicle("11C12345")]).trips.get() for _ in range(2)]
    seen(camera, plate("11C12345"))
    words = guard.get("/plates/").content.decode()
    assert all(trip.declaration.code in words for trip in trips)


def test_one_click_settles_and_shows_the_next(world, camera, guard):
    trip = world.submit("export", [vehicle("11C12346")]).trips.get()
    reading = seen(camera, plate("11C12345"))
    waiting = seen(camera, plate("98C55555"))
    answer = guard.post(f"/plates/{reading.pk}/settle/", {"trip": trip.pk, "plate": "11C12346"}, follow=True)
    assert answer.context["reading"] == waiting
    assert "Đã ghi nhận xe 11C-123.46." in answer.content.decode()
    assert (fresh(reading).settled_how, fresh(reading).passage.trip) == ("by_hand", trip)
    assert Sample.objects.get().text == "11C12346"


def test_a_typed_plate_settles_where_one_trip_has_it(world, camera, guard):
    world.submit("import", [vehicle("桂F12345")])
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    reading = seen(camera)
    guard.post(f"/plates/{reading.pk}/settle/", {"plate": "11c 123.45"})
    assert fresh(reading).passage.trip == trip


def test_a_typed_plate_without_its_province_is_found(world, camera):
    trip = world.submit("import", [vehicle("桂F12345")]).trips.get()
    entering = make_camera(world.lane("B1", "in"))[0]
    reading = seen(entering, plate("98C55555"))
    signed_in(world.officer("customs")).post(f"/plates/{reading.pk}/settle/", {"plate": "f12345"})
    assert (fresh(reading).passage.trip, Sample.objects.get().text) == (trip, "F12345")


@pytest.mark.parametrize(("typed", "offered"), [("11C12349", ["11C12345"]), ("11C12345", ["11C12345"] * 2), ("", [])])
def test_a_typed_plate_of_no_trip_or_of_two_offers_the_likest(world, camera, guard, typed, offered):
    world.submit("export", [vehicle("11C12345")])
    if len(offered) == 2:
        world.submit("export", [vehicle("11C12345")])
    reading = seen(camera)
    answer = guard.post(f"/plates/{reading.pk}/settle/", {"plate": typed}, follow=True)
    assert [choice.trip.plate for choice in answer.context["choices"]] == offered
    assert fresh(reading).settled_at is None


def test_a_trip_of_another_gate_is_not_taken(world, camera, guard):
    other = World(gate=make_gate("tra-linh", "Trà Lĩnh")).submit("export").trips.get()
    reading = seen(camera)
    guard.post(f"/plates/{reading.pk}/settle/", {"trip": other.pk})
    assert fresh(reading).settled_at is None


def test_dismissing_asks_for_a_reason(world, camera, guard):
    reading = seen(camera)
    answer = guard.post(f"/plates/{reading.pk}/dismiss/", {"reason": ""}, follow=True)
    assert "Hãy ghi lý do." in answer.content.decode()
    guard.post(f"/plates/{reading.pk}/dismiss/", {"reason": "ảnh không có xe"})
    assert fresh(reading).dismissal == "ảnh không có xe"


def test_what_was_settled_meanwhile_is_told_and_not_done_twice(world, camera, guard):
    trip = world.submit("export").trips.get()
    reading = seen(camera)
    dismiss(reading=reading, actor=world.officer("customs"), reason="ảnh không có xe")
    answer = guard.post(f"/plates/{reading.pk}/settle/", {"trip": trip.pk}, follow=True)
    assert "Ảnh này đã được xử lý." in answer.content.decode()
    assert not Sample.objects.exists()


def test_an_overseer_sees_and_does_not_settle(world, camera):
    trip = world.submit("export", [vehicle("11C12346")]).trips.get()
    reading = seen(camera, plate("11C12345"))
    client = signed_in(world.officer("zone_authority"))
    assert client.get("/plates/").context["may_settle"] is False
    answer = client.post(f"/plates/{reading.pk}/settle/", {"trip": trip.pk}, follow=True)
    assert "không có quyền" in answer.content.decode()
    assert fresh(reading).settled_at is None


def test_a_yards_operator_sees_that_yards_plates_alone(world, camera):
    yard = make_camera(world.lane("yard", "in"))[0]
    seen(camera, plate("11C12345"))
    reading = seen(yard, plate("98C55555"))
    page = signed_in(world.officer("yard_operator")).get("/plates/")
    assert [row.pk for row in page.context["readings"]] == [reading.pk]


@pytest.mark.parametrize("name", ["unsettled", "cameras", "test"])
def test_pages_are_for_people_of_a_gate(world, camera, name):
    address = reverse(f"anpr:{name}")
    assert Client().get(address).status_code == 302
    assert signed_in(world.trader).get(address).status_code == 403
    assert signed_in(world.officer("fee_centre")).get(address).status_code == 403
    assert signed_in(world.officer("customs")).get(address).status_code == 200


@pytest.mark.parametrize("kind", ["frame", "crop"])
def test_pictures_are_for_the_gate_and_for_the_owner_of_the_trip(world, camera, kind):
    world.submit("export", [vehicle("11C12345")])
    reading = seen(camera, plate("11C12345"))
    address = reverse(f"anpr:{kind}", args=[reading.pk])
    assert Client().get(address).status_code == 302
    allowed = [world.officer("customs"), world.officer("zone_authority"), world.trader]
    refused = [
        make_officer("customs", make_gate("tra-linh", "Trà Lĩnh")),
        make_trader("Công ty khác"),
        world.officer("fee_centre"),
        world.officer("yard_operator"),
    ]
    for person in allowed:
        answer = signed_in(person).get(address)
        assert (answer.status_code, answer["Content-Type"], answer.content[:2]) == (200, "image/jpeg", b"\xff\xd8")
        assert "private" in answer["Cache-Control"]
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert [signed_in(person).get(address).status_code for person in refused] == [404] * 4


def test_an_unmatched_picture_is_no_traders(world, camera):
    world.submit("export", [vehicle("11C12345")])
    reading = seen(camera, plate("98C55555"))
    assert signed_in(world.trader).get(reverse("anpr:frame", args=[reading.pk])).status_code == 404


def test_a_picture_has_no_address_of_its_own(world, camera, guard):
    reading = seen(camera, plate("98C55555"))
    assert guard.get(f"/media/{reading.image.name}").status_code == 404
    reading.image.storage.delete(reading.image.name)
    for kind in ("frame", "crop"):
        assert guard.get(reverse(f"anpr:{kind}", args=[reading.pk])).status_code == 404


def test_a_frame_without_a_plate_has_no_crop(world, camera, guard):
    reading = seen(camera)
    assert guard.get(reverse("anpr:crop", args=[reading.pk])).status_code == 404
    unread = stored(camera)
    assert guard.get(reverse("anpr:frame", args=[unread.pk])).content == picture()


def test_the_state_of_each_camera_counts_todays_passages(world, camera, guard):
    plates = ["11C12345", "11C23456", "11C34567"]
    trips = [world.submit("export", [vehicle(text)]).trips.get() for text in plates]
    for text in (*plates[:2], plates[0]):
        seen(camera, plate(text))
    wrong = seen(camera, plate("98C55555"))
    guard.post(f"/plates/{wrong.pk}/settle/", {"trip": trips[2].pk})
    seen(camera, plate("98C66666"))
    dismiss(reading=seen(camera), actor=world.officer("customs"), reason="ảnh không có xe")
    (row,) = guard.get("/cameras/").context["cameras"]
    assert (row.frames, row.passages, row.at_once, row.by_hand, row.dismissed, row.waiting) == (6, 3, 2, 1, 1, 1)
    assert row.is_silent is False


def test_pages_ask_the_same_number_of_queries_for_three_and_for_thirty(world, camera, guard):
    for number in range(3):
        seen(camera, plate(f"98C{number}{number}{number}11"))
        make_camera(world.lane("B1", "in"))
    world.submit("export", [vehicle(f"98C1{number:04}") for number in range(3)])
    few = [queries_of(guard, address) for address in ("/plates/", "/cameras/")]
    for number in range(27):
        seen(camera, plate(f"12C{number:02}{(number * 37) % 1000:03}"))
        make_camera(world.lane("B1", "in"))
    world.submit("export", [vehicle(f"98H1{number:04}") for number in range(27)])
    many = [queries_of(guard, address) for address in ("/plates/", "/cameras/")]
    assert few == many
    assert max(many) <= 12
    assert Reading.objects.unsettled().count() >= 20


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (b"", "Ảnh trống."),
        (b"not a picture", "Tệp không phải ảnh"),
        (picture(12_000, 10), "Ảnh rộng hoặc cao quá"),
        (picture() + bytes(13 * 1024 * 1024), "Ảnh lớn quá 12 MB."),
        (None, "bắt buộc"),
    ],
    ids=["empty", "words", "wide", "13MB", "absent"],
)
def test_a_trial_tells_what_is_wrong_with_the_picture(guard, image, words):
    data = {} if image is None else {"image": SimpleUploadedFile("a.jpg", image, "image/jpeg")}
    answer = guard.post("/cameras/test/", data)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_trial_without_a_worker_says_so_and_keeps_nothing(guard, broker, monkeypatch):
    monkeypatch.setattr("anpr.trial.ANSWER_SECONDS", 1)
    answer = guard.post("/cameras/test/", {"image": SimpleUploadedFile("a.jpg", picture(), "image/jpeg")})
    assert "Chưa có máy đọc biển nào trả lời" in answer.content.decode()
    assert not Reading.objects.exists()
