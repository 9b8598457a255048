"""The tariff's pages: entered, imported, compared, tried out, approved by another; the public page."""

from datetime import date
from io import BytesIO

import pytest
from django.test import Client
from django.utils import translation
from openpyxl import Workbook, load_workbook

from fees import spreadsheet
from fees.models import Tariff, TariffLine, TariffRule
from fees.sample import enter_sample_tariff
from fees.services import tariffs
from tests.fees.tables import LANG_SON, LANG_SON_RULES
from tests.fees.tariffs import in_force
from tests.world import make_officer, make_trader

pytestmark = pytest.mark.django_db

HEADER = {
    "province": "Cao Bằng",
    "name": "Biểu phí 2026",
    "legal_basis": "NQ 01/2026/NQ-HĐND",
    "valid_from": "2026-02-27",
}


@pytest.fixture(autouse=True)
def in_vietnamese():
    """A request in another language leaves that on; not to the next test."""
    with translation.override("vi"):
        yield


@pytest.fixture
def enterer():
    return make_officer("fee_centre", None)


@pytest.fixture
def centre(client, enterer) -> Client:
    client.force_login(enterer)
    return client


@pytest.fixture
def second() -> Client:
    client = Client()
    client.force_login(make_officer("fee_centre", None))
    return client


@pytest.fixture
def draft(enterer) -> Tariff:
    header = HEADER | {"valid_from": date(2026, 2, 27)}
    return tariffs.new_tariff(actor=enterer, **header)


def page(response) -> str:
    assert response.status_code == 200, response
    return response.content.decode()


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_a_tariff_goes_from_the_first_line_to_the_public_page(centre, second, client):
    enter_sample_tariff()
    answer = centre.post("/fees/tariffs/new/", HEADER, follow=True)
    tariff = Tariff.objects.get(state="draft")
    assert "hết hiệu lực trước ngày 27/02/2026" in page(answer)
    base = f"/fees/tariffs/{tariff.pk}/"
    line = {"kind": "infrastructure", "unit": "vehicle", "price": "300.000", "payload_from": "4", "payload_below": "10"}
    centre.post(base + "lines/new/", line | {"article": "Mục 1"})
    line = tariff.lines.get()
    centre.post(f"{base}lines/{line.pk}/", {"kind": "infrastructure", "unit": "vehicle", "price": "350000"})
    rule = {"effect": "coefficient", "factor": "1,3", "direction": "import", "article": "Điều 2"}
    centre.post(base + "rules/new/", rule)
    html = page(centre.get(base))
    assert "350.000\u00a0₫ / xe" in html
    assert "Hệ số 1,3" in html
    assert "4 đến dưới 10" not in html
    assert said(centre.post(base + "propose/", follow=True)) == ["Đã gửi đề nghị duyệt. Một người khác phải duyệt."]
    assert "không được tự duyệt" in page(centre.get(base))
    tariff.refresh_from_db()
    seen = {"seen": tariff.proposed_at.isoformat()}
    assert "không được tự duyệt" in said(centre.post(base + "approve/", seen, follow=True))[0]
    assert seen["seen"] in page(second.get(base))
    assert said(second.post(base + "approve/", seen, follow=True)) == ["Đã duyệt biểu phí."]
    client.logout()
    for language, word in (("", "Biểu phí 2026"), ("/en", "350.000"), ("/zh-hans", "350.000")):
        html = page(client.get(f"{language}/fees/tariff/"))
        assert word in html
        assert "minh họa" not in html


