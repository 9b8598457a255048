"""From a stored frame to a passage, by the platform or by an officer."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from anpr.decode import PictureError
from anpr.models import Reading, Sample
from anpr.services import MOST_ATTEMPTS, give_up_or_requeue, read_stored
from anpr.settling import dismiss, settle_by_hand
from checkpoints.models import Fact, Passage, TripStage
from checkpoints.refusals import Refusal
from declarations.models import Trip
from gates.models import Lane
from tests.anpr.frames import make_camera, plate, seen, stored
from tests.world import World, fresh, make_gate, make_officer, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def cameras(world):
    """The camera of each lane, by place and direction."""
    return {
        (place, direction): make_camera(world.lane(place, direction))[0]
        for place in ("B1", "B2", "yard")
        for direction in ("in", "out")
    }


def moments(trip) -> list[str]:
    return list(TripStage.objects.filter(trip=trip).order_by("position").values_list("moment", flat=True))


def seconds_ago(number: float):
    return timezone.now() - timedelta(seconds=number)


def test_a_declared_truck_is_found_and_its_stage_opens(world, cameras):
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    world.submit("export", [vehicle("11C12846")])
    reading = seen(cameras["B2", "in"], plate("11C12345"))
    assert moments(trip) == ["declare", "enter"]
    assert (reading.text, reading.confidence, reading.country) == ("11C12345", 0.97, "VN")
    assert (reading.settled_how, reading.passage.trip_id, reading.passage.lane) == (
        "matched",
        trip.pk,
        world.lane("B2", "in"),
    )
    assert reading.candidates[0] == {"trip": trip.pk, "score": 0.97, "by": "plate"}
    fact = Fact.objects.get(move="record_passage")
    assert (fact.data["reading"], fact.key, fact.actor) == (reading.pk, f"reading:{reading.pk}", None)
    assert fact.happened_at == reading.taken_at


def test_a_slightly_misread_plate_finds_its_truck_and_is_kept_as_read(world, cameras):
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    reading = seen(cameras["B2", "in"], plate("11C1Z345"))
    assert (reading.text, reading.passage.plate, reading.passage.trip_id) == ("11C1Z345", "11C1Z345", trip.pk)


def test_frames_of_a_standing_truck_are_one_passage(world, cameras):
    trip = world.submit("export").trips.get()
    readings = [
        seen(cameras["B2", "in"], plate(text), taken_at=seconds_ago(ago))
        for text, ago in (("11C12345", 60), ("11C12345", 40), ("11C1Z345", 20), ("11C12345", 30))
    ]
    passage = Passage.objects.get()
    assert {reading.passage_id for reading in readings} == {passage.pk}
    assert (passage.first_seen_at, passage.last_seen_at) == (readings[0].taken_at, readings[2].taken_at)
    world.confirm_all(trip)
    world.open(trip)
    seen(cameras["B2", "in"], plate("11C12345"), taken_at=seconds_ago(1))
    assert Passage.objects.count() == 1
    assert Reading.objects.unsettled().count() == 0


def test_a_truck_still_before_the_camera_after_its_trip_ended_belongs_to_its_passage(world, cameras):
    trip = world.submit("export").trips.get()
    world.enter(trip, "B2")
    world.confirm_all(trip)
    world.confirm_all(trip)
    first = seen(cameras["B1", "out"], plate("11C12345"))
    world.confirm_all(trip)
    world.open(trip)
    assert fresh(trip).state == "left"
    after = seen(cameras["B1", "out"], plate("11C12345"))
    assert (after.passage, after.settled_how) == (first.passage, "matched")


def test_the_lane_tells_entering_from_leaving(world, cameras):
    trip = world.submit("export").trips.get()
    wrong = seen(cameras["B2", "out"], plate("11C12345"))
    assert (wrong.passage, wrong.candidates, moments(trip)) == (None, [], ["declare"])
    seen(cameras["B2", "in"], plate("11C12345"))
    assert moments(trip) == ["declare", "enter"]


def test_a_truck_comes_too_early_to_its_next_barrier(world, cameras):
    trip = world.submit("export").trips.get()
    world.enter(trip, "B2")
    reading = seen(cameras["B1", "out"], plate("11C12345"))
    assert (reading.settled_how, moments(trip)[-1]) == ("matched", "yard")
    world.confirm_all(trip)
    world.confirm_all(trip)
    assert moments(trip)[-1] == "leave"


def test_a_truck_of_another_gate_is_not_matched(world, cameras):
    other = World(gate=make_gate("tra-linh", "Trà Lĩnh"))
    other.submit("export")
    assert seen(cameras["B2", "in"], plate("11C12345")).settled_how == ""


def test_a_frame_older_than_the_declaration_is_not_matched(world, cameras):
    world.submit("export")
    assert seen(cameras["B2", "in"], plate("11C12345"), taken_at=seconds_ago(3600)).settled_how == ""


def test_a_truck_in_the_yard_is_seen_at_the_yard_gate(world, cameras):
    trip = world.submit("export").trips.get()
    world.enter(trip, "B2")
    assert seen(cameras["yard", "in"], plate("11C12345")).passage.trip_id == trip.pk


def test_the_trailers_plate_finds_the_trip(world, cameras):
    trip = world.submit("export", [vehicle("11C12345", trailer_plate="15RM01234")]).trips.get()
    reading = seen(cameras["B2", "in"], plate("15RM01234"))
    assert (reading.passage.trip_id, reading.candidates[0]["by"]) == (trip.pk, "trailer")


@pytest.mark.parametrize("read", [[], [plate("98C55555")], [plate("11C12345", 0.05)]])
def test_what_is_unknown_or_uncertain_waits_for_a_person(world, cameras, read):
    trip = world.submit("export").trips.get()
    reading = seen(cameras["B2", "in"], *read)
    assert (reading.settled_at, reading.passage, moments(trip)) == (None, None, ["declare"])
    assert Reading.objects.unsettled().get() == reading
    assert reading.text == (read[0].text if read else "")


def test_two_declarations_of_one_plate_go_to_a_person_with_both(world, cameras):
    trips = [world.submit("export").trips.get() for _ in range(2)]
    reading = seen(cameras["B2", "in"], plate("11C12345"))
    assert reading.settled_at is None
    assert [candidate["trip"] for candidate in reading.candidates] == [trip.pk for trip in trips]
    assert not Passage.objects.exists()


def test_the_plate_of_the_likeliest_trip_stands_first(world, cameras):
    world.submit("export")
    reading = seen(cameras["B2", "in"], plate("98C55555", 0.99, width=40), plate("11C12345", 0.9, width=200))
    assert [row["text"] for row in reading.plates] == ["11C12345", "98C55555"]
    assert (reading.text, reading.settled_how) == ("11C12345", "matched")


def test_what_the_camera_read_itself_helps_where_we_find_nothing(world, cameras):
    trip = world.submit("export").trips.get()
    reading = seen(cameras["B2", "in"], plate="11C-123.45")
    assert (reading.passage.trip_id, reading.text, reading.plates) == (trip.pk, "11C12345", [])


def test_unsettled_frames_of_one_standing_vehicle_are_one_item(world, cameras):
    camera = cameras["B2", "in"]
    first = seen(camera, plate("98C55555"), taken_at=seconds_ago(50))
    again = [seen(camera, plate(text), taken_at=seconds_ago(ago)) for text, ago in (("98C55555", 40), ("98C5S555", 30))]
    other = seen(camera, plate("98C55556"), taken_at=seconds_ago(20))
    blank = [seen(camera, taken_at=seconds_ago(ago)) for ago in (10, 5)]
    elsewhere = seen(cameras["B1", "in"], plate("98C55555"), taken_at=seconds_ago(40))
    assert [reading.same_as for reading in again] == [first, first]
    assert set(Reading.objects.unsettled()) == {first, other, blank[0], elsewhere}


def test_an_officer_settles_all_frames_of_the_vehicle_and_leaves_a_sample(world, cameras):
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    camera, guard = cameras["B2", "in"], world.officer("border_guard")
    first, second = (seen(camera, plate("11C99945"), taken_at=seconds_ago(ago)) for ago in (20, 10))
    reading = settle_by_hand(reading=second, trip=trip, actor=guard, text="11c-123.45")
    assert reading == first
    assert (reading.settled_how, reading.settled_by, moments(trip)) == ("by_hand", guard, ["declare", "enter"])
    assert fresh(second).passage == reading.passage
    sample = Sample.objects.get()
    assert (sample.reading, sample.text, sample.by) == (first, "11C12345", guard)
    fact = Fact.objects.get(move="call_up")
    assert (fact.actor, fact.data["reading"], fact.happened_at) == (guard, first.pk, first.taken_at)
    later = seen(camera, plate("11C99945"))
    assert (later.passage, later.settled_how) == (reading.passage, "matched")
    with pytest.raises(Refusal) as refused:
        settle_by_hand(reading=first, trip=trip, actor=guard, text="")
    assert refused.value.code == "settled"


def test_a_refused_settlement_leaves_everything_as_it_was(world, cameras):
    trip = world.submit("export").trips.get()
    reading = seen(cameras["B2", "in"], plate("98C55555"))
    world.enter(trip, "B2")
    Trip.objects.filter(pk=trip.pk).update(state="left")
    with pytest.raises(Refusal) as refused:
        settle_by_hand(reading=reading, trip=fresh(trip), actor=world.officer("customs"), text="")
    assert refused.value.code == "trip_ended"
    assert fresh(reading).settled_at is None
    assert not Sample.objects.exists()


@pytest.mark.parametrize(
    ("role", "place", "may"),
    [
        ("border_guard", "B2", True),
        ("plant_quarantine", "B2", True),
        ("yard_operator", "yard", True),
        ("yard_operator", "B2", False),
        ("zone_authority", "B2", False),
        ("fee_centre", "yard", False),
        ("other gate", "B2", False),
        ("trader", "B2", False),
    ],
)
def test_who_may_settle_and_dismiss(world, cameras, role, place, may):
    world.submit("export")
    reading = seen(cameras[place, "in"], plate("98C55555"))
    people = {"trader": lambda: world.trader, "other gate": lambda: make_officer("customs", make_gate("x", "X"))}
    actor = people.get(role, lambda: world.officer(role))()
    if may:
        assert dismiss(reading=reading, actor=actor, reason="xe không khai báo").settled_how == "dismissed"
        return
    for act in (
        lambda: dismiss(reading=reading, actor=actor, reason="xe không khai báo"),
        lambda: settle_by_hand(reading=reading, trip=Trip.objects.get(), actor=actor, text=""),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "not_yours"
    assert fresh(reading).settled_at is None


def test_dismissing_asks_for_a_reason_and_keeps_it(world, cameras):
    guard, camera = world.officer("border_guard"), cameras["B2", "in"]
    reading = seen(camera, plate("98C55555"))
    for reason in ("", "  a ", "x" * 301):
        with pytest.raises(Refusal):
            dismiss(reading=reading, actor=guard, reason=reason)
    reading = dismiss(reading=reading, actor=guard, reason="không phải xe hàng")
    assert (reading.settled_how, reading.dismissal) == ("dismissed", "không phải xe hàng")
    again = seen(camera, plate("98C55555"))
    assert (again.same_as, again.settled_how) == (reading, "dismissed")
    assert not Reading.objects.unsettled().exists()


def test_a_dismissed_vehicle_is_shown_again_after_a_while(world, cameras, settings):
    reading = seen(cameras["B2", "in"], plate("98C55555"))
    dismiss(reading=reading, actor=world.officer("customs"), reason="không phải xe hàng")
    Reading.objects.update(settled_at=seconds_ago(settings.PASSAGE_GAP_SECONDS + 1))
    assert seen(cameras["B2", "in"], plate("98C55555")).settled_at is None


def test_a_dismissed_truck_that_is_declared_after_all_is_matched(world, cameras):
    reading = seen(cameras["B2", "in"], plate("11C12345"))
    dismiss(reading=reading, actor=world.officer("customs"), reason="chưa khai báo")
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    assert seen(cameras["B2", "in"], plate("11C12345")).passage.trip_id == trip.pk


def test_a_frame_is_read_once(world, cameras):
    world.submit("export")
    reading, times = stored(cameras["B2", "in"]), []
    for _ in range(3):
        read_stored(reading.pk, read=lambda data: times.append(1) or [plate("11C12345")])
    assert (len(times), fresh(reading).attempts) == (1, 1)
    assert Fact.objects.filter(move="record_passage").count() == 1


def test_an_unreadable_picture_is_shown_to_a_person_and_not_tried_again(cameras):
    def broken(data):
        raise PictureError("broken", "the picture is cut off")

    reading = read_stored(stored(cameras["B2", "in"]).pk, read=broken)
    assert (reading.read_at, reading.error, reading.get_error_display()) == (None, "broken", "ảnh hỏng hoặc bị cắt")
    assert read_stored(reading.pk, read=broken) is None
    assert Reading.objects.unsettled().get() == reading


def test_a_lost_file_is_told(cameras):
    reading = stored(cameras["B2", "in"])
    reading.image.storage.delete(reading.image.name)
    assert read_stored(reading.pk, read=lambda data: []).error == "missing"


def test_reading_that_fails_is_tried_again_and_given_up_in_the_end(cameras):
    reading = stored(cameras["B2", "in"])
    queued: list[int] = []

    def fails(data):
        raise MemoryError

    for attempt in range(1, MOST_ATTEMPTS + 1):
        with pytest.raises(MemoryError):
            read_stored(reading.pk, read=fails)
        assert fresh(reading).attempts == attempt
    assert read_stored(reading.pk, read=fails) is None
    Reading.objects.update(queued_at=seconds_ago(6))
    assert give_up_or_requeue(queued.append) == 0
    assert (fresh(reading).error, queued) == ("given_up", [])
    assert Reading.objects.unsettled().get() == reading


def test_what_nobody_settled_for_half_a_day_is_no_longer_asked(cameras):
    reading = seen(cameras["B2", "in"], plate("98C55555"))
    Reading.objects.filter(pk=reading.pk).update(taken_at=seconds_ago(12 * 3600 + 1))
    assert not Reading.objects.unsettled().exists()


@pytest.mark.django_db(transaction=True)
def test_frames_read_at_the_same_time_are_read_once_and_make_one_passage(world, cameras):
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    readings = [stored(cameras["B2", "in"], taken_at=seconds_ago(ago)) for ago in (4, 3, 2)]
    times, together = [], threading.Barrier(6)

    def read(reading_id: int) -> None:
        try:
            together.wait()
            read_stored(reading_id, read=lambda data: times.append(reading_id) or [plate("11C12345")])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=read, args=[reading.pk]) for reading in readings * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(times) == sorted(reading.pk for reading in readings)
    assert {fresh(reading).passage for reading in readings} == {Passage.objects.get()}
    assert Passage.objects.get().last_seen_at == readings[2].taken_at
    assert moments(trip) == ["declare", "enter"]


def test_only_what_waits_some_seconds_is_queued_again_oldest_first(cameras):
    old, older, young = (stored(cameras["B2", "in"]) for _ in range(3))
    Reading.objects.filter(pk=old.pk).update(queued_at=seconds_ago(6))
    Reading.objects.filter(pk=older.pk).update(queued_at=seconds_ago(60))
    queued: list[int] = []
    assert give_up_or_requeue(queued.append, most=1) == 1
    assert give_up_or_requeue(queued.append) == 1
    assert give_up_or_requeue(queued.append) == 0
    assert queued == [older.pk, old.pk]
    assert young.pk not in queued


def test_matching_asks_the_same_number_of_queries_for_many_trucks(world, cameras, django_assert_max_num_queries):
    for number in range(3):
        world.submit("export", [vehicle(f"12C0000{number}")])
    few = queries_of(lambda: seen(cameras["B2", "in"], plate("98C55555")))
    world.submit("export", [vehicle(f"12C1{number:04}") for number in range(60)])
    many = queries_of(lambda: seen(cameras["B2", "in"], plate("98H66666")))
    assert few == many


def queries_of(act) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def test_lanes_of_both_directions_serve_both(world, cameras):
    Lane.objects.filter(pk=cameras["B2", "in"].lane_id).update(direction="both")
    trip = world.submit("export").trips.get()
    assert seen(cameras["B2", "in"], plate("11C12345")).passage.trip_id == trip.pk
