"""PostgreSQL goes away between the receipt of money and its confirmation: nothing is lost, nothing counts twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from urllib.parse import parse_qsl, urlencode

import psycopg2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, InterfaceError, connection
from django.test import Client
from django.utils import timezone

from checkpoints.facts import verify
from checkpoints.models import Confirmation, Fact
from declarations.models import Trip
from fees.models import Bill, Payment, Receipt, ReceiptSeries, StatementFile
from fees.payments.vnpay import Vnpay, joined
from fees.services import desking, importing, ordering, receipting
from tests.fees.banks import make_account
from tests.fees.payments.gateway import SECRET, TERMINAL
from tests.fees.statements.test_importing import HEAD, row
from tests.fees.test_ledger import INVARIANTS
from tests.fees.test_stories import the_report_ties
from tests.fees.trucks import ready
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db, settings) -> World:
    settings.VNPAY = {"terminal": TERMINAL, "secret": SECRET, "pay_url": "", "api_url": ""}
    world = World()
    ReceiptSeries.objects.create(template="01BLP0-001", sign="CB-26T")
    for number in (1, 2):
        ready(world, f"11C0000{number}")
    desking.set_confirming(gate_id=world.gate.pk, on=True, actor=world.officer("fee_centre"))
    return world


def end_the_session() -> None:
    """What a server that stops does to a session in the middle of its work."""
    params = connection.get_connection_params()
    other = psycopg2.connect(
        host=params["host"], user=params["user"], dbname="postgres", password=params.get("password")
    )
    other.autocommit = True
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
    other.close()


@contextmanager
def dying_before(number: int) -> Iterator[count]:
    """The server goes away before the statement or commit of this number, counted from 0; the count goes on."""
    asked = count()

    def tell() -> None:
        if next(asked) == number:
            end_the_session()

    def execute(run, sql, params, many, context):
        tell()
        return run(sql, params, many, context)

    commit = connection._commit
    connection._commit = lambda: (tell(), commit())[1]
    try:
        with connection.execute_wrapper(execute):
            yield asked
    finally:
        connection._commit = commit


def survives(work: Callable[[], object], *, between: Callable[[], None]) -> int:
    """Do the work again and again, the server dying one statement later each time, until it gets through.

    Returns how many deaths it took; `between` looks at what each left behind.
    """
    deaths = 0
    while True:
        connection.ensure_connection()
        with dying_before(deaths) as asked, suppress(DatabaseError, InterfaceError):
            work()
        if next(asked) <= deaths:
            return deaths
        connection.close()
        between()
        deaths += 1


def all_ties() -> None:
    for holds in (*INVARIANTS, the_report_ties):
        holds()


def notice_of(order: ordering.PaymentOrder) -> dict[str, str]:
    fields = {
        "vnp_TmnCode": TERMINAL,
        "vnp_TxnRef": order.code,
        "vnp_Amount": str(order.amount * 100),
        "vnp_ResponseCode": "00",
        "vnp_TransactionStatus": "00",
        "vnp_TransactionNo": "14226112",
    }
    return fields | {"vnp_SecureHash": Vnpay(terminal=TERMINAL, secret=SECRET).sign(joined(fields))}


def the_way_to_the_barrier_is_open() -> None:
    """What the sweep makes of money that has come, wherever the server dies on the way."""
    deaths = survives(desking.confirm_by_itself, between=all_ties)
    deaths += survives(receipting.issue_missing, between=all_ties)
    assert deaths > 20
    assert desking.confirm_by_itself() == receipting.issue_missing() == 0
    all_ties()
    assert list(Bill.objects.with_sums().values_list("outstanding", flat=True)) == [0, 0]
    assert {payment.credit for payment in Payment.objects.with_credit()} == {0}
    assert set(Confirmation.objects.filter(of="fee_confirmed").values_list("state", flat=True)) == {"confirmed"}
    assert Fact.objects.filter(move="confirm", data__of="fee_confirmed").count() == 2
    assert list(Receipt.objects.order_by("number").values_list("number", "amount")) == [(1, 3_000_000), (2, 3_000_000)]
    assert len(list(verify())) == Fact.objects.count()


def leave_all(world: World) -> None:
    for trip in Trip.objects.all():
        world.leave(trip, "B1")
    assert set(Trip.objects.values_list("state", flat=True)) == {"left"}


def test_a_notice_whose_server_dies_is_answered_99_and_counted_when_it_comes_again(world):
    order = ordering.open_order(bills=list(Bill.objects.all()), provider="vnpay", actor=None)
    address = f"/fees/vnpay/ipn/?{urlencode(notice_of(order))}"
    answers = []
    deaths = survives(lambda: answers.append(Client().get(address).json()["RspCode"]), between=all_ties)
    assert deaths > 10
    assert answers[:-1] == ["99"] * deaths
    # The last deaths came after the money was booked, before the notice itself was kept.
    assert answers[-1] in ("00", "02")
    assert ordering.take_vnpay_notice(dict(parse_qsl(address.partition("?")[2])))[0] == "02"
    assert Payment.objects.get().amount == 6_000_000
    the_way_to_the_barrier_is_open()
    leave_all(world)


def test_a_statement_whose_reader_dies_is_read_again_and_each_line_counts_once(world):
    account, day = make_account(), f"{timezone.localdate():%d/%m/%Y}"
    rows = [row(3_000_000, bill.code, f"FT{bill.pk}", day) for bill in Bill.objects.all()]
    rows.append(row(1_000, "không rõ", "FT0", day))
    upload = SimpleUploadedFile("a.csv", "\n".join([HEAD, *rows]).encode())
    file = importing.take_file(account=account, upload=upload, actor=world.officer("fee_centre"))

    def the_sweep_finds_it_again() -> None:
        StatementFile.objects.filter(state="reading").update(begun_at=timezone.now() - 2 * importing.PATIENCE)
        assert importing.unfinished() == [file.pk]
        all_ties()

    assert survives(lambda: importing.read_file(file.pk), between=the_sweep_finds_it_again) > 15
    assert StatementFile.objects.values_list("state", "total", "done", "new", "matched").get() == ("done", 3, 3, 3, 2)
    assert Payment.objects.count() == 2
    all_ties()
