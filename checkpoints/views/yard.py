"""The yard operator's page: trucks in and out, by camera or by hand, places free, what comes in the next two hours."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.models import Role, User
from accounts.rules import OVERSEERS, has_role, role_at, roles_of
from checkpoints.forms import MoveForm
from checkpoints.models import Passage
from checkpoints.selectors import Truck, expected_in_yard, inside, lanes_of, resembling, trucks
from checkpoints.views.moves import attempt
from checkpoints.views.places import Spot, spot_or_404, spots
from declarations.models import Trip
from declarations.plates import display
from declarations.states import DeclarationState
from gates.models import Lane

SOON = timedelta(hours=2)
OPERATORS = frozenset({Role.Code.YARD_OPERATOR})
READERS = OPERATORS | OVERSEERS
LATEST = 8


@dataclass(frozen=True)
class _Operator:
    """What a person may do at a yard: its operator lets trucks in and out, an overseer looks."""

    acts: bool


def _operator_or_404(user: User, spot: Spot) -> _Operator:
    if spot.yard is None:
        raise Http404
    operates = any(
        role.code in OPERATORS and role.covers(spot.gate.pk) and role.yard_id in (None, spot.yard.pk)
        for role in roles_of(user)
    )
    if not operates and role_at(user, OVERSEERS, spot.gate.pk) is None:
        raise Http404
    return _Operator(acts=operates)


@login_required
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """The yards that I run; the only one directly."""
    if not has_role(request.user, *READERS):
        raise PermissionDenied
    roles = [role for role in roles_of(request.user) if role.code in READERS]
    own = [spot for spot in spots(lanes_of()) if spot.yard and any(_covers(role, spot) for role in roles)]
    if len(own) == 1:
        return redirect("checkpoints:yard", own[0].gate.code, own[0].code)
    present = inside({spot.gate for spot in own}, [lane for spot in own for lane in spot.gate_lanes])
    yards = [
        {
            "spot": spot,
            "url": reverse("checkpoints:yard", args=[spot.gate.code, spot.code]),
            "count": sum(truck.standing.yard_id == spot.yard.pk for truck in present),
        }
        for spot in own
    ]
    return render(request, "checkpoints/yards.html", {"yards": yards})


def _covers(role: Role, spot: Spot) -> bool:
    return role.covers(spot.gate.pk) and (role.code not in OPERATORS or role.yard_id in (None, spot.yard.pk))


@login_required
@never_cache
def yard(request: HttpRequest, gate: str, code: str) -> HttpResponse:
    """One yard now. `?part=yard` gives what changes, for the live page."""
    spot = spot_or_404(gate, code)
    operator = _operator_or_404(request.user, spot)
    part = request.GET.get("part") == "yard"
    context = _context(spot, operator)
    if not part:
        context["bar_place"] = spot.title
        context["live_url"] = f"{reverse('events', args=[spot.gate.code])}?place={spot.place}"
    return render(request, "checkpoints/_yard.html" if part else "checkpoints/yard.html", context)


def _context(spot: Spot, operator: _Operator) -> dict[str, Any]:
    present = inside([spot.gate], spot.gate_lanes)
    here = [truck for truck in present if truck.standing.yard_id == spot.yard.pk]
    coming = [
        truck
        for truck in present
        if truck.standing.code == "in_gate" and truck.trip.declaration.yard_id == spot.yard.pk
    ]
    expected = list(expected_in_yard(spot.yard, within=SOON)[:100])
    taken, capacity = len(here), spot.yard.capacity
    return {
        "spot": spot,
        "operator": operator,
        "here": sorted(((_came_in(truck), truck) for truck in here), key=lambda pair: pair[0]),
        "coming": coming,
        "expected": expected,
        "soon": len(coming) + len(expected),
        "taken": taken,
        "capacity": capacity,
        "free": max(0, capacity - taken),
        "tone": "bad" if taken >= 0.95 * capacity else "wait" if taken >= 0.8 * capacity else "ok",
        "latest": Passage.objects.filter(lane__yard=spot.yard).select_related("lane", "trip").order_by("-pk")[:LATEST],
        "lane_in": _lane(spot, Lane.Direction.OUT),
        "lane_out": _lane(spot, Lane.Direction.IN),
    }


def _came_in(truck: Truck) -> datetime:
    """When it came into the yard, as far as somebody saw it."""
    if truck.passage and truck.passage.lane.yard_id:
        return truck.passage.first_seen_at
    return truck.stage.opened_at if truck.stage else truck.since


def _lane(spot: Spot, other: str) -> Lane | None:
    """The first lane of the yard that does not only go the other way."""
    return next((lane for lane in spot.lanes if lane.direction != other), None)


@login_required
@never_cache
def search(request: HttpRequest, gate: str, code: str) -> HttpResponse:
    """The trucks whose plate is like what was typed, to be let in or out."""
    spot = spot_or_404(gate, code)
    operator = _operator_or_404(request.user, spot)
    typed = request.GET.get("q", "")
    found = resembling(spot.gate, typed)
    present = trucks(Trip.objects.filter(pk__in=[trip.pk for trip in found]), spot.gate_lanes) if found else []
    order = [trip.pk for trip in found]
    context = {
        "spot": spot,
        "operator": operator,
        "results": sorted(present, key=lambda truck: order.index(truck.trip.pk)),
        "typed": typed.strip(),
        "lane_in": _lane(spot, Lane.Direction.OUT),
        "lane_out": _lane(spot, Lane.Direction.IN),
    }
    return render(request, "checkpoints/_yard_search.html", context)


@login_required
@require_POST
def call_up(request: HttpRequest, gate: str, code: str, trip: int) -> HttpResponse:
    """A truck drives in or out and no camera told."""
    spot = spot_or_404(gate, code)
    _operator_or_404(request.user, spot)
    trips = Trip.objects.filter(pk=trip, declaration__gate=spot.gate).exclude(declaration__state=DeclarationState.DRAFT)
    found = trips.select_related("declaration__gate").first()
    form = MoveForm(request.POST, spot.lanes)
    if found is None or not form.is_valid() or form.chosen_lane is None:
        raise Http404
    lane = form.chosen_lane
    made = attempt("call_up", found, actor=request.user, key=form.cleaned_data["key"], lane=lane)
    plate = display(found.plate)
    if made.refusal:
        messages.error(request, f"{plate}: {made.refusal.message}")
    elif lane.direction == Lane.Direction.OUT:
        messages.success(request, _("%(plate)s: đã ra bãi.") % {"plate": plate})
    else:
        messages.success(request, _("%(plate)s: đã vào bãi.") % {"plate": plate})
    return redirect("checkpoints:yard", spot.gate.code, spot.code)
