"""What a truck owes under a tariff: pure of writing, from the goods on it and what is known of the vehicle."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from declarations.models import Load
from fees.models import Assessment, TariffLine

Outcome = Assessment.Outcome
KG_PER_TONNE = 1000


@dataclass(frozen=True)
class Case:
    """What the price of a truck depends on. `payload` in tonnes, `weight` of the goods on it in kilograms."""

    regime: str
    goods_group: str
    vehicle_type: str
    payload: Decimal | None
    weight: Decimal


@dataclass(frozen=True)
class Charge:
    """One line to be paid: so many units at a price make an amount of whole đồng."""

    line: TariffLine
    quantity: Decimal
    amount: int


def dearest_goods(loads: Iterable[Load]) -> tuple[str, str]:
    """Regime and goods group of a mixed load: those of the highest customs value, then the heaviest.

    The value of a part of a goods line is its share of the quantity.
    """
    worth: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for load in loads:
        consignment = load.line.consignment
        sums = worth[consignment.regime, consignment.goods_group]
        sums[0] += load.line.value * load.quantity / load.line.quantity
        sums[1] += load.weight
    return max(sorted(worth), key=worth.__getitem__)


def fitting(case: Case, lines: Sequence[TariffLine]) -> tuple[Outcome | None, TariffLine | None]:
    """The most particular line that fits: by goods group first, then by vehicle type, then by tonnage band.

    Where a band would decide and the payload is not known, nothing is guessed: `NO_PAYLOAD`.
    """
    fits = [
        line
        for line in lines
        if line.regime == case.regime
        and line.goods_group in ("", case.goods_group)
        and line.vehicle_type in ("", case.vehicle_type)
    ]
    for line in sorted(fits, key=_particular, reverse=True):
        if not line.has_band:
            return None, line
        if case.payload is None:
            return Outcome.NO_PAYLOAD, None
        low, high = line.band
        if (low is None or case.payload >= low) and (high is None or case.payload < high):
            return None, line
    return Outcome.NO_PRICE, None


def _particular(line: TariffLine) -> tuple[bool, bool, bool]:
    return bool(line.goods_group), bool(line.vehicle_type), line.has_band


def charge(case: Case, lines: Sequence[TariffLine]) -> tuple[Outcome, Charge | None]:
    """What is due in this case, half a đồng rounded up; never nothing without a line that says so."""
    why_not, line = fitting(case, lines)
    if line is None:
        return why_not, None
    if line.unit == TariffLine.Unit.TONNE:
        if case.weight <= 0 < line.price:
            return Outcome.NO_WEIGHT, None
        quantity = case.weight / KG_PER_TONNE
    else:
        quantity = Decimal(1)
    amount = int((quantity * line.price).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return (Outcome.DUE if amount else Outcome.FREE), Charge(line=line, quantity=quantity, amount=amount)
