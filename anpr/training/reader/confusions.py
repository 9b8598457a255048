"""Measures what the serving reader takes for what, for the matching of readings with expected trucks.

`python -m anpr.training.reader.confusions --plates ../shared/plates/train --work var/reader`
writes `anpr/weights/confusions.json`, one flat object of costs in nats, so that the costs of a whole text add up to
the negative logarithm of how likely a plate is read as that text:

- `"8|B"`: an 8 on the plate was read as B; `"8|8"`: it was read rightly (a small cost, not none);
- `"substitute"`: any pair that is not listed, no cheaper than those that are;
- `"delete"`: a character of the plate is missing in the reading; `"insert"`: the reading has one that is not there.

Counted on plates never learnt from (`unseen`). Readings under `LEAST` confidence, or with more than `MOST` mistakes,
are not counted: nothing is settled by them.
"""

import argparse
import json
import math
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from anpr.reader import WEIGHTS, Reader
from anpr.training.reader.unseen import unseen

LEAST, MOST = 0.2, 3
PRIOR = 0.5
"""What is added to every count that was seen at least once, and to "substitute"."""


def aligned(truth: str, read: str) -> list[tuple[str, str]]:
    """Pairs of characters along the cheapest way from one text to the other, "" where one has none."""
    cost = np.zeros((len(truth) + 1, len(read) + 1), int)
    cost[:, 0], cost[0] = range(len(truth) + 1), range(len(read) + 1)
    for i, sign in enumerate(truth, 1):
        for j, other in enumerate(read, 1):
            cost[i, j] = min(cost[i - 1, j] + 1, cost[i, j - 1] + 1, cost[i - 1, j - 1] + (sign != other))
    pairs, i, j = [], len(truth), len(read)
    while i or j:
        if i and j and cost[i, j] == cost[i - 1, j - 1] + (truth[i - 1] != read[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((truth[i], read[j]))
        elif i and cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
            pairs.append((truth[i], ""))
        else:
            j -= 1
            pairs.append(("", read[j]))
    return pairs[::-1]


def costs(readings: list[tuple[str, str]]) -> dict[str, float]:
    """The table of the module's description from pairs of truth and reading."""
    seen = Counter(pair for truth, read in readings for pair in aligned(truth, read))
    of = Counter[str]()
    for (sign, _), count in seen.items():
        of[sign] += count
    total = sum(of.values()) - of[""]
    deleted = sum(count for (sign, other), count in seen.items() if sign and not other)
    table = {"delete": _cost(deleted, total), "insert": _cost(of[""], total), "substitute": _cost(0, max(of.values()))}
    for (sign, other), count in sorted(seen.items()):
        if sign and other and (sign == other or count > 1):
            table[f"{sign}|{other}"] = _cost(count, of[sign])
    return table


def _cost(count: int, of: float) -> float:
    return round(-math.log((count + PRIOR) / (of + 2 * PRIOR)), 3)


def measured(reader: Reader, plates: Path, work: Path, times: int) -> list[tuple[str, str]]:
    """Truth and reading of every plate that was read at all."""
    readings = []
    for seed in range(times):
        for seen, text in unseen(plates, work, seed=seed):
            read = reader.read([cv2.cvtColor(seen, cv2.COLOR_GRAY2RGB)])[0]
            mistakes = sum(a != b for a, b in aligned(text, read.text))
            if read.confidence >= LEAST and mistakes <= MOST:
                readings.append((text, read.text))
    return readings


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--plates", type=Path, required=True)
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--weights", type=Path, default=WEIGHTS)
    options.add_argument("--out", type=Path, default=WEIGHTS.with_name("confusions.json"))
    options.add_argument("--times", type=int, default=3, help="how often each plate is spoilt anew")
    chosen = options.parse_args()
    readings = measured(Reader(chosen.weights), chosen.plates, chosen.work, chosen.times)
    if not readings:
        raise SystemExit("These weights read no plate surely enough to tell what they confuse; train for longer.")
    chosen.out.write_text(json.dumps(costs(readings), ensure_ascii=False, indent=0) + "\n")
    right = sum(truth == read for truth, read in readings)
    print(f"{len(readings)} readings, {right / len(readings):.1%} exactly right")


if __name__ == "__main__":
    main()
