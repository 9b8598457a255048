"""Where training pictures come from: plates drawn into a background, and real photos of the training folder.

Every example is a grey picture with the plate's four corners and its text. Photos stay outside the repository; what is
derived from them lies in the work folder only.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from anpr.synthetic.plates import draw_plate, random_plate
from declarations.plates import Kind, normalise, parse

CANVAS = (128, 256)
"""Rows and columns of a drawn example."""


@dataclass(frozen=True, slots=True)
class Example:
    """`corners` is 4 x 2, clockwise from top left; `head` counts the characters of the first line, all of them on a
    one-line plate; `source` names the folder it came from, or "drawn"."""

    picture: np.ndarray
    corners: np.ndarray
    text: str
    head: int
    source: str


def drawn(rng: np.random.Generator, backgrounds: list[np.ndarray]) -> Example:
    """One drawn plate on a background, slightly turned, with the light of a camera that sees its own shades."""
    design = random_plate(rng)
    plate = draw_plate(design, rng, height_px=int(rng.integers(70, 110)))
    shades = rng.dirichlet((3.0, 5.9, 1.1)) if rng.random() < 0.5 else np.array((0.299, 0.587, 0.114))
    grey = (plate.astype(np.float32) @ shades.astype(np.float32)).astype(np.uint8)
    rows, columns = CANVAS
    height, width = grey.shape
    scale = min(columns * rng.uniform(0.62, 0.8) / width, rows * rng.uniform(0.6, 0.78) / height)
    corners = np.array((columns / 2, rows / 2)) + _turned(width * scale, height * scale, rng)
    edge = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(edge, corners.astype(np.float32))
    canvas = _background(rng, backgrounds)
    cover = cv2.warpPerspective(np.full_like(grey, 255), matrix, (columns, rows), flags=cv2.INTER_AREA)
    laid = cv2.warpPerspective(grey, matrix, (columns, rows), flags=cv2.INTER_LINEAR)
    alpha = cover.astype(np.float32) / 255
    picture = canvas * (1 - alpha) + laid * alpha
    return Example(picture.astype(np.uint8), corners.astype(np.float32), design.text, len(design.rows[0]), "drawn")


def _turned(width: float, height: float, rng: np.random.Generator) -> np.ndarray:
    angle, shear = np.radians(np.clip(rng.normal(0, 4.5), -13, 13)), rng.normal(0, 0.06)
    box = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (width / 2, height / 2)
    box[:, 1] += box[:, 0] * shear * min(1, height / width * 3)
    box *= 1 + rng.normal(0, 0.02, (4, 2))
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    return box @ turn


def _background(rng: np.random.Generator, photos: list[np.ndarray]) -> np.ndarray:
    """A piece of a photo, or plain paint with an edge of a bumper or frame in it."""
    rows, columns = CANVAS
    if photos and rng.random() < 0.5:
        photo = photos[rng.integers(len(photos))]
        top, left = rng.integers(photo.shape[0] - rows + 1), rng.integers(photo.shape[1] - columns + 1)
        return photo[top : top + rows, left : left + columns].astype(np.float32)
    canvas = np.full(CANVAS, rng.uniform(5, 240), np.float32)
    for _ in range(int(rng.integers(0, 5))):
        y, x = rng.integers(-20, rows), rng.integers(-40, columns)
        corner = (int(x + rng.integers(20, columns)), int(y + rng.integers(4, rows)))
        cv2.rectangle(canvas, (int(x), int(y)), corner, float(rng.uniform(0, 255)), -1)
    return cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.5, 3)) + rng.normal(0, rng.uniform(0, 6), CANVAS)


def real(folder: Path, taught: Path | None) -> Iterator[Example]:
    """The labelled photos of the training folder; `taught` is the teacher's table of motorbike plates."""
    lessons = dict(csv.reader(taught.read_text().splitlines())) if taught and taught.exists() else {}
    for row in csv.DictReader((folder / "scenes.csv").read_text().splitlines()):
        text = normalise(row["plate"] or lessons.get(row["file"], ""))
        photo = cv2.imread(str(folder / row["file"]), cv2.IMREAD_GRAYSCALE) if text else None
        if photo is not None:
            head = len(text) if row["lines"] == "1" else 4
            yield _cut(photo, [float(row[side]) for side in ("x0", "y0", "x1", "y1")], text, head, row["file"])
    for row in csv.DictReader((folder / "crops.csv").read_text().splitlines()):
        crop = cv2.imread(str(folder / row["file"]), cv2.IMREAD_GRAYSCALE)
        height, width = crop.shape
        corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
        yield Example(crop, corners, normalise(row["plate"]), len(row["plate"]), "cn_crops_lprnet")


def _cut(photo: np.ndarray, box: list[float], text: str, head: int, file: str) -> Example:
    """The plate with a margin around, at most 260 px wide: larger ones add nothing."""
    x0, y0, x1, y1 = box
    margin_x, margin_y = (x1 - x0) * 0.3, (y1 - y0) * 0.3
    left, top = max(0, int(x0 - margin_x)), max(0, int(y0 - margin_y))
    piece = photo[top : int(y1 + margin_y) + 1, left : int(x1 + margin_x) + 1]
    corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32) - (left, top)
    scale = min(1.0, 260 / (x1 - x0))
    if scale < 1:
        piece = cv2.resize(piece, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return Example(piece, (corners * scale).astype(np.float32), text, head, file.split("/")[0])


def backgrounds(folder: Path) -> list[np.ndarray]:
    """Pieces of the training scenes away from their plates, to draw plates upon."""
    pieces = []
    rng = np.random.default_rng(5)
    for row in csv.DictReader((folder / "scenes.csv").read_text().splitlines()):
        photo = cv2.imread(str(folder / row["file"]), cv2.IMREAD_GRAYSCALE)
        if photo is None or min(photo.shape) < 200 or photo.shape[1] < 400:
            continue
        x0, y0, x1, y1 = (float(row[side]) for side in ("x0", "y0", "x1", "y1"))
        for _ in range(6):
            top, left = rng.integers(photo.shape[0] - 160), rng.integers(photo.shape[1] - 320)
            if left + 320 < x0 or left > x1 or top + 160 < y0 or top > y1:
                pieces.append(photo[top : top + 160, left : left + 320].copy())
                break
    return pieces


def held_out(example: Example) -> bool:
    """Whether a real example is for choosing the best weights, never for learning: a tenth of the plates, by text."""
    return sum(map(ord, example.text)) * 2654435761 % 1000 < 120


def teachable(text: str) -> str | None:
    """A motorbike plate from what a teacher read, its series letter put right, or None where no form fits."""
    plate = normalise(text)
    if len(plate) > 2 and plate[2].isdigit():
        plate = (
            plate[:2]
            + {"0": "D", "7": "Z", "8": "B", "5": "S", "2": "Z", "4": "A", "6": "G"}.get(plate[2], "?")
            + plate[3:]
        )
    known = parse(plate, country="VN")
    return plate if known.kind in {Kind.MOTORBIKE, Kind.CIVIL, Kind.SPECIAL} else None
