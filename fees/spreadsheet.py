"""A tariff as a spreadsheet: an empty one to fill in, a version written out, and either read back.

Each cell is read by the field of the page's form that bears the same name. What is wrong is told by cell, and nothing
is taken over until everything is right.
"""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from itertools import combinations
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter

from declarations.spreadsheet import BadSpreadsheet
from declarations.spreadsheet.cells import fault_at, is_empty, places_in, text_of, value_of
from declarations.spreadsheet.columns import GUIDE, TYPES, TYPES_HEARD, Column, Sheet, spellings
from declarations.spreadsheet.writing import write_sheet
from declarations.validators import folded
from declarations.workbooks import opened
from fees.forms.tariff import LineForm, RowForm, RuleForm
from fees.models import TariffLine, TariffRule

MOST_ROWS = 500
MOST_COLUMNS = 30
MOST_FAULTS = 50
KINDS = {"infrastructure": _("Hạ tầng"), "transshipment": _("Sang tải")}
CONDITIONS = (
    Column("direction", _("Chiều"), 12, {"export": _("Xuất khẩu"), "import": _("Nhập khẩu")}),
    Column(
        "regime",
        _("Loại hình"),
        34,
        {
            "ordinary": _("Thông thường"),
            "transit": _("Tạm nhập tái xuất - quá cảnh - kho ngoại quan"),
            "processing": _("Gia công - sản xuất xuất khẩu - chuyển khẩu"),
        },
    ),
    Column(
        "goods_group",
        _("Nhóm hàng hóa"),
        24,
        {"general": _("Thông thường"), "farm": _("Nông sản"), "ore": _("Quặng"), "frozen": _("Đông lạnh")},
    ),
    Column("hs_prefix", _("Mã HS bắt đầu bằng"), 14),
    Column("origin", _("Xuất xứ hàng hóa"), 18, {"vietnam": _("Việt Nam"), "foreign": _("Nước ngoài")}),
    Column(
        "transshipment",
        _("Sang tải"),
        20,
        {
            "carried": _("Không sang tải"),
            "received": _("Nhận sang tải"),
            "gave_part": _("Sang một phần"),
            "gave_all": _("Sang hết"),
        },
    ),
    Column("vehicle_type", _("Loại phương tiện"), 22, TYPES, heard=TYPES_HEARD),
    Column("payload_from", _("Trọng tải từ (tấn)"), 12),
    Column("payload_below", _("đến dưới (tấn)"), 12),
)
UNITS = {
    "vehicle": _("xe"),
    "container": _("container"),
    "tonne": _("tấn"),
    "m3": _("m³"),
    "tonne_m3": _("tấn hoặc m³"),
}
ARTICLE = Column("article", _("Điều, khoản, mục"), 20)
LINES = Sheet(
    _("Mức phí"),
    (
        Column("kind", _("Loại phí"), 12, KINDS),
        *CONDITIONS,
        Column("unit", _("Đơn vị tính"), 14, UNITS),
        Column("price", _("Mức phí (đồng)"), 16),
        ARTICLE,
    ),
    key="price",
    sample=(),
)
RULES = Sheet(
    _("Hệ số và miễn"),
    (
        Column(
            "effect",
            _("Quy định"),
            14,
            {"coefficient": _("hệ số"), "cap": _("mức tối đa"), "exemption": _("miễn")},
        ),
        Column("factor", _("Hệ số"), 10),
        Column("most", _("Tối đa (đồng)"), 16),
        Column("charged_as", _("Thu theo loại phí"), 16, KINDS),
        *CONDITIONS,
        ARTICLE,
        Column("reason", _("Lý do"), 40),
        Column("reason_en", _("Lý do (tiếng Anh)"), 30),
        Column("reason_zh", _("Lý do (tiếng Trung)"), 30),
    ),
    key="effect",
    sample=(),
)
FORMS: dict[Sheet, type[RowForm]] = {LINES: LineForm, RULES: RuleForm}
EMPTY = {LINES: {"kind": "infrastructure", "unit": "vehicle"}, RULES: {}}
"""What stands for empty cells."""
GUIDANCE = (
    _("Mỗi dòng một mức phí, hoặc một quy định về hệ số, mức tối đa, miễn; giữ nguyên hàng tiêu đề."),
    _("Ô điều kiện bỏ trống nghĩa là mọi trường hợp. Mức cụ thể nhất được áp dụng."),
    _("Loại phí bỏ trống là hạ tầng; đơn vị tính bỏ trống là xe."),
    _("Trọng tải từ 10 đến dưới 18: ghi 10 và 18. Mức phí là số nguyên đồng, ví dụ 300.000."),
    _("Hệ số ghi dạng 0,3 hoặc 1,3; mọi hệ số phù hợp với một xe được nhân với nhau."),
    _("Ghi giá trị, không ghi công thức."),
)


