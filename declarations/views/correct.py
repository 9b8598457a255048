"""Correct what was declared of one truck: what an agency asked, or what the declarant finds wrong."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from checkpoints.corrections import changes
from checkpoints.door import perform
from checkpoints.models import Correction
from checkpoints.refusals import Refusal
from declarations.correctable import Value, cleaned, current, own_loads, parted
from declarations.forms.correcting import CorrectionForm
from declarations.models import Trip
from declarations.plates import display
from declarations.specialised import offered_at
from declarations.views.access import key_of, own_trip
from declarations.views.moves import moved


def open_on(trip: Trip) -> Correction | None:
    """The correction that is open on this truck, with who asked."""
    found = Correction.objects.open().filter(trip=trip)
    return found.select_related("asked__unit", "proposed").prefetch_related("consents").first()


def send(form: CorrectionForm, trip: Trip, *, actor: User | None, key: str | None, **details: Any) -> bool:
    """Whether the door took the form's values; if not, the form tells why. `doubt` is a warning to be overridden."""
    if not form.is_valid():
        return False
    given = form.cleaned_data
    details |= {"sure": given["sure"], "replaces": given.get("replaces", False), "reason": given.get("reason", "")}
    try:
        perform("correct", trip, actor=actor, key=key, values=form.values, **details)
    except Refusal as refusal:
        form.doubt = refusal.message if refusal.code == "doubtful" else ""
        form.add_error(None, refusal.message)
        return False
    return True


@login_required
def correct(request: HttpRequest, code: str, position: int) -> HttpResponse:
    """The declared fields of one truck as a form, those asked first."""
    trip = own_trip(request, code, position)
    correction, declared = open_on(trip), current(trip)
    asked = correction.fields if correction and correction.asked_id else []
    shown = declared | proposed(correction)
    form = CorrectionForm(shown, asked, request.POST or None)
    if request.method == "POST" and send(form, trip, actor=request.user, key=key_of(request)):
        messages.success(request, _sent(trip))
        return redirect("declarations:detail", code)
    context = {
        "declaration": trip.declaration,
        "trip": trip,
        "form": form,
        "correction": correction,
        "goods": _goods(trip, form),
        "specialised": list(offered_at(trip.declaration.gate, day=timezone.localdate())),
    }
    return render(request, "declarations/correct.html", context, status=422 if form.errors else 200)


def proposed(correction: Correction | None) -> dict[str, Value]:
    """What was proposed and waits, so that it is not typed again."""
    return {key: cleaned(key, text) for key, text in correction.after.items()} if correction else {}


def _sent(trip: Trip) -> str:
    made = Correction.objects.filter(trip=trip).latest("pk")
    if made.is_open:
        return _("Đã gửi nội dung sửa của xe %(plate)s; chờ lực lượng đã xác nhận đồng ý.") % {
            "plate": display(trip.plate)
        }
    plate = Trip.objects.values_list("plate", flat=True).get(pk=trip.pk)
    return _("Đã sửa khai báo của xe %(plate)s.") % {"plate": display(plate)}


def _goods(trip: Trip, form: CorrectionForm) -> list[dict[str, Any]]:
    """The fields of each goods line, and of its consignment with the first of its lines."""
    groups: dict[tuple[str | None, int | None], dict[str, Any]] = {}
    names: dict[tuple[str, int], str] = {}
    for load in own_loads(trip):
        names[("line", load.line_id)] = load.line.name
        names[("consignment", load.line.consignment_id)] = _("Loại hình, nhóm hàng")
    for bound in form.of_goods:
        row = parted(bound.name)[:2]
        groups.setdefault(row, {"title": names[row], "fields": []})["fields"].append(bound)
    return list(groups.values())


@login_required
@require_POST
def withdraw_correction(request: HttpRequest, code: str, position: int) -> HttpResponse:
    """What I proposed myself is not proposed any more."""
    trip = own_trip(request, code, position)
    said = _("Đã rút nội dung sửa của xe %(plate)s.") % {"plate": display(trip.plate)}
    return moved(request, "withdraw_correction", trip, code, said)


def shown_corrections(trips: list[Trip]) -> dict[int, dict[str, Any]]:
    """Trip id to what is being corrected of it, for the declarant's pages; two queries for all of them."""
    found = Correction.objects.open().filter(trip__in=trips).select_related("asked__unit").prefetch_related("consents")
    by_trip = {each.trip_id: each for each in found}
    fields = changes(by_trip.values())
    return {trip_id: {"found": each, "changes": fields[each.pk]} for trip_id, each in by_trip.items()}
