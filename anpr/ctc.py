"""Texts from the reader network's output: the likeliest ones, and how sure each character is.

`probabilities` is steps x codes everywhere, each row summing to 1; code 0 is the blank of CTC, which separates
repeated characters.
"""

from collections import defaultdict
from collections.abc import Iterator
from heapq import nlargest

import numpy as np

BLANK = 0

CLEAR = 0.999
"""The probability from which on a blank is taken for certain."""

HOPELESS = 1e-3
"""A best path less likely than this is that of no plate: what can be read has one of 0.1 and more."""

Codes = tuple[int, ...]


def likeliest(probabilities: np.ndarray, *, width: int = 12, floor: float = 1e-3) -> list[tuple[Codes, float]]:
    """The likeliest code sequences with their probabilities, likeliest first, at most `width` of them.

    At each step only codes of at least `floor` are followed. Steps at which nothing but a blank is left part the
    output into stretches, a character each as a rule, that know nothing of each other: each is searched for itself,
    and what they give is put together. Where all paths are unlikely the best one is given alone.
    """
    best = probabilities.max(axis=1).prod()
    if best < min(HOPELESS, floor):
        return [(_spoken(probabilities)[0], float(best))]
    told, least = np.asarray((probabilities[:, 1:] >= floor).any(axis=1)), floor / 100
    whole: dict[Codes, float] = {(): float(probabilities[~told, BLANK].prod())}
    for first, end in _runs(told):
        parts = _searched(probabilities[first:end], width, floor)
        longer: defaultdict[Codes, float] = defaultdict(float)
        for codes, chance in whole.items():
            for more, share in parts:
                if chance * share >= least:
                    longer[codes + more] += chance * share
        whole = dict(nlargest(width, longer.items(), key=lambda pair: pair[1]))
    return sorted(((codes, chance) for codes, chance in whole.items() if chance > 0), key=lambda pair: -pair[1])


def _runs(marks: np.ndarray) -> Iterator[tuple[int, int]]:
    """Where stretches of true marks begin and end."""
    edges = np.flatnonzero(np.diff(marks, prepend=False, append=False))
    return zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _searched(probabilities: np.ndarray, width: int, floor: float) -> list[tuple[Codes, float]]:
    """Prefix beam search: the likeliest sequences of one stretch."""
    steps: list[list[tuple[int, float]]] = [[] for _ in probabilities]
    places, codes = np.nonzero(probabilities >= floor)
    for step, code, chance in zip(places.tolist(), codes.tolist(), probabilities[places, codes].tolist(), strict=True):
        steps[step].append((code, chance))
    beams: dict[Codes, tuple[float, float]] = {(): (1.0, 0.0)}
    for followed in steps:
        grown: dict[Codes, list[float]] = {}
        least = floor * max(ended + open_ for ended, open_ in beams.values())
        for prefix, (ended, open_) in beams.items():
            both, last = ended + open_, prefix[-1] if prefix else BLANK
            for code, chance in followed:
                if both * chance < least:
                    continue
                if code == BLANK:
                    grown.setdefault(prefix, [0.0, 0.0])[0] += both * chance
                elif code == last:
                    grown.setdefault(prefix, [0.0, 0.0])[1] += open_ * chance
                    grown.setdefault((*prefix, code), [0.0, 0.0])[1] += ended * chance
                else:
                    grown.setdefault((*prefix, code), [0.0, 0.0])[1] += both * chance
        best = nlargest(width, grown.items(), key=_chance) if len(grown) > width else grown.items()
        beams = {prefix: (ended, open_) for prefix, (ended, open_) in best}
    return [(prefix, ended + open_) for prefix, (ended, open_) in beams.items()]


def _chance(item: tuple[Codes, list[float]]) -> float:
    return item[1][0] + item[1][1]


def certainties(probabilities: np.ndarray, codes: Codes) -> tuple[float, ...]:
    """For each code of a sequence, the highest probability it has where it lies on the sequence's best path."""
    if not codes:
        return ()
    spoken, sure = _spoken(probabilities)
    return sure if spoken == codes else _aligned(probabilities, codes)


def _spoken(probabilities: np.ndarray) -> tuple[Codes, tuple[float, ...]]:
    """What the likeliest path of all says, and the highest probability of each code on it."""
    path = probabilities.argmax(axis=1)
    begins = np.flatnonzero(np.diff(path, prepend=-1))
    said = path[begins] != BLANK
    highest = np.maximum.reduceat(probabilities.max(axis=1), begins)
    return tuple(path[begins[said]].tolist()), tuple(highest[said].tolist())


def _aligned(probabilities: np.ndarray, codes: Codes) -> tuple[float, ...]:
    """As `certainties`, the best path found by Viterbi's way."""
    told = np.flatnonzero(probabilities[:, BLANK] < CLEAR)
    # one blank after each is kept, for it may part two alike characters
    probabilities = probabilities[np.union1d(told, np.minimum(told + 1, len(probabilities) - 1))]
    if len(probabilities) < 2:
        return (0.0,) * len(codes)
    states = np.zeros(2 * len(codes) + 1, int)
    states[1::2] = codes
    logs = np.log(probabilities[:, states] + 1e-12)
    skips = np.zeros(len(states), bool)
    skips[3::2] = states[3::2] != states[1:-2:2]
    score = np.full(len(states), -np.inf)
    score[:2] = logs[0, :2]
    came_from = np.zeros(logs.shape, int)
    for step in range(1, len(logs)):
        one = np.concatenate(([-np.inf], score[:-1]))
        two = np.where(skips, np.concatenate(([-np.inf, -np.inf], score[:-2])), -np.inf)
        choices = np.stack((score, one, two))
        came_from[step] = choices.argmax(0)
        score = choices.max(0) + logs[step]
    state = len(states) - 1 if score[-1] >= score[-2] else len(states) - 2
    sure = [0.0] * len(codes)
    for step in range(len(logs) - 1, -1, -1):
        if state % 2:
            sure[state // 2] = max(sure[state // 2], float(probabilities[step, states[state]]))
        state -= came_from[step, state]
    return tuple(sure)
