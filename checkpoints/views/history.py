"""The history of a trip or a declaration: who did what, when, where, for which reason."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from accounts.rules import has_role
from checkpoints.corrections import Change, changes, labels
from checkpoints.models import Correction, Fact
from checkpoints.selectors import lanes_of
from checkpoints.views.steps import by
from declarations.models import READERS, Declaration, Document, Trip
from gates.labels import AGENCIES_SHORT, FACTS, PLACES
from gates.models import Lane
from gates.procedures.words import Agency, Place

MOVES = {
    "submit": (_("Gửi tờ khai"), "send"),
    "withdraw": (_("Thu hồi tờ khai"), "undo"),
    "withdraw_trip": (_("Thu hồi phương tiện"), "undo"),
    "name_customs_declaration": (_("Ghi tờ khai hải quan"), "file"),
    "update_document": (_("Cập nhật chứng từ"), "file"),
    "goods_return": (_("Khai hàng bị trả lại"), "turn-back"),
    "extend": (_("Gia hạn tờ khai"), "history"),
    "extend_all": (_("Gia hạn các tờ khai đang chờ"), "history"),
    "overstay": (_("Quá thời hạn lưu lại"), "clock"),
    "note_overstay": (_("Ghi vi phạm quá hạn"), "file"),
    "expire": (_("Hết hạn"), "history"),
    "record_passage": (_("Camera nhận ra xe"), "camera"),
    "call_up": (_("Gọi xe vào làn"), "flag"),
    "confirm": (_("Xác nhận"), "confirmed"),
    "refuse": (_("Từ chối"), "refused"),
    "undo": (_("Hủy xác nhận"), "undo"),
    "ask": (_("Yêu cầu xác nhận"), "clock"),
    "waive": (_("Không yêu cầu xác nhận"), "dash"),
    "open_barrier": (_("Mở barie"), "barrier-open"),
    "open_forced": (_("Mở barie không có lượt xe"), "warning"),
    "announce_closure": (_("Thông báo hạn chế, tạm dừng"), "warning"),
    "lift_closure": (_("Gỡ thông báo hạn chế, tạm dừng"), "undo"),
    "turn_back": (_("Cho quay về"), "turn-back"),
    "seize": (_("Tạm giữ"), "lock"),
    "release": (_("Trả lại, cho đi tiếp"), "undo"),
    "hand_over": (_("Bàn giao xử lý vi phạm"), "lock"),
    "hand_over_stored": (_("Bàn giao hàng trong kho, bãi"), "lock"),
    "report_breakdown": (_("Báo hỏng xe"), "warning"),
    "report_repaired": (_("Đã khắc phục, đi tiếp được"), "check"),
    "tow_away": (_("Kéo xe ra khỏi cửa khẩu"), "out"),
    "reassign": (_("Chuyển ghi nhận giữa hai lượt"), "swap"),
    "await_again": (_("Chờ xe đến lại"), "clock"),
    "expire_trip": (_("Hết hạn"), "history"),
    "leave_unseen": (_("Rời bãi, thiết bị không ghi nhận"), "out"),
    "ask_correction": (_("Yêu cầu sửa khai báo"), "edit"),
    "correct": (_("Sửa khai báo"), "edit"),
    "agree_correction": (_("Đồng ý sửa"), "confirmed"),
    "reject_correction": (_("Không đồng ý sửa"), "refused"),
    "withdraw_correction": (_("Rút nội dung sửa"), "undo"),
    "corrected": (_("Khai báo đã sửa"), "check"),
    "start": (_("Bắt đầu thực hiện"), "half"),
    "register_transshipment": (_("Đăng ký sang tải"), "swap"),
    "cancel_transshipment": (_("Thu hồi đăng ký sang tải"), "undo"),
    "register_storage": (_("Đăng ký lưu kho, hạ bãi"), "goods"),
    "register_loading": (_("Đăng ký xếp hàng từ kho, bãi lên xe"), "goods"),
    "place_in_zone": (_("Xếp chỗ trong bãi"), "yard"),
    "resume": (_("Tiếp tục thực hiện tờ khai"), "half"),
    "leave_without_goods": (_("Quay về không có hàng"), "turn-back"),
    "become": (_("Chuyển quy trình"), "swap"),
    "continue": (_("Tiếp tục theo quy trình"), "right"),
    "emptied": (_("Hết hàng, theo quy trình rời"), "right"),
    "ready_to_pay": (_("Sẵn sàng nộp phí"), "bill"),
    "record_payment": (_("Đã nộp phí"), "money"),
    "use_credit": (_("Tiền dư"), "money"),
    "fee_waived": (_("Không thu phí"), "money"),
    "leave": (_("Rời cửa khẩu"), "out"),
    "complete": (_("Hoàn thành tờ khai"), "confirmed"),
}
"""What each move is called in the history, and its shape; one not named here is shown by its code."""


@login_required
@never_cache
def of_trip(request: HttpRequest, trip: int) -> HttpResponse:
    """Everything recorded about one vehicle's trip."""
    _readers_only(request)
    trips = Trip.objects.visible_to(request.user).select_related("declaration__organisation", "declaration__gate")
    found = get_object_or_404(trips, pk=trip)
    facts = Fact.objects.filter(trip=found)
    return render(request, "checkpoints/history.html", _context(found.declaration, facts) | {"trip": found})


