"""A trader declares on a phone: one part at a time, only what the purpose asks, nothing typed is lost."""

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from declarations.models import Consignment, Declaration, Document
from register.models import SpecialisedDriver
from tests.world import make_gate, vehicle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def phone(chromium, live_server, client, world):
    client.force_login(world.trader)
    session = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", base_url=live_server.url
    )
    context.add_cookies([session | {"url": live_server.url}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def on(page: Page) -> None:
    page.locator("[data-step-on]").click()


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"[name={name.replace('__', '-')}]", value)


def test_an_import_is_declared_part_by_part_with_a_warning_sent_anyway(phone, world):
    phone.goto(reverse("declarations:new"))
    expect(phone.get_by_role("heading", name="Khai báo mới")).to_be_visible()
    expect(phone.locator("[name=vehicles-0-plate]")).to_be_hidden()
    phone.get_by_label("Nhập khẩu", exact=False).first.check()
    on(phone)
    expect(phone.locator("[name=vehicles-0-permit_number]")).to_be_visible()
    phone.select_option("[name=vehicles-0-vehicle_type]", "other")
    expect(phone.locator("[name=vehicles-0-container]")).to_be_hidden()
    fill(
        phone,
        vehicles__0__plate="桂F-A1234",
        vehicles__0__driver_name="韦建国",
        vehicles__0__driver_phone="138 1234 5678",
        vehicles__0__permit_number="C26YF1",
        vehicles__0__permit_to="2026-01-31",
    )
    on(phone)
    expect(phone.locator("[name=lines-0-origin]")).to_have_value("Trung Quốc")
    expect(phone.locator("[name=lines-0-vehicle]")).to_be_hidden()
    fill(
        phone,
        lines__0__name="Táo tươi",
        lines__0__quantity="500",
        lines__0__unit="thùng",
        lines__0__weight="10.000",
        lines__0__value="205.000.000",
    )
    expect(phone.locator("[data-totals]")).to_have_text("Tổng: 10.000 kg · 205.000.000 ₫")
    on(phone)
    expect(phone.locator("[data-summary]")).to_contain_text("桂F-A1234")
    phone.locator("button[value=send]").click()

    expect(phone.get_by_role("heading", name="Hãy xem lại")).to_be_visible()
    expect(phone.locator("[name=vehicles-0-permit_to]")).to_be_visible()
    phone.get_by_role("button", name="Vẫn gửi").first.click()

    phone.wait_for_url("**/?sent=1")
    declaration = Declaration.objects.get()
    assert declaration.state == "submitted"
    assert declaration.trips.get().plate == "桂FA1234"
    assert phone.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('draft:'))") == []


def test_a_second_vehicle_lets_a_line_choose_and_a_known_one_is_one_tap_away(phone, world):
    world.submit("export", vehicles=[vehicle("11C99999", driver_name="Nông Văn Cũ")])
    phone.goto(reverse("declarations:new"))
    phone.get_by_label("Xuất khẩu", exact=False).first.check()
    on(phone)
    phone.get_by_role("button", name="11C99999 Nông Văn Cũ").click()
    expect(phone.locator("[name=vehicles-0-driver_name]")).to_have_value("Nông Văn Cũ")
    phone.get_by_role("button", name="Thêm phương tiện").click()
    fill(phone, vehicles__1__plate="11C88888")
    phone.locator(".progress").get_by_role("button", name="Hàng hóa").click()

    phone.select_option("[name=lines-0-vehicle]", label="Xe 2 · 11C88888")
    expect(phone.locator("[name=lines-0-vehicle]")).to_have_value("1")


def test_what_was_typed_survives_a_closed_page(phone, world):
    phone.goto(reverse("declarations:new"))
    phone.get_by_label("Xuất khẩu", exact=False).first.check()
    on(phone)
    fill(phone, vehicles__0__plate="11C12345")
    while "11C12345" not in (phone.evaluate("localStorage.getItem('draft:declaration-new')") or ""):
        phone.wait_for_timeout(100)

    phone.goto(reverse("declarations:new"))
    phone.get_by_role("button", name="Dùng lại").click()

    expect(phone.locator("[name=vehicles-0-plate]")).to_have_value("11C12345")


