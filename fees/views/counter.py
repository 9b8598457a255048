"""The counter: the cashier's shift, and the closing of days."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import COLLECTORS, gate_ids_of
from checkpoints.refusals import Refusal
from cuakhauso.templatetags.ui import money
from fees.forms.money import CountForm
from fees.models import CashShift, DayClosing, Payment
from fees.selectors.desk import desk_gates
from fees.selectors.reports import shifts_with_sums
from fees.services import closing
from fees.services import counter as shifts
from fees.views.bills import first_error, say
from fees.views.desk import for_desk
from gates.models import Gate

SHOWN = 20


@require_safe
@for_desk
def counter(request: HttpRequest) -> HttpResponse:
    """The person's shifts that run, what should lie in each drawer, the others', and the days closed."""
    gates = list(desk_gates(request.user))
    all_shifts = shifts_with_sums(CashShift.objects.filter(gate__in=gates).select_related("gate", "cashier"))
    recent = list(all_shifts.order_by("-pk")[:SHOWN])
    mine = [shift for shift in recent if shift.closed_at is None and shift.cashier_id == request.user.pk]
    for shift in mine:
        shift.form = CountForm(initial={"counted": shift.drawer}, auto_id=f"shift{shift.pk}_%s")
    taken = Payment.objects.filter(shift__in=[shift.pk for shift in mine]).select_related("bill", "payer")
    collected = gate_ids_of(request.user, COLLECTORS)
    context = {
        "mine": mine,
        "taken": taken.order_by("-pk")[:SHOWN],
        "others": [shift for shift in recent if shift not in mine],
        "free_gates": [
            gate
            for gate in gates
            if (collected is None or gate.pk in collected) and gate.pk not in {shift.gate_id for shift in mine}
        ],
        "gates": gates,
        "today": timezone.localdate(),
        "closings": DayClosing.objects.filter(gate__in=gates).select_related("gate", "closed_by")[:SHOWN],
    }
    return render(request, "fees/counter.html", context)


@require_POST
@for_desk
def open_shift(request: HttpRequest) -> HttpResponse:
    gate = _gate(request)
    form = CountForm(request.POST)
    if not form.is_valid():
        say(request, messages.ERROR, first_error(form))
        return redirect("fees:counter")
    try:
        shifts.begin_shift(gate_id=gate.pk, cashier=request.user, float_amount=form.cleaned_data["counted"] or 0)
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message)
    else:
        say(request, messages.SUCCESS, _("Đã mở ca thu tiền mặt."))
    return redirect("fees:counter")


@require_POST
@for_desk
def close_shift(request: HttpRequest, shift_id: int) -> HttpResponse:
    shift = get_object_or_404(CashShift, pk=shift_id)
    form = CountForm(request.POST)
    if not form.is_valid():
        say(request, messages.ERROR, first_error(form))
        return redirect("fees:counter")
    try:
        difference = shifts.close_shift(
            shift=shift,
            counted=form.cleaned_data["counted"] or 0,
            note=form.cleaned_data["note"],
            actor=request.user,
        )
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message)
    else:
        words = _("Đã kết thúc ca, lệch %(amount)s.") if difference else _("Đã kết thúc ca, tiền khớp.")
        say(request, messages.SUCCESS, words % {"amount": money(difference)} if difference else words)
    return redirect("fees:counter")


@require_POST
@for_desk
def close_day(request: HttpRequest) -> HttpResponse:
    gate = _gate(request)
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        say(request, messages.ERROR, _("Ngày không đúng."))
        return redirect("fees:counter")
    try:
        closing.close_day(gate_id=gate.pk, day=day, actor=request.user)
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message)
    else:
        say(request, messages.SUCCESS, _("Đã khóa sổ ngày %(day)s.") % {"day": f"{day:%d/%m/%Y}"})
    return redirect("fees:counter")


def _gate(request: HttpRequest) -> Gate:
    """The gate that the form names, one of the person's own; 404 for anything else."""
    gate = next((gate for gate in desk_gates(request.user) if str(gate.pk) == request.POST.get("gate")), None)
    if gate is None:
        raise Http404
    return gate
