"""A gate as a picture: inland on the left, the border on the right, the queues, the yards with trucks in them."""

from dataclasses import dataclass, field
from typing import Any

from checkpoints.views.figures import GateNow, Room

LANE_Y = 70
TRUCK, STEP = (22, 12), 28
MOST_DRAWN = 6
YARD_LEFT, YARD_RIGHT, YARD_TOP = 246, 754, 128
SPOT, GRID = 10, 14


@dataclass
class Plan:
    """Positions of what is drawn, in a picture of 1000 by `height`."""

    height: int
    road_y: int = LANE_Y
    b2_x: int = 226
    b1_x: int = 774
    queues: list[dict[str, Any]] = field(default_factory=list)
    yards: list[dict[str, Any]] = field(default_factory=list)
    inside: list[dict[str, Any]] = field(default_factory=list)
    more_inside: int = 0

    @property
    def inner(self) -> int:
        """How wide the gate area is."""
        return self.b1_x - self.b2_x


def draw(now: GateNow) -> Plan:
    """The picture of a gate now."""
    rows = (len(now.rooms) + 1) // 2 if now.rooms else 0
    plan = Plan(height=YARD_TOP + rows * 104 + 8 if rows else 140)
    plan.queues = [
        _queue(now.at("B2"), plan.b2_x, -1),
        _queue(now.at("B1"), plan.b1_x, 1),
    ]
    shown = min(now.on_the_way, 13)
    plan.inside = [{"x": plan.b2_x + 42 + index * 36, "y": LANE_Y - 6} for index in range(shown)]
    plan.more_inside = now.on_the_way - shown
    wide = len(now.rooms) == 1
    for index, room in enumerate(now.rooms):
        left = YARD_LEFT if index % 2 == 0 else (YARD_LEFT + YARD_RIGHT) // 2 + 6
        width = YARD_RIGHT - YARD_LEFT if wide else (YARD_RIGHT - YARD_LEFT) // 2 - 6
        plan.yards.append(_yard(room, left, YARD_TOP + (index // 2) * 104, width))
    return plan


def _queue(waiting, barrier_x: int, side: int) -> dict[str, Any]:
    """The trucks before a barrier; those that wait inside to leave are counted with them."""
    shown = min(waiting.count, MOST_DRAWN)
    marks = [
        {"x": barrier_x + side * (18 + index * STEP) - (TRUCK[0] if side < 0 else 0), "y": LANE_Y - 6}
        for index in range(shown)
    ]
    return {"waiting": waiting, "x": barrier_x, "marks": marks, "more": waiting.count - shown, "side": side}


def _yard(room: Room, x: int, y: int, width: int) -> dict[str, Any]:
    """A yard as rows of spots, each standing for one or more places, filled as far as it is taken."""
    columns, rows = (width - 20) // GRID, 3
    spots = min(room.capacity, columns * rows) or 1
    taken = min(spots, -(-room.count * spots // room.capacity)) if room.capacity else spots
    marks = [
        {"x": x + 10 + index % columns * GRID, "y": y + 44 + index // columns * GRID, "taken": index < taken}
        for index in range(spots)
    ]
    return {"room": room, "x": x, "y": y, "width": width, "height": 96, "marks": marks}
