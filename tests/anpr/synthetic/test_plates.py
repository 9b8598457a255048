"""Synthetic plates: their texts are plates, their pictures have the true proportions."""

import numpy as np
import pytest

from anpr.synthetic.plates import design_for, draw_plate, random_plate
from declarations.plates import Kind, normalise, parse


def test_drawn_texts_are_known_plates_in_normal_form_and_all_kinds_occur():
    rng = np.random.default_rng(7)
    designs = [random_plate(rng) for _ in range(3000)]
    for design in designs:
        assert normalise(design.text) == design.text
        assert parse(design.text, country=design.country).known_form, design
        assert "".join(design.rows) == design.text
    assert {design.kind for design in designs} == set(Kind)
    assert {design.colour for design in designs} == {"white", "yellow", "blue", "red", "green", "black"}
    trucks = [d for d in designs if d.country == "VN" and d.lines == 2 and d.colour == "yellow"]
    assert len(trucks) > 250
    assert any(d.text.startswith("11") for d in trucks)
    assert any(d.text.startswith("桂") and d.text.endswith("挂") for d in designs)


@pytest.mark.parametrize(
    ("text", "asked", "shape", "rows", "colour"),
    [
        ("11C12345", {}, "vn_long", ("11C12345",), "yellow"),
        ("11C12345", {"lines": 2, "colour": "white"}, "vn_short", ("11C", "12345"), "white"),
        ("34RM01234", {}, "vn_short", ("34RM", "01234"), "yellow"),
        ("65B127889", {}, "vn_moto", ("65B1", "27889"), "white"),
        ("80NG12301", {"lines": 2}, "vn_short", ("80NG", "12301"), "white"),
        ("TH1234", {"lines": 2}, "vn_short", ("TH", "1234"), "red"),
        ("T1112345", {"lines": 2}, "vn_short", ("T11", "12345"), "white"),
        ("桂F12345", {}, "cn_long", ("桂F12345",), "blue"),
        ("桂F12345", {"lines": 2}, "cn_double", ("桂F", "12345"), "yellow"),
        ("桂L1234挂", {}, "cn_double", ("桂L", "1234挂"), "yellow"),
        ("桂AD12345", {}, "cn_energy", ("桂AD12345",), "green"),
        ("皖1946673", {}, "cn_farm", ("皖19", "46673"), "green"),
        ("???", {}, "vn_long", ("",), "white"),
    ],
)
def test_any_given_plate_has_a_design(text, asked, shape, rows, colour):
    design = design_for(text, **asked)
    assert (design.shape, design.rows, design.colour) == (shape, rows, colour)
    picture = draw_plate(design, np.random.default_rng(1), height_px=60)
    width_mm, height_mm = design.size_mm
    assert picture.shape == (60, round(width_mm * 60 / height_mm), 3)
    assert picture.dtype == np.uint8


def test_the_same_generator_state_draws_the_same_picture():
    design = design_for("15R12345")
    first, again = (draw_plate(design, np.random.default_rng(3), height_px=80) for _ in range(2))
    other = draw_plate(design, np.random.default_rng(4), height_px=80)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
