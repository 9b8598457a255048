"""Real Chinese plates with another province: most real ones at hand are of one, and a network learns to guess it.

The characters of the plate stay as the camera saw them; only the first is painted over and drawn anew in the plate's
own ground, ink and sharpness.
"""

import cv2
import numpy as np

from anpr.synthetic.plates import han_glyph
from anpr.training.reader.sources import Example
from declarations.plates import CN_PROVINCES

CELL = (0.033, 0.139)
"""Where the province stands on a one-line plate, as shares of its width (GA 36: 15.5 to 60.5 of 440 mm, and a rim)."""

HIGH = 0.645
"""A character's height as a share of the plate's."""


def can_change(example: Example) -> bool:
    """Whether the example is a one-line Chinese plate that begins with its province."""
    return example.text[:1] in CN_PROVINCES and example.head == len(example.text) == 7


def with_province(example: Example, rng: np.random.Generator) -> Example:
    """The same plate with a province by chance, all equally often."""
    province = str(rng.choice(list(CN_PROVINCES)))
    picture = example.picture.astype(np.float32)
    cell, ink_is_bright = _cell(picture, example.corners)
    shape = (picture.shape[1], picture.shape[0])
    height, width = 96, 48
    box = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    area = np.zeros(picture.shape, np.uint8)
    cv2.fillPoly(area, [np.round(_grown(cell, 1.12) * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    inside = area > 128
    if inside.sum() < 12:
        return example
    level, _ = cv2.threshold(picture[inside].astype(np.uint8)[None], 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    is_ink = (picture > level) == ink_is_bright
    old = cv2.dilate((is_ink & inside).astype(np.uint8), np.ones((3, 3), np.uint8))
    ground = cv2.inpaint(picture.astype(np.uint8), old, 3, cv2.INPAINT_TELEA).astype(np.float32)
    values = np.sort(picture[inside & is_ink])
    ink = float(np.mean(values[-len(values) // 3 :] if ink_is_bright else values[: max(1, len(values) // 3)]))
    glyph = cv2.resize(han_glyph(province, rng), (width, height), interpolation=cv2.INTER_AREA)
    matrix = cv2.getPerspectiveTransform(box, cell.astype(np.float32))
    across = float(np.linalg.norm(cell[1] - cell[0]))
    soft = cv2.GaussianBlur(glyph, (0, 0), max(0.4, rng.uniform(0.15, 0.6) * width / max(across, 4)))
    cover = cv2.warpPerspective(soft, matrix, shape, flags=cv2.INTER_LINEAR)
    changed = np.clip(ground + (ink - ground) * cover * rng.uniform(0.85, 1.05), 0, 255).astype(np.uint8)
    return Example(changed, example.corners, province + example.text[1:], example.head, example.source)


def _cell(picture: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, bool]:
    """The province's place (4 x 2, clockwise from top left), and whether the ink is brighter than the ground.

    Known are upright boxes around plates that may climb; how much follows from the middles of the characters.
    """
    (x0, y0), (x1, y1) = corners.min(0), corners.max(0)
    width, height = x1 - x0, y1 - y0
    top, bottom = max(0, round(y0 + height * 0.12)), round(y1 - height * 0.12)
    left, right = max(0, round(x0 + width * 0.16)), round(x1 - width * 0.04)
    text = picture[top:bottom, left:right].astype(np.uint8)
    level, _ = cv2.threshold(text, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    bright = text > level
    ink_is_bright = bool(bright.mean() < 0.5)
    rows, columns = np.nonzero(bright == ink_is_bright)
    climb = float(np.clip(np.polyfit(columns, rows, 1)[0], -0.25, 0.25)) if len(rows) > 20 else 0.0
    plate_height = max(height - abs(climb) * width, height * 0.6)
    middle = float(rows.mean() + top if len(rows) else (y0 + y1) / 2)
    centre = (left + float(columns.mean() if len(columns) else 0), middle)
    xs = x0 + width * np.array(CELL)
    down = plate_height * HIGH / 2
    ys = [centre[1] + climb * (x - centre[0]) for x in xs]
    cell = [(xs[0], ys[0] - down), (xs[1], ys[1] - down), (xs[1], ys[1] + down), (xs[0], ys[0] + down)]
    return np.array(cell, np.float32), ink_is_bright


def _grown(quad: np.ndarray, by: float) -> np.ndarray:
    return (quad - quad.mean(0)) * by + quad.mean(0)
