"""Goods that go over in the yard, to another truck, into store or out of it: registered, and taken back."""

from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from checkpoints.door import perform
from checkpoints.goods import free_in_store, free_loads
from checkpoints.models import Transshipment, TripStage
from checkpoints.refusals import Refusal
from checkpoints.yards import crowding
from declarations.forms.moving import StoreForm, WorkForm, quantities
from declarations.models import Declaration, Trip
from declarations.plates import display, normalise
from declarations.states import LIVE_TRIPS
from declarations.views.access import key_of, own, own_trip
from declarations.views.moves import moved
from gates.models import Yard, Zone
from gates.procedures.words import Moment

ANOTHERS = "another"
"""What the form says instead of an own truck when a plate is typed."""
asking = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@asking
def transship(request: HttpRequest, code: str, position: int) -> HttpResponse:
    """Register that goods of this truck go over to another that waits for goods in the yard of the same gate."""
    source = own_trip(request, code, position)
    waiting = _receiving(source.declaration, {source.procedure_code}, [Moment.TRANSSHIP])
    page = {
        "declaration": source.declaration,
        "trip": source,
        "loads": list(free_loads(source).filter(free__gt=0)),
        "work": WorkForm(request.POST or None, gate=source.declaration.gate),
        "targets": _own(waiting, source.declaration),
    }
    if request.method != "POST":
        return _choosing(request, "transship", page)
    target, wanted, errors = _asked(request, page, waiting)
    if errors:
        return _choosing(request, "transship", page, errors, status=422)
    given = {"source": source, "quantities": wanted, **page["work"].told}
    if refusal := _refused(request, "register_transshipment", target, **given):
        return _choosing(request, "transship", page, {"form": refusal.message}, status=409)
    said = {"source": display(source.plate), "target": display(target.plate)}
    messages.success(request, _("Đã đăng ký sang tải từ %(source)s sang %(target)s. Chờ Hải quan xác nhận.") % said)
    _say_if_crowded(request, given["zone"])
    return redirect("declarations:detail", code)


@login_required
@asking
def store(request: HttpRequest, code: str, position: int) -> HttpResponse:
    """Register that goods of this truck are unloaded into the store of a yard (lưu kho, hạ bãi)."""
    trip = own_trip(request, code, position)
    declaration = trip.declaration
    inside = not trip.procedure.outside_yard
    place = StoreForm(request.POST or None, gate=declaration.gate, inside=inside, yard=declaration.yard)
    loads = list(free_loads(trip).filter(free__gt=0))
    page = {"declaration": declaration, "trip": trip, "loads": loads, "place": place}
    if request.method != "POST":
        return _choosing(request, "store", page)
    wanted, errors = quantities(request.POST, loads)
    if not errors and not wanted:
        errors["quantity"] = _("Hãy ghi số lượng hàng lưu kho, hạ bãi.")
    if not place.is_valid() or errors:
        return _choosing(request, "store", page, errors, status=422)
    if refusal := _refused(request, "register_storage", trip, quantities=wanted, **place.told):
        return _choosing(request, "store", page, {"form": refusal.message}, status=409)
    said = {"plate": display(trip.plate), "yard": place.told["yard"]}
    messages.success(
        request, _("Đã đăng ký hạ hàng từ %(plate)s xuống %(yard)s. Chờ Hải quan xác nhận lưu kho, hạ bãi.") % said
    )
    _say_if_crowded(request, place.told["zone"])
    return redirect("declarations:detail", code)


@login_required
@asking
def load(request: HttpRequest, code: str, yard: int) -> HttpResponse:
    """Register that goods of this declaration are loaded from the store of a yard onto a truck that stands there."""
    declaration = own(request, code)
    place = get_object_or_404(Yard, pk=yard, gate=declaration.gate_id)
    ways = set(declaration.trips.values_list("began_as", flat=True))
    waiting = _receiving(declaration, ways, [Moment.TRANSSHIP, Moment.YARD])
    page = {
        "declaration": declaration,
        "yard": place,
        "loads": list(free_in_store(declaration).filter(yard=place, free__gt=0)),
        "work": WorkForm(request.POST or None, gate=declaration.gate, yard=place),
        "targets": _own(waiting, declaration),
    }
    if request.method != "POST":
        return _choosing(request, "load", page)
    target, wanted, errors = _asked(request, page, waiting)
    if errors:
        return _choosing(request, "load", page, errors, status=422)
    given = {"declaration": declaration, "yard": place, "quantities": wanted, **page["work"].told}
    if refusal := _refused(request, "register_loading", target, **given):
        return _choosing(request, "load", page, {"form": refusal.message}, status=409)
    said = {"yard": place, "plate": display(target.plate)}
    messages.success(request, _("Đã đăng ký xếp hàng từ %(yard)s lên %(plate)s. Chờ Hải quan xác nhận.") % said)
    return redirect("declarations:detail", code)


