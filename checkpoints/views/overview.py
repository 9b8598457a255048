"""The economic zone authority's page: every gate as a picture, today's figures, what went wrong; read only."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from accounts.rules import OVERSEERS, gate_ids_of, has_role
from anpr.models import Reading
from checkpoints.models import Fact
from checkpoints.selectors import inside, lanes_of
from checkpoints.views.figures import GateNow, counts_today, flow_today, gates_now, midnight
from checkpoints.views.plan import Plan, draw
from gates.models import Gate


@login_required
@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    """`?part=overview` gives what changes, for the page to refresh itself."""
    if not has_role(request.user, *OVERSEERS):
        raise PermissionDenied
    held = gate_ids_of(request.user, OVERSEERS)
    gates = list(Gate.objects.all() if held is None else Gate.objects.filter(pk__in=held))
    part = request.GET.get("part") == "overview"
    template = "checkpoints/_overview.html" if part else "checkpoints/overview.html"
    return render(request, template, _context(gates))


def _context(gates: list[Gate]) -> dict[str, Any]:
    lanes = lanes_of(gates)
    by_id = {lane.pk: lane for lane in lanes}
    counts = counts_today(gates)
    unknown = dict(
        Reading.objects.unsettled()
        .filter(camera__lane__in=by_id, taken_at__gte=midnight())
        .values_list("camera__lane")
        .annotate(Count("pk"))
    )
    forced = list(
        Fact.objects.filter(gate__in=gates, move="open_forced", recorded_at__gte=midnight())
        .select_related("gate", "actor", "unit")
        .order_by("-pk")[:20]
    )
    for fact in forced:
        fact.lane = by_id.get(fact.data.get("lane"))
    present = inside(gates, lanes)
    shown = [_shown(now, counts[now.gate.pk]) for now in gates_now(gates, lanes, present)]
    shown.sort(key=lambda each: -each["inside"] - sum(waiting.count for waiting in each["now"].waiting))
    flow = flow_today(gates)
    return {
        "gates": shown,
        "forced": forced,
        "troubled": [truck for truck in present if truck.hold or truck.overstays],
        "unknown": sum(unknown.values()),
        "total": {
            name: sum(counts[gate.pk][name] for gate in gates) for name in ("declared", "entered", "left", "forced")
        },
        "inside": sum(each["inside"] for each in shown),
        "flow": flow,
        "flow_chart": _chart(flow),
    }


def _shown(now: GateNow, counts: dict[str, int]) -> dict[str, Any]:
    plan: Plan = draw(now)
    in_rooms = sum(room.count for room in now.rooms)
    return {"now": now, "plan": plan, "counts": counts, "inside": in_rooms + now.on_the_way}


CHART_HEIGHT, CHART_WIDTH, FOOT, HEAD = 160, 720, 28, 20


def _chart(flow: list[dict[str, int]]) -> dict[str, Any]:
    """Two bars an hour on an axis from zero, as positions in a picture of CHART_WIDTH."""
    most = max([1, *(max(each["entered"], each["left"]) for each in flow)])
    step = CHART_WIDTH / max(1, len(flow))
    bar = min(28, step / 2 - 4)
    bars = []
    for index, each in enumerate(flow):
        middle = step * (index + 0.5)
        for name, left in (("entered", middle - bar - 1), ("left", middle + 1)):
            height = round(CHART_HEIGHT * each[name] / most)
            bars.append(
                {
                    "name": name,
                    "x": round(left),
                    "y": HEAD + CHART_HEIGHT - height,
                    "height": height,
                    "width": round(bar),
                    "middle": round(left + bar / 2),
                    "number": each[name],
                }
            )
    hours = [{"x": round(step * (index + 0.5)), "word": f"{each['hour']}h"} for index, each in enumerate(flow)]
    return {
        "width": CHART_WIDTH,
        "height": HEAD + CHART_HEIGHT + FOOT,
        "axis": HEAD + CHART_HEIGHT,
        "foot": HEAD + CHART_HEIGHT + 20,
        "bars": bars,
        "hours": hours,
    }
