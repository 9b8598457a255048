"""Whether the exported networks say what the trained ones say, on real photos.

`python -m anpr.training.parity --plates ../shared/plates/train --reader LAST.pt --detector LAST.pt` prints the largest
difference of the outputs, both in single precision, and fails where it is more than rounding.
"""

import argparse
import csv
from pathlib import Path

import cv2
import numpy as np
import torch
from ultralytics import YOLO

from anpr.detector import Detector
from anpr.reader import Reader
from anpr.training.detector import network  # noqa: F401  (the checkpoint names its classes)
from anpr.training.reader.model import ReaderNet

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
def reader_difference(checkpoint: Path, pictures: list) -> float:
    net = ReaderNet().eval()
    net.load_state_dict(torch.load(checkpoint)["mean"])
    served = Reader(exact=True)
    most = 0.0
    for picture, (x0, y0, x1, y1) in pictures:
        given = served.prepared(picture[max(0, y0) : y1, max(0, x0) : x1])[None, None]
        ours = served.network(given)
        most = max(most, float(np.abs(np.exp(ours) - net(torch.from_numpy(given)).exp().numpy()).max()))
    return most


@torch.inference_mode()
def detector_difference(checkpoint: Path, pictures: list) -> float:
    net = YOLO(str(checkpoint), task="pose").model.float().eval()
    served = Detector(exact=True)
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
    options.add_argument("--reader", type=Path)
    options.add_argument("--detector", type=Path)
    chosen = options.parse_args()
    pictures = photos(chosen.plates)
    for name, checkpoint, difference in (
        ("reader", chosen.reader, reader_difference),
        ("detector", chosen.detector, detector_difference),
    ):
        if checkpoint:
            most = difference(checkpoint, pictures)
            print(f"{name}: on {len(pictures)} photos at most {most:.1e} apart")
            if most > MOST:
                raise SystemExit(f"the exported {name} is not the trained one")


if __name__ == "__main__":
    main()
