"""Square training tiles with plates in them, from synthetic scenes and from real photos.

A source is a picture with `Marked` plates. A tile cuts a piece around one of them at a drawn scale, so that plates
of every width the detector must find are equally common.
"""

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from anpr.synthetic import trucks, weather
from anpr.synthetic.camera import paste
from anpr.synthetic.plates import draw_plate, random_plate
from anpr.synthetic.scenes import random_scene

TILE = 384
WIDTHS = (17.0, 250.0)
"""Plate widths in a tile, pixels, drawn evenly on a logarithmic scale."""
CLASSES = ("vn1", "vn2", "cn1", "cn2")


@dataclass(frozen=True, slots=True)
class Marked:
    """A plate in a picture: its class, its corners (4 x 2 pixels), and whether they are the true corners or only
    those of its box."""

    label: int
    corners: np.ndarray
    exact: bool


@dataclass(frozen=True, slots=True)
class Source:
    picture: np.ndarray
    plates: tuple[Marked, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    picture: np.ndarray
    plates: tuple[Marked, ...]


def label_of(country: str, lines: int) -> int:
    return CLASSES.index(f"{country.lower()}{lines}")


def synthetic_source(rng) -> Source:
    """A rendered scene with the faults of cameras."""
    width = int(rng.choice([960, 1280, 1600]))
    scene = random_scene(rng, size=(width, width * 9 // 16))
    plates = tuple(Marked(label_of(p.country, p.lines), np.array(p.corners, np.float32), True) for p in scene.plates)
    return Source(scene.picture, plates)


class Photos:
    """The real training photos, read as they are needed; `scenes.csv` names them and their plates' boxes."""

    def __init__(self, root: Path):
        self.root = root

    @cached_property
    def files(self) -> dict[str, list[Marked]]:
        found: dict[str, list[Marked]] = {}
        with (self.root / "scenes.csv").open(newline="", encoding="utf-8") as rows:
            for row in csv.DictReader(rows):
                x0, y0, x1, y1 = (float(row[key]) for key in ("x0", "y0", "x1", "y1"))
                corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
                mark = Marked(label_of(row["nation"], int(row["lines"])), corners, False)
                found.setdefault(row["file"], []).append(mark)
        return found

    def source(self, rng) -> Source:
        """A photo, Chinese ones drawn more often than their small number would give."""
        names = list(self.files)
        weight = np.array([3.0 if name.startswith("cn_") else 1.0 for name in names])
        name = names[rng.choice(len(names), p=weight / weight.sum())]
        picture = cv2.imread(str(self.root / name), cv2.IMREAD_COLOR)[..., ::-1]
        return Source(np.ascontiguousarray(picture), tuple(self.files[name]))


def with_synthetic_plates(source: Source, rng) -> Source:
    """A photo whose plates are replaced by drawn ones (or kept), with more drawn plates put anywhere, and signs with
    other writing, which are no plates."""
    picture, plates = source.picture.copy(), []
    for mark in source.plates:
        if rng.random() < 0.75:
            _erase(picture, mark.corners)
            plates.append(_paste_plate(picture, mark.corners.mean(axis=0), np.ptp(mark.corners[:, 0]), rng))
        else:
            plates.append(mark)
    height, width = picture.shape[:2]
    for _ in range(rng.integers(0, 4)):
        size = np.exp(rng.uniform(np.log(0.04), np.log(0.3))) * width
        centre = np.array([rng.uniform(0.1, 0.9) * width, rng.uniform(0.1, 0.95) * height])
        apart = [
            np.abs(centre - m.corners.mean(axis=0)).max() > size * 0.6 + np.ptp(m.corners, axis=0).max() * 0.6
            for m in plates
        ]
        if not all(apart):
            continue
        if rng.random() < 0.3:
            _paste_sign(picture, centre, size, rng)
        else:
            plates.append(_paste_plate(picture, centre, size, rng))
    return Source(picture, tuple(plates))


def _erase(picture: np.ndarray, corners: np.ndarray) -> None:
    """Fill a box from its rim inwards, in place, so that no plate is left there."""
    x0, y0 = np.floor(corners.min(axis=0)).astype(int) - 2
    x1, y1 = np.ceil(corners.max(axis=0)).astype(int) + 3
    x0, y0, x1, y1 = max(1, x0), max(1, y0), min(picture.shape[1] - 1, x1), min(picture.shape[0] - 1, y1)
    if x1 - x0 < 3 or y1 - y0 < 3:
        return
    across = np.linspace(0, 1, x1 - x0, dtype=np.float32)[None, :, None]
    down = np.linspace(0, 1, y1 - y0, dtype=np.float32)[:, None, None]
    smooth = cv2.blur(picture, (5, 5))
    sides = smooth[y0:y1, x0 - 1][:, None] * (1 - across) + smooth[y0:y1, x1][:, None] * across
    ends = smooth[y0 - 1, x0:x1][None] * (1 - down) + smooth[y1, x0:x1][None] * down
    picture[y0:y1, x0:x1] = ((sides + ends) / 2).astype(np.uint8)


def _paste_plate(picture: np.ndarray, centre, width: float, rng) -> Marked:
    """Draw a plate about `width` pixels wide around `centre`, in perspective and in the light of that place."""
    design = random_plate(rng)
    wide, high = design.size_mm
    width = max(12.0, width * rng.uniform(0.7, 1.25) * (0.75 if design.lines == 2 else 1.0))
    drawn = draw_plate(design, rng, height_px=int(np.clip(width * high / wide * 1.5, 24, 200)))
    quad = _tilted(wide, high, rng)
    quad = quad * (width / np.ptp(quad[:, 0])) + centre
    drawn = _lit_like(picture, quad, drawn, rng)
    if rng.random() < 0.4:
        frame = (quad - centre) * [rng.uniform(1.03, 1.12), rng.uniform(1.06, 1.3)] + centre
        tone = np.array([int(rng.integers(10, 90))] * 3, np.uint8)
        paste(picture, np.broadcast_to(tone, (4, 4, 3)).copy(), frame)
    paste(picture, drawn, quad)
    return Marked(label_of(design.country, design.lines), quad.astype(np.float32), True)


def _tilted(wide: float, high: float, rng) -> np.ndarray:
    """Corners around 0 of a rectangle turned in space and seen in perspective."""
    flat = np.array([[-wide, -high, 0], [wide, -high, 0], [wide, high, 0], [-wide, high, 0]], float) / wide
    roll = rng.normal(0, 0.07) if rng.random() < 0.85 else rng.normal(0, 0.3)
    yaw, pitch = rng.normal(0, 0.35), rng.normal(0, 0.25)
    cr, sr, cy, sy, cp, sp = (
        np.cos(roll),
        np.sin(roll),
        np.cos(yaw),
        np.sin(yaw),
        np.cos(pitch),
        np.sin(pitch),
    )
    turn = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    turn = turn @ np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]]) @ np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    space = flat @ turn.T
    return space[:, :2] / (1 + space[:, 2:] * rng.uniform(0.05, 0.35))


