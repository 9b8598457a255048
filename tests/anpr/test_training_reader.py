"""The parts of training that need no torch."""

import numpy as np
import pytest

from anpr.synthetic.plates import design_for, draw_plate
from anpr.training.reader.augment import HEIGHT, WIDTH, seen_by_camera
from anpr.training.reader.calibrate import misfit
from anpr.training.reader.confusions import aligned, costs
from anpr.training.reader.nothing import handwriting, mirrored, upside_down
from anpr.training.reader.sources import CANVAS, Example
from anpr.training.reader.strokes import write
from anpr.training.reader.transplant import can_change, with_province
from anpr.types import TextRead


def drawn(text: str) -> Example:
    plate = draw_plate(design_for(text), np.random.default_rng(1), height_px=48).mean(axis=2)
    height, width = plate.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    return Example(plate.astype(np.uint8), corners, text, len(text), "drawn")


def test_aligned_pairs_what_was_read_with_what_is_there():
    assert aligned("11C1", "11C1") == [("1", "1"), ("1", "1"), ("C", "C"), ("1", "1")]
    assert aligned("8A", "BA") == [("8", "B"), ("A", "A")]
    assert aligned("11C", "1C") in ([("1", ""), ("1", "1"), ("C", "C")], [("1", "1"), ("1", ""), ("C", "C")])
    assert aligned("1C", "1CX") == [("1", "1"), ("C", "C"), ("", "X")]


def test_costs_are_negative_logarithms_of_shares():
    table = costs([("8", "8")] * 6 + [("8", "B")] * 2 + [("A", "A")] * 2)
    assert table["8|8"] == pytest.approx(-np.log(6.5 / 9), abs=1e-3)
    assert table["8|B"] == pytest.approx(-np.log(2.5 / 9), abs=1e-3)
    assert table["8|8"] < table["8|B"] < table["substitute"]


def test_another_province_leaves_the_rest_of_the_plate():
    plate = drawn("皖A12345")
    changed = with_province(plate, np.random.default_rng(0))
    assert changed.text[1:] == "A12345"
    assert changed.text != plate.text
    rest = slice(round(plate.picture.shape[1] * 0.18), None)
    assert (changed.picture[:, rest] == plate.picture[:, rest]).all()
    assert np.abs(changed.picture.astype(int) - plate.picture).max() > 30


@pytest.mark.parametrize(("text", "may"), [("皖A12345", True), ("11C12345", False), ("皖AD12345", False)])
def test_only_provinces_of_ordinary_plates_are_changed(text, may):
    assert can_change(drawn(text)) is may


def test_what_a_camera_sees_has_the_networks_size():
    plate = drawn("桂F12345")
    for seed in range(40):
        seen = seen_by_camera(plate.picture, plate.corners, np.random.default_rng(seed))
        assert seen.shape == (HEIGHT, WIDTH)
        assert seen.dtype == np.uint8


@pytest.mark.parametrize("turn", [mirrored, upside_down])
def test_what_is_turned_over_keeps_its_corners_clockwise(turn):
    plate = drawn("桂F12345")
    quad = np.array([(10, 5), (100, 8), (98, 40), (12, 38)], np.float32)
    picture, corners = turn(plate.picture, quad)
    assert picture.shape == plate.picture.shape
    x, y = corners.T
    assert np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) > 0
    assert corners[:, 0].argsort()[:2].tolist() in ([0, 3], [3, 0])
    again, back = turn(picture, corners)
    assert (again == plate.picture).all()
    assert np.allclose(back, quad)


def test_the_temperature_that_fits_tells_truths_doubted_from_lies_believed():
    doubted = [("11C12345", [TextRead("11C12345", 0.7)])] * 10
    assert misfit(doubted, 0.5) < misfit(doubted, 1.0)
    believed = [("11C12345", [TextRead("11C12346", 0.9)])] * 10
    assert misfit(believed, 2.0) < misfit(believed, 1.0)


@pytest.mark.parametrize("seed", range(24))
def test_writing_by_hand_shows_its_ink_within_its_corners(seed):
    picture, corners = handwriting("29H54710", np.random.default_rng(seed))
    assert picture.shape == CANVAS
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    assert (corners == [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]).all()
    ground = np.median(picture)
    inked = np.abs(picture.astype(float) - ground) > 20
    rows, columns = np.nonzero(inked)
    inside = (rows > y0 - 8) & (rows < y1 + 8) & (columns > x0 - 12) & (columns < x1 + 12)
    assert inked.mean() > 0.02
    assert inside.mean() > 0.97


def test_no_two_hands_write_alike():
    def sheet(seed: int) -> np.ndarray:
        paper = np.full((60, 240), 255, np.uint8)
        write(paper, "AB38", (10, 8, 230, 52), 0, np.random.default_rng(seed))
        return paper

    assert (sheet(1) == sheet(1)).all()
    assert ((sheet(1) < 128) != (sheet(2) < 128)).mean() > 0.03


def test_every_character_of_a_plate_can_be_written():
    for sign in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        paper = np.full((60, 60), 255, np.uint8)
        write(paper, sign, (8, 8, 52, 52), 0, np.random.default_rng(3))
        assert (paper < 128).mean() > 0.01
