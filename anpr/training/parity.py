"""Whether the exported networks say what torch says, on real photos.

`python -m anpr.training.parity --plates ../shared/plates/train --detector LAST.pt` prints the largest difference of the
outputs, both in single precision, and fails where it is more than rounding. The reader's weights may lie between two
runs, so torch is given those of the export; the detector is compared with its checkpoint.
"""

import argparse
import csv
from pathlib import Path

import cv2
import numpy as np
import torch
from ultralytics import YOLO

from anpr.detector import Detector
from anpr.reader import WEIGHTS, Reader
from anpr.training.detector import network  # noqa: F401  (the checkpoint names its classes)
from anpr.training.reader.model import restored

PHOTOS = 24
MOST = 2e-3
"""The largest difference of a probability that counts as rounding."""


def photos(plates: Path) -> list[tuple[np.ndarray, tuple[int, int, int, int]]]:
    """Photos from all over the training folder, RGB, each with the box of a plate."""
    rows = list(csv.DictReader((plates / "scenes.csv").read_text().splitlines()))
    chosen = rows[:: len(rows) // PHOTOS][:PHOTOS]
    boxes = [tuple(int(float(row[side])) for side in ("x0", "y0", "x1", "y1")) for row in chosen]
    pictures = [cv2.cvtColor(cv2.imread(str(plates / row["file"])), cv2.COLOR_BGR2RGB) for row in chosen]
    return list(zip(pictures, boxes, strict=True))


@torch.inference_mode()
def reader_difference(pictures: list) -> float:
    served = Reader()
    given = np.stack(
        [served.prepared(picture[max(0, y0) : y1, max(0, x0) : x1]) for picture, (x0, y0, x1, y1) in pictures]
    )
    given = given[:, None]
    theirs = restored(WEIGHTS, torch.from_numpy(given)).eval()(torch.from_numpy(given)).exp().numpy()
    return float(np.abs(np.exp(served.network(given)) - theirs).max())


@torch.inference_mode()
def detector_difference(checkpoint: Path, pictures: list) -> float:
    net = YOLO(str(checkpoint), task="pose").model.float().eval()
    served = Detector()
    classes = slice(4, 8)
    most = 0.0
    for picture, _ in pictures:
        given, *_ = served.prepared(picture, served.looks[0][0])
        ours = served.network(given[None])[0]
        theirs = net(torch.from_numpy(given).permute(2, 0, 1)[None] / 255)
        theirs = (theirs[0] if isinstance(theirs, tuple) else theirs)[0].numpy()
        most = max(most, float(np.abs(ours[classes] - theirs[classes]).max()))
    return most


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--plates", type=Path, required=True)
    options.add_argument("--detector", type=Path)
    chosen = options.parse_args()
    pictures = photos(chosen.plates)
    most = {"reader": reader_difference(pictures)}
    if chosen.detector:
        most["detector"] = detector_difference(chosen.detector, pictures)
    for name, difference in most.items():
        print(f"{name}: on {len(pictures)} photos at most {difference:.1e} apart")
        if difference > MOST:
            raise SystemExit(f"the exported {name} is not the trained one")


if __name__ == "__main__":
    main()
