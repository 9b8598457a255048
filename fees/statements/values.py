"""Amounts and days as banks write them."""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

_SIGNS = re.compile(r"\s|\u00a0|₫|đồng|vnđ|vnd|đ", re.IGNORECASE)
_ZEROS = re.compile(r"[.,]0{1,2}$")
_GROUPED = re.compile(r"\d{1,3}(?:([.,'])\d{3}(?:\1\d{3})*)?|\d+")
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?:[ T,]+[\d:.]+(?: ?[AP]M)?)?", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})[/.-]?(\d{2})[/.-]?(\d{2})(?:[ T]+[\d:.+Z-]+)?")
MOST = 10**15


class WrongValue(ValueError):
    """What stands there is no amount, or no day; the code says why."""


def dong(value: object) -> int | None:
    """An amount of whole đồng: `1.250.000,00`, `1,250,000.00`, `(500)`, `500-`, a number; None where nothing stands.

    Raises `WrongValue`: `not_a_number`, `not_whole`, `too_big`, `formula`.
    """
    if value is None or (isinstance(value, str) and value.strip() in ("", "-")):
        return None
    amount = _number(value) if isinstance(value, int | float | Decimal) else _written(str(value))
    if abs(amount) > MOST:
        raise WrongValue("too_big")
    return amount


def _number(value: int | float | Decimal) -> int:
    if isinstance(value, bool):
        raise WrongValue("not_a_number")
    try:
        exact = Decimal(str(value))
        whole = int(exact)
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise WrongValue("not_a_number") from error
    if exact != whole:
        raise WrongValue("not_whole")
    return whole


def _written(text: str) -> int:
    if text.lstrip().startswith("="):
        raise WrongValue("formula")
    text = _SIGNS.sub("", text)
    negative = False
    if text.startswith("(") and text.endswith(")"):
        text, negative = text[1:-1], True
    elif text.endswith("-"):
        text, negative = text[:-1], True
    elif text.startswith(("-", "+")):
        text, negative = text[1:], text.startswith("-")
    bare = _ZEROS.sub("", text)
    if not (bare.isascii() and _GROUPED.fullmatch(bare)):
        if re.fullmatch(r"[\d.,']*\d[.,]\d+", text, re.ASCII):
            raise WrongValue("not_whole")
        raise WrongValue("not_a_number")
    amount = int(re.sub(r"\D", "", bare))
    return -amount if negative else amount


def day(value: object) -> date | None:
    """A day: `22/11/2026`, with or without a time, or ISO; None where nothing stands. The day comes before the month.

    Raises `WrongValue`: `not_a_day`, `no_such_day`.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    if match := _DAY.fullmatch(text):
        numbers = int(match[3]) + (2000 if len(match[3]) == 2 else 0), int(match[2]), int(match[1])
    elif match := _ISO.fullmatch(text):
        numbers = int(match[1]), int(match[2]), int(match[3])
    else:
        raise WrongValue("not_a_day")
    try:
        found = date(*numbers)
    except ValueError as error:
        raise WrongValue("no_such_day") from error
    if not 2000 <= found.year <= 2100:
        raise WrongValue("no_such_day")
    return found
