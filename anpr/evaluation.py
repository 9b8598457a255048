"""Measures reading on labelled photos: which plates were found, which read exactly, how surely, how fast.

What is compared may come from the engine or from a peer, so a read is a text with a confidence here, and no more.
"""

import csv
import json
import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from anpr.decode import decode
from anpr.detector import Detector
from anpr.pipeline import Engine
from anpr.synthetic.scenes import random_scene
from declarations.plates import normalise

Read = tuple[str, float]
"""A text in the normal form of plates, and its confidence."""

Reads = dict[str, tuple[list[Read], float]]
"""What was read in each file, and the milliseconds from its bytes to text."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One labelled plate and what was read instead: the read nearest to the label, None if none is near."""

    file: str
    group: tuple[str, str, str]
    truth: str
    read: Read | None
    ms: float

    @property
    def right(self) -> bool:
        return self.read is not None and self.read[0] == self.truth

    @property
    def right_without_province(self) -> bool:
        """Right but for the Han character before the letter; the same as right for plates that have none."""
        return self.read is not None and _without_han(self.read[0]) == _without_han(self.truth)

    @property
    def right_characters(self) -> int:
        """How many of the label's characters were read, each mistake taking one away."""
        return max(0, len(self.truth) - edit_distance(self.read[0], self.truth)) if self.read else 0


MISLABELLED = {
    "crops_vn/59X220962_20241221_065646.jpg": "59X220982",
    "crops_vn/72F103540_20241221_163305.jpg": "72F103640",
}
"""Photos whose file name, which is their label, is not what stands on the plate; looked at by eye."""


def labels(path: Path) -> list[dict[str, str]]:
    """The rows of a table of labels: file (from the table's folder), nation, plate, lines, colour; by file."""
    with path.open(newline="", encoding="utf-8") as lines:
        rows = [row | {"plate": MISLABELLED.get(row["file"], row["plate"])} for row in csv.DictReader(lines)]
    return sorted(rows, key=lambda row: row["file"])


def engine_reads(folder: Path, files: Iterable[str], engine: Engine) -> Reads:
    """Every file read once by the engine, after one reading that is not counted."""
    reads: Reads = {}
    for file in sorted(set(files)):
        data = (folder / file).read_bytes()
        if not reads:
            engine.read(data)
        start = time.perf_counter()
        plates = engine.read(data)
        ms = (time.perf_counter() - start) * 1000
        reads[file] = [(normalise(plate.text), plate.confidence) for plate in plates], ms
    return reads


def peer_reads(folder: Path, files: Iterable[str], python: Path, module: str, *, threads: int) -> Reads:
    """Every file read once by a peer, which runs in an environment of its own: see `anpr.training.peers`."""
    names = sorted(set(files))
    asked = "".join(f"{(folder / name).resolve()}\n" for name in names)
    command = [str(python), "-m", module, "--threads", str(threads)]
    answer = subprocess.run(command, input=asked, stdout=subprocess.PIPE, text=True, check=True).stdout
    reads: Reads = {}
    for name, line in zip(names, answer.splitlines(), strict=True):
        row = json.loads(line)
        reads[name] = [(normalise(text), sure) for text, sure in row["texts"]], row["ms"]
    return reads


def compare(rows: list[dict[str, str]], reads: Reads) -> list[Outcome]:
    """Each labelled plate beside the read that is nearest to it."""
    outcomes = []
    for row in rows:
        truth, (texts, ms) = normalise(row["plate"]), reads[row["file"]]
        group = (row["nation"], row["lines"], row["colour"])
        outcomes.append(Outcome(row["file"], group, truth, _nearest(truth, texts), ms))
    return outcomes


def evaluate(folder: Path, engine: Engine) -> list[Outcome]:
    """Read every photo that `labels.csv` in the folder names, once, and compare."""
    rows = labels(folder / "labels.csv")
    return compare(rows, engine_reads(folder, (row["file"] for row in rows), engine))


