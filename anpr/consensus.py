"""What the frames of one vehicle say together, and how it moved. Pure: the plates of frames in, fewer and surer out.

A frame's word counts by the reader's confidence, the plate's width and its sharpness. Where frames disagree the text
that they support most is chosen, less surely, and the others stay as alternatives.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from anpr.matching import cost_of
from declarations.plates import parse

WIDE = 120
"""From this width in pixels on a plate is as legible as it gets."""
SHARP = 0.5
"""What a plate counts as whose sharpness nobody measured."""
MOST_ALTERNATIVES = 5
LIKE_COST = 2.5
"""So differently may one plate be read in two frames."""
STANDING_COST = 3.5
"""So differently may a plate be read that stands where the vehicle's plate stood a moment ago."""
NEARBY = 0.6
"""In widths of the plate: how far its middle may lie from where it was to have stood still."""
MOVED = 0.2
"""From this change of size on (natural logarithm) a plate came nearer, or went away."""


class PlateInFrame(Protocol):
    """What a frame tells of a plate: a `types.PlateRead`, or what is stored of one."""

    text: str
    country: str | None
    confidence: float
    char_confidences: Sequence[float]
    alternatives: Sequence[tuple[str, float]]
    corners: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Merged:
    """One plate as all frames show it. `members` are its places, as (frame, plate in that frame).

    `behind`: in most of its frames another plate is at least twice as wide, so that it belongs to a vehicle behind.
    """

    text: str
    country: str | None
    confidence: float
    char_confidences: tuple[float, ...]
    alternatives: tuple[tuple[str, float], ...]
    corners: tuple[tuple[float, float], ...]
    behind: bool
    members: tuple[tuple[int, int], ...]


@dataclass
class _Group:
    plates: list[PlateInFrame] = field(default_factory=list)
    members: list[tuple[int, int]] = field(default_factory=list)
    behind: int = 0


def merge(frames: Sequence[Sequence[PlateInFrame]]) -> list[Merged]:
    """The plates of a vehicle's frames, each once, the weightiest first."""
    groups: list[_Group] = []
    for number, plates in enumerate(frames):
        widest = max(map(width, plates), default=0.0)
        taken: list[_Group] = []
        for place in sorted(range(len(plates)), key=lambda place: -weight(plates[place])):
            plate = plates[place]
            group = next((g for g in groups if not any(g is t for t in taken) and _fits(g.plates, plate)), None)
            if group is None:
                group = _Group()
                groups.append(group)
            taken.append(group)
            group.plates.append(plate)
            group.members.append((number, place))
            group.behind += width(plate) < widest / 2
    groups.sort(key=lambda group: -sum(map(weight, group.plates)))
    return [_merged(group) for group in groups]


def weight(plate: PlateInFrame) -> float:
    """How much a frame's word about a plate counts, 0 to 1."""
    size = min(1.0, max(0.2, width(plate) / WIDE)) if plate.corners else 0.5
    return max(0.01, plate.confidence) * size * (0.4 + 0.6 * getattr(plate, "sharpness", SHARP))


def width(plate: PlateInFrame) -> float:
    """In pixels, from the leftmost corner to the rightmost; 0 where the place is not known."""
    if not plate.corners:
        return 0.0
    across = [x for x, _y in plate.corners]
    return max(across) - min(across)


def alike(plates: Iterable[PlateInFrame], others: Iterable[Merged]) -> bool:
    """Whether some plate of a frame may be one of those seen before."""
    return any(_likeness(plate, other) <= LIKE_COST for plate in plates for other in others)


def stands_still(before: Sequence[PlateInFrame], now: Sequence[PlateInFrame]) -> bool:
    """Whether a plate stands in the frame where one stood in the frame before, and may be that one badly read."""
    return any(
        _same_place(plate, other) and _likeness(plate, other) <= STANDING_COST for plate in now for other in before
    )


def movement(plates: Sequence[PlateInFrame]) -> int:
    """1 if a vehicle came towards the camera over these sights of its plate, the oldest first, -1 if it went away.

    0 where it stood, or the sights do not tell.
    """
    sizes = [size for plate in plates if (size := _size(plate)) > 0]
    if len(sizes) < 2:
        return 0
    change = math.log(sizes[-1] / sizes[0])
    return 0 if abs(change) < MOVED else int(math.copysign(1, change))


