"""A trader on a phone declares with what the register holds, and sees what papers lack before the truck leaves."""

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from declarations.models import Declaration
from register.models import Kind, PaperRule
from tests.register.files import picture
from tests.register.rows import make_driver, make_vehicle

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


def test_a_truck_of_the_register_is_declared_by_one_tap_and_its_lacking_paper_mended(phone, world):
    firm = world.trader.organisations.get()
    kept = make_vehicle(firm, trailer_plate="11R00001", payload=40, papers=[Kind.REGISTRATION, Kind.INSURANCE])
    make_driver(firm)
    PaperRule.objects.get_or_create(any_of=[Kind.INSPECTION], country="", gate_kind="")
    phone.goto(reverse("declarations:new"))
    phone.get_by_label("Xuất khẩu", exact=False).first.check()
    on(phone)
    phone.get_by_role("button", name="11C12345").click()
    expect(phone.locator("[name=vehicles-0-trailer_plate]")).to_have_value("11R00001")
    phone.fill("[name=vehicles-0-driver_name]", "Lý Văn Sình")
    phone.locator("[name=vehicles-0-driver_phone]").focus()
    expect(phone.locator("[name=vehicles-0-driver_phone]")).to_have_value("0912345678")
    expect(phone.get_by_text("Giấy tờ xe: thiếu đăng kiểm")).to_be_visible()
    on(phone)
    goods = {"name": "Tinh bột sắn", "quantity": "600", "unit": "bao", "weight": "12.500", "value": "300.000.000"}
    for name, value in goods.items():
        phone.fill(f"[name=lines-0-{name}]", value)
    on(phone)
    phone.get_by_role("button", name="Gửi tờ khai").click()
    expect(phone.locator(".note--wait").get_by_text("thiếu đăng kiểm")).to_be_visible()

    with phone.expect_popup() as opened:
        phone.get_by_role("link", name="Bổ sung giấy tờ").click()
    register = opened.value
    register.get_by_role("link", name="Ghi giấy tờ").click()
    expect(register.locator("[name=kind]")).to_have_value("inspection")
    register.fill("[name=number]", "KĐ 0001")
    register.fill("[name=valid_to]", "2030-01-01")
    register.set_input_files("[name=scan]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    register.get_by_role("button", name="Lưu").click()
    expect(register.get_by_text("Đã lưu giấy tờ.")).to_be_visible()
    assert kept.papers.get(kind=Kind.INSPECTION).scan

    phone.reload()
    for _part in range(3):
        on(phone)
    phone.get_by_role("button", name="Gửi tờ khai").click()
    expect(phone.get_by_role("heading", name="Tờ khai")).to_be_visible()
    trip = Declaration.objects.get(state="submitted").trips.get()
    assert (trip.vehicle, trip.driver.name) == (kept, "Lý Văn Sình")
