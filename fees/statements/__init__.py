"""Bank statements: what a bank says went in and out, read from CSV, XLSX, camt.053 or MT940 into the same lines."""

from pathlib import PurePath

from fees.statements.camt053 import read_camt053
from fees.statements.columns import Columns
from fees.statements.mt940 import read_mt940
from fees.statements.table import check_columns, guess_columns, read_table, rows_of
from fees.statements.texts import text_of
from fees.statements.types import Line, Problem, Statement, StatementError

__all__ = ["Columns", "Line", "Problem", "Statement", "StatementError", "check", "form_of", "guess", "read"]

FIRST_ROWS = 60
CSV, XLSX, CAMT053, MT940 = "csv", "xlsx", "camt053", "mt940"


def form_of(data: bytes, name: str) -> str:
    """Which of the four forms a file has, by what is in it; the name only tells where that does not."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"PK\x03\x04"):
        return XLSX
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise StatementError.of("old_excel")
    head = text_of(data[:4096])
    if head.lstrip("\ufeff \t\r\n").startswith("<"):
        return CAMT053
    if ":20:" in head and (":25:" in head or ":60" in head):
        return MT940
    if PurePath(name).suffix.lower() in (".pdf", ".doc", ".docx", ".zip", ".jpg", ".png") or b"\0\0\0" in start:
        raise StatementError.of("unknown_form")
    return CSV


def guess(data: bytes, name: str) -> tuple[Columns, list[list[str]]]:
    """The columns of a table as its headings suggest, and its first rows as text, for a person to check."""
    rows = rows_of(data, form_of(data, name), most=FIRST_ROWS)
    return guess_columns(rows), [["" if cell is None else str(cell) for cell in row] for row in rows]


def check(data: bytes, name: str, columns: Columns) -> None:
    """Raises `StatementError` where the columns are not those of this table, by its first rows; see `check_columns`."""
    check_columns(rows_of(data, form_of(data, name), most=FIRST_ROWS), columns)


def read(data: bytes, name: str, columns: Columns | None = None) -> Statement:
    """The whole statement, its sums checked; `columns` say how a table is read, else its headings do.

    Raises `StatementError` with every problem found: a statement is taken whole or not at all.
    """
    form = form_of(data, name)
    if form == CAMT053:
        statement = read_camt053(data)
    elif form == MT940:
        statement = read_mt940(text_of(data))
    else:
        rows = rows_of(data, form)
        statement = read_table(rows, columns or guess_columns(rows))
    if not statement.lines and statement.opening is None:
        raise StatementError.of("empty")
    if problem := statement.difference():
        raise StatementError([problem])
    return statement
