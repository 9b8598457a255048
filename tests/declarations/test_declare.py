"""Writing a declaration in the browser: saved, checked, sent, filled from a sheet; nothing typed is lost."""

import unicodedata
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from accounts.models import Membership, Organisation, User
from checkpoints.models import Fact
from declarations import spreadsheet
from declarations.models import Declaration
from tests.declarations.pages import LINE, LOT, VEHICLE, form, post, text
from tests.world import make_trader, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, world):
    client.force_login(world.trader)
    return client


def only() -> Declaration:
    return Declaration.objects.get()


def test_the_empty_form_is_shown(client):
    page = client.get(reverse("declarations:new"))

    assert page.status_code == 200
    assert "Khai báo mới" in text(page)
    assert "vehicles-0-plate" in text(page)


def test_a_declaration_is_sent_with_its_key_and_leads_to_its_page(client, world):
    data = form(world, do="send")
    response = post(client, data)

    sent = only()
    trip = sent.trips.get()
    assert response.url == reverse("declarations:detail", args=[sent.code]) + "?sent=1"
    assert (sent.state, trip.plate, trip.country, trip.driver_phone) == ("submitted", "11C12345", "VN", "0912345678")
    assert trip.origin == "Việt Nam"
    assert trip.loads.get().weight == 12_500
    assert Fact.objects.get(move="submit").key == data["key"]
    assert "draft-done" in text(client.get(response.url))


def test_the_country_told_by_a_mistyped_plate_follows_when_the_plate_is_mended(client, world):
    post(client, form(world) | {"vehicles-0-plate": "ABC123"})
    draft = only()
    trip = draft.trips.get()
    assert (trip.country, trip.origin) == ("CN", "Trung Quốc")
    shown = client.get(reverse("declarations:edit", args=[draft.code])).context["forms"].vehicles.forms[0]
    assert (shown["country"].value(), shown["origin"].value()) == ("", "")

    post(client, form(world) | {"vehicles-0-plate": "12C-123.45"}, draft)
    trip = only().trips.get()
    assert (trip.plate, trip.country, trip.origin) == ("12C12345", "VN", "Việt Nam")


def test_a_country_and_an_origin_that_somebody_chose_stay(client, world):
    chosen = {"vehicles-0-plate": "11C-123.45", "vehicles-0-country": "CN", "vehicles-0-origin": "Nhật Bản"}
    post(client, form(world) | chosen)
    shown = client.get(reverse("declarations:edit", args=[only().code])).context["forms"].vehicles.forms[0]
    assert (shown["country"].value(), shown["origin"].value()) == ("CN", "Nhật Bản")


def test_the_same_click_twice_is_one_declaration(client, world):
    data = form(world, do="send")
    first, second = post(client, data), post(client, data)

    assert only().state == "submitted"
    assert second.url == reverse("declarations:detail", args=[only().code])
    assert first.status_code == second.status_code == 302


def test_a_draft_may_be_all_but_empty_and_is_read_back(client, world):
    data = form(
        world, vehicles=[{"driver_name": "Lý"}], lines=[{"name": "Sắn", "consignment": "0"}], expected_at="", note="đêm"
    )
    response = post(client, data)

    draft = only()
    assert response.url == reverse("declarations:edit", args=[draft.code]) + "?saved=1"
    assert (draft.state, draft.expected_at, draft.note) == ("draft", None, "đêm")
    assert (draft.trips.get().driver_name, draft.trips.get().plate) == ("Lý", "")
    assert draft.consignments.get().lines.get().quantity is None
    assert 'value="Lý"' in text(client.get(response.url))


def test_what_is_missing_is_shown_at_its_field_when_sent(client, world):
    data = form(world, vehicles=[VEHICLE | {"driver_name": ""}], lines=[LINE | {"origin": "", "consignment": "0"}])
    response = post(client, data | {"do": "send"})

    page = text(client.get(response.url))
    assert response.url.endswith("?check=1")
    assert only().state == "draft"
    assert "Hãy khai tên người điều khiển phương tiện." in page
    assert 'href="#id_vehicles-0-driver_name"' in page
    assert 'href="#id_lines-0-origin"' in page
    assert 'value="send-anyway"' not in page


def test_warnings_are_shown_and_the_declaration_is_sent_anyway(client, world):
    data = form(world, do="send", vehicles=[VEHICLE | {"container": "CSQU3054384", "driver_phone": "12"}])
    response = post(client, data)
    page = client.get(response.url)

    assert only().state == "draft"
    assert page.context["seen"] == "container_form@vehicles.1.container phone_form@vehicles.1.driver_phone"
    assert "Vẫn gửi" in text(page)

    post(client, data | {"do": "send-anyway", "seen": page.context["seen"]}, only())
    assert only().state == "submitted"


