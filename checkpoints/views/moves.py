"""What a click at a place does: every one goes through the door, and a refusal is shown at once, at the truck."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.models import User
from checkpoints.door import perform
from checkpoints.forms import MoveForm
from checkpoints.models import Confirmation
from checkpoints.refusals import Refusal
from checkpoints.selectors import trucks
from checkpoints.states import ConfirmationState
from checkpoints.views.console import page
from checkpoints.views.dialogs import from_dialog, is_htmx, onward, refused
from checkpoints.views.panel import Attempt
from checkpoints.views.places import desk_or_404, reader_or_404, spot_or_404
from declarations.forms.rows import CustomsForm
from declarations.models import Consignment, Trip
from declarations.plates import display
from declarations.states import DeclarationState
from gates.models import Lane

SETTLED_WITH_IT = ("already_not_required", "stage_closed")
"""A slot of the same click that waits no more: the one before took all goods off the truck, say."""


def attempt(move: str, trip: Trip, *, actor: User, key: UUID, **details: Any) -> Attempt:
    """Make one move of a trip through the door."""
    try:
        outcome = perform(move, trip, actor=actor, key=str(key), **details)
    except Refusal as refusal:
        return Attempt(trip, refusal)
    return Attempt(trip, opened=bool(outcome.fact and outcome.fact.data.get("opens")))


@login_required
@require_POST
def confirm(request: HttpRequest, gate: str, code: str, trip: int) -> HttpResponse:
    """Confirm the slots given, for all trucks of the declaration where `together`; with `opens` open the barrier."""
    form, found = asked(request, gate, trip)
    key, slots = form.cleaned_data["key"], form.cleaned_data["slot"]
    attempts: list[Attempt] = []
    for slot in slots:
        opens = form.cleaned_data["opens"] and slot == slots[-1]
        made = _confirmed(request.user, found, slot, key, opens=opens)
        if attempts and made.refusal and made.refusal.code in SETTLED_WITH_IT:
            continue
        attempts.append(made)
    if form.cleaned_data["together"]:
        for slot in _same_on_other_trucks(found, slots):
            attempts.append(_confirmed(request.user, slot.stage.trip, slot.pk, key))
    opened = any(each.opened for each in attempts)
    said = _("Đã xác nhận và mở barie") if opened else _("Đã xác nhận")
    return answer(request, gate, code, found, attempts, said=said, gone=opened)


def _confirmed(actor: User, trip: Trip, slot: int, key: UUID, *, opens: bool = False) -> Attempt:
    return attempt("confirm", trip, actor=actor, key=uuid5(key, str(slot)), confirmation=slot, opens=opens)


def _same_on_other_trucks(trip: Trip, slots: Sequence[int]) -> list[Confirmation]:
    """The same facts, waiting for the same agency on the declaration's other trucks (`together` in the book)."""
    given = list(Confirmation.objects.filter(pk__in=slots, stage__trip=trip).select_related("stage__trip"))
    together = {(slot.agency, slot.of) for slot in given if slot.spec.together}
    others = (
        Confirmation.objects.filter(
            stage__trip__declaration=trip.declaration_id,
            stage__completed_at__isnull=True,
            state=ConfirmationState.WAITING,
        )
        .exclude(stage__trip=trip)
        .select_related("stage__trip__declaration__gate")
        .order_by("stage__trip", "position")
    )
    return [slot for slot in others if (slot.agency, slot.of) in together]


@login_required
@require_POST
def confirm_many(request: HttpRequest, gate: str, code: str) -> HttpResponse:
    """Confirm what waits for me on each of the trucks chosen, with an outcome for each."""
    spot = spot_or_404(gate, code)
    desk = desk_or_404(request.user, spot)
    form = _valid(MoveForm(request.POST))
    key, chosen = form.cleaned_data["key"], form.cleaned_data["trip"]
    found = trucks(Trip.objects.filter(pk__in=chosen, declaration__gate=spot.gate), spot.gate_lanes)
    attempts = []
    for truck in found:
        mine = [slot for slot in truck.slots if desk.owns(slot)]
        refusals = [_confirmed(request.user, truck.trip, slot.pk, key).refusal for slot in mine]
        done = any(refusal is None for refusal in refusals)
        reason = next((refusal for refusal in refusals if refusal is not None), None)
        attempts.append(Attempt(truck.trip, None if done else reason or _nothing_to_confirm()))
    if not is_htmx(request):
        for each in attempts:
            said = each.refusal.message if each.refusal else _("Đã xác nhận")
            messages.add_message(
                request, messages.ERROR if each.refusal else messages.SUCCESS, f"{display(each.trip.plate)}: {said}"
            )
        return redirect(spot.url())
    status = 409 if any(each.refusal for each in attempts) else 200
    response = render(request, "checkpoints/_outcomes.html", {"attempts": attempts}, status=status)
    response["HX-Trigger"] = json.dumps({"moved": {}})
    return response


