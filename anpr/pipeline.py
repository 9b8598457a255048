"""From a picture to its plates: detect, rectify, read, name the colour."""

import os
from functools import lru_cache

import numpy as np

from anpr.colour import ground_colour
from anpr.decode import decode
from anpr.detector import NEAR, Detector
from anpr.reader import MARGIN, Reader
from anpr.rectify import rectify
from anpr.types import Detection, PlateRead, TextRead

SURE = 0.8
"""A picture with a plate read at least this surely is not looked at again at another size."""

LIKELY = 0.3
"""The same for a large picture, of which another frame follows and a further look takes as long as all before it."""

LARGE = 1280
"""The longer side from which on a picture shows a scene: no camera cuts plates out as large."""

ENLARGED = 2.5
"""A picture shows nothing new where it is made larger than this; a small one holds a plate that was cut out."""

LEGIBLE = 24
"""A picture whose longer side has fewer pixels shows no plate that anybody could read."""

MARGINS = (MARGIN, 0.13)
"""Every plate is read from two cuts: corners that came out a little tight would lose the first or last character, and
what is read alike from both is surer."""

FILLING = 0.5
"""The share of the picture's width from which on a plate fills it, as in pictures that a camera cut out. Corners are
least exact there, so such a plate is read from a cut that adds nothing around it as well."""


class Engine:
    """The reading engine; loads its two networks once and may be used from any thread."""

    def __init__(self, detector: Detector | None = None, reader: Reader | None = None, *, threads: int | None = None):
        threads = threads or int(os.environ.get("ANPR_THREADS", "0")) or min(2, os.cpu_count() or 1)
        self.detector = detector or Detector(threads=threads)
        self.reader = reader or Reader(threads=threads)

    def warm_up(self) -> None:
        """Have compiled what most frames need, that the first truck need not wait for it."""
        blank = np.full((1080, 1920, 3), 114, np.uint8)
        self.detector.find(blank)
        self.detector.find(blank, size=NEAR)
        self.reader.read([blank, blank])

    def read(self, picture: bytes | np.ndarray) -> list[PlateRead]:
        """The plates of a picture (a file's bytes, or an RGB array), surest first.

        An uncertain plate is returned with its low confidence. Raises `anpr.decode.PictureError` for bytes that are
        no usable picture.
        """
        pixels = decode(picture) if isinstance(picture, bytes | bytearray | memoryview) else picture
        longer = max(pixels.shape[:2])
        if longer < LEGIBLE:
            return []
        is_large = longer >= LARGE
        enough = LIKELY if is_large else SURE
        plates: list[PlateRead] = []
        for size, margin in self.detector.looks:
            if is_large if margin else size > ENLARGED * longer:
                continue
            plates = _merged(plates, self._read_at(pixels, size, margin))
            if plates and plates[0].confidence >= enough:
                break
        return plates

    def _read_at(self, pixels: np.ndarray, size: int, margin: float) -> list[PlateRead]:
        found = self.detector.find_closely(pixels, size=size, margin=margin)
        texts = self.reader.read_plates([_cuts(pixels, plate) for plate in found])
        return [_plate(pixels, plate, text) for plate, text in zip(found, texts, strict=True) if text.text]


@lru_cache(maxsize=1)
def default_engine() -> Engine:
    """The process's one engine, loaded when first asked for. Threads from `ANPR_THREADS`, at most 2 otherwise."""
    return Engine()


def _cuts(pixels: np.ndarray, plate: Detection) -> list[np.ndarray]:
    fills = np.ptp([x for x, _ in plate.corners]) > FILLING * pixels.shape[1]
    return [rectify(pixels, plate.corners, margin) for margin in ((0.0, *MARGINS) if fills else MARGINS)]


def _plate(pixels: np.ndarray, plate: Detection, text: TextRead) -> PlateRead:
    return PlateRead(
        text=text.text,
        country=text.country if text.known_form else plate.country,
        lines=plate.lines,
        colour=ground_colour(rectify(pixels, plate.corners)),
        known_form=text.known_form,
        confidence=text.confidence * min(1.0, plate.confidence * 2),
        char_confidences=text.char_confidences,
        alternatives=text.alternatives,
        corners=plate.corners,
    )


def _merged(first: list[PlateRead], second: list[PlateRead]) -> list[PlateRead]:
    """Both lists without doubles, surest first; of two that lie on each other the surer one stays."""
    kept: list[PlateRead] = []
    for plate in sorted([*first, *second], key=lambda plate: -plate.confidence):
        if all(not _same_place(plate, other) for other in kept):
            kept.append(plate)
    return kept


def _same_place(a: PlateRead, b: PlateRead) -> bool:
    """Whether either plate's middle lies within the other's bounds."""
    quads = np.array(a.corners), np.array(b.corners)
    return any(
        ((inner.mean(axis=0) > outer.min(axis=0)) & (inner.mean(axis=0) < outer.max(axis=0))).all()
        for inner, outer in (quads, quads[::-1])
    )
