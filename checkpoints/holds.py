"""What keeps a vehicle from going on: seized with a violation case, or broken down."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from checkpoints.models import STORED, TRANSSHIPMENT, Hold
from declarations.models import Trip
from gates.labels import AGENCIES_SHORT
from gates.procedures.words import Agency


@dataclass(frozen=True)
class OpenHold:
    """An open hold of a trip. `agency` and `unit` are of who began it, `since` is when it was recorded."""

    pk: int
    kind: str
    takes: str
    case: str
    agency: str
    unit: str
    reason: str
    since: datetime

    @property
    def is_seizure(self) -> bool:
        return self.kind == Hold.Kind.SEIZED

    @property
    def takes_goods(self) -> bool:
        return self.takes in (Hold.Takes.GOODS, Hold.Takes.BOTH)

    @property
    def takes_vehicle(self) -> bool:
        return self.takes in (Hold.Takes.VEHICLE, Hold.Takes.BOTH)

    def keeps(self, of: str) -> bool:
        """Whether the confirmation of this fact waits for its end: goods that are not seized may still go over."""
        return self.is_seizure and (of not in (TRANSSHIPMENT, STORED) or self.takes_goods)

    @property
    def word(self) -> str:
        """In a word, for a badge."""
        return _("tạm giữ") if self.is_seizure else _("hỏng xe")

    @property
    def shape(self) -> str:
        return "lock" if self.is_seizure else "warning"

    @property
    def what(self) -> str:
        """What is seized, in words; empty for a breakdown."""
        return str(Hold.Takes(self.takes).label) if self.takes else ""

    @property
    def by(self) -> str:
        """Who began it: the unit, else the agency."""
        return self.unit or (str(AGENCIES_SHORT[Agency(self.agency)]) if self.agency in set(Agency) else "")


def open_holds(trip: Trip | OuterRef) -> ArraySubquery:
    """For a column that `holds_told` reads: what holds the trip now."""
    row = JSONObject(
        pk="pk",
        kind="kind",
        takes="takes",
        case="case",
        agency="began__agency",
        unit="began__unit__name",
        reason="began__reason",
        since="began__recorded_at",
    )
    return ArraySubquery(Hold.objects.open().filter(trip=trip).order_by("pk").values(row=row))


def holds_told(column: Iterable[dict[str, Any]]) -> tuple[OpenHold, ...]:
    """The holds of the column, a seizure before a breakdown."""
    found = [OpenHold(**{**row, "unit": row["unit"] or "", "since": parse_datetime(row["since"])}) for row in column]
    return tuple(sorted(found, key=lambda hold: not hold.is_seizure))