def test_a_warning_that_nobody_saw_is_shown_first(client, world):
    draft = world.draft("export")
    data = form(world, do="send-anyway", vehicles=[VEHICLE | {"container": "CSQU3054384"}], seen="other@vehicles.1.x")

    response = post(client, data, draft)

    assert response.url.endswith("?check=1")
    assert only().state == "draft"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lines-0-quantity": "nhiều"}, "Hãy ghi một số"),
        ({"lines-0-value": "1,5"}, "Số phải là số nguyên"),
        ({"lines-0-value": "-1"}, "Số không được âm."),
        ({"lines-0-quantity": "30,000"}, "có thể đọc hai cách"),
        ({"lines-0-vehicle": "9"}, "Hãy chọn một mục trong danh sách."),
        ({"expected_at": "mai"}, "Hãy ghi ngày giờ dạng"),
        ({"purpose": "smuggle"}, ""),
        ({"purpose": ""}, "Hãy chọn mục đích."),
        ({"gate": "999"}, ""),
        ({"vehicles-0-permit_from": "2026-05-01", "vehicles-0-permit_to": "2026-04-01"}, "Ngày hết hạn phải sau"),
        ({"vehicles-0-permit_to": "31/02/2026"}, "Hãy ghi ngày dạng"),
        ({"vehicles-0-vehicle_type": "tank"}, "Hãy chọn một mục trong danh sách."),
        ({"vehicles-0-seal": "x" * 61}, "Dài quá 60 ký tự."),
        ({"vehicles-0-payload": "99999"}, "Số quá lớn."),
        ({"vehicles-TOTAL_FORMS": "x"}, ""),
        ({"vehicles-TOTAL_FORMS": "100000"}, ""),
    ],
)
def test_what_cannot_be_kept_is_told_and_everything_typed_stays(client, world, change, said):
    response = post(client, form(world, note="đừng mất") | change)

    assert response.status_code == 422
    assert said in text(response)
    assert "đừng mất" in text(response)
    assert "Chưa lưu được" in text(response)
    assert not Declaration.objects.exists()


def test_garbage_in_a_draft_leaves_the_draft_as_it_was(client, world):
    draft = world.draft("export")
    response = post(client, form(world) | {"lines-0-quantity": "nhiều", "vehicles-0-plate": "99C-999.99"}, draft)

    assert response.status_code == 422
    assert "99C-999.99" in text(response)
    assert draft.trips.get().plate == "11C12345"


def test_typed_text_is_kept_in_nfc(client, world):
    name = unicodedata.normalize("NFD", "Hạt điều nhân")
    post(client, form(world, lines=[LINE | {"name": name, "consignment": "0"}]))

    assert only().consignments.get().lines.get().name == "Hạt điều nhân"


def test_markup_is_shown_as_text(client, world):
    response = post(client, form(world, note="<script>alert(1)</script>"))

    assert "<script>alert" not in text(client.get(response.url))


def test_an_empty_vehicle_declares_no_goods_and_says_from_where(client, world):
    post(client, form(world, do="send", purpose="cross_empty", comes_from="border"))

    trip = only().trips.get()
    assert trip.procedure_code == "vn_empty_from_china_without_goods"
    assert not only().consignments.exists()


def test_an_empty_vehicle_without_its_side_is_asked(client, world):
    response = post(client, form(world, do="send", purpose="cross_empty"))

    assert 'href="#id_comes_from' in text(client.get(response.url))


def test_lines_go_to_the_vehicle_and_consignment_chosen_though_rows_were_taken_out(client, world):
    vehicles = [VEHICLE, {"DELETE": "on", **VEHICLE, "plate": "11C00000"}, {}, VEHICLE | {"plate": "11C-222.22"}]
    lots = [LOT, {"DELETE": "on", **LOT}, LOT | {"customs_number": "308508812340", "customs_date": "2026-01-01"}]
    lines = [
        LINE | {"name": "A", "consignment": "2", "vehicle": "3"},
        LINE | {"name": "B", "consignment": "0", "vehicle": ""},
        {"DELETE": "on", **LINE, "consignment": "0", "vehicle": "1"},
        {"consignment": "0"},
    ]
    response = post(client, form(world, vehicles=vehicles, lots=lots, lines=lines))

    assert response.status_code == 302
    first, second = only().consignments.order_by("pk")
    assert [trip.plate for trip in only().trips.order_by("position")] == ["11C12345", "11C22222"]
    assert second.lines.get().name == "A"
    assert second.lines.get().loads.get().trip.plate == "11C22222"
    assert first.lines.get().loads.count() == 2


