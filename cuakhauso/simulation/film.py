"""A film of trucks that pass a gate's camera, made of rendered frames: they come, stand at the barrier, drive on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import cv2
import numpy as np

from anpr.synthetic.scenes import render_passage

SIZE = (1280, 720)
PER_SECOND = 5
COMES, LEAVES = 6.0, 3.0
"""Seconds in which a truck comes to the barrier, and in which it leaves."""
EMPTY = 0.2
"""The share of a passage's time in which the road lies empty behind it."""
FAR, PAST = 0.3, 1.7
"""How large a truck is where it comes into sight, and where it leaves it; 1 at the barrier."""


@dataclass(frozen=True)
class Passing:
    """A truck that passes: its plates, and what makes its frame."""

    plate: str
    trailer_plate: str = ""
    seed: int = 0
    night: bool = False


def film(path: Path, passages: Sequence[Passing], *, minutes: float, seed: int = 7) -> None:
    """Write a film of these passages, evenly spread over its length."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), PER_SECOND, SIZE)
    writer.set(cv2.VIDEOWRITER_PROP_QUALITY, 88)
    try:
        for frame in frames(passages, seconds=60 * minutes, seed=seed):
            writer.write(frame)
    finally:
        writer.release()


def frames(passages: Sequence[Passing], *, seconds: float, seed: int) -> Iterator[np.ndarray]:
    """The film's frames, BGR."""
    random = np.random.default_rng(seed)
    road = _road(random)
    each = seconds / len(passages)
    for passage in passages:
        jpeg = render_passage(
            passage.plate,
            trailer_plate=passage.trailer_plate or None,
            seed=passage.seed,
            night=passage.night,
            size=SIZE,
        )
        truck = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        for number in range(round(each * PER_SECOND)):
            scale = _scale(number / PER_SECOND, each)
            yield _noisy(road if scale is None else _placed(truck, road, scale), random)


def likely_to_be_mistaken(number: int, seed: int) -> list[Passing]:
    """So many trucks with plates of both countries, every third one like the plate before it, a third with trailers."""
    random = Random(seed)
    found: list[Passing] = []
    for index in range(number):
        if index % 3 == 1:
            plate = found[-1].plate[:-1] + str((int(found[-1].plate[-1]) + 1) % 10)
        elif index % 2:
            plate = f"桂{random.choice('AFL')}{random.choice('ABCDEFGH')}{random.randrange(1000, 9999)}"
        else:
            plate = f"{random.choice(('11', '12', '20', '29'))}{random.choice('CH')}{random.randrange(10_000, 99_999)}"
        vietnamese = plate[0].isdigit()
        trailer = (
            f"{random.choice((15, 29))}RM{random.randrange(10_000, 99_999)}" if index % 3 == 0 and vietnamese else ""
        )
        found.append(Passing(plate, trailer, seed=random.randrange(2**31), night=index % 5 == 4))
    return found


def _scale(at: float, length: float) -> float | None:
    """How large the truck is at that second of its passage; None where the road is empty."""
    gone = length * (1 - EMPTY)
    if at < COMES:
        return FAR + (1 - FAR) * (1 - (1 - at / COMES) ** 2)
    if at < gone - LEAVES:
        return 1.0
    return 1 + (PAST - 1) * (at - gone + LEAVES) / LEAVES if at < gone else None


def _placed(truck: np.ndarray, road: np.ndarray, scale: float) -> np.ndarray:
    """The truck's frame about the point where the road vanishes, smaller or larger, over the empty road."""
    width, height = SIZE
    move = np.array([[scale, 0, (1 - scale) * width / 2], [0, scale, (1 - scale) * height * 0.35]], np.float32)
    return cv2.warpAffine(truck, move, SIZE, road.copy(), cv2.INTER_AREA, cv2.BORDER_TRANSPARENT)


def _road(random: np.random.Generator) -> np.ndarray:
    """An empty road towards hills, without anything that could be read."""
    width, height = SIZE
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    sky, ground = np.array([190, 175, 160], np.float32), np.array([88, 90, 92], np.float32)
    road = np.where(down < 0.35, sky * (1 - 0.3 * down), ground * (0.7 + 0.5 * down))
    grain = cv2.GaussianBlur(random.normal(0, 14, (height, width, 3)).astype(np.float32), (0, 0), 3)
    return np.clip(np.broadcast_to(road, (height, width, 3)) + grain, 0, 255).astype(np.uint8)


def _noisy(frame: np.ndarray, random: np.random.Generator) -> np.ndarray:
    noise = random.integers(-4, 5, frame.shape[:2], dtype=np.int16)[..., None]
    return np.clip(frame.astype(np.int16) + noise, 0, 255).astype(np.uint8)
