"""Reads of tariffs: their prices, which hold, and what happened to them."""

from functools import lru_cache

from django.db.models import QuerySet

from checkpoints.models import Fact
from fees.models import Assessment, FeeKind, Tariff, TariffLine, TariffRule
from fees.rules import collector_of
from gates.labels import AGENCIES
from gates.procedures import BOOKS


@lru_cache(maxsize=64)
def prices_of(tariff_id: int) -> tuple[tuple[TariffLine, ...], tuple[TariffRule, ...]]:
    """The lines and rules of an approved tariff; read once a process, since it never changes."""
    lines, rules = TariffLine.objects.filter(tariff=tariff_id), TariffRule.objects.filter(tariff=tariff_id)
    return tuple(lines.order_by("pk")), tuple(rules.order_by("pk"))


def tariffs_in_force() -> list[Tariff]:
    """The tariffs of today with their `lines`, `rules` and `collectors`: (kind of fee, who takes it) in words."""
    tariffs = list(Tariff.objects.in_force().prefetch_related("lines", "rules").order_by("province"))
    for tariff in tariffs:
        rows = (*tariff.lines.all(), *tariff.rules.all())
        kinds = {getattr(row, "kind", "") or getattr(row, "charged_as", "") for row in rows}
        book = next(book for book in BOOKS.values() if book.province == tariff.province)
        tariff.collectors = [(kind.label, AGENCIES[collector_of(kind, book)]) for kind in FeeKind if kind in kinds]
    return tariffs


def versions() -> QuerySet[Tariff]:
    """All versions, the newest of each province first."""
    people = ("proposed_by", "approved_by", "end_proposed_by")
    return Tariff.objects.select_related(*people).order_by("province", "-valid_from", "-pk")


def others_of(tariff: Tariff) -> list[Tariff]:
    """The other versions of the same province, the newest first."""
    return list(versions().filter(province=tariff.province).exclude(pk=tariff.pk))


def assessed_since(tariff: Tariff) -> int:
    """How many trucks of its province were assessed by another tariff on days for which this one would hold."""
    others = Assessment.objects.filter(tariff__province=tariff.province, day__gte=tariff.valid_from)
    if tariff.valid_to:
        others = others.filter(day__lte=tariff.valid_to)
    return others.exclude(tariff=tariff).values("trip").distinct().count()


def history_of(tariff: Tariff) -> QuerySet[Fact]:
    """What happened to it, the newest first."""
    return Fact.objects.filter(chain=f"tariff:{tariff.pk}").select_related("actor").order_by("-sequence")
