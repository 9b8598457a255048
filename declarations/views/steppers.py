"""A truck's way through the gate as a stepper: what is done and by whom, what it waits for now, what comes next."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from checkpoints.corrections import OpenCorrection
from checkpoints.holds import OpenHold
from checkpoints.journey import plan
from checkpoints.models import Confirmation, TripStage
from checkpoints.selectors import Truck, lanes_of, trucks
from checkpoints.states import ConfirmationState
from cuakhauso.templatetags.ui import clock
from declarations.models import Declaration
from gates.labels import AGENCIES, AGENCIES_SHORT, FACTS, MOMENTS, PLACES
from gates.models import Gate
from gates.procedures import Stage
from gates.procedures.words import Agency, Moment, Place

# How a stage is called in one word, for stepper lines on cards.
SHORT = {
    Moment.DECLARE: MOMENTS[Moment.DECLARE],
    Moment.YARD_IN: MOMENTS[Moment.YARD_IN],
    Moment.YARD: PLACES[Place.YARD],
    Moment.TRANSSHIP: MOMENTS[Moment.TRANSSHIP],
    Moment.FEE: MOMENTS[Moment.FEE],
    Moment.YARD_OUT: MOMENTS[Moment.YARD_OUT],
}


def trucks_of(declaration: Declaration, lanes_at: Iterable[Gate]) -> list[Truck]:
    """The declaration's trucks in their order, each stage with all its slots and the facts behind them."""
    found = trucks(declaration.trips.all(), lanes_of(lanes_at))
    stages = {stage.pk: stage for truck in found for stage in truck.stages}
    for stage in stages.values():
        stage.slots = []
    slots = Confirmation.objects.filter(stage__in=stages).select_related("fact__unit").order_by("position")
    for slot in slots:
        slot.stage = stages[slot.stage_id]
        slot.stage.slots.append(slot)
    return sorted(found, key=lambda truck: truck.trip.position)


def steps(truck: Truck, *, with_slots: bool = True) -> list[dict[str, Any]]:
    """The stages for `{% steps %}` and `{% track %}`: those opened, then those ahead; one of a live trip is now.

    The confirmations in them need their facts, as `trucks_of` fetches them.
    """
    shown = [_opened(stage, truck, with_slots=with_slots) for stage in truck.stages]
    if truck.trip.has_ended:
        return shown
    for stage in ahead(truck):
        waits_here = truck.stage is None and not any(step["state"] == "now" for step in shown)
        shown.append(
            _named(stage.place, stage.moment)
            | {"state": "now" if waits_here else "next", "note": on_the_way(stage) if waits_here else ""}
        )
    return shown


def ahead(truck: Truck) -> Iterator[Stage]:
    """The stages not opened yet: of the procedure followed, and of the one that goods to be received lead to."""
    opened = {stage.moment for stage in truck.stages}
    trip = truck.trip
    stages = list(plan(trip))
    if continues := trip.procedure.continues:
        onward = trip.book[continues.procedure].stages
        start = next(index for index, stage in enumerate(onward) if stage.moment is continues.start)
        stages += onward[start:]
    return (stage for stage in stages if stage.moment not in opened)


def waiting_for(truck: Truck) -> str:
    """Why the truck does not move on, in words; empty when its trip has ended."""
    if truck.trip.has_ended:
        return ""
    if truck.hold:
        return _held(truck.hold)
    if truck.correction and truck.correction.trip_id == truck.trip.pk:
        return _corrects(truck.correction)
    if truck.stage is None:
        stage = next(ahead(truck), None)
        return on_the_way(stage) if stage else ""
    return _waiting(truck)


def _held(hold: OpenHold) -> str:
    if hold.is_seizure:
        said = _("%(unit)s tạm giữ %(what)s theo vụ việc %(case)s: %(reason)s")
        return said % {"unit": hold.by, "what": hold.what, "case": hold.case, "reason": hold.reason}
    return _("Xe báo hỏng: %(reason)s") % {"reason": hold.reason}