@login_required
@require_POST
def cancel(request: HttpRequest, code: str, registered: int) -> HttpResponse:
    """Take back what was registered of goods of this declaration or its trucks, before customs confirmed it."""
    declaration = own(request, code)
    stored = Q(source=None, lines__goods_line__consignment__declaration=declaration)
    found = _pending_or_404(Transshipment.objects.filter(Q(source__declaration=declaration) | stored), registered)
    vehicle = found.target or found.source
    said = _("Đã thu hồi đăng ký của %(plate)s.") % {"plate": display(vehicle.plate)}
    return moved(request, "cancel_transshipment", vehicle, code, said, registered=found.pk)


@login_required
@asking
def decline(request: HttpRequest, code: str, position: int, registered: int) -> HttpResponse:
    """Goods registered to come onto this truck do not: taken back by who declared the truck, with a reason."""
    trip = own_trip(request, code, position)
    found = _pending_or_404(Transshipment.objects.filter(target=trip), registered)
    context = {"declaration": trip.declaration, "trip": trip, "found": found}
    if request.method != "POST":
        return render(request, "declarations/decline.html", context)
    reason = request.POST.get("reason", "")
    if refusal := _refused(request, "cancel_transshipment", trip, registered=found.pk, reason=reason):
        context |= {"reason": reason, "error": refusal.message}
        return render(request, "declarations/decline.html", context, status=409)
    said = {"where": display(found.source.plate) if found.source else found.yard}
    messages.success(request, _("Đã thu hồi đăng ký nhận hàng từ %(where)s.") % said)
    return redirect("declarations:detail", code)


def _pending_or_404(registered: QuerySet[Transshipment], pk: int) -> Transshipment:
    found = registered.filter(pk=pk, moved_at=None).distinct()
    found = found.select_related("source__declaration", "target__declaration", "yard").first()
    if found is None:
        raise Http404
    return found


def _refused(request: HttpRequest, move: str, trip: Trip, **details: Any) -> Refusal | None:
    """Make the move; what refused it."""
    try:
        perform(move, trip, actor=request.user, key=key_of(request), **details)
    except Refusal as refusal:
        return refusal
    return None


def _say_if_crowded(request: HttpRequest, zone: Zone | None) -> None:
    if zone and (crowded := crowding(zone)):
        messages.warning(request, crowded)


def _receiving(declaration: Declaration, ways: Collection[str], moments: Collection[Moment]) -> list[Trip]:
    """The trucks of whatever firm in the yards of this gate that go, or shall go, by one of these procedures."""
    stages = TripStage.objects.filter(moment__in=moments, completed_at__isnull=True)
    trips = Trip.objects.filter(
        pk__in=stages.values("trip"), declaration__gate=declaration.gate_id, state__in=LIVE_TRIPS
    ).select_related("declaration")
    return sorted((trip for trip in trips if _goes_on_as(trip) in ways), key=lambda trip: trip.plate)


def _goes_on_as(trip: Trip) -> str:
    continues = trip.procedure.continues
    return continues.procedure if continues else trip.procedure_code


def _own(waiting: list[Trip], declaration: Declaration) -> list[Trip]:
    return [trip for trip in waiting if trip.declaration.organisation_id == declaration.organisation_id]


def _asked(request: HttpRequest, page: dict[str, Any], waiting: list[Trip]) -> tuple[Trip | None, dict, dict[str, str]]:
    """The truck and the quantities chosen, and what is wrong with what was typed."""
    target, errors = _target(request, page["targets"], waiting)
    wanted, wrong = quantities(request.POST, page["loads"])
    errors |= wrong
    if target and not errors and not wanted:
        errors["quantity"] = _("Hãy ghi số lượng hàng chuyển sang xe nhận.")
    if not page["work"].is_valid():
        errors["work"] = _("Hãy xem lại nơi làm và người bốc xếp.")
    return target, wanted, errors


def _target(request: HttpRequest, own: list[Trip], waiting: list[Trip]) -> tuple[Trip | None, dict[str, str]]:
    """The truck that shall receive: an own one chosen, or another firm's by its whole plate; never one guessed."""
    chosen, plate = request.POST.get("target", ""), normalise(request.POST.get("plate", ""))
    if chosen in ("", ANOTHERS) and plate:
        found = next((trip for trip in waiting if trip.plate == plate), None)
        if found is None:
            return None, {
                "plate": _(
                    "Không có xe nào mang biển %(plate)s đang chờ nhận hàng theo chiều này trong bãi của cửa khẩu. "
                    "Hãy ghi đủ và đúng biển."
                )
                % {"plate": display(plate)}
            }
        return found, {}
    if chosen == ANOTHERS:
        return None, {"plate": _("Hãy ghi biển kiểm soát của xe nhận hàng.")}
    target = next((trip for trip in own if str(trip.pk) == chosen), None)
    if target is None:
        return None, {"target": _("Hãy chọn xe nhận hàng.")}
    if plate:
        return None, {"plate": _("Hãy chọn một: xe của tôi, hoặc xe của đơn vị khác.")}
    return target, {}


def _choosing(
    request: HttpRequest, name: str, page: dict[str, Any], errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    chosen = request.POST.get("target", "" if page.get("targets") else ANOTHERS)
    typed = {"chosen": chosen, "plate": request.POST.get("plate", ""), "anothers": ANOTHERS}
    context = page | typed | {"errors": errors or {}}
    return render(request, f"declarations/{name}.html", context, status=status)
