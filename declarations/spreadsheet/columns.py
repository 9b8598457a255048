"""What a spreadsheet of vehicles and goods looks like: its sheets and columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_ROWS = 2000
YES, NO = "Có", "Không"
# Column titles are part of the file's format: the same in every language of the page.
VEHICLES = "Phương tiện"
GOODS = "Hàng hóa"
GUIDE = "Hướng dẫn"


@dataclass(frozen=True)
class Column:
    """`name` of the field, title, width in characters, and the words for its choices where it has some."""

    name: str
    title: str
    width: int = 16
    words: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()


TYPES = {"40ft": "Container 40 feet", "20ft": "Container 20 feet", "other": "Không phải container"}
COUNTRIES = {"VN": "Việt Nam", "CN": "Trung Quốc"}
VEHICLE_COLUMNS = (
    Column("plate", "Biển kiểm soát", 18, also=("Biển số", "Biển số xe")),
    Column("vehicle_type", "Loại phương tiện", 22, TYPES),
    Column("country", "Nước đăng ký", 14, COUNTRIES),
    Column("payload", "Trọng tải (tấn)", also=("Trọng tải",)),
    Column("trailer_plate", "Biển rơ moóc", also=("Biển kiểm soát rơ moóc",)),
    Column("container", "Số container"),
    Column("seal", "Số seal"),
    Column("driver_name", "Tên người điều khiển", 28, also=("Tên lái xe", "Tên người điều khiển phương tiện")),
    Column("driver_phone", "Số điện thoại", 18, also=("SĐT", "Số điện thoại lái xe")),
    Column("origin", "Xuất xứ phương tiện", 20),
    Column("permit_number", "Số giấy phép vận tải", 22, also=("Số giấy phép",)),
    Column("permit_kind", "Loại giấy phép"),
    Column("permit_from", "Giấy phép từ ngày", 18),
    Column("permit_to", "Giấy phép đến ngày", 18),
    Column("stored_or_unloaded", "Lưu kho, hạ bãi", 16, {"1": YES, "": NO}),
)
LINE_COLUMNS = (
    Column("name", "Tên hàng", 36),
    Column("origin", "Xuất xứ", also=("Xuất xứ hàng hóa",)),
    Column("hs_code", "Mã HS"),
    Column("quantity", "Số lượng"),
    Column("unit", "Đơn vị", also=("Đơn vị tính",)),
    Column("weight", "Trọng lượng (kg)", 18, also=("Trọng lượng",)),
    Column("value", "Giá trị (đồng)", 20, also=("Giá trị hàng hóa", "Giá trị")),
    Column("vehicle", "Biển xe chở (trống: chia đều)", 30, also=("Xe chở", "Biển xe chở")),
    Column("consignment", "Lô số", 8),
)
KEY_COLUMNS = {VEHICLES: "plate", GOODS: "name"}
SAMPLES = {
    VEHICLES: ("11C-123.45", "Container 40 feet", "Việt Nam", 30, "11RM-012.34", "CSQU3054383", "VN1234567"),
    GOODS: ("Tinh bột sắn", "Việt Nam", "11081400", 600, "bao", 30000, 312000000),
}
GUIDANCE = (
    "Mỗi dòng một phương tiện hoặc một dòng hàng; giữ nguyên hàng tiêu đề.",
    "Thứ tự cột có thể đổi; cột thừa được bỏ qua.",
    "Biển kiểm soát: viết liền hay có dấu đều được. Bỏ trống nước đăng ký thì lấy theo biển.",
    "Ngày ghi dạng 22/11/2026; số ghi dạng 1.250 hoặc 1,5; giá trị là số nguyên đồng.",
    "Biển xe chở: ghi biển của xe chở dòng hàng đó; bỏ trống thì chia đều cho các xe.",
    "Ghi giá trị, không ghi công thức.",
)
