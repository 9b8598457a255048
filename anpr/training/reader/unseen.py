"""Plates that were never learnt from, as a camera might see them: what the reader is measured and calibrated on."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from anpr.training.reader import pool, sources
from anpr.training.reader.augment import seen_by_camera
from anpr.training.reader.transplant import can_change, with_province

REAL_TIMES = 5
"""How often each of the few real plates is shown, spoilt anew, for every time the drawn ones are shown."""


def unseen(plates: Path, work: Path, *, seed: int, drawn: bool = True) -> Iterator[tuple[np.ndarray, str]]:
    """Grey pictures, 64 x 192, with their texts: the real plates held out, half of the Chinese ones with another
    province, and the drawn ones of chunk 0 where `drawn`."""
    rng = np.random.default_rng(seed)
    held = [e for e in sources.real(plates, work / "taught.csv") if sources.held_out(e)]
    for example in held * REAL_TIMES:
        if can_change(example) and rng.random() < 0.5:
            example = with_province(example, rng)
        yield seen_by_camera(example.picture, example.corners, rng, mildly=True), example.text
    if drawn:
        chunk = dict(np.load(pool.chunk_paths(work)[0]))
        for picture, corners, text in zip(chunk["pictures"], chunk["corners"], chunk["texts"], strict=True):
            yield seen_by_camera(picture, corners, rng), str(text)
