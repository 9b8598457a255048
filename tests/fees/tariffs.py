"""Tariffs that hold for tests: entered and approved without the pages."""

from datetime import timedelta

from django.utils import timezone

from fees.models import Tariff, TariffLine, TariffRule
from fees.sample import sample_lines


def without_prices() -> None:
    """No tariff holds from today on."""
    Tariff.objects.in_force().update(valid_to=timezone.localdate() - timedelta(days=1))


def in_force(*lines: dict, rules: tuple[dict, ...] = (), name: str = "Biểu phí thử") -> Tariff:
    """A tariff with these lines and rules holds from today on instead of any other; without lines, the sample's."""
    without_prices()
    tariff = Tariff.objects.create(
        province="Cao Bằng", name=name, legal_basis="NQ", valid_from=timezone.localdate(), is_sample=True
    )
    given = [TariffLine(tariff=tariff, **line) for line in lines]
    TariffLine.objects.bulk_create(given or sample_lines(tariff))
    TariffRule.objects.bulk_create(TariffRule(tariff=tariff, **rule) for rule in rules)
    tariff.state = Tariff.State.APPROVED
    tariff.save(update_fields=["state"])
    return tariff
