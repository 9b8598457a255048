"""The officers' console: the places where I serve, and at one place the line of trucks and the truck in front."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.models import Role
from accounts.rules import OFFICERS, gate_ids_of, has_role
from anpr.models import Reading
from checkpoints.selectors import Line, Truck, inside, lanes_of, resembling, trucks
from checkpoints.views.panel import Attempt, panel
from checkpoints.views.places import READERS, Desk, Spot, desk_or_404, spot_or_404, spots
from checkpoints.views.rows import row
from declarations.plates import display, normalise
from gates.models import Gate
from gates.procedures.words import Place

MOST_ROWS = 100
"""So many rows are drawn at first; the rest is one click away, so that a live line of hundreds stays light."""


@login_required
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """The places where I serve, with the trucks that wait at each; the only one directly."""
    if not has_role(request.user, *READERS):
        if has_role(request.user, Role.Code.YARD_OPERATOR):
            return redirect("checkpoints:yards")
        raise PermissionDenied
    gates = gate_ids_of(request.user, READERS)
    lanes = lanes_of(None if gates is None else Gate.objects.filter(pk__in=gates))
    places = spots(lanes)
    if len(places) == 1 and has_role(request.user, *OFFICERS):
        return redirect(places[0].url())
    present = inside({spot.gate for spot in places}, lanes)
    return render(request, "checkpoints/home.html", {"gates": _by_gate(places, present, request)})


def _by_gate(places: list[Spot], present: list[Truck], request: HttpRequest) -> list[dict[str, Any]]:
    gates: dict[int, dict[str, Any]] = {}
    for spot in places:
        desk = Desk(request.user, spot)
        here = [truck for truck in present if stands_at(truck, spot)]
        entry = gates.setdefault(spot.gate.pk, {"gate": spot.gate, "places": []})
        entry["places"].append(
            {
                "spot": spot,
                "url": spot.url(),
                "trucks": len(here),
                "mine": sum(desk.is_waited_for(truck) for truck in here),
                "longest": min((truck.since for truck in here if truck.since), default=None),
            }
        )
    return list(gates.values())


def stands_at(truck: Truck, spot: Spot) -> bool:
    """Whether the truck is in the line of this place."""
    if truck.trip.declaration.gate_id != spot.gate.pk:
        return False
    if spot.yard:
        working = truck.stage is not None and truck.stage.place == Place.YARD
        return working and truck.yard_id in (None, spot.yard.pk)
    return truck.standing.code == "at_barrier" and truck.standing.place is spot.place


@login_required
@never_cache
def place(request: HttpRequest, gate: str, code: str, trip: int | None = None) -> HttpResponse:
    """The line and the truck in front. `?part=line` or `?part=truck` gives one of the two, for a live page.

    Without a truck in the address the one in front is shown: the longest waiting that waits for me, else of all;
    `now` keeps the one on the screen as long as it is here.
    """
    spot = spot_or_404(gate, code)
    desk = desk_or_404(request.user, spot)
    return render(request, *page(request, desk, trip, part=request.GET.get("part", "")))


def page(
    request: HttpRequest,
    desk: Desk,
    trip: int | None = None,
    *,
    part: str = "",
    attempts: Sequence[Attempt] = (),
) -> tuple[str, dict[str, Any]]:
    """Template and context of the console, or of its `part` (line, truck); `attempts` are told at the truck."""
    spot = desk.spot
    asked = trip or _number(request.GET.get("now"))
    line = spot.line(asked=asked, agencies=desk.agencies)
    if trip and line.asked is None:
        raise Http404
    shown = _in_front(line, desk, asked, addressed=trip is not None)
    context: dict[str, Any] = {
        "spot": spot,
        "desk": desk,
        "addressed": trip is not None,
        "mine_only": request.GET.get("show") == "mine",
        "whole": "all" in request.GET,
    }
    if part != "truck":
        context |= _line_context(line, desk, shown, mine_only=context["mine_only"], whole=context["whole"])
    if part != "line":
        is_here = shown is not None and any(truck.trip.pk == shown.trip.pk for truck in line.trucks)
        context |= panel(shown, desk=desk, is_here=is_here, attempts=attempts) if shown else {}
        context["waiting_here"] = len(line.trucks)
        context["next_mine"] = _next_mine(line, desk, shown)
    if not part:
        context["bar_place"] = str(spot.gate)
        context["navigation"] = [{"url": other.url(), "word": other.name} for other in spots(spot.gate_lanes)]
        context["live_url"] = f"{reverse('events', args=[spot.gate.code])}?place={spot.place}"
    return {"line": "checkpoints/_line.html", "truck": "checkpoints/_panel.html"}.get(
        part, "checkpoints/place.html"
    ), context


def _in_front(line: Line, desk: Desk, asked: int | None, *, addressed: bool) -> Truck | None:
    if addressed:
        return line.asked
    kept = next((truck for truck in line.trucks if truck.trip.pk == asked), None)
    mine = next((truck for truck in line.trucks if desk.is_waited_for(truck)), None)
    return kept or mine or next(iter(line.trucks), None)


def _next_mine(line: Line, desk: Desk, shown: Truck | None) -> dict[str, str] | None:
    """The next truck that waits for me, besides the one shown."""
    waiting = [*line.trucks, *line.elsewhere]
    others = (truck for truck in waiting if shown is None or truck.trip.pk != shown.trip.pk)
    found = next((truck for truck in others if desk.is_waited_for(truck)), None)
    return {"url": desk.spot.url("truck", found.trip.pk), "shown": display(found.trip.plate)} if found else None


def _line_context(line: Line, desk: Desk, shown: Truck | None, *, mine_only: bool, whole: bool) -> dict[str, Any]:
    mine = [truck for truck in line.trucks if desk.is_waited_for(truck)]
    rows = [*(mine if mine_only else line.trucks), *line.elsewhere]
    most = len(rows) if whole else MOST_ROWS
    current = shown.trip.pk if shown else None
    return {
        "picks": bool(mine) and desk.acts,
        "rows": [row(truck, desk=desk, current=current) for truck in rows[:most]],
        "more": len(rows[most:]),
        "all_count": len(line.trucks) + len(line.elsewhere),
        "mine_count": len(mine) + len(line.elsewhere),
    }


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


@login_required
@never_cache
def search(request: HttpRequest, gate: str, code: str) -> HttpResponse:
    """The expected and present trucks whose plate is like what was typed, each to be called up here."""
    spot = spot_or_404(gate, code)
    desk = desk_or_404(request.user, spot)
    typed = request.GET.get("q", "")
    found = resembling(spot.gate, typed)
    by_id = (
        {
            truck.trip.pk: truck
            for truck in trucks(type(found[0]).objects.filter(pk__in=[t.pk for t in found]), spot.gate_lanes)
        }
        if found
        else {}
    )
    results = [
        {"truck": by_id[trip.pk], "url": spot.url("truck", trip.pk), "exact": trip.plate == normalise(typed)}
        for trip in found
    ]
    context = {"spot": spot, "desk": desk, "results": results, "typed": typed.strip()}
    return render(request, "checkpoints/_search.html", context)


@login_required
@never_cache
def unsettled(request: HttpRequest, gate: str, code: str) -> HttpResponse:
    """How many plates of this place nobody knows yet, with the way to settle them."""
    spot = spot_or_404(gate, code)
    desk = desk_or_404(request.user, spot)
    lanes = [lane.pk for lane in spot.lanes]
    count = Reading.objects.unsettled().filter(camera__lane__in=lanes).count()
    return render(request, "checkpoints/_unsettled.html", {"spot": spot, "desk": desk, "count": count})