def test_who_does_not_enter_reads_or_stays_out(client, draft):
    base = f"/fees/tariffs/{draft.pk}/"
    client.force_login(make_officer("zone_authority", None))
    assert "Đề nghị duyệt" not in page(client.get(base))
    for address in ("lines/new/", "header/"):
        assert client.get(base + address).status_code == 403
    assert client.get("/fees/tariffs/new/").status_code == 403
    for address in ("propose/", "approve/", "import/", "discard/", "end/"):
        assert client.post(base + address).status_code == 403
    for stranger in (make_trader(), make_officer("customs", None)):
        client.force_login(stranger)
        for address in ("/fees/tariffs/", base, base + "try/", base + "sheet.xlsx", "/fees/tariffs/template.xlsx"):
            assert client.get(address).status_code == 403
    client.logout()
    assert client.get(base).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"price": "-5"}, "Số không được âm."),
        ({"price": "1000,5"}, "Số phải là số nguyên, không có phần lẻ."),
        ({"price": "ba trăm"}, "Hãy ghi một số"),
        ({"price": ""}, "Trường này là bắt buộc."),
        ({"price": "9999999999"}, "Số tiền quá lớn."),
        ({"payload_from": "10", "payload_below": "4"}, "Trọng tải đến phải lớn hơn trọng tải từ."),
        ({"payload_from": "-1"}, "Số không được âm."),
        ({"unit": "container"}, "Mức phí theo container phải ghi loại container."),
        ({"goods_group": "vàng"}, "vàng"),
    ],
)
def test_a_wrong_line_is_refused_with_words(centre, draft, wrong, words):
    line = {"kind": "infrastructure", "unit": "vehicle", "price": "1"} | wrong
    assert words in page(centre.post(f"/fees/tariffs/{draft.pk}/lines/new/", line))
    assert not draft.lines.exists()


def test_a_rule_is_refused_by_its_field(centre, draft):
    html = page(centre.post(f"/fees/tariffs/{draft.pk}/rules/new/", {"effect": "exemption"}))
    assert "Miễn phí phải có lý do." in html
    html = page(centre.post(f"/fees/tariffs/{draft.pk}/rules/new/", {"effect": "coefficient", "factor": "0"}))
    assert "Hệ số phải lớn hơn 0" in html


def test_the_same_case_twice_is_said_on_the_page(centre, draft):
    line = {"kind": "infrastructure", "unit": "vehicle", "price": "1"}
    centre.post(f"/fees/tariffs/{draft.pk}/lines/new/", line)
    assert "đã có dòng khác" in page(centre.post(f"/fees/tariffs/{draft.pk}/lines/new/", line))
    assert draft.lines.count() == 1


def sheet_of(lines: list[list], rules: list[list] = (), titles: list[str] | None = None) -> BytesIO:
    book = Workbook()
    book.remove(book.active)
    one = book.create_sheet("Mức phí")
    one.append(titles or [str(column.title) for column in spreadsheet.LINES.columns])
    two = book.create_sheet("Hệ số và miễn")
    two.append([str(column.title) for column in spreadsheet.RULES.columns])
    for row in lines:
        one.append(row)
    for row in rules:
        two.append(row)
    stream = BytesIO()
    book.save(stream)
    stream.seek(0)
    stream.name = "bieu-phi.xlsx"
    return stream


def line(price, **more) -> list:
    return [{"price": price, **more}.get(column.name) for column in spreadsheet.LINES.columns]


def rule(**cells) -> list:
    return [cells.get(column.name) for column in spreadsheet.RULES.columns]


def send(client: Client, tariff: Tariff, sheet: BytesIO | None):
    return client.post(f"/fees/tariffs/{tariff.pk}/import/", {"sheet": sheet} if sheet else {}, follow=True)


def test_a_version_written_out_is_read_back_the_same(centre, draft):
    told = in_force(*LANG_SON, rules=LANG_SON_RULES)
    content = BytesIO(centre.get(f"/fees/tariffs/{told.pk}/sheet.xlsx").content)
    content.name = "x.xlsx"
    assert said(send(centre, draft, content)) == ["Đã nhập 9 dòng."]
    for model in (TariffLine, TariffRule):
        names = [field.name for field in model._meta.fields if field.name not in ("id", "tariff")]
        assert list(draft_rows(draft, model, names)) == list(draft_rows(told, model, names))


def draft_rows(tariff, model, names):
    return model.objects.filter(tariff=tariff).order_by("pk").values_list(*names)


