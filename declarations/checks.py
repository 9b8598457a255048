"""What is wrong with a declaration: hard problems keep it from being submitted, warnings may be overridden.

Hard is what Phụ lục V and Điều 4 to 7 ask; a warning is said where real life differs from the form: a container
whose check digit does not fit, a plate of an unknown form, a permit that has run out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Exists, Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from declarations import plates, validators
from declarations.models import Consignment, Declaration, Document, GoodsLine, Load, Trip
from declarations.papers import day_of, must_be_there, papers_of
from declarations.specialised import claims
from declarations.states import TripState
from gates.labels import COUNTRIES, article_words
from gates.procedures.words import Country, Purpose
from register.papers import Judged, told

PERMIT = "road_transport_permit"
MOST_VEHICLES = 200
LOADED = (Purpose.EXPORT, Purpose.IMPORT)
LATE = timedelta(minutes=30)
TOO_LATE = timedelta(days=1)
FAR_AHEAD = timedelta(days=30)


@dataclass(frozen=True)
class Problem:
    """`code` for programs, `message` for the person; a warning is not `hard`.

    `at` is the address of what is meant: `general.expected_at`, `vehicles.2.plate`, `consignments.1.customs_number`,
    `lines.3.weight` (numbers from 1 in order of entry), or the name of the whole list. `mend` names the row of the
    register where it can be mended: `("vehicles", 12)`, None for one that is not there yet.
    """

    code: str
    message: str
    hard: bool = True
    at: str = ""
    mend: tuple[str, int | None] | None = None


def problems(declaration: Declaration) -> list[Problem]:
    """All that is wrong with the saved declaration, hard ones first."""
    trips = declaration.trips.select_related("vehicle", "driver").prefetch_related("loads").order_by("position")
    loose = Exists(Document.objects.filter(declaration=declaration, consignment=None))
    trips = list(trips.annotate(papers_block=must_be_there(day_of(declaration)), documents_loose=loose))
    lines = Prefetch("lines", queryset=GoodsLine.objects.order_by("pk").prefetch_related("loads"))
    consignments = list(declaration.consignments.order_by("pk").prefetch_related(lines))
    found = [
        *_general(declaration, trips),
        *_vehicles(declaration, trips),
        *_goods(declaration, trips, consignments),
        *_documents(declaration, trips),
        *_under_way(trips),
        *_papers(declaration, trips),
        *_specialised(declaration, trips),
    ]
    return sorted(found, key=lambda problem: not problem.hard)


def blocking_problem(declaration: Declaration) -> str | None:
    """The first thing that keeps the declaration from being submitted, in words; None if nothing does."""
    return next((problem.message for problem in problems(declaration) if problem.hard), None)


def doubts(trip: Trip, loads: Iterable[Load]) -> dict[str, str]:
    """What of one vehicle, its driver and its permit is odd as declared, though it may be right: field to words."""
    found = [*_identity(trip, loads, ""), *_permit(trip.declaration, trip, "")]
    return {problem.at.removeprefix("."): problem.message for problem in found if not problem.hard}


def doubts_of_consignment(consignment: Consignment) -> str:
    """What is odd of its customs declaration, in words; empty where nothing is."""
    found = _consignment(consignment.declaration, consignment, "")
    return " ".join(problem.message for problem in found if not problem.hard)


def _general(declaration: Declaration, trips: Sequence[Trip]) -> Iterator[Problem]:
    at = "general.expected_at"
    now, expected = timezone.now(), declaration.expected_at
    if expected is None:
        yield Problem("no_arrival", _("Hãy khai thời gian dự kiến đến."), at=at)
    elif expected < now - TOO_LATE:
        yield Problem("arrival_past", _("Thời gian dự kiến đến đã qua; hãy khai lại."), at=at)
    elif expected < now - LATE:
        yield Problem("arrival_late", _("Thời gian dự kiến đến đã qua."), hard=False, at=at)
    elif expected > now + FAR_AHEAD:
        yield Problem("arrival_far", _("Thời gian dự kiến đến còn hơn 30 ngày."), hard=False, at=at)
    if not trips:
        yield Problem("no_vehicle", _("Hãy khai ít nhất một phương tiện."), at="vehicles")
    if len(trips) > MOST_VEHICLES:
        yield Problem(
            "too_many_vehicles",
            _("Một tờ khai có nhiều nhất %(most)s phương tiện; hãy chia thành nhiều tờ khai.")
            % {"most": MOST_VEHICLES},
            at="vehicles",
        )


def _documents(declaration: Declaration, trips: Sequence[Trip]) -> Iterator[Problem]:
    """Officers read documents with the goods of their consignment."""
    if declaration.is_draft and trips and trips[0].documents_loose:
        message = _("Có chứng từ chưa gắn lô hàng; hãy gắn hoặc xóa ở trang tờ khai.")
        yield Problem("loose_documents", message, at="lines")


def _vehicles(declaration: Declaration, trips: Sequence[Trip]) -> Iterator[Problem]:
    times = Counter(trip.plate for trip in trips if trip.plate)
    for number, trip in enumerate(trips, start=1):
        at = f"vehicles.{number}"
        yield from _missing(trip, at)
        if times[trip.plate] > 1:
            times[trip.plate] = 0
            yield Problem(
                "vehicle_twice",
                _("Phương tiện %(plate)s được khai hai lần.") % {"plate": plates.display(trip.plate)},
                at=f"{at}.plate",
            )
        yield from _journey(declaration, trip, at)
        yield from _identity(trip, trip.loads.all(), at)
        yield from _permit(declaration, trip, at)


def _missing(trip: Trip, at: str) -> Iterator[Problem]:
    for name, message in (
        ("plate", _("Hãy khai biển kiểm soát.")),
        ("vehicle_type", _("Hãy chọn loại phương tiện.")),
        ("driver_name", _("Hãy khai tên người điều khiển phương tiện.")),
        ("driver_phone", _("Hãy khai số điện thoại người điều khiển phương tiện.")),
    ):
        if not getattr(trip, name):
            yield Problem(f"no_{name}", message, at=f"{at}.{name}")


def _journey(declaration: Declaration, trip: Trip, at: str) -> Iterator[Problem]:
    """The decision must know such a journey, and goods must be there or not as it says."""
    if not trip.country:
        yield Problem("no_country", _("Hãy chọn nước đăng ký phương tiện."), at=f"{at}.country")
        return
    procedure = trip.book.by_code.get(trip.procedure_code)
    plate = {"plate": plates.display(trip.plate)}
    if procedure is None and declaration.purpose in LOADED:
        yield Problem("no_procedure", _no_procedure(declaration, trip), at=f"{at}.country")
    elif procedure is None and not declaration.comes_from:
        yield Problem("no_side", _("Hãy chọn xe đi từ đâu tới."), at="general.comes_from")
    elif procedure is None:
        yield Problem("no_procedure", _no_procedure(declaration, trip), at="general.comes_from")
    elif procedure.carries_goods and not trip.loads.all():
        yield Problem(
            "no_goods",
            _("Phương tiện %(plate)s chở hàng nhưng chưa khai hàng hóa.") % plate,
            at="lines",
        )
    elif not procedure.carries_goods and trip.loads.all():
        yield Problem(
            "goods_on_empty", _("Phương tiện %(plate)s khai không chở hàng nhưng có hàng.") % plate, at="lines"
        )


def _no_procedure(declaration: Declaration, trip: Trip) -> str:
    return _("Phương tiện %(country)s không đi theo mục đích “%(purpose)s” từ phía đã chọn; hãy xem lại.") % {
        "country": COUNTRIES[Country(trip.country)],
        "purpose": declaration.get_purpose_display(),
    }


def _plate_form(trip: Trip) -> str:
    if not trip.country:
        return _("Biển kiểm soát không theo mẫu thường gặp.")
    country = COUNTRIES[Country(trip.country)]
    return _("Biển kiểm soát không theo mẫu thường gặp của phương tiện %(country)s.") % {"country": country}


def _identity(trip: Trip, loads: Iterable[Load], at: str) -> Iterator[Problem]:
    plate = plates.parse(trip.plate, country=trip.country or None)
    if trip.plate and not plate.known_form:
        yield Problem("plate_form", _plate_form(trip), hard=False, at=f"{at}.plate")
    elif trip.plate and not plate.complete:
        yield Problem("plate_province", _("Biển Trung Quốc thiếu chữ tỉnh (ví dụ 桂)."), hard=False, at=f"{at}.plate")
    if trip.trailer_plate and trip.trailer_plate == trip.plate:
        yield Problem("trailer_same", _("Biển rơ moóc trùng biển đầu kéo."), hard=False, at=f"{at}.trailer_plate")
    if trip.container and not validators.is_container(trip.container):
        yield Problem(
            "container_form",
            _("Số container không đúng mẫu ISO 6346 hoặc sai số kiểm tra."),
            hard=False,
            at=f"{at}.container",
        )
    if trip.vehicle_type in (Trip.VehicleType.CONTAINER_40, Trip.VehicleType.CONTAINER_20) and not trip.container:
        yield Problem("no_container", _("Xe container chưa khai số container."), hard=False, at=f"{at}.container")
    if trip.driver_phone and not validators.is_phone(trip.driver_phone):
        yield Problem(
            "phone_form",
            _("Số điện thoại không theo mẫu Việt Nam hoặc Trung Quốc."),
            hard=False,
            at=f"{at}.driver_phone",
        )
    weight = sum((load.weight for load in loads), Decimal())
    if trip.payload and weight > trip.payload * 1000:
        yield Problem(
            "overweight",
            _("Hàng trên xe %(weight)s kg, vượt trọng tải %(payload)s tấn.")
            % {"weight": f"{weight:,.0f}".replace(",", "."), "payload": f"{trip.payload.normalize():f}"},
            hard=False,
            at=f"{at}.payload",
        )


def _permit(declaration: Declaration, trip: Trip, at: str) -> Iterator[Problem]:
    procedure = trip.book.by_code.get(trip.procedure_code)
    if procedure and PERMIT in procedure.declares and not trip.has_permit:
        yield Problem(
            "no_permit",
            _("Phương tiện %(plate)s cần giấy phép vận tải đường bộ quốc tế (%(article)s).")
            % {"plate": plates.display(trip.plate), "article": article_words(procedure.stages[0].article)},
            at=f"{at}.permit_number",
        )
    if not trip.has_permit:
        return
    expected = timezone.localdate(declaration.expected_at) if declaration.expected_at else timezone.localdate()
    if trip.permit_to is None:
        yield Problem("permit_open", _("Chưa khai ngày hết hạn giấy phép."), hard=False, at=f"{at}.permit_to")
    elif trip.permit_to < expected:
        yield Problem("permit_expired", _("Giấy phép hết hạn trước ngày đến."), hard=False, at=f"{at}.permit_to")
    if trip.permit_from and trip.permit_from > expected:
        yield Problem("permit_early", _("Giấy phép chưa có hiệu lực vào ngày đến."), hard=False, at=f"{at}.permit_from")


def _goods(declaration: Declaration, trips: Sequence[Trip], consignments: Sequence[Consignment]) -> Iterator[Problem]:
    number = 0
    for position, consignment in enumerate(consignments, start=1):
        yield from _consignment(declaration, consignment, f"consignments.{position}")
        for line in consignment.lines.all():
            number += 1
            yield from _line(line, f"lines.{number}", carried=bool(line.loads.all()) or not trips)


def _consignment(declaration: Declaration, consignment: Consignment, at: str) -> Iterator[Problem]:
    if consignment.owner_tax_code and not validators.is_tax_code(consignment.owner_tax_code):
        yield Problem(
            "tax_code",
            _("Mã số thuế phải có 10, 13 hoặc 12 chữ số và đúng số kiểm tra."),
            at=f"{at}.owner_tax_code",
        )
    if consignment.owner_tax_code and not consignment.owner_name:
        yield Problem("no_owner", _("Hãy khai tên chủ hàng."), at=f"{at}.owner_name")
    number, day = consignment.customs_number, consignment.customs_date
    if number and not validators.is_customs_number(number):
        yield Problem(
            "customs_form",
            _("Số tờ khai hải quan thường có 12 chữ số, bắt đầu bằng 1 hoặc 3."),
            hard=False,
            at=f"{at}.customs_number",
        )
    elif number and number[0] != ("3" if declaration.purpose == Purpose.EXPORT else "1"):
        yield Problem(
            "customs_direction",
            _("Số tờ khai nhập bắt đầu bằng 1, xuất bằng 3; số này khác mục đích đã chọn."),
            hard=False,
            at=f"{at}.customs_number",
        )
    if number and day is None:
        yield Problem("customs_day", _("Chưa khai ngày tờ khai hải quan."), hard=False, at=f"{at}.customs_date")
    if day and day > timezone.localdate():
        yield Problem("customs_ahead", _("Ngày tờ khai hải quan ở tương lai."), hard=False, at=f"{at}.customs_date")


def _line(line: GoodsLine, at: str, *, carried: bool) -> Iterator[Problem]:
    for name, message in (
        ("name", _("Hãy khai tên hàng.")),
        ("origin", _("Hãy khai xuất xứ hàng hóa.")),
        ("quantity", _("Hãy khai số lượng.")),
        ("unit", _("Hãy khai đơn vị tính.")),
        ("value", _("Hãy khai giá trị hàng hóa.")),
        ("weight", _("Hãy khai trọng lượng.")),
    ):
        if not getattr(line, name):
            yield Problem(f"no_{name}", message, at=f"{at}.{name}")
    if line.hs_code and not validators.is_hs_code(line.hs_code):
        yield Problem("hs_code", _("Mã HS phải có 8 chữ số."), at=f"{at}.hs_code")
    if line.quantity and not carried:
        yield Problem(
            "line_not_carried", _("Hàng “%(name)s” chưa có xe chở.") % {"name": line.name}, at=f"{at}.vehicle"
        )


def _under_way(trips: Sequence[Trip]) -> Iterator[Problem]:
    numbers = {trip.plate: number for number, trip in enumerate(trips, start=1) if trip.plate}
    for plate in Trip.objects.filter(plate__in=numbers, state=TripState.UNDER_WAY).values_list("plate", flat=True):
        yield Problem(
            "under_way",
            _("Phương tiện %(plate)s đang trong một lượt khác; lượt này chỉ bắt đầu khi lượt kia kết thúc.")
            % {"plate": plates.display(plate)},
            hard=False,
            at=f"vehicles.{numbers[plate]}.plate",
        )


def _papers(declaration: Declaration, trips: Sequence[Trip]) -> Iterator[Problem]:
    """What the register lacks of the papers that the law asks, on the day of arrival."""
    strict = any(trip.papers_block for trip in trips)
    held = papers_of(trips, declaration.gate.kind, day=day_of(declaration), unknown_too=strict)
    for number, trip in enumerate(trips, start=1):
        papers, at = held[trip.pk], f"vehicles.{number}"
        yield from _lacking(papers.vehicle, f"{at}.plate", "vehicle", ("vehicles", trip.vehicle_id))
        yield from _lacking(papers.driver, f"{at}.driver_name", "driver", ("drivers", trip.driver_id))


def _specialised(declaration: Declaration, trips: Sequence[Trip]) -> Iterator[Problem]:
    claimed = claims(trips, declaration.gate, day=day_of(declaration))
    for number, trip in enumerate(trips, start=1):
        claim = claimed.get(trip.pk)
        if claim and claim.fault:
            yield Problem("specialised_driver", claim.fault, hard=claim.hard, at=f"vehicles.{number}.driver_name")


def _lacking(found: Sequence[Judged], at: str, of: str, row: tuple[str, int | None]) -> Iterator[Problem]:
    message = {
        "vehicle": _("Giấy tờ của phương tiện vào ngày đến: %(told)s."),
        "driver": _("Giấy tờ của lái xe vào ngày đến: %(told)s."),
    }[of]
    for hard in (True, False):
        bad = [each for each in found if each.is_bad and each.blocks is hard]
        if bad:
            yield Problem(f"{of}_papers", message % {"told": told(bad)}, hard=hard, at=at, mend=row)
