"""The yard operator's page: who stands where and how long, goods in store, trucks in and out, who is to come."""

from dataclasses import dataclass
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
from accounts.rules import OVERSEERS, has_role, operator_at, role_at, roles_of
from checkpoints.forms import MoveForm
from checkpoints.goods import stored
from checkpoints.models import Passage
from checkpoints.selectors import expected_in_yard, inside, lanes_of, resembling, trucks
from checkpoints.views.figures import midnight
from checkpoints.views.moves import attempt
from checkpoints.views.places import Spot, spot_or_404, spots
from checkpoints.yards import SOON, crowding, day_of, on_the_way_to, plan_of, stays, tone_of, zones_now
from declarations.models import Load, Trip
from declarations.plates import display
from declarations.states import DeclarationState
from gates.models import Lane

OPERATORS = frozenset({Role.Code.YARD_OPERATOR})
READERS = OPERATORS | OVERSEERS
LATEST = 8
MOST_LOADS = 100


@dataclass(frozen=True)
class Operator:
    """What a person may do at a yard: its operator lets trucks in and out, an overseer looks."""

    acts: bool


def operator_or_404(user: User, spot: Spot) -> Operator:
    if spot.yard is None:
        raise Http404
    operates = operator_at(user, spot.yard) is not None
    if not operates and role_at(user, OVERSEERS, spot.gate.pk) is None:
        raise Http404
    return Operator(acts=operates)


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
    operator = operator_or_404(request.user, spot)
    part = request.GET.get("part") == "yard"
    context = _context(spot, operator)
    if not part:
        context["bar_place"] = spot.title
        context["live_url"] = f"{reverse('events', args=[spot.gate.code])}?place={spot.place}"
    return render(request, "checkpoints/_yard.html" if part else "checkpoints/yard.html", context)


def _context(spot: Spot, operator: Operator) -> dict[str, Any]:
    present = inside([spot.gate], spot.gate_lanes)
    every = list(spot.yard.zones.order_by("name"))
    zones = zones_now(every)
    here = stays(spot.yard, present)
    coming = on_the_way_to(spot.yard, present)
    expected = list(expected_in_yard(spot.yard, within=SOON)[:100])
    taken, capacity = len(here), spot.yard.capacity
    return {
        "spot": spot,
        "operator": operator,
        "here": here,
        "over": sum(stay.is_over for stay in here),
        "zones": zones,
        "closed_zones": [zone for zone in every if not zone.in_use and zone not in {each.zone for each in zones}],
        "zones_in_use": [each.zone for each in zones if each.zone.in_use],
        "coming": coming,
        "expected": expected,
        "soon": len(coming) + len(expected),
        "taken": taken,
        "capacity": capacity,
        "free": max(0, capacity - taken),
        "tone": tone_of(taken, capacity),
        "loads": _loads(spot, {each.zone.pk: each.zone for each in zones}),
        "latest": Passage.objects.filter(lane__yard=spot.yard).select_related("lane", "trip").order_by("-pk")[:LATEST],
        "lane_in": _lane(spot, Lane.Direction.OUT),
        "lane_out": _lane(spot, Lane.Direction.IN),
    }


def _loads(spot: Spot, zones: dict) -> list[Load]:
    """What lies in store in this yard, longest first."""
    loads = list(stored(Load.objects.filter(yard=spot.yard))[:MOST_LOADS])
    for load in loads:
        load.zone = zones.get(load.zone_id)
    return loads


def _lane(spot: Spot, other: str) -> Lane | None:
    """The first lane of the yard that does not only go the other way."""
    return next((lane for lane in spot.lanes if lane.direction != other), None)


@login_required
@never_cache
def day(request: HttpRequest, gate: str, code: str) -> HttpResponse:
    """What today brought to the yard, and who is to come in the next 24 hours; a part of its page."""
    spot = spot_or_404(gate, code)
    operator_or_404(request.user, spot)
    plan = plan_of(spot.yard, inside([spot.gate], spot.gate_lanes))
    context = {
        "spot": spot,
        "day": day_of(spot.yard, midnight()),
        "plan": plan,
        "bars": [(f"{hour.start.hour}h", hour.count) for hour in plan.hours],
    }
    return render(request, "checkpoints/_yard_day.html", context)


@login_required
@never_cache
def search(request: HttpRequest, gate: str, code: str) -> HttpResponse:
    """The trucks whose plate is like what was typed, to be let in or out."""
    spot = spot_or_404(gate, code)
    operator = operator_or_404(request.user, spot)
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
    spot, found = _asked(request, gate, code, trip)
    form = MoveForm(request.POST, spot.lanes)
    if not form.is_valid() or form.chosen_lane is None:
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


@login_required
@require_POST
def place(request: HttpRequest, gate: str, code: str, trip: int) -> HttpResponse:
    """A truck stands in a zone of the yard; a full one is told of."""
    spot, found = _asked(request, gate, code, trip)
    form = MoveForm(request.POST)
    chosen = request.POST.get("zone", "")
    zone = next((zone for zone in spot.yard.zones.all() if str(zone.pk) == chosen), None)
    if not form.is_valid() or zone is None:
        raise Http404
    zone.yard = spot.yard
    made = attempt("place_in_zone", found, actor=request.user, key=form.cleaned_data["key"], zone=zone)
    said = {"plate": display(found.plate), "zone": zone}
    if made.refusal:
        messages.error(request, f"{said['plate']}: {made.refusal.message}")
    else:
        messages.success(request, _("%(plate)s: đứng ở %(zone)s.") % said)
        if crowded := crowding(zone):
            messages.warning(request, crowded)
    return redirect("checkpoints:yard", spot.gate.code, spot.code)


def _asked(request: HttpRequest, gate: str, code: str, trip: int) -> tuple[Spot, Trip]:
    """The yard, for who may look at it, and a declared vehicle of its gate; the door knows who may act."""
    spot = spot_or_404(gate, code)
    operator_or_404(request.user, spot)
    trips = Trip.objects.filter(pk=trip, declaration__gate=spot.gate).exclude(declaration__state=DeclarationState.DRAFT)
    found = trips.select_related("declaration__gate").first()
    if found is None:
        raise Http404
    return spot, found
