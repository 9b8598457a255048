"""What a spreadsheet of vehicles and goods looks like: its sheets and columns.

It is written in the language of the page, and read in every language that the pages have.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from declarations.validators import folded
from gates.labels import COUNTRIES
from gates.procedures.words import Country

MOST_ROWS = 2000


def spellings(word: Any) -> set[str]:
    """The word as any of the pages' languages writes it, folded for comparing."""
    said = set()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            said.add(folded(str(word)))
    return said


@dataclass(frozen=True, eq=False)
class Column:
    """`name` of the field, title, width in characters, and the words for its choices where it has some, by code.

    `also` are titles that people write instead, `heard` what they write for a choice, folded, with its code.
    """

    name: str
    title: Any
    width: int = 16
    words: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    heard: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def titles(self) -> set[str]:
        return spellings(self.title).union(folded(title) for title in self.also)

    @cached_property
    def choices(self) -> dict[str, str]:
        """Every spelling of a choice with its code."""
        said = {spelling: code for code, word in self.words.items() for spelling in spellings(word)}
        return {folded(code): code for code in self.words} | said | dict(self.heard)


@dataclass(frozen=True, eq=False)
class Sheet:
    """`key` is the column without which the sheet cannot be read; `sample` a row for the page of guidance."""

    title: Any
    columns: tuple[Column, ...]
    key: str
    sample: tuple[Any, ...]

    def __str__(self) -> str:
        return str(self.title)


TYPES = {"40ft": _("Container 40 feet"), "20ft": _("Container 20 feet"), "other": _("Không phải container")}
TYPES_HEARD = {
    "40": "40ft",
    "20": "20ft",
    "khac": "other",
    "container loai 40 feet": "40ft",
    "container loai 20 feet": "20ft",
    "phuong tien khong phai la container": "other",
}
YES_NO = {"1": _("Có"), "": _("Không")}
VEHICLE_COLUMNS = (
    Column("plate", _("Biển kiểm soát"), 18, also=("Biển số", "Biển số xe")),
    Column("vehicle_type", _("Loại phương tiện"), 22, TYPES, heard=TYPES_HEARD),
    Column("country", _("Nước đăng ký"), 14, COUNTRIES),
    Column("payload", _("Trọng tải (tấn)"), also=("Trọng tải",)),
    Column("trailer_plate", _("Biển rơ moóc"), also=("Biển kiểm soát rơ moóc",)),
    Column("container", _("Số container")),
    Column("seal", _("Số seal")),
    Column("driver_name", _("Tên người điều khiển"), 28, also=("Tên lái xe", "Tên người điều khiển phương tiện")),
    Column("driver_phone", _("Số điện thoại"), 18, also=("SĐT", "Số điện thoại lái xe")),
    Column("origin", _("Xuất xứ phương tiện"), 20),
    Column("permit_number", _("Số giấy phép vận tải"), 22, also=("Số giấy phép",)),
    Column("permit_kind", _("Loại giấy phép")),
    Column("permit_from", _("Giấy phép từ ngày"), 18),
    Column("permit_to", _("Giấy phép đến ngày"), 18),
    Column("stored_or_unloaded", _("Lưu kho, hạ bãi"), 16, YES_NO, heard={"x": "1", "true": "1", "0": "", "false": ""}),
)
LINE_COLUMNS = (
    Column("name", _("Tên hàng"), 36),
    Column("origin", _("Xuất xứ"), also=("Xuất xứ hàng hóa",)),
    Column("hs_code", _("Mã HS")),
    Column("quantity", _("Số lượng")),
    Column("unit", _("Đơn vị"), also=("Đơn vị tính",)),
    Column("weight", _("Trọng lượng (kg)"), 18, also=("Trọng lượng",)),
    Column("value", _("Giá trị (đồng)"), 20, also=("Giá trị hàng hóa", "Giá trị")),
    Column("vehicle", _("Biển xe chở (trống: chia đều)"), 30, also=("Xe chở", "Biển xe chở")),
    Column("consignment", _("Lô số"), 8),
)
VEHICLES = Sheet(
    _("Phương tiện"),
    VEHICLE_COLUMNS,
    key="plate",
    sample=("11C-123.45", TYPES["40ft"], COUNTRIES[Country.VN], 30, "11RM-012.34", "CSQU3054383", "VN1234567"),
)
GOODS = Sheet(
    _("Hàng hóa"),
    LINE_COLUMNS,
    key="name",
    sample=(_("Tinh bột sắn"), COUNTRIES[Country.VN], "11081400", 600, _("bao"), 30000, 312000000),
)
GUIDE = _("Hướng dẫn")
GUIDANCE = (
    _("Mỗi dòng một phương tiện hoặc một dòng hàng; giữ nguyên hàng tiêu đề."),
    _("Thứ tự cột có thể đổi; cột thừa được bỏ qua."),
    _("Biển kiểm soát: viết liền hay có dấu đều được. Bỏ trống nước đăng ký thì lấy theo biển."),
    _("Ngày ghi dạng 22/11/2026; số ghi dạng 1.250 hoặc 1,5; giá trị là số nguyên đồng."),
    _("Biển xe chở: ghi biển của xe chở dòng hàng đó; bỏ trống thì chia đều cho các xe."),
    _("Ghi giá trị, không ghi công thức."),
)