def write(lines: Sequence[TariffLine] = (), rules: Sequence[TariffRule] = ()) -> bytes:
    """An .xlsx with these rows, with lists to choose from and a page of guidance."""
    book = Workbook()
    book.remove(book.active)
    for sheet, rows in ((LINES, lines), (RULES, rules)):
        write_sheet(book, sheet, [{column.name: getattr(row, column.name) for column in sheet.columns} for row in rows])
    guide = book.create_sheet(str(GUIDE))
    guide.column_dimensions["A"].width = 110
    for text in GUIDANCE:
        guide.append([str(text)])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(upload: BinaryIO, *, size: int) -> tuple[list[TariffLine], list[TariffRule]]:
    """The rows in an uploaded .xlsx, not yet of any tariff; raises `BadSpreadsheet` with everything that is wrong."""
    book = opened(upload, size)
    try:
        faults: list[str] = []
        lines = _read_sheet(book, LINES, faults)
        rules = _read_sheet(book, RULES, faults, needed=False)
        faults = faults or [*_doubled(LINES, lines), *_doubled(RULES, rules)]
    except (KeyError, ValueError, TypeError, AttributeError, SyntaxError, zipfile.BadZipFile, OSError) as error:
        raise BadSpreadsheet(
            [gettext("Tệp bị hỏng, không đọc được. Hãy mở, lưu lại dạng .xlsx rồi tải lên.")]
        ) from error
    finally:
        book.close()
    if faults:
        more = len(faults) - MOST_FAULTS
        raise BadSpreadsheet(
            faults[:MOST_FAULTS] + ([gettext("… và %(n)s lỗi khác.") % {"n": more}] if more > 0 else [])
        )
    if not lines:
        raise BadSpreadsheet([gettext("Bảng tính chưa có mức phí nào.")])
    return list(lines.values()), list(rules.values())


def _read_sheet(book: Workbook, of: Sheet, faults: list[str], *, needed: bool = True) -> dict[int, Any]:
    """The rows of one sheet by their numbers; what is wrong is added to `faults`."""
    titles = spellings(of)
    sheet = next((sheet for sheet in book.worksheets if folded(sheet.title) in titles), None)
    if sheet is None:
        if needed:
            faults.append(gettext("Không thấy trang “%(sheet)s”. Hãy dùng tệp mẫu.") % {"sheet": of})
        return {}
    places: Mapping[int, Column] | None = None
    rows: dict[int, Any] = {}
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
        cells = [cell for cell in row if not is_empty(cell)]
        if cells and not places:
            places = places_in(cells, of)
        elif cells:
            rows[number] = _read_row(of, number, cells, places, faults)
        if len(rows) > MOST_ROWS or number > 10 * MOST_ROWS:
            raise BadSpreadsheet([gettext("Trang “%(sheet)s” quá dài.") % {"sheet": of}])
    if not places and needed:
        title = next(column.title for column in of.columns if column.name == of.key)
        faults.append(gettext("Trang “%(sheet)s”: không thấy cột “%(title)s”.") % {"sheet": of, "title": title})
    return rows


def _read_row(
    of: Sheet, number: int, cells: Sequence[Cell], places: Mapping[int, Column], faults: list[str]
) -> TariffLine | TariffRule:
    at = {column.name: f"{get_column_letter(place)}{number}" for place, column in places.items()}
    data, wrong = dict(EMPTY[of]), set()
    for cell in cells:
        if (column := places.get(cell.column)) is None:
            continue
        try:
            data[column.name] = _meant(column, value_of(cell))
        except ValidationError as error:
            wrong.add(column.name)
            faults.append(fault_at(of, cell.coordinate, error.messages[0]))
    form = FORMS[of](data)
    for name, messages in form.errors.items():
        if name not in wrong:
            where = at.get(name) or at[of.key]
            faults.append(fault_at(of, where, str(messages[0])))
    return form.instance


def _meant(column: Column, raw: Any) -> Any:
    """The code of a word to choose; any other value as it stands."""
    if isinstance(raw, bool):
        raise ValidationError(gettext("giá trị đúng/sai không dùng được ở cột này"))
    if hasattr(raw, "isoformat"):
        raise ValidationError(gettext("ngày không dùng được ở cột này"))
    if not column.words:
        return raw
    try:
        return column.choices[folded(text_of(raw))]
    except KeyError:
        words = ", ".join(map(str, column.words.values()))
        raise ValidationError(gettext("hãy ghi một trong: %(words)s") % {"words": words}) from None


def _doubled(of: Sheet, rows: Mapping[int, Any]) -> Iterator[str]:
    for (number, one), (other, two) in combinations(rows.items(), 2):
        if _compete(one, two):
            yield gettext(
                "%(sheet)s, dòng %(a)s và %(b)s: cùng một trường hợp, hoặc các khoảng trọng tải chồng lên nhau."
            ) % {
                "sheet": of,
                "a": number,
                "b": other,
            }


def _compete(one: Any, two: Any) -> bool:
    if isinstance(one, TariffLine):
        return one.meets(two)
    return (one.effect, one.reason, one.case) == (two.effect, two.reason, two.case)
