"""The trader's home, one declaration's page, and the same on paper."""

from typing import Any

import segno
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET

from accounts.rules import acts_for_organisation, organisation_ids_of
from checkpoints.cards import token_for
from checkpoints.models import Fact, Transshipment
from checkpoints.selectors import Truck, lanes_of, trucks
from checkpoints.states import ConfirmationState
from declarations.forms.filters import FilterForm
from declarations.models import Consignment, Declaration, GoodsLine, Load, Trip
from declarations.selectors import declarations_for_list, found, narrowed, trips_on_the_road
from declarations.states import LIVE_DECLARATIONS, DeclarationState, TripState
from declarations.views.access import seen
from declarations.views.steppers import refusals, steps, trucks_of, waiting_for
from gates.models import Gate, Lane
from gates.procedures.words import Moment

TRUCKS_A_PAGE = 12
LATEST = 8
DECLARATIONS_A_PAGE = 20
VEHICLES_A_PAGE = 20


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
    number = int(asked) if asked.isascii() and asked.isdigit() and 0 < int(asked) < 10_000 else 1
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


@login_required
@require_GET
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One declaration with the way of each of its trucks; a draft shows what it holds and leads to writing it."""
    declaration = seen(request, code)
    context = _contents(request, declaration)
    context["page"] = Paginator(context["cards"], VEHICLES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "declarations/detail.html", context)


@login_required
@require_GET
def printed(request: HttpRequest, code: str) -> HttpResponse:
    """The declaration after the form of Phụ lục V, with its confirmations and a QR code of its address."""
    declaration = seen(request, code)
    return render(request, "declarations/print.html", _contents(request, declaration))


def _contents(request: HttpRequest, declaration: Declaration) -> dict[str, Any]:
    own = acts_for_organisation(request.user, declaration.organisation_id)
    shown = trucks_of(declaration, [declaration.gate])
    loads = list(
        Load.objects.filter(trip__declaration=declaration).select_related("line__consignment").order_by("line", "pk")
    )
    lines = GoodsLine.objects.filter(consignment__declaration=declaration).order_by("pk")
    consignments = list(declaration.consignments.order_by("pk"))
    for lot in consignments:
        lot.shown_lines = [line for line in lines if line.consignment_id == lot.pk]
    pairs = _transshipments(shown)
    cards = [
        {
            "truck": truck,
            "trip": truck.trip,
            "steps": steps(truck),
            "waiting_for": waiting_for(truck),
            "refusals": refusals(truck),
            "loads": [load for load in loads if load.trip_id == truck.trip.pk],
            "gives": [pair for pair in pairs if pair.source_id == truck.trip.pk],
            "takes": [pair for pair in pairs if pair.target_id == truck.trip.pk],
            "acts": _acts(truck) if own else {},
            "driver_card": _driver_card(truck) if own else "",
        }
        for truck in shown
    ]
    totals = lines.aggregate(weight=Sum("weight"), value=Sum("value"))
    return {
        "declaration": declaration,
        "own": own,
        "cards": cards,
        "refusals": [{"trip": card["trip"], **refusal} for card in cards for refusal in card["refusals"]],
        "consignments": consignments,
        "lines": lines,
        "totals": totals,
        "bills": declaration.bills.all() if own else (),
        "regimes": Consignment.Regime.choices,
        "withdrawable": own and declaration.state == DeclarationState.SUBMITTED,
        "copyable": own and declaration.state != DeclarationState.DRAFT,
        "qr": _qr(request, declaration),
        "sent": "sent" in request.GET,
    }


def _transshipments(shown: list[Truck]) -> list[Transshipment]:
    """What was registered between these trucks and others; of the others only plate and stage are shown."""
    ids = [truck.trip.pk for truck in shown]
    pairs = Transshipment.objects.filter(source__in=ids) | Transshipment.objects.filter(target__in=ids)
    return list(pairs.select_related("source", "target").prefetch_related("lines__goods_line").order_by("pk"))


def _acts(truck: Truck) -> dict[str, bool]:
    """What the declarant may do with this truck now; the door decides in the end."""
    moment = truck.stage.moment if truck.stage else ""
    registered = any(
        slot.of == "transshipment_registered" and slot.state == ConfirmationState.CONFIRMED for slot in truck.slots
    )
    live = truck.trip.declaration.state in LIVE_DECLARATIONS
    return {
        "withdraw": live and truck.trip.state == TripState.EXPECTED,
        "transship": moment == Moment.YARD and not truck.trip.has_ended,
        "leave": moment == Moment.TRANSSHIP and not registered,
    }


def _driver_card(truck: Truck) -> str:
    """The address of the driver's card, to be sent to the driver; empty before the declaration is sent."""
    if truck.trip.declaration.state == DeclarationState.DRAFT:
        return ""
    return reverse("checkpoints:card", args=[token_for(truck.trip)])


def _qr(request: HttpRequest, declaration: Declaration) -> SafeString:
    """The declaration's address as a picture to be scanned."""
    address = request.build_absolute_uri(reverse("declarations:detail", args=[declaration.code]))
    picture = segno.make(address, error="m").svg_inline(omitsize=True, border=0)
    return mark_safe(picture)