def _corrects(correction: OpenCorrection) -> str:
    if correction.is_asked:
        return _("Cần sửa khai báo: %(fields)s.") % {"fields": correction.words}
    agencies = ", ".join(str(AGENCIES_SHORT[Agency(agency)]) for agency in correction.awaits)
    return _("Chờ %(agencies)s đồng ý sửa: %(fields)s.") % {"agencies": agencies, "fields": correction.words}


def on_the_way(stage: Stage) -> str:
    if stage.camera:
        return _("Chờ phương tiện tới %(place)s.") % {"place": PLACES[stage.place].lower()}
    return _("Chờ tới bước này.")


def _waiting(truck: Truck) -> str:
    stage = truck.stage
    if truck.refused:
        names = _agencies(truck.refused)
        return _("%(agencies)s từ chối. Hãy liên hệ để được hướng dẫn khắc phục.") % {"agencies": names}
    if truck.awaits_opening:
        return _("Chờ Bộ đội Biên phòng mở barie.")
    if stage.moment == Moment.TRANSSHIP and any(slot.agency == Agency.TRADER for slot in truck.to_confirm):
        return _("Chờ chủ hàng đăng ký sang tải sang phương tiện này.")
    if stage.moment == Moment.FEE:
        return _("Chờ nộp phí và đối chiếu.")
    if truck.to_confirm:
        return _("Chờ %(agencies)s xác nhận.") % {"agencies": _agencies(truck.to_confirm)}
    return ""


def _agencies(slots: Iterable[Confirmation]) -> str:
    return ", ".join(dict.fromkeys(str(AGENCIES_SHORT[Agency(slot.agency)]) for slot in slots))


def _opened(stage: TripStage, truck: Truck, *, with_slots: bool) -> dict[str, Any]:
    return _named(Place(stage.place), Moment(stage.moment)) | {
        "state": _state(stage),
        "who": "",
        "when": clock(stage.completed_at),
        "note": _waiting(truck) if stage is truck.stage else "",
        "slots": [_slot(slot) for slot in stage.slots] if with_slots else [],
    }


def _state(stage: TripStage) -> str:
    states = {slot.state for slot in stage.slots}
    if stage.is_open:
        return "refused" if ConfirmationState.REFUSED in states else "now"
    return "skipped" if states == {ConfirmationState.NOT_REQUIRED} else "done"


def _named(place: Place, moment: Moment) -> dict[str, Any]:
    at_barrier = place in (Place.B1, Place.B2)
    return {
        "title": f"{MOMENTS[moment]} · {PLACES[place]}" if at_barrier else MOMENTS[moment],
        "short": SHORT.get(moment, PLACES[place]),
    }


def _slot(slot: Confirmation) -> dict[str, Any]:
    """One confirmation as a trader sees it: the agency and its unit, never the officer's name."""
    fact = slot.fact
    asked = slot.state == ConfirmationState.WAITING
    what, who = str(FACTS.get(slot.of, slot.of)), str(AGENCIES_SHORT[Agency(slot.agency)])
    return {
        "what": what,
        "who": who if who != what else "",
        "state": slot.state,
        "by": "" if asked or fact is None else _unit(slot),
        "when": "" if asked or fact is None else clock(fact.recorded_at),
        "note": fact.reason if fact and slot.state == ConfirmationState.REFUSED else "",
    }


def _unit(slot: Confirmation) -> str:
    if slot.fact.unit:
        return slot.fact.unit.name
    return str(AGENCIES.get(slot.fact.agency, "")) if slot.state == ConfirmationState.CONFIRMED else ""


def refusals(truck: Truck) -> list[dict[str, Any]]:
    """What was refused and still is: who, what, why and when."""
    return [
        {
            "who": slot.fact.unit.name if slot.fact.unit else AGENCIES[Agency(slot.agency)],
            "what": FACTS.get(slot.of, slot.of),
            "why": slot.fact.reason,
            "when": slot.fact.recorded_at,
        }
        for slot in truck.refused
    ]
