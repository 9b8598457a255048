"""From a bank's file to payments: every line once, whatever is brought in twice, late or broken."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from checkpoints.facts import verify
from checkpoints.models import Fact
from checkpoints.refusals import Refusal
from fees.models import Bill, LedgerEntry, Payment, PaymentOrder, RefundRequest, StatementFile, StatementLine
from fees.services import importing, matching, ordering, paying
from fees.statements import Columns
from tests.concurrency.test_door import at_once
from tests.fees.banks import make_account
from tests.fees.trucks import ready
from tests.world import World, make_gate, make_officer

pytestmark = pytest.mark.django_db
HEAD = "Ngày giao dịch;Số tham chiếu;Ghi nợ;Ghi có;Nội dung"


@pytest.fixture
def account(world):
    return make_account()


def bring_in(world: World, account, *rows: str, head: str = HEAD, name: str = "sao-ke.csv") -> StatementFile:
    body = "\n".join([head, *rows]).encode()
    file = importing.take_file(
        account=account, upload=SimpleUploadedFile(name, body), actor=world.officer("fee_centre")
    )
    importing.read_file(file.pk)
    return StatementFile.objects.get(pk=file.pk)


def row(amount: int, text: str, reference: str = "", day: str = "") -> str:
    return f"{day or f'{timezone.localdate():%d/%m/%Y}'};{reference};;{amount};{text}"


def bills(world: World, count: int) -> list[Bill]:
    for number in range(count):
        ready(world, f"11C0000{number}")
    return list(Bill.objects.order_by("pk"))


def rests() -> list[int]:
    return list(Bill.objects.with_sums().order_by("pk").values_list("outstanding", flat=True))


def test_lines_find_their_bills_however_the_bank_writes_the_code(world, account):
    one, two, three, four = bills(world, 4)
    file = bring_in(
        world,
        account,
        row(3_000_000, f"MBVCB.123456.{one.code}.nop phi.CT tu 0011", "FT1"),
        row(3_500_000, f"IBFT {two.code[:5].lower()} {two.code[5:].lower()} cam on", "FT2"),
        row(1_000_000, f"REM TFR AC:0123 O@L_080-{three.code}-NOP PHI", "FT3"),
        row(700_000, "nop phi xe 11C00003", "FT4"),
        "22/11/2026;FT5;55.000;;phí SMS",
    )
    assert (file.state, file.total, file.done, file.new, file.matched) == ("done", 5, 5, 5, 3)
    assert rests() == [0, 0, 2_000_000, 3_000_000]
    assert Payment.objects.with_credit().get(bill=two).credit == 500_000
    first = Payment.objects.get(bill=one)
    assert (first.method, first.reference, first.payer) == ("bank", "FT1", one.payer)
    assert StatementLine.objects.get(reference="FT4").payment is None
    assert len(list(verify())) == Fact.objects.count()
    assert four


def test_the_same_lines_again_change_nothing(world, account):
    one, two = bills(world, 2)
    rows = [row(3_000_000, one.code, "FT1"), row(100, "x"), row(100, "x")]
    bring_in(world, account, *rows)
    before = LedgerEntry.objects.count()
    with pytest.raises(Refusal, match="đã được nhận"):
        bring_in(world, account, *rows)
    file = bring_in(world, account, *rows, row(3_000_000, two.code, "FT2"))
    assert (file.total, file.new, file.matched) == (4, 1, 1)
    assert StatementLine.objects.count() == 4
    assert LedgerEntry.objects.count() == before + 2
    for again in range(2):
        StatementFile.objects.update(state="waiting")
        importing.read_file(file.pk)
        assert (again, LedgerEntry.objects.count()) == (again, before + 2)


def test_several_lines_for_one_bill_and_a_qr_paid_twice(world, account):
    (one,) = bills(world, 1)
    bring_in(world, account, *(row(amount, one.code) for amount in (1_000_000, 2_000_000, 3_000_000)))
    assert rests() == [0]
    assert sum(Payment.objects.with_credit().values_list("credit", flat=True)) == 3_000_000


def test_an_order_is_found_by_its_code(world, account):
    both = bills(world, 2)
    order = ordering.open_order(bills=both, provider="transfer", actor=world.trader)
    bring_in(world, account, row(6_000_000, f"NOP PHI {order.code}", "FT1"))
    assert rests() == [0, 0]
    assert Payment.objects.get().order == order


def test_bills_named_by_their_codes_and_by_orders_are_locked_at_once(world, account):
    """By id, as who pays several does: else the two may wait for each other."""
    one, two, three = bills(world, 3)
    order = ordering.open_order(bills=[one, three], provider="transfer", actor=world.trader)
    with CaptureQueriesContext(connection) as asked:
        bring_in(world, account, row(3_000_000, two.code, "FT1"), row(6_000_000, order.code, "FT2"))
    locks = [query["sql"] for query in asked if 'FROM "fees_bill"' in query["sql"] and "FOR NO KEY" in query["sql"]]
    assert all(str(bill.pk) in re.findall(r"\d+", locks[0].partition(" WHERE ")[2]) for bill in (one, two, three))
    assert rests() == [0, 0, 0]


def test_what_the_bank_told_of_before_is_not_paid_again(world, account):
    (one,) = bills(world, 1)
    tell = {"text": one.code, "amount": 3_000_000, "method": "stub", "reference": "FT1", "key": "told"}
    paying.receive_transfer(**tell)
    bring_in(world, account, row(3_000_000, one.code, "FT1", day=f"{Payment.objects.get().received_at:%d/%m/%Y}"))
    assert Payment.objects.count() == 1
    assert StatementLine.objects.get().payment.key == "told"


def test_a_file_that_does_not_tie_is_refused_whole_and_may_come_again(world, account):
    (one,) = bills(world, 1)
    rows = [row(3_000_000, one.code), "Số dư cuối kỳ;;;1;"]
    file = bring_in(world, account, "Số dư đầu kỳ;;;5;", *rows)
    assert file.state == "refused"
    assert file.problems == [{"code": "does_not_tie", "row": None, "what": "5 + … = 3.000.005 ≠ 1"}]
    assert not StatementLine.objects.exists()
    assert bring_in(world, account, "Số dư đầu kỳ;;;5;", *rows).state == "refused"
    assert rests() == [3_000_000]


def test_columns_are_asked_once_and_saved_for_the_bank(world, account):
    (one,) = bills(world, 1)
    officer = world.officer("fee_centre")
    head = "A;B;C;D;E"
    file = bring_in(world, account, row(3_000_000, one.code), head=head)
    assert file.state == "columns"
    with pytest.raises(Refusal, match="ít nhất"):
        importing.choose_columns(file=file, columns=Columns(day="A"), actor=officer)
    importing.choose_columns(file=file, columns=Columns(day="A", credit="D", text="E"), actor=officer)
    assert importing.unfinished() == [file.pk]
    importing.read_file(file.pk)
    assert rests() == [0]
    assert bring_in(world, account, row(1, "sau"), head=head).state == "done"
    assert bring_in(world, account, row(2, "tiêu đề khác")).state == "done"


GOOD = Columns(day="A", credit="D", text="E")


@pytest.mark.parametrize(
    ("chosen", "code", "words"),
    [
        (
            Columns(day="A", credit="Ghi có", text="Diễn giải"),
            "no_such_heading",
            "Tệp không có cột: Ghi có, Diễn giải.",
        ),
        (Columns(day="Z", credit="D"), "no_such_heading", "Tệp không có cột: Z."),
        (Columns(day="A", credit="D", text="D"), "heading_twice", "Một cột được chọn cho hai mục: D."),
        (Columns(day="E", credit="D"), "no_movement", "Theo các cột này, không dòng nào là giao dịch."),
    ],
)
def test_columns_that_are_not_in_the_file_are_refused_by_name_and_the_good_ones_stay(
    world, account, client, chosen, code, words
):
    officer = world.officer("fee_centre")
    file = bring_in(world, account, row(3, "x"), head="A;B;C;D;E")
    importing.choose_columns(file=file, columns=GOOD, actor=officer)
    with pytest.raises(Refusal) as refused:
        importing.choose_columns(file=file, columns=chosen, actor=officer)
    assert (refused.value.code, str(refused.value).startswith(words)) == (code, True)
    StatementFile.objects.update(state="columns")
    client.force_login(officer)
    answer = client.post(f"/fees/statements/{file.pk}/columns/", chosen.__dict__)
    assert answer.status_code == 422
    assert [str(message) for message in answer.context["messages"]] == [str(refused.value)]
    assert StatementFile.objects.get().state == "columns"
    account.refresh_from_db()
    assert Columns.of(account.columns) == GOOD


def test_another_account_or_stranger_is_refused(world, account):
    swift = b":20:A\n:25:970436/999\n:28C:1\n:60F:C261122VND0,\n:62F:C261122VND0,\n-"
    officer = world.officer("fee_centre")
    file = importing.take_file(account=account, upload=SimpleUploadedFile("a.sta", swift), actor=officer)
    importing.read_file(file.pk)
    assert StatementFile.objects.get().problems[0]["code"] == "other_account"
    elsewhere = make_account(make_gate("tra-linh", "Trà Lĩnh"), "2")
    for who in (world.trader, officer, world.officer("customs")):
        with pytest.raises(Refusal) as refused:
            importing.take_file(account=elsewhere, upload=SimpleUploadedFile("a.csv", b"x"), actor=who)
        assert refused.value.code == "not_yours"


def test_a_reader_that_died_is_followed_by_another(world, account):
    (one,) = bills(world, 1)
    file = bring_in(world, account, row(3_000_000, one.code))
    StatementFile.objects.update(state="reading")
    assert importing.unfinished() == []
    StatementFile.objects.update(begun_at="2026-01-01T00:00Z")
    assert importing.unfinished() == [file.pk]
    importing.read_file(file.pk)
    again = StatementFile.objects.get()
    assert (again.state, again.done, again.new, again.matched) == ("done", 1, 1, 1)
    assert rests() == [0]


def test_unknown_money_is_assigned_set_aside_or_sent_back(world, account):
    one, two = bills(world, 2)
    officer = world.officer("fee_centre")
    bring_in(world, account, *(row(3_000_000, f"không rõ {number}", f"FT{number}") for number in range(4)))
    lines = list(StatementLine.objects.order_by("pk"))
    matching.assign_line(line=lines[0], bill=one, actor=officer)
    matching.set_aside(line=lines[1], aside="settlement", actor=officer)
    request = matching.send_back(line=lines[2], actor=officer, to="0123 VCB", reason="không rõ người nộp")
    assert rests() == [0, 3_000_000]
    assert (request.amount, request.payment.payer, request.payment.entries.get().kind) == (3_000_000, None, "received")
    for line in lines[:3]:
        with pytest.raises(Refusal) as refused:
            matching.assign_line(line=line, bill=two, actor=officer)
        assert refused.value.code == "line_settled"
    for who in (world.trader, make_officer("fee_centre", make_gate("tra-linh", "Trà Lĩnh"))):
        with pytest.raises(Refusal) as refused:
            matching.assign_line(line=lines[3], bill=two, actor=who)
        assert refused.value.code == "not_yours"
    assert RefundRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_file_read_by_three_workers_counts_once(transactional_db):
    world = World()
    account = make_account()
    both = bills(world, 2)
    body = "\n".join([HEAD, *(row(3_000_000, bill.code) for bill in both)]).encode()
    officer = world.officer("fee_centre")
    files = [
        importing.take_file(account=account, upload=SimpleUploadedFile("a.csv", body + end), actor=officer)
        for end in (b"", b"\n", b"\n\n")
    ]
    at_once(*(lambda file=file: importing.read_file(file.pk) for file in files))
    assert set(StatementFile.objects.values_list("state", flat=True)) == {"done"}
    assert rests() == [0, 0]
    assert Payment.objects.count() == 2
    assert not PaymentOrder.objects.exists()