def _lit_like(picture: np.ndarray, quad: np.ndarray, drawn: np.ndarray, rng) -> np.ndarray:
    """The plate as bright and as blurred as its surroundings would have it."""
    x, y = quad.mean(axis=0)
    reach = max(np.ptp(quad[:, 0]), 24)
    around = picture[int(max(0, y - reach)) : int(y + reach) + 1, int(max(0, x - reach)) : int(x + reach) + 1]
    bright = np.percentile(around, 92) if around.size else 200
    gain = np.clip(bright / 225 * rng.uniform(0.75, 1.25), 0.22, 1.1) * rng.normal(1, 0.03, 3)
    drawn = np.clip(drawn * gain + rng.uniform(0, 12), 0, 255)
    if rng.random() < 0.25:
        ramp = np.linspace(*rng.uniform(0.55, 1.15, 2), drawn.shape[1])[None, :, None]
        drawn = np.clip(drawn * ramp, 0, 255)
    drawn = drawn.astype(np.uint8)
    if rng.random() < 0.6:
        shrink = drawn.shape[1] / np.ptp(quad[:, 0])
        drawn = cv2.GaussianBlur(drawn, (0, 0), float(rng.uniform(0.3, 1.2) * shrink))
    return drawn


def _paste_sign(picture: np.ndarray, centre, width: float, rng) -> None:
    """A board or bare lettering that is no plate."""
    ground = rng.integers(0, 256, 3)
    text = trucks.random_words(rng)
    ink = tuple(int(v) for v in (rng.integers(200, 256, 3) if ground.sum() < 380 else rng.integers(0, 60, 3)))
    letters = trucks.lettering(text, 48, ink)
    board = np.empty(
        (int(letters.shape[0] * rng.uniform(1.2, 2.4)), int(letters.shape[1] * rng.uniform(1.02, 1.3)), 4),
        np.uint8,
    )
    board[...] = (*ground, 255 if rng.random() < 0.6 else 0)
    trucks.write(board, text, board.shape[1] / 2, board.shape[0] / 2, 44, ink)
    board[..., 3] = np.maximum(board[..., 3], (np.abs(board[..., :3].astype(int) - ground).sum(axis=2) > 60) * 255)
    quad = _tilted(board.shape[1], board.shape[0], rng)
    paste(picture, board, quad * (width / np.ptp(quad[:, 0])) + centre)


