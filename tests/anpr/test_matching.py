"""Which trip a text read may be: exact before tolerant, and never one of two."""

import math
from dataclasses import replace
from random import Random
from time import perf_counter

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from anpr.confusions import measured
from anpr.consensus import alike, merge
from anpr.matching import ACCEPTED_COST, Expected, cost_of, decide
from anpr.matching import rank as rank_seen
from anpr.misreadings import Misreader, stranger, trucks
from declarations.plates import CN_PROVINCES, VN_SERIES
from tests.anpr.frames import plate

calm = settings(deadline=None)
"""A busy machine is no fault of the code."""
CN_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"

vn_plates = st.builds(
    "{}{}{}".format,
    st.sampled_from(["11", "12", "20", "98"]),
    st.sampled_from(VN_SERIES),
    st.text("0123456789", min_size=5, max_size=5),
)
cn_plates = st.builds(
    "{}{}{}".format,
    st.sampled_from("桂粤云湘"),
    st.sampled_from("FLACE"),
    st.text(CN_SIGNS, min_size=5, max_size=5),
)
plates = st.one_of(vn_plates, cn_plates)


def rank(plates, expected):
    """The candidates of one frame's plates."""
    return rank_seen(merge([plates]), expected)


def found(read, *declared: str) -> str | None:
    """The declared plate that is chosen for what was read."""
    winner = decide(rank([read], [Expected(number, text) for number, text in enumerate(declared)]))
    return declared[winner.trip_id] if winner else None


@pytest.mark.parametrize(
    ("read", "declared"),
    [
        ("11C12345", "11C12345"),
        ("11012345", "11C12345"),
        ("11C1Z345", "11C12345"),
        ("IIC12345", "11C12345"),
        ("IICI2Z45", None),
        ("1IC12345", "11C12345"),
        ("11C1234S", "11C12345"),
        ("11CI2345", "11C12345"),
        ("11C1234", None),
        ("11C123456", None),
        ("F12345", "桂F12345"),
        ("粤F12345", "桂F12345"),
        ("XF12345", None),
        ("12345", None),
        ("", None),
    ],
)
def test_what_readers_confuse_is_tolerated_and_more_is_not(read, declared):
    assert found(plate(read), "11C12345", "桂F12345", "98C55555") == declared


@pytest.mark.parametrize(
    ("read", "declared"),
    [
        ("11C12345", ["11C12845", "11C12346", "12C12345"]),
        ("11C88888", ["11C88838"]),
        ("桂F12345", ["桂F12346"]),
        ("桂FO2345", ["桂FD2345"]),
    ],
)
def test_a_clearly_read_plate_is_no_other_of_the_same_fleet(read, declared):
    assert found(plate(read), *declared) is None


def test_a_sign_that_was_dropped_is_tolerated_where_the_reader_was_unsure():
    assert found(plate("11C1125", 0.6), "11C11225") == "11C11225"
    assert found(plate("11C1325"), "11C13625") is None


def test_the_readers_own_second_choice_counts_for_what_it_is_worth():
    read = plate("11C12395", 0.7, alternatives=[("11C12345", 0.25)])
    assert found(read, "11C12345") == "11C12345"
    assert found(replace(read, alternatives=(("11C12345", 0.01),)), "11C12345") is None
    doubtful = plate("11C12395", 0.5, alternatives=[("11C12345", 0.45)])
    assert found(doubtful, "11C12345", "11C12395") is None
    assert found(plate("11C12395", 0.9, alternatives=[("11C12345", 0.05)]), "11C12345", "11C12395") == "11C12395"
    assert found(plate("11C12395", 0.9, alternatives=[("11C12345", 0.1)]), "11C12345", "11C12395") is None
    halved = plate("11C12345", 0.55, sure=[1, 0.9, 1, 1, 1, 1, 1, 1], alternatives=[("1C12345", 0.43)])
    assert found(halved, "11C12345", "12C12345") == "11C12345"


def test_two_trips_of_one_plate_go_to_a_person():
    candidates = rank([plate("11C12345")], [Expected(1, "11C12345"), Expected(2, "11C12345")])
    assert [candidate.trip_id for candidate in candidates] == [1, 2]
    assert decide(candidates) is None


def test_a_plate_without_province_of_two_provinces_goes_to_a_person():
    assert found(plate("F12345"), "桂F12345", "湘F12345") is None


def test_an_uncertain_plate_is_proposed_but_not_chosen():
    candidates = rank([plate("11C12345", 0.05)], [Expected(1, "11C12345")])
    assert [candidate.trip_id for candidate in candidates] == [1]
    assert decide(candidates) is None


def test_a_trip_is_known_by_its_trailer_alone_unless_another_tractor_is_seen():
    trip = Expected(1, "11C12345", "15RM01234")
    rear, tractor = plate("15RM01234"), plate("98C77777")
    assert decide(rank([rear], [trip])).by == "trailer"
    candidates = rank([rear, tractor], [trip])
    assert (candidates[0].trip_id, candidates[0].by) == (1, "trailer")
    assert decide(candidates) is None
    assert decide(rank([plate("11C12345"), rear], [trip])).by == "plate"


