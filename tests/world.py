"""A small real world for tests: one gate with its barriers, lanes and yard, people of each role, declarations."""

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from django.db.models import F
from django.utils import timezone

from accounts.models import Membership, Organisation, Role, User
from checkpoints.door import Outcome, perform
from checkpoints.models import Confirmation, Passage, Transshipment, TripStage
from checkpoints.states import ConfirmationState
from declarations.models import Declaration, Trip
from declarations.services import save_draft
from fees.models import Bill
from fees.sample import enter_sample_tariff
from fees.services.paying import record_payment
from gates.models import Barrier, Gate, Lane, Unit, Yard
from gates.procedures import BOOKS
from gates.procedures.words import Purpose

_numbers = count(1)


def make_gate(code: str = "ta-lung", name: str = "Tà Lùng", book: str = "cao_bang_2026") -> Gate:
    """A gate open round the clock with both barriers, each with a lane in and one out, and one yard with the same.

    Where the book tells yards outside the gate area apart there is one of these too.
    """
    hours = {"opens_at": time(0), "closes_at": time(0)}
    gate = Gate.objects.create(code=code, name=name, kind=Gate.Kind.INTERNATIONAL, book_code=book, **hours)
    for place in ("B1", "B2"):
        barrier = Barrier.objects.create(gate=gate, place=place)
        Lane.objects.create(barrier=barrier, number=1, direction="in")
        Lane.objects.create(barrier=barrier, number=2, direction="out")
    for number, inside in enumerate(sorted({not procedure.outside_yard for procedure in BOOKS[book]}, reverse=True)):
        letter = "ab"[number]
        yard = Yard.objects.create(gate=gate, code=letter, name=f"Bãi {letter.upper()}", capacity=100, inside=inside)
        Lane.objects.create(yard=yard, number=1, direction="in")
        Lane.objects.create(yard=yard, number=2, direction="out")
    return gate


def make_officer(code: str, gate: Gate | None, username: str = "") -> User:
    user = User.objects.create_user(username or f"{code}-{next(_numbers)}", full_name=f"Cán bộ {code}")
    unit = Unit.objects.create(agency=code, gate=gate, name=f"Đơn vị {code}") if gate else None
    Role.objects.create(user=user, code=code, gate=gate, unit=unit, valid_from=date(2026, 1, 1))
    return user


def make_trader(name: str = "Công ty TNHH Xuất nhập khẩu Phục Hòa", tax_code: str = "") -> User:
    organisation = Organisation.objects.create(name=name, tax_code=tax_code or f"{next(_numbers):010d}")
    user = User.objects.create_user(f"trader-{next(_numbers)}", full_name="Nông Thị Hoa", email="hoa@example.vn")
    Membership.objects.create(user=user, organisation=organisation, valid_from=date(2026, 1, 1))
    Role.objects.create(user=user, code="trader", valid_from=date(2026, 1, 1))
    return user


def vehicle(plate: str = "11C12345", **fields: Any) -> dict[str, Any]:
    country = "VN" if plate[:1].isdigit() else "CN"
    permit = {
        "permit_number": f"C26YF{next(_numbers):07d}",
        "permit_kind": "C",
        "permit_from": date(2026, 1, 1),
        "permit_to": date(2030, 1, 1),
    }
    return {
        "vehicle_type": "other",
        "payload": 18,
        "plate": plate,
        "country": country,
        "driver_name": "Lý Văn Sình",
        "driver_phone": "0912345678",
        "comes_from": "inland" if country == "VN" else "border",
        **permit,
        **fields,
    }


def goods(name: str = "Tinh bột sắn", **fields: Any) -> dict[str, Any]:
    return {
        "name": name,
        "origin": "Việt Nam",
        "quantity": 600,
        "unit": "bao",
        "value": 300_000_000,
        "weight": 30_000,
        "hs_code": "11081400",
        **fields,
    }


