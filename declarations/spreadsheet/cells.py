"""What stands in the cells of a sheet, which column stands where, and how a fault names its cell."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl.cell import Cell

from declarations.spreadsheet.columns import Column, Sheet
from declarations.validators import folded, normal_text


def is_empty(cell: Cell) -> bool:
    return cell.value is None or (isinstance(cell.value, str) and not normal_text(cell.value))


def places_in(cells: Sequence[Cell], kind: Sheet) -> dict[int, Column] | None:
    """Which column stands where, if this is the row of titles."""
    titles = {title: column for column in kind.columns for title in column.titles}
    places = {cell.column: column for cell in cells if (column := titles.get(folded(str(cell.value))))}
    return places if any(column.name == kind.key for column in places.values()) else None


def value_of(cell: Cell | None) -> Any:
    """What stands in the cell; raises `ValidationError` for a formula or an error."""
    if cell is None:
        return None
    if cell.data_type == "f":
        raise ValidationError(_("là công thức; hãy dán giá trị"))
    if cell.data_type == "e":
        raise ValidationError(_("có lỗi %(error)s") % {"error": cell.value})
    if isinstance(cell.value, float) and not cell.value.is_integer():
        return Decimal(repr(cell.value))
    return cell.value


def text_of(raw: Any) -> str:
    if isinstance(raw, bool):
        return "1" if raw else ""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return normal_text("" if raw is None else str(raw))


def fault_at(sheet: Sheet, where: str, message: str) -> str:
    return _("%(sheet)s, ô %(cell)s: %(message)s") % {"sheet": sheet, "cell": where, "message": message}
