"""One spelling for what is typed, and forms that hold for every number made by their rule."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import iso6346
from stdnum.vn import mst

from declarations import validators

digits = st.text("0123456789", min_size=9, max_size=9)


@given(st.text())
def test_a_text_is_kept_in_nfc_on_one_line_and_keeping_it_again_changes_nothing(text):
    kept = validators.normal_text(text)

    assert unicodedata.is_normalized("NFC", kept)
    assert "\n" not in kept
    assert validators.normal_text(kept) == kept


def test_decomposed_letters_and_invisible_signs_are_folded():
    assert validators.normal_text(unicodedata.normalize("NFD", "  Hạt\u200b điều  nhân ")) == "Hạt điều nhân"
    assert validators.normal_lines("một \n\n hai\x00\n") == "một\n\nhai"


@given(st.text())
def test_every_normal_form_is_stable(text):
    for normal in (
        validators.normal_tax_code,
        validators.normal_container,
        validators.normal_phone,
        validators.normal_hs_code,
        validators.normal_customs_number,
    ):
        assert normal(normal(text)) == normal(text)


@given(digits, st.integers(1, 999))
def test_tax_codes_with_their_check_digit_are_known_and_with_another_are_not(body, branch):
    assume(body[2:] != "0000000")
    try:
        check = mst.calc_check_digit(body)
    except ValueError:
        assume(False)
    assume(len(check) == 1)
    code = body + check

    assert validators.is_tax_code(code)
    assert validators.is_tax_code(validators.normal_tax_code(f"{code}-{branch:03d}"))
    assert not validators.is_tax_code(body + str((int(check) + 1) % 10))


@pytest.mark.parametrize(
    ("typed", "kept", "known"),
    [
        ("0100109106", "0100109106", True),
        ("0100 109 106", "0100109106", True),
        ("0100109106001", "0100109106-001", True),
        ("0100109106-001", "0100109106-001", True),
        ("004089001234", "004089001234", True),
        ("0100109107", "0100109107", False),
        ("12345", "12345", False),
        ("", "", False),
    ],
)
def test_tax_codes_of_ten_thirteen_and_twelve_digits(typed, kept, known):
    assert validators.normal_tax_code(typed) == kept
    assert validators.is_tax_code(kept) is known


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3), st.integers(0, 999_999), st.sampled_from("UJZ"))
def test_a_container_is_known_by_its_check_digit_alone(owner, serial, category):
    number = f"{owner}{category}{serial:06d}"
    check = iso6346.calc_check_digit(number)

    assert validators.is_container(number + check)
    assert not validators.is_container(number + str((int(check) + 1) % 10))
    assert validators.normal_container(f"{number[:4].lower()} {number[4:]}-{check}") == number + check


@pytest.mark.parametrize("number", ["CSQU3054383", "MSKU6011672", "GESU3927660"])
def test_containers_of_the_standard(number):
    assert validators.is_container(number)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0912 345 678", "0912345678"),
        ("+84 912.345.678", "0912345678"),
        ("84912345678", "0912345678"),
        ("912345678", "0912345678"),
        ("138 1234 5678", "+8613812345678"),
        ("+86 138-1234-5678", "+8613812345678"),
        ("hỏi anh Sình", "hỏi anh Sình"),
    ],
)
def test_phones_of_both_countries_have_one_spelling(typed, kept):
    assert validators.normal_phone(typed) == kept


@pytest.mark.parametrize(
    ("phone", "known"),
    [("0912345678", True), ("+8613812345678", True), ("0112", False), ("hỏi anh Sình", False), ("+15551234567", False)],
)
def test_phones_that_may_be_called(phone, known):
    assert validators.is_phone(phone) is known


@pytest.mark.parametrize(
    ("code", "known"),
    [("11081400", True), ("1108140", False), ("77010000", False), ("00010000", False), ("1108140a", False)],
)
def test_hs_codes_have_eight_digits_of_a_chapter(code, known):
    assert validators.is_hs_code(code) is known


@pytest.mark.parametrize(
    ("number", "known"), [("308508812340", True), ("108200812340", True), ("208200812340", False), ("3085", False)]
)
def test_customs_numbers_tell_import_from_export(number, known):
    assert validators.is_customs_number(number) is known
