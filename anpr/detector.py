"""Finds plates in a picture: corners, country and layout. Needs OpenVINO and OpenCV only."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from anpr.network import Network
from anpr.types import Corners, Detection

WEIGHTS = Path(__file__).parent / "weights" / "detector.onnx"
GREY = 114
"""The value around a picture that does not fill the input, as in training."""

SMALL = 90
"""Plates narrower than this in the input, in pixels, are looked at again from nearer."""

NEAR = 224
"""The input's side of that second look, in which the plate takes a little less than half the width."""

FAINT = 0.07
"""The confidence from which on something small is worth a second look."""

WIDE = 0.565
"""The height of a 16:9 input as a share of its width, a little more than 9/16 for the stride's sake."""

FORMS = ((1.0, WIDE), (1.0, 0.75), (WIDE, 1.0), (0.75, 1.0), (1.0, 1.0))
"""Width and height of an input as shares of the size, cheapest first. Windows and the largest look keep to the first
and the last. More forms would waste less, but each is compiled."""

LOOKS = 3
"""How many second looks follow a look at most; those found most surely come first."""


class Detector:
    """A YOLO network whose key points are a plate's corners; loads once, then finds from any thread.

    Beside the weights lies a JSON file of the same name: classes, stride, and the looks in the order to be tried, each
    an input size and how much wider than the picture on each side is looked, as a share of it.
    """

    def __init__(self, weights_path: str | Path = WEIGHTS, *, threads: int = 1) -> None:
        about = json.loads(Path(weights_path).with_suffix(".json").read_text())
        self.looks: tuple[tuple[int, float], ...] = tuple((size, margin) for size, margin in about["looks"])
        self.network = Network(weights_path, threads=threads, pictures=True)
        self._layouts = [(name[:2].upper(), int(name[2])) for name in about["classes"]]
        self._stride: int = about["stride"]

    def find_closely(
        self, picture: np.ndarray, *, size: int | None = None, margin: float = 0.0, least: float = 0.25
    ) -> list[Detection]:
        """As `find`, but what is small in the input is looked at again, each in a window of its own.

        That gives its corners more exactly, and decides upon what is faint at a fraction of a large input's cost.
        """
        scale = min((size or self.looks[0][0]) / (1 + 2 * margin) / max(picture.shape[:2]), 4.0)
        found: list[Detection] = []
        looks = 0
        for plate in self.find(picture, size=size, margin=margin, least=min(least, FAINT)):
            if looks < LOOKS and np.ptp([x for x, _ in plate.corners]) * scale < SMALL:
                looks += 1
                plate = self._nearer(picture, plate) or plate
            if plate.confidence >= least:
                found.append(plate)
        return _single(found)

    def _nearer(self, picture: np.ndarray, plate: Detection) -> Detection | None:
        """The same plate found in a window around it, None where none is there."""
        corners = np.array(plate.corners)
        middle, reach = corners.mean(axis=0), np.ptp(corners, axis=0)
        half = 1.1 * np.maximum(reach, WIDE * reach.max())
        left, top = np.maximum(middle - half, 0).astype(int).tolist()
        right, bottom = np.minimum(middle + half + 1, picture.shape[1::-1]).astype(int).tolist()
        seen = self.find(picture[top:bottom, left:right], size=NEAR)
        there = middle - (left, top)
        near = next((d for d in seen if np.abs(np.mean(d.corners, axis=0) - there).max() < 0.44 * reach.max()), None)
        if near is None:
            return None
        moved = tuple((x + left, y + top) for x, y in near.corners)
        return replace(near, corners=moved, confidence=max(near.confidence, plate.confidence))

    def find(
        self, picture: np.ndarray, *, size: int | None = None, margin: float = 0.0, least: float = 0.25
    ) -> list[Detection]:
        """The plates of an RGB picture, surest first, none under the `least` confidence.

        `size` is the longer side to which the picture is scaled before it goes in, that of the first look if not
        given; with a `margin` the picture and so much grey on each side of it, so that a plate which fills the picture
        has the surroundings that the network knows.
        """
        given, scale, offset = self.prepared(picture, size or self.looks[0][0], margin)
        columns = self.network(given[None])[0]
        scores = columns[4 : 4 + len(self._layouts)]
        sure = np.flatnonzero(scores.max(axis=0) >= least)
        sure = sure[np.argsort(-scores[:, sure].max(axis=0))]
        middle, half = columns[:2, sure].T, columns[2:4, sure].T / 2
        boxes = (np.stack([middle - half, middle + half], axis=1) - offset) / scale
        corners = columns[4 + len(self._layouts) :, sure].T.reshape(-1, 4, 3)[..., :2]
        corners = (corners - offset) / scale
        found: list[Detection] = []
        kept: list[np.ndarray] = []
        for score, box, quad in zip(scores[:, sure].T, boxes, corners, strict=True):
            if any(_overlap(box, other) > 0.45 for other in kept):
                continue
            kept.append(box)
            country, lines = self._layouts[int(score.argmax())]
            found.append(Detection(_trusted(quad, box), country, lines, float(score.max())))
        return found

    def prepared(self, picture: np.ndarray, size: int, margin: float = 0.0) -> tuple[np.ndarray, float, np.ndarray]:
        """The network's input (height x width x 3), and the scale and offset that lead from picture to input."""
        height, width = picture.shape[:2]
        whole = 1 + 2 * margin
        scale = min(size / whole / max(height, width), 4.0)
        inner = (max(1, round(width * scale)), max(1, round(height * scale)))
        outer = self._frame(size, round(inner[0] * whole), round(inner[1] * whole))
        left, top = (outer[0] - inner[0]) // 2, (outer[1] - inner[1]) // 2
        given = np.full((outer[1], outer[0], 3), GREY, np.uint8)
        given[top : top + inner[1], left : left + inner[0]] = _scaled(picture, inner)
        return given, scale, np.array([left, top], np.float32)

    def _frame(self, size: int, width: int, height: int) -> tuple[int, int]:
        """Width and height of the input: the smallest of those there are of this size that holds the picture."""
        forms = FORMS if NEAR < size <= self.looks[0][0] else (FORMS[0], FORMS[-1])
        sides = [(_up(size * wide, self._stride), _up(size * high, self._stride)) for wide, high in forms]
        return next((side for side in sides if width <= side[0] and height <= side[1]), sides[-1])