def _nothing_to_confirm() -> Refusal:
    return Refusal("nothing_to_confirm", _("Không có mục nào chờ bạn xác nhận trên xe này."))


@login_required
@require_POST
def refuse(request: HttpRequest, gate: str, code: str, trip: int) -> HttpResponse:
    """Refuse one slot, with the reason that the declarant reads."""
    return _one_slot(request, gate, code, trip, "refuse", _("Đã từ chối"))


@login_required
@require_POST
def undo(request: HttpRequest, gate: str, code: str, trip: int) -> HttpResponse:
    """Take back an own click, with the reason."""
    return _one_slot(request, gate, code, trip, "undo", _("Đã hủy xác nhận"))


def _one_slot(request: HttpRequest, gate: str, code: str, trip: int, move: str, said: str) -> HttpResponse:
    form, found = asked(request, gate, trip)
    slot = next(iter(form.cleaned_data["slot"]), None)
    reason = form.cleaned_data["reason"]
    made = attempt(move, found, actor=request.user, key=form.cleaned_data["key"], confirmation=slot, reason=reason)
    return answer(request, gate, code, found, [made], said=said)


@login_required
@require_POST
def ask_correction(request: HttpRequest, gate: str, code: str, trip: int) -> HttpResponse:
    """Ask the declarant or the driver to correct fields, with the reason; the truck waits."""
    form, found = asked(request, gate, trip)
    details = {"fields": form.cleaned_data["field"], "reason": form.cleaned_data["reason"]}
    made = attempt("ask_correction", found, actor=request.user, key=form.cleaned_data["key"], **details)
    return answer(request, gate, code, found, [made], said=_("Đã yêu cầu sửa"))


@login_required
@require_POST
def agree_correction(request: HttpRequest, gate: str, code: str, trip: int) -> HttpResponse:
    """The new values on the screen stand in place of those on which my agency confirmed."""
    return _on_correction(request, gate, code, trip, "agree_correction", _("Đã đồng ý sửa"))


@login_required
@require_POST
def reject_correction(request: HttpRequest, gate: str, code: str, trip: int) -> HttpResponse:
    """What was declared stays, with the reason."""
    return _on_correction(request, gate, code, trip, "reject_correction", _("Không đồng ý sửa"))


@login_required
@require_POST
def withdraw_correction(request: HttpRequest, gate: str, code: str, trip: int) -> HttpResponse:
    """My agency does not ask for it any more."""
    return _on_correction(request, gate, code, trip, "withdraw_correction", _("Đã rút yêu cầu sửa"))


def _on_correction(request: HttpRequest, gate: str, code: str, trip: int, move: str, said: str) -> HttpResponse:
    form, found = asked(request, gate, trip)
    details = {"proposal": form.cleaned_data["proposal"], "reason": form.cleaned_data["reason"]}
    made = attempt(move, found, actor=request.user, key=form.cleaned_data["key"], **details)
    return answer(request, gate, code, found, [made], said=said)


@login_required
@require_POST
def name_customs(request: HttpRequest, gate: str, code: str, trip: int, consignment: int) -> HttpResponse:
    """Name the customs declaration of goods on this truck, where the declarant did not."""
    form, found = asked(request, gate, trip)
    lots = Consignment.objects.filter(lines__loads__trip=found).select_related("declaration__gate").distinct()
    lot = get_object_or_404(lots, pk=consignment)
    named = CustomsForm(request.POST, prefix=f"lot-{lot.pk}")
    if not named.is_valid():
        wrong = Refusal("customs_declaration", " ".join(error for each in named.errors.values() for error in each))
        return answer(request, gate, code, found, [Attempt(found, wrong)], said="")
    number, day = named.cleaned_data["customs_number"], named.cleaned_data["customs_date"]
    made = Attempt(found)
    try:
        perform(
            "name_customs_declaration",
            lot.declaration,
            actor=request.user,
            key=str(form.cleaned_data["key"]),
            consignment=lot.pk,
            number=number,
            day=day,
        )
    except Refusal as refusal:
        made = Attempt(found, refusal)
    said = _("Đã ghi tờ khai hải quan %(number)s.") % {"number": number}
    return answer(request, gate, code, found, [made], said=said)


