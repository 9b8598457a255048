"""The driver's card, by its signed address: what do I do now, in the language of the phone."""

from typing import Any

import segno
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from checkpoints.cards import Instruction, instruction, is_over, trip_id_of
from checkpoints.corrections import changes
from checkpoints.door import perform
from checkpoints.models import Fact
from checkpoints.refusals import Refusal
from checkpoints.selectors import Truck, lanes_of, trucks
from checkpoints.views.steps import steps
from declarations.correctable import current
from declarations.forms.correcting import CorrectionForm
from declarations.models import Trip
from declarations.states import DeclarationState
from declarations.views.access import key_of
from declarations.views.correct import open_on, proposed, send
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


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, token: str) -> HttpResponse:
    """What an agency asked of this truck, to be corrected by whoever drives it."""
    trip = _truck(token).trip
    language = translation.get_language_from_path(request.path_info) or translation.get_language_from_request(request)
    with translation.override(language):
        correction = open_on(trip)
        if correction is None or not correction.asked_id or trip.has_ended:
            return redirect("checkpoints:card", token)
        form = CorrectionForm(
            current(trip) | proposed(correction), correction.fields, request.POST or None, only_asked=True
        )
        if request.method == "POST" and send(form, trip, actor=None, key=key_of(request), card=token):
            return redirect("checkpoints:card", token)
        context = {"trip": trip, "form": form, "correction": correction, "token": token}
        response = render(request, "checkpoints/card_correct.html", context, status=422 if form.errors else 200)
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


@never_cache
@require_POST
def report_breakdown(request: HttpRequest, token: str) -> HttpResponse:
    """The driver tells that the truck does not drive any more."""
    return _told(request, token, "report_breakdown", reason=request.POST.get("reason", ""))


@never_cache
@require_POST
def report_repaired(request: HttpRequest, token: str) -> HttpResponse:
    return _told(request, token, "report_repaired")


def _told(request: HttpRequest, token: str, move: str, **details: Any) -> HttpResponse:
    trip = _truck(token).trip
    try:
        perform(move, trip, actor=None, key=key_of(request), card=token, **details)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("checkpoints:card", token)


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
        "correction": _asked(truck),
        "may_break_down": truck.may_break_down,
        "may_repair": truck.may_be_repaired,
        "token": token,
        "qr": mark_safe(segno.make(address, error="m").svg_inline(border=1, omitsize=True)),
    }


def _asked(truck: Truck) -> dict[str, Any] | None:
    """What is being corrected of this truck, with its fields before and after."""
    correction = open_on(truck.trip) if truck.correction else None
    return correction and {"found": correction, "changes": changes([correction])[correction.pk]}


def _instruction(truck: Truck) -> Instruction:
    yard = Yard.objects.filter(pk=truck.yard_id).first() if truck.yard_id else None
    facts = [slot.fact_id for slot in truck.refused]
    reasons = Fact.objects.filter(pk__in=facts).values_list("reason", flat=True) if facts else ()
    return instruction(truck, yard=yard, refusals=tuple(reasons))
