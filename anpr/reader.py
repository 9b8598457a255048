"""Reads the text of rectified plates. Needs OpenVINO and OpenCV only."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from anpr.ctc import certainties, likeliest
from anpr.network import Network
from anpr.types import TextRead
from declarations.plates import VN_LOCAL_CODES, Kind, Plate, parse

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
        self.temperature: float = about.get("temperature", 1.0)
        self.network = Network(weights_path, threads=threads)

    def read(self, crops: list[np.ndarray]) -> list[TextRead]:
        """One reading a crop, in their order; one without a legible character gives an empty text, confidence 0.

        Crops are RGB, upright, of any size, the plate with about `MARGIN` around; the number of lines is seen.
        """
        if not crops:
            return []
        inputs = np.stack([self.prepared(crop) for crop in crops])[:, None]
        pairs = (inputs[first : first + 2] for first in range(0, len(inputs), 2))
        return [self._text(np.exp(steps)) for pair in pairs for steps in self.network(pair)]

    def read_plates(self, cuts: Sequence[Sequence[np.ndarray]]) -> list[TextRead]:
        """One reading a plate from its several cuts, confidence calibrated: as often right as it says."""
        texts = iter(self.read([cut for plate in cuts for cut in plate]))
        return [agreed([next(texts) for _ in plate], temperature=self.temperature) for plate in cuts]

    def prepared(self, crop: np.ndarray) -> np.ndarray:
        """The network's input (height x width): grey, of mean 0 and deviation 1."""
        grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
        shrinks = grey.shape[1] > self._width
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        scaled = cv2.resize(grey, (self._width, self._height), interpolation=way).astype(np.float32)
        return (scaled - scaled.mean()) / (scaled.std() + 4.0)

    def _text(self, probabilities: np.ndarray) -> TextRead:
        found = likeliest(probabilities)
        texts = ["".join(self._alphabet[code - 1] for code in codes) for codes, _ in found]
        chances = dict(zip(texts, (chance for _, chance in found), strict=True))
        text = _best(chances)
        return _read(text, chances, certainties(probabilities, found[texts.index(text)][0]))


def agreed(reads: Sequence[TextRead], *, temperature: float = 1.0) -> TextRead:
    """One reading from those of several cuts of one plate: the text that is likeliest over all of them.

    A temperature under 1 makes what is likely likelier, one over 1 doubts it more.
    """
    chances: defaultdict[str, float] = defaultdict(float)
    for read in reads:
        for text, chance in ((read.text, read.confidence), *read.alternatives):
            chances[text] += chance / len(reads)
    rest = max(0.0, 1.0 - sum(chances.values())) ** (1 / temperature)
    powers = {text: chance ** (1 / temperature) for text, chance in chances.items()}
    whole = (rest + sum(powers.values())) or 1.0
    shares = {text: power / whole for text, power in powers.items()}
    text = _best(shares)
    nearest = max(reads, key=lambda read: (read.text == text, read.confidence))
    # a text that no cut read as its first choice has no characters' confidences of its own
    each = nearest.char_confidences if nearest.text == text else (shares[text],) * len(text)
    return _read(text, shares, each)


def _best(chances: Mapping[str, float]) -> str:
    return max(chances, key=lambda text: chances[text] * _plausibility(text))


def _read(text: str, chances: Mapping[str, float], each: tuple[float, ...]) -> TextRead:
    plate = parse(text)
    others = sorted((pair for pair in chances.items() if pair[0] not in ("", text)), key=lambda pair: -pair[1])
    sure = chances[text] if text else 0.0
    return TextRead(text, sure, each, tuple(others[:5]), plate.country, plate.known_form)


def _plausibility(text: str) -> float:
    """How well a text fits the plates that exist; it only weighs texts that the network itself saw."""
    if not text:
        return 1.0
    plate = parse(text)
    if not plate.known_form:
        return 0.02
    if plate.country == "VN":
        return _commonness(plate) * (0.2 if plate.province and plate.province not in VN_LOCAL_CODES else 1.0)
    return 1.0 if plate.complete else 0.3


def _commonness(plate: Plate) -> float:
    """Numbers have five digits since 2010, and series of two letters are those of small motorbikes only."""
    if plate.kind is Kind.MOTORBIKE:
        return 1.0 if plate.text[3].isdigit() else 0.3
    if plate.kind in (Kind.CIVIL, Kind.SPECIAL, Kind.TRAILER):
        return {5: 1.0, 4: 0.5}.get(len(plate.text) - len(plate.text.rstrip("0123456789")), 0.2)
    return 1.0
