"""The public page: is the gate open, how long is the queue, how full are the yards. No sign-in, cached for seconds."""

from datetime import datetime

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control

from checkpoints.selectors import inside, lanes_of
from checkpoints.views.figures import GateNow, gates_now
from gates.models import Gate

SECONDS = 15
KEY = "checkpoints.public"


@cache_control(private=True, max_age=5)
def public(request: HttpRequest) -> HttpResponse:
    """Each gate at a glance. `?part=gates` gives the gates alone, for the page to refresh itself."""
    at, gates = lately()
    template = "checkpoints/_gates.html" if request.GET.get("part") == "gates" else "public.html"
    return render(request, template, {"gates": gates, "at": at})


def lately() -> tuple[datetime, list[GateNow]]:
    """Every gate as it was at most some seconds ago, and when that was."""
    return cache.get_or_set(KEY, _read, SECONDS)


def _read() -> tuple[datetime, list[GateNow]]:
    gates = list(Gate.objects.all())
    lanes = lanes_of()
    return timezone.now(), gates_now(gates, lanes, inside(None, lanes))
