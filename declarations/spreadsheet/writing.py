"""An empty spreadsheet to fill in, or a draft's lists written out."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from declarations import plates
from declarations.spreadsheet.columns import GOODS, GUIDANCE, GUIDE, MOST_ROWS, VEHICLES, Column, Sheet


def write(vehicles: Sequence[Mapping[str, Any]] = (), lines: Sequence[Mapping[str, Any]] = ()) -> bytes:
    """An .xlsx with these rows, in the language of the page, with lists to choose from and a page of guidance."""
    book = Workbook()
    book.remove(book.active)
    write_sheet(book, VEHICLES, vehicles)
    write_sheet(book, GOODS, lines)
    guide = book.create_sheet(str(GUIDE))
    guide.column_dimensions["A"].width = 110
    for text in GUIDANCE:
        guide.append([str(text)])
    for kind in (VEHICLES, GOODS):
        guide.append([])
        guide.append([_("Ví dụ, trang “%(sheet)s”:") % {"sheet": kind}])
        shown = zip(kind.columns, kind.sample, strict=False)
        guide.append(["; ".join(f"{column.title}: {value}" for column, value in shown)])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def write_sheet(book: Workbook, kind: Sheet, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add a sheet of this kind, filled with the rows: values by the names of its columns."""
    sheet = book.create_sheet(str(kind))
    sheet.append([str(column.title) for column in kind.columns])
    for row in rows:
        sheet.append([_written(column, row.get(column.name)) for column in kind.columns])
        for cell in sheet[sheet.max_row]:
            # What was typed with an equals sign is a text, not a formula.
            if cell.data_type == "f":
                cell.data_type = "s"
    for number, column in enumerate(kind.columns, start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = column.width
        head = sheet.cell(1, number)
        head.font = Font(bold=True, color="FFFFFF")
        head.fill = PatternFill("solid", fgColor="0A5688")
        head.alignment = Alignment(wrap_text=True, vertical="center")
        if column.words:
            words = ",".join(map(str, column.words.values()))
            choice = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True)
            sheet.add_data_validation(choice)
            choice.add(f"{letter}2:{letter}{MOST_ROWS + 1}")
    sheet.freeze_panes = "B2"


def _written(column: Column, value: Any) -> Any:
    if column.words:
        return str(column.words.get(str(int(value)) if value is True else str(value or ""), ""))
    if column.name in ("plate", "trailer_plate", "vehicle"):
        return plates.display(value) if value else ""
    return value
