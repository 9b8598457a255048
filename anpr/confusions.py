"""What the reader takes for what, as measured on held-out plates (`anpr/training/reader/confusions.py`).

The table holds costs in nats: how rare it is that a sign is read as another. How rare it is *in this reading* the
reader's own confidence tells, which is well calibrated: a sign read with 0.7 is wrong three times in ten. So a cost
here is relative to a right reading, and falls with the confidence.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from declarations.plates import CN_PROVINCES

TABLE = Path(__file__).parent / "weights" / "confusions.json"
SUREST = 0.999
"""No reading is believed to be surer: some mistakes are made at full confidence."""
LEAST = 0.1
"""What the cheapest mistake costs; none is as likely as a right reading of equal confidence."""
OTHER_PROVINCE = 1.4
"""At most so much costs another Han character: it is small, often misread, and what follows tells plates apart."""
LOST_PROVINCE = 0.4
OF_A_PAIR = 0.7
"""So much cheaper is one of two equal signs side by side that became one, or one that became two."""
UNKNOWN = {"delete": 6.3, "insert": 8.5, "substitute": 8.8}
"""Where there is no table yet."""
_LOOK_ALIKE = "0O 0D 0Q 0C 0U 1I 1L 1T 1J 2Z 3B 4A 5S 6G 6C 7T 7Z 7Y 7J 8B 8S 8R 9P 9G"
LOOK_ALIKE = frozenset(map(frozenset, _LOOK_ALIKE.split()))
"""A letter and a digit that look alike. Where the plate's form says which of the two it must be, it is the other."""
OF_THE_FORM = 0.3
NEVER_ISSUED = frozenset("IO")
"""Letters that stand on no plate of either country."""


@dataclass(frozen=True)
class Confusions:
    """The measured table. `errs` is how often a sign is read wrongly at all, in nats."""

    table: Mapping[str, float]
    errs: float

    def swapped(self, read: str, declared: str, sure: float) -> float:
        """A declared sign read as another one, which was read with this confidence."""
        rarity = self.table.get(f"{declared}|{read}", self.table["substitute"])
        return max(LEAST, rarity - self.errs + doubt(sure))

    def other_province(self, read: str, declared: str, sure: float) -> float:
        """A Han character of a province read as another one."""
        return min(OTHER_PROVINCE, self.swapped(read, declared, sure))

    def lost(self, sure: float, *, of_a_pair: bool = False) -> float:
        """A declared sign that is missing; `sure` is the confidence in the whole text."""
        return self._miscounted("delete", sure, of_a_pair)

    def added(self, sure: float, *, of_a_pair: bool = False) -> float:
        """A sign read that is not there."""
        return self._miscounted("insert", sure, of_a_pair)

    def _miscounted(self, what: str, sure: float, of_a_pair: bool) -> float:
        return max(LEAST, self.table[what] - self.errs + doubt(sure) - (OF_A_PAIR if of_a_pair else 0.0))


def doubt(sure: float) -> float:
    """How much dearer a mistake is for the confidence in what was read: nothing at one half."""
    sure = min(SUREST, max(1 - SUREST, sure))
    return math.log(sure / (1 - sure))


@lru_cache(maxsize=1)
def measured() -> Confusions:
    """The table of the committed reader."""
    return confusions(UNKNOWN | (json.loads(TABLE.read_text()) if TABLE.exists() else {}))


def confusions(table: Mapping[str, float]) -> Confusions:
    """From costs by pair: `8|B` for an 8 read as B, and `delete`, `insert`, `substitute` for the rest."""
    right = [math.exp(-cost) for pair, cost in table.items() if pair[0] == pair[-1] and pair[0] not in CN_PROVINCES]
    wrong = 1 - sum(right) / len(right) if right else 0.006
    return Confusions(table, -math.log(max(wrong, 0.001)))
