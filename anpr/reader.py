"""Reads the text of rectified plates. Needs ONNX Runtime and OpenCV only."""

import json
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from anpr.ctc import certainties, likeliest
from anpr.types import TextRead
from declarations.plates import VN_LOCAL_CODES, Plate, parse

MARGIN = 0.05
"""How much more than the plate a crop should show on each side, as a share of the plate's width or height."""

WEIGHTS = Path(__file__).parent / "weights" / "reader.onnx"


class Reader:
    """One small network for all layouts of both countries; loads once, then reads from any thread.

    Beside the weights lies a JSON file of the same name with the characters and the size of the input.
    """

    def __init__(self, weights_path: str | Path = WEIGHTS, *, threads: int = 1) -> None:
        about = json.loads(Path(weights_path).with_suffix(".json").read_text())
        self._alphabet: str = about["alphabet"]
        self._height, self._width = about["input"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(weights_path), options, ["CPUExecutionProvider"])

    def read(self, crops: list[np.ndarray]) -> list[TextRead]:
        """One reading a crop, in their order; a crop without a legible character gives an empty text.

        Crops are RGB, upright, of any size, the plate with about `MARGIN` around; the number of lines is seen.
        """
        if not crops:
            return []
        inputs = np.stack([self._prepared(crop) for crop in crops])[:, None]
        (logs,) = self._session.run(None, {"plate": inputs})
        return [self._text(np.exp(steps)) for steps in logs]

    def _prepared(self, crop: np.ndarray) -> np.ndarray:
        grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
        shrinks = grey.shape[1] > self._width
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        scaled = cv2.resize(grey, (self._width, self._height), interpolation=way).astype(np.float32)
        return (scaled - scaled.mean()) / (scaled.std() + 4.0)

    def _text(self, probabilities: np.ndarray) -> TextRead:
        found = likeliest(probabilities)
        texts = ["".join(self._alphabet[code - 1] for code in codes) for codes, _ in found]
        plates = [parse(text) for text in texts]
        chosen = max(range(len(found)), key=lambda i: found[i][1] * _plausibility(plates[i]))
        others = [(texts[i], found[i][1]) for i in range(len(found)) if i != chosen and texts[i]]
        plate = plates[chosen]
        return TextRead(
            text=texts[chosen],
            confidence=found[chosen][1],
            char_confidences=certainties(probabilities, found[chosen][0]),
            alternatives=tuple(sorted(others, key=lambda other: -other[1])[:5]),
            country=plate.country,
            known_form=plate.known_form,
        )


def _plausibility(plate: Plate) -> float:
    """How well a text fits the plates that exist; it only weighs texts that the network itself saw."""
    if not plate.known_form:
        return 0.02
    if plate.country == "VN" and plate.province and plate.province not in VN_LOCAL_CODES:
        return 0.2
    return 1.0 if plate.complete else 0.3