def test_the_template_is_filled_in_as_people_write(centre, draft):
    book = load_workbook(BytesIO(centre.get("/fees/tariffs/template.xlsx").content))
    assert book.sheetnames == ["Mức phí", "Hệ số và miễn", "Hướng dẫn"]
    sheet = sheet_of(
        [
            line("1.250.000", kind="Sang tải", regime="thông thường", unit="Tấn hoặc m³", payload_from="4,5"),
            line(300000, direction="XUẤT KHẨU", vehicle_type="Container 40 feet", unit="container", article=" Mục 2 "),
            line(70_000, hs_prefix=2710, origin="việt nam", unit="tấn"),
        ],
        [
            rule(effect="hệ số", factor=0.3, charged_as="Sang tải", transshipment="Sang hết"),
            rule(effect="miễn", reason="Viện trợ"),
        ],
    )
    assert said(send(centre, draft, sheet)) == ["Đã nhập 5 dòng."]
    one, two, three = draft.lines.order_by("pk")
    assert (three.hs_prefix, three.origin, three.goods_words) == (
        "2710",
        "vietnam",
        "Mã HS 2710 · Xuất xứ Việt Nam",
    )
    assert (one.price, one.kind, one.regime, one.unit) == (1_250_000, "transshipment", "ordinary", "tonne_m3")
    assert (str(one.payload_from), two.direction, two.article) == ("4.50", "export", "Mục 2")
    coefficient, exemption = draft.rules.order_by("pk")
    assert (str(coefficient.factor), coefficient.charged_as, coefficient.transshipment) == (
        "0.3000",
        "transshipment",
        "gave_all",
    )
    assert exemption.reason == "Viện trợ"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (line("=1+1"), "Mức phí, ô L2: là công thức; hãy dán giá trị"),
        (line(-300), "Mức phí, ô L2: Số không được âm."),
        (line(1000.5), "Mức phí, ô L2: Số phải là số nguyên, không có phần lẻ."),
        (line(True), "Mức phí, ô L2: giá trị đúng/sai không dùng được ở cột này"),
        (line(date(2026, 1, 1)), "Mức phí, ô L2: ngày không dùng được ở cột này"),
        (line(None, article="x"), "Mức phí, ô L2: Trường này là bắt buộc."),
        (line(1, goods_group="Vàng"), "Mức phí, ô D2: hãy ghi một trong: Thông thường, Nông sản, Quặng, Đông lạnh"),
        (line(1, unit="container"), "Mức phí, ô H2: Mức phí theo container phải ghi loại container."),
        (line(1, hs_prefix="２７１０"), "Mức phí, ô E2: Mã HS ghi từ 2 đến 8 chữ số, ví dụ 2710."),
        (line(1, hs_prefix="xăng"), "Mức phí, ô E2: Mã HS ghi từ 2 đến 8 chữ số, ví dụ 2710."),
        (line(1, payload_from=9, payload_below=4), "Mức phí, ô J2: Trọng tải đến phải lớn hơn trọng tải từ."),
    ],
)
def test_what_is_wrong_in_a_sheet_is_told_by_cell_and_nothing_is_taken(centre, enterer, draft, row, fault):
    tariffs.save_row(row=TariffLine(tariff=draft, price=7), actor=enterer)
    answer = send(centre, draft, sheet_of([row, line(1, goods_group="ore")]))
    assert answer.status_code == 422
    assert fault in answer.content.decode()
    assert draft.lines.get().price == 7


def test_a_long_sheet_asks_the_database_little(centre, draft, django_assert_max_num_queries):
    rows = [line(1, payload_from=number, payload_below=number + 1) for number in range(500)]
    with django_assert_max_num_queries(30):
        assert said(send(centre, draft, sheet_of(rows))) == ["Đã nhập 500 dòng."]


def test_sheets_that_are_none_or_contradict_themselves(centre, draft):
    other = BytesIO(b"bieu phi")
    other.name = "x.xlsx"
    for sheet, fault in (
        (None, "Hãy chọn tệp bảng tính để nhập."),
        (other, "Đây không phải bảng tính .xlsx."),
        (sheet_of([]), "Bảng tính chưa có mức phí nào."),
        (sheet_of([line(1)], titles=["a", "b"]), "không thấy cột “Mức phí (đồng)”"),
        (
            sheet_of([line(1, payload_from=4, payload_below=10), line(2, payload_from=9)]),
            "Mức phí, dòng 2 và 3: cùng một trường hợp",
        ),
        (sheet_of([line(1)] * 501), "quá dài"),
    ):
        answer = send(centre, draft, sheet)
        assert answer.status_code == 422
        assert fault in answer.content.decode()


