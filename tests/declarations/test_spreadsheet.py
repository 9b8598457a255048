"""Spreadsheets written, read back, and each kind of bad one refused by cell with nothing taken over."""

import unicodedata
import zipfile
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from time import perf_counter

import pytest
from django.utils import translation
from openpyxl import Workbook, load_workbook

from declarations import spreadsheet
from declarations.spreadsheet import BadSpreadsheet
from declarations.spreadsheet.columns import GOODS, VEHICLES

PLATE, TYPE, DRIVER, PHONE = "Biển kiểm soát", "Loại phương tiện", "Tên người điều khiển", "Số điện thoại"


def book(vehicles=(), lines=(), heads=(PLATE, TYPE, DRIVER, PHONE), goods_heads=None) -> bytes:
    made = Workbook()
    made.remove(made.active)
    if vehicles or not lines:
        sheet = made.create_sheet(str(VEHICLES))
        for row in (heads, *vehicles):
            sheet.append(row)
    if lines:
        sheet = made.create_sheet(str(GOODS))
        for row in (goods_heads or [str(column.title) for column in GOODS.columns], *lines):
            sheet.append(row)
    stream = BytesIO()
    made.save(stream)
    return stream.getvalue()


def read(content: bytes) -> spreadsheet.Lists:
    return spreadsheet.read(BytesIO(content), size=len(content))


def faults(content: bytes) -> list[str]:
    with pytest.raises(BadSpreadsheet) as bad:
        read(content)
    return bad.value.faults


def test_the_template_has_every_column_and_is_empty():
    template = load_workbook(BytesIO(spreadsheet.write()))

    assert template.sheetnames == ["Phương tiện", "Hàng hóa", "Hướng dẫn"]
    assert [cell.value for cell in template["Phương tiện"][1]] == [column.title for column in VEHICLES.columns]
    assert [cell.value for cell in template["Hàng hóa"][1]] == [column.title for column in GOODS.columns]
    assert faults(spreadsheet.write()) == ["Bảng tính chưa có dòng nào."]


@pytest.mark.parametrize("language", ["vi", "en", "zh-hans"])
def test_what_is_written_in_any_language_is_read_back(language):
    vehicle = {
        "plate": "11C12345",
        "vehicle_type": "40ft",
        "country": "VN",
        "payload": Decimal("30.5"),
        "trailer_plate": "11R00001",
        "container": "CSQU3054383",
        "seal": "VN1",
        "driver_name": "Lý Văn Sình",
        "driver_phone": "0912345678",
        "origin": "Việt Nam",
        "permit_number": "C26YF1",
        "permit_kind": "C",
        "permit_from": date(2026, 1, 1),
        "permit_to": date(2026, 12, 31),
        "stored_or_unloaded": True,
    }
    line = {
        "name": "=Tinh bột sắn",
        "origin": "Việt Nam",
        "hs_code": "08106000",
        "quantity": Decimal("1.5"),
        "unit": "bao",
        "weight": Decimal("30000"),
        "value": 312_000_000,
        "vehicle": "11C12345",
        "consignment": 1,
    }
    with translation.override(language):
        written = spreadsheet.write([vehicle], [line])
    lists = read(written)

    assert lists.vehicles == [vehicle]
    assert lists.lines == [line | {"row": 2}]


@pytest.mark.parametrize("language", ["vi", "en", "zh-hans"])
def test_titles_and_choices_are_told_apart_in_every_language(language):
    with translation.override(language):
        for kind in (VEHICLES, GOODS):
            assert len({str(column.title) for column in kind.columns}) == len(kind.columns)
            assert len({title for column in kind.columns for title in column.titles}) == sum(
                len(column.titles) for column in kind.columns
            )
            for column in kind.columns:
                assert set(column.choices.values()) == set(column.words)
                assert not any("," in str(word) for word in column.words.values())


def test_cells_are_read_as_people_fill_them():
    lists = read(
        book(
            [
                [],
                ["11c-123.45", "40", unicodedata.normalize("NFD", "Lý Văn Sình"), 912345678],
                [None, "  ", "", None],
                ["桂FA1234", "khác", "韦建国", "138 1234 5678"],
            ]
        )
    )

    assert [(row["plate"], row["vehicle_type"], row["driver_name"], row["driver_phone"]) for row in lists.vehicles] == [
        ("11C12345", "40ft", "Lý Văn Sình", "0912345678"),
        ("桂FA1234", "other", "韦建国", "+8613812345678"),
    ]
    assert [row["country"] for row in lists.vehicles] == ["VN", "CN"]
    assert lists.lines is None


