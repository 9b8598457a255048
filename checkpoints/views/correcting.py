"""A correction at the truck in front: what changes, who asked, who must agree, and what may be asked."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from checkpoints.corrections import changes, label, shown
from checkpoints.models import Correction
from checkpoints.selectors import Truck
from checkpoints.views.places import Desk
from checkpoints.views.steps import by
from declarations.correctable import CONSIGNMENT, LINE, TRIP, as_text
from declarations.models import Load
from gates.labels import AGENCIES_SHORT
from gates.procedures.words import Agency

USUAL = ("plate", "trailer_plate", "driver_name", "driver_phone")
"""What is usually wrong; the rest is folded."""


def correction(truck: Truck, desk: Desk) -> dict[str, Any] | None:
    """The open correction that concerns this truck, for `checkpoints/_correction.html`; at most three queries.

    None, without a query, while nothing is being corrected.
    """
    if truck.correction is None:
        return None
    related = ("trip", "asked__actor", "asked__unit", "proposed__actor")
    found = Correction.objects.select_related(*related).filter(pk=truck.correction.pk).first()
    if found is None:
        return None
    own = found.trip_id == truck.trip.pk
    asked_by = found.asked.agency if found.asked else None
    return {
        "found": found,
        "own": own,
        "changes": changes([found])[found.pk],
        "asked_by": _who(found.asked) if found.asked else "",
        "proposed_by": _who(found.proposed) if found.proposed else "",
        "reason": found.asked.reason if found.asked else found.proposed.reason if found.proposed else "",
        "awaits": ", ".join(str(AGENCIES_SHORT[Agency(agency)]) for agency in truck.correction.awaits),
        "may_agree": own and desk.may_agree(truck),
        "may_withdraw": own and asked_by in desk.agencies,
    }


def _who(fact: Any) -> str:
    agency = str(AGENCIES_SHORT[Agency(fact.agency)]) if fact.agency in set(Agency) else ""
    if fact.agency in (Agency.DRIVER, Agency.TRADER):
        return agency
    return f"{agency} · {by(fact.actor, None)}"


def askable(truck: Truck, loads: Sequence[Load], desk: Desk) -> list[dict[str, Any]]:
    """The fields that this person may ask to be corrected, in groups; empty where nothing may be asked."""
    trip = truck.trip
    if not desk.acts or trip.has_ended or truck.correction is not None or truck.is_seized:
        return []
    vehicle = [{"key": key, "label": label(key), "now": shown(key, as_text(getattr(trip, key)))} for key in TRIP]
    usual = [field for field in vehicle if field["key"] in USUAL]
    others = [field for field in vehicle if field["key"] not in USUAL]
    groups = [
        {"title": _("Mục cần sửa"), "fields": usual, "open": True},
        {"title": _("Mục khác của xe, giấy phép"), "fields": others, "open": False},
    ]
    for load in loads:
        line = load.line
        if line.consignment.declaration_id == trip.declaration_id:
            fields = [_named(f"line:{line.pk}.{name}") for name in LINE]
            fields += [_named(f"consignment:{line.consignment_id}.{name}") for name in CONSIGNMENT]
            groups.append({"title": _("Hàng: %(name)s") % {"name": line.name}, "fields": fields, "open": False})
    return groups


def _named(key: str) -> dict[str, Any]:
    return {"key": key, "label": label(key), "now": ""}
