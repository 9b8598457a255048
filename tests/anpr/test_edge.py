"""Events of cameras that read plates themselves: Hikvision's ISAPI, and plain JSON."""

import base64
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from anpr.edge import MOST_XML_BYTES, from_hikvision, told
from anpr.intake import EventRefused
from anpr.models import Camera, Reading
from anpr.services import read_stored
from tests.anpr.frames import make_camera, picture, plate
from tests.world import vehicle

pytestmark = pytest.mark.django_db
ISAPI = "/api/v1/camera-events/isapi/"
EVENTS = "/api/v1/camera-events/"
ALARM = """<?xml version="1.0" encoding="UTF-8"?>
<EventNotificationAlert version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">
<ipAddress>10.0.0.8</ipAddress><macAddress>aa:bb</macAddress><channelID>1</channelID>
<dateTime>{at}</dateTime><activePostCount>1</activePostCount>
<eventType>{kind}</eventType><eventState>active</eventState>
<ANPR><country>VNM</country><licensePlate>{plate}</licensePlate><line>1</line><direction>{direction}</direction>
<confidenceLevel>97</confidenceLevel><plateColor>yellow</plateColor>
<pictureInfoList><pictureInfo><fileName>detectionPicture.jpg</fileName></pictureInfo></pictureInfoList></ANPR>
<UUID>{uuid}</UUID>
</EventNotificationAlert>"""


@pytest.fixture
def camera(world, broker) -> Camera:
    camera, camera.key = make_camera(world.lane("B2", "in"))
    return camera


def alarm(**words: str) -> bytes:
    given = {
        "at": timezone.now().isoformat(),
        "kind": "ANPR",
        "plate": "11C12345",
        "direction": "forward",
        "uuid": str(uuid4()),
    }
    return ALARM.format(**(given | words)).encode()


def send(camera: Camera, xml: bytes, *, address: str = ISAPI, pictures: dict[str, bytes] | None = None, **headers: str):
    files = {"anpr.xml": SimpleUploadedFile("anpr.xml", xml, "application/xml")}
    given = {"detectionPicture.jpg": picture(640, 360)} if pictures is None else pictures
    for name, data in given.items():
        files[name] = SimpleUploadedFile(name, data, "image/jpeg")
    return Client().post(address, files, headers=headers or {"Authorization": f"Camera {camera.key}"})


def send_json(camera: Camera, *, key: str = "", **fields: Any):
    data = {"image": base64.b64encode(picture()).decode(), "taken_at": timezone.now().isoformat()} | fields
    data = {name: value for name, value in data.items() if value is not None}
    headers = {"Authorization": f"Camera {camera.key}", "Idempotency-Key": key or str(uuid4())}
    return Client().post(EVENTS, data, content_type="application/json", headers=headers)


def test_an_alarm_is_kept_with_the_cameras_own_reading(camera, broker, django_capture_on_commit_callbacks):
    crop, scene = picture(120, 40), picture(640, 360)
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(camera, alarm(), pictures={"licensePlatePicture.jpg": crop, "detectionPicture.jpg": scene})
    reading = Reading.objects.get()
    assert (answer.status_code, answer["Location"]) == (202, f"/api/v1/readings/{reading.pk}/")
    assert (reading.width, reading.height, reading.camera_plate) == (640, 360, "11C12345")
    assert reading.told == {"confidence": 0.97, "country": "VN", "colour": "yellow", "direction": "towards"}
    assert broker.llen("readings") == 1


def test_the_same_alarm_again_counts_once(camera):
    xml = alarm()
    assert [send(camera, xml).status_code for _ in range(2)] == [202, 200]
    assert Reading.objects.count() == 1


def test_our_own_reading_stands_beside_the_cameras(world, camera):
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    send(camera, alarm(plate="11C99999"))
    reading = read_stored(Reading.objects.get().pk, read=lambda data: [plate("11C12345")])
    assert (reading.passage.trip, reading.text, reading.camera_plate) == (trip, "11C12345", "11C99999")


def test_where_we_find_nothing_the_cameras_reading_is_taken(world, camera):
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    send(camera, alarm())
    assert read_stored(Reading.objects.get().pk, read=lambda data: []).passage.trip == trip


@pytest.mark.parametrize("kind", ["heartBeat", "VMD", "videoloss"])
def test_other_alarms_are_passed_by(camera, kind):
    assert send(camera, alarm(kind=kind), pictures={}).status_code == 204
    assert not Reading.objects.exists()


def test_an_alarm_as_bare_xml_is_taken_for_what_it_is(camera):
    headers = {"Authorization": f"Camera {camera.key}"}
    answers = [
        Client().post(ISAPI, xml, content_type="application/xml", headers=headers)
        for xml in (alarm(kind="heartBeat"), alarm())
    ]
    assert [answer.status_code for answer in answers] == [204, 400]
    assert answers[1].json()["code"] == "image_required"


def test_the_key_comes_as_a_password_or_in_the_address(camera):
    basic = base64.b64encode(f"camera:{camera.key}".encode()).decode()
    assert send(camera, alarm(), Authorization=f"Basic {basic}").status_code == 202
    assert send(camera, alarm(), address=f"{ISAPI}{camera.key}/", Accept="*/*").status_code == 202


