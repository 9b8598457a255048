import numpy as np
import pytest

from anpr.colour import ground_colour
from anpr.synthetic.plates import design_for, draw_plate


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("29A12345", "white"),
        ("11C12345", "yellow"),
        ("80B12345", "blue"),
        ("TM1234", "red"),
        ("桂F12345", "blue"),
        ("桂FD12345", "green"),
        ("粤Z1234港", "black"),
    ],
)
@pytest.mark.parametrize("light", [1.0, 0.45])
def test_ground_colour_of_drawn_plates(text, colour, light):
    plate = draw_plate(design_for(text, colour=colour), np.random.default_rng(2), height_px=48)
    assert ground_colour((plate * light).astype(np.uint8)) == colour


def test_ground_colour_without_colour_is_white_or_black():
    plate = draw_plate(design_for("29A12345", colour="white"), np.random.default_rng(2), height_px=48)
    grey = np.repeat(plate.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    assert ground_colour(grey) == "white"
    assert ground_colour(255 - grey) == "black"


@pytest.mark.parametrize("shape", [(1, 1), (2, 400), (30, 3)])
def test_ground_colour_of_the_smallest_cut(shape):
    assert ground_colour(np.full((*shape, 3), 250, np.uint8)) in {"white", "black"}