def test_a_line_on_a_vehicle_needs_its_quantity_to_be_kept(client, world):
    lines = [LINE | {"quantity": "", "vehicle": "1", "consignment": "0"}]
    response = post(client, form(world, vehicles=[VEHICLE, VEHICLE | {"plate": "11C22222"}], lines=lines))

    assert response.status_code == 422
    assert "Hãy ghi số lượng của hàng trên xe đã chọn." in text(response)


def test_a_yard_belongs_to_the_gate(client, world):
    from tests.world import make_gate

    other = make_gate("tra-linh", "Trà Lĩnh")
    response = post(client, form(world, yard=other.yards.get().pk))

    assert response.status_code == 422
    assert "Bến bãi này không thuộc cửa khẩu Tà Lùng." in text(response)


def test_nobody_declares_for_an_organisation_of_others(client, world):
    other = Organisation.objects.create(name="Khác", tax_code="0000000099")
    response = post(client, form(world) | {"organisation": other.pk})

    assert response.status_code == 422
    assert not Declaration.objects.exists()


def test_who_acts_for_several_chooses(client, world):
    other = Organisation.objects.create(name="Công ty thứ hai", tax_code="0000000098")
    Membership.objects.create(user=world.trader, organisation=other, valid_from=timezone.localdate())

    assert "Công ty thứ hai" in text(client.get(reverse("declarations:new")))
    mine = world.trader.organisations.first().pk
    post(client, form(Proxy(world, mine)) | {"organisation": other.pk})
    assert only().organisation == other


class Proxy:
    """A world whose trader has several organisations."""

    def __init__(self, world, organisation):
        self.gate = world.gate
        self.trader = type("T", (), {"organisations": type("O", (), {"get": staticmethod(lambda: _Pk(organisation))})})


class _Pk:
    def __init__(self, pk):
        self.pk = pk


def test_without_an_organisation_nothing_is_declared(client, world):
    stranger = User.objects.create_user("stranger")
    client.force_login(stranger)

    response = client.get(reverse("declarations:new"))

    assert response.status_code == 403


def test_a_declaration_that_was_sent_is_no_longer_written(client, world):
    sent = world.submit("export")
    address = reverse("declarations:edit", args=[sent.code])

    assert client.get(address).url == reverse("declarations:detail", args=[sent.code])
    assert client.post(address, form(world, note="đổi")).url == reverse("declarations:detail", args=[sent.code])
    assert Declaration.objects.get().note == ""


def test_the_draft_of_another_does_not_exist(client, world):
    other = make_trader("Công ty khác")
    draft = world.draft("export", trader=other)

    assert client.get(reverse("declarations:edit", args=[draft.code])).status_code == 404
    assert post(client, form(world), draft).status_code == 404


def test_a_draft_written_elsewhere_meanwhile_is_not_overwritten_unasked(client, world):
    draft = world.draft("export")
    opened = client.get(reverse("declarations:edit", args=[draft.code])).context["page"].version
    post(client, form(world, note="của người khác", version=opened), draft)

    response = post(client, form(world, note="của tôi", version=opened), draft)

    assert response.status_code == 409
    assert "vừa được lưu từ nơi khác" in text(response)
    assert "của tôi" in text(response)
    assert only().note == "của người khác"
    post(client, form(world, note="của tôi", version=response.context["page"].version), draft)
    assert only().note == "của tôi"


def sheet(vehicles=(), lines=()) -> SimpleUploadedFile:
    return SimpleUploadedFile("b.xlsx", spreadsheet.write(vehicles, lines))


def test_a_spreadsheet_fills_the_draft_and_what_was_typed_is_saved_too(client, world):
    rows = [
        {"plate": f"11C{n:05d}", "vehicle_type": "other", "driver_name": "Lý", "stored_or_unloaded": False}
        for n in range(3)
    ]
    goods = [LINE | {"weight": 100, "quantity": 5, "value": 7, "vehicle": "11C00001"}]
    response = post(client, form(world, do="import", note="đêm") | {"sheet": sheet(rows, goods)})

    assert response.status_code == 302
    assert [trip.plate for trip in only().trips.order_by("position")] == ["11C00000", "11C00001", "11C00002"]
    assert only().consignments.get().lines.get().loads.get().trip.plate == "11C00001"
    assert only().note == "đêm"


def test_rows_of_a_sheet_may_follow_those_typed(client, world):
    rows = [{"plate": "11C00009", "vehicle_type": "other"}]
    post(client, form(world, do="import", how="add") | {"sheet": sheet(rows)})

    assert [trip.plate for trip in only().trips.order_by("position")] == ["11C12345", "11C00009"]


