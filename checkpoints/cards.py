"""The driver's card: its signed address, and what the driver does now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _

from checkpoints.corrections import OpenCorrection
from checkpoints.holds import OpenHold
from checkpoints.journey import camera_stages_ahead
from checkpoints.models import Confirmation
from checkpoints.selectors import Truck
from checkpoints.states import ConfirmationState
from declarations.models import Trip
from declarations.states import TripState
from gates.labels import AGENCIES_SHORT, PLACES
from gates.models import Yard
from gates.procedures.words import Agency, Moment, Place

KEPT_AFTER = timedelta(days=1)
_signer = signing.Signer(salt="checkpoints.cards")


@dataclass(frozen=True)
class Instruction:
    """What the driver does now, and why. `tone` and `icon` are of the design system."""

    title: str
    why: str = ""
    icon: str = "clock"
    tone: str = ""


def token_for(trip: Trip) -> str:
    """The part of the card's address that nobody guesses."""
    return _signer.sign(trip.pk)


def trip_id_of(token: str) -> int | None:
    """The trip of a token; None for one that was not signed here."""
    try:
        return int(_signer.unsign(token))
    except (signing.BadSignature, ValueError):
        return None


def is_over(truck: Truck) -> bool:
    """Whether the card shows nothing any more: its trip ended more than a day ago."""
    ended_at = _ended_at(truck)
    return ended_at is not None and timezone.now() - ended_at > KEPT_AFTER


def _ended_at(truck: Truck) -> datetime | None:
    if not truck.trip.has_ended:
        return None
    completed = [stage.completed_at for stage in truck.stages if stage.completed_at]
    if truck.trip.state == TripState.LEFT and completed:
        return max(completed)
    return truck.trip.declaration.changed_at


def instruction(truck: Truck, *, yard: Yard | None, refusals: tuple[str, ...] = ()) -> Instruction:
    """What the driver does now. `yard` is where the truck is or shall go; `refusals` the reasons given."""
    trip, stage = truck.trip, truck.stage
    if trip.has_ended:
        return _ended(truck)
    if truck.hold:
        return _held(truck.hold)
    if truck.correction and truck.correction.trip_id == trip.pk:
        return _correcting(truck.correction)
    if truck.refused:
        agencies = _names(truck.refused)
        said = _("%(agencies)s yêu cầu bổ sung") % {"agencies": agencies}
        why = " ".join([*refusals, _("Hãy liên hệ người khai.")])
        return Instruction(said, why, "refused", "bad")
    if truck.standing.code == "at_barrier":
        return _at_barrier(truck)
    if truck.standing.code == "expected":
        return Instruction(_go_to(_next_barrier(truck)), icon="barrier")
    if truck.standing.code == "ready_to_leave":
        return Instruction(_go_to(_next_barrier(truck)), _("Đủ điều kiện rời cửa khẩu."), "out", "ok")
    name = yard.name if yard else str(PLACES[Place.YARD])
    if truck.standing.code == "in_gate":
        return Instruction(_("Đi vào %(yard)s") % {"yard": name}, icon="yard")
    if stage and stage.moment == Moment.FEE:
        return Instruction(_("Chờ nộp phí"), _("Người khai nộp phí trực tuyến; xong là xe được đi."), "bill", "wait")
    if stage and stage.moment == Moment.TRANSSHIP:
        return Instruction(_("Chờ sang tải tại %(yard)s") % {"yard": name}, _why(truck), "swap", "wait")
    return Instruction(_("Chờ tại %(yard)s") % {"yard": name}, _why(truck), "clock", "wait")


def _held(hold: OpenHold) -> Instruction:
    if hold.is_seizure:
        why = _("%(unit)s giữ %(what)s theo vụ việc %(case)s. Hãy chờ tại chỗ, liên hệ đơn vị này và người khai.")
        named = {"unit": hold.by, "what": hold.what, "case": hold.case}
        return Instruction(
            _("Xe bị tạm giữ") if hold.takes_vehicle else _("Hàng trên xe bị tạm giữ"), why % named, hold.shape, "bad"
        )
    return Instruction(
        _("Xe đã báo hỏng"), _("Hãy chờ tại chỗ. Đi tiếp được thì báo đã khắc phục."), hold.shape, "wait"
    )


def _correcting(correction: OpenCorrection) -> Instruction:
    if correction.is_asked:
        return Instruction(_("Cần sửa khai báo"), correction.words, "edit", "bad")
    agencies = ", ".join(str(AGENCIES_SHORT[Agency(agency)]) for agency in correction.awaits)
    return Instruction(
        _("Chờ đồng ý sửa khai báo"), _("Đang chờ: %(agencies)s.") % {"agencies": agencies}, "edit", "wait"
    )


def _at_barrier(truck: Truck) -> Instruction:
    place = str(PLACES[truck.standing.place])
    if truck.came_early:
        why = _why(truck) or _("Lượt trước của xe này chưa kết thúc.")
        return Instruction(_("Chưa được qua %(place)s") % {"place": place}, why, "warning", "wait")
    if truck.awaits_opening:
        return Instruction(_("Chờ mở barie"), _("Các lực lượng đã xác nhận."), "barrier", "ok")
    return Instruction(_("Chờ tại %(place)s") % {"place": place}, _why(truck), "clock", "wait")


def _why(truck: Truck) -> str:
    waiting = _names(truck.waiting)
    return _("Đang chờ: %(agencies)s.") % {"agencies": waiting} if waiting else ""


def _names(slots: list[Confirmation]) -> str:
    wanted = (ConfirmationState.WAITING, ConfirmationState.REFUSED)
    return ", ".join(dict.fromkeys(str(AGENCIES_SHORT[Agency(s.agency)]) for s in slots if s.state in wanted))


def _next_barrier(truck: Truck) -> Place | None:
    ahead = camera_stages_ahead(truck.trip, {stage.moment for stage in truck.stages})
    return ahead[0].place if ahead else None


def _go_to(place: Place | None) -> str:
    return _("Đi tới %(place)s") % {"place": PLACES[place]} if place else _("Chờ hướng dẫn")


def _ended(truck: Truck) -> Instruction:
    trip = truck.trip
    if trip.state == TripState.LEFT:
        return Instruction(_("Đã rời cửa khẩu"), _("Chúc thượng lộ bình an."), "confirmed", "ok")
    if truck.standing.code == "refused_entry":
        return Instruction(_("Không được vào cửa khẩu"), _("Hãy liên hệ người khai."), "turn-back", "bad")
    if trip.state == TripState.TURNED_BACK:
        return Instruction(_("Đã quay về"), icon="turn-back")
    if truck.standing.code == "towed_away":
        return Instruction(_("Đã kéo ra khỏi cửa khẩu"), _("Hãy liên hệ người khai."), "out", "bad")
    if trip.state == TripState.REMOVED:
        return Instruction(_("Đã bàn giao xử lý vi phạm"), _("Hãy liên hệ người khai."), "lock", "bad")
    if trip.state == TripState.WITHDRAWN:
        return Instruction(_("Tờ khai đã thu hồi"), _("Hãy liên hệ người khai."), "undo")
    return Instruction(_("Tờ khai đã hết hạn"), _("Hãy liên hệ người khai."), "history")