def cut(source: Source, rng) -> Tile:
    """A tile around one of the source's plates (or a random piece where it has none), scaled and slightly turned."""
    height, width = source.picture.shape[:2]
    if source.plates and rng.random() < 0.94:
        mark = source.plates[rng.integers(len(source.plates))]
        centre, plate_width = mark.corners.mean(axis=0), max(4.0, float(np.ptp(mark.corners[:, 0])))
        wanted = np.exp(rng.uniform(*np.log(WIDTHS))) * (0.7 if mark.label % 2 else 1.0)
        scale = np.clip(wanted / plate_width, 0.6 * TILE / max(height, width), 2.0)
        offset = rng.uniform(-0.5, 0.5, 2) * max(TILE - wanted * 1.1, 0)
    else:
        centre, scale, offset = (
            rng.uniform(0.2, 0.8, 2) * [width, height],
            TILE / width * rng.uniform(1, 2.5),
            np.zeros(2),
        )
    if scale < TILE / max(height, width):
        offset *= 0.5
    picture, marks = source.picture, source.plates
    if scale < 0.7:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    shrunk = np.array([picture.shape[1] / width, picture.shape[0] / height])
    rest = scale / shrunk.mean()
    turn = np.deg2rad(rng.normal(0, 2.5))
    linear = rest * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    linear = linear @ np.array([[1.0, rng.normal(0, 0.04)], [0.0, rng.uniform(0.92, 1.08)]])
    shift = TILE / 2 + offset - linear @ (centre * shrunk)
    matrix = np.column_stack([linear, shift])
    border = int(rng.integers(0, 160)) if rng.random() < 0.5 else 114
    image = cv2.warpAffine(picture, matrix, (TILE, TILE), flags=cv2.INTER_LINEAR, borderValue=(border,) * 3)
    moved = []
    for mark in marks:
        corners = (mark.corners * shrunk) @ linear.T + shift
        inside = _share_inside(corners)
        size = np.ptp(corners, axis=0)
        if inside > 0.75 and size[0] >= 10 and size[1] >= 4:
            moved.append(Marked(mark.label, corners.astype(np.float32), mark.exact))
        elif inside > 0.05:
            _blot(image, corners)
    image = weather.camera_faults(image, rng, 0.8)
    if rng.random() < 0.12:
        _stamp(image, moved, rng)
    return Tile(image, tuple(moved))


def _share_inside(corners: np.ndarray) -> float:
    low, high = corners.min(axis=0), corners.max(axis=0)
    seen = np.clip(high, 0, TILE) - np.clip(low, 0, TILE)
    return float(np.prod(seen) / max(np.prod(high - low), 1e-6))


def _blot(image: np.ndarray, corners: np.ndarray) -> None:
    """Hide a plate too small or too much cut off to be asked for."""
    x0, y0 = np.clip(corners.min(axis=0) - 2, 0, TILE).astype(int)
    x1, y1 = np.clip(corners.max(axis=0) + 3, 0, TILE).astype(int)
    if x1 > x0 and y1 > y0:
        image[y0:y1, x0:x1] = image[y0:y1, x0:x1].mean(axis=(0, 1))


def _stamp(image: np.ndarray, marks, rng) -> None:
    """The date and place that cameras write into their pictures."""
    y = float(rng.choice([14, TILE - 8]))
    if all(not (m.corners[:, 1].min() - 20 < y < m.corners[:, 1].max() + 20) for m in marks):
        day, hour = rng.integers(1, 29, 3) % [30, 13, 29], rng.integers(0, 60, 3) % [24, 60, 60]
        text = f"20{day[0]:02d}-{day[1]:02d}-{day[2]:02d} {hour[0]:02d}:{hour[1]:02d}:{hour[2]:02d}"
        ink = [(255, 255, 255), (255, 255, 0), (250, 60, 40)][rng.integers(3)]
        place = (int(rng.integers(0, 150)), int(y))
        cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, float(rng.uniform(0.35, 0.6)), ink, 1, cv2.LINE_AA)


def label_line(mark: Marked) -> str:
    """A line of a YOLO pose label: class, box, four corners with their visibility, all relative to the tile."""
    corners = mark.corners / TILE
    low, high = np.clip(corners.min(axis=0), 0, 1), np.clip(corners.max(axis=0), 0, 1)
    values = [*(low + high) / 2, *(high - low)]
    for x, y in corners:
        values += [x, y, 2] if mark.exact and 0 <= x <= 1 and 0 <= y <= 1 else [0, 0, 0]
    return " ".join([str(mark.label), *(f"{value:.6g}" for value in values)])
