"""Reading a spreadsheet cell by cell; everything that is wrong is told at once, by cell."""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.forms import Field, Form
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from declarations import plates
from declarations.forms.rows import LineForm, VehicleForm, completed_vehicle, line_faults, vehicle_faults
from declarations.spreadsheet.cells import fault_at, is_empty, places_in, text_of, value_of
from declarations.spreadsheet.columns import GOODS, MOST_ROWS, VEHICLES, Column, Sheet, spellings
from declarations.validators import folded
from declarations.workbooks import BadSpreadsheet, opened

MOST_READ = 20_000
MOST_COLUMNS = 50
MOST_FAULTS = 50


@dataclass
class Lists:
    """What a sheet holds: fields of vehicles and of lines as `save_draft` takes them; None where a sheet is empty.

    A line's `consignment` is the number of its consignment from 1, its `vehicle` the normal form of a plate, its
    `row` the row of the sheet.
    """

    vehicles: list[dict[str, Any]] | None = None
    lines: list[dict[str, Any]] | None = None


def read(upload: BinaryIO, *, size: int) -> Lists:
    """The lists in an uploaded .xlsx; raises `BadSpreadsheet` with everything that is wrong."""
    book = opened(upload, size)
    try:
        return _read_book(book)
    except (KeyError, ValueError, TypeError, AttributeError, SyntaxError, zipfile.BadZipFile, OSError) as error:
        raise BadSpreadsheet([_("Tệp bị hỏng, không đọc được. Hãy mở, lưu lại dạng .xlsx rồi tải lên.")]) from error
    finally:
        book.close()


def _read_book(book: Workbook) -> Lists:
    faults: list[str] = []
    vehicles, goods = _found(book, VEHICLES), _found(book, GOODS)
    if vehicles is None and goods is None:
        raise BadSpreadsheet(
            [_("Không thấy trang “%(a)s” hay “%(b)s”. Hãy dùng tệp mẫu.") % {"a": VEHICLES, "b": GOODS}]
        )
    lists = Lists()
    if vehicles:
        lists.vehicles = _read_sheet(vehicles, VEHICLES, _Reader(VehicleForm), faults)
    if goods:
        lists.lines = _read_sheet(goods, GOODS, _Reader(LineForm), faults)
    if faults:
        more = len(faults) - MOST_FAULTS
        shown = faults[:MOST_FAULTS] + ([_("… và %(n)s lỗi khác.") % {"n": more}] if more > 0 else [])
        raise BadSpreadsheet(shown)
    if not lists.vehicles and not lists.lines:
        raise BadSpreadsheet([_("Bảng tính chưa có dòng nào.")])
    return lists


def _found(book: Workbook, kind: Sheet) -> Worksheet | None:
    wanted = spellings(kind.title)
    return next((sheet for sheet in book.worksheets if folded(sheet.title) in wanted), None)


class _Reader:
    """Reads cells by the fields of a form."""

    def __init__(self, form: type[Form]):
        self.fields: dict[str, Field] = form.base_fields
        self.faults: Callable = vehicle_faults if form is VehicleForm else line_faults
        self.complete: Callable = completed_vehicle if form is VehicleForm else _completed_line

    def value(self, column: Column, raw: Any) -> Any:
        """What the cell means; raises `ValidationError`."""
        if column.words:
            return self._choice(column, raw)
        if column.name == "vehicle":
            return plates.normalise(text_of(raw))
        if column.name == "consignment":
            return _whole(raw)
        if column.name == "hs_code" and isinstance(raw, int | float):
            raw = f"{text_of(raw):0>8}"
        if isinstance(raw, bool):
            raise ValidationError(_("giá trị đúng/sai không dùng được ở cột này"))
        if isinstance(raw, date | datetime) and not column.name.startswith("permit_"):
            raise ValidationError(_("ngày không dùng được ở cột này"))
        return self.fields[column.name].clean(raw)

    def _choice(self, column: Column, raw: Any) -> Any:
        typed = folded(text_of(raw))
        code = column.choices.get(typed) if typed else ""
        if code is not None:
            return code == "1" if column.name == "stored_or_unloaded" else code
        words = ", ".join(map(str, column.words.values()))
        raise ValidationError(_("hãy ghi một trong: %(words)s") % {"words": words})


def _completed_line(line: dict[str, Any]) -> dict[str, Any]:
    return line | {"value": line.get("value") or 0}


def _whole(raw: Any) -> int:
    text = text_of(raw) or "1"
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 99:
        raise ValidationError(_("hãy ghi số thứ tự của lô hàng, ví dụ 1"))
    return int(text)


def _read_sheet(sheet: Worksheet, kind: Sheet, reader: _Reader, faults: list[str]) -> list[dict[str, Any]] | None:
    """The rows of one sheet; what is wrong is added to `faults`. None where there is no row."""
    places: dict[int, Column] | None = None
    found: list[dict[str, Any]] = []
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
        if number > MOST_READ:
            raise BadSpreadsheet([_("Trang “%(sheet)s” quá dài.") % {"sheet": kind}])
        cells = [cell for cell in row if not is_empty(cell)]
        if not cells:
            continue
        if places is None:
            places = places_in(cells, kind)
            if places is None and number >= 10:
                break
            continue
        if len(found) >= MOST_ROWS:
            raise BadSpreadsheet([_("Trang “%(sheet)s” có hơn %(most)s dòng.") % {"sheet": kind, "most": MOST_ROWS}])
        if values := _read_row(kind, cells, places, reader, faults):
            found.append(values | {"row": number} if kind is GOODS else values)
    if places is None:
        key = next(column.title for column in kind.columns if column.name == kind.key)
        faults.append(_("Trang “%(sheet)s”: không thấy cột “%(title)s”.") % {"sheet": kind, "title": key})
    return found or None


def _read_row(
    sheet: Sheet, cells: Sequence[Cell], places: Mapping[int, Column], reader: _Reader, faults: list[str]
) -> dict[str, Any] | None:
    raw = {places[cell.column].name: cell for cell in cells if cell.column in places}
    if not raw:
        return None
    values: dict[str, Any] = {}
    for column in places.values():
        cell = raw.get(column.name)
        try:
            values[column.name] = reader.value(column, value_of(cell))
        except ValidationError as error:
            faults.append(fault_at(sheet, cell.coordinate, error.messages[0]))
    for name, message in reader.faults(values):
        faults.append(fault_at(sheet, raw[name].coordinate, message))
    return reader.complete(values)
