"""The reports tie to the đồng, or say where not; a closed day is kept."""

import io
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from openpyxl import load_workbook

from checkpoints.refusals import Refusal
from fees.models import Bill, CashShift, DayClosing, LedgerEntry, Payment
from fees.selectors.reports import report
from fees.services import closing, counter, paying, refunding
from tests.fees.banks import make_account
from tests.fees.statements.test_importing import bring_in, row
from tests.fees.test_services import correct_weight
from tests.fees.trucks import pay, ready
from tests.world import World, make_gate, make_officer

pytestmark = pytest.mark.django_db


def today(world: World):
    day = timezone.localdate()
    return report(first=day, last=day, gates={world.gate.pk})


def busy_day(world: World) -> None:
    """Bills confirmed, open and lowered; money matched, left over, unknown and given back."""
    for number in range(4):
        ready(world, f"11C0000{number}")
    one, two, three, _four = Bill.objects.order_by("pk")
    officer, day = world.officer("fee_centre"), f"{timezone.localdate():%d/%m/%Y}"
    account = make_account(world.gate)
    bring_in(world, account, row(3_500_000, one.code, "FT1", day), row(777, "không rõ", "FT2", day))
    paying.record_payment(bill=two, amount=1_000_000, method="counter", actor=officer, key="c")
    world.confirm(one.declaration.trips.get(), "fee_centre", "fee_confirmed")
    correct_weight(three.declaration.trips.get(), 10_000)
    refunding.refund(payment=Payment.objects.get(bill=one), amount=200_000, actor=officer, key="r")


def test_a_busy_day_ties(world):
    busy_day(world)
    found = today(world)
    assert (found.assessed, found.confirmed, found.open, found.cancelled) == (
        12_000_000,
        3_000_000,
        7_000_000,
        2_000_000,
    )
    assert (found.received, found.matched, found.unmatched, found.refunded) == (4_500_777, 4_000_000, 300_777, 200_000)
    assert found.by_method == {"bank": 3_500_000, "counter": 1_000_000}
    assert [check.what for check in found.checks if not check.holds] == []
    elsewhere = report(first=found.first, last=found.last, gates={make_gate("tra-linh", "Trà Lĩnh").pk})
    assert (elsewhere.assessed, elsewhere.received, elsewhere.ties) == (0, 0, True)
    before = found.first - timedelta(days=1)
    assert report(first=before, last=before, gates=None).received == 0


def test_the_pages_tell_what_nobody_claimed_what_was_given_back_and_no_hour_that_nobody_knows(world, centre):
    busy_day(world)
    html = centre.get("/fees/reports/").content.decode()
    assert '<dt>Tiền chưa rõ</dt><dd class="strong">777\u00a0₫</dd>' in html
    one, two, *_others = Bill.objects.order_by("pk")
    html = centre.get(f"/fees/bills/{one.code}/").content.decode()
    assert "đã hoàn trả 200.000\u00a0₫" in html
    day = f"{timezone.localdate():%d/%m/%Y}"
    assert f'data-label="Nhận lúc">{day}' in html
    assert f'data-label="Nhận lúc">{day}' not in centre.get(f"/fees/bills/{two.code}/").content.decode()


def test_only_who_collects_at_a_gate_is_offered_to_close_its_day(world, client):
    assert "close-day" in signed(client, world.officer("fee_centre"))
    assert "close-day" not in signed(client, make_officer("industry_trade", gate=None))


def signed(client, user) -> str:
    """The counter as this person sees it."""
    client.force_login(user)
    return client.get("/fees/counter/").content.decode()


def test_what_does_not_tie_is_said_with_the_place(world):
    busy_day(world)
    one = Bill.objects.order_by("pk").first()
    pay(one, 5)
    found = today(world)
    broken = [check for check in found.checks if not check.holds]
    assert [(check.what, check.difference) for check in broken] == [("Chuyển khoản đã ghi = dòng sao kê đã khớp", 5)]
    entry = one.entries.filter(kind="assessed").get()
    LedgerEntry.objects.create(kind="assessed", amount=11, bill=one, assessment=entry.assessment, at=timezone.now())
    assert today(world).checks[1].difference == 11