def test_versions_side_by_side_and_a_truck_tried_on_both(centre, enterer, draft):
    sample = enter_sample_tariff()
    tariffs.save_row(row=TariffLine(tariff=draft, regime="ordinary", price=80_000, unit="tonne_m3"), actor=enterer)
    base = f"/fees/tariffs/{draft.pk}/"
    html = page(centre.get(f"{base}compare/?with={sample.pk}"))
    assert "Giảm 20 %" in html
    for wrong in ("", "x", "0", "²"):
        assert centre.get(f"{base}compare/?with={wrong}").status_code == 404
    truck = {
        "direction": "export",
        "regime": "ordinary",
        "goods_group": "general",
        "transshipment": "carried",
        "vehicle_type": "other",
        "tonnes": "30,5",
    }
    html = page(centre.get(base + "try/", truck))
    assert "30,5 tấn × 80.000\u00a0₫ = 2.440.000\u00a0₫" in html
    assert "30,5 tấn × 100.000\u00a0₫ = 3.050.000\u00a0₫" in html
    assert "Chưa có" not in html
    assert "biểu phí chưa có mức phí" in page(centre.get(base + "try/", truck | {"regime": "transit"})).lower()
    assert "Số không được âm." in page(centre.get(base + "try/", truck | {"tonnes": "-1"}))
    assert TariffLine.objects.filter(tariff=draft).count() == 1


def test_gaps_are_warned_about_and_overlaps_refused(centre, draft):
    in_force({"price": 1, "regime": "ordinary"})
    base = f"/fees/tariffs/{draft.pk}/"
    centre.post(base + "header/", HEADER | {"valid_from": "2026-12-01", "valid_to": "2026-12-31"})
    centre.post(base + "lines/new/", {"kind": "infrastructure", "unit": "vehicle", "price": "1", "regime": "ordinary"})
    html = page(centre.get(base))
    assert "Từ 01/01/2027 chưa có biểu phí nào" in html
    assert "Chưa có mức phí cho" in html
    centre.post(base + "header/", HEADER | {"valid_from": "2026-01-01"})
    assert "Trùng thời gian" in page(centre.get(base))
    assert "trùng với biểu phí “Biểu phí thử”" in said(centre.post(base + "propose/", follow=True))[0]
    html = page(centre.post(base + "header/", HEADER | {"valid_from": "2026-02-30"}))
    assert "Hãy ghi ngày dạng 22/11/2026." in html
    html = page(centre.post(base + "header/", HEADER | {"valid_to": "2026-01-01"}))
    assert "Ngày kết thúc phải sau ngày bắt đầu." in html


def test_the_pages_ask_little(centre, draft, django_assert_max_num_queries):
    sample = enter_sample_tariff()
    draft.lines.set([])
    for address in ("/fees/tariffs/", "/fees/tariffs/new/", "/fees/tariff/"):
        with django_assert_max_num_queries(12):
            centre.get(address)
    for tariff in (sample, draft):
        for address in ("", f"compare/?with={sample.pk}", "try/", "sheet.xlsx"):
            with django_assert_max_num_queries(12):
                assert centre.get(f"/fees/tariffs/{tariff.pk}/{address}").status_code == 200


def test_the_bar_marks_the_nearest_page_alone(centre):
    assert page(centre.get("/fees/tariffs/")).split("</nav>")[0].count('aria-current="page"') == 1


def test_the_sample_is_labelled(client):
    enter_sample_tariff()
    assert "Biểu mẫu để minh họa" in page(client.get("/fees/tariff/"))
    assert "Sample tariff (Resolution 39/2019" in page(client.get("/en/fees/tariff/"))
    assert "示例收费表" in page(client.get("/zh-hans/fees/tariff/"))
