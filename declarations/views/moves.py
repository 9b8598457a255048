"""What a declarant does with a declaration that exists: copy, delete a draft, withdraw, register a transshipment."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from checkpoints.door import perform
from checkpoints.models import TransshipmentLine, TripStage
from checkpoints.refusals import Refusal
from declarations.forms.fields import NumberField
from declarations.models import Declaration, Load, Trip
from declarations.plates import display
from declarations.services import copy_of
from declarations.states import LIVE_TRIPS
from declarations.views.access import key_of, own, own_trip, usual_arrival
from gates.procedures.words import Moment


@login_required
@require_POST
def copy(request: HttpRequest, code: str) -> HttpResponse:
    """A new draft like this declaration (`Khai lại như lần trước`)."""
    draft = copy_of(own(request, code), actor=request.user, expected_at=usual_arrival())
    messages.success(request, _("Đã chép thành bản nháp mới. Hãy xem lại giờ đến, xe và hàng rồi gửi."))
    return redirect("declarations:edit", draft.code)


@login_required
@require_POST
def delete(request: HttpRequest, code: str) -> HttpResponse:
    """Throw a draft away; a declaration that was sent is withdrawn instead."""
    declaration = own(request, code)
    deleted, _models = Declaration.objects.filter(pk=declaration.pk, state="draft").delete()
    if not deleted:
        messages.error(request, _("Tờ khai %(code)s đã được gửi.") % {"code": code})
        return redirect("declarations:detail", code)
    messages.success(request, _("Đã xóa bản nháp %(code)s.") % {"code": code})
    return redirect("declarations:list")


@login_required
@require_POST
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    declaration = own(request, code)
    return _moved(
        request, "withdraw", declaration, code, _("Đã thu hồi tờ khai %(code)s.") % {"code": declaration.code}
    )


@login_required
@require_POST
def withdraw_trip(request: HttpRequest, code: str, position: int) -> HttpResponse:
    trip = own_trip(request, code, position)
    return _moved(
        request, "withdraw_trip", trip, code, _("Đã thu hồi phương tiện %(plate)s.") % {"plate": display(trip.plate)}
    )


@login_required
@require_POST
def leave_without_goods(request: HttpRequest, code: str, position: int) -> HttpResponse:
    trip = own_trip(request, code, position)
    said = _("Phương tiện %(plate)s không nhận được hàng và sẽ quay về.") % {"plate": display(trip.plate)}
    return _moved(request, "leave_without_goods", trip, code, said)


@login_required
@require_POST
def cancel_transshipment(request: HttpRequest, code: str, position: int, target: int) -> HttpResponse:
    """Take back what was registered to go from this truck to another, before customs confirmed it."""
    source = own_trip(request, code, position)
    registered = Trip.objects.filter(transshipments_in__source=source, transshipments_in__moved_at__isnull=True)
    trip = get_object_or_404(registered.select_related("declaration"), pk=target)
    said = _("Đã thu hồi đăng ký sang tải sang %(plate)s.") % {"plate": display(trip.plate)}
    return _moved(request, "cancel_transshipment", trip, code, said, source=source)


def _moved(
    request: HttpRequest, move: str, subject: Declaration | Trip, code: str, said: str, **details: Any
) -> HttpResponse:
    try:
        perform(move, subject, actor=request.user, key=key_of(request), **details)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, said)
    return redirect("declarations:detail", code)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def transship(request: HttpRequest, code: str, position: int) -> HttpResponse:
    """Register that goods of this truck go over to another that waits for goods in the yard of the same gate."""
    source = own_trip(request, code, position)
    loads, targets = _free_loads(source), _targets(source)
    if request.method != "POST":
        return _choosing(request, source, loads, targets)
    target = next((trip for trip in targets if str(trip.pk) == request.POST.get("target")), None)
    wanted, errors = _quantities(request, loads)
    if target is None:
        errors["target"] = _("Hãy chọn xe nhận hàng.")
    elif not errors and not wanted:
        errors["quantity"] = _("Hãy ghi số lượng hàng chuyển sang xe nhận.")
    if errors:
        return _choosing(request, source, loads, targets, errors, status=422)
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
        return _choosing(request, source, loads, targets, {"form": refusal.message}, status=409)
    said = {"source": display(source.plate), "target": display(target.plate)}
    messages.success(request, _("Đã đăng ký sang tải từ %(source)s sang %(target)s. Chờ Hải quan xác nhận.") % said)
    return redirect("declarations:detail", code)


def _free_loads(source: Trip) -> list[Load]:
    """The loads of the truck, each with `free`: what is not yet registered to go over."""
    loads = list(Load.objects.filter(trip=source).select_related("line").order_by("pk"))
    registered: dict[int, Decimal] = {}
    pending = TransshipmentLine.objects.filter(transshipment__source=source, transshipment__moved_at__isnull=True)
    for load_id, quantity in pending.values_list("load_id", "quantity"):
        registered[load_id] = registered.get(load_id, Decimal()) + quantity
    for load in loads:
        load.free = load.quantity - registered.get(load.pk, Decimal())
    return [load for load in loads if load.free > 0]


def _targets(source: Trip) -> list[Trip]:
    """The trucks that wait in the yard of this gate for goods of this direction, own ones first."""
    waiting = TripStage.objects.filter(moment=Moment.TRANSSHIP, completed_at__isnull=True)
    trips = Trip.objects.filter(
        pk__in=waiting.values("trip"), declaration__gate=source.declaration.gate_id, state__in=LIVE_TRIPS
    ).select_related("declaration")
    suited = [trip for trip in trips if _goes_on_as(trip) == source.procedure_code and trip.pk != source.pk]
    own_first = source.declaration.organisation_id
    return sorted(suited, key=lambda trip: (trip.declaration.organisation_id != own_first, trip.plate))


def _goes_on_as(trip: Trip) -> str:
    continues = trip.procedure.continues
    return continues.procedure if continues else ""


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


def _choosing(request, source, loads, targets, errors=None, status: int = 200) -> HttpResponse:
    context = {
        "declaration": source.declaration,
        "trip": source,
        "loads": loads,
        "targets": targets,
        "errors": errors or {},
        "chosen": request.POST.get("target", str(targets[0].pk) if len(targets) == 1 else ""),
    }
    return render(request, "declarations/transship.html", context, status=status)
