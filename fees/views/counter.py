"""The counter: the cashier's shift, and the closing of days."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import COLLECTORS, gate_ids_of
from cuakhauso.templatetags.ui import money
from fees.forms.money import CountForm, DayForm, FloatForm
from fees.models import CashShift, DayClosing, Payment
from fees.selectors.desk import desk_gates
from fees.selectors.reports import shifts_with_sums
from fees.services import closing
from fees.services import counter as shifts
from fees.views.answers import REFUSED, carried_out
from fees.views.desk import for_desk
from gates.models import Gate

SHOWN = 20


@require_safe
@for_desk
def counter(request: HttpRequest) -> HttpResponse:
    """The person's shifts that run, what should lie in each drawer, the others', and the days closed."""
    return _shown(request)


def _shown(request: HttpRequest, refused: Mapping[str, Form] = MappingProxyType({})) -> HttpResponse:
    """The page of the counter; `refused` are forms of it as they were sent, by what stands before their ids."""
    gates = list(desk_gates(request.user))
    all_shifts = shifts_with_sums(CashShift.objects.filter(gate__in=gates).select_related("gate", "cashier"))
    recent = list(all_shifts.order_by("-pk")[:SHOWN])
    mine = [shift for shift in recent if shift.closed_at is None and shift.cashier_id == request.user.pk]
    for shift in mine:
        shift.form = _form(refused, f"shift{shift.pk}", CountForm)
    collected = gate_ids_of(request.user, COLLECTORS)
    own = [gate for gate in gates if collected is None or gate.pk in collected]
    free = [gate for gate in own if gate.pk not in {shift.gate_id for shift in mine}]
    for gate in free:
        gate.form = _form(refused, f"float{gate.pk}", FloatForm, counted=0)
    taken = Payment.objects.filter(shift__in=[shift.pk for shift in mine]).select_related("bill", "payer")
    context = {
        "mine": mine,
        "taken": taken.order_by("-pk")[:SHOWN],
        "others": [shift for shift in recent if shift not in mine],
        "free_gates": free,
        "closable": own,
        "closing_gate": request.POST.get("gate", ""),
        "day_form": _form(refused, "closing", DayForm, day=timezone.localdate()),
        "closings": DayClosing.objects.filter(gate__in=gates).select_related("gate", "closed_by")[:SHOWN],
    }
    return render(request, "fees/counter.html", context, status=REFUSED if refused else 200)


def _form(refused: Mapping[str, Form], name: str, kind: type[Form], **initial) -> Form:
    return refused.get(name) or kind(initial=initial, auto_id=f"{name}_%s")


@require_POST
@for_desk
def open_shift(request: HttpRequest) -> HttpResponse:
    gate = _gate(request)
    name = f"float{gate.pk}"
    form = FloatForm(request.POST, auto_id=f"{name}_%s")

    def begin(data: dict) -> str:
        shifts.begin_shift(gate_id=gate.pk, cashier=request.user, float_amount=data["counted"])
        return _("Đã mở ca thu tiền mặt.")

    return _answered(request, name, form, begin)


@require_POST
@for_desk
def close_shift(request: HttpRequest, shift_id: int) -> HttpResponse:
    shift = get_object_or_404(CashShift, pk=shift_id)
    name = f"shift{shift.pk}"
    form = CountForm(request.POST, auto_id=f"{name}_%s")

    def count(data: dict) -> str:
        difference = shifts.close_shift(shift=shift, actor=request.user, **data)
        if not difference:
            return _("Đã kết thúc ca, tiền khớp.")
        return _("Đã kết thúc ca, lệch %(amount)s.") % {"amount": money(difference)}

    return _answered(request, name, form, count)


@require_POST
@for_desk
def close_day(request: HttpRequest) -> HttpResponse:
    gate = _gate(request)
    form = DayForm(request.POST, auto_id="closing_%s")

    def close(data: dict) -> str:
        closing.close_day(gate_id=gate.pk, day=data["day"], actor=request.user)
        return _("Đã khóa sổ ngày %(day)s.") % {"day": f"{data['day']:%d/%m/%Y}"}

    return _answered(request, "closing", form, close)


def _answered(request: HttpRequest, name: str, form: Form, act: Callable[[dict], str]) -> HttpResponse:
    return redirect("fees:counter") if carried_out(request, form, act) else _shown(request, {name: form})


def _gate(request: HttpRequest) -> Gate:
    """The gate that the form names, one of the person's own; 404 for anything else."""
    gate = next((gate for gate in desk_gates(request.user) if str(gate.pk) == request.POST.get("gate")), None)
    if gate is None:
        raise Http404
    return gate