def _up(pixels: float, stride: int) -> int:
    return -(-round(pixels) // stride) * stride


def _scaled(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The picture in that size (width, height); what shrinks is averaged, by halves first, which is cheap."""
    while picture.shape[1] >= 2 * size[0] and picture.shape[0] >= 2 * size[1]:
        picture = cv2.resize(picture, (picture.shape[1] // 2, picture.shape[0] // 2), interpolation=cv2.INTER_AREA)
    return cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)


def _single(found: list[Detection]) -> list[Detection]:
    """The plates surest first, without those that lie on a surer one."""
    kept: list[tuple[Detection, np.ndarray]] = []
    for plate in sorted(found, key=lambda plate: -plate.confidence):
        box = np.array([np.min(plate.corners, axis=0), np.max(plate.corners, axis=0)])
        if all(_overlap(box, other) <= 0.45 for _, other in kept):
            kept.append((plate, box))
    return [plate for plate, _ in kept]


def _overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Shared area of two boxes (2 x 2: low and high corner) as a share of the smaller one."""
    sides = np.clip(np.minimum(a[1], b[1]) - np.maximum(a[0], b[0]), 0, None)
    smaller = min(np.prod(a[1] - a[0]), np.prod(b[1] - b[0]))
    return float(np.prod(sides) / max(smaller, 1e-6))


def _trusted(quad: np.ndarray, box: np.ndarray) -> Corners:
    """The corners, or the box's where they make no sensible plate."""
    x, y = quad.T
    area = 0.5 * float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))
    if area < 0.3 * float(np.prod(box[1] - box[0])) or not cv2.isContourConvex(quad.astype(np.float32)):
        (x0, y0), (x1, y1) = box
        quad = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    return tuple((float(x), float(y)) for x, y in quad)
