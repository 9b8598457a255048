"""A fee desk before very many bills, copied in bulk past the door, and the bank statement that pays half of them."""

from collections.abc import Iterator, Sequence
from itertools import islice

from django.db import connection, models
from django.utils import timezone

from accounts.models import Organisation, User
from checkpoints import facts
from checkpoints.models import Confirmation, Fact, TripStage
from declarations.models import Declaration, Trip
from fees.codes import new_code
from fees.models import Assessment, Bill, LedgerEntry
from fees.services.confirming import FEE_CONFIRMED
from gates.models import Gate
from gates.procedures.words import Agency, Country, Moment, Purpose

FEE = 3_000_000
# Far above what the sequences have given out.
FIRST = 10_000_000
HEAD = "Ngày giao dịch;Số tham chiếu;Ghi nợ;Ghi có;Nội dung"


def enter_bills(number: int, *, gate: Gate, trader: User) -> None:
    """So many bills of one truck each, which wait to be paid and confirmed, of a payer for every forty."""
    now, procedure = timezone.now(), next(procedure for procedure in gate.book if procedure.carries_goods)
    of = {"organisation_id": f"{FIRST} + place / 40"}
    payer = {"name": "'Công ty TNHH ' || place", "tax_code": "(9000000000 + place)::text"}
    _copy(Organisation(), number // 40 + 1, **payer)
    _copy(
        Declaration(
            created_by=trader, gate=gate, purpose=Purpose.EXPORT, state="under_way", submitted_at=now, created_at=now
        ),
        number,
        code="'9' || lpad(place::text, 12, '0')",
        changed_at="now()",
        **of,
    )
    _copy(
        Trip(
            book_code=gate.book_code,
            began_as=procedure.code,
            procedure_code=procedure.code,
            vehicle_type=Trip.VehicleType.OTHER,
            country=Country.VN,
            state="under_way",
        ),
        number,
        plate="'11C' || lpad(place::text, 6, '0')",
        declaration_id=f"{FIRST} + place",
    )
    fee = {"position": len(procedure.stages) - 2, "moment": Moment.FEE, "place": "yard", "opened_at": now}
    _copy(TripStage(procedure_code=procedure.code, **fee), number, trip_id=f"{FIRST} + place")
    slot = Confirmation(position=0, agency=Agency.FEE_CENTRE, of=FEE_CONFIRMED)
    _copy(slot, number, stage_id=f"{FIRST} + place")
    assessment = Assessment(version=1, made_at=now, outcome="due", vehicle_type="other", weight=1, total=FEE)
    _copy(assessment, number, trip_id=f"{FIRST} + place")
    _copy(
        Bill(created_at=now, code=""),
        number,
        code="'B' || place",
        declaration_id=f"{FIRST} + place",
        payer_id=f"{FIRST} + place / 40",
    )
    of_the_bill = {"bill_id": f"{FIRST} + place", "assessment_id": f"{FIRST} + place"}
    _copy(LedgerEntry(kind="assessed", amount=FEE, at=now), number, **of_the_bill)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _copy(row: models.Model, number: int, **changed: str) -> None:
    """As many rows like this one, with ids of their own; `changed` gives columns as SQL over `place`, from 0."""
    changed = {"id": f"{FIRST} + place"} | changed
    fields = [field for field in row._meta.concrete_fields if field.column not in changed]
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    columns = ", ".join(f'"{column}"' for column in [*changed, *(field.column for field in fields)])
    terms = ", ".join([*changed.values(), *["%s"] * len(fields)])
    places = f"generate_series(0, {number - 1}) AS place"
    with connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{row._meta.db_table}" ({columns}) SELECT {terms} FROM {places}', values)


def announced(number: int) -> list[Bill]:
    """So many of the bills, with codes of their own and the fact by which their payer was told."""
    bills = list(Bill.objects.filter(pk__gte=FIRST).select_related("declaration").order_by("pk")[:number])
    now = timezone.now()
    for bill in bills:
        bill.code = new_code()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fees_bill SET code = found.code FROM unnest(%s::bigint[], %s::text[]) AS found(id, code) "
            "WHERE fees_bill.id = found.id",
            [[bill.pk for bill in bills], [bill.code for bill in bills]],
        )
    Fact.objects.bulk_create(
        (
            facts.link(
                f"bill:{bill.pk}",
                after=None,
                move="ready_to_pay",
                declaration_id=bill.declaration_id,
                trip_id=bill.declaration_id,
                gate_id=bill.declaration.gate_id,
                actor_id=None,
                happened_at=now,
                recorded_at=now,
                data={"bill": bill.pk, "code": bill.code, "amount": FEE},
            )
            for bill in bills
        ),
        batch_size=5000,
    )
    return bills


def statement(bills: Sequence[Bill], *, lines: int) -> bytes:
    """A bank's CSV of so many lines: nine of ten pay one of these bills, in a bank's words, the tenth is nobody's."""
    return "\n".join([HEAD, *islice(_rows(bills), lines)]).encode()


def _rows(bills: Sequence[Bill]) -> Iterator[str]:
    today = f"{timezone.localdate():%d/%m/%Y}"
    for place, bill in enumerate(bills):
        yield f"{today};FT{place:08d};;{FEE};MBVCB.{place}.{bill.code}.NOP PHI.CT tu 0011"
        if place % 9 == 8:
            yield f"{today};FX{place:08d};;{FEE};CONG TY {place} CHUYEN TIEN"
