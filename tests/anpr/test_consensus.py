"""What many frames of one vehicle say together."""

import pytest

from anpr.consensus import merge, movement, of_the_vehicle, stands_still, turned
from tests.anpr.frames import plate


def widths(*values):
    return [plate("11C12345", width=value) for value in values]


def test_one_frame_says_what_it_says():
    read = plate("11C12345", 0.8, sure=[0.9] * 8, alternatives=[("11C12346", 0.15)])
    (merged,) = merge([[read]])
    assert (merged.text, merged.confidence, merged.char_confidences) == ("11C12345", 0.8, (0.9,) * 8)
    assert [(text, round(share, 3)) for text, share in merged.alternatives] == [("11C12346", 0.15)]
    assert (merged.members, merged.behind, merged.corners) == (((0, 0),), False, read.corners)


def test_two_clear_frames_outweigh_a_poor_one():
    frames = [[plate("11C12345", 0.95)], [plate("11C1Z345", 0.3)], [plate("11C12345", 0.9)]]
    (merged,) = merge(frames)
    assert (merged.text, merged.members) == ("11C12345", ((0, 0), (1, 0), (2, 0)))
    assert 0.8 < merged.confidence < 0.95
    assert merged.alternatives[0][0] == "11C1Z345"


def test_a_large_sharp_plate_counts_more_than_two_small_ones():
    frames = [[plate("11C1Z345", 0.7, width=40)], [plate("11C1Z345", 0.7, width=45)], [plate("11C12345", 0.9)]]
    assert merge(frames)[0].text == "11C12345"


def test_frames_that_disagree_make_a_character_unsure():
    sure = [0.97] * 8
    (merged,) = merge([[plate("11C12345", sure=sure)], [plate("11C1Z345", sure=sure)]])
    assert merged.char_confidences[4] == pytest.approx(0.97 / 2)
    assert merged.char_confidences[3] == 0.97
    assert merged.confidence == pytest.approx(0.97 / 2)


def test_tractor_and_trailer_are_two_plates_and_one_far_behind_is_marked():
    tractor, trailer, behind = plate("11C12345", width=200), plate("15RM01234", width=180), plate("98C55555", width=60)
    merged = merge([[tractor, behind], [trailer], [tractor]])
    assert [(each.text, each.behind) for each in merged] == [
        ("11C12345", False),
        ("15RM01234", False),
        ("98C55555", True),
    ]
    assert [each.text for each in of_the_vehicle([behind, tractor])] == ["11C12345"]


def test_two_plates_of_one_frame_are_never_one():
    assert len(merge([[plate("11C12345"), plate("11C1Z345")]])) == 2


def test_nothing_seen_is_nothing():
    assert merge([[], []]) == []
    assert of_the_vehicle([]) == []
    assert movement([]) == 0


def test_a_plate_that_grows_comes_nearer_and_one_that_shrinks_goes_away():
    assert movement(widths(60, 80, 120)) == 1
    assert movement(widths(120, 80)) == -1
    assert movement(widths(100, 108, 96)) == 0
    assert movement(widths(100)) == 0


def test_a_vehicle_that_came_and_went_has_turned():
    assert turned(widths(60, 90, 140, 135, 80))
    assert turned(widths(140, 80, 60, 90))
    assert not turned(widths(60, 90, 140, 130, 141))
    assert not turned(widths(60, 140))


def test_a_plate_at_the_same_place_stands_still_if_it_may_be_the_same():
    before = [plate("11C12345")]
    unsure = plate("11C12346", 0.8, sure=[0.95] * 7 + [0.5])
    assert stands_still(before, [unsure])
    assert not stands_still(before, [plate("11C12346")])
    assert not stands_still(before, [plate("98H77777")])
    assert not stands_still(before, [plate("11C12345", at=(400, 300))])
    assert not stands_still(before, [plate("11C12345", width=200)])
