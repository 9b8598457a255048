"""Goods that go from truck to truck: registered by who declared them, taken back by either side."""

from decimal import Decimal

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from checkpoints.door import perform
from checkpoints.goods import free_loads
from checkpoints.models import TripStage
from checkpoints.refusals import Refusal
from declarations.forms.fields import NumberField
from declarations.models import Load, Trip
from declarations.plates import display, normalise
from declarations.states import LIVE_TRIPS
from declarations.views.access import key_of, own_trip
from declarations.views.moves import moved
from gates.procedures.words import Moment

ANOTHERS = "another"
"""What the form says instead of an own truck when a plate is typed."""
asking = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@asking
def transship(request: HttpRequest, code: str, position: int) -> HttpResponse:
    """Register that goods of this truck go over to another that waits for goods in the yard of the same gate."""
    source = own_trip(request, code, position)
    loads, waiting = list(free_loads(source).filter(free__gt=0)), _waiting_for_goods(source)
    own = [trip for trip in waiting if trip.declaration.organisation_id == source.declaration.organisation_id]
    if request.method != "POST":
        return _choosing(request, source, loads, own)
    target, errors = _target(request, own, waiting)
    wanted, wrong = _quantities(request, loads)
    errors |= wrong
    if target and not errors and not wanted:
        errors["quantity"] = _("Hãy ghi số lượng hàng chuyển sang xe nhận.")
    if errors:
        return _choosing(request, source, loads, own, errors, status=422)
    try:
        perform(
            "register_transshipment",
            target,
            actor=request.user,
            key=key_of(request),
            source=source,
            quantities=wanted,
        )
    except Refusal as refusal:
        return _choosing(request, source, loads, own, {"form": refusal.message}, status=409)
    said = {"source": display(source.plate), "target": display(target.plate)}
    messages.success(request, _("Đã đăng ký sang tải từ %(source)s sang %(target)s. Chờ Hải quan xác nhận.") % said)
    return redirect("declarations:detail", code)


@login_required
@require_POST
def cancel(request: HttpRequest, code: str, position: int, target: int) -> HttpResponse:
    """Take back what was registered to go from this truck to another, before customs confirmed it."""
    source = own_trip(request, code, position)
    registered = Trip.objects.filter(transshipments_in__source=source, transshipments_in__moved_at__isnull=True)
    trip = get_object_or_404(registered.select_related("declaration"), pk=target)
    said = _("Đã thu hồi đăng ký sang tải sang %(plate)s.") % {"plate": display(trip.plate)}
    return moved(request, "cancel_transshipment", trip, code, said, source=source)


@login_required
@asking
def decline(request: HttpRequest, code: str, position: int, source: int) -> HttpResponse:
    """Goods registered to come onto this truck do not: taken back by who declared the truck, with a reason."""
    trip = own_trip(request, code, position)
    registered = Trip.objects.filter(transshipments_out__target=trip, transshipments_out__moved_at__isnull=True)
    given = get_object_or_404(registered.select_related("declaration"), pk=source)
    context = {"declaration": trip.declaration, "trip": trip, "source": given}
    if request.method != "POST":
        return render(request, "declarations/decline.html", context)
    reason = request.POST.get("reason", "")
    try:
        perform("cancel_transshipment", trip, actor=request.user, key=key_of(request), source=given, reason=reason)
    except Refusal as refusal:
        context |= {"reason": reason, "error": refusal.message}
        return render(request, "declarations/decline.html", context, status=409)
    said = {"plate": display(given.plate)}
    messages.success(request, _("Đã thu hồi đăng ký nhận hàng từ %(plate)s.") % said)
    return redirect("declarations:detail", code)


def _waiting_for_goods(source: Trip) -> list[Trip]:
    """The trucks of whatever firm that wait in the yard of this gate for goods of this direction."""
    waiting = TripStage.objects.filter(moment=Moment.TRANSSHIP, completed_at__isnull=True)
    trips = Trip.objects.filter(
        pk__in=waiting.values("trip"), declaration__gate=source.declaration.gate_id, state__in=LIVE_TRIPS
    ).select_related("declaration")
    suited = [trip for trip in trips if _goes_on_as(trip) == source.procedure_code and trip.pk != source.pk]
    return sorted(suited, key=lambda trip: trip.plate)


def _goes_on_as(trip: Trip) -> str:
    continues = trip.procedure.continues
    return continues.procedure if continues else ""


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


def _quantities(request: HttpRequest, loads: list[Load]) -> tuple[dict[int, Decimal], dict[str, str]]:
    """What of each load shall go over, as typed, and what is wrong with that."""
    field, wanted, errors = NumberField(whole=11, places=3), {}, {}
    for load in loads:
        load.typed = request.POST.get(f"quantity-{load.pk}", "")
        try:
            quantity = field.clean(load.typed)
        except ValidationError as error:
            errors[f"quantity-{load.pk}"] = load.error = error.messages[0]
            continue
        if quantity and quantity > load.free:
            errors[f"quantity-{load.pk}"] = load.error = _("Nhiều hơn số hàng còn trên xe.")
        elif quantity:
            wanted[load.pk] = quantity
    return wanted, errors


def _choosing(request, source, loads, own, errors=None, status: int = 200) -> HttpResponse:
    context = {
        "declaration": source.declaration,
        "trip": source,
        "loads": loads,
        "targets": own,
        "errors": errors or {},
        "chosen": request.POST.get("target", "" if own else ANOTHERS),
        "plate": request.POST.get("plate", ""),
        "anothers": ANOTHERS,
    }
    return render(request, "declarations/transship.html", context, status=status)
