"""How sharp a plate is in its frame, so that the best of many frames counts most and is the one kept."""

from dataclasses import asdict, dataclass
from typing import Protocol

import cv2
import numpy as np

from anpr.decode import decode
from anpr.rectify import rectify
from anpr.types import Corners, PlateRead

WIDTH, HEIGHT = 160, 48
HALF_SHARP = 400.0
"""The edges' strength (variance of the Laplacian) of a plate that counts as half sharp."""


class Reads(Protocol):
    def read(self, picture: bytes | np.ndarray) -> list[PlateRead]: ...


@dataclass(frozen=True, slots=True)
class SharpRead(PlateRead):
    """A plate as read, with how sharp it is: 0 for a blur, towards 1 for crisp edges."""

    sharpness: float


def read_sharply(engine: Reads, data: bytes) -> list[SharpRead]:
    """The plates of a frame's bytes with their sharpness. Raises `anpr.decode.PictureError`."""
    pixels = decode(data)
    return [SharpRead(**asdict(plate), sharpness=sharpness(pixels, plate.corners)) for plate in engine.read(pixels)]


def sharpness(pixels: np.ndarray, corners: Corners) -> float:
    """0 to 1, the same for a small plate and a large one that are equally crisp in the frame."""
    plate = cv2.resize(rectify(pixels, corners), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    edges = cv2.Laplacian(cv2.cvtColor(plate, cv2.COLOR_RGB2GRAY), cv2.CV_32F).var()
    return float(edges / (edges + HALF_SHARP))
