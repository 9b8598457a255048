"""The trader's home: my trucks on the road, and the list of declarations with search and filters."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.rules import organisation_ids_of
from checkpoints.models import Fact
from checkpoints.selectors import Truck, lanes_of, trucks
from declarations.forms.filters import FilterForm
from declarations.models import Trip
from declarations.selectors import declarations_for_list, found, narrowed, trips_on_the_road
from declarations.states import TripState
from declarations.views.pages import VEHICLES_A_PAGE
from declarations.views.steppers import steps, waiting_for
from gates.models import Gate, Lane

TRUCKS_A_PAGE = 12
LATEST = 8
DECLARATIONS_A_PAGE = 20


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """My trucks on the road and the latest declarations; the whole list once it is searched, filtered or asked for."""
    mine = bool(organisation_ids_of(request.user))
    if mine and not {*FilterForm.base_fields, "page"} & set(request.GET):
        return _mine(request)
    gates = list(Gate.objects.all())
    filters = FilterForm(request.GET, gates=gates)
    wanted = filters.wanted
    listed, exact = found(declarations_for_list(request.user), wanted.get("q", ""))
    listed = narrowed(
        listed,
        state=wanted.get("state", ""),
        purpose=wanted.get("purpose", ""),
        gate_id=int(wanted.get("gate", 0)),
        first=wanted.get("first"),
        last=wanted.get("last"),
    )
    page = Paginator(listed, DECLARATIONS_A_PAGE).get_page(request.GET.get("page"))
    context = {"filters": filters, "filtered": bool(wanted), "exact": exact, "page": page, "mine": mine}
    return render(request, "declarations/list.html", context)


def _mine(request: HttpRequest) -> HttpResponse:
    lanes = lanes_of()
    latest = list(declarations_for_list(request.user)[:LATEST])
    context = {
        "filters": FilterForm({}, gates=sorted({lane.gate for lane in lanes}, key=str)),
        "mine": True,
        "road": _road(request, lanes),
        "page": latest,
        "last": next((declaration for declaration in latest if not declaration.is_draft), None),
    }
    return render(request, "declarations/home.html", context)


def _road(request: HttpRequest, lanes: list[Lane]) -> dict[str, Any]:
    """One page of the trucks on the road, each with its steps and what it waits for."""
    asked = request.GET.get("trucks", "")
    number = max(int(asked), 1) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1
    trips = trips_on_the_road(request.user)
    first = (number - 1) * TRUCKS_A_PAGE
    shown = trucks(trips[first : first + TRUCKS_A_PAGE], lanes) or trucks(trips[:TRUCKS_A_PAGE], lanes)
    shown.sort(key=lambda truck: _soonest(truck.trip))
    count = shown[0].trip.all if shown else 0
    reasons = _reasons(shown)
    cards = [
        {
            "truck": truck,
            "trip": truck.trip,
            "page": (truck.trip.position - 1) // VEHICLES_A_PAGE + 1,
            "steps": steps(truck, with_slots=False),
            "waiting_for": waiting_for(truck),
            "reasons": [reasons[slot.fact_id] for slot in truck.refused if slot.fact_id in reasons],
        }
        for truck in shown
    ]
    return {"cards": cards, "count": count, "page": Paginator(range(count), TRUCKS_A_PAGE).get_page(number)}


def _soonest(trip: Trip) -> tuple:
    """The order of `trips_on_the_road`."""
    return trip.state != TripState.UNDER_WAY, trip.declaration.expected_at, trip.declaration_id, trip.position


def _reasons(shown: list[Truck]) -> dict[int, str]:
    facts = [slot.fact_id for truck in shown for slot in truck.refused if slot.fact_id]
    return dict(Fact.objects.filter(pk__in=facts).values_list("pk", "reason")) if facts else {}
