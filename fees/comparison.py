"""Two versions of a tariff, row against row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fees.models import TariffLine, TariffRule
from fees.models.conditions import Applies

ADDED, REMOVED, CHANGED, SAME = "added", "removed", "changed", "same"


@dataclass(frozen=True)
class Difference:
    """One case in the version before and in this one; what a version does not have is None."""

    before: Applies | None
    now: Applies | None

    @property
    def row(self) -> Applies:
        return self.now or self.before

    @property
    def what(self) -> str:
        if self.before is None:
            return ADDED
        if self.now is None:
            return REMOVED
        return SAME if _content(self.before) == _content(self.now) else CHANGED

    @property
    def percent(self) -> int | None:
        """By how much a price rises or falls, where it is asked by the same unit."""
        if self.what != CHANGED or not isinstance(self.now, TariffLine) or self.before.unit != self.now.unit:
            return None
        return round((self.now.price - self.before.price) * 100 / self.before.price) if self.before.price else None


def _content(row: Applies) -> tuple:
    if isinstance(row, TariffLine):
        return row.unit, row.price
    return row.factor, row.most, row.charged_as, row.reason


def compare(before: Sequence[Applies], now: Sequence[Applies]) -> list[Difference]:
    """Every case of either version, in the order of this one; those that only the version before has come last."""
    old, new = _by_case(before), _by_case(now)
    pairs = [Difference(old.get(case), row) for case, row in new.items()]
    return pairs + [Difference(row, None) for case, row in old.items() if case not in new]


def _by_case(rows: Iterable[Applies]) -> dict[tuple, Applies]:
    return {(*_sort(row), *row.case): row for row in rows}


def _sort(row: Applies) -> tuple[str, ...]:
    if isinstance(row, TariffRule):
        return (row.effect, row.reason if row.effect == TariffRule.Effect.EXEMPTION else "")
    return (row.kind,)
