"""Draws the plates that training learns from, once, into the work folder.

`python -m anpr.training.reader.pool --plates ../shared/plates/train --work var/reader --chunks 12`
A chunk is 5,000 plates (160 MB) and depends on its number alone; those that exist are kept.
"""

import argparse
from pathlib import Path

import numpy as np

from anpr.training.reader import sources

CHUNK = 5000


def chunk_paths(work: Path) -> list[Path]:
    return sorted(work.glob("drawn-???.npz"))


def draw_chunk(number: int, path: Path, photos: list[np.ndarray], count: int = CHUNK) -> None:
    rng = np.random.default_rng([2026, number])
    examples = [sources.drawn(rng, photos) for _ in range(count)]
    unfinished = path.with_suffix(".part.npz")
    np.savez(
        unfinished,
        pictures=np.stack([example.picture for example in examples]),
        corners=np.stack([example.corners for example in examples]),
        texts=np.array([example.text for example in examples]),
        heads=np.array([example.head for example in examples]),
    )
    unfinished.rename(path)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--plates", type=Path, required=True)
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--chunks", type=int, default=12)
    chosen = options.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    photos = sources.backgrounds(chosen.plates)
    for number in range(chosen.chunks):
        path = chosen.work / f"drawn-{number:03}.npz"
        if not path.exists():
            draw_chunk(number, path, photos)


if __name__ == "__main__":
    main()
