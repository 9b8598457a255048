"""What a declarant does with a declaration that exists: copy, delete a draft, withdraw, go home without goods."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from checkpoints.door import perform
from checkpoints.refusals import Refusal
from declarations.models import Declaration, Trip
from declarations.plates import display
from declarations.services import BACK, NotADraft, copy_of, delete_draft, return_of
from declarations.states import TripState
from declarations.views.access import back_to, key_of, own, own_trip, seen, usual_arrival
from gates.procedures.words import Purpose


@login_required
@require_POST
def copy(request: HttpRequest, code: str) -> HttpResponse:
    """A new draft like this declaration (`Khai lại như lần trước`)."""
    declaration = own(request, code)
    draft = copy_of(declaration, actor=request.user, expected_at=usual_arrival(declaration.gate))
    messages.success(request, _("Đã chép thành bản nháp mới. Hãy xem lại giờ đến, xe và hàng rồi gửi."))
    return redirect("declarations:edit", draft.code)


@login_required
@require_POST
def take_back(request: HttpRequest, code: str, position: int) -> HttpResponse:
    """A new draft for the goods of a truck that left and comes back with them: they were not accepted."""
    trip = own_trip(request, code, position)
    if trip.state != TripState.LEFT or Purpose(trip.declaration.purpose) not in BACK:
        messages.error(request, _("Chỉ khai hàng bị trả lại cho xe chở hàng đã rời cửa khẩu."))
        return redirect("declarations:detail", code)
    draft = return_of(trip, actor=request.user, expected_at=usual_arrival(trip.declaration.gate))
    messages.success(request, _("Đã lập bản nháp cho hàng bị trả lại. Hãy xem lại giờ đến, tờ khai hải quan rồi gửi."))
    return redirect("declarations:edit", draft.code)


@login_required
@require_POST
def delete(request: HttpRequest, code: str) -> HttpResponse:
    """Throw a draft away; a declaration that was sent is withdrawn instead."""
    declaration = own(request, code)
    try:
        delete_draft(declaration)
    except NotADraft:
        messages.error(request, _("Không xóa được: tờ khai %(code)s không còn là bản nháp.") % {"code": code})
        return back_to(declaration)
    messages.success(request, _("Đã xóa bản nháp %(code)s.") % {"code": code})
    return redirect("declarations:list")


@login_required
@require_POST
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    declaration = own(request, code)
    return moved(request, "withdraw", declaration, code, _("Đã thu hồi tờ khai %(code)s.") % {"code": declaration.code})


@login_required
@require_POST
def extend(request: HttpRequest, code: str) -> HttpResponse:
    """Good for as long again, with the reason."""
    declaration = own(request, code)
    said = _("Đã gia hạn tờ khai %(code)s.") % {"code": declaration.code}
    return moved(request, "extend", declaration, code, said, reason=request.POST.get("reason", ""))


@login_required
@require_POST
def withdraw_trip(request: HttpRequest, code: str, position: int) -> HttpResponse:
    trip = own_trip(request, code, position)
    return moved(
        request, "withdraw_trip", trip, code, _("Đã thu hồi phương tiện %(plate)s.") % {"plate": display(trip.plate)}
    )


@login_required
@require_POST
def leave_without_goods(request: HttpRequest, code: str, position: int) -> HttpResponse:
    trip = own_trip(request, code, position)
    said = _("Phương tiện %(plate)s không nhận được hàng và sẽ quay về.") % {"plate": display(trip.plate)}
    return moved(request, "leave_without_goods", trip, code, said)


@login_required
@require_POST
def report_breakdown(request: HttpRequest, code: str, position: int) -> HttpResponse:
    trip = own_trip(request, code, position)
    said = _("Đã báo hỏng phương tiện %(plate)s; cửa khẩu được báo.") % {"plate": display(trip.plate)}
    return moved(request, "report_breakdown", trip, code, said, reason=request.POST.get("reason", ""))


@login_required
@require_POST
def report_repaired(request: HttpRequest, code: str, position: int) -> HttpResponse:
    trip = own_trip(request, code, position)
    said = _("Phương tiện %(plate)s đi tiếp được.") % {"plate": display(trip.plate)}
    return moved(request, "report_repaired", trip, code, said)


@login_required
@require_POST
def hand_over_stored(request: HttpRequest, code: str) -> HttpResponse:
    """Customs or the border guard: goods in store, those ticked, are handed to a case and wait for nobody any more."""
    declaration = seen(request, code)
    ticked = [int(pk) for pk in request.POST.getlist("load") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    if not ticked:
        messages.error(request, _("Hãy chọn hàng cần bàn giao."))
        return redirect("declarations:detail", code)
    given = {"case": request.POST.get("case", ""), "reason": request.POST.get("reason", ""), "loads": ticked}
    said = _("Đã bàn giao hàng trong kho, bãi của tờ khai %(code)s.") % {"code": declaration.code}
    return moved(request, "hand_over_stored", declaration, code, said, **given)


def moved(
    request: HttpRequest, move: str, subject: Declaration | Trip, code: str, said: str, **details: Any
) -> HttpResponse:
    try:
        perform(move, subject, actor=request.user, key=key_of(request), **details)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, said)
    return redirect("declarations:detail", code)
