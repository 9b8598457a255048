"""Finds plates in a picture: corners, country and layout. Needs ONNX Runtime and OpenCV only."""

import json
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from anpr.types import Corners, Detection

WEIGHTS = Path(__file__).parent / "weights" / "detector.onnx"
GREY = 114
"""The value around a picture that does not fill the input, as in training."""


class Detector:
    """A YOLO network whose key points are a plate's corners; loads once, then finds from any thread.

    Beside the weights lies a JSON file of the same name: classes, the input sizes in the order to be tried, stride.
    """

    def __init__(self, weights_path: str | Path = WEIGHTS, *, threads: int = 1) -> None:
        about = json.loads(Path(weights_path).with_suffix(".json").read_text())
        self.sizes: tuple[int, ...] = tuple(about["sizes"])
        self._layouts = [(name[:2].upper(), int(name[2])) for name in about["classes"]]
        self._stride: int = about["stride"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # threads that wait busily would take the processor from the worker beside
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(str(weights_path), options, ["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def find(self, picture: np.ndarray, *, size: int | None = None, least: float = 0.25) -> list[Detection]:
        """The plates of an RGB picture, surest first, none under the `least` confidence.

        `size` is the longer side to which the picture is scaled before it goes in, the first of `sizes` if not given.
        """
        blob, scale, offset = self._prepared(picture, size or self.sizes[0])
        columns = self._session.run(None, {self._input: blob})[0][0]
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

    def _prepared(self, picture: np.ndarray, size: int) -> tuple[np.ndarray, float, np.ndarray]:
        """The network's input (1 x 3 x height x width), and the scale and offset that lead from picture to input."""
        height, width = picture.shape[:2]
        scale = min(size / max(height, width), 4.0)
        inner = (max(1, round(width * scale)), max(1, round(height * scale)))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        scaled = picture if scale == 1 else cv2.resize(picture, inner, interpolation=way)
        outer = [-(-side // self._stride) * self._stride for side in inner]
        left, top = (outer[0] - inner[0]) // 2, (outer[1] - inner[1]) // 2
        blob = np.full((1, 3, outer[1], outer[0]), GREY / 255, np.float32)
        place = blob[0, :, top : top + inner[1], left : left + inner[0]]
        np.multiply(scaled.transpose(2, 0, 1), np.float32(1 / 255), out=place)
        return blob, scale, np.array([left, top], np.float32)


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
