"""What the reader is to leave unread: mirrored plates, plates upside down, writing by hand, scenery."""

import cv2
import numpy as np

from anpr.training.reader import strokes
from anpr.training.reader.sources import CANVAS

_HANDS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX_SMALL,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)
"""Thin lettering of one stroke width, which no plate has."""


def mirrored(picture: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The plate as in a mirror; corners still go clockwise from the top left."""
    return picture[:, ::-1], (corners * (-1, 1) + (picture.shape[1], 0))[[1, 0, 3, 2]]


def upside_down(picture: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The plate turned by half a turn; corners still go clockwise from the top left."""
    return picture[::-1, ::-1], ((picture.shape[1], picture.shape[0]) - corners)[[2, 3, 0, 1]]


def handwriting(text: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A text of the given characters as someone writes it on paper, board or wall, in one line or two."""
    rows, columns = CANVAS
    ground, ink = rng.uniform(120, 250), rng.uniform(0, 110)
    if rng.random() < 0.3:
        ground, ink = ink, ground
    paper = np.full(CANVAS, round(ground), np.uint8)
    lines = [text] if rng.random() < 0.6 else [text[: len(text) // 2], text[len(text) // 2 :]]
    left, right = columns * 0.16, columns * 0.84
    top, bottom = (0.12, 0.88) if len(lines) == 2 else rng.uniform((0.2, 0.66), (0.34, 0.8))
    deep = (bottom - top) * rows / len(lines)
    by_pen = rng.random() < 0.6
    for row, line in enumerate(lines):
        box = (left, top * rows + deep * row, right, top * rows + deep * (row + 0.85))
        if by_pen:
            strokes.write(paper, line, box, ink, rng)
        else:
            _lettered(paper, line, box, ink, rng)
    sheets = cv2.resize(rng.normal(0, 1, (2, 5, 9, 1)).astype(np.float32)[0], (columns, rows), interpolation=3)
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    shaky = rng.uniform(1, 5)
    paper = cv2.remap(paper, x + sheets * shaky, y - sheets * shaky, cv2.INTER_LINEAR, borderValue=ground)
    # a detector takes the writing alone for the plate, or the sheet
    aside, above = rng.uniform(0, 0.12) * columns, rng.uniform(0.02, 0.12) * rows
    x0, x1, y0, y1 = left - aside, right + aside, top * rows - above, bottom * rows + above
    return paper, np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32)


def _lettered(paper: np.ndarray, line: str, box: tuple[float, float, float, float], ink: float, rng) -> None:
    left, top, right, bottom = box
    font, thick = _HANDS[rng.integers(len(_HANDS))], int(rng.integers(1, 4))
    (width, tall), _ = cv2.getTextSize(line, font, 1.0, thick)
    scale = min((right - left) / max(width, 1), (bottom - top) / max(tall, 1))
    cv2.putText(paper, line, (round(left), round(bottom)), font, scale, ink, thick, cv2.LINE_AA)


def scenery(photos: list[np.ndarray], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A piece of a photo where no plate is."""
    photo = photos[rng.integers(len(photos))]
    rows, columns = photo.shape
    width = rng.uniform(40, columns * 0.8)
    height = min(width / rng.uniform(1.2, 4.5), rows * 0.8)
    x, y = rng.uniform(0, columns - width), rng.uniform(0, rows - height)
    return photo, np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float32)
