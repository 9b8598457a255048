"""What the reader is to leave unread: mirrored plates, plates upside down, writing by hand, scenery."""

import cv2
import numpy as np

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
    """A text of the given characters as someone writes it on paper or board, in one line or two."""
    rows, columns = CANVAS
    ground, ink = rng.uniform(120, 250), rng.uniform(0, 110)
    if rng.random() < 0.3:
        ground, ink = ink, ground
    paper = np.full(CANVAS, round(ground), np.uint8)
    lines = [text] if rng.random() < 0.6 else [text[: len(text) // 2], text[len(text) // 2 :]]
    height = rows * (0.42 if len(lines) == 1 else 0.3)
    left, font, thick = columns * 0.16, _HANDS[rng.integers(len(_HANDS))], int(rng.integers(1, 4))
    for row, line in enumerate(lines):
        (width, tall), _ = cv2.getTextSize(line, font, 1.0, thick)
        scale = min(columns * 0.7 / max(width, 1), height / max(tall, 1))
        foot = rows * (0.62 if len(lines) == 1 else 0.45 + 0.38 * row)
        cv2.putText(paper, line, (round(left), round(foot)), font, scale, ink, thick, cv2.LINE_AA)
    sheets = cv2.resize(rng.normal(0, 1, (2, 5, 9, 1)).astype(np.float32)[0], (columns, rows), interpolation=3)
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    shaky = rng.uniform(1, 5)
    paper = cv2.remap(paper, x + sheets * shaky, y - sheets * shaky, cv2.INTER_LINEAR, borderValue=ground)
    top, bottom = rows * 0.12, rows * 0.88
    box = [(left - 8, top), (columns - left + 8, top), (columns - left + 8, bottom), (left - 8, bottom)]
    return paper, np.array(box, np.float32)


def scenery(photos: list[np.ndarray], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A piece of a photo where no plate is."""
    photo = photos[rng.integers(len(photos))]
    rows, columns = photo.shape
    width = rng.uniform(40, columns * 0.8)
    height = min(width / rng.uniform(1.2, 4.5), rows * 0.8)
    x, y = rng.uniform(0, columns - width), rng.uniform(0, rows - height)
    return photo, np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float32)
