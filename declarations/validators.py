"""The forms of what a declaration names: texts, tax codes, containers, phones, customs numbers and HS codes.

`normal_*` gives the one spelling that is kept, whatever was typed; `is_*` says whether that spelling is of a known
form. Which of them must hold, and which only warn, is decided in `declarations.checks`. Sources: Thông tư
86/2024/TT-BTC (tax codes), ISO 6346 (containers), AHTN (HS codes).
"""

import re
import unicodedata

import phonenumbers
from stdnum import iso6346
from stdnum.exceptions import ValidationError as NumberError
from stdnum.vn import mst

_INVISIBLE = dict.fromkeys(
    code
    for code in range(0x10000)
    if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Co") and chr(code) not in "\n\t\r"
)
_SEPARATORS = re.compile(r"[\s.\-/_]+")
_CN_MOBILE = re.compile(r"1[3-9]\d{9}")
_VN_SHORT = re.compile(r"[35789]\d{8}")


def normal_text(text: str) -> str:
    """One line in NFC, without invisible signs, spaces folded."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_INVISIBLE).split())


def normal_lines(text: str) -> str:
    """Several lines in NFC, each folded, blank ones at the ends dropped."""
    return "\n".join(normal_text(line) for line in text.strip().splitlines()).strip()


def folded(text: str) -> str:
    """For comparing words: lower case, no diacritics, single spaces."""
    bare = unicodedata.normalize("NFKD", text.replace("Đ", "D").replace("đ", "d"))
    return " ".join("".join(char for char in bare if not unicodedata.combining(char)).lower().split())


def bare_code(text: str) -> str:
    """Upper case without separators, full-width signs folded."""
    bare = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text).translate(_INVISIBLE)).upper()
    return unicodedata.normalize("NFKC", bare)


def normal_tax_code(text: str) -> str:
    """Ten digits, ten and a branch as `0123456789-001`, or a personal number of twelve; else as typed."""
    digits = bare_code(text)
    return f"{digits[:10]}-{digits[10:]}" if re.fullmatch(r"\d{13}", digits) else digits


def is_tax_code(code: str) -> bool:
    """Ten digits with their check digit, ten and a branch, or the twelve of a personal identity number."""
    digits = bare_code(code)
    if re.fullmatch(r"0\d{11}", digits):
        return True
    try:
        mst.validate(digits)
    except NumberError:
        return False
    return True


def normal_container(text: str) -> str:
    return bare_code(text)


def is_container(code: str) -> bool:
    """ISO 6346: owner, category, serial number and a check digit that fits."""
    return re.fullmatch(r"[A-Z]{3}[UJZR]\d{7}", code) is not None and iso6346.calc_check_digit(code[:10]) == code[10]


def normal_phone(text: str) -> str:
    """A Vietnamese number as `0912345678`, any other with its country as `+8613812345678`; else as typed.

    Eleven digits from 13 to 19 are a Chinese mobile number. Nine that lost their zero in a spreadsheet get it back.
    """
    typed = normal_text(unicodedata.normalize("NFKC", text))
    digits = re.sub(r"[\s.\-()/]+", "", typed)
    if _CN_MOBILE.fullmatch(digits):
        digits = f"+86{digits}"
    elif _VN_SHORT.fullmatch(digits):
        digits = f"0{digits}"
    number = _parsed(digits)
    if number is None:
        return typed
    if number.country_code == 84:
        return f"0{number.national_number}"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_phone(text: str) -> bool:
    """Whether the number may be called in Viet Nam or China."""
    number = _parsed(text)
    return number is not None and number.country_code in (84, 86) and phonenumbers.is_valid_number(number)


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    if not re.fullmatch(r"\+?\d{8,15}", text):
        return None
    try:
        return phonenumbers.parse(text, "VN")
    except phonenumbers.NumberParseException:
        return None


def normal_hs_code(text: str) -> str:
    return bare_code(text)


def is_hs_code(code: str) -> bool:
    """Eight digits of the ASEAN tariff: a chapter from 01 to 97 first; 77 is kept free."""
    return re.fullmatch(r"\d{8}", code, re.ASCII) is not None and code[:2] not in ("00", "77", "98", "99")


def normal_customs_number(text: str) -> str:
    return bare_code(text)


def is_customs_number(number: str) -> bool:
    """Twelve digits, of an import (1…) or an export (3…)."""
    return re.fullmatch(r"[13]\d{11}", number, re.ASCII) is not None
