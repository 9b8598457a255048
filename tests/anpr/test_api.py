"""Events of cameras by HTTP, as interfaces.md promises them."""

import struct
import threading
import zlib
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.utils import timezone

from anpr.models import Camera, Reading
from anpr.services import read_stored
from tests.anpr.frames import broker_down, make_camera, picture, plate, seen
from tests.world import make_gate, make_officer, make_trader

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/camera-events/"


@pytest.fixture
def camera(world, broker) -> Camera:
    camera, camera.key = make_camera(world.lane("B2", "in"))
    return camera


def post(camera=None, *, image: bytes | None = None, key: str | None = None, authorization=None, client=None, **fields):
    headers = {"Idempotency-Key": str(uuid4()) if key is None else key}
    if authorization or camera:
        headers["Authorization"] = authorization or f"Camera {camera.key}"
    data = {"taken_at": timezone.now().isoformat()} | fields
    if image is not None:
        data["image"] = SimpleUploadedFile("a.jpg", image, "image/jpeg")
    data = {name: value for name, value in data.items() if value is not None}
    return (client or Client()).post(EVENTS, data, headers=headers)


def stored_files() -> list[str]:
    found, folders = [], ["frames"] if default_storage.exists("frames") else []
    while folders:
        folder = folders.pop()
        inner, files = default_storage.listdir(folder)
        folders += [f"{folder}/{name}" for name in inner]
        found += [f"{folder}/{name}" for name in files]
    return found


def test_a_new_event_is_stored_queued_and_answered_202(camera, broker, django_capture_on_commit_callbacks):
    frame = picture(640, 360)
    with django_capture_on_commit_callbacks(execute=True):
        answer = post(camera, image=frame, key="abc", plate="11c-123.45")
    reading = Reading.objects.get()
    assert answer.status_code == 202
    assert answer["Location"] == f"/api/v1/readings/{reading.pk}/"
    assert answer.json() == {"id": reading.pk, "url": answer["Location"]}
    assert (reading.camera, reading.idempotency_key, reading.camera_plate) == (camera, "abc", "11C12345")
    assert (reading.width, reading.height, reading.read_at) == (640, 360, None)
    with reading.image.open() as file:
        assert file.read() == frame
    assert reading.image.name.startswith(f"frames/{timezone.localtime():%Y/%m/%d}/{camera.pk}/")
    assert broker.llen("readings") == 1


def test_the_same_event_again_is_answered_200_and_stored_once(camera):
    frame, taken_at = picture(), timezone.now().isoformat()
    before = len(stored_files())
    first = post(camera, image=frame, key="abc", taken_at=taken_at)
    again = post(camera, image=frame, key="abc", taken_at=taken_at)
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json() == first.json()
    assert len(stored_files()) == before + 1


@pytest.mark.parametrize(
    "change", [{"image": picture(65)}, {"plate": "11C12345"}, {"taken_at": "2026-01-01T08:00:00Z"}]
)
def test_the_same_key_with_another_body_is_409(camera, change):
    event = {"image": picture(), "taken_at": timezone.now().isoformat()}
    post(camera, key="abc", **event)
    answer = post(camera, key="abc", **event | change)
    assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")
    assert Reading.objects.count() == 1


def test_two_cameras_may_use_the_same_key(camera, world):
    other, other.key = make_camera(world.lane("B1", "in"))
    assert [post(each, image=picture(), key="abc").status_code for each in (camera, other)] == [202, 202]


@pytest.mark.django_db(transaction=True)
def test_the_same_event_twice_in_parallel_is_stored_once(camera, broker):
    frame, taken_at, answers = picture(1280, 720), timezone.now().isoformat(), []
    before = len(stored_files())
    gate = threading.Barrier(6)

    def send() -> None:
        try:
            gate.wait()
            answers.append(post(camera, image=frame, key="abc", taken_at=taken_at))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [202]
    assert {answer.json()["id"] for answer in answers} == {Reading.objects.get().pk}
    assert len(stored_files()) == before + 1
    assert broker.llen("readings") == 1


