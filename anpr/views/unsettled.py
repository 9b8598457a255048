"""The plates that nobody knows yet: what was seen, which trips it may be, settled in one click."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from anpr.models import Reading
from anpr.rules import may_settle
from anpr.selectors import best_frame, choices_like, choices_of, gates_watched_by, trips_by_plate, unsettled_at
from anpr.settling import dismiss, settle_by_hand
from checkpoints.refusals import Refusal
from declarations.models import Trip
from declarations.plates import display
from gates.models import Gate

MOST_TYPED = 20
REASONS = (
    gettext_lazy("Không phải phương tiện chở hàng"),
    gettext_lazy("Xe chưa khai báo, đã yêu cầu khai báo"),
    gettext_lazy("Ảnh không có xe"),
    gettext_lazy("Xe đã được gọi vào bằng tay"),
)


@require_safe
@login_required
@never_cache
def unsettled(request: HttpRequest) -> HttpResponse:
    """The vehicles that wait at one gate, the oldest first, and one of them in front.

    `?part=list` gives the list alone, for a live page; `?plate=` the trips most like what was typed.
    """
    gates = gates_watched_by(request.user)
    if not gates:
        raise PermissionDenied
    gate = next((gate for gate in gates if gate.code == request.GET.get("gate")), gates[0])
    readings = list(unsettled_at(gate, request.user))
    asked = request.GET.get("reading", "")
    shown = next((reading for reading in readings if str(reading.pk) == asked), None)
    in_front = shown or (readings[0] if readings else None)
    context = {"gate": gate, "readings": readings, "reading": in_front}
    if request.GET.get("part") == "list":
        return render(request, "anpr/_unsettled.html", context)
    context |= {
        "gates": gates,
        "addressed": shown is not None,
        "reasons": REASONS,
        "live_url": reverse("events", args=[gate.code]),
        "bar_place": gate.name,
    }
    if in_front:
        typed = request.GET.get("plate", "")[:MOST_TYPED]
        lane = in_front.camera.lane
        context |= {
            "typed": typed,
            "best": best_frame(in_front),
            "choices": choices_like(lane, typed) if typed else choices_of(in_front),
            "may_settle": may_settle(request.user, lane),
        }
    return render(request, "anpr/unsettled.html", context)


@require_POST
@login_required
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Name the vehicle: by `trip`, or by a typed `plate` if exactly one live trip of the gate has it."""
    reading = _reading(request, pk)
    lane = reading.camera.lane
    typed = request.POST.get("plate", "").strip()
    trip_id = request.POST.get("trip", "")
    if trip_id.isascii() and trip_id.isdigit() and len(trip_id) < 19:
        trips = list(Trip.objects.filter(pk=trip_id, declaration__gate_id=lane.gate_id))
    else:
        trips = trips_by_plate(lane, typed)
    if len(trips) != 1:
        if not trips:
            messages.warning(request, _("Không có lượt xe nào đang chờ hoặc đang trong cửa khẩu mang biển này."))
        else:
            messages.warning(request, _("Có nhiều lượt xe mang biển này. Hãy chọn một."))
        return redirect(_address(lane.gate, reading=reading.pk, plate=typed[:20]))
    try:
        settle_by_hand(reading=reading, trip=trips[0], actor=request.user, text=typed)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect(_address(lane.gate, reading=reading.pk))
    messages.success(request, _("Đã ghi nhận xe %(plate)s.") % {"plate": display(trips[0].plate)})
    return redirect(_address(lane.gate))


@require_POST
@login_required
def put_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that no declared vehicle is to be found in the frame, and why."""
    reading = _reading(request, pk)
    try:
        dismiss(reading=reading, actor=request.user, reason=request.POST.get("reason", ""))
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect(_address(reading.camera.lane.gate, reading=reading.pk))
    messages.success(request, _("Đã bỏ qua ảnh này."))
    return redirect(_address(reading.camera.lane.gate))


def _reading(request: HttpRequest, pk: int) -> Reading:
    readings = Reading.objects.visible_to(request.user).select_related(
        "camera__lane__barrier__gate", "camera__lane__yard__gate"
    )
    return get_object_or_404(readings, pk=pk)


def _address(gate: Gate, **query: int | str) -> str:
    return f"{reverse('anpr:unsettled')}?{urlencode({'gate': gate.code} | query)}"
