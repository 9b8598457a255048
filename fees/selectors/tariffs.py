"""Reads of the tariff pages."""

from fees.models import Tariff


def tariffs_in_force() -> list[Tariff]:
    """The tariffs of today with their `lines`."""
    return list(Tariff.objects.in_force().prefetch_related("lines").order_by("province"))
