"""Statements as tables, as banks give them out and as people break them."""

import io
import unicodedata
from datetime import date

import pytest
from openpyxl import Workbook

from fees.statements import Columns, Line, StatementError, form_of, guess, read

ROWS = (
    ("SAO KÊ TÀI KHOẢN", "", "", "", "", ""),
    ("Số dư đầu kỳ: 10.000.000 VND", "", "", "", "", ""),
    ("", "", "", "", "", ""),
    ("STT", "Ngày giao dịch", "Số tham chiếu", "Ghi nợ", "Ghi có", "Nội dung chi tiết"),
    ("1", "22/11/2026 08:01:02", "FT001", "", "3.000.000,00", "MBVCB.123.CKS12345678A. nộp phí"),
    ("2", "22/11/2026", "FT002", "500.000", "", "Phí quản lý tài khoản"),
    ("3", "23/11/2026", "FT003", "", "1.250.000", "Nguyễn Văn Ất chuyển"),
    ("Tổng cộng", "", "", "500.000", "4.250.000", ""),
    ("Số dư cuối kỳ", "", "", "", "13.750.000", ""),
    ("Cảm ơn Quý khách", "", "", "", "", ""),
)
LINES = [
    Line(date(2026, 11, 22), 3_000_000, "MBVCB.123.CKS12345678A. nộp phí", "FT001"),
    Line(date(2026, 11, 22), -500_000, "Phí quản lý tài khoản", "FT002"),
    Line(date(2026, 11, 23), 1_250_000, "Nguyễn Văn Ất chuyển", "FT003"),
]


def csv(rows=ROWS, encoding: str = "utf-8", delimiter: str = ";") -> bytes:
    return "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)


def xlsx(rows=ROWS) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(file := io.BytesIO())
    return file.getvalue()


def changed(row: int, column: int, text: str) -> list[tuple[str, ...]]:
    rows = [list(row) for row in ROWS]
    rows[row][column] = text
    return [tuple(row) for row in rows]


def codes(data: bytes, name: str = "a.csv") -> list[tuple[str, int | None]]:
    with pytest.raises(StatementError) as refused:
        read(data, name)
    return [(problem.code, problem.row) for problem in refused.value.problems]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_table_is_read_in_every_encoding(encoding, delimiter):
    statement = read(csv(encoding=encoding, delimiter=delimiter), "sao-ke.csv")
    assert statement.lines == LINES
    assert (statement.opening, statement.closing) == (10_000_000, 13_750_000)


def in_tcvn3(text: str) -> bytes:
    abc = "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\xadõøö÷ùúýûüþ¡¢§£¤¥¦"
    letters = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ"
    return text.translate(str.maketrans(letters, abc)).encode("latin-1")


def in_windows_1258(text: str) -> bytes:
    """Its tones are signs of their own, behind letters that keep hat, horn and breve."""
    out = ""
    for sign in text:
        marks = unicodedata.normalize("NFD", sign)
        tones = "".join(mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323")
        out += unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in tones)) + tones
    return out.encode("cp1258")


@pytest.mark.parametrize("encode", [in_tcvn3, in_windows_1258])
def test_the_old_encodings_are_told_apart(encode):
    text = "\n".join(";".join(row) for row in ROWS).replace("SAO KÊ TÀI KHOẢN", "Sao kê tài khoản").replace("Ất", "ất")
    lines = read(encode(text), "a.csv").lines
    assert [line.text for line in lines] == [line.text.replace("Ất", "ất") for line in LINES]


def test_a_workbook_is_read_and_days_and_numbers_may_be_typed_as_such():
    assert read(xlsx(), "sao-ke.xlsx").lines == LINES
    rows = [list(row) for row in ROWS]
    rows[4][1], rows[4][4] = date(2026, 11, 22), 3_000_000.0
    assert read(xlsx(rows), "x.xlsx").lines == LINES


