"""Number plates as text: the one normal form, and the forms that Viet Nam and China issue.

The normal form is upper case without separators, Đ as D, full-width folded, traditional Han characters of
plates as their simplified ones: `11C12345`, `15R12345`, `桂F12345`. A form known here is a hint for people and for
the plate reader, never a condition: any text is accepted, and one that fits no form is still a plate.

Sources: Thông tư 24/2023/TT-BCA and its successor 79/2024/TT-BCA for Viet Nam; GA 36 for China.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

VN_LOCAL_CODES = tuple(str(code) for code in range(11, 100) if code not in {13, 42, 44, 45, 46, 87, 91, 96})
"""Local codes in use; 80 is the central authorities' block."""

VN_SERIES = "ABCDEFGHKLMNPSTUVXYZ"
"""The twenty series letters of cars; R stands for trailers."""

VN_SPECIAL_SERIES = ("CD", "DA", "HC", "KT", "LD", "MD", "MK", "TD")

VN_MILITARY_PREFIXES = tuple(
    first + second
    for first, seconds in {
        "A": "ABCDNPTV",
        "B": "BCHKLPSTV",
        "C": "ABHPV",
        "D": "B",
        "H": "ABCDEHLNQT",
        "K": "ABCDKNPTV",
        "N": "D",
        "P": "ACKMPQTXY",
        "Q": "ABCHKM",
        "T": "CHKMNT",
        "V": "BKT",
    }.items()
    for second in seconds
)

CN_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
CN_SUFFIXES = "挂学警港澳领"
CN_ENERGY_LETTERS = "DABCEFGHJK"
"""New-energy marks: D A B C E pure electric, F G H J K others."""

_TRADITIONAL = str.maketrans("滬雲遼魯蘇贛鄂晉陝閩貴粵寧瓊掛學領", "沪云辽鲁苏赣鄂晋陕闽贵粤宁琼挂学领")
_STROKED_D = str.maketrans("ĐđÐð", "DDDD")


Country = Literal["VN", "CN"]


class Kind(StrEnum):
    """What a plate is issued for, as far as its text tells."""

    CIVIL = "civil"
    MOTORBIKE = "motorbike"
    TRAILER = "trailer"
    SPECIAL = "special"
    FOREIGN = "foreign"
    MILITARY = "military"
    TEMPORARY = "temporary"
    NEW_ENERGY_SMALL = "new_energy_small"
    NEW_ENERGY_LARGE = "new_energy_large"
    DRIVING_SCHOOL = "driving_school"
    POLICE = "police"
    HONG_KONG = "hong_kong"
    MACAU = "macau"
    CONSULAR = "consular"
    EMBASSY = "embassy"
    FARM = "farm"


@dataclass(frozen=True)
class Plate:
    """A plate in normal form with what its text tells.

    `country` is "VN", "CN" or None; `kind` None means that no form fits. `province` is the local code or the
    Han character, empty where the text has none; `shown` is the plate as written for people.
    """

    text: str
    country: Country | None = None
    kind: Kind | None = None
    province: str = ""
    complete: bool = True
    shown: str = ""

    @property
    def known_form(self) -> bool:
        return self.kind is not None

    @property
    def without_province(self) -> str:
        """The text without its Han province character: what people type and cameras read most surely."""
        return self.text[1:] if self.country == "CN" and self.text[:1] == self.province != "" else self.text

    @property
    def likely_colour(self) -> str | None:
        """The ground colour most plates of this kind have here; a guess only."""
        return _COLOURS.get((self.country, self.kind))


@dataclass(frozen=True)
class _Form:
    country: Country
    kind: Kind
    pattern: re.Pattern
    shown: str


def _form(country: Country, kind: Kind, pattern: str, shown: str) -> _Form:
    return _Form(country, kind, re.compile(pattern), shown)


_VN = r"(?P<province>[1-9]\d)(?P<series>{series})(?P<number>{digits})"
_SERIES = f"[{VN_SERIES}]"
_CITY = "(?P<city>[A-HJ-NP-Z])"
_ANY = "[A-HJ-NP-Z0-9]"
_HAN = f"(?P<province>[{CN_PROVINCES}])"
_SMALL = rf"(?P<number>[{CN_ENERGY_LETTERS}]{_ANY}\d{{4}})"
_LARGE = rf"(?P<number>\d{{5}}[{CN_ENERGY_LETTERS}])"
_MARKED = {
    "挂": Kind.TRAILER,
    "学": Kind.DRIVING_SCHOOL,
    "警": Kind.POLICE,
    "港": Kind.HONG_KONG,
    "澳": Kind.MACAU,
    "领": Kind.CONSULAR,
}

