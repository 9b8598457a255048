"""Which trucks a tariff has no price for: asked of the pricing itself, case by case, and told in few words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise, product

from declarations.models import Consignment, Trip
from fees.models import Direction, Origin, TariffLine, TariffRule
from fees.pricing import Case, Outcome, price_in_order, weightiest_first

ANY = ""
Cell = tuple[str, str, str, str, tuple[Decimal, Decimal | None] | str, str]


@dataclass(frozen=True)
class Uncovered:
    """Trucks without a price; what is empty stands for any."""

    direction: str
    regime: str
    goods_group: str
    vehicle_type: str
    band: tuple[Decimal, Decimal | None] | str
    origin: str

    @property
    def line(self) -> TariffLine:
        """As a line of the tariff that would close the gap, for its words."""
        low, high = self.band if self.band else (None, None)
        return TariffLine(
            direction=self.direction,
            regime=self.regime,
            goods_group=self.goods_group,
            origin=self.origin,
            vehicle_type=self.vehicle_type,
            payload_from=low or None,
            payload_below=high,
        )

    @property
    def words(self) -> str:
        return self.line.words


def uncovered(lines: Sequence[TariffLine], rules: Sequence[TariffRule]) -> list[Uncovered]:
    """The cases in which a truck with goods would find no price; nobody leaves free for it, the truck waits."""
    bands = _bands(lines)
    dimensions = (
        Direction.values,
        Consignment.Regime.values,
        Consignment.GoodsGroup.values,
        Trip.VehicleType.values,
        bands,
        Origin.values if any(row.origin for row in (*lines, *rules)) else [ANY],
    )
    ordered = weightiest_first(lines)
    holding = {band: [line for line in ordered if _holds(line, band[0])] for band in bands}
    cells = {cell for cell in product(*dimensions) if _has_no_price(cell, holding[cell[4]], rules)}
    for place in (5, 0, 4, 2, 3, 1):
        cells = _merged(cells, place, dimensions[place])
    return [Uncovered(*cell) for cell in sorted(cells, key=str)]


def _bands(lines: Iterable[TariffLine]) -> list[tuple[Decimal, Decimal | None]]:
    ends = {Decimal(0)} | {Decimal(end) for line in lines for end in line.band if end is not None}
    return list(pairwise([*sorted(ends), None]))


def _holds(line: TariffLine, payload: Decimal) -> bool:
    """Whether the line's tonnage band, where it has one, is for this payload."""
    low, high = line.band
    return (low is None or low <= payload) and (high is None or payload < high)


def _has_no_price(cell: Cell, lines: Sequence[TariffLine], rules: Sequence[TariffRule]) -> bool:
    direction, regime, goods_group, vehicle_type, (low, _high), origin = cell
    case = Case(
        direction=direction,
        regime=regime,
        goods_group=goods_group,
        vehicle_type=vehicle_type,
        origin=origin,
        payload=low,
        weight=Decimal(1000),
        volume=Decimal(1),
    )
    return price_in_order(case, lines, rules)[0] == Outcome.NO_PRICE


def _merged(cells: set[Cell], place: int, values: Sequence) -> set[Cell]:
    """Where a case lacks a price whatever stands at this place, say so once."""
    merged = set()
    for cell in cells:
        alike = {(*cell[:place], value, *cell[place + 1 :]) for value in values}
        merged.add((*cell[:place], ANY, *cell[place + 1 :]) if alike <= cells else cell)
    return merged