@pytest.mark.parametrize(
    ("upload", "said"),
    [
        (None, "Hãy chọn tệp bảng tính để nhập."),
        (SimpleUploadedFile("b.xlsx", b"x"), "Đây không phải bảng tính .xlsx."),
        (sheet([{"plate": "11C12345", "payload": "nặng"}]), "Phương tiện, ô D2: Hãy ghi một số"),
        (sheet(lines=[{"name": "A", "vehicle": "99C99999"}]), "Hàng hóa, dòng 2: xe 99C-999.99 không có"),
    ],
)
def test_a_bad_sheet_changes_nothing_and_what_was_typed_stays(client, world, upload, said):
    response = post(client, form(world, do="import", note="đừng mất") | ({"sheet": upload} if upload else {}))

    assert response.status_code == 422
    assert said in text(response)
    assert "đừng mất" in text(response)
    assert "chưa có gì thay đổi" in text(response)
    assert not Declaration.objects.exists()


def test_goods_for_an_empty_vehicle_are_not_imported(client, world):
    data = form(world, do="import", purpose="cross_empty", comes_from="inland")
    response = post(client, data | {"sheet": sheet(lines=[{"name": "A"}])})

    assert "Mục đích đã chọn là xe không chở hàng" in text(response)


def test_long_lists_are_kept_in_the_sheet_and_sent_from_the_page(client, world):
    rows = [
        {"plate": f"11C{n:05d}", "vehicle_type": "other", "driver_name": "Lý", "driver_phone": "0912345678"}
        for n in range(40)
    ]
    post(client, form(world, do="import") | {"sheet": sheet(rows)})
    draft = only()
    page = text(client.get(reverse("declarations:edit", args=[draft.code])))
    assert "Bảng kê dài" in page
    assert "vehicles-TOTAL_FORMS" not in page

    response = post(client, form(world, do="send", vehicles=[], lines=[], note="dài"), draft)

    sent = only()
    assert response.url.startswith(reverse("declarations:detail", args=[sent.code]))
    assert (sent.state, sent.note, sent.trips.count()) == ("submitted", "dài", 40)
    assert sent.consignments.get().lines.get().loads.count() == 40


def test_the_template_and_the_lists_are_spreadsheets(client, world):
    draft = world.draft("export", vehicles=[vehicle("11C11111"), vehicle("11C22222")])

    assert load_workbook(BytesIO(client.get(reverse("declarations:template")).content)).sheetnames
    content = client.get(reverse("declarations:lists", args=[draft.code])).content
    lists = spreadsheet.read(BytesIO(content), size=len(content))
    assert [row["plate"] for row in lists.vehicles] == ["11C11111", "11C22222"]
    assert [row["name"] for row in lists.lines] == ["Tinh bột sắn"]


def test_the_form_asks_as_few_queries_for_thirty_vehicles_as_for_three(client, world, monkeypatch):
    monkeypatch.setattr("checkpoints.views.public.SECONDS", 600)

    def queries(number: int) -> int:
        draft = world.draft("export", vehicles=[vehicle(f"11C{n:05d}", vehicle_type="other") for n in range(number)])
        address = reverse("declarations:edit", args=[draft.code]) + "?check=1"
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        return len(asked)

    assert queries(3) == queries(30) <= 26


@pytest.mark.parametrize("vehicles", [[], [{"driver_name": "Lý Văn Sình"}]])
def test_where_an_empty_vehicle_comes_from_is_kept_before_there_is_a_usable_one(client, world, vehicles):
    post(client, form(world, purpose="cross_empty", comes_from="border", vehicles=vehicles))

    draft = only()
    shown = client.get(reverse("declarations:edit", args=[draft.code]))
    assert draft.comes_from == "border"
    assert shown.context["forms"].general["comes_from"].value() == "border"
    post(client, form(world, purpose="cross_empty", comes_from="inland", vehicles=vehicles), draft)
    assert only().comes_from == "inland"


def test_a_draft_from_before_takes_the_side_of_its_vehicles(client, world):
    draft = world.draft("cross_empty", vehicles=[vehicle("11C12345", comes_from="border")])

    shown = client.get(reverse("declarations:edit", args=[draft.code]))
    assert shown.context["forms"].general["comes_from"].value() == "border"


def test_goods_come_from_where_the_form_of_the_law_says_in_every_language(client, world):
    with translation.override("en"):
        shown = client.get("/en/declarations/new/").content.decode()
    assert 'data-origin-export="Việt Nam" data-origin-import="Trung Quốc"' in shown
    assert "Back" in shown
