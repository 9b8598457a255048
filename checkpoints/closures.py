"""What is announced of gates: closures that hold now or are still to come."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from checkpoints.models import Closure
from gates.models import Gate

SOON = timedelta(days=14)
"""So far ahead a closure is told on pages that are about now."""


def announced(gates: Iterable[Gate] | None = None) -> list[Closure]:
    """The closures of these gates, or of all, that hold now or begin soon, in the order in which they begin."""
    now = timezone.now()
    found = Closure.objects.filter(lifted_at__isnull=True, ends_at__gt=now, starts_at__lt=now + SOON)
    if gates is not None:
        found = found.filter(gate__in=gates)
    closures = list(found.select_related("gate"))
    for closure in closures:
        closure.holds = closure.holds_at(now)
    return closures


def holding(gate: Gate, moment: datetime) -> Closure | None:
    """The closure of this gate that will hold at this moment, a suspension before a restriction."""
    found = Closure.objects.filter(gate=gate, lifted_at__isnull=True, starts_at__lte=moment, ends_at__gt=moment)
    return found.order_by("-kind", "starts_at").first()
