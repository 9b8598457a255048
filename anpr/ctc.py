"""Texts from the reader network's output: the likeliest ones, and how sure each character is.

`probabilities` is steps x codes everywhere, each row summing to 1; code 0 is the blank of CTC, which separates
repeated characters.
"""

import numpy as np

BLANK = 0


def likeliest(
    probabilities: np.ndarray, *, width: int = 12, floor: float = 1e-3
) -> list[tuple[tuple[int, ...], float]]:
    """The likeliest code sequences with their probabilities, likeliest first, at most `width` of them.

    Prefix beam search; at each step only codes of at least `floor` are followed.
    """
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}
    for row in probabilities:
        codes = np.flatnonzero(row >= floor)
        grown: dict[tuple[int, ...], list[float]] = {}
        for prefix, (ended, open_) in beams.items():
            for code in codes.tolist():
                chance = float(row[code])
                if code == BLANK:
                    grown.setdefault(prefix, [0.0, 0.0])[0] += (ended + open_) * chance
                    continue
                longer = (*prefix, code)
                if prefix and prefix[-1] == code:
                    grown.setdefault(prefix, [0.0, 0.0])[1] += open_ * chance
                    grown.setdefault(longer, [0.0, 0.0])[1] += ended * chance
                else:
                    grown.setdefault(longer, [0.0, 0.0])[1] += (ended + open_) * chance
        best = sorted(grown.items(), key=lambda item: -sum(item[1]))[:width]
        beams = {prefix: (ended, open_) for prefix, (ended, open_) in best}
    return [(prefix, ended + open_) for prefix, (ended, open_) in beams.items() if ended + open_ > 0]


def certainties(probabilities: np.ndarray, codes: tuple[int, ...]) -> tuple[float, ...]:
    """For each code of a sequence, the highest probability it has where it lies on the sequence's best path."""
    if not codes:
        return ()
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