@login_required
@require_POST
def open_barrier(request: HttpRequest, gate: str, code: str, trip: int) -> HttpResponse:
    """Let the truck through: all have confirmed."""
    form, found = asked(request, gate, trip)
    made = attempt("open_barrier", found, actor=request.user, key=form.cleaned_data["key"])
    return answer(request, gate, code, found, [made], said=_("Đã mở barie"), gone=made.refusal is None)


@login_required
@require_POST
def leave_without_goods(request: HttpRequest, gate: str, code: str, trip: int) -> HttpResponse:
    """The truck found no goods and goes home."""
    form, found = asked(request, gate, trip)
    made = attempt("leave_without_goods", found, actor=request.user, key=form.cleaned_data["key"])
    return answer(request, gate, code, found, [made], said=_("Xe quay về không có hàng"))


@login_required
@require_POST
def call_up(request: HttpRequest, gate: str, code: str, trip: int) -> HttpResponse:
    """The truck stands in a lane of this place and no camera told."""
    spot = spot_or_404(gate, code)
    form, found = asked(request, gate, trip, lanes=spot.lanes)
    lane = _lane(form)
    made = attempt("call_up", found, actor=request.user, key=form.cleaned_data["key"], lane=lane)
    return answer(request, gate, code, found, [made], said=_("Đã gọi xe vào làn"))


@login_required
@require_POST
def open_forced(request: HttpRequest, gate: str, code: str) -> HttpResponse:
    """Open a lane's barrier without a cleared truck, with the reason; recorded as forced."""
    spot = spot_or_404(gate, code)
    desk_or_404(request.user, spot)
    form = _valid(MoveForm(request.POST, spot.lanes))
    try:
        perform(
            "open_forced",
            spot.gate,
            actor=request.user,
            key=str(form.cleaned_data["key"]),
            lane=_lane(form),
            reason=form.cleaned_data["reason"],
        )
    except Refusal as refusal:
        if from_dialog(request):
            return refused(request, refusal)
        messages.error(request, refusal.message)
    else:
        messages.warning(request, _("Đã mở barie không có lượt xe; việc này được ghi lại và báo cho Ban Quản lý."))
    return onward(request, spot.url())


def asked(request: HttpRequest, gate: str, trip: int, lanes: Sequence[Lane] = ()) -> tuple[MoveForm, Trip]:
    """The form and the trip of the address, at a gate where the person has a role."""
    trips = Trip.objects.filter(pk=trip, declaration__gate__code=gate)
    found = trips.exclude(declaration__state=DeclarationState.DRAFT).select_related("declaration__gate").first()
    if found is None:
        raise Http404
    reader_or_404(request.user, found.declaration.gate)
    return _valid(MoveForm(request.POST, lanes)), found


def _valid(form: MoveForm) -> MoveForm:
    if not form.is_valid():
        raise BadRequest(form.errors.as_text())
    return form


def _lane(form: MoveForm) -> Lane:
    if form.chosen_lane is None:
        raise BadRequest("lane")
    return form.chosen_lane


def answer(
    request: HttpRequest,
    gate: str,
    code: str,
    trip: Trip,
    attempts: Sequence[Attempt],
    *,
    said: str,
    gone: bool = False,
) -> HttpResponse:
    """Say what was done, or why it was not (409): in the dialog that asked for it, else at the truck, shown anew.

    `gone`: the truck leaves this place, so that the next one comes to the front.
    """
    if not attempts or any(each.refusal for each in attempts):
        desk = desk_or_404(request.user, spot_or_404(gate, code))
        attempts = attempts or [Attempt(trip, _nothing_to_confirm())]
        if from_dialog(request):
            return refused(request, next(each.refusal for each in attempts if each.refusal))
        template, context = page(request, desk, trip.pk, part="truck" if is_htmx(request) else "", attempts=attempts)
        return render(request, template, context, status=409)
    text = f"{display(trip.plate)}: {said}"
    if len(attempts) > 1 and len({each.trip.pk for each in attempts}) > 1:
        count = len({each.trip.pk for each in attempts})
        text = ngettext("%(said)s %(count)s xe", "%(said)s %(count)s xe", count) % {"said": said, "count": count}
    if is_htmx(request):
        trigger = {"moved": {"gone": gone}, "toast": {"text": text, "tone": "ok"}}
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(trigger)})
    messages.success(request, text)
    return redirect("checkpoints:place" if gone else "checkpoints:truck", gate, code, *(() if gone else (trip.pk,)))