def test_columns_are_found_by_name_in_any_order_and_others_are_passed_over():
    heads = ["Ghi chú riêng", unicodedata.normalize("NFD", "TÊN LÁI XE"), "biển số xe"]
    lists = read(book([["x", "Lý Văn Sình", "11C12345"]], heads=heads))

    assert lists.vehicles[0]["plate"] == "11C12345"
    assert lists.vehicles[0]["driver_name"] == "Lý Văn Sình"


def test_numbers_that_lost_their_zeros_get_them_back():
    heads = ["Tên hàng", "Mã HS", "Số lượng", "Giá trị (đồng)"]
    lists = read(book(lines=[["Sầu riêng", 8106000, 12.5, 300000000.0]], goods_heads=heads))

    (line,) = lists.lines
    assert (line["hs_code"], line["quantity"], line["value"]) == ("08106000", Decimal("12.5"), 300_000_000)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["Sắn", "nhiều", 1], "Hàng hóa, ô B2: Hãy ghi một số, ví dụ 1.250 hoặc 1,5."),
        (["Sắn", -1, 1], "Hàng hóa, ô B2: Số không được âm."),
        (["Sắn", 0, 1], "Hàng hóa, ô B2: Số lượng phải lớn hơn 0."),
        (["Sắn", 1, 1.5], "Hàng hóa, ô C2: Số phải là số nguyên, không có phần lẻ."),
        (["Sắn", 1, -5], "Hàng hóa, ô C2: Số không được âm."),
        (["Sắn", "=1+1", 1], "Hàng hóa, ô B2: là công thức; hãy dán giá trị"),
        (["Sắn", datetime(2026, 1, 1), 1], "Hàng hóa, ô B2: ngày không dùng được ở cột này"),  # noqa: DTZ001
        (["Sắn", True, 1], "Hàng hóa, ô B2: giá trị đúng/sai không dùng được ở cột này"),
        (["Sắn" * 200, 1, 1], "Hàng hóa, ô A2: Dài quá 300 ký tự."),
    ],
)
def test_a_wrong_cell_of_goods_is_named(row, said):
    assert faults(book(lines=[row], goods_heads=["Tên hàng", "Số lượng", "Giá trị"])) == [said]


@pytest.mark.parametrize(
    ("head", "value", "said"),
    [
        ("Giấy phép từ ngày", "hôm qua", "Phương tiện, ô B2: Hãy ghi ngày dạng 22/11/2026."),
        ("Giấy phép từ ngày", 5, "Phương tiện, ô B2: Hãy ghi ngày dạng 22/11/2026."),
        ("Loại phương tiện", "xe đạp", "Phương tiện, ô B2: hãy ghi một trong: Container 40 feet, Container 20 feet, "),
        ("Nước đăng ký", "Lào", "Phương tiện, ô B2: hãy ghi một trong: Việt Nam, Trung Quốc"),
        ("Số container", "CSQU30543830000", "Phương tiện, ô B2: Dài quá 11 ký tự."),
        ("Loại giấy phép", "X" * 11, "Phương tiện, ô B2: Dài quá 10 ký tự."),
        ("Lưu kho, hạ bãi", "có lẽ", "Phương tiện, ô B2: hãy ghi một trong: Có, Không"),
    ],
)
def test_a_wrong_cell_of_vehicles_is_named(head, value, said):
    (fault,) = faults(book([["11C12345", value]], heads=[PLATE, head]))
    assert fault.startswith(said)


def test_an_end_before_a_beginning_is_named():
    heads = [PLATE, "Giấy phép từ ngày", "Giấy phép đến ngày"]
    row = ["11C12345", date(2026, 5, 1), "01/04/2026"]

    assert faults(book([row], heads=heads)) == ["Phương tiện, ô C2: Ngày hết hạn phải sau ngày bắt đầu."]


def test_all_wrong_cells_are_told_at_once_and_the_rest_counted():
    rows = [["Sắn", "?", "?"] for _ in range(40)]
    said = faults(book(lines=rows, goods_heads=["Tên hàng", "Số lượng", "Giá trị"]))

    assert said[0].startswith("Hàng hóa, ô B2")
    assert said[49].startswith("Hàng hóa, ô C26")
    assert said[50:] == ["… và 30 lỗi khác."]


def test_a_sheet_without_the_column_that_matters_says_which():
    assert faults(book([["x"]], heads=["Cột lạ"])) == ["Trang “Phương tiện”: không thấy cột “Biển kiểm soát”."]


