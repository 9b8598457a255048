"""How sharp a plate is in its frame."""

import cv2
import pytest

from anpr.decode import PictureError, decode
from anpr.sharpness import read_sharply, sharpness
from anpr.synthetic.scenes import render_passage
from tests.anpr.frames import picture, plate


class Finds:
    """An engine that finds one plate in every picture."""

    def __init__(self, found):
        self.found = found

    def read(self, pixels):
        return [self.found]


def test_a_blurred_plate_is_less_sharp():
    pixels = decode(render_passage("11C12345", seed=0))
    corners = plate("11C12345", at=(554, 496), width=110).corners
    values = [sharpness(cv2.GaussianBlur(pixels, (size, size), 0), corners) for size in (1, 3, 9, 21)]
    assert values == sorted(values, reverse=True)
    assert 0 <= values[-1] < 0.2 < 0.4 < values[0] < 1


def test_an_even_ground_has_no_edges():
    (read,) = read_sharply(Finds(plate("11C12345")), picture(200, 100))
    assert (read.text, read.sharpness) == ("11C12345", 0.0)


def test_bytes_that_are_no_picture_are_refused():
    with pytest.raises(PictureError):
        read_sharply(Finds(plate("11C12345")), b"nothing")
