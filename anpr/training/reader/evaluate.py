"""Measures the serving reader alone on labelled plates cut out along their boxes, and prints a table by group.

`python -m anpr.training.reader.evaluate --plates ../shared/plates [--wrong]`
Boxes are upright, so turned plates are harder here than after the detector, which gives corners.
"""

import argparse
import csv
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from anpr.evaluation import labels
from anpr.reader import MARGIN, WEIGHTS, Reader
from declarations.plates import normalise


def labelled(folder: Path) -> Iterator[tuple[str, str, str, np.ndarray]]:
    """Group, file, text and RGB crop of every plate of the measuring folder whose place is known."""
    by_plate = {(row["file"], row["plate"]): row for row in labels(folder / "labels.csv")}
    for row in csv.DictReader((folder / "boxes.csv").read_text().splitlines()):
        label = by_plate[row["file"], row["plate"]]
        photo = cv2.cvtColor(cv2.imread(str(folder / row["file"])), cv2.COLOR_BGR2RGB)
        x0, y0, x1, y1 = (float(row[side]) for side in ("x0", "y0", "x1", "y1"))
        dx, dy = (x1 - x0) * MARGIN, (y1 - y0) * MARGIN
        crop = photo[max(0, round(y0 - dy)) : round(y1 + dy), max(0, round(x0 - dx)) : round(x1 + dx)]
        group = f"{label['nation']} scenes, {label['lines']} line {label['colour']}"
        yield group, row["file"], normalise(row["plate"]), crop
    for row in labels(folder / "crops.csv"):
        crop = cv2.cvtColor(cv2.imread(str(folder / row["file"])), cv2.COLOR_BGR2RGB)
        yield f"VN crops, {row['lines']} line {row['colour']}", row["file"], normalise(row["plate"]), crop


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--plates", type=Path, required=True)
    options.add_argument("--weights", type=Path, default=WEIGHTS)
    options.add_argument("--wrong", action="store_true", help="print every plate read wrongly")
    chosen = options.parse_args()
    reader = Reader(chosen.weights)
    plates = list(labelled(chosen.plates / "dev"))
    tally: dict[str, list[bool]] = defaultdict(list)
    began = time.perf_counter()
    readings = [reader.read([crop])[0] for *_, crop in plates]
    each = (time.perf_counter() - began) / len(plates)
    for (group, file, text, _), reading in zip(plates, readings, strict=True):
        right = reading.text == text
        tally[group].append(right)
        tally[group.split(",")[0] + ", all"].append(right)
        if chosen.wrong and not right:
            print(f"{file:48} {text:10} read {reading.text:10} {reading.confidence:.2f} {reading.alternatives[:2]}")
    for group, right in sorted(tally.items()):
        print(f"{group:32} {sum(right):4} of {len(right):4}  {sum(right) / len(right):6.1%}")
    print(f"{each * 1000:.1f} ms a plate")


if __name__ == "__main__":
    main()
