"""One declaration's page, the same on paper, and its customs declaration named afterwards."""

from datetime import timedelta
from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.rules import acts_for_agency, acts_for_organisation
from checkpoints.cards import token_for
from checkpoints.door import perform
from checkpoints.goods import stored
from checkpoints.models import Transshipment
from checkpoints.moves.extending import extensions_left
from checkpoints.moves.seizing import SEIZING
from checkpoints.refusals import Refusal
from checkpoints.selectors import Truck
from checkpoints.states import ConfirmationState
from declarations.forms.rows import CustomsForm
from declarations.models import Consignment, Declaration, Document, GoodsLine, Load
from declarations.papers import day_of, papers_of
from declarations.services import BACK
from declarations.states import LIVE_DECLARATIONS, DeclarationState, TripState
from declarations.views.access import key_of, own, seen
from declarations.views.correct import shown_corrections
from declarations.views.steppers import refusals, steps, trucks_of, waiting_for
from gates.models import Zone
from gates.procedures.words import Moment, Purpose

VEHICLES_A_PAGE = 20
EXPIRES_SOON = timedelta(hours=24)


@login_required
@require_GET
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One declaration with the way of each of its trucks; a draft shows what it holds and leads to writing it."""
    return _shown(request, seen(request, code))


def _shown(
    request: HttpRequest, declaration: Declaration, forms: dict | None = None, status: int = 200
) -> HttpResponse:
    context = _contents(request, declaration)
    context["page"] = Paginator(context["cards"], VEHICLES_A_PAGE).get_page(request.GET.get("page"))
    if context["own"] and declaration.state in LIVE_DECLARATIONS:
        for lot in context["consignments"]:
            given = {"customs_number": lot.customs_number, "customs_date": lot.customs_date}
            lot.form = (forms or {}).get(lot.pk) or CustomsForm(prefix=f"lot-{lot.pk}", initial=given)
    return render(request, "declarations/detail.html", context, status=status)


@login_required
@require_POST
def customs(request: HttpRequest, code: str, consignment: int) -> HttpResponse:
    """Name the customs declaration of a consignment after the declaration was sent."""
    declaration = own(request, code)
    form = CustomsForm(request.POST, prefix=f"lot-{consignment}")
    if not form.is_valid():
        return _shown(request, declaration, {consignment: form}, status=422)
    number, day = form.cleaned_data["customs_number"], form.cleaned_data["customs_date"]
    try:
        perform(
            "name_customs_declaration",
            declaration,
            actor=request.user,
            key=key_of(request),
            consignment=consignment,
            number=number,
            day=day,
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Đã ghi tờ khai hải quan %(number)s.") % {"number": number})
    return redirect("declarations:detail", code)


@login_required
@require_GET
def printed(request: HttpRequest, code: str) -> HttpResponse:
    """The declaration after the form of Phụ lục V, with its confirmations and a QR code of its address."""
    declaration = seen(request, code)
    return render(request, "declarations/print.html", _contents(request, declaration))


def _contents(request: HttpRequest, declaration: Declaration) -> dict[str, Any]:
    mine = acts_for_organisation(request.user, declaration.organisation_id)
    shown = trucks_of(declaration, [declaration.gate])
    off_trucks = Q(line__consignment__declaration=declaration, trip=None)
    loads = list(
        Load.objects.filter(Q(trip__declaration=declaration) | off_trucks)
        .select_related("line__consignment")
        .order_by("line", "pk")
    )
    lines = GoodsLine.objects.filter(consignment__declaration=declaration).order_by("pk")
    consignments = list(declaration.consignments.order_by("pk"))
    documents = list(declaration.documents.select_related("uploaded_by").order_by("-pk"))
    for lot in consignments:
        lot.shown_lines = [line for line in lines if line.consignment_id == lot.pk]
        lot.shown_documents = _versions([each for each in documents if each.consignment_id == lot.pk])
    loose = _versions([each for each in documents if each.consignment_id is None])
    pairs = _transshipments(request.user, shown, mine=mine)
    corrections = shown_corrections([truck.trip for truck in shown])
    live = mine and declaration.state in (DeclarationState.DRAFT, *LIVE_DECLARATIONS)
    held = papers_of([truck.trip for truck in shown if live], declaration.gate.kind, day=day_of(declaration))
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
            "correction": corrections.get(truck.trip.pk),
            "held": held.get(truck.trip.pk),
            "acts": _acts(truck) if mine else {},
            "returnable": mine and truck.trip.state == TripState.LEFT and Purpose(declaration.purpose) in BACK,
            "driver_card": _driver_card(truck) if mine else "",
        }
        for truck in shown
    ]
    in_store = _stored(declaration) if consignments else []
    totals = lines.aggregate(weight=Sum("weight"), value=Sum("value"))
    return {
        "declaration": declaration,
        "own": mine,
        "cards": cards,
        "refusals": [{"trip": card["trip"], **refusal} for card in cards for refusal in card["refusals"]],
        "stored": in_store,
        "may_hand_over": bool(in_store and acts_for_agency(request.user, set(SEIZING), declaration.gate_id)),
        "consignments": consignments,
        "lines": lines,
        "handed_over": [load for load in loads if load.case],
        "totals": totals,
        "bills": declaration.bills.all() if mine else (),
        "regimes": Consignment.Regime.choices,
        "loose_documents": loose,
        "document_kinds": Document.Kind.choices,
        "may_attach": mine and (declaration.is_draft or declaration.state in LIVE_DECLARATIONS),
        "withdrawable": mine and declaration.state == DeclarationState.SUBMITTED,
        "validity": _validity(declaration, shown, mine=mine),
        "copyable": mine and declaration.state != DeclarationState.DRAFT,
        "qr": _qr(request, declaration),
        "sent": "sent" in request.GET,
    }


def _validity(declaration: Declaration, shown: list[Truck], *, mine: bool) -> dict[str, Any] | None:
    """Until when a vehicle may still come by it, whether that is soon, and whether the person may extend it."""
    awaited = any(truck.trip.state == TripState.EXPECTED for truck in shown)
    if declaration.state not in LIVE_DECLARATIONS or not awaited or declaration.expires_at is None:
        return None
    left = declaration.expires_at - timezone.now()
    return {
        "until": declaration.expires_at,
        "soon": left < EXPIRES_SOON,
        "hours": settings.DECLARATION_VALID_HOURS,
        "extendable": mine and left > timedelta(0) and extensions_left(declaration) > 0,
    }


def _versions(documents: list[Document]) -> list[dict[str, Any]]:
    """The newest version of each document of a consignment, with those before it, newest first."""
    by_id = {document.pk: document for document in documents}
    replaced = {document.replaces_id for document in documents}
    found = []
    for newest in sorted((each for each in documents if each.pk not in replaced), key=lambda each: each.pk):
        former, earlier = newest, []
        while former := by_id.get(former.replaces_id):
            earlier.append(former)
        found.append({"newest": newest, "earlier": earlier})
    return found


def _transshipments(user: User, shown: list[Truck], *, mine: bool) -> list[Transshipment]:
    """What was registered between these trucks and others.

    Of a truck that gives them goods a declarant sees the plate alone, unless the person acts for its owner too
    (`goods_shown`); of one that receives, plate and state (design.md §3, rule 9).
    """
    ids = [truck.trip.pk for truck in shown]
    pairs = Transshipment.objects.filter(source__in=ids) | Transshipment.objects.filter(target__in=ids)
    pairs = pairs.select_related("source__declaration", "target", "yard", "zone")
    found = list(pairs.prefetch_related("lines__goods_line__consignment__declaration").order_by("pk"))
    for pair in found:
        pair.goods_shown = not mine or all(acts_for_organisation(user, owner) for owner in _owners(pair))
    return found


def _owners(pair: Transshipment) -> set[int]:
    """Whose goods these are: of who declared the truck that gives them, or them themselves where they lay in store."""
    if pair.source:
        return {pair.source.declaration.organisation_id}
    return {line.goods_line.consignment.declaration.organisation_id for line in pair.lines.all()}


def _stored(declaration: Declaration) -> list[dict[str, Any]]:
    """The goods of the declaration in store, yard by yard, with what is registered to be loaded from there."""
    loads = list(stored(Load.objects.filter(line__consignment__declaration=declaration)))
    if not loads:
        return []
    zones = Zone.objects.in_bulk({load.zone_id for load in loads} - {None})
    for load in loads:
        load.zone = zones.get(load.zone_id)
    loadings = Transshipment.objects.pending().filter(source=None, lines__load__in=loads).distinct()
    loadings = list(loadings.select_related("target").prefetch_related("lines__goods_line").order_by("pk"))
    return [
        {
            "yard": yard,
            "loads": [load for load in loads if load.yard_id == yard.pk],
            "loadings": [pair for pair in loadings if pair.yard_id == yard.pk],
        }
        for yard in dict.fromkeys(load.yard for load in loads)
    ]


def _acts(truck: Truck) -> dict[str, bool]:
    """What the declarant may do with this truck now; the door decides in the end."""
    moment = truck.stage.moment if truck.stage else ""
    registered = any(
        slot.of == "transshipment_registered" and slot.state == ConfirmationState.CONFIRMED for slot in truck.slots
    )
    live = truck.trip.declaration.state in LIVE_DECLARATIONS
    return {
        "correct": live and not truck.trip.has_ended and not (truck.hold and truck.hold.is_seizure),
        "withdraw": live and truck.trip.state == TripState.EXPECTED,
        "transship": moment == Moment.YARD and not truck.trip.has_ended,
        "leave": moment == Moment.TRANSSHIP and not registered,
        "breakdown": truck.may_break_down,
        "repair": truck.may_be_repaired,
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