def test_the_truck_in_front_wins_over_one_far_behind_and_two_side_by_side_go_to_a_person():
    trips = [Expected(1, "11C12345"), Expected(2, "12C67890")]
    front, behind = plate("11C12345", width=200), plate("12C67890", width=60)
    assert decide(rank([behind, front], trips)).trip_id == 1
    assert decide(rank([front, replace(behind, corners=front.corners)], trips)) is None


def test_frames_of_one_vehicle_are_alike_and_of_two_are_not():
    def of_one(text, before):
        return alike([plate(text)], merge([[plate(before)]]))

    assert of_one("11C12345", "11C1Z345")
    assert of_one("F12345", "桂F12345")
    assert not of_one("11C12345", "11C12346")
    assert not of_one("11C12345", "")


@calm
@given(st.lists(plates, min_size=1, max_size=12, unique=True), st.data())
def test_a_plate_read_as_declared_is_found_or_left_to_a_person_never_mistaken(declared, data):
    read = data.draw(st.sampled_from(declared))
    assert found(plate(read), *declared) in (read, None)


@calm
@given(vn_plates, st.integers(3, 7), st.sampled_from("0123456789"))
def test_exact_beats_tolerant_of_two_that_differ_in_one_sign(text, place, sign):
    other = text[:place] + sign + text[place + 1 :]
    assume(other != text)
    assert found(plate(text), text, other) == text
    assert found(plate(text), other) is None


@calm
@given(plates, plates, st.floats(0.05, 1.0))
def test_what_is_chosen_is_the_likeliest_by_far(read, declared, confidence):
    candidates = rank([plate(read, confidence)], [Expected(1, declared), Expected(2, read[::-1])])
    assert [candidate.cost for candidate in candidates] == sorted(candidate.cost for candidate in candidates)
    if winner := decide(candidates):
        assert winner.cost <= ACCEPTED_COST
        assert math.isclose(winner.score, math.exp(-winner.cost))
        assert all(other.cost > winner.cost for other in candidates if other is not winner)


@calm
@given(st.text(max_size=14), st.text(max_size=14))
def test_any_texts_have_a_cost_and_equal_ones_none(read, declared):
    assert cost_of(plate(read, 1.0), declared) >= 0
    assert cost_of(plate(read, 1.0), read) == 0


@calm
@given(cn_plates)
def test_a_lost_province_is_found(text):
    assert found(plate(text[1:]), text) == text
    assert text[0] in CN_PROVINCES


def test_of_readings_drawn_from_the_measured_confusions_nearly_all_find_their_truck():
    """`manage.py simulate_matching` does the same with 500 trucks and 20,000 readings."""
    random = Random(7)
    expected = trucks(100, random)
    reader = Misreader(measured(), random)
    right = 0
    for _ in range(300):
        truck = random.choice(expected)
        winner = decide(rank([reader.read(truck.plate)], expected))
        assert winner is None or winner.trip_id == truck.trip_id
        right += winner is not None
    strangers = [decide(rank([reader.read(stranger(expected, random))], expected)) for _ in range(100)]
    assert right >= 290
    assert sum(winner is not None for winner in strangers) <= 2


def test_the_trailer_decides_between_two_trips_of_one_plate():
    trips = [Expected(1, "11C12345", "15RM01234"), Expected(2, "11C12345", "15RM05678")]
    seen = [plate("11C12345"), plate("15RM05678")]
    assert decide(rank(seen, trips)).trip_id == 2
    assert decide(rank(seen[:1], trips)) is None


def test_a_trailer_of_another_trip_makes_a_trip_less_likely():
    trip = Expected(1, "11C12345", "15RM01234")
    (alone,), (with_other,) = rank([plate("11C12345")], [trip]), rank([plate("11C12345"), plate("29R99999")], [trip])
    assert alone.cost < with_other.cost <= ACCEPTED_COST


def test_the_country_of_the_layout_counts():
    (right,) = rank([plate("11C12345")], [Expected(1, "11C12345")])
    (odd,) = rank([replace(plate("11C12345"), country="CN")], [Expected(1, "11C12345")])
    assert odd.cost > right.cost


def test_time_puts_candidates_in_order_but_never_decides_alone():
    trips = [Expected(1, "11C12345", hours_off=30), Expected(2, "11C12345", hours_off=3)]
    candidates = rank([plate("11C12345")], trips)
    assert [candidate.trip_id for candidate in candidates] == [2, 1]
    assert decide(candidates) is None


def test_what_is_often_confused_is_cheaper_than_what_is_not():
    unsure = [0.95] * 7 + [0.6]
    often, seldom = (cost_of(plate(text, 0.7, sure=unsure), "11C12348") for text in ("11C12346", "11C12344"))
    assert often < seldom


def test_matching_is_quick_among_500():
    random = Random(3)
    expected = trucks(500, random)
    rank([plate("11C12345")], expected)
    began = perf_counter()
    for number in range(20):
        rank([plate(f"11C{12345 + number}"), plate("15RM01234")], expected)
    assert (perf_counter() - began) / 20 < 0.1