@dataclass
class World:
    """One gate with an officer of each agency and a trader; `confirm_all` and `see` drive a trip."""

    gate: Gate = field(default_factory=make_gate)
    trader: User = field(default_factory=make_trader)
    officers: dict[str, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        enter_sample_tariff(province=self.gate.book.province)

    def officer(self, agency: str) -> User:
        if agency not in self.officers:
            self.officers[agency] = make_officer(agency, self.gate)
        return self.officers[agency]

    def draft(
        self,
        purpose: str = Purpose.EXPORT,
        vehicles: list[dict] | None = None,
        lines: list[dict] | None = None,
        trader: User | None = None,
        outside_yard: bool = False,
        **consignment: Any,
    ) -> Declaration:
        trader = trader or self.trader
        loaded = purpose in (Purpose.EXPORT, Purpose.IMPORT)
        number = "308508812340" if purpose == Purpose.EXPORT else "108508812340"
        if "customs_number" not in consignment:
            consignment |= {"customs_number": number, "customs_date": timezone.localdate()}
        return save_draft(
            actor=trader,
            organisation=trader.memberships.get().organisation,
            general={
                "gate": self.gate,
                "yard": self.gate.yards.filter(inside=not outside_yard).first(),
                "purpose": purpose,
                "expected_at": timezone.now() + timedelta(hours=2),
            },
            consignments=[{"lines": lines or [goods()], **consignment}] if loaded else [],
            vehicles=vehicles or [vehicle()],
        )

    def submit(self, *args: Any, **kwargs: Any) -> Declaration:
        declaration = self.draft(*args, **kwargs)
        perform("submit", declaration, actor=declaration.created_by, key=None)
        return Declaration.objects.get(pk=declaration.pk)

    def lane(self, place: str, direction: str, *, inside: bool = True) -> Lane:
        if place == "yard":
            return Lane.objects.get(yard__gate=self.gate, yard__inside=inside, direction=direction)
        return Lane.objects.get(barrier__gate=self.gate, barrier__place=place, direction=direction)

    def see(self, trip: Trip, place: str, direction: str, *, key: str | None = None, **details: Any) -> Outcome:
        lane = self.lane(place, direction)
        return perform("record_passage", trip, actor=None, key=key or str(uuid4()), lane=lane, **details)

    def waiting(self, trip: Trip) -> list[Confirmation]:
        slots = Confirmation.objects.filter(stage__trip=trip, state=ConfirmationState.WAITING)
        return list(slots.select_related("stage__trip").order_by("stage__position", "position"))

    def confirm(self, trip: Trip, agency: str, of: str, **details: Any) -> Outcome:
        slot = next(s for s in self.waiting(trip) if (s.agency, s.of) == (agency, of))
        actor = self.trader if agency == "trader" else self.officer(agency)
        return perform("confirm", trip, actor=actor, key=str(uuid4()), confirmation=slot.pk, **details)

    def confirm_all(self, trip: Trip) -> None:
        """Confirm every slot of the open stage in the order listed, its fee paid first."""
        for slot in self.waiting(trip):
            if slot.of == "fee_confirmed":
                self.pay(trip)
            self.confirm(trip, slot.agency, slot.of)

    def pay(self, trip: Trip) -> None:
        """The bank says that what the trip's bills ask was paid."""
        bills = Bill.objects.with_sums().filter(entries__assessment__trip=trip).distinct()
        for bill in bills:
            if bill.outstanding > 0:
                record_payment(bill=bill, amount=bill.outstanding, method="stub", actor=None, key=str(uuid4()))

    def open(self, trip: Trip) -> Outcome:
        return perform("open_barrier", trip, actor=self.officer("border_guard"), key=str(uuid4()))

    def enter(self, trip: Trip, place: str) -> None:
        self.see(trip, place, "in")
        self.confirm_all(trip)
        self.open(trip)

    def leave(self, trip: Trip, place: str) -> None:
        self.see(trip, place, "out")
        self.confirm_all(trip)
        self.open(trip)


def fresh(row):
    """The row as the database has it now."""
    return type(row).objects.get(pk=row.pk)


def ago(**by: float) -> None:
    """All that happened so far happened so long ago, and what was expected was expected so much earlier."""
    times = {
        TripStage: ("opened_at", "completed_at", "barrier_opened_at"),
        Transshipment: ("moved_at",),
        Passage: ("first_seen_at", "last_seen_at"),
        Declaration: ("expected_at", "extended_to"),
    }
    for model, names in times.items():
        model.objects.update(**{name: F(name) - timedelta(**by) for name in names})
