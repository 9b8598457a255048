"""Cuts a plate out of a picture as if it had been seen straight from the front."""

import cv2
import numpy as np

from anpr.types import Corners

MAX_WIDTH = 400


def rectify(picture: np.ndarray, corners: Corners, margin: float = 0.0) -> np.ndarray:
    """The plate within its corners, upright, RGB, about as large as in the picture and at most `MAX_WIDTH` wide.

    `margin` adds that share of the plate's width and height on each side. What lies outside the picture repeats
    its rim.
    """
    quad = np.array(corners, np.float32)
    width = (np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    height = (np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
    scale = min(1.0, MAX_WIDTH / max(width, 1.0))
    width, height = max(8.0, width * scale), max(4.0, height * scale)
    left, top = width * margin, height * margin
    place = np.float32([[left, top], [left + width, top], [left + width, top + height], [left, top + height]])
    matrix = cv2.getPerspectiveTransform(quad - 0.5, place - 0.5)
    size = (max(2, round(width + 2 * left)), max(2, round(height + 2 * top)))
    if scale < 0.7:
        # a large plate is cut out at its own size and then averaged down; sampling alone would alias
        matrix = np.diag([1 / scale, 1 / scale, 1.0]) @ matrix
        full = (round(size[0] / scale), round(size[1] / scale))
        cut = cv2.warpPerspective(picture, matrix, full, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return cv2.resize(cut, size, interpolation=cv2.INTER_AREA)
    return cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