def zipped(**parts: bytes) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Tệp trống."),
        (b"bien;ten\n11C12345;Sinh", "Đây không phải bảng tính .xlsx. Hãy dùng tệp mẫu."),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "Đây không phải bảng tính .xlsx. Hãy dùng tệp mẫu."),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "Tệp .xls cũ hoặc có mật khẩu không đọc được."),
        (bytes(6 * 1024 * 1024), "Tệp quá lớn: nhiều nhất 5 MB."),
        (zipped(word_xml=b"<a/>"), "Đây không phải bảng tính .xlsx. Hãy dùng tệp mẫu."),
        (zipped(xl_xml=bytes(70 * 1024 * 1024)), "Nội dung tệp quá lớn sau khi giải nén."),
        (zipped(xl_xml=b'<?xml version="1.0"?><!DOCTYPE lolz []><a/>'), "Đây không phải bảng tính .xlsx."),
        (book([["11C12345"]])[:-200], "Đây không phải bảng tính .xlsx. Hãy dùng tệp mẫu."),
    ],
    ids=["empty", "csv", "picture", "old", "big", "no workbook", "bomb", "entities", "cut off"],
)
def test_what_is_no_spreadsheet_is_refused_in_plain_words(content, said):
    (fault,) = faults(content)
    assert fault.startswith(said)


def test_a_workbook_without_our_sheets_is_refused():
    made, stream = Workbook(), BytesIO()
    made.save(stream)

    assert faults(stream.getvalue()) == ["Không thấy trang “Phương tiện” hay “Hàng hóa”. Hãy dùng tệp mẫu."]


def test_a_broken_sheet_inside_is_refused():
    good, stream = zipfile.ZipFile(BytesIO(book([["11C12345"]]))), BytesIO()
    with zipfile.ZipFile(stream, "w") as broken:
        for part in good.namelist():
            content = good.read(part)
            broken.writestr(part, content[: len(content) // 2] if "sheet1" in part else content)

    assert faults(stream.getvalue()) == ["Tệp bị hỏng, không đọc được. Hãy mở, lưu lại dạng .xlsx rồi tải lên."]


def test_two_thousand_rows_are_read_fast_and_one_more_is_refused():
    rows = [[f"11C{n:05d}", "40", "Lý Văn Sình", "0912345678"] for n in range(2000)]
    content = book(rows)
    began = perf_counter()

    assert len(read(content).vehicles) == 2000
    assert perf_counter() - began < 5
    assert faults(book([*rows, rows[0]])) == ["Trang “Phương tiện” có hơn 2000 dòng."]


def test_a_sheet_with_endless_empty_rows_is_refused():
    made = Workbook()
    sheet = made.active
    sheet.title = str(VEHICLES)
    sheet.append([PLATE])
    sheet.cell(1_000_000, 1, "11C12345")
    stream = BytesIO()
    made.save(stream)

    assert faults(stream.getvalue()) == ["Trang “Phương tiện” quá dài."]


def lists(vehicles=None, lines=None) -> spreadsheet.Lists:
    return spreadsheet.Lists(
        vehicles=vehicles and [{"plate": plate} for plate in vehicles],
        lines=lines and [{"name": name, "vehicle": plate, "row": row} for row, (name, plate) in enumerate(lines, 2)],
    )


OWN = {
    "vehicles": [{"plate": "A1", "comes_from": "inland"}],
    "consignments": [{"regime": "ordinary", "lines": [{"name": "Cũ", "vehicle": 1}]}],
}


def test_lists_replace_or_follow_those_of_the_draft():
    new = lists(["B1", "B2"], [("Mới", "B2"), ("Chung", "")])

    replaced = spreadsheet.merged(OWN, new, replace=True, comes_from="border")
    assert replaced["vehicles"] == [{"plate": "B1", "comes_from": "border"}, {"plate": "B2", "comes_from": "border"}]
    assert replaced["consignments"][0]["lines"] == [
        {"name": "Mới", "vehicle": 2},
        {"name": "Chung", "vehicle": None},
    ]
    added = spreadsheet.merged(OWN, new, replace=False)
    assert [vehicle["plate"] for vehicle in added["vehicles"]] == ["A1", "B1", "B2"]
    assert [line["vehicle"] for line in added["consignments"][0]["lines"]] == [1, 3, None]
    assert OWN["consignments"][0]["lines"] == [{"name": "Cũ", "vehicle": 1}]


def test_a_sheet_of_vehicles_alone_leaves_the_goods_and_shares_what_lost_its_vehicle():
    merged = spreadsheet.merged(OWN, lists(["B1"]), replace=True)

    assert merged["consignments"][0]["lines"] == [{"name": "Cũ", "vehicle": None}]


def test_goods_on_a_vehicle_that_is_not_listed_are_named():
    with pytest.raises(BadSpreadsheet) as bad:
        spreadsheet.merged(OWN, lists(lines=[("Mới", "11C99999")]), replace=True)
    assert bad.value.faults == ["Hàng hóa, dòng 2: xe 11C-999.99 không có trong bảng kê phương tiện."]
