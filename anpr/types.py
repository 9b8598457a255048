"""What the detector finds and the reader reads; plain values, no pictures.

Pictures go round as RGB arrays, height x width x 3, uint8. Coordinates are pixels of the picture, x to the
right and y down, (0, 0) the outer corner of the top left pixel.
"""

from dataclasses import dataclass
from typing import Literal

Country = Literal["VN", "CN"]
Colour = Literal["white", "yellow", "blue", "red", "green", "black"]
Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]
"""Clockwise from the plate's own top left: top left, top right, bottom right, bottom left."""


@dataclass(frozen=True, slots=True)
class Detection:
    """Where a plate is. `confidence` is 0 to 1; country and lines are what its layout looks like."""

    corners: Corners
    country: Country
    lines: Literal[1, 2]
    confidence: float


@dataclass(frozen=True, slots=True)
class TextRead:
    """What the reader makes of one rectified plate.

    `text` is in the normal form of plates, one confidence per character; `alternatives` are the next likeliest
    texts with their confidence, likeliest first. `known_form` tells whether the text fits a plate grammar.
    """

    text: str
    confidence: float
    char_confidences: tuple[float, ...] = ()
    alternatives: tuple[tuple[str, float], ...] = ()
    country: Country | None = None
    known_form: bool = False


@dataclass(frozen=True, slots=True)
class PlateRead:
    """One plate of a picture: where it is, what it says, how sure. An uncertain one is returned as well."""

    text: str
    country: Country | None
    lines: Literal[1, 2]
    colour: Colour
    known_form: bool
    confidence: float
    char_confidences: tuple[float, ...]
    alternatives: tuple[tuple[str, float], ...]
    corners: Corners