def test_a_day_is_closed_once_when_all_is_counted_and_ties(world, client):
    busy_day(world)
    officer, day = world.officer("fee_centre"), timezone.localdate()
    client.force_login(officer)
    close = {"gate_id": world.gate.pk, "day": day, "actor": officer}
    with pytest.raises(Refusal, match="Cán bộ fee_centre"):
        closing.close_day(**close)
    counter.close_shift(shift=CashShift.objects.get(), counted=1_000_000, actor=officer)
    closed = closing.close_day(**close)
    assert closed.figures["received"] == 4_500_777
    for wrong, code in (
        ({}, "closed"),
        ({"day": day + timedelta(days=1)}, "not_over"),
        ({"day": day - timedelta(days=400)}, "too_old"),
        ({"actor": make_officer("fee_centre", make_gate("tra-linh", "Trà Lĩnh"))}, "not_yours"),
    ):
        with pytest.raises(Refusal) as refused:
            closing.close_day(**close | wrong)
        assert refused.value.code == code
    address = f"/fees/reports/?from={day}&to={day}&gate={world.gate.pk}"
    assert "số liệu không thay đổi" in client.get(address).content.decode()
    pay(Bill.objects.order_by("pk").last(), 9)
    assert "khác lúc khóa" in client.get(address).content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        DayClosing.objects.update(figures={})
    assert connection.is_usable()


def test_the_page_and_the_workbook_show_the_same(world, client, django_assert_max_num_queries):
    busy_day(world)
    Payment.objects.filter(reference="FT1")
    client.force_login(make_officer("zone_authority", None))
    with django_assert_max_num_queries(32):
        html = client.get("/fees/reports/").content.decode()
    for amount in ("12.000.000", "4.500.777", "200.000", "300.777"):
        assert f"{amount}\u00a0₫" in html
    book = load_workbook(io.BytesIO(client.get("/fees/reports/export/").content))
    sums = {row[0]: row[1] for row in book.worksheets[0].iter_rows(min_row=3, values_only=True)}
    assert (sums["Phí phát sinh"], sums["Đã nhận"], sums["Đã hoàn trả"]) == (12_000_000, 4_500_777, 200_000)
    assert [sheet.max_row for sheet in book.worksheets[1:]] == [5, 3, 2]
    by_bank, at_counter = [row[0] for row in book.worksheets[2].iter_rows(min_row=2)]
    assert (by_bank.number_format, at_counter.number_format) == ("yyyy-mm-dd", "yyyy-mm-dd h:mm:ss")


def test_words_of_a_bank_are_never_a_formula(world, client):
    bring_in(world, make_account(), row(5, '@SUM(1)+cmd|" /C calc"!A0', "FT", f"{timezone.localdate():%d/%m/%Y}"))
    client.force_login(make_officer("fee_centre", None))
    book = load_workbook(io.BytesIO(client.get("/fees/reports/export/").content))
    cells = [cell for row in book.worksheets[3].iter_rows(min_row=2) for cell in row]
    assert {cell.data_type for cell in cells} <= {"inlineStr", "s", "n", "d"}


@pytest.mark.parametrize(
    "query",
    [
        "?from=x&to=31/02",
        "?from=2026-12-01&to=2026-01-01",
        "?gate=9999999",
        "?gate=x'",
        f"?gate={10**40}",
        "?from=0001-01-01",
        "?from=0001-01-01&to=9999-12-31",
    ],
)
def test_odd_periods_are_answered(world, client, query):
    client.force_login(world.officer("fee_centre"))
    assert client.get(f"/fees/reports/{query}").status_code == 200
