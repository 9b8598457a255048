"""What is wrong with a declaration: hard problems keep it from being submitted, warnings may be overridden."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from declarations.models import Declaration, Trip
from declarations.states import TripState

PERMIT = "road_transport_permit"


@dataclass(frozen=True)
class Problem:
    """`code` for programs, `message` for the person; a warning is not `hard`."""

    code: str
    message: str
    hard: bool = True


def problems(declaration: Declaration) -> list[Problem]:
    """All that is wrong with the saved declaration, hard ones first."""
    trips = list(declaration.trips.prefetch_related("loads").order_by("position"))
    found = [
        *_general(declaration, trips),
        *(p for trip in trips for p in _of_trip(trip)),
        *_under_way(trips),
    ]
    return sorted(found, key=lambda problem: not problem.hard)


def blocking_problem(declaration: Declaration) -> str | None:
    """The first thing that keeps the declaration from being submitted, in words; None if nothing does."""
    return next((problem.message for problem in problems(declaration) if problem.hard), None)


def _general(declaration: Declaration, trips: list[Trip]) -> Iterator[Problem]:
    if not trips:
        yield Problem("no_vehicle", _("Hãy khai ít nhất một phương tiện."))
    if declaration.expected_at is None:
        yield Problem("no_arrival", _("Hãy khai thời gian dự kiến đến."))
    for plate, times in Counter(trip.plate for trip in trips).items():
        if times > 1:
            yield Problem("vehicle_twice", _("Phương tiện %(plate)s được khai hai lần.") % {"plate": plate})
    for line in (line for c in declaration.consignments.prefetch_related("lines") for line in c.lines.all()):
        if not line.loads.exists():
            yield Problem("line_not_carried", _("Hàng “%(name)s” chưa có xe chở.") % {"name": line.name})


def _of_trip(trip: Trip) -> Iterator[Problem]:
    plate = {"plate": trip.plate}
    if trip.procedure.carries_goods and not trip.loads.all():
        yield Problem("no_goods", _("Phương tiện %(plate)s chở hàng nhưng chưa khai hàng hóa.") % plate)
    if not trip.procedure.carries_goods and trip.loads.all():
        yield Problem("goods_on_empty", _("Phương tiện %(plate)s khai không chở hàng nhưng có hàng.") % plate)
    if PERMIT in trip.procedure.declares and not trip.has_permit:
        yield Problem(
            "no_permit",
            _("Phương tiện %(plate)s cần giấy phép vận tải đường bộ quốc tế (Điều 5(2)a).") % plate,
        )


def _under_way(trips: list[Trip]) -> Iterator[Problem]:
    plates = [trip.plate for trip in trips]
    for plate in Trip.objects.filter(plate__in=plates, state=TripState.UNDER_WAY).values_list("plate", flat=True):
        yield Problem(
            "under_way",
            _("Phương tiện %(plate)s đang trong một lượt khác; lượt này chỉ bắt đầu khi lượt kia kết thúc.")
            % {"plate": plate},
            hard=False,
        )
