"""What a truck owes under a tariff: pure of writing, from the goods on it and what is known of the vehicle.

Nothing here knows an amount, a coefficient or an article: these are rows of the tariff.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from operator import mul
from typing import NamedTuple, Protocol, TypeVar

from declarations.models import GoodsLine
from fees.models import Assessment, AssessmentLine, FeeKind, Handling, TariffLine, TariffRule
from fees.models.conditions import CONDITIONS, Applies
from fees.origins import origin_of

Outcome = Assessment.Outcome
Unit = TariffLine.Unit
Effect = TariffRule.Effect
KG_PER_TONNE = 1000
EXACT = tuple(name for name in CONDITIONS if name not in ("hs_prefix", "origin"))
"""The conditions that are met by the same value, which is always known."""
CUBIC_METRES = ("m3", "m³", "mét khối", "met khoi", "khối")


@dataclass(frozen=True)
class Case:
    """What the price of a truck depends on.

    `payload` in tonnes, `weight` of the goods in kilograms, `volume` in m³ where all goods are measured so.
    """

    regime: str
    goods_group: str
    vehicle_type: str
    payload: Decimal | None
    weight: Decimal
    volume: Decimal | None = None
    direction: str = ""
    transshipment: str = Handling.CARRIED
    hs_prefix: str = ""
    origin: str = ""


class Nature(NamedTuple):
    """What a tariff tells goods apart by; of HS code and origin only what one of its rows names."""

    regime: str
    goods_group: str
    hs_prefix: str = ""
    origin: str = ""


@dataclass(frozen=True)
class Charge:
    """One line to be paid: quantity × price × factor, not above the cap, nothing where exempt; whole đồng."""

    line: TariffLine
    kind: str
    quantity: Decimal
    unit: str
    factor: Decimal
    rules: tuple[TariffRule, ...]
    amount: int

    def as_line(self) -> AssessmentLine:
        """As a line of an assessment, not yet of any, with the rules it was `told` by."""
        line = AssessmentLine(
            tariff_line=self.line,
            kind=self.kind,
            quantity=self.quantity,
            unit=self.unit,
            price=self.line.price,
            factor=self.factor,
            rules=[rule.pk for rule in self.rules],
            amount=self.amount,
        )
        line.told = self.rules
        return line


class Lacking(Exception):
    """A fact that a price depends on is not known; `outcome` names it."""

    def __init__(self, outcome: Outcome):
        super().__init__(outcome)
        self.outcome = outcome


Key = TypeVar("Key", str, tuple[str, str])


class Goods(Protocol):
    """So much of a goods line: a load, or a line of a transshipment. `quantity` in the line's unit, `weight` in kg."""

    quantity: Decimal
    weight: Decimal


def dearest_goods(
    loads: Iterable[tuple[GoodsLine, Goods]], rows: Sequence[Applies] = (), direction: str = ""
) -> Nature:
    """The nature of a mixed load to a tariff of these rows: that of the highest customs value, then of the heaviest.

    First the regime and goods group are chosen, in these the HS prefix, in that the origin, so that a row which names
    a code or an origin takes no value from the rest of its group. Only rows that may be for such goods count, of a
    goods line's prefixes the longest. An origin that is asked for and not recognised stays empty.
    """
    (regime, group), loads = _dearest(loads, lambda line: (line.consignment.regime, line.consignment.goods_group))
    lot = {"direction": direction, "regime": regime, "goods_group": group}
    rows = [row for row in rows if all(getattr(row, name) in ("", value) for name, value in lot.items())]
    prefixes = sorted({row.hs_prefix for row in rows}, key=len, reverse=True)
    prefix, loads = _dearest(loads, lambda line: next((one for one in prefixes if line.hs_code.startswith(one)), ""))
    origin = ""
    if any(row.origin for row in rows if prefix.startswith(row.hs_prefix)):
        origin, _loads = _dearest(loads, lambda line: origin_of(line.origin))
    return Nature(regime, group, prefix, origin)