@login_required
@never_cache
def of_declaration(request: HttpRequest, code: str) -> HttpResponse:
    """Everything recorded about a declaration and its vehicles."""
    _readers_only(request)
    declarations = Declaration.objects.visible_to(request.user).select_related("organisation", "gate")
    found = get_object_or_404(declarations, code=code)
    return render(request, "checkpoints/history.html", _context(found, Fact.objects.filter(declaration=found)))


def _readers_only(request: HttpRequest) -> None:
    if not request.user.is_superuser and not has_role(request.user, *READERS):
        raise PermissionDenied


def _context(declaration: Declaration, facts: QuerySet[Fact]) -> dict[str, Any]:
    lanes = {lane.pk: lane for lane in lanes_of([declaration.gate])}
    found = list(facts.select_related("actor", "unit", "trip").order_by("-recorded_at", "-id"))
    corrected = _corrected(found)
    return {"declaration": declaration, "entries": [_entry(fact, lanes, corrected.get(fact.pk, [])) for fact in found]}


def _corrected(facts: Iterable[Fact]) -> dict[int, list[Change]]:
    """Fact id to the fields before and after, of the facts by which they were proposed; as long as these are kept."""
    named = {fact.data["correction"] for fact in facts if "correction" in fact.data}
    corrections = list(Correction.objects.filter(pk__in=named)) if named else []
    by_correction = changes(corrections)
    return {each.proposed_id: by_correction[each.pk] for each in corrections if each.proposed_id}


def _entry(fact: Fact, lanes: dict[int, Lane], corrected: list[Change]) -> dict[str, Any]:
    word, shape = MOVES.get(fact.move, (fact.move, "dot"))
    of = fact.data.get("of")
    lane = lanes.get(fact.data.get("lane"))
    return {
        "fact": fact,
        "word": word,
        "shape": shape,
        "of": FACTS.get(of, of) if of else _document(fact),
        "by": "" if fact.agency == Agency.DRIVER else by(fact.actor, fact.unit),
        "changes": corrected,
        "fields": "" if corrected else labels(_fields(fact)),
        "agency": AGENCIES_SHORT.get(Agency(fact.agency)) if fact.agency in set(Agency) else "",
        "place": str(lane) if lane else PLACES[Place(fact.place)] if fact.place in set(Place) else "",
        "asks": ", ".join(str(AGENCIES_SHORT[Agency(agency)]) for agency in fact.data.get("asks", ())),
        "other": fact.data.get("to") or fact.data["from"] if fact.move == "reassign" else None,
        "forced": fact.move == "open_forced",
        "late": (fact.recorded_at - fact.happened_at).total_seconds() > 60,
    }


def _document(fact: Fact) -> str:
    """The kind of the document that a fact is about, and whether it took the place of an earlier one."""
    if "document" not in fact.data:
        return ""
    kind = str(Document.Kind(fact.data["kind"]).label)
    return gettext("%(kind)s, thay bản trước") % {"kind": kind} if fact.data["replaces"] else kind


def _fields(fact: Fact) -> list[str]:
    """The declared fields that a fact names, e.g. those asked to be corrected."""
    return fact.data.get("fields", []) if "correction" in fact.data else []