def test_the_newest_may_come_first():
    rows = (
        ("Date", "Description", "Amount", "Balance"),
        ("23/11/2026", "b", "(500)", "1.500"),
        ("22/11/2026", "a", "1.000", "2.000"),
    )
    statement = read(csv(rows), "a.csv")
    assert [line.text for line in statement.lines] == ["a", "b"]
    assert (statement.opening, statement.closing) == (1_000, 1_500)


def test_saved_columns_count_and_the_headings_suggest_them():
    columns, rows = guess(csv(), "a.csv")
    assert columns == Columns(
        day="Ngày giao dịch",
        credit="Ghi có",
        debit="Ghi nợ",
        text="Nội dung chi tiết",
        reference="Số tham chiếu",
    )
    assert rows[3][1] == "Ngày giao dịch"
    saved = Columns.of({"day": "NGÀY  GIAO DỊCH", "credit": "ghi_có", "text": "Số tham chiếu", "unknown": "x"})
    assert read(csv(ROWS[3:5]), "a.csv", saved).lines[0].text == "FT001"
    with pytest.raises(StatementError, match="no_headings"):
        read(csv(), "a.csv", Columns(day="Ngày", credit="Tiền vào"))
    with pytest.raises(StatementError, match="no_columns"):
        read(b"a;b;c\n1;2;3\n", "a.csv")


@pytest.mark.parametrize(
    ("row", "column", "text", "code"),
    [
        (4, 1, "31/02/2026", ("no_such_day", 5)),
        (4, 1, "hôm qua", ("not_a_day", 5)),
        (4, 1, "", ("not_a_day", 5)),
        (4, 4, "=1+1", ("formula", 5)),
        (4, 4, "3.000.000,50", ("not_whole", 5)),
        (4, 4, "ba triệu", ("not_a_number", 5)),
        (4, 4, "", ("no_amount", 5)),
        (8, 4, "13.750.001", ("does_not_tie", None)),
    ],
)
def test_a_broken_row_is_named_and_the_whole_file_refused(row, column, text, code):
    assert codes(csv(changed(row, column, text))) == [code]
    assert codes(xlsx(changed(row, column, text)), "a.xlsx") == [code]


def test_a_running_balance_with_a_gap_is_named():
    rows = (
        ("Date", "Description", "Credit", "Balance"),
        *((f"{day}/11/2026", "x", "100", str(balance)) for day, balance in ((1, 100), (2, 200), (3, 350))),
    )
    assert codes(csv(rows)) == [("does_not_tie", None)]
    rows = (*rows[:3], ("3/11/2026", "x", "100", "250"), ("4/11/2026", "x", "100", "400"))
    assert codes(csv(rows)) == [("balance_gap", 4)]


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.csv", "no_columns"),
        (b"PK\x03\x04broken", "a.xlsx", "unknown_form"),
        (b"\xd0\xcf\x11\xe0rest", "a.xls", "old_excel"),
        (b"%PDF-1.7", "a.pdf", "unknown_form"),
        (b"\x00\x01\x02\x03" * 200, "a.csv", "unknown_form"),
        (csv(ROWS[3:4]), "a.csv", "empty"),
    ],
)
def test_what_is_no_statement_is_refused(data, name, code):
    assert codes(data, name) == [(code, None)]


def test_the_forms_are_known_by_what_is_in_them():
    assert form_of(csv(), "x.txt") == "csv"
    assert form_of(xlsx(), "x") == "xlsx"
    assert form_of("\ufeff<?xml".encode(), "x.txt") == "camt053"
    assert form_of("<Document>".encode("utf-16"), "x.txt") == "camt053"
    assert form_of(b"{1:F01}{4:\r\n:20:X\r\n:25:1", "x") == "mt940"


def test_the_same_line_has_the_same_mark_and_likes_are_told_apart():
    one = dict(zip((mark for mark, _line in read(csv(), "a.csv").marked()), LINES, strict=True))
    two = dict(read(xlsx(ROWS[:1] + ROWS[3:5]), "b.xlsx").marked())
    assert set(two) <= set(one)
    twins = (*ROWS[3:5], ROWS[4])
    marks = [mark for mark, _line in read(csv(twins), "a.csv").marked()]
    assert len(set(marks)) == 2
    assert marks[0] in one
