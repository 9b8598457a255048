"""The one normal form of plates and the forms known of both countries."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarations.plates import (
    CN_PROVINCES,
    VN_LOCAL_CODES,
    VN_SERIES,
    Kind,
    display,
    normalise,
    parse,
)

SEPARATORS = st.sampled_from(["", "-", ".", " ", "·", "/", " - ", "・"])
DIGITS = st.text(string.digits, min_size=3, max_size=5)


@given(st.text())
def test_normalising_twice_is_normalising_once(text):
    assert normalise(normalise(text)) == normalise(text)


@given(st.text())
def test_any_text_is_parsed_and_never_changed_beyond_its_normal_form(text):
    plate = parse(text)
    assert plate.text == normalise(text)
    assert normalise(plate.shown) == plate.text


@given(st.sampled_from(VN_LOCAL_CODES), st.sampled_from(VN_SERIES + "Đ"), DIGITS, SEPARATORS, SEPARATORS)
def test_every_spelling_of_a_vietnamese_car_is_one_plate(code, letter, digits, first, second):
    letter = "D" if letter == "Đ" else letter
    plate = parse(f"{code}{first}{letter.lower()}{second}{digits[:3]}{first}{digits[3:]}")
    assert (plate.text, plate.country, plate.kind) == (f"{code}{letter}{digits}", "VN", Kind.CIVIL)
    assert plate.province == code
    assert plate.complete


@given(
    st.sampled_from(CN_PROVINCES),
    st.sampled_from("ABCDEFGHJKLMNPQRSTUVWXYZ"),
    st.text("ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=0, max_size=2),
    SEPARATORS,
)
def test_a_chinese_plate_is_known_with_and_without_its_province(province, city, letters, separator):
    serial = letters + "12345"[len(letters) :]
    whole = parse(f"{province}{city}{separator}{serial}")
    assert (whole.country, whole.kind, whole.province, whole.complete) == ("CN", Kind.CIVIL, province, True)
    bare = parse(f"{city}{separator}{serial}", country="CN")
    assert (bare.country, bare.kind, bare.province, bare.complete) == ("CN", Kind.CIVIL, "", False)
    assert whole.without_province == bare.text == bare.without_province


@pytest.mark.parametrize(
    ("typed", "normal", "country", "kind", "shown"),
    [
        ("11c-123.45", "11C12345", "VN", Kind.CIVIL, "11C-123.45"),
        ("１１Ｃ １２３４５", "11C12345", "VN", Kind.CIVIL, "11C-123.45"),
        ("30S-4593", "30S4593", "VN", Kind.CIVIL, "30S-4593"),
        ("11A 123", "11A123", "VN", Kind.CIVIL, "11A-123"),
        ("15R-123.45", "15R12345", "VN", Kind.TRAILER, "15R-123.45"),
        ("34RM-012.34", "34RM01234", "VN", Kind.TRAILER, "34RM-012.34"),
        ("98R-0123", "98R0123", "VN", Kind.TRAILER, "98R-0123"),
        ("50LD-044.11", "50LD04411", "VN", Kind.SPECIAL, "50LD-044.11"),
        ("29MĐ-001.23", "29MD00123", "VN", Kind.SPECIAL, "29MD-001.23"),
        ("68-C1 375.20", "68C137520", "VN", Kind.MOTORBIKE, "68-C1 375.20"),
        ("80-123-NG-01", "80123NG01", "VN", Kind.FOREIGN, "80-123-NG-01"),
        ("41 NN 123 45", "41NN12345", "VN", Kind.FOREIGN, "41-NN-123-45"),
        ("QB 12-34", "QB1234", "VN", Kind.MILITARY, "QB 12-34"),
        ("T11-123.45", "T1112345", "VN", Kind.TEMPORARY, "T11-123.45"),
        ("桂F·12345", "桂F12345", "CN", Kind.CIVIL, "桂F·12345"),
        ("粵B A12B3", "粤BA12B3", "CN", Kind.CIVIL, "粤B·A12B3"),
        ("粤OA9112", "粤OA9112", "CN", Kind.CIVIL, "粤O·A9112"),
        ("桂L1234掛", "桂L1234挂", "CN", Kind.TRAILER, "桂L·1234挂"),
        ("皖Q0686学", "皖Q0686学", "CN", Kind.DRIVING_SCHOOL, "皖Q·0686学"),
        ("鄂F8888警", "鄂F8888警", "CN", Kind.POLICE, "鄂F·8888警"),
        ("粤ZR066港", "粤ZR066港", "CN", Kind.HONG_KONG, "粤Z·R066港"),
        ("粤Z1234澳", "粤Z1234澳", "CN", Kind.MACAU, "粤Z·1234澳"),
        ("沪A1707领", "沪A1707领", "CN", Kind.CONSULAR, "沪A·1707领"),
        ("使014·578", "使014578", "CN", Kind.EMBASSY, "使014·578"),
        ("沪AF71017", "沪AF71017", "CN", Kind.NEW_ENERGY_SMALL, "沪A·F71017"),
        ("桂A12345D", "桂A12345D", "CN", Kind.NEW_ENERGY_LARGE, "桂A·12345D"),
        ("皖19 46673", "皖1946673", "CN", Kind.FARM, "皖19·46673"),
        ("FF0123", "FF0123", "CN", Kind.CIVIL, "F·F0123"),
    ],
)
def test_known_forms(typed, normal, country, kind, shown):
    plate = parse(typed)
    assert (plate.text, plate.country, plate.kind, plate.shown) == (normal, country, kind, shown)
    assert plate.known_form
    assert display(typed) == shown


@pytest.mark.parametrize("text", ["", "---", "XE TẢI", "0123456", "11C1234567", "桂桂12345", "ABCDEF", "กข 1234"])
def test_what_fits_no_form_is_still_a_plate_marked_so(text):
    plate = parse(text)
    assert not plate.known_form
    assert plate.country is None
    assert plate.shown == plate.text


def test_a_text_of_both_countries_is_told_apart_by_the_country():
    assert parse("TH1234").kind == Kind.MILITARY
    assert parse("TH1234", country="CN").shown == "T·H1234"
    assert not parse("11C12345", country="CN").known_form


def test_colour_is_a_guess_by_kind():
    assert parse("11C12345").likely_colour == "yellow"
    assert parse("桂L1234挂").likely_colour == "yellow"
    assert parse("TH1234").likely_colour == "red"
    assert parse("nothing").likely_colour is None
