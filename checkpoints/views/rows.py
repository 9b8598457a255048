"""One truck as a row in the line: what it waits for, in a few words, and how it concerns the person looking."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from checkpoints.models import Confirmation
from checkpoints.selectors import Truck
from checkpoints.views.places import Desk
from gates.labels import AGENCIES_SHORT, MOMENTS
from gates.procedures.words import Agency, Moment, Order

LATE_AFTER = timedelta(minutes=30)


def names(slots: Iterable[Confirmation], *, between: str = ", ") -> str:
    """The agencies of these slots, each once."""
    return between.join(dict.fromkeys(str(AGENCIES_SHORT[Agency(slot.agency)]) for slot in slots))


def lacks(truck: Truck) -> str:
    """What keeps a truck that came early from its stage, in words."""
    if truck.stage:
        return _("chưa xong: %(stage)s (%(agencies)s)") % {
            "stage": MOMENTS[Moment(truck.stage.moment)],
            "agencies": names(truck.waiting or truck.refused) or truck.stage.get_place_display(),
        }
    return _("lượt trước của xe này chưa kết thúc")


def came_early(truck: Truck, desk: Desk) -> bool:
    """Whether the truck stands before this barrier and its stage here is not open."""
    return truck.came_early and truck.standing.place is desk.spot.place


def waits_for(truck: Truck, desk: Desk) -> str:
    """For what the truck waits, in a few words."""
    if truck.hold:
        return truck.hold.reason
    if came_early(truck, desk):
        return lacks(truck)
    if truck.correction:
        return corrects(truck, desk)
    if truck.refused:
        return names(truck.refused)
    if truck.awaits_opening:
        return _("đã đủ xác nhận")
    if truck.stage is None:
        return str(MOMENTS[truck.next.moment]) if truck.next else ""
    if truck.stage.moment == Moment.FEE:
        return _("nộp phí")
    listed = truck.stage.spec.order is Order.LISTED
    return names(truck.waiting, between=" → " if listed else ", ")


def corrects(truck: Truck, desk: Desk) -> str:
    """What is being corrected; to whom has nothing to do with it, who has to agree."""
    correction = truck.correction
    if correction.is_asked or desk.may_agree(truck):
        return correction.words
    agencies = ", ".join(str(AGENCIES_SHORT[Agency(agency)]) for agency in correction.awaits)
    return _("chờ %(agencies)s") % {"agencies": agencies}


def look(truck: Truck, desk: Desk) -> tuple[str, str, str]:
    """Word, tone and shape of the truck's state as this person sees it."""
    if truck.hold:
        return truck.hold.word, "bad", truck.hold.shape
    if came_early(truck, desk):
        return _("đến sớm"), "idle", "clock"
    if desk.may_agree(truck):
        return _("đồng ý sửa?"), "wait", "edit"
    if truck.refused:
        return _("từ chối"), "bad", "refused"
    if truck.correction and not desk.to_confirm(truck):
        return _("đang sửa"), "idle", "edit"
    if truck.awaits_opening:
        return (_("mở barie") if desk.may_open(truck) else _("chờ mở barie")), "ok", "barrier"
    if desk.to_confirm(truck):
        return _("chờ bạn"), "wait", "flag"
    return _("chờ nơi khác"), "idle", "clock"


def row(truck: Truck, *, desk: Desk, current: int | None = None) -> dict[str, Any]:
    """What `checkpoints/_row.html` shows."""
    word, tone, shape = look(truck, desk)
    return {
        "trip": truck.trip,
        "url": desk.spot.url("truck", truck.trip.pk),
        "outward": truck.outward,
        "waits_for": waits_for(truck, desk),
        "since": truck.since,
        "late": truck.since is not None and timezone.now() - truck.since > LATE_AFTER,
        "overstays": truck.overstays,
        "current": truck.trip.pk == current,
        "pickable": bool(desk.to_confirm(truck)),
        "word": word,
        "tone": tone,
        "shape": shape,
    }