def _dearest(
    loads: Iterable[tuple[GoodsLine, Goods]], key_of: Callable[[GoodsLine], Key]
) -> tuple[Key, list[tuple[GoodsLine, Goods]]]:
    """The key under which the goods are worth most, then weigh most, with these goods.

    The value of a part of a goods line is its share of the quantity.
    """
    parts: dict[Key, list[tuple[GoodsLine, Goods]]] = defaultdict(list)
    worth: dict[Key, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for line, load in loads:
        key = key_of(line)
        parts[key].append((line, load))
        worth[key][0] += line.value * load.quantity / line.quantity
        worth[key][1] += load.weight
    dearest = max(sorted(worth), key=worth.__getitem__)
    return dearest, parts[dearest]


def volume_of(loads: Sequence[tuple[GoodsLine, Goods]]) -> Decimal | None:
    """The m³ of goods all of which are measured in m³; else unknown."""
    if loads and all(line.unit.strip().casefold() in CUBIC_METRES for line, _load in loads):
        return sum((load.quantity for _line, load in loads), Decimal(0))
    return None


def weightiest_first(lines: Iterable[TariffLine]) -> list[TariffLine]:
    """The lines in the order in which they are asked: HS code, goods group, …, tonnage band."""
    return sorted(lines, key=_particular, reverse=True)


def price(case: Case, lines: Sequence[TariffLine], rules: Sequence[TariffRule] = ()) -> tuple[Outcome, list[Charge]]:
    """What is due in this case, one charge for each kind of fee that the tariff has for it.

    Never nothing without a row that says so. A vehicle whose goods all went to another pays only where a row of the
    tariff names that case; else the vehicle that carries the goods pays all. Half a đồng is rounded up.
    """
    return price_in_order(case, weightiest_first(lines), rules)


def price_in_order(
    case: Case, lines: Sequence[TariffLine], rules: Sequence[TariffRule]
) -> tuple[Outcome, list[Charge]]:
    """As `price`, of lines that stand weightiest first: for many cases by one tariff."""
    emptied = case.transshipment == Handling.GAVE_ALL
    if emptied and not any(_names_the_emptied(row) for row in (*lines, *rules)):
        return Outcome.NO_GOODS, []
    try:
        rules = [rule for rule in rules if _fits(rule, case)]
        named = any(_names_the_emptied(rule) for rule in rules if rule.effect == Effect.COEFFICIENT)
        if emptied and not named:
            lines = [line for line in lines if _names_the_emptied(line)]
        found = {kind: _most_particular(case, [line for line in lines if line.kind == kind]) for kind in FeeKind}
        charges = [_charge(case, line, rules) for line in found.values() if line]
    except Lacking as lacking:
        return lacking.outcome, []
    if emptied and not named and not charges:
        return Outcome.NO_GOODS, []
    if not charges or (not emptied and not found[FeeKind.INFRASTRUCTURE]):
        return Outcome.NO_PRICE, []
    if any(charge.amount for charge in charges):
        return Outcome.DUE, charges
    exempt = any(rule.effect == Effect.EXEMPTION for charge in charges for rule in charge.rules)
    return (Outcome.EXEMPT if exempt else Outcome.FREE), charges


def _names_the_emptied(row: Applies) -> bool:
    return row.transshipment == Handling.GAVE_ALL


def _fits(row: Applies, case: Case) -> bool:
    """Whether the row is for this case; where an unknown origin or payload would decide, nothing is guessed."""
    if not case.hs_prefix.startswith(row.hs_prefix):
        return False
    if any(getattr(row, name) not in ("", getattr(case, name)) for name in EXACT):
        return False
    if row.origin and not case.origin:
        raise Lacking(Outcome.NO_ORIGIN)
    if row.origin not in ("", case.origin):
        return False
    if not row.has_band:
        return True
    if case.payload is None:
        raise Lacking(Outcome.NO_PAYLOAD)
    low, high = row.band
    return (low is None or case.payload >= low) and (high is None or case.payload < high)


def _most_particular(case: Case, lines: Sequence[TariffLine]) -> TariffLine | None:
    """The first of the lines, the weightiest first, that fits."""
    lacking = None
    for line in lines:
        try:
            if _fits(line, case):
                _quantity(line, case)
                return line
        except Lacking as missing:
            if missing.outcome != Outcome.NO_VOLUME:
                raise
            lacking = missing
    if lacking:
        raise lacking
    return None


def _particular(line: TariffLine) -> tuple[int, ...]:
    """How much the line asks; of HS codes the longer is the more particular."""
    return (len(line.hs_prefix), *(bool(getattr(line, name)) for name in CONDITIONS), line.has_band)


def _quantity(line: TariffLine, case: Case) -> tuple[Decimal, str]:
    """How much there is to pay for, and in which unit."""
    unit = line.unit
    if unit == Unit.TONNE_OR_CUBIC_METRE:
        unit = Unit.TONNE if case.volume is None else Unit.CUBIC_METRE
    if unit == Unit.CUBIC_METRE:
        if case.volume is None:
            raise Lacking(Outcome.NO_VOLUME)
        return case.volume, unit
    if unit == Unit.TONNE:
        if case.weight <= 0 < line.price:
            raise Lacking(Outcome.NO_WEIGHT)
        return case.weight / KG_PER_TONNE, unit
    return Decimal(1), unit


def _charge(case: Case, line: TariffLine, rules: Sequence[TariffRule]) -> Charge:
    of = {effect: [rule for rule in rules if rule.effect == effect] for effect in Effect}
    quantity, unit = _quantity(line, case)
    coefficients = of[Effect.COEFFICIENT]
    factor = reduce(mul, (rule.factor for rule in coefficients), Decimal(1))
    amount = int((quantity * line.price * factor).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    told = list(coefficients)
    cap = min(of[Effect.CAP], key=lambda rule: rule.most, default=None)
    if cap is not None and amount > cap.most:
        amount = cap.most
        told.append(cap)
    if of[Effect.EXEMPTION]:
        amount = 0
        told.append(of[Effect.EXEMPTION][0])
    kind = next((rule.charged_as for rule in coefficients if rule.charged_as), line.kind)
    return Charge(line=line, kind=kind, quantity=quantity, unit=unit, factor=factor, rules=tuple(told), amount=amount)
