"""Which of the expected trips is the vehicle in the frame? Pure: texts in, trips with scores out.

A score is exp(-cost), 1.0 for a text read as declared. The cost adds what had to go wrong in reading: characters
that readers confuse, a Han character lost or mistaken, a character dropped. It is small only where the reader itself
was unsure or the character read cannot stand in that place; two characters that fleets number their trucks by
(5 and 6, 3 and 8) are never taken for each other when read clearly.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, Protocol

from declarations.plates import CN_PROVINCES, Kind, parse

ACCEPTED_COST = 1.6
"""Up to here one trip alone is the one; exp(-1.6) is a score of 0.2."""
MARGIN_COST = 1.0
"""So much dearer must every other trip be,"""
MARGIN_OF_EXACT = 0.4
"""or so much where the text was read just as this one's plate and only likeness speaks for the other,"""
DOUBT_SHARE = 0.1
"""but no other may have its plate among the reader's own alternatives, at this share of the best one or more."""
SHOWN_COST = 5.5
"""Up to here a trip is worth showing to a person."""
LEAST_CONFIDENCE = 0.1
"""A plate read less surely than this is never matched without a person."""

IMPOSSIBLE = 99.0
NOT_ALIKE = 2.8
LOST = 2.0
LOST_OF_A_PAIR = 1.4
LOST_PROVINCE = 0.4
BY_TRAILER = 0.3
BEHIND = 1.5
AGREEMENT = 2.5
"""So much cheaper is a trip of which both plates were seen: what speaks against one is outweighed by the other."""
OTHER_TRAILER = 1.1
"""So much dearer is a trip behind whose vehicle hangs another trailer than declared,"""
OTHER_COUNTRY = 0.7
"""one whose plate is of another country than the plate's layout says,"""
MOST_FOR_TIME = 0.9
"""and at most one that is expected two days off; alone that never decides between two trips."""
PUNCTUAL_HOURS = 12
HOURS_FOR_TIME = 48


def _pairs(words: str) -> frozenset[frozenset[str]]:
    return frozenset(map(frozenset, words.split()))


LETTER_AND_DIGIT = _pairs("0O 0D 0Q 0C 0U 1I 1L 1T 1J 2Z 3B 4A 5S 6G 6C 7T 7Z 7Y 7J 8B 8S 8R 9P 9G")
"""What readers take for each other and hardly ever stands in the same place of a plate's form."""
OF_ONE_SORT = _pairs(
    "OD OQ DQ OC OG CG IL IT LT EF PR PF KX VY VU UV MN MH HN WV XY BR BE BD TY SZ "
    "38 68 56 08 06 09 17 27 39 89 49 69 35 14"
)
"""What they take for each other where both make a plate that exists: believed only of a character read unsurely."""


class PlateSeen(Protocol):
    """What matching needs of a plate: a `consensus.Merged`. `behind`: it is a vehicle's behind the one in front."""

    text: str
    country: str | None
    confidence: float
    char_confidences: Sequence[float]
    alternatives: Sequence[tuple[str, float]]
    behind: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A plate that another than our engine read: a person who typed it, or the camera itself. No place in a frame."""

    text: str
    confidence: float = 1.0
    char_confidences: tuple[float, ...] = ()
    alternatives: tuple[tuple[str, float], ...] = ()
    corners: tuple[tuple[float, float], ...] = ()
    country: str | None = None
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Expected:
    """A trip that may come here now; plates in normal form, `hours_off` from the time when it was expected."""

    trip_id: int
    plate: str
    trailer_plate: str = ""
    hours_off: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trip that the vehicle may be. `seen` is the index of the plate that says so, `by` which plate of the trip.

    `exact`: read as declared. `doubted`: the reader itself names it as an alternative. Not `clear`: never without a
    person.
    """

    trip_id: int
    cost: float
    seen: int
    by: Literal["plate", "trailer"]
    text: str
    exact: bool = False
    doubted: bool = False
    clear: bool = True

    @property
    def score(self) -> float:
        return math.exp(-self.cost)


def rank(seen: Sequence[PlateSeen], expected: Iterable[Expected]) -> list[Candidate]:
    """The trips that the plates of one vehicle may belong to, likeliest first, at most one candidate each."""
    trailers = [plate for plate in seen if not plate.behind and is_trailer(plate.text)]
    found = [candidate for trip in expected if (candidate := _candidate(trip, seen, trailers))]
    return sorted(found, key=lambda candidate: candidate.cost)


def decide(candidates: Sequence[Candidate]) -> Candidate | None:
    """The one clear winner, or None: two that are nearly as likely, or a likeness too faint, go to a person.

    `candidates` as `rank` gives them.
    """
    if not candidates:
        return None
    best, *others = candidates
    if not best.clear or best.cost > ACCEPTED_COST:
        return None
    return None if any(_rivals(best, other) for other in others) else best


def _rivals(best: Candidate, other: Candidate) -> bool:
    """Whether the other trip is too likely to choose the best without a person."""
    if other.doubted:
        return True
    margin = MARGIN_OF_EXACT if best.exact and not other.exact else MARGIN_COST
    return other.cost < best.cost + margin


def is_trailer(text: str) -> bool:
    return parse(text).kind is Kind.TRAILER


