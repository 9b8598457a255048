"""A training set of what officers settled, in the form of the photos that training already reads."""

import csv
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import cv2
from django.db.models import Q

from anpr.consensus import LIKE_COST
from anpr.decode import PictureError, decode
from anpr.matching import IMPOSSIBLE, cost_of
from anpr.models import Reading, Sample
from anpr.rectify import rectify
from declarations.plates import parse

FRAMES_OF_ONE = 3
"""So many frames of a vehicle at most, the best first: more of the same teach nothing new."""
MARGIN = 0.12


@dataclass(frozen=True)
class Scene:
    """One line of `scenes.csv`: a frame with the plate's true text and its box in pixels."""

    file: str
    nation: str
    plate: str
    lines: int
    colour: str
    kind: str
    x0: float
    y0: float
    x1: float
    y1: float
    img_w: int
    img_h: int
    source: str
    note: str


@dataclass(frozen=True)
class Crop:
    """One line of `crops.csv`: the plate cut out and straightened."""

    file: str
    nation: str
    plate: str
    lines: int
    colour: str
    w: int
    h: int
    source: str
    note: str


def export_samples(folder: Path, *, since: datetime | None = None, camera: str = "") -> tuple[int, int]:
    """Write frames and cut-out plates of the settled vehicles there; return how many frames and plates.

    Only frames in which the engine found the plate are taken, whatever it read there. The folder is its owner's
    alone: plates are personal data.
    """
    for name in ("scenes", "crops"):
        (folder / name).mkdir(mode=0o700, parents=True)
    folder.chmod(0o700)
    scenes, crops = [], []
    for sample in _samples(since, camera):
        for reading, plate in _frames(sample):
            if pair := _written(folder, sample, reading, plate):
                scenes.append(pair[0])
                crops.append(pair[1])
    _table(folder / "scenes.csv", Scene, scenes)
    _table(folder / "crops.csv", Crop, crops)
    return len(scenes), len(crops)


def _samples(since: datetime | None, camera: str) -> Iterator[Sample]:
    samples = Sample.objects.select_related("reading__camera").order_by("pk")
    if since:
        samples = samples.filter(at__gte=since)
    if camera:
        samples = samples.filter(reading__camera__code=camera)
    return samples.iterator(chunk_size=200)


def _frames(sample: Sample) -> Iterator[tuple[Reading, SimpleNamespace]]:
    """The vehicle's best frames in which the plate was found, each with that plate."""
    frames = Reading.objects.filter(Q(pk=sample.reading_id) | Q(same_as=sample.reading_id)).exclude(image="")
    found = 0
    for reading in frames.select_related("camera").order_by("-quality", "pk"):
        plate = _plate(reading, sample.text)
        if plate is not None and found < FRAMES_OF_ONE:
            found += 1
            yield reading, plate


def _plate(reading: Reading, text: str) -> SimpleNamespace | None:
    """Of the plates in the frame the one that says this, however badly; where there is but one, that one."""
    plates = [SimpleNamespace(**plate) for plate in reading.plates]
    costs = [cost_of(plate, text) for plate in plates]
    if not plates:
        return None
    best = min(range(len(plates)), key=lambda index: costs[index])
    likely = costs[best] <= 4 * LIKE_COST
    alone = len(plates) == 1 and costs[best] <= IMPOSSIBLE + 1
    return plates[best] if likely or alone else None


def _written(folder: Path, sample: Sample, reading: Reading, plate: SimpleNamespace) -> tuple[Scene, Crop] | None:
    try:
        with reading.image.open("rb") as file:
            data = file.read()
        pixels = decode(data)
    except (OSError, PictureError):
        return None
    name = f"{reading.pk}.{reading.image.name.rpartition('.')[2]}"
    (folder / "scenes" / name).write_bytes(data)
    cut = rectify(pixels, plate.corners, MARGIN)
    cv2.imwrite(str(folder / "crops" / f"{reading.pk}.png"), cut[..., ::-1])
    across, down = zip(*plate.corners, strict=True)
    true = parse(sample.text)
    same = {
        "nation": true.country or plate.country or "",
        "plate": sample.text,
        "lines": plate.lines,
        "colour": plate.colour,
        "source": f"{reading.camera.code} {reading.taken_at:%Y-%m-%d}",
        "note": f"read {plate.text} at {plate.confidence:.2f}",
    }
    height, width = pixels.shape[:2]
    box = {"x0": min(across), "y0": min(down), "x1": max(across), "y1": max(down)}
    scene = Scene(file=f"scenes/{name}", kind="scene", img_w=width, img_h=height, **box, **same)
    return scene, Crop(file=f"crops/{reading.pk}.png", w=cut.shape[1], h=cut.shape[0], **same)


def _table(path: Path, kind: type, rows: Iterable[Scene | Crop]) -> None:
    names = [field.name for field in fields(kind)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([getattr(row, name) for name in names] for row in rows)


def remove(folder: Path) -> None:
    """Take away what an export that failed left behind."""
    shutil.rmtree(folder, ignore_errors=True)