_FORMS = (
    _form("VN", Kind.CIVIL, _VN.format(series=_SERIES, digits=r"\d{3,5}"), "{province}{series}-{number}"),
    _form("VN", Kind.TRAILER, _VN.format(series="RM?", digits=r"\d{3,5}"), "{province}{series}-{number}"),
    _form(
        "VN",
        Kind.SPECIAL,
        _VN.format(series="|".join(VN_SPECIAL_SERIES), digits=r"\d{4,5}"),
        "{province}{series}-{number}",
    ),
    _form(
        "VN",
        Kind.FOREIGN,
        r"(?P<province>[1-9]\d)(?P<nation>\d{3})(?P<series>NG|NN|QT|CV)(?P<number>\d\d)",
        "{province}-{nation}-{series}-{number}",
    ),
    _form(
        "VN",
        Kind.FOREIGN,
        r"(?P<province>[1-9]\d)(?P<series>NG|NN|QT|CV)(?P<nation>\d{3})(?P<number>\d\d)",
        "{province}-{series}-{nation}-{number}",
    ),
    _form(
        "VN",
        Kind.MOTORBIKE,
        _VN.format(series=rf"{_SERIES}[1-9{VN_SERIES}]", digits=r"\d{4,5}"),
        "{province}-{series} {number}",
    ),
    _form(
        "VN",
        Kind.TEMPORARY,
        r"(?P<mark>T)(?P<province>[1-9]\d)(?P<number>\d{4,5})",
        "{mark}{province}-{number}",
    ),
    _form(
        "VN",
        Kind.MILITARY,
        rf"(?P<series>{'|'.join(VN_MILITARY_PREFIXES)})(?P<first>\d\d)(?P<second>\d\d)",
        "{series} {first}-{second}",
    ),
    *(
        _form(
            "CN",
            kind,
            rf"{_HAN}?{_CITY}(?P<number>{_ANY}{{4}}){mark}",
            f"{{province}}{{city}}·{{number}}{mark}",
        )
        for mark, kind in _MARKED.items()
    ),
    _form("CN", Kind.CIVIL, rf"{_HAN}(?P<city>[A-HJ-Z])(?P<number>{_ANY}{{5}})", "{province}{city}·{number}"),
    _form("CN", Kind.NEW_ENERGY_SMALL, rf"{_HAN}?{_CITY}{_SMALL}", "{province}{city}·{number}"),
    _form("CN", Kind.NEW_ENERGY_LARGE, rf"{_HAN}?{_CITY}{_LARGE}", "{province}{city}·{number}"),
    _form("CN", Kind.EMBASSY, r"(?P<mark>使)(?P<nation>\d{3})(?P<number>\d{3})", "{mark}{nation}·{number}"),
    _form("CN", Kind.EMBASSY, r"(?P<nation>\d{3})(?P<number>\d{3})(?P<mark>使)", "{nation}·{number}{mark}"),
    _form("CN", Kind.FARM, rf"{_HAN}(?P<city>\d\d)(?P<number>\d{{5}})", "{province}{city}·{number}"),
    _form("CN", Kind.CIVIL, rf"{_CITY}(?=(?:.*\d){{2}})(?P<number>{_ANY}{{5}})", "{city}·{number}"),
)
"""In the order in which they are tried: where two share a text, the commoner at this border stands first."""

_COLOURS: dict[tuple[str | None, Kind | None], str] = {
    ("VN", Kind.CIVIL): "yellow",
    ("VN", Kind.MOTORBIKE): "white",
    ("VN", Kind.TRAILER): "yellow",
    ("VN", Kind.SPECIAL): "white",
    ("VN", Kind.FOREIGN): "white",
    ("VN", Kind.MILITARY): "red",
    ("VN", Kind.TEMPORARY): "white",
    ("CN", Kind.CIVIL): "blue",
    ("CN", Kind.TRAILER): "yellow",
    ("CN", Kind.DRIVING_SCHOOL): "yellow",
    ("CN", Kind.POLICE): "white",
    ("CN", Kind.HONG_KONG): "black",
    ("CN", Kind.MACAU): "black",
    ("CN", Kind.CONSULAR): "black",
    ("CN", Kind.EMBASSY): "black",
    ("CN", Kind.FARM): "green",
    ("CN", Kind.NEW_ENERGY_SMALL): "green",
    ("CN", Kind.NEW_ENERGY_LARGE): "green",
}


def normalise(text: str) -> str:
    """The one normal form of a plate as typed, read or stored; empty for a text without any sign."""
    folded = unicodedata.normalize("NFKC", text).translate(_STROKED_D).upper()
    bare = (char for char in unicodedata.normalize("NFKD", folded) if char.isalnum())
    return unicodedata.normalize("NFC", "".join(bare)).translate(_TRADITIONAL)


def parse(text: str, *, country: str | None = None) -> Plate:
    """What a plate's text tells, from any spelling of it.

    `country` limits the forms to those of "VN" or "CN": a few texts fit both (`TH1234` is a Vietnamese military
    plate and a Chinese one typed without its province). A Chinese plate without its Han character is of a known
    form, but not `complete`.
    """
    plate = normalise(text)
    for form in _FORMS:
        if country in (None, form.country) and (match := form.pattern.fullmatch(plate)):
            groups = {name: value or "" for name, value in match.groupdict().items()}
            province = groups.get("province", "")
            if form.country == "VN":
                groups["number"] = _dotted(groups.get("number", ""))
            complete = bool(province) or form.kind in (Kind.MILITARY, Kind.EMBASSY)
            return Plate(plate, form.country, form.kind, province, complete, form.shown.format(**groups))
    return Plate(plate, shown=plate)


def display(text: str) -> str:
    """The plate as written for people, `11C-123.45` or `桂F·12345`; the normal form where no form fits."""
    return parse(text).shown


def _dotted(number: str) -> str:
    return f"{number[:3]}.{number[3:]}" if len(number) == 5 else number
