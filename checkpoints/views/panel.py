"""The truck in front: what the camera saw, what was declared, what was confirmed, and what this person may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anpr.matching import is_trailer
from anpr.models import Reading
from checkpoints.holds import OpenHold
from checkpoints.journey import alternative
from checkpoints.models import TRANSSHIPMENT, Confirmation, Hold, TransshipmentLine
from checkpoints.moves.handing_over import EXCHANGES
from checkpoints.moves.seizing import SEIZING
from checkpoints.papers import GOODS_CONFIRMED, is_named, lacking
from checkpoints.refusals import Refusal
from checkpoints.selectors import Truck
from checkpoints.states import ConfirmationState
from checkpoints.views.correcting import askable, correction
from checkpoints.views.documents import loads_with_documents, shown_documents
from checkpoints.views.places import Desk, Spot
from checkpoints.views.rows import came_early, lacks, look, waits_for
from checkpoints.views.steps import steps
from cuakhauso.templatetags.ui import clock
from declarations.checks import doubts, doubts_of_consignment
from declarations.forms.rows import CustomsForm
from declarations.models import Load, Trip
from declarations.papers import papers_of
from declarations.specialised import claims
from declarations.states import TripState
from gates.labels import FACTS, SIDES
from gates.models import Lane
from gates.procedures.words import Moment, Place

REASONS = (
    gettext_lazy("Biển kiểm soát không khớp khai báo"),
    gettext_lazy("Thiếu hoặc hết hạn giấy phép vận tải"),
    gettext_lazy("Hàng hóa không đúng khai báo"),
    gettext_lazy("Thiếu hồ sơ, giấy tờ"),
)
CORRECTION_REASONS = (
    gettext_lazy("Biển kiểm soát không khớp ảnh"),
    gettext_lazy("Lái xe không đúng khai báo"),
    gettext_lazy("Hàng hóa không đúng khai báo"),
)


@dataclass(frozen=True)
class Attempt:
    """One move tried on one truck: why it was refused, if it was, and whether it opened the barrier."""

    trip: Trip
    refusal: Refusal | None = None
    opened: bool = False


def panel(
    truck: Truck,
    *,
    desk: Desk,
    attempts: Sequence[Attempt] = (),
    is_here: bool = True,
) -> dict[str, Any]:
    """All that `checkpoints/_panel.html` shows, in at most four queries; two more where papers are registered.

    `attempts` are those just made and refused; `is_here` whether the truck is in the line of this place.
    """
    trip, spot = truck.trip, desk.spot
    slots = _slots(truck, desk)
    mine = desk.to_confirm(truck) if is_here else []
    word, tone, shape = look(truck, desk) if is_here else (None, None, None)
    early = came_early(truck, desk)
    undoable = [_named(slot) for slot in truck.slots if _may_undo(slot, slots, desk)]
    readings = _readings(trip)
    reading = max(readings, key=_tells, default=None)
    loads = loads_with_documents(trip)
    for load in loads:
        load.line.consignment.doubts = doubts_of_consignment(load.line.consignment)
    return {
        "spot": spot,
        "desk": desk,
        "truck": truck,
        "trip": trip,
        "declaration": trip.declaration,
        "is_here": is_here,
        "look": {"word": word, "tone": tone, "shape": shape},
        "waits_for": waits_for(truck, desk),
        "lacks": lacks(truck) if early else "",
        "other_trip": _other_trip(truck) if early and truck.stage is None else None,
        "attempts": attempts,
        "reading": reading,
        "seen": _seen(reading, spot),
        "compared": _compared(trip, reading, readings),
        "loads": loads,
        "documents": shown_documents(loads, slots),
        "papers": _papers(truck, loads, desk),
        "exchanges": _exchanges(truck),
        "may_cancel_exchange": not desk.agencies.isdisjoint(trip.book.confirming(TRANSSHIPMENT)),
        "correction": correction(truck, desk),
        "askable": askable(truck, loads, desk),
        "correction_reasons": CORRECTION_REASONS,
        "permit": _permit(trip),
        "held": papers_of([trip], trip.declaration.gate.kind, day=timezone.localdate())[trip.pk],
        "scans": desk.acts and not trip.has_ended,
        "specialised": claims([trip], trip.declaration.gate, day=timezone.localdate()).get(trip.pk),
        "doubts": doubts(trip, loads),
        "direction": SIDES[trip.book[trip.began_as].comes_from],
        "stages": steps(truck, [slot for slot in slots if slot.stage.trip_id == trip.pk]),
        "mine": [_named(slot) for slot in mine],
        "opens_with": is_here and desk.opens_with(truck),
        "may_open": is_here and desk.may_open(truck),
        "siblings": _siblings(slots, mine, trip),
        "refusable": [_named(slot) for slot in mine],
        "undoable": undoable,
        "own_refusals": [slot for slot in undoable if slot["state"] == ConfirmationState.REFUSED],
        "holds": [_hold(hold, desk) for hold in truck.holds if not trip.has_ended],
        "exceptions": _exceptions(truck, desk),
        "barrier_lanes": [lane for lane in spot.gate_lanes if lane.barrier_id],
        "seizable": _seizable(loads),
        "may_leave_without_goods": _may_leave_without_goods(truck, desk),
        "lanes": [] if is_here else _lanes(truck, desk),
        "reasons": REASONS,
    }


def _named(slot: Confirmation) -> dict[str, Any]:
    return {"pk": slot.pk, "word": FACTS[slot.of], "state": slot.state, "together": slot.spec.together}


def _slots(truck: Truck, desk: Desk) -> list[Confirmation]:
    """Every slot of the truck with who settled it, and those of its declaration's other trucks that wait for me."""
    trip = truck.trip
    others = Q(
        stage__trip__declaration=trip.declaration_id,
        stage__completed_at__isnull=True,
        state=ConfirmationState.WAITING,
        agency__in=desk.agencies,
    )
    found = Confirmation.objects.filter(Q(stage__trip=trip) | others)
    found = found.select_related("stage__trip", "fact__actor", "fact__unit")
    return list(found.order_by("stage__position", "position"))


