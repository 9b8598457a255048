"""Texts from the reader network's output: the likeliest ones, and how sure each character is.

`probabilities` is steps x codes everywhere, each row summing to 1; code 0 is the blank of CTC, which separates
repeated characters.
"""

from heapq import nlargest

import numpy as np

BLANK = 0

CLEAR = 0.999
"""The probability from which on a blank is taken for certain."""


def likeliest(
    probabilities: np.ndarray, *, width: int = 12, floor: float = 1e-3
) -> list[tuple[tuple[int, ...], float]]:
    """The likeliest code sequences with their probabilities, likeliest first, at most `width` of them.

    Prefix beam search; at each step only codes of at least `floor` are followed.
    """
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}
    for row, likely in zip(probabilities.tolist(), (probabilities >= floor).tolist(), strict=True):
        codes = [code for code, follows in enumerate(likely) if follows]
        if codes == [BLANK]:
            beams = {prefix: ((ended + open_) * row[BLANK], 0.0) for prefix, (ended, open_) in beams.items()}
            continue
        grown: dict[tuple[int, ...], list[float]] = {}
        for prefix, (ended, open_) in beams.items():
            both, last = ended + open_, prefix[-1] if prefix else BLANK
            for code in codes:
                chance = row[code]
                if code == BLANK:
                    grown.setdefault(prefix, [0.0, 0.0])[0] += both * chance
                elif code == last:
                    grown.setdefault(prefix, [0.0, 0.0])[1] += open_ * chance
                    grown.setdefault((*prefix, code), [0.0, 0.0])[1] += ended * chance
                else:
                    grown.setdefault((*prefix, code), [0.0, 0.0])[1] += both * chance
        best = nlargest(width, grown.items(), key=_chance)
        beams = {prefix: (ended, open_) for prefix, (ended, open_) in best}
    found = [(prefix, ended + open_) for prefix, (ended, open_) in beams.items() if ended + open_ > 0]
    return sorted(found, key=lambda pair: -pair[1])


def _chance(item: tuple[tuple[int, ...], list[float]]) -> float:
    return item[1][0] + item[1][1]


def certainties(probabilities: np.ndarray, codes: tuple[int, ...]) -> tuple[float, ...]:
    """For each code of a sequence, the highest probability it has where it lies on the sequence's best path."""
    if not codes:
        return ()
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
