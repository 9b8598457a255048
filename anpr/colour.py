"""The colour of a plate's ground."""

import cv2
import numpy as np

from anpr.types import Colour

HUES: tuple[tuple[float, Colour], ...] = (
    (11, "red"),
    (38, "yellow"),
    (94, "green"),
    (140, "blue"),
    (180, "red"),
)
"""Upper limits of OpenCV's hue, 0 to 180."""
PALE = 0.24
"""Saturation under which a ground counts as white or black."""


def ground_colour(plate: np.ndarray) -> Colour:
    """The ground's colour of a rectified plate (RGB). Without colour, as by infrared light, white or black."""
    rows, columns = plate.shape[:2]
    inner = plate[rows // 10 : rows - rows // 10, columns // 20 : columns - columns // 20]
    small = cv2.resize(inner, (64, 32), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    level, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    bright = grey > level
    is_ground = bright if bright.mean() > 0.5 else ~bright
    ground, ink = (np.median(small[part], axis=0) if part.any() else np.zeros(3) for part in (is_ground, ~is_ground))
    hue, saturation = _hue_and_saturation(ground)
    if bright.mean() <= 0.5 and ground.max() < 0.3 * ink.max():
        return "black"
    if saturation < PALE:
        return "white" if bright.mean() > 0.5 else "black"
    return next(name for limit, name in HUES if hue <= limit)


def _hue_and_saturation(colour: np.ndarray) -> tuple[float, float]:
    hue, saturation, _ = cv2.cvtColor(colour.astype(np.uint8).reshape(1, 1, 3), cv2.COLOR_RGB2HSV)[0, 0]
    return float(hue), saturation / 255