def _siblings(slots: Sequence[Confirmation], mine: Sequence[Confirmation], trip: Trip) -> list[Trip]:
    """The other trucks of the declaration for which the same is confirmed with one act."""
    together = {(slot.agency, slot.of) for slot in mine if slot.spec.together}
    others = {
        slot.stage.trip.pk: slot.stage.trip
        for slot in slots
        if slot.stage.trip_id != trip.pk and (slot.agency, slot.of) in together
    }
    return list(others.values())


def _may_undo(slot: Confirmation, slots: Sequence[Confirmation], desk: Desk) -> bool:
    """Own click, or a refusal of the own agency; the door has the last word."""
    if slot.stage.barrier_opened_at or not desk.owns(slot):
        return False
    if slot.state == ConfirmationState.REFUSED:
        return True
    detailed = next((other for other in slots if other.pk == slot.pk), None)
    by_me = detailed is not None and detailed.fact is not None and detailed.fact.actor_id == desk.user.pk
    return slot.state == ConfirmationState.CONFIRMED and by_me and slot.of != TRANSSHIPMENT


def _may_leave_without_goods(truck: Truck, desk: Desk) -> bool:
    """It waits for goods, and this person is of an agency asked there or opens the barrier it came to."""
    waits = truck.stage is not None and truck.stage.moment == Moment.TRANSSHIP and alternative(truck.trip) is not None
    return waits and (desk.opens or any(desk.owns(slot) for slot in truck.slots))


def _hold(hold: OpenHold, desk: Desk) -> dict[str, Any]:
    """What holds the truck, and what this person may do about it."""
    return {
        "is": hold,
        "may_decide": hold.is_seizure and hold.agency in desk.agencies,
        "may_repair": not hold.is_seizure and desk.acts,
        "may_tow": not hold.is_seizure and desk.opens,
    }


def _exceptions(truck: Truck, desk: Desk) -> dict[str, bool]:
    """The exceptional acts that are open to this person now; the door has the last word."""
    trip, seized = truck.trip, truck.is_seized
    expected = trip.state == TripState.EXPECTED
    open_to = {
        "refuse_entry": desk.opens and truck.has_come and not seized and expected,
        "turn_back": desk.opens and truck.has_come and not seized and not expected,
        "seize": truck.has_come and not seized and not desk.agencies.isdisjoint(SEIZING),
        "report_breakdown": desk.acts and truck.may_break_down,
        "note_overstay": desk.opens and truck.overstays is not None and not truck.overstays.noted,
        "reassign": desk.opens and truck.passage is not None and truck.hold is None and not trip.has_ended,
    }
    return {name: True for name, is_open in open_to.items() if is_open}


def _seizable(loads: Sequence[Load]) -> list[tuple[str, str]]:
    """What there is to be seized, as choices."""
    return [(takes.value, takes.label) for takes in Hold.Takes if loads or takes == Hold.Takes.VEHICLE]


