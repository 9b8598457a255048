"""Reads of tariffs: their prices, which hold today."""

from functools import lru_cache

from fees.models import Tariff, TariffLine, TariffRule


@lru_cache(maxsize=64)
def prices_of(tariff_id: int) -> tuple[tuple[TariffLine, ...], tuple[TariffRule, ...]]:
    """The lines and rules of an approved tariff; read once a process, since it never changes."""
    lines, rules = TariffLine.objects.filter(tariff=tariff_id), TariffRule.objects.filter(tariff=tariff_id)
    return tuple(lines.order_by("pk")), tuple(rules.order_by("pk"))


def tariffs_in_force() -> list[Tariff]:
    """The tariffs of today with their `lines` and `rules`."""
    return list(Tariff.objects.in_force().prefetch_related("lines", "rules").order_by("province"))
