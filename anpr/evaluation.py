"""Measures the reading engine on labelled photos: which plates were found, which read exactly, how fast."""

import csv
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from anpr.detector import Detector
from anpr.pipeline import Engine
from anpr.synthetic.scenes import random_scene
from anpr.types import PlateRead
from declarations.plates import normalise


@dataclass(frozen=True, slots=True)
class Outcome:
    """One labelled plate and what was read instead. `read` is the read nearest to the label, None if none is near."""

    file: str
    group: tuple[str, str, str]
    truth: str
    read: PlateRead | None
    ms: float

    @property
    def right(self) -> bool:
        return self.read is not None and normalise(self.read.text) == self.truth

    @property
    def right_without_province(self) -> bool:
        """Right but for the Han character before the letter; the same as right for plates that have none."""
        return self.read is not None and _without_han(normalise(self.read.text)) == _without_han(self.truth)


def evaluate(folder: Path, engine: Engine) -> list[Outcome]:
    """Read every photo that `labels.csv` in the folder names, once, and compare."""
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    outcomes, last, plates, ms = [], "", [], 0.0
    for row in sorted(rows, key=lambda row: row["file"]):
        if row["file"] != last:
            data = (folder / row["file"]).read_bytes()
            start = time.perf_counter()
            plates, last = engine.read(data), row["file"]
            ms = (time.perf_counter() - start) * 1000
        truth = normalise(row["plate"])
        group = (row["nation"], row["lines"], row["colour"])
        outcomes.append(Outcome(row["file"], group, truth, _nearest(truth, plates), ms))
    return outcomes


def table(outcomes: Iterable[Outcome]) -> str:
    """A Markdown table: all, by nation, VN photos apart from the barrier camera of the training set, by group."""
    outcomes = list(outcomes)
    rows: list[tuple[str, Callable[[Outcome], bool]]] = [("all", lambda o: True)]
    rows += [(nation, lambda o, n=nation: o.group[0] == n) for nation in sorted({o.group[0] for o in outcomes})]
    if any(o.file.startswith("vn_clp") for o in outcomes):
        rows.append(("VN, camera of the training set", lambda o: o.file.startswith("vn_clp")))
        rows.append(("VN, other cameras", lambda o: o.group[0] == "VN" and not o.file.startswith("vn_clp")))
    for group in sorted({o.group for o in outcomes}):
        rows.append(
            (
                f"{group[0]}, {group[1]} line{'s' if group[1] != '1' else ''}, {group[2]}",
                lambda o, g=group: o.group == g,
            )
        )
    lines = [
        "| plates | number | found | exactly right | right without province | ms median | ms p95 |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, belongs in rows:
        chosen = [o for o in outcomes if belongs(o)]
        count = len(chosen)
        times = sorted(o.ms for o in chosen)
        shares = [
            sum(o.read is not None for o in chosen),
            sum(o.right for o in chosen),
            sum(o.right_without_province for o in chosen),
        ]
        cells = [f"{share} ({share / count:.1%})" for share in shares]
        p95 = times[min(count - 1, int(count * 0.95))]
        lines.append(f"| {name} | {count} | {' | '.join(cells)} | {statistics.median(times):.0f} | {p95:.0f} |")
    return "\n".join(lines)


WIDTHS = ((0, 60, "under 60 px"), (60, 90, "60 to 90 px"), (90, 10_000, "90 px and more"))


def rendered_table(detector: Detector, count: int, *, seed: int = 2026) -> str:
    """A Markdown table of the plates found in `count` rendered 1920 x 1080 scenes, by their width and by input size.

    Found means: at the default least confidence, and the corners' area shared with the true one by more than half.
    """
    wanted: Counter[str] = Counter()
    found: Counter[tuple[str, int]] = Counter()
    for number in range(count):
        scene = random_scene(np.random.default_rng([seed, number]), size=(1920, 1080))
        truths = [np.array(plate.corners, np.float32) for plate in scene.plates]
        names = [next(name for low, high, name in WIDTHS if low <= np.ptp(quad[:, 0]) < high) for quad in truths]
        wanted.update(names)
        for size in detector.sizes:
            seen = [np.array(plate.corners, np.float32) for plate in detector.find(scene.picture, size=size)]
            for name, truth in zip(names, truths, strict=True):
                found[name, size] += any(shared_area(truth, quad) > 0.5 for quad in seen)
    heads = ["plates in rendered scenes", "number", *(f"found at {size}" for size in detector.sizes)]
    rows = [heads, ["---"] * len(heads)]
    rows += [[name, wanted[name], *(found[name, size] for size in detector.sizes)] for *_, name in WIDTHS]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


def shared_area(a: np.ndarray, b: np.ndarray) -> float:
    """What two convex quadrilaterals share, as a share of their union."""
    shared, _ = cv2.intersectConvexConvex(a, b)
    return shared / max(cv2.contourArea(a) + cv2.contourArea(b) - shared, 1e-6)


def _nearest(truth: str, plates: list[PlateRead]) -> PlateRead | None:
    """The read plate that shares most with the label, if at least half its characters agree."""
    near = sorted((edit_distance(normalise(plate.text), truth), index) for index, plate in enumerate(plates))
    return plates[near[0][1]] if near and near[0][0] <= len(truth) // 2 else None


def edit_distance(a: str, b: str) -> int:
    """How many characters must be put in, taken out or changed to make one text of the other."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        corner, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (x != y))
    return row[-1]


def _without_han(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii())
