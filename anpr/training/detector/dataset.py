"""Writes the detector's training set: tiles as JPEG with YOLO pose labels, one seed, one set."""

import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from anpr.training.detector import tiles

SHARES = {"scene": 0.36, "altered": 0.46, "photo": 0.18}
"""Rendered scenes; photos with drawn plates; photos as they are."""
CHUNK = 60
CORNER_SIGMA = 0.12
"""How strictly corners are judged; the pose default, 0.25, is for joints of the body."""


def build(folder: Path, photos: Path, *, train: int, val: int, seed: int, workers: int = 1) -> Path:
    """Write `train` and `val` tiles under `folder` and return the data file for YOLO. What exists is kept, so an
    interrupted build goes on where it stopped."""
    jobs = [
        (folder, photos, part, first, min(CHUNK, count - first), seed)
        for part, count in (("train", train), ("val", val))
        for first in range(0, count, CHUNK)
    ]
    for part in ("train", "val"):
        for kind in ("images", "labels"):
            (folder / kind / part).mkdir(parents=True, exist_ok=True)
    if workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            list(pool.map(_write_chunk, jobs))
    else:
        for job in jobs:
            _write_chunk(job)
    data = {
        "path": str(folder.resolve()),
        "train": "images/train",
        "val": "images/val",
        "names": dict(enumerate(tiles.CLASSES)),
        "kpt_shape": [4, 3],
        "flip_idx": [1, 0, 3, 2],
        "kpt_oks_sigmas": [CORNER_SIGMA] * 4,
    }
    path = folder / "data.yaml"
    path.write_text(json.dumps(data))
    return path


def _write_chunk(job) -> None:
    folder, photos_root, part, first, count, seed = job
    done = folder / "labels" / part / f".done-{first:06d}"
    if done.exists():
        return
    cv2.setNumThreads(1)
    rng = np.random.default_rng([seed, first, part == "val"])
    photos = tiles.Photos(photos_root)
    kinds = list(SHARES)
    number = first
    while number < first + count:
        kind = kinds[rng.choice(len(kinds), p=list(SHARES.values()))]
        if kind == "scene":
            source = tiles.synthetic_source(rng)
            repeats = 3 if source.plates else 1
        else:
            source, repeats = photos.source(rng), 1
            if kind == "altered":
                source = tiles.with_synthetic_plates(source, rng)
        for _ in range(min(repeats, first + count - number)):
            tile = tiles.cut(source, rng)
            name = f"{number:06d}"
            _, data = cv2.imencode(".jpg", tile.picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
            (folder / "images" / part / f"{name}.jpg").write_bytes(data.tobytes())
            lines = [tiles.label_line(mark) for mark in tile.plates]
            (folder / "labels" / part / f"{name}.txt").write_text("\n".join(lines))
            number += 1
    done.touch()
