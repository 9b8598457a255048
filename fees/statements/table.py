"""Statements as tables, CSV and XLSX: headings somewhere near the top, a movement a row, sums below."""

import csv
import io
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from itertools import islice, pairwise
from typing import TypeVar
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from fees.statements.columns import Columns
from fees.statements.texts import clean, fold, text_of
from fees.statements.types import Line, Problem, Statement, StatementError
from fees.statements.values import WrongValue, day, dong

HEADINGS_WITHIN = 60
MOST_ROWS = 200_000
OPENING = ("so du dau", "du dau", "opening balance", "beginning balance")
CLOSING = ("so du cuoi", "du cuoi", "closing balance", "ending balance")
SUMS = ("tong", "cong phat sinh", "cong ps", "total", "so du", "du cuoi", "du dau", "opening", "closing", "ending")
_TAIL = re.compile(r"[(-]?\d[\d.,' ]*\)?(?: ?(?:vnd|₫|đ))?$", re.IGNORECASE)

Row = Sequence[object]
Value = TypeVar("Value")


def rows_of(data: bytes, form: str, most: int = MOST_ROWS) -> list[list[object]]:
    """The cells of a table, row by row; a cell of XLSX is what was typed, so that a formula shows as one."""
    return _workbook_rows(data, most) if form == "xlsx" else _csv_rows(text_of(data), most)


def _csv_rows(text: str, most: int) -> list[list[object]]:
    if "\0" in text:
        raise StatementError.of("unknown_form")
    head = "\n".join(text.splitlines()[:HEADINGS_WITHIN])
    delimiter = max(";\t|,", key=lambda sign: sum(line.count(sign) >= 2 for line in head.splitlines()))
    try:
        return [list(row) for row in islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), most)]
    except csv.Error as error:
        raise StatementError.of("unknown_form") from error


def _workbook_rows(data: bytes, most: int) -> list[list[object]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=False)
            sheet = book.active or book.worksheets[0]
            # A wrong size written into the file would hide rows.
            sheet.reset_dimensions()
            rows = [list(row) for row in islice(sheet.iter_rows(values_only=True), most)]
            book.close()
    except (InvalidFileException, BadZipFile, KeyError, ValueError, IndexError, OSError, EOFError) as error:
        raise StatementError.of("unknown_form") from error
    return rows


def guess_columns(rows: Iterable[Row]) -> Columns:
    """The columns that the likeliest row of headings suggests."""
    guesses = [Columns.guessed(row) for row in islice(rows, HEADINGS_WITHIN)]
    return max(guesses, key=lambda columns: (columns.is_enough, len(columns.named())), default=Columns())


def check_columns(rows: Sequence[Row], columns: Columns) -> None:
    """Raises `StatementError` where the columns are not those of the table whose first rows these are.

    `no_such_heading` and `heading_twice` name the headings as they were written; `no_movement` says that below them
    no row is a movement, so that the headings mean something else.
    """
    wanted = columns.named()
    written = {fold(heading): heading for heading in asdict(columns).values() if heading}
    if twice := [written[heading] for heading, times in Counter(wanted.values()).items() if times > 1]:
        raise StatementError.of("heading_twice", None, ", ".join(twice))
    heads = [{fold(cell) for cell in row if cell is not None} for row in islice(rows, HEADINGS_WITHIN)]
    missing = ([written[heading] for heading in written if heading not in head] for head in heads)
    if lacking := min(missing, key=len, default=list(written.values())):
        raise StatementError.of("no_such_heading", None, ", ".join(lacking))
    at, places = _places(rows, columns)
    below = [row for row in rows[at + 1 :] if any(cell not in (None, "") for cell in row)]
    if below and not any(_is_movement(row, places) for row in below):
        raise StatementError.of("no_movement")


def _is_movement(row: Row, places: dict[str, int]) -> bool:
    try:
        _line(row, places)
    except WrongValue:
        return False
    return True


