"""Draws the pictures of docs/anpr.md: `.venv-train/bin/python -m anpr.training.figures --out docs/anpr`.

Contact sheets of what the networks learn from (drawn plates only, no photo), the training curves, what the reader
confuses, and what the detector finds at which cost.
"""

import argparse
import csv
import json
import time
from pathlib import Path

import cv2
import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib import pyplot
from matplotlib.font_manager import FontProperties

from anpr.detector import Detector
from anpr.evaluation import WIDTHS, rendered_counts
from anpr.synthetic.plates import HAN_FONTS, design_for, draw_plate, random_plate
from anpr.synthetic.scenes import random_scene
from anpr.training.reader import nothing, sources
from anpr.training.reader.augment import seen_by_camera
from declarations.plates import CN_PROVINCES

FOLDER = Path(__file__).parents[1]
WEIGHTS = FOLDER / "weights"
SIZES = (320, 480, 640, 768, 960, 1120, 1280)


def plates_sheet() -> np.ndarray:
    """Every layout, then plates by chance, as they are drawn before any camera sees them."""
    rng = np.random.default_rng(2026)
    wanted = [
        ("11C12345", {}),
        ("29H98765", {"lines": 2}),
        ("15R01234", {}),
        ("34RM05678", {}),
        ("51F90861", {"colour": "white"}),
    ]
    wanted += [
        ("80123NG45", {}),
        ("TH1234", {}),
        ("29X112345", {}),
        ("桂F12345", {}),
        ("桂F12345", {"lines": 2}),
        ("桂L1234挂", {}),
    ]
    wanted += [
        ("云AD12345", {}),
        ("云A12345D", {}),
        ("粤ZR066港", {}),
        ("京A1234警", {}),
        ("使123456", {}),
        ("皖1946673", {}),
    ]
    designs = [design_for(text, **asked) for text, asked in wanted] + [random_plate(rng) for _ in range(15)]
    return _grid([draw_plate(design, rng, height_px=80) for design in designs], (250, 100), 8)


def lessons_sheet() -> np.ndarray:
    """Drawn plates as the reader is shown them, the last row being what it is to leave unread."""
    rng = np.random.default_rng(7)
    seen = []
    for place in range(40):
        example = sources.drawn(rng, [])
        picture, corners = example.picture, example.corners
        if place >= 32:
            picture, corners = (
                nothing.handwriting(example.text.encode("ascii", "ignore").decode(), rng)
                if place % 3 == 0
                else (nothing.mirrored, nothing.upside_down)[place % 2](picture, corners)
            )
        seen.append(np.repeat(seen_by_camera(picture, corners, rng)[..., None], 3, axis=2))
    return _grid(seen, (192, 64), 8)


def scenes_sheet() -> np.ndarray:
    scenes = [random_scene(np.random.default_rng([2026, number]), size=(1280, 720)).picture for number in range(12)]
    return _grid(scenes, (400, 225), 4)


