"""Which of the expected trips is the vehicle in the frame? Pure: texts in, trips with scores out.

A score is exp(-cost), 1.0 for a text read as declared. The cost, in nats, adds what had to go wrong in reading, by
what the reader was measured to confuse (`confusions`) and how sure it was: signs mistaken, a Han character lost or
mistaken, a sign dropped. Two signs that fleets number their trucks by (5 and 6, 3 and 8) are never taken for each
other when read clearly.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple, Protocol

from anpr.confusions import LOOK_ALIKE, LOST_PROVINCE, NEVER_ISSUED, OF_THE_FORM, doubt, measured
from declarations.plates import CN_PROVINCES, Kind, parse

ACCEPTED_COST = 4.0
"""Up to here one trip alone is the one: what went wrong is likelier than another truck of such a plate."""
MARGIN_COST = 2.0
"""So much dearer must every other trip be."""
DOUBT_SHARE = 0.1
"""And no other may have its plate among the reader's own alternatives, at this share of the best one or more."""
SHOWN_COST = 16.0
"""Up to here a trip is worth showing to a person."""
LEAST_CONFIDENCE = 0.1
"""A plate read less surely than this is never matched without a person."""
IMPOSSIBLE = 99.0
MOST_MISCOUNTED = 2
LEAST_PAIRS = 2
"""Of a plate's neighbouring signs so many pairs must have been read, or it is not worth a closer look."""
BY_TRAILER = 0.3
BEHIND = 2.5
AGREEMENT = 4.0
"""So much cheaper is a trip of which both plates were seen: what speaks against one is outweighed by the other."""
OTHER_TRAILER = 2.5
"""So much dearer is a trip behind whose vehicle hangs another trailer than declared,"""
OTHER_COUNTRY = 1.5
"""one whose plate is of another country than the plate's layout says,"""
MOST_FOR_TIME = 1.5
"""and at most one that is expected two days off; alone that never decides between two trips."""
PUNCTUAL_HOURS = 12
HOURS_FOR_TIME = 48


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

    `doubted`: the reader itself names it as an alternative. Not `clear`: never without a
    person.
    """

    trip_id: int
    cost: float
    seen: int
    by: Literal["plate", "trailer"]
    text: str
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
    return other.doubted or other.cost < best.cost + MARGIN_COST


def is_trailer(text: str) -> bool:
    return parse(text).kind is Kind.TRAILER


def cost_of(read: PlateSeen, plate: str) -> float:
    """What had to go wrong for `plate` to be read like this; 0 for nothing, `IMPOSSIBLE` for too much."""
    cost = _text_cost(read.text, plate, read.char_confidences, read.confidence)
    if 0 < cost < IMPOSSIBLE:
        for text, share in _alternatives(read):
            cost = min(cost, _text_cost(text, plate, read.char_confidences, read.confidence) - math.log(share))
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
    elif best.by == "plate" and any(plate is not seen[best.seen] for plate in trailers):
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
            doubted = any(text == declared and share >= DOUBT_SHARE for text, share in _alternatives(plate))
            clear = plate.confidence >= LEAST_CONFIDENCE
            yield Candidate(trip.trip_id, cost, index, by, plate.text, doubted, clear)


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


def _text_cost(read: str, plate: str, confidences: Sequence[float], confidence: float) -> float:
    """The cheapest way from the plate to the text read, sign by sign."""
    if read == plate:
        return 0.0
    if abs(len(read) - len(plate)) > MOST_MISCOUNTED or not read or not plate:
        return IMPOSSIBLE
    if len(_pairs_in(read) & _pairs_in(plate)) < LEAST_PAIRS:
        return IMPOSSIBLE
    return _costs_of(read, tuple(confidences), confidence).of(plate)


@lru_cache(maxsize=10_000)
def _pairs_in(text: str) -> frozenset[str]:
    return frozenset(first + second for first, second in pairwise(text))


@lru_cache(maxsize=64)
def _costs_of(read: str, confidences: tuple[float, ...], confidence: float) -> "_Costs":
    return _Costs(read, confidences, confidence)


class _Costs:
    """What each mistake costs in one reading, worked out once for all plates that it is compared with."""

    def __init__(self, read: str, confidences: tuple[float, ...], confidence: float) -> None:
        table = measured()
        self._read = read
        self._sure = confidences if len(confidences) == len(read) else (confidence,) * len(read)
        self._lost = (table.lost(confidence), table.lost(confidence, of_a_pair=True))
        added = (table.added(confidence), table.added(confidence, of_a_pair=True))
        self._added = [added[place > 0 and read[place] == read[place - 1]] for place in range(len(read))]
        self._swaps: dict[tuple[int, str, bool, bool], float] = {}

    def of(self, plate: str) -> float:
        """The cheapest way from this plate, along a band as wide as signs may be miscounted."""
        form = _form_of(plate)
        far, length = IMPOSSIBLE, len(plate)
        lost = [self._lost[place > 0 and plate[place] == plate[place - 1]] for place in range(length)]
        if form.han:
            lost[0] = LOST_PROVINCE
        row = [0.0] + [far] * length
        for place in range(min(MOST_MISCOUNTED, length)):
            row[place + 1] = row[place] + lost[place]
        for i, sign in enumerate(self._read):
            added, sure = self._added[i], self._sure[i]
            before, row = row, [far] * (length + 1)
            if i < MOST_MISCOUNTED:
                row[0] = before[0] + added
            for j in range(max(0, i - MOST_MISCOUNTED), min(length, i + MOST_MISCOUNTED + 1)):
                declared = plate[j]
                cost = before[j] if sign == declared else before[j] + self._swapped(i, sign, declared, sure, j, form)
                row[j + 1] = min(cost, row[j] + lost[j], before[j + 1] + added)
            if min(row) > SHOWN_COST:
                return far
        return row[-1]

    def _swapped(self, i: int, read: str, declared: str, sure: float, place: int, form: "_PlateForm") -> float:
        key = (i, declared, form.vietnamese, form.han and place == 0)
        if key not in self._swaps:
            self._swaps[key] = _swapped(read, declared, sure, form.vietnamese, form.han and place == 0)
        return self._swaps[key]


class _PlateForm(NamedTuple):
    """What of a plate's form matters: whether it is Vietnamese, and whether it begins with a province's sign."""

    vietnamese: bool
    han: bool


@lru_cache(maxsize=10_000)
def _form_of(plate: str) -> _PlateForm:
    return _PlateForm(parse(plate).country == "VN", plate[0] in CN_PROVINCES)


def _swapped(read: str, declared: str, sure: float, vietnamese: bool, province: bool) -> float:
    """A declared sign read as another one; `sure` is the reader's confidence in what it read."""
    if province and read in CN_PROVINCES:
        return measured().other_province(read, declared, sure)
    if (vietnamese or read in NEVER_ISSUED) and frozenset((read, declared)) in LOOK_ALIKE:
        # In Viet Nam letters and digits never share a place, so the form says which of the two it is.
        return OF_THE_FORM + 0.1 * max(0.0, doubt(sure))
    return measured().swapped(read, declared, sure)
