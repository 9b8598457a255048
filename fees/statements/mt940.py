"""SWIFT MT940: fields `:NN:` with continuation lines, one or more statements of one account in a file."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation

from fees.statements.texts import clean
from fees.statements.types import Line, Statement, StatementError, joined

_FIELD = re.compile(r"^:(\d{2}[A-Z]?):", re.MULTILINE)
_BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})([\d,.]+)")
_MOVE = re.compile(
    r"(?P<value>\d{6})(?P<booked>\d{4}| {4})?(?P<mark>R?[CD])(?P<funds>[A-Z])?(?P<amount>\d[\d,.]*)"
    r"(?P<kind>[A-Z][A-Z0-9]{3})?(?P<own>[^\n]*?)(?://(?P<bank>[^\n]*))?(?:\n(?P<more>.*))?",
    re.DOTALL,
)
_PIECE = re.compile(r"\?(\d{2})")
_SLASHED = re.compile(r"/(NAME|REMI|ORDP|BENM|TRTP|EREF|IBAN|BIC|CSID|MARF|SVCL)/")


def read_mt940(text: str, currency: str = "VND") -> Statement:
    """The movements of the file, which must be of one account; amounts in the currency's smallest unit.

    Each statement in it, or page of one, must tie by itself; they may stand in the file with the newest first.
    """
    places = 0 if currency == "VND" else 2
    parts = [Statement(lines=[])]
    accounts: list[str] = []
    pending: re.Match | None = None
    number = 0

    def finish(words: str) -> None:
        if pending is not None:
            parts[-1].lines.append(_line(pending, words, number, places))

    for tag, body in _fields(text):
        if tag == "86":
            finish(body)
            pending = None
            continue
        finish("")
        pending = None
        if tag == "61":
            number += 1
            pending = _MOVE.fullmatch(body)
            if pending is None:
                raise StatementError.of("not_a_move", number, body)
        elif tag == "25":
            accounts.append(body.split("\n")[0].strip())
        elif tag in ("60F", "60M", "62F", "62M"):
            amount = _balance(body, currency, places)
            if tag.startswith("62"):
                parts[-1] = replace(parts[-1], closing=amount)
            elif parts[-1].lines or parts[-1].opening is not None:
                parts.append(Statement(lines=[], opening=amount))
            else:
                parts[-1] = replace(parts[-1], opening=amount)
    finish("")
    if not accounts:
        raise StatementError.of("unknown_form")
    if len(set(accounts)) > 1:
        raise StatementError.of("many_accounts", None, ", ".join(sorted(set(accounts))))
    return joined(parts, accounts[0])


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Tag and value of each field; the envelope of the SWIFT message around them is left out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"^\{[^\n]*\{4:\s*$", "", text, flags=re.MULTILINE)
    found = list(_FIELD.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    for one, end in zip(found, ends, strict=False):
        body = text[one.end() : end]
        yield one[1], re.split(r"\n-(?:\}|\n|$)|\n\{", body)[0].strip("\n ")


def _balance(body: str, currency: str, places: int) -> int:
    match = _BALANCE.match(body)
    if match is None:
        raise StatementError.of("not_a_number", None, body)
    if match[3] != currency:
        raise StatementError.of("other_currency", None, match[3])
    amount = _amount(match[4], None, places)
    return amount if match[1] == "C" else -amount


def _amount(text: str, number: int | None, places: int) -> int:
    try:
        scaled = Decimal(text.replace(",", ".")).scaleb(places)
    except InvalidOperation as error:
        raise StatementError.of("not_a_number", number, text) from error
    if scaled != int(scaled):
        raise StatementError.of("not_whole", number, text)
    return int(scaled)


def _line(move: re.Match, words: str, number: int, places: int) -> Line:
    amount = _amount(move["amount"], number, places)
    out = move["mark"] in ("D", "RC")
    own, bank = (move["own"] or "").strip(), (move["bank"] or "").strip()
    text, party = _words(words)
    return Line(
        booked_on=_booked(move, number),
        amount=-amount if out else amount,
        text=clean(" ".join(filter(None, (text, own if own not in ("NONREF", "NOTREF") else "", move["more"] or "")))),
        reference=clean(bank or (own if own not in ("NONREF", "NOTREF") else ""), 100),
        party=clean(party, 200),
    )


def _booked(move: re.Match, number: int) -> date:
    """The day of booking; it has no year of its own, so it is the one nearest to the day of value."""
    try:
        value = date(2000 + int(move["value"][:2]), int(move["value"][2:4]), int(move["value"][4:]))
        if not (move["booked"] or "").strip():
            return value
        month, day = int(move["booked"][:2]), int(move["booked"][2:])
        near = [date(year, month, day) for year in (value.year - 1, value.year, value.year + 1)]
    except ValueError as error:
        raise StatementError.of("no_such_day", number, move["value"] + (move["booked"] or "")) from error
    return min(near, key=lambda day: abs(day - value))


def _words(body: str) -> tuple[str, str]:
    """The words of field 86, and who stands in it: subfields `?20` or `/REMI/`, else as it is."""
    if _PIECE.search(body):
        pieces = _PIECE.split(body.replace("\n", ""))
        found = list(zip(pieces[1::2], pieces[2::2], strict=True))
        text = "".join(value for code, value in found if "20" <= code <= "29" or "60" <= code <= "63")
        return text, " ".join(value for code, value in found if code in ("32", "33"))
    if _SLASHED.search(body):
        pieces = _SLASHED.split(body.replace("\n", ""))
        named = dict(zip(pieces[1::2], pieces[2::2], strict=True))
        return named.get("REMI", "") or body, named.get("NAME", "")
    return body.replace("\n", " "), ""
