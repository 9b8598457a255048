"""The documents of the goods on a truck: the newest of each, and after whose confirmation it came."""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject
from django.utils.dateparse import parse_datetime

from checkpoints.models import Confirmation
from checkpoints.resting import LINES, rests_on
from checkpoints.states import ConfirmationState
from declarations.models import Document, Load, Trip
from gates.labels import AGENCIES_SHORT
from gates.procedures.words import Agency


def loads_with_documents(trip: Trip) -> list[Load]:
    """What the truck carries, each load with the newest documents of its consignment; one query."""
    row = JSONObject(pk=F("pk"), kind=F("kind"), at=F("uploaded_at"), replaces=F("replaces_id"))
    newest = Document.objects.newest().filter(consignment=OuterRef("line__consignment")).order_by("pk")
    loads = Load.objects.filter(trip=trip).select_related("line__consignment__declaration")
    return list(loads.annotate(documents=ArraySubquery(newest.values(row=row))).order_by("pk"))


def shown_documents(loads: Sequence[Load], slots: Sequence[Confirmation]) -> list[dict[str, Any]]:
    """Each document once; `after`: who had confirmed the goods before this version came. Nothing is reopened by it."""
    confirmed = [
        (slot.fact.recorded_at, AGENCIES_SHORT[Agency(slot.agency)])
        for slot in slots
        if slot.state == ConfirmationState.CONFIRMED and slot.fact and rests_on(slot.of) & LINES
    ]
    found = {row["pk"]: row for load in loads for row in load.documents}
    shown = []
    for row in found.values():
        at = parse_datetime(row["at"])
        after = dict.fromkeys(str(agency) for when, agency in confirmed if when < at)
        shown.append(row | {"word": Document.Kind(row["kind"]).label, "at": at, "after": ", ".join(after)})
    return shown
