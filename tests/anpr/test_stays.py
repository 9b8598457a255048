"""One vehicle's frames belong together: tractor and trailer, a long stand, trucks one behind the other, a return."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from anpr.models import Camera, Reading
from anpr.services import read_stored
from anpr.settling import settle_by_hand
from checkpoints.models import Passage, TripStage
from declarations.models import Declaration
from gates.models import Lane
from tests.anpr.frames import make_camera, plate, seen, stored
from tests.world import World, fresh, vehicle

pytestmark = pytest.mark.django_db
TRAILER = "15RM01234"


@pytest.fixture
def front(world) -> Camera:
    """The camera before the lane into barrier 2."""
    return make_camera(world.lane("B2", "in"))[0]


@pytest.fixture
def rear(world, front) -> Camera:
    """A second camera of the same lane, which sees vehicles from behind."""
    return make_camera(world.lane("B2", "in"))[0]


def ago(seconds: float):
    return timezone.now() - timedelta(seconds=seconds)


def moments(trip) -> list[str]:
    return list(TripStage.objects.filter(trip=trip).order_by("position").values_list("moment", flat=True))


# Tractor and trailer


def test_a_trailer_seen_by_the_camera_behind_belongs_to_the_tractors_passage(world, front, rear):
    trip = world.submit("export", [vehicle(trailer_plate=TRAILER)]).trips.get()
    first = seen(front, plate("11C12345"), taken_at=ago(20))
    second = seen(rear, plate(TRAILER), taken_at=ago(10))
    assert second.passage == first.passage == Passage.objects.get(trip=trip)
    assert (second.same_as, second.text) == (first, TRAILER)


@pytest.mark.parametrize("read", ["15RM09234", "15R77777"])
def test_a_trailer_misread_or_not_declared_belongs_to_the_tractor_before_it(world, front, rear, read):
    world.submit("export", [vehicle(trailer_plate=TRAILER)])
    first = seen(front, plate("11C12345"), taken_at=ago(20))
    assert seen(rear, plate(read), taken_at=ago(10)).passage == first.passage
    assert Passage.objects.count() == 1
    assert not Reading.objects.unsettled().exists()


def test_a_trailer_alone_long_after_the_tractor_is_asked_about(world, front, rear):
    world.submit("export", [vehicle()])
    seen(front, plate("11C12345"), taken_at=ago(100))
    assert seen(rear, plate("15R77777"), taken_at=ago(10)).settled_at is None


def test_what_the_tractor_leaves_open_the_trailer_tells(world, front, rear):
    """One plate declared twice, by mistake or for two runs: the trailer says which."""
    trips = [world.submit("export", [vehicle(trailer_plate=trailer)]).trips.get() for trailer in (TRAILER, "15RM05678")]
    first = seen(front, plate("11C12345"), taken_at=ago(20))
    assert first.settled_at is None
    second = seen(rear, plate("15RM05678"), taken_at=ago(10))
    first = fresh(first)
    assert (second.passage.trip, first.passage, first.settled_how) == (trips[1], second.passage, "matched")
    assert not Reading.objects.unsettled().exists()


def test_two_plates_nearly_read_are_as_good_as_one_read_well(world, front, rear):
    trip = world.submit("export", [vehicle(trailer_plate=TRAILER)]).trips.get()
    first = seen(front, plate("11C12346"), taken_at=ago(20))
    assert first.settled_at is None
    assert seen(rear, plate(TRAILER), taken_at=ago(10)).passage.trip == trip
    assert fresh(first).passage.trip == trip


def test_anothers_trailer_behind_a_tractor_goes_to_a_person(world, front, rear):
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    other = world.submit("export", [vehicle("98C55555", trailer_plate=TRAILER)]).trips.get()
    seen(front, plate("11C12345"), taken_at=ago(20))
    readings = [seen(rear, plate(TRAILER), taken_at=ago(each)) for each in (10, 8)]
    assert [reading.settled_at for reading in readings] == [None, None]
    assert readings[0].candidates[0]["trip"] == other.pk
    assert Reading.objects.unsettled().get() == readings[0]
    assert (moments(trip), moments(other)) == (["declare", "enter"], ["declare"])


# Many frames


def test_frames_too_poor_alone_are_settled_by_a_better_one(world, front):
    trip = world.submit("export").trips.get()
    poor = [seen(front, plate("11C12345", 0.05), taken_at=ago(each)) for each in (30, 25)]
    assert Reading.objects.unsettled().get() == poor[0]
    good = seen(front, plate("11C12345"), taken_at=ago(20))
    assert good.same_as == poor[0]
    assert {fresh(reading).passage.trip for reading in (*poor, good)} == {trip}
    assert not Reading.objects.unsettled().exists()


def test_the_first_frame_tells_what_all_frames_say(world, front):
    first = seen(front, plate("98C5555S", 0.4, width=50), taken_at=ago(30))
    seen(front, plate("98C55555", 0.96, at=(200, 100)), taken_at=ago(28))
    first = fresh(first)
    assert (first.text, first.plates[0]["text"]) == ("98C55555", "98C5555S")
    assert first.confidence > 0.7
    assert Reading.objects.unsettled().get() == first


def test_a_truck_seen_too_far_away_at_first_is_one_vehicle(world, front):
    trip = world.submit("export").trips.get()
    far = [seen(front, plate("21G41130", 0.05, width=30), taken_at=ago(24)), seen(front, taken_at=ago(23))]
    near = seen(front, plate("11C12345"), taken_at=ago(20))
    assert [fresh(reading).passage.trip for reading in far] == [trip, trip]
    assert not Reading.objects.unsettled().exists()
    assert fresh(near).same_as is None


def test_an_illegible_plate_long_before_or_at_another_camera_is_another_vehicle(world, front, rear):
    world.submit("export")
    seen(front, plate("21G41130", 0.05, width=30), taken_at=ago(60))
    seen(rear, plate("98H41130", 0.05, width=30), taken_at=ago(23))
    seen(front, plate("11C12345"), taken_at=ago(20))
    assert Reading.objects.unsettled().count() == 2


def test_a_truck_that_stands_for_an_hour_is_one_passage(world, front):
    trip = world.submit("export").trips.get()
    Declaration.objects.update(submitted_at=ago(7200))
    for each in (3600, 3595, 1800, 1799, 10):
        seen(front, plate("11C12345"), taken_at=ago(each))
    passage = Passage.objects.get(trip=trip)
    assert passage.last_seen_at - passage.first_seen_at > timedelta(minutes=59)
    assert Reading.objects.filter(passage=passage).count() == 5


def test_an_unknown_truck_that_stands_for_an_hour_is_one_item(world, front):
    first, *_others = [seen(front, plate("98C55555"), taken_at=ago(each)) for each in (3500, 1700, 5)]
    assert Reading.objects.unsettled().get() == first


def test_an_unknown_truck_that_comes_again_after_another_is_a_new_item(world, front):
    for text, each in (("98C55555", 3500), ("98H77777", 1700), ("98C55555", 5)):
        seen(front, plate(text), taken_at=ago(each))
    assert Reading.objects.unsettled().count() == 3


def test_two_trucks_of_like_plates_one_behind_the_other_are_two(world, front):
    trips = world.submit("export", [vehicle("11C12345"), vehicle("11C12346")]).trips.order_by("pk")
    for text, each in (("11C12345", 60), ("11C12345", 50), ("11C12346", 40), ("11C12346", 30)):
        seen(front, plate(text), taken_at=ago(each))
    assert [passage.trip for passage in Passage.objects.order_by("pk")] == list(trips)
    assert [trip.passages.get().readings.count() for trip in trips] == [2, 2]


def test_a_blurred_frame_of_the_second_truck_is_still_its_own_where_it_moved(world, front):
    trips = list(world.submit("export", [vehicle("11C12345"), vehicle("11C12346")]).trips.order_by("pk"))
    seen(front, plate("11C12345", width=200), taken_at=ago(60))
    unsure = plate("11C12346", 0.8, width=90, at=(500, 60), sure=[0.95] * 7 + [0.6])
    assert seen(front, unsure, taken_at=ago(40)).passage.trip == trips[1]


def test_a_standing_truck_misread_as_its_neighbour_stays_itself(world, front):
    trips = list(world.submit("export", [vehicle("11C12345"), vehicle("11C12346")]).trips.order_by("pk"))
    first = seen(front, plate("11C12345"), taken_at=ago(15))
    unsure = plate("11C12346", 0.7, sure=[0.95] * 7 + [0.5])
    assert seen(front, unsure, taken_at=ago(10)).passage == first.passage
    assert moments(trips[1]) == ["declare"]


def test_the_same_writing_on_two_trucks_does_not_make_them_one(world, front):
    sign = plate("XLOGS", 0.9, width=150)
    first = seen(front, plate("11C12345"), sign, taken_at=ago(60))
    second = seen(front, plate("98C55555"), sign, taken_at=ago(30))
    assert (first.same_as, second.same_as) == (None, None)


def test_frames_that_come_late_join_their_vehicle(world, front):
    world.submit("export")
    first = seen(front, plate("11C12345"), taken_at=ago(10))
    late = seen(front, plate("11C12345", 0.05), taken_at=ago(14))
    assert (late.same_as, late.passage) == (first, first.passage)


def test_what_a_person_settled_is_not_disputed_by_later_frames(world, front):
    trips = list(world.submit("export", [vehicle("11C12345"), vehicle("11C99999")]).trips.order_by("pk"))
    first = seen(front, plate("11C1", 0.3), taken_at=ago(20))
    settle_by_hand(reading=first, trip=trips[1], actor=world.officer("customs"), text="")
    assert seen(front, plate("11C1", 0.3), taken_at=ago(10)).passage.trip == trips[1]


# A lane both ways


@pytest.fixture
def two_way(world) -> Camera:
    """A camera of the one lane at barrier 1, which serves both ways."""
    lane = world.lane("B1", "in")
    Lane.objects.filter(pk=lane.pk).update(direction="both")
    world.lane("B1", "out").delete()
    return make_camera(Lane.objects.get(pk=lane.pk))[0]


def comes(camera: Camera, *sizes_and_ages: tuple[float, float], text: str = "桂F12345") -> list[Reading]:
    return [seen(camera, plate(text, width=size), taken_at=ago(age)) for size, age in sizes_and_ages]


def entered(world: World, camera: Camera):
    """An empty Chinese truck that came in through the two-way lane, and may leave through it again."""
    trip = world.submit("collect_export", [vehicle("桂F12345")]).trips.get()
    comes(camera, (60, 200), (90, 195), (140, 190))
    world.confirm_all(trip)
    world.open(trip)
    return trip


def test_a_truck_that_returns_within_minutes_is_a_second_passage(world, two_way):
    trip = entered(world, two_way)
    assert Passage.objects.count() == 1
    comes(two_way, (150, 30), (100, 26), (70, 22))
    assert Passage.objects.filter(trip=trip).count() == 2
    comes(two_way, (60, 18))
    assert Passage.objects.filter(trip=trip).count() == 2
    assert not Reading.objects.unsettled().exists()


def test_a_truck_that_still_stands_after_the_barrier_opened_has_not_returned(world, two_way):
    trip = entered(world, two_way)
    comes(two_way, (141, 185), (138, 180), (142, 170))
    assert Passage.objects.filter(trip=trip).count() == 1


def test_a_truck_that_backs_up_before_the_barrier_opens_has_not_returned(world, two_way):
    trip = world.submit("collect_export", [vehicle("桂F12345")]).trips.get()
    comes(two_way, (60, 60), (140, 50), (90, 40))
    assert Passage.objects.filter(trip=trip).count() == 1


def test_a_vehicle_that_drives_out_is_not_one_that_is_to_come_in(world, two_way):
    Camera.objects.filter(pk=two_way.pk).update(approaching="out")
    trip = world.submit("collect_export", [vehicle("桂F12345")]).trips.get()
    camera = Camera.objects.get(pk=two_way.pk)
    first, second = (
        seen(camera, plate("桂F12345", 0.05, width=width), taken_at=ago(age)) for width, age in ((60, 60), (140, 50))
    )
    assert [candidate["trip"] for candidate in first.candidates] == [trip.pk]
    assert second.candidates == []


def test_what_the_camera_says_of_the_way_is_believed(world, two_way):
    trip = entered(world, two_way)
    back = stored(two_way)
    Reading.objects.filter(pk=back.pk).update(told={"direction": "out"})
    read_stored(back.pk, read=lambda data: [plate("桂F12345", width=140)])
    assert Passage.objects.filter(trip=trip).count() == 2


def test_the_console_shows_the_tractors_best_frame_and_the_trailer_of_another(world, front, rear, client):
    trip = world.submit("export", [vehicle(trailer_plate=TRAILER)]).trips.get()
    seen(front, plate("11C12345", 0.8, width=50), taken_at=ago(20))
    best = seen(front, plate("11C12345"), taken_at=ago(15))
    seen(rear, plate(TRAILER, width=240), taken_at=ago(10))
    client.force_login(world.officer("border_guard"))
    page = client.get(reverse("checkpoints:truck", args=[world.gate.code, "B2", trip.pk]))
    assert page.context["reading"] == best
    assert [row["verdict"] for row in page.context["compared"]] == ["same", "same"]