def _lanes(truck: Truck, desk: Desk) -> list[Lane]:
    """Where a truck that is not here can be called up, the likeliest lane first."""
    spot = desk.spot
    done_here = spot.place is Place.YARD and truck.standing.code == "ready_to_leave"
    if not desk.acts or truck.trip.has_ended or truck.hold or done_here:
        return []
    outward = truck.trip.state == TripState.UNDER_WAY and spot.place is not Place.YARD
    return sorted(spot.lanes, key=lambda lane: (lane.direction == Lane.Direction.OUT) is not outward)


# What was seen


def _readings(trip: Trip) -> list[Reading]:
    """The newest frames of the truck's last passage."""
    readings = list(Reading.objects.filter(passage__trip=trip).select_related("camera").order_by("-taken_at")[:12])
    return [reading for reading in readings if reading.passage_id == readings[0].passage_id]


def _tells(reading: Reading) -> tuple[bool, float]:
    """How much a frame tells of the truck: its own plate before a trailer's, then the best picture."""
    own = reading.text != "" and not is_trailer(reading.text)
    return own, reading.quality or 0.0


def _seen(reading: Reading | None, spot: Spot) -> str:
    """Where and when the frame was taken."""
    if reading is None:
        return ""
    lane = next((lane for lane in spot.gate_lanes if lane.pk == reading.camera.lane_id), None)
    return f"{lane or reading.camera} · {clock(reading.taken_at)}"


def _compared(trip: Trip, reading: Reading | None, readings: Sequence[Reading]) -> list[dict[str, Any]]:
    """The declared plates, each with whether a camera read the same: same, differs or unknown.

    A trailer's may stand in another frame of the same passage than the tractor's.
    """
    read = reading.text if reading else ""
    rows = [
        {
            "label": _("Khai báo"),
            "plate": trip.plate,
            "verdict": "unknown" if not read else "same" if read == trip.plate else "differs",
        }
    ]
    if trip.trailer_plate:
        found = any(plate["text"] == trip.trailer_plate for each in readings for plate in each.plates)
        rows.append({"label": _("Rơ moóc"), "plate": trip.trailer_plate, "verdict": "same" if found else "unknown"})
    return rows


def _permit(trip: Trip) -> dict[str, Any] | None:
    if not trip.has_permit:
        return None
    today = timezone.localdate()
    valid = (trip.permit_from is None or trip.permit_from <= today) and (
        trip.permit_to is None or today <= trip.permit_to
    )
    return {"number": trip.permit_number, "kind": trip.permit_kind, "to": trip.permit_to, "valid": valid}


def _papers(truck: Truck, loads: Sequence[Load], desk: Desk) -> dict[str, Any]:
    """What the goods lack before they are confirmed here, in words, and the forms for who may name it."""
    asked = any(slot.of == GOODS_CONFIRMED and slot.state == ConfirmationState.WAITING for slot in truck.slots)
    lots = {load.line.consignment.pk: load.line.consignment for load in loads} if asked else {}
    unnamed = [lot for lot in lots.values() if not is_named(lot)]
    names_it = bool(desk.agencies.intersection(desk.gate.book.confirming(GOODS_CONFIRMED)))
    return {
        "lacking": lacking(unnamed) if unnamed else "",
        "forms": [
            {
                "lot": lot,
                "form": CustomsForm(
                    prefix=f"lot-{lot.pk}",
                    initial={"customs_number": lot.customs_number, "customs_date": lot.customs_date},
                ),
            }
            for lot in (unnamed if names_it else ())
        ],
    }


def _exchanges(truck: Truck) -> list[TransshipmentLine]:
    """What went, or is registered to go, from or to this truck: where its stage asks about it, and when it leaves."""
    asked = any(slot.of in EXCHANGES and slot.state != ConfirmationState.NOT_REQUIRED for slot in truck.slots)
    changed = truck.outward and truck.trip.procedure_code != truck.trip.began_as
    if not asked and not changed:
        return []
    lines = TransshipmentLine.objects.filter(Q(transshipment__source=truck.trip) | Q(transshipment__target=truck.trip))
    names = ("source", "target", "yard", "zone")
    found = list(lines.select_related(*(f"transshipment__{name}" for name in names), "goods_line").order_by("pk"))
    for line in found:
        line.transshipment.dialog = f"cancel-{line.transshipment_id}"
    return found


def _other_trip(truck: Truck) -> Trip | None:
    """The trip of the same vehicle that is still under way."""
    trips = Trip.objects.filter(plate=truck.trip.plate, state=TripState.UNDER_WAY).exclude(pk=truck.trip.pk)
    return trips.select_related("declaration").first()
