"""Amounts and days as banks write them."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fees.statements.values import WrongValue, day, dong


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1.250.000,00", 1_250_000),
        ("1,250,000.00", 1_250_000),
        ("1.250.000", 1_250_000),
        ("1 250 000", 1_250_000),
        ("1'250'000", 1_250_000),
        ("1250000", 1_250_000),
        ("1250000.0", 1_250_000),
        ("1.250", 1_250),
        ("(500)", -500),
        ("(1.500,00)", -1_500),
        ("500-", -500),
        ("-500", -500),
        ("+500", 500),
        ("1.000 VND", 1_000),
        ("1.000 ₫", 1_000),
        ("1.000đ", 1_000),
        ("0", 0),
        ("", None),
        (" - ", None),
        (None, None),
        (500, 500),
        (500.0, 500),
        (Decimal("-500.00"), -500),
    ],
)
def test_an_amount_is_read(written, amount):
    assert dong(written) == amount


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1.250.000,50", "not_whole"),
        ("1,25", "not_whole"),
        (0.5, "not_whole"),
        ("=SUM(A1:A9)", "formula"),
        ("1.25.000", "not_whole"),
        ("một triệu", "not_a_number"),
        ("٥٠٠", "not_a_number"),
        ("1e6", "not_a_number"),
        ("--5", "not_a_number"),
        ("#REF!", "not_a_number"),
        (True, "not_a_number"),
        (float("nan"), "not_a_number"),
        (float("inf"), "not_a_number"),
        ("9" * 20, "too_big"),
        (10**16, "too_big"),
    ],
)
def test_what_is_no_whole_dong_is_refused(written, code):
    with pytest.raises(WrongValue) as refused:
        dong(written)
    assert refused.value.args[0] == code


@given(st.integers(-(10**12), 10**12))
def test_every_way_of_writing_reads_back(amount):
    dotted = f"{abs(amount):,}".replace(",", ".")
    for written in (f"{amount:,}", f"{amount:,}.00", f"({dotted},00)" if amount < 0 else f"{dotted},00", amount):
        assert dong(written) == amount


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("22/11/2026", date(2026, 11, 22)),
        ("2/1/2026", date(2026, 1, 2)),
        ("22-11-26", date(2026, 11, 22)),
        ("22.11.2026", date(2026, 11, 22)),
        ("22/11/2026 14:05:33", date(2026, 11, 22)),
        ("22/11/2026 02:05 PM", date(2026, 11, 22)),
        ("2026-11-22", date(2026, 11, 22)),
        ("2026-11-22T14:05:33+07:00", date(2026, 11, 22)),
        ("20261122", date(2026, 11, 22)),
        (datetime.combine(date(2026, 11, 22), time(14, 5)), date(2026, 11, 22)),
        (date(2026, 11, 22), date(2026, 11, 22)),
        ("", None),
        (None, None),
    ],
)
def test_a_day_is_read(written, read):
    assert day(written) == read


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("31/02/2026", "no_such_day"),
        ("11/22/2026", "no_such_day"),
        ("01/01/1999", "no_such_day"),
        ("hôm qua", "not_a_day"),
        (46000, "not_a_day"),
    ],
)
def test_what_is_no_day_is_refused(written, code):
    with pytest.raises(WrongValue) as refused:
        day(written)
    assert refused.value.args[0] == code