def read_table(rows: Sequence[Row], columns: Columns) -> Statement:
    """The movements below the row of headings; every row that is neither one nor a sum is a problem."""
    if not columns.is_enough:
        raise StatementError.of("no_columns")
    at, places = _places(rows, columns)
    opening = _balance(rows[:at], OPENING)
    closing = _balance(rows[:at], CLOSING)
    lines, numbers, problems = [], [], []
    for number, row in enumerate(rows[at + 1 :], start=at + 2):
        if not any(cell not in (None, "") and str(cell).strip() for cell in row):
            continue
        try:
            line = _line(row, places)
        except WrongValue as wrong:
            if _is_sum(row, places):
                opening = _first(opening, _balance([row], OPENING))
                closing = _first(closing, _balance([row], CLOSING))
            else:
                code, what = wrong.args
                problems.append(Problem(code, number, clean(what, 80)))
        else:
            lines.append(line)
            numbers.append(number)
    if problems:
        raise StatementError(problems)
    newest_first, gaps = _follow(lines)
    if newest_first:
        lines.reverse()
    if lines and lines[0].balance is not None and lines[-1].balance is not None:
        opening = _first(opening, lines[0].balance - lines[0].amount)
        closing = _first(closing, lines[-1].balance)
    return Statement(lines=lines, opening=opening, closing=closing, gaps=[numbers[gap] for gap in gaps])


def _places(rows: Sequence[Row], columns: Columns) -> tuple[int, dict[str, int]]:
    wanted = columns.named()
    for at, row in enumerate(islice(rows, HEADINGS_WITHIN)):
        folded = [fold(cell) if cell is not None else "" for cell in row]
        if all(heading in folded for heading in wanted.values()):
            return at, {name: folded.index(heading) for name, heading in wanted.items()}
    raise StatementError.of("no_headings", None, ", ".join(wanted.values()))


def _line(row: Row, places: dict[str, int]) -> Line:
    def cell(name: str) -> object:
        place = places.get(name)
        return row[place] if place is not None and place < len(row) else None

    def read(how: Callable[[object], Value], name: str) -> Value:
        value = cell(name)
        try:
            return how(value)
        except WrongValue as wrong:
            raise WrongValue(wrong.args[0], value) from wrong

    booked_on = read(day, "day")
    if "amount" in places:
        amount = read(dong, "amount") or 0
    else:
        # Banks write what went out with or without a sign in its own column.
        credit, debit = read(dong, "credit"), read(dong, "debit")
        amount = (credit or 0) - abs(debit or 0)
    if booked_on is None:
        raise WrongValue("not_a_day", "")
    if not amount:
        raise WrongValue("no_amount", "")
    words = [cell("text"), cell("reference"), cell("party")]
    if any(isinstance(word, str) and word.startswith("=") for word in words):
        raise WrongValue("formula", next(word for word in words if str(word).startswith("=")))
    text, reference, party = (clean("" if word is None else word) for word in words)
    return Line(booked_on, amount, text, reference[:100], party[:200], read(dong, "balance"))


def _is_sum(row: Row, places: dict[str, int]) -> bool:
    """Whether the row is a sum or a remark of the bank's below the table, not a movement that cannot be read."""
    first = next((fold(cell) for cell in row if cell not in (None, "")), "")
    if first.startswith(SUMS):
        return True
    money = [places[name] for name in ("credit", "debit", "amount", "day") if name in places]
    return all(place >= len(row) or row[place] in (None, "") for place in money)


def _balance(rows: Iterable[Row], words: tuple[str, ...]) -> int | None:
    """The number behind one of these words: in the same cell after it, or the first in a cell to its right."""
    for row in rows:
        for place, cell in enumerate(row):
            if not isinstance(cell, str) or not fold(cell).startswith(words):
                continue
            inside = _TAIL.search(cell.strip())
            for candidate in ([inside[0]] if inside else []) + list(row[place + 1 :]):
                try:
                    found = dong(candidate)
                except WrongValue:
                    continue
                if found is not None:
                    return found
    return None


def _first(before: int | None, found: int | None) -> int | None:
    return found if before is None else before


def _follow(lines: Sequence[Line]) -> tuple[bool, list[int]]:
    """Whether the newest line comes first, and the places where the running balance has a gap."""
    known = [(line.amount, line.balance) for line in lines if line.balance is not None]
    if len(known) < max(2, len(lines)):
        return False, []
    pairs = list(enumerate(pairwise(known), start=1))
    up = [at for at, ((_, before), (amount, after)) in pairs if before + amount != after]
    down = [at for at, ((amount, after), (_, before)) in pairs if before + amount != after]
    return (True, down) if len(down) < len(up) else (False, up)
