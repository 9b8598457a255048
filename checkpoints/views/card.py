"""The driver's card, by its signed address: what do I do now, in the language of the phone."""

from typing import Any

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache

from checkpoints.cards import Instruction, instruction, is_over, trip_id_of
from checkpoints.models import Fact
from checkpoints.selectors import Truck, lanes_of, trucks
from checkpoints.views.steps import steps
from declarations.models import Trip
from declarations.states import DeclarationState
from gates.models import Yard


@never_cache
def card(request: HttpRequest, token: str) -> HttpResponse:
    """One truck's card. Who has the address sees the card, nobody is asked to sign in."""
    truck = _truck(token)
    language = translation.get_language_from_path(request.path_info) or translation.get_language_from_request(request)
    with translation.override(language):
        if is_over(truck):
            return render(request, "checkpoints/card_over.html", status=410)
        template = "checkpoints/_card.html" if "HX-Request" in request.headers else "checkpoints/card.html"
        response = render(request, template, _context(request, truck, token))
    response["Content-Language"] = language
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def _truck(token: str) -> Truck:
    trips = Trip.objects.filter(pk=trip_id_of(token)).exclude(declaration__state=DeclarationState.DRAFT)
    trip = trips.select_related("declaration__gate").first()
    if trip is None:
        raise Http404
    return trucks(trips, lanes_of([trip.declaration.gate]))[0]


def _context(request: HttpRequest, truck: Truck, token: str) -> dict[str, Any]:
    address = request.build_absolute_uri(reverse("checkpoints:card", args=[token]))
    return {
        "truck": truck,
        "trip": truck.trip,
        "declaration": truck.trip.declaration,
        "now": _instruction(truck),
        "stages": steps(truck),
        "qr": mark_safe(segno.make(address, error="m").svg_inline(border=1, omitsize=True)),
    }


def _instruction(truck: Truck) -> Instruction:
    yard = Yard.objects.filter(pk=truck.yard_id).first() if truck.yard_id else None
    facts = [slot.fact_id for slot in truck.refused]
    reasons = Fact.objects.filter(pk__in=facts).values_list("reason", flat=True) if facts else ()
    return instruction(truck, yard=yard, refusals=tuple(reasons))