@pytest.mark.parametrize("authorization", ["", "Basic !!!", "Basic eDp5", "Camera nonsense", "Basic eDo="])
def test_a_wrong_or_missing_key_is_refused(camera, authorization):
    assert send(camera, alarm(), Authorization=authorization).status_code == 401
    assert send(camera, alarm(), address=f"{ISAPI}nonsense/", Accept="*/*").status_code == 401
    assert not Reading.objects.exists()


def test_a_plate_that_the_camera_could_not_read_is_none(camera):
    send(camera, alarm(plate="unknown"))
    assert Reading.objects.get().camera_plate == ""


def test_a_time_without_zone_is_that_of_the_gate(camera):
    local = timezone.localtime() - timedelta(minutes=2)
    assert send(camera, alarm(at=local.replace(tzinfo=None).isoformat())).status_code == 202
    assert Reading.objects.get().taken_at == local


BOMB = b"""<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>
<EventNotificationAlert><eventType>ANPR</eventType><licensePlate>&b;</licensePlate></EventNotificationAlert>"""


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"", "not_xml"),
        (b"garbage", "not_xml"),
        (alarm()[:300], "not_xml"),
        (BOMB, "not_xml"),
        (b"<a>" * 30 + b"</a>" * 30, "not_xml"),
        (b"<a>" + b" " * MOST_XML_BYTES + b"</a>", "xml_too_large"),
    ],
)
def test_xml_that_is_none_or_too_much_is_refused(camera, xml, code):
    answer = send(camera, xml)
    assert answer.json()["code"] == code
    assert answer.status_code in (400, 413)
    assert not Reading.objects.exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"at": (timezone.now() + timedelta(days=1)).isoformat()}, "in_the_future"),
        ({"at": "1970-01-01T00:00:00+08:00"}, "taken_at_invalid"),
        ({"at": "yesterday"}, "taken_at_invalid"),
    ],
)
def test_a_clock_that_is_wrong_is_told(camera, words, code):
    answer = send(camera, alarm(**words))
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_pictures_that_are_none_are_refused(camera):
    assert send(camera, alarm(), pictures={"detectionPicture.jpg": b"garbage"}).json()["code"] == "image_required"
    cut = picture(640, 360)[:30]
    assert send(camera, alarm(), pictures={"detectionPicture.jpg": cut}).json()["code"] == "not_a_picture"
    assert not Reading.objects.exists()


def test_the_first_plate_of_an_alarm_counts():
    xml = alarm().replace(b"</ANPR>", b"<other><licensePlate>98C55555</licensePlate></other></ANPR>")
    assert from_hikvision(xml, {"a.jpg": picture()}).plate == "11C12345"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"confidence": 0.5}, {"confidence": 0.5}),
        ({"confidence": "88"}, {"confidence": 0.88}),
        ({"confidence": -1}, {}),
        ({"confidence": "nan"}, {}),
        ({"confidence": 1000}, {}),
        (
            {"country": "chn", "colour": "Blue", "direction": "reverse"},
            {"country": "CN", "colour": "blue", "direction": "away"},
        ),
        ({"country": "FR", "colour": "pink", "direction": "unknown"}, {}),
        ({"country": 16, "colour": [], "direction": {}}, {}),
    ],
)
def test_what_a_camera_says_is_put_into_our_words(said, kept):
    assert told(**({"confidence": None, "country": None, "colour": None, "direction": None} | said)) == kept


def test_json_is_taken_like_a_form(camera):
    answer = send_json(camera, plate="桂F·12345", confidence=0.9, country="CN", colour="yellow", direction="in")
    reading = Reading.objects.get()
    assert (answer.status_code, answer.json()["id"]) == (202, reading.pk)
    assert reading.camera_plate == "桂F12345"
    assert reading.told == {"confidence": 0.9, "country": "CN", "colour": "yellow", "direction": "in"}


def test_json_under_a_used_key_is_the_same_or_refused(camera):
    at, other = timezone.now().isoformat(), base64.b64encode(picture(65)).decode()
    answers = [send_json(camera, key="a", taken_at=at) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 200]
    assert send_json(camera, key="a", taken_at=at, image=other).status_code == 409


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"image": "!!!"}, "not_base64"),
        ({"image": 5}, "wrong_type"),
        ({"image": None}, "empty"),
        ({"image": base64.b64encode(b"garbage").decode()}, "not_a_picture"),
        ({"taken_at": None}, "taken_at_invalid"),
        ({"taken_at": "2026-11-22T10:00:00"}, "taken_at_invalid"),
        ({"plate": "1" * 31}, "plate_max_length"),
        ({"plate": ["11C12345"]}, "wrong_type"),
    ],
)
def test_json_with_something_wrong_is_refused(camera, fields, code):
    answer = send_json(camera, **fields)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Reading.objects.exists()


@pytest.mark.parametrize(("body", "code"), [("{", "not_json"), ("[]", "not_an_object"), ("5", "not_an_object")])
def test_what_is_no_json_object_is_refused(camera, body, code):
    headers = {"Authorization": f"Camera {camera.key}", "Idempotency-Key": "a"}
    answer = Client().post(EVENTS, body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_picture_too_large_is_refused_by_its_length(camera, settings):
    settings.CAMERA_IMAGE_MAX_BYTES = 500
    big = picture(640, 360)
    assert len(big) > 500
    assert send_json(camera, image=base64.b64encode(big).decode()).status_code == 413
    assert send(camera, alarm(), pictures={"detectionPicture.jpg": big}).status_code == 413
    with pytest.raises(EventRefused):
        from_hikvision(alarm(), {})