def test_another_gate_brings_its_specialised_drivers_along(phone, world):
    other = make_gate("soc-giang", "Sóc Giang")
    given = {"paper_number": "004080000111", "valid_from": timezone.localdate(), "registered_by": world.trader}
    SpecialisedDriver.objects.create(gate=world.gate, name="Mông Văn Trách", phone="0977000111", **given)
    SpecialisedDriver.objects.create(gate=other, name="Hoàng Văn Xa", phone="0977000222", **given)
    phone.goto(reverse("declarations:new") + "?purpose=export")
    expect(phone.locator("#known-drivers option")).to_have_attribute("value", "Hoàng Văn Xa")

    phone.select_option("[name=gate]", str(world.gate.pk))

    expect(phone.locator("#known-drivers option")).to_have_attribute("value", "Mông Văn Trách")
    on(phone)
    phone.fill("[name=vehicles-0-driver_name]", "Mông Văn Trách")
    phone.locator("[name=vehicles-0-plate]").focus()
    expect(phone.locator("[name=vehicles-0-driver_phone]")).to_have_value("0977000111")
    expect(phone.locator("[name=vehicles-0-specialised_driver]")).to_be_checked()


def test_goods_taken_out_on_the_page_leave_their_documents_to_be_placed(phone, world):
    draft = world.draft("export")
    first = draft.consignments.get()
    second = Consignment.objects.create(declaration=draft, owner_name="Chủ B")
    given = {"declaration": draft, "uploaded_by": world.trader, "uploaded_at": timezone.now(), "file": "x.pdf"}
    Document.objects.create(consignment=first, kind="invoice", **given)
    Document.objects.create(consignment=second, kind="packing_list", **given)
    phone.goto(reverse("declarations:edit", args=[draft.code]) + "#lines")

    phone.locator("[data-formset=consignments] [data-formset-remove]").first.click()
    phone.locator("button[value=save]").last.click()

    phone.wait_for_url("**/edit/?saved=1")
    assert draft.consignments.get() == second
    owners = dict(Document.objects.values_list("kind", "consignment"))
    assert owners == {"invoice": None, "packing_list": second.pk}
    phone.goto(reverse("declarations:detail", args=[draft.code]))
    phone.get_by_role("button", name="Gắn vào lô này").click()
    expect(phone.get_by_text("Đã gắn chứng từ vào lô hàng.")).to_be_visible()
    assert Document.objects.get(kind="invoice").consignment == second


def test_an_empty_vehicle_is_asked_where_it_comes_from_and_no_goods(phone, world):
    phone.goto(reverse("declarations:new"))
    expect(phone.get_by_label("Từ Trung Quốc", exact=True)).to_be_hidden()
    phone.get_by_label("Xe không chở hàng, đi qua cửa khẩu", exact=False).check()
    phone.get_by_label("Từ Trung Quốc", exact=True).check()

    assert phone.locator(".progress button").all_text_contents() == ["Chuyến đi", "Phương tiện", "Gửi"]


def test_a_live_page_brings_the_new_state_and_leaves_what_is_typed_and_folded(phone, world):
    sent = world.submit("export", customs_number="", vehicles=[vehicle("11C11111"), vehicle("11C22222")])
    phone.goto(reverse("declarations:detail", args=[sent.code]))
    number = phone.locator("[name$=customs_number]")
    number.fill("3085")
    phone.locator("#steps-2 > summary").click()
    world.see(sent.trips.get(position=1), "B2", "in")
    phone.evaluate("document.body.dispatchEvent(new CustomEvent('live', {detail: {}}))")

    expect(phone.locator("#truck-1")).to_contain_text("Tại barie")
    expect(number).to_have_value("3085")
    assert phone.evaluate("document.getElementById('steps-2').open")
