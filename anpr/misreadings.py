"""Trucks and readings of their plates drawn from the measured confusions, to try matching on many of them.

How sure the reader is when it is right and when it is wrong, and how often the truth is among its alternatives, is
as measured in November 2026 on 2,500 drawn plates spoilt as in training (2,239 of them read at 0.2 or more).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from anpr.confusions import Confusions
from anpr.matching import Expected, Told
from declarations.plates import CN_PROVINCES, VN_SERIES

DIGITS = "0123456789"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
SURE_WHEN_RIGHT = ((0.001, 0.34), (0.005, 0.52), (0.01, 0.65), (0.02, 0.81), (0.05, 0.94), (0.1, 0.98), (0.5, 0.9999))
SURE_WHEN_WRONG = ((0.05, 0.25), (0.1, 0.29), (0.25, 0.41), (0.5, 0.53), (0.75, 0.71), (0.9, 0.89), (0.95, 0.94))
SURE_OF_TEXT_WHEN_WRONG = ((0.1, 0.22), (0.25, 0.3), (0.5, 0.44), (0.75, 0.59), (0.9, 0.73), (0.97, 0.95))
"""Quantiles, (share of readings, at most this sure): of a sign, and of a text with a sign too few or too many."""
SHARE_OF_TRUTH = ((0.05, 0.03), (0.25, 0.135), (0.5, 0.26), (0.75, 0.565), (0.95, 0.894))
"""The confidence of the truth among the alternatives of a wrong text, as a share of that text's own."""
TRUTH_AMONG_ALTERNATIVES = 0.74
MOST_ALTERNATIVES = 5


def trucks(number: int, random: Random) -> list[Expected]:
    """So many trucks of both countries; every third comes of a fleet numbered in a row, half have trailers."""
    made: list[Expected] = []
    known: set[str] = set()
    while len(made) < number:
        plate = _plate(random)
        fleet = random.randrange(2, 6) if random.random() < 0.12 else 1
        for follower in range(fleet):
            text = plate[:-1] + str((int(plate[-1]) + follower) % 10)
            if text in known or len(made) == number:
                continue
            known.add(text)
            made.append(Expected(len(made), text, _trailer(random, text) if random.random() < 0.5 else ""))
    return made


def stranger(expected: Sequence[Expected], random: Random) -> str:
    """The plate of a truck that nobody declared; every fourth is of a declared fleet."""
    plates = {trip.plate for trip in expected}
    while True:
        plate = _plate(random)
        if random.random() < 0.25:
            plate = random.choice(expected).plate
            plate = plate[:-1] + random.choice(DIGITS)
        if plate not in plates:
            return plate


@dataclass(frozen=True)
class _Sign:
    read: str
    sure: float


class Misreader:
    """Reads plates as the measured reader does."""

    def __init__(self, confusions: Confusions, random: Random) -> None:
        self.random = random
        self._lost, self._added = (math.exp(-confusions.table[what]) for what in ("delete", "insert"))
        self._reads: dict[str, tuple[list[str], list[float]]] = {}
        self._taken_for: dict[str, list[str]] = {}
        for pair, cost in confusions.table.items():
            if "|" not in pair:
                continue
            sign, read = pair.split("|")
            signs, chances = self._reads.setdefault(sign, ([], []))
            signs.append(read)
            chances.append(math.exp(-cost))
            if sign != read:
                self._taken_for.setdefault(read, []).append(sign)

    def read(self, plate: str) -> Told:
        """One reading of this plate."""
        signs: list[_Sign] = []
        miscounted = False
        for sign in plate:
            if self.random.random() < self._lost:
                miscounted = True
                continue
            signs.append(self._sign(sign))
            if self.random.random() < self._added:
                miscounted = True
                signs.append(_Sign(sign, self._quantile(SURE_WHEN_WRONG)))
        text = "".join(sign.read for sign in signs)
        confidence = self._quantile(SURE_OF_TEXT_WHEN_WRONG) if miscounted else math.prod(sign.sure for sign in signs)
        others = self._alternatives(signs, text, confidence)
        if text != plate:
            others.pop(plate, None)
            if self.random.random() < TRUTH_AMONG_ALTERNATIVES:
                others[plate] = confidence * self._quantile(SHARE_OF_TRUTH)
        named = sorted(others.items(), key=lambda pair: -pair[1])[:MOST_ALTERNATIVES]
        return Told(text, confidence, tuple(sign.sure for sign in signs), tuple(named))

    def _sign(self, sign: str) -> _Sign:
        signs, chances = self._reads.get(sign, ([sign], [0.994]))
        rest = max(0.0, 1 - sum(chances))
        (read,) = self.random.choices([*signs, ""], [*chances, rest])
        if not read:
            sort = next(each for each in (DIGITS, LETTERS, CN_PROVINCES, sign) if sign in each)
            read = self.random.choice(sort)
        return _Sign(read, self._quantile(SURE_WHEN_RIGHT if read == sign else SURE_WHEN_WRONG))

    def _alternatives(self, signs: Sequence[_Sign], text: str, confidence: float) -> dict[str, float]:
        """What else the reader names: a sign that it was unsure of taken for what it is confused with."""
        others: dict[str, float] = {}
        for place, sign in enumerate(signs):
            candidates = self._taken_for.get(sign.read, [])
            if sign.sure < 0.999 and candidates:
                other = self.random.choice(candidates)
                share = (1 - sign.sure) * self.random.random() / sign.sure
                others[text[:place] + other + text[place + 1 :]] = confidence * min(0.95, share)
        return others

    def _quantile(self, quantiles: Sequence[tuple[float, float]]) -> float:
        """A value drawn by its quantiles, with straight lines between them."""
        at = self.random.random()
        before, low = 0.0, max(0.01, quantiles[0][1] - 0.05)
        for share, value in (*quantiles, (1.0, 0.9999)):
            if at <= share:
                return low + (value - low) * (at - before) / (share - before)
            before, low = share, value
        return low


def _plate(random: Random) -> str:
    if random.random() < 0.6:
        code = random.choice(("11", "12", "14", "15", "20", "29", "34", "89", "98", "99"))
        return (
            f"{code}{random.choice('CCCHRK' if random.random() < 0.9 else VN_SERIES)}{random.randrange(10_000, 99_999)}"
        )
    province = random.choice("桂桂桂桂粤云湘")
    return f"{province}{random.choice('AFLCR')}{random.choice(LETTERS)}{random.randrange(1_000, 9_999)}"


def _trailer(random: Random, plate: str) -> str:
    if plate[0].isdigit():
        return f"{plate[:2]}{random.choice(('R', 'RM'))}{random.randrange(10_000, 99_999)}"
    return f"{plate[:2]}{random.randrange(1_000, 9_999)}挂"