def table(outcomes: list[Outcome], peer: list[Outcome] | None = None, *, peer_name: str = "peer") -> str:
    """A Markdown table: all, by nation, VN photos apart from the barrier camera of the training set, by group.

    `peer` are the outcomes of another engine for the same plates in the same order.
    """
    heads = ["plates", "number", "found", "exactly right", "without province", "characters", "ms median", "ms p95"]
    if peer:
        heads += [f"{peer_name}: {head}" for head in ("exactly right", "without province", "ms median")]
    rows = [heads, ["---"] * len(heads)]
    for name, belongs in _groups(outcomes):
        places = [place for place, outcome in enumerate(outcomes) if belongs(outcome)]
        cells = _cells([outcomes[place] for place in places])
        if peer:
            theirs = _cells([peer[place] for place in places])
            cells += [theirs[1], theirs[2], theirs[4]]
        rows.append([name, str(len(places)), *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _groups(outcomes: list[Outcome]) -> list[tuple[str, Callable[[Outcome], bool]]]:
    groups: list[tuple[str, Callable[[Outcome], bool]]] = [("all", lambda o: True)]
    groups += [(nation, lambda o, n=nation: o.group[0] == n) for nation in sorted({o.group[0] for o in outcomes})]
    if any(o.file.startswith("vn_clp") for o in outcomes):
        groups.append(("VN, camera of the training set", lambda o: o.file.startswith("vn_clp")))
        groups.append(("VN, other cameras", lambda o: o.group[0] == "VN" and not o.file.startswith("vn_clp")))
    for nation, lines, colour in sorted({o.group for o in outcomes}):
        name = f"{nation}, {lines} line{'s' if lines != '1' else ''}, {colour}"
        groups.append((name, lambda o, g=(nation, lines, colour): o.group == g))
    return groups


def _cells(chosen: list[Outcome]) -> list[str]:
    """Found, right, right without province, characters right, milliseconds in the median and of the slow ones."""
    count = len(chosen)
    times = sorted(o.ms for o in chosen)
    shares = (
        sum(o.read is not None for o in chosen),
        sum(o.right for o in chosen),
        sum(o.right_without_province for o in chosen),
    )
    characters = sum(o.right_characters for o in chosen) / sum(len(o.truth) for o in chosen)
    return [
        *(f"{share} ({share / count:.1%})" for share in shares),
        f"{characters:.1%}",
        f"{statistics.median(times):.0f}",
        f"{times[min(count - 1, int(count * 0.95))]:.0f}",
    ]


BINS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 1.0)


def reliability(outcomes: list[Outcome]) -> str:
    """A Markdown table: of the plates read about so surely, how many were right."""
    rows = ["| confidence | plates | mean confidence | exactly right |", "|---|---|---|---|"]
    for low, high in pairwise(BINS):
        within = [o for o in outcomes if o.read and (low <= o.read[1] < high or o.read[1] == high == 1)]
        if within:
            mean = statistics.fmean(o.read[1] for o in within)
            right = sum(o.right for o in within)
            rows.append(f"| {low:g} to {high:g} | {len(within)} | {mean:.2f} | {right} ({right / len(within):.0%}) |")
    return "\n".join(rows)


def in_frame(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The scene as it is in the middle of a larger frame (width, height), blurred scenery of its own around it.

    A scene that is larger than the frame is scaled down to fit.
    """
    width, height = size
    rows, columns = picture.shape[:2]
    scale = min(1.0, width / columns, height / rows)
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        rows, columns = picture.shape[:2]
    tiny = cv2.resize(picture, (16, 9), interpolation=cv2.INTER_AREA)
    frame = cv2.resize(tiny, size, interpolation=cv2.INTER_CUBIC)
    top, left = (height - rows) // 2, (width - columns) // 2
    frame[top : top + rows, left : left + columns] = picture
    return frame


def write_frames(folder: Path, files: Iterable[str], to: Path, size: tuple[int, int]) -> None:
    """Every scene of the folder in a frame of that size, as a JPEG file of the same name."""
    for file in set(files):
        frame = in_frame(decode((folder / file).read_bytes()), size)
        (to / file).parent.mkdir(parents=True, exist_ok=True)
        _, data = cv2.imencode(".jpg", frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
        (to / file).write_bytes(data.tobytes())


WIDTHS = ((0, 60, "under 60 px"), (60, 90, "60 to 90 px"), (90, 10_000, "90 px and more"))


def rendered_counts(
    detector: Detector, count: int, *, sizes: Iterable[int], seed: int = 2026
) -> tuple[Counter[str], Counter[tuple[str, int]]]:
    """Plates in `count` rendered 1920 x 1080 scenes by width, and those of them found by width and input size.

    Found means: at the default least confidence, and the corners' area shared with the true one by more than half.
    """
    wanted: Counter[str] = Counter()
    found: Counter[tuple[str, int]] = Counter()
    for number in range(count):
        scene = random_scene(np.random.default_rng([seed, number]), size=(1920, 1080))
        truths = [np.array(plate.corners, np.float32) for plate in scene.plates]
        names = [next(name for low, high, name in WIDTHS if low <= np.ptp(quad[:, 0]) < high) for quad in truths]
        wanted.update(names)
        for size in sizes:
            seen = [np.array(plate.corners, np.float32) for plate in detector.find_closely(scene.picture, size=size)]
            for name, truth in zip(names, truths, strict=True):
                found[name, size] += any(shared_area(truth, quad) > 0.5 for quad in seen)
    return wanted, found


def rendered_table(detector: Detector, count: int) -> str:
    """A Markdown table of `rendered_counts` at the input sizes in use."""
    sizes = [size for size, margin in detector.looks if not margin]
    wanted, found = rendered_counts(detector, count, sizes=sizes)
    heads = ["plates in rendered scenes", "number", *(f"found at {size}" for size in sizes)]
    rows = [heads, ["---"] * len(heads)]
    rows += [[name, wanted[name], *(found[name, size] for size in sizes)] for *_, name in WIDTHS]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


def shared_area(a: np.ndarray, b: np.ndarray) -> float:
    """What two convex quadrilaterals share, as a share of their union."""
    shared, _ = cv2.intersectConvexConvex(a, b)
    return shared / max(cv2.contourArea(a) + cv2.contourArea(b) - shared, 1e-6)


def _nearest(truth: str, reads: list[Read]) -> Read | None:
    """The read that shares most with the label, if at least half its characters agree; the surest of equal ones."""
    near = sorted((edit_distance(text, truth), -sure, text) for text, sure in reads)
    return (near[0][2], -near[0][1]) if near and near[0][0] <= len(truth) // 2 else None


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