def cost_of(read: PlateSeen, plate: str) -> float:
    """What had to go wrong for `plate` to be read like this; 0 for nothing, `IMPOSSIBLE` for too much."""
    cost = _text_cost(read.text, plate, read.char_confidences)
    if 0 < cost < IMPOSSIBLE:
        for text, share in _alternatives(read):
            cost = min(cost, _text_cost(text, plate, ()) - math.log(share))
    return cost + (1.0 - min(1.0, read.confidence))


def _alternatives(read: PlateSeen) -> Iterable[tuple[str, float]]:
    """The reader's other texts, each with its share of the best one's confidence."""
    for text, confidence in read.alternatives:
        if confidence > 0:
            yield text, confidence / max(read.confidence, confidence)


def _candidate(trip: Expected, seen: Sequence[PlateSeen], trailers: Sequence[PlateSeen]) -> Candidate | None:
    """The trip with what speaks for it: one of its plates, or both."""
    options = [option for index, plate in enumerate(seen) for option in _readings_as(trip, index, plate)]
    if not options:
        return None
    best = min(options, key=lambda option: option.cost)
    others = [option for option in options if option.by != best.by and option.seen != best.seen]
    late = max(0.0, trip.hours_off - PUNCTUAL_HOURS) / (HOURS_FOR_TIME - PUNCTUAL_HOURS)
    cost = best.cost + MOST_FOR_TIME * min(1.0, late)
    if others:
        cost = min(cost, max(0.0, cost + min(option.cost for option in others) - AGREEMENT))
    elif best.by == "plate" and trailers:
        cost += OTHER_TRAILER
    return _doubted(replace(best, cost=cost), options, seen)


def _readings_as(trip: Expected, index: int, plate: PlateSeen) -> Iterable[Candidate]:
    """The plate taken for each plate of the trip."""
    for by, declared, extra in (("plate", trip.plate, 0.0), ("trailer", trip.trailer_plate, BY_TRAILER)):
        if not declared or not plate.text:
            continue
        cost = cost_of(plate, declared) + extra + (BEHIND if plate.behind and by == "plate" else 0.0)
        if cost <= SHOWN_COST and _of_another_country(plate, declared):
            cost += OTHER_COUNTRY
        if cost <= SHOWN_COST:
            exact = plate.text == declared
            doubted = any(text == declared and share >= DOUBT_SHARE for text, share in _alternatives(plate))
            clear = plate.confidence >= LEAST_CONFIDENCE
            yield Candidate(trip.trip_id, cost, index, by, plate.text, exact, doubted, clear)


def _of_another_country(plate: PlateSeen, declared: str) -> bool:
    """Whether the plate has a known form, and its layout is of another country than the declared plate."""
    known = plate.country is not None and parse(plate.text).known_form
    return known and parse(declared).country not in (None, plate.country)


def _doubted(best: Candidate, options: list[Candidate], seen: Sequence[PlateSeen]) -> Candidate:
    """Known by its trailer, a trip is not clear while another tractor's plate was seen as well."""
    if best.by == "plate":
        return best
    supported = {option.seen for option in options}
    another = any(
        index not in supported and plate.confidence >= 0.5 and parse(plate.text).kind not in (None, Kind.TRAILER)
        for index, plate in enumerate(seen)
    )
    return replace(best, clear=False) if another else best


def _text_cost(read: str, plate: str, confidences: Sequence[float]) -> float:
    """The cheapest way from the plate to the text read, character by character."""
    if read == plate:
        return 0.0
    if abs(len(read) - len(plate)) > 2 or not read or not plate:
        return IMPOSSIBLE
    form = parse(plate)
    sure = confidences if len(confidences) == len(read) else (1.0,) * len(read)
    row = [0.0]
    for char in plate:
        row.append(row[-1] + _lost(char, "", len(row) - 1))
    for i, char in enumerate(read):
        before, row = row, [row[0] + LOST]
        for j, declared in enumerate(plate):
            neighbour = plate[j - 1] if j else ""
            row.append(
                min(
                    before[j] + _swap(char, declared, sure[i], j, form.country),
                    row[j] + _lost(declared, neighbour, j),
                    before[j + 1] + (LOST_OF_A_PAIR if i and read[i - 1] == char else LOST),
                )
            )
        if min(row) > SHOWN_COST:
            return IMPOSSIBLE
    return row[-1]


def _lost(declared: str, neighbour: str, place: int) -> float:
    """A declared character that was not read: a province's sign easily, one of a pair of equals more than others."""
    if place == 0 and declared in CN_PROVINCES:
        return LOST_PROVINCE
    return LOST_OF_A_PAIR if declared == neighbour else LOST


@lru_cache(maxsize=100_000)
def _swap(read: str, declared: str, sure: float, place: int, country: str | None) -> float:
    """A declared character read as another one; `sure` is the reader's confidence in what it read."""
    if read == declared:
        return 0.0
    if place == 0 and declared in CN_PROVINCES:
        # The letter and five signs behind it are as good as unique here; a small Han character is often misread.
        return (0.7 if read in CN_PROVINCES else 1.2) + 0.7 * sure
    pair = frozenset((read, declared))
    if pair in LETTER_AND_DIGIT:
        # In Viet Nam letters and digits never share a place, so the form says which of the two it is.
        return 0.3 + 0.2 * sure if country == "VN" else 0.6 + 0.8 * sure
    if pair in OF_ONE_SORT:
        return 2.4 * sure
    return NOT_ALIKE - 1.0 * (1.0 - sure)
