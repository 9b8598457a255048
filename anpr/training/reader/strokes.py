"""Characters as a person writes them with a pen: block letters of one stroke width, no two alike."""

import cv2
import numpy as np

_PEN = {
    "0": "10 30 41 45 36 16 05 01 10",
    "1": "11 20 26",
    "2": "01 10 30 41 42 06 46",
    "3": "00 40 22 43 45 36 16 05",
    "4": "36 30 04 44",
    "5": "40 00 02 32 43 45 36 06",
    "6": "30 10 02 05 16 36 45 43 33 03",
    "7": "00 40 16",
    "8": "13 02 01 10 30 41 42 33 13 04 05 16 36 45 44 33",
    "9": "43 13 02 01 10 30 41 44 26",
    "A": "06 20 46, 14 34",
    "B": "00 06, 00 30 41 42 33 03, 33 44 45 36 06",
    "C": "41 30 10 01 05 16 36 45",
    "D": "00 06, 00 30 41 45 36 06",
    "E": "40 00 06 46, 03 33",
    "F": "40 00 06, 03 33",
    "G": "41 30 10 01 05 16 36 45 43 23",
    "H": "00 06, 40 46, 03 43",
    "I": "20 26",
    "J": "40 45 36 16 05",
    "K": "00 06, 40 03 46",
    "L": "00 06 46",
    "M": "06 00 24 40 46",
    "N": "06 00 46 40",
    "O": "10 30 41 45 36 16 05 01 10",
    "P": "06 00 30 41 42 33 03",
    "Q": "10 30 41 45 36 16 05 01 10, 24 46",
    "R": "06 00 30 41 42 33 03, 23 46",
    "S": "41 30 10 01 02 13 33 44 45 36 16 05",
    "T": "00 40, 20 26",
    "U": "00 05 16 36 45 40",
    "V": "00 26 40",
    "W": "00 16 23 36 40",
    "X": "00 46, 40 06",
    "Y": "00 23 40, 23 26",
    "Z": "00 40 06 46",
}
"""Strokes of a pen, each through points given as a column 0 to 4 and a row 0 to 6."""


def write(paper: np.ndarray, text: str, box: tuple[float, float, float, float], ink: float, rng: np.random.Generator):
    """Writes one line of capitals and digits into the box (left, top, right, bottom) of the grey `paper`.

    Every point is a little off, letters lean, stand unevenly and differ in size; the pen is as thick as it happens.
    """
    left, top, right, bottom = box
    pitch, tall = (right - left) / max(len(text), 1), bottom - top
    wide = pitch * rng.uniform(0.5, 0.8)
    shaky, uneven, lean = rng.uniform(0.1, 0.35), rng.uniform(0.01, 0.09), rng.normal(0.08, 0.12)
    thick = max(1, round(tall * rng.uniform(0.04, 0.16)))
    for place, sign in enumerate(text):
        origin = np.array([left + pitch * place, top]) + rng.normal(0, uneven, 2) * (pitch, tall)
        size = np.array([wide / 4, tall / 6]) * rng.normal(1, uneven / 2, 2)
        own = lean + rng.normal(0, 0.08)
        for stroke in _PEN[sign].split(", "):
            points = np.array([(int(x), int(y)) for x, y in stroke.split(" ")], np.float32)
            points += rng.normal(0, shaky, points.shape)
            points[:, 0] += own * (3 - points[:, 1])
            whole = np.round((points * size + origin) * 16).astype(np.int32)
            cv2.polylines(paper, [whole], False, ink, thick, cv2.LINE_AA, shift=4)
