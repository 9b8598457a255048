"""Makes the reader's confidence as often right as it says, by one number in `reader.json`.

`python -m anpr.training.reader.calibrate --plates ../shared/plates/train --work var/reader`
finds the temperature at which the confidence of the whole text fits best what was right and wrong on real plates that
were held out. It changes no text.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from anpr.reader import WEIGHTS, Reader, agreed
from anpr.training.reader.unseen import unseen
from anpr.types import TextRead

TEMPERATURES = np.round(np.exp(np.linspace(np.log(0.25), np.log(4), 61)), 3)


def misfit(plates: Sequence[tuple[str, Sequence[TextRead]]], temperature: float) -> float:
    """Mean negative logarithm of what was said of the outcome: right, or wrong."""
    total = 0.0
    for text, cuts in plates:
        read = agreed(cuts, temperature=temperature)
        sure = min(max(read.confidence, 1e-4), 1 - 1e-4)
        total -= np.log(sure if read.text == text else 1 - sure)
    return total / len(plates)


def cuts_of(seen: np.ndarray) -> list[np.ndarray]:
    """A tighter and a wider cut, as the engine makes them."""
    rows, columns = seen.shape
    wide = cv2.copyMakeBorder(seen, rows // 14, rows // 14, columns // 14, columns // 14, cv2.BORDER_REPLICATE)
    return [cv2.cvtColor(cut, cv2.COLOR_GRAY2RGB) for cut in (seen, wide)]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--plates", type=Path, required=True)
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--weights", type=Path, default=WEIGHTS)
    chosen = options.parse_args()
    reader = Reader(chosen.weights)
    plates = [
        (text, reader.read(cuts_of(seen))) for seen, text in unseen(chosen.plates, chosen.work, seed=13, drawn=False)
    ]
    best = min(TEMPERATURES, key=lambda temperature: misfit(plates, temperature))
    about = chosen.weights.with_suffix(".json")
    told = json.loads(about.read_text()) | {"temperature": float(best)}
    about.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    print(f"{len(plates)} plates; temperature {best}, misfit {misfit(plates, 1.0):.3f} -> {misfit(plates, best):.3f}")


if __name__ == "__main__":
    main()
