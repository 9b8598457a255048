"""Numbers, money and days as people type them."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from declarations.forms.fields import DayField, DongField, NumberField, PlateField, Text, read_number, write_number


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=3))
def test_what_is_written_is_read_back(number):
    assert read_number(write_number(number)) == number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("30.000", 30_000),
        ("1,5", Decimal("1.5")),
        ("1.5", Decimal("1.5")),
        ("1.250,75", Decimal("1250.75")),
        ("1,250.75", Decimal("1250.75")),
        ("1,250,000", 1_250_000),
        ("0,125", Decimal("0.125")),
        (" 12 500 ", 12_500),
        ("１２", 12),
    ],
)
def test_numbers_as_written_here(typed, number):
    assert NumberField(whole=11, places=3).clean(typed) == number


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("30,000", "“30,000” có thể đọc hai cách: hãy ghi 30.000 hoặc 30."),
        ("mười", "Hãy ghi một số, ví dụ 1.250 hoặc 1,5."),
        ("-5", "Số không được âm."),
        ("1,23456", "Nhiều nhất 3 chữ số sau dấu phẩy."),
        ("999999999999", "Số quá lớn."),
        ("1e5", "Hãy ghi một số, ví dụ 1.250 hoặc 1,5."),
        (float("nan"), "Hãy ghi một số, ví dụ 1.250 hoặc 1,5."),
        (float("inf"), "Hãy ghi một số, ví dụ 1.250 hoặc 1,5."),
    ],
)
def test_what_is_no_number_is_told(typed, said):
    with pytest.raises(ValidationError) as error:
        NumberField(whole=11, places=3).clean(typed)
    assert error.value.messages == [said]


@pytest.mark.parametrize(
    ("typed", "dong"), [("300.000.000", 300_000_000), ("300,000", 300_000), ("1.250.000 ₫", 1_250_000), ("", None)]
)
def test_money_is_whole_dong(typed, dong):
    assert DongField().clean(typed) == dong


@pytest.mark.parametrize("typed", ["1,5", "-1", "12.5", Decimal("0.5")])
def test_a_fraction_or_less_than_nothing_is_no_money(typed):
    with pytest.raises(ValidationError):
        DongField().clean(typed)


@pytest.mark.parametrize("typed", ["22/11/2026", "2026-11-22", " 22-11-2026 ", "22.11.2026", date(2026, 11, 22)])
def test_days_in_the_usual_spellings(typed):
    assert DayField().clean(typed) == date(2026, 11, 22)


@pytest.mark.parametrize("typed", ["31/02/2026", "hôm nay", "22/11/0026", 45_000])
def test_what_is_no_day_is_told(typed):
    with pytest.raises(ValidationError):
        DayField().clean(typed)


def test_a_plate_is_kept_in_its_normal_form_and_shown_for_people():
    field = PlateField()

    assert field.clean("11c - 123.45") == "11C12345"
    assert field.prepare_value("11C12345") == "11C-123.45"


def test_what_is_too_long_is_told_by_its_kept_length():
    field = Text(max_length=5)

    assert field.clean("  a   b  ") == "a b"
    with pytest.raises(ValidationError, match="Dài quá 5 ký tự"):
        field.clean("abcdef")
