"""One person writes a tariff down from a spreadsheet, another tries it out and puts it in force."""

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from fees import spreadsheet
from fees.models import Tariff, TariffLine, TariffRule
from fees.sample import enter_sample_tariff
from tests.fees.tables import LANG_SON, LANG_SON_RULES
from tests.world import make_officer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(chromium, live_server):
    """The page of a browser in which somebody of the fee centre is signed in."""
    contexts = []

    def opened() -> Page:
        client = Client()
        client.force_login(make_officer("fee_centre", None))
        session = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
        context = chromium.new_context(
            viewport={"width": 1280, "height": 900}, locale="vi-VN", base_url=live_server.url
        )
        context.add_cookies([session | {"url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        return page

    yield opened
    for context in contexts:
        context.close()


def test_a_tariff_comes_into_force_by_two_people(desk, tmp_path: Path):
    enter_sample_tariff()
    sheet = tmp_path / "bieu-phi.xlsx"
    lines, rules = (
        [model(**row) for row in rows] for model, rows in ((TariffLine, LANG_SON), (TariffRule, LANG_SON_RULES))
    )
    sheet.write_bytes(spreadsheet.write(lines, rules))
    one, two = desk(), desk()
    one.goto(reverse("fees:tariffs"))
    one.get_by_role("link", name="Biểu phí mới").click()
    one.get_by_label("Tên biểu phí", exact=True).fill("Biểu phí 2026")
    one.get_by_label("Căn cứ pháp lý").fill("NQ 01/2026/NQ-HĐND")
    one.get_by_label("Có hiệu lực từ ngày").fill("2026-02-27")
    one.get_by_role("button", name="Tạo bản nháp").click()
    one.get_by_label("Tệp bảng tính .xlsx").set_input_files(sheet)
    one.get_by_role("button", name="Nhập bảng tính").click()
    expect(one.get_by_text("4.000.000")).to_be_visible()
    one.get_by_role("button", name="Đề nghị duyệt").click()
    expect(one.get_by_text("không được tự duyệt")).to_be_visible()
    expect(one.get_by_role("button", name="Duyệt")).to_have_count(0)

    two.goto(one.url)
    two.get_by_role("link", name="Tính thử").click()
    two.get_by_label("Chiều").select_option("import")
    two.get_by_label("Sang tải").select_option("gave_all")
    two.get_by_label("Loại phương tiện").select_option("other")
    two.get_by_label("Trọng tải (tấn)").fill("5")
    two.get_by_role("button", name="Tính", exact=True).click()
    expect(two.get_by_text("0,3 = 90.000")).to_be_visible()
    two.get_by_role("link", name="Trở lại").click()
    two.on("dialog", lambda dialog: dialog.accept())
    two.get_by_role("button", name="Duyệt", exact=True).click()
    expect(two.get_by_text("Đang có hiệu lực")).to_be_visible()
    two.goto(reverse("fees:tariff"))
    expect(two.get_by_role("heading", name="Biểu phí 2026")).to_be_visible()
    tariff = Tariff.objects.get(is_sample=False)
    assert (tariff.state, tariff.lines.count(), tariff.rules.count()) == ("approved", 5, 4)
    assert Tariff.objects.get(is_sample=True).valid_to == date(2026, 2, 26)