def huge_png(width: int, height: int) -> bytes:
    """A PNG of these sizes whose few bytes hold no pixels: only its header tells."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("image", "status", "code"),
    [
        (b"", 400, "empty"),
        (b"not a picture at all", 400, "not_a_picture"),
        (picture()[:20], 400, "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 400, "not_a_picture"),
        (picture(kind="GIF"), 400, "not_a_picture"),
        (picture(12_000, 10), 400, "too_many_pixels"),
        (huge_png(9_000, 9_000), 400, "too_many_pixels"),
        (huge_png(60_000, 60_000), 400, "too_many_pixels"),
        (picture() + bytes(13 * 1024 * 1024), 413, "too_large"),
        (picture() + bytes(50 * 1024 * 1024), 413, "too_large"),
        (None, 400, "image_required"),
    ],
    ids=["empty", "words", "cut", "svg", "gif", "wide", "many", "bomb", "13MB", "50MB", "absent"],
)
def test_what_is_no_usable_picture_is_refused_and_nothing_kept(camera, image, status, code):
    before = len(stored_files())
    answer = post(camera, image=image)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]
    assert (Reading.objects.count(), len(stored_files())) == (0, before)


@pytest.mark.parametrize(
    ("taken_at", "code"),
    [
        (None, "taken_at_required"),
        ("", "taken_at_blank"),
        ("yesterday", "taken_at_invalid"),
        ("2026-11-22T14:05:00", "taken_at_invalid"),
        ("0001-01-01T00:00:00+14:00", "taken_at_invalid"),
        ("1970-01-01T00:00:00Z", "taken_at_invalid"),
        pytest.param((timezone.now() + timedelta(hours=1)).isoformat(), "in_the_future", id="in an hour"),
        ("9999-12-31T23:59:59-12:00", "in_the_future"),
    ],
)
def test_a_time_that_cannot_be_is_refused(camera, taken_at, code):
    answer = post(camera, image=picture(), taken_at=taken_at)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Reading.objects.exists()


@pytest.mark.parametrize("key", ["", " ", "x" * 101, "khóa"])
def test_the_idempotency_key_is_asked(camera, key):
    answer = post(camera, image=picture(), key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")


def test_what_is_neither_a_form_nor_json_is_refused(camera):
    answer = Client().post(
        EVENTS,
        "plate=11C12345",
        content_type="text/plain",
        headers={"Authorization": f"Camera {camera.key}", "Idempotency-Key": "a"},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "not_multipart")


@pytest.mark.parametrize(
    "authorization", ["", "Camera ", "Camera nobody", "Camera {prefix}wrong", "Bearer {key}", "Camera é"]
)
def test_an_unknown_camera_or_wrong_key_is_401(camera, authorization):
    given = authorization.format(prefix=camera.key[:8], key=camera.key)
    answer = post(image=picture(), authorization=given)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Camera")
    assert not Reading.objects.exists()


def test_a_retired_camera_and_an_old_key_are_401(camera):
    from anpr.services import new_key

    old = camera.key
    camera.key = new_key(camera)
    assert post(image=picture(), authorization=f"Camera {old}").status_code == 401
    assert post(camera, image=picture()).status_code == 202
    Camera.objects.update(active=False)
    assert post(camera, image=picture()).status_code == 401


def test_a_key_is_kept_as_its_hash_only(camera):
    row = Camera.objects.values().get()
    assert camera.key not in str(row)
    assert row["key_prefix"] == camera.key[:8]


def test_the_last_sign_of_life_is_written_sparingly(camera, django_assert_num_queries):
    post(camera, image=picture())
    first = Camera.objects.get().last_seen_at
    post(camera, image=picture())
    assert Camera.objects.get().last_seen_at == first
    Camera.objects.update(last_seen_at=first - timedelta(minutes=1))
    post(camera, image=picture())
    assert Camera.objects.get().last_seen_at > first


def test_an_event_costs_few_queries(camera, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        assert post(camera, image=picture()).status_code == 202


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_loses_nothing(camera):
    with broker_down():
        answer = post(camera, image=picture())
    assert answer.status_code == 202
    reading = Reading.objects.get()
    assert (reading.read_at, reading.attempts) == (None, 0)


def test_a_reading_is_shown_to_its_camera_and_to_people_of_the_gate(camera, world):
    trip = world.submit("export").trips.get()
    reading = seen(camera, plate("11C12345"))
    address = f"/api/v1/readings/{reading.pk}/"
    answer = Client().get(address, headers={"Authorization": f"Camera {camera.key}"})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["camera"], body["state"], body["settled"]) == (camera.code, "read", "matched")
    assert (body["text"], body["country"], body["trip"]) == ("11C12345", "VN", trip.pk)
    assert body["plates"][0]["corners"] == [[10, 10], [130, 10], [130, 40], [10, 40]]

    other, other.key = make_camera(world.lane("B1", "in"))
    assert Client().get(address, headers={"Authorization": f"Camera {other.key}"}).status_code == 404
    assert Client().get(address).status_code == 401
    people = {
        world.officer("customs"): 200,
        world.officer("zone_authority"): 200,
        world.trader: 200,
        make_officer("customs", make_gate("tra-linh", "Trà Lĩnh")): 404,
        make_trader("Công ty khác"): 404,
        world.officer("yard_operator"): 404,
    }
    for person, status in people.items():
        client = Client()
        client.force_login(person)
        assert client.get(address).status_code == status, person


def test_an_unread_event_says_queued(camera):
    answer = post(camera, image=picture())
    body = Client().get(answer["Location"], headers={"Authorization": f"Camera {camera.key}"}).json()
    assert (body["state"], body["text"], body["settled"], body["trip"]) == ("queued", "", None, None)
    read_stored(body["id"], read=lambda data: [])
    body = Client().get(answer["Location"], headers={"Authorization": f"Camera {camera.key}"}).json()
    assert (body["state"], body["settled"]) == ("read", None)


def test_the_schema_tells_of_both(client):
    schema = client.get("/api/schema/", headers={"Accept": "application/json"})
    text = schema.content.decode()
    assert schema.status_code == 200
    assert "/api/v1/camera-events/" in text
    assert "/api/v1/readings/{id}/" in text
    assert "Idempotency-Key" in text
