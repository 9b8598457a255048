"""What an officer does with a truck that left the straight road: sent back, seized, towed, recorded under another's."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from checkpoints.forms import MoveForm
from checkpoints.goods import free_loads
from checkpoints.refusals import Refusal
from checkpoints.selectors import live_trips
from checkpoints.views.moves import answer, asked, attempt
from checkpoints.views.panel import Attempt
from checkpoints.views.places import spot_or_404
from declarations.forms.moving import quantities
from declarations.models import Trip
from declarations.plates import normalise
from declarations.states import LIVE_TRIPS, TripState

Details = dict[str, Any]


@dataclass(frozen=True)
class Exceptional:
    """What is said once the move is made, and what it needs of the form besides the reason.

    `gone`: the truck leaves the place, also where its trip goes on.
    """

    said: Any
    details: Callable[[MoveForm, Trip], Details] = lambda form, trip: {}
    gone: bool = False


def _seizure(form: MoveForm, trip: Trip) -> Details:
    return {"case": form.cleaned_data["case"], "takes": form.cleaned_data["takes"]}


def _along(form: MoveForm, trip: Trip) -> Details:
    loads = list(free_loads(trip))
    part, errors = quantities(form.data, loads)
    if errors:
        raise Refusal("bad_quantity", " ".join(errors.values()))
    return {"with_goods": form.cleaned_data["with_goods"], "quantities": part}


def _way_out(form: MoveForm, trip: Trip) -> Details:
    return {"lane": form.chosen_lane, "with_goods": form.cleaned_data["with_goods"]}


def _other_trip(form: MoveForm, trip: Trip) -> Details:
    exchanges = form.cleaned_data["exchanges"]
    states = LIVE_TRIPS if exchanges else [TripState.EXPECTED]
    return {"to": other_trip(form.cleaned_data["other"], states, besides=trip), "exchanges": exchanges}


def _registered(form: MoveForm, trip: Trip) -> Details:
    return {"registered": form.cleaned_data["registered"]}


MOVES = {
    "turn_back": Exceptional(gettext_lazy("Đã cho quay về")),
    "seize": Exceptional(gettext_lazy("Đã ghi tạm giữ"), _seizure),
    "release": Exceptional(gettext_lazy("Đã trả lại, xe đi tiếp")),
    "hand_over": Exceptional(gettext_lazy("Đã bàn giao xử lý vi phạm"), _along),
    "report_breakdown": Exceptional(gettext_lazy("Đã báo hỏng xe")),
    "report_repaired": Exceptional(gettext_lazy("Xe đi tiếp được")),
    "tow_away": Exceptional(gettext_lazy("Đã ghi xe được kéo ra"), _way_out),
    "cancel_transshipment": Exceptional(gettext_lazy("Đã thu hồi đăng ký sang tải"), _registered),
    "note_overstay": Exceptional(gettext_lazy("Đã ghi vi phạm quá hạn")),
    "reassign": Exceptional(gettext_lazy("Đã chuyển ghi nhận sang lượt đúng"), _other_trip, gone=True),
}


@login_required
@require_POST
def make(request: HttpRequest, gate: str, code: str, trip: int, move: str) -> HttpResponse:
    """One of `MOVES`, with its reason."""
    if move not in MOVES:
        raise Http404
    exceptional, spot = MOVES[move], spot_or_404(gate, code)
    form, found = asked(request, gate, trip, lanes=spot.gate_lanes)
    try:
        details = exceptional.details(form, found)
    except Refusal as refusal:
        return answer(request, gate, code, found, [Attempt(found, refusal)], said="")
    key, reason = form.cleaned_data["key"], form.cleaned_data["reason"]
    made = attempt(move, found, actor=request.user, key=key, reason=reason, **details)
    gone = made.refusal is None and (exceptional.gone or Trip.objects.get(pk=found.pk).has_ended)
    return answer(request, gate, code, found, [made], said=str(exceptional.said), gone=gone)


def other_trip(typed: str, states: Collection[str], *, besides: Trip) -> Trip:
    """The one other trip of the gate in these states with this plate, or of the declaration with this number.

    Raises `Refusal`.
    """
    others = live_trips().filter(declaration__gate=besides.declaration.gate, state__in=states).exclude(pk=besides.pk)
    plate = normalise(typed)
    found = list(others.filter(plate=plate)[:2] or others.filter(declaration__code=plate)[:2]) if plate else []
    if len(found) > 1:
        raise Refusal(
            "several", _("Có nhiều lượt như vậy đang chờ; hãy nhập số tờ khai chỉ có một xe hoặc biển kiểm soát.")
        )
    if not found:
        raise Refusal(
            "unknown_trip", _("Không có lượt nào như vậy đang chờ tại cửa khẩu này: %(typed)s") % {"typed": typed}
        )
    return found[0]