def _grid(pictures: list[np.ndarray], cell: tuple[int, int], columns: int) -> np.ndarray:
    """Pictures side by side, each as large as fits its cell (width, height)."""
    rows = -(-len(pictures) // columns)
    gap = 6
    sheet = np.full((rows * (cell[1] + gap) + gap, columns * (cell[0] + gap) + gap, 3), 245, np.uint8)
    for place, picture in enumerate(pictures):
        scale = min(cell[0] / picture.shape[1], cell[1] / picture.shape[0])
        fitted = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        row, column = divmod(place, columns)
        top = gap + row * (cell[1] + gap) + (cell[1] - fitted.shape[0]) // 2
        left = gap + column * (cell[0] + gap) + (cell[0] - fitted.shape[1]) // 2
        sheet[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    return sheet


def curves() -> pyplot.Figure:
    """Loss and exactly right plates of the reader over its steps, its stages one after the other."""
    rows = list(csv.DictReader((WEIGHTS / "reader-curve.csv").read_text().splitlines()))
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
    steps, before, last = [], 0, 0
    for row in rows:
        before += last if int(row["step"]) < last else 0
        last = int(row["step"])
        steps.append(before + last)
    left.plot(steps, [float(row["loss"]) for row in rows], color="black")
    left.set(xlabel="step", ylabel="loss a character", ylim=(0, 1))
    names = {
        "drawn": "drawn, spoilt",
        "vn_scenes_moto": "motorbikes VN",
        "cn_scenes_easypr": "EasyPR CN",
        "cn_crops_lprnet": "LPRNet CN",
        "changed": "CN with another province",
    }
    for name, label in names.items():
        right.plot(steps, [float(row[name] or "nan") for row in rows], label=label)
    right.set(xlabel="step", ylabel="held-out plates exactly right", ylim=(0, 1))
    right.legend(fontsize=8)
    return figure


def confusions() -> pyplot.Figure:
    """How often a character of the plate (row) is read as another (column)."""
    costs = json.loads((WEIGHTS / "confusions.json").read_text())
    groups = ("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", CN_PROVINCES)
    font = FontProperties(fname=FOLDER / "synthetic" / "fonts" / HAN_FONTS[-1])
    figure, panels = pyplot.subplots(1, 2, figsize=(14, 7), layout="constrained")
    for panel, signs in zip(panels, groups, strict=True):
        share = np.array([[np.exp(-costs.get(f"{row}|{column}", np.inf)) for column in signs] for row in signs])
        shown = panel.imshow(np.where(share > 0, share, np.nan), cmap="viridis_r", norm="log", vmin=1e-4, vmax=1)
        kind = {"fontproperties": font} if signs == CN_PROVINCES else {}
        panel.set_xticks(range(len(signs)), signs, **kind)
        panel.set_yticks(range(len(signs)), signs, **kind)
        panel.set(xlabel="read", ylabel="on the plate")
    figure.colorbar(shown, ax=panels, shrink=0.8, label="share of the readings")
    return figure


def sizes(count: int) -> pyplot.Figure:
    """Plates found in rendered 1920 x 1080 frames, and the time that takes, by the detector's input size."""
    detector = Detector(threads=2)
    wanted, found = rendered_counts(detector, count, sizes=SIZES)
    frame, times = np.full((1080, 1920, 3), 114, np.uint8), []
    for size in SIZES:
        each = []
        for _ in range(12):
            start = time.perf_counter()
            detector.find(frame, size=size)
            each.append((time.perf_counter() - start) * 1000)
        times.append(float(np.median(each)))
    figure, panel = pyplot.subplots(figsize=(7.5, 4), layout="constrained")
    for *_, name in WIDTHS:
        shares = [found[name, size] / max(wanted[name], 1) for size in SIZES]
        panel.plot(times, shares, marker="o", label=f"{name} ({wanted[name]} plates)")
    for size, ms in zip(SIZES, times, strict=True):
        panel.annotate(str(size), (ms, 0.02), ha="center", fontsize=8)
    panel.set(xlabel="ms a frame, two threads; the numbers are input sizes", ylabel="plates found", ylim=(0, 1.03))
    panel.legend(fontsize=8)
    return figure


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--scenes", type=int, default=60, help="rendered scenes for the curve of sizes")
    options.add_argument("--only", nargs="*", help="plates, lessons, scenes, curves, confusions, sizes")
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    sheets = {"plates": plates_sheet, "lessons": lessons_sheet, "scenes": scenes_sheet}
    drawings = {"curves": curves, "confusions": confusions, "sizes": lambda: sizes(chosen.scenes)}
    for name in chosen.only or [*sheets, *drawings]:
        if name in sheets:
            cv2.imwrite(str(chosen.out / f"{name}.jpg"), sheets[name]()[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 82])
        else:
            drawings[name]().savefig(chosen.out / f"{name}.png", dpi=90)


if __name__ == "__main__":
    main()
