"""The stages of a trip as they are drawn: done by whom and when, now, next."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from checkpoints.journey import plan
from checkpoints.models import Confirmation, TripStage
from checkpoints.selectors import Truck
from checkpoints.states import ConfirmationState
from cuakhauso.templatetags.ui import clock, moment
from gates.labels import AGENCIES_SHORT, FACTS, MOMENTS, PLACES
from gates.procedures import Stage
from gates.procedures.words import Agency, Moment, Place


def steps(truck: Truck, slots: Sequence[Confirmation] = ()) -> list[dict[str, Any]]:
    """The stages opened so far and those ahead, for `{% steps %}` and `{% track %}`.

    `slots`, with their facts, tell who settled what and when; without them only the stages are told.
    """
    by_stage: dict[int, list[Confirmation]] = {}
    for slot in slots:
        by_stage.setdefault(slot.stage_id, []).append(slot)
    done = [_opened(stage, by_stage.get(stage.pk, [])) for stage in truck.stages]
    opened = {stage.moment for stage in truck.stages}
    ahead = [] if truck.trip.has_ended else [_ahead(spec) for spec in plan(truck.trip) if spec.moment not in opened]
    return done + ahead


def _title(moment_code: str, place: str) -> dict[str, str]:
    title = str(MOMENTS[Moment(moment_code)])
    if place not in (Place.B1, Place.B2):
        return {"title": title}
    return {"title": f"{title} · {PLACES[Place(place)]}", "short": str(PLACES[Place(place)])}


def _opened(stage: TripStage, slots: Sequence[Confirmation]) -> dict[str, Any]:
    refused = any(slot.state == ConfirmationState.REFUSED for slot in slots or stage.slots)
    return {
        **_title(stage.moment, stage.place),
        "state": "refused" if refused and stage.is_open else "now" if stage.is_open else "done",
        "when": moment(stage.completed_at or stage.opened_at),
        "note": _("Barie mở lúc %(at)s.") % {"at": clock(stage.barrier_opened_at)} if stage.barrier_opened_at else "",
        "slots": [_settled(slot) for slot in slots if stage.moment != Moment.DECLARE],
    }


def _ahead(spec: Stage) -> dict[str, Any]:
    return {**_title(spec.moment, spec.place), "state": "next"}


def _settled(slot: Confirmation) -> dict[str, Any]:
    fact = slot.fact if slot.state in (ConfirmationState.CONFIRMED, ConfirmationState.REFUSED) else None
    return {
        "what": FACTS[slot.of],
        "who": AGENCIES_SHORT[Agency(slot.agency)],
        "state": slot.state,
        "by": by(fact.actor, fact.unit) if fact else "",
        "when": clock(fact.happened_at) if fact else "",
        "note": fact.reason if fact else "",
    }


def by(actor: object | None, unit: object | None) -> str:
    """A person with the unit, the platform where no person acted."""
    if actor is None:
        return _("nền tảng")
    return f"{actor} · {unit}" if unit else str(actor)
