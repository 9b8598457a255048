"""Whether goods are Vietnamese, foreign, or nobody can tell."""

import unicodedata

import pytest

from fees.origins import origin_of


@pytest.mark.parametrize(
    "text",
    [
        "Việt Nam",
        unicodedata.normalize("NFD", "Việt Nam"),
        "VIỆT  NAM ",
        "vietnam",
        "Viet Nam",
        "Viet-Nam.",
        "VN",
        "vnm",
        "ＶＮ",
        "CHXHCN Việt Nam",
        "越南",
    ],
)
def test_the_usual_spellings_of_viet_nam(text):
    assert origin_of(text) == "vietnam"


@pytest.mark.parametrize("text", ["Trung Quốc", "CN", "China", "中国", "P.R. China", "CHDCND Lào", "Đức", "Úc", "Mỹ"])
def test_other_countries_are_foreign(text):
    assert origin_of(text) == "foreign"


@pytest.mark.parametrize("text", ["", " ", "-", "Cao Bằng", "Việt Nam, Trung Quốc", "nước ngoài", "V", "N" * 100])
def test_what_names_no_country_is_nothing(text):
    assert origin_of(text) == ""