def turned(plates: Sequence[PlateInFrame]) -> bool:
    """Whether a vehicle came and went, or went and came, over these sights of its plate, the oldest first."""
    measured = [plate for plate in plates if _size(plate) > 0]
    if len(measured) < 3:
        return False
    for extreme in (max, min):
        at = measured.index(extreme(measured, key=_size))
        if movement(measured[: at + 1]) * movement(measured[at:]) < 0:
            return True
    return False


def of_the_vehicle(plates: Sequence[PlateInFrame]) -> list[PlateInFrame]:
    """Those that are the vehicle's in front: of a known form and not behind another; else the weightiest text."""
    widest = max(map(width, plates), default=0.0)
    front = [plate for plate in plates if plate.text and width(plate) >= widest / 2]
    return [plate for plate in front if parse(plate.text).known_form] or sorted(front, key=weight)[-1:]


def _fits(seen: Sequence[PlateInFrame], plate: PlateInFrame) -> bool:
    return any(_likeness(plate, other) <= LIKE_COST for other in seen)


def _likeness(plate: PlateInFrame, other: PlateInFrame) -> float:
    """What had to go wrong for both to be one plate: either of the two may be the one misread."""
    if not plate.text or not other.text:
        return math.inf
    return min(cost_of(plate, other.text), cost_of(other, plate.text))


def _same_place(plate: PlateInFrame, other: PlateInFrame) -> bool:
    if not plate.corners or not other.corners:
        return False
    (x, y), (other_x, other_y) = _middle(plate), _middle(other)
    near = math.hypot(x - other_x, y - other_y) <= NEARBY * max(width(plate), width(other))
    return near and abs(math.log(max(1.0, _size(plate)) / max(1.0, _size(other)))) < MOVED


def _middle(plate: PlateInFrame) -> tuple[float, float]:
    return tuple(sum(values) / len(values) for values in zip(*plate.corners, strict=True))


def _size(plate: PlateInFrame) -> float:
    """The root of the area that the corners enclose."""
    corners = list(plate.corners)
    turned = [*corners[1:], *corners[:1]]
    twice = sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in zip(corners, turned, strict=True))
    return math.sqrt(abs(twice) / 2)


def _merged(group: _Group) -> Merged:
    support: dict[str, float] = {}
    for plate in group.plates:
        for text, share in [(plate.text, plate.confidence), *map(tuple, plate.alternatives)]:
            support[text] = support.get(text, 0.0) + weight(plate) * share
    text = max({plate.text for plate in group.plates}, key=lambda text: support[text])
    best = max(group.plates, key=weight)
    said = [plate for plate in group.plates if plate.text == text] or [best]
    agreed = support[text] / (sum(support.values()) or 1.0)
    # Alternatives take their share of a single reading too; only what further frames deny makes it less sure.
    alone = max(_share(plate) for plate in said)
    confidence = max(plate.confidence for plate in said) * (min(1.0, agreed / alone) if alone else 1.0)
    others = sorted(((t, s) for t, s in support.items() if t != text), key=lambda pair: -pair[1])
    return Merged(
        text=text,
        country=max(said, key=weight).country,
        confidence=confidence,
        char_confidences=_characters(text, group.plates),
        alternatives=tuple((t, confidence * s / support[text]) for t, s in others[:MOST_ALTERNATIVES] if support[text]),
        corners=tuple(map(tuple, best.corners)),
        behind=2 * group.behind > len(group.plates),
        members=tuple(group.members),
    )


def _share(plate: PlateInFrame) -> float:
    """The share that the text read has among all that the reader names for this plate."""
    named = plate.confidence + sum(share for _text, share in plate.alternatives)
    return plate.confidence / named if named else 0.0


def _characters(text: str, plates: Sequence[PlateInFrame]) -> tuple[float, ...]:
    """Each character's confidence: the surest that some frame read it, less what frames that read another weigh."""
    aligned = [
        plate for plate in plates if len(plate.text) == len(text) and len(plate.char_confidences) == len(plate.text)
    ]
    if not aligned:
        return ()
    sure = []
    for place, char in enumerate(text):
        saying = [plate for plate in aligned if plate.text[place] == char]
        share = sum(map(weight, saying)) / sum(map(weight, aligned))
        sure.append(share * max((plate.char_confidences[place] for plate in saying), default=0.0))
    return tuple(sure)
