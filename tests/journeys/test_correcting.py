"""A wrong plate at the barrier: asked, corrected on the driver's phone, agreed to, and the truck drives in."""

import time

import pytest
from playwright.sync_api import expect

from checkpoints.models import Confirmation, Fact
from declarations.models import Trip
from tests.journeys.conftest import Border, wait_for
from tests.journeys.test_journeys import declare

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("journeys"),
]


def test_a_wrong_plate_is_corrected_on_the_phone_in_under_a_minute(border: Border):
    trip = declare(border, "export", "11C12345", goods=True)
    card = border.as_("trader")
    card.goto(f"{border.url}/declarations/{trip.declaration.code}/")
    address = card.get_by_role("link", name="Thẻ lái xe").get_attribute("href")
    phone = border.browser.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN").new_page()
    phone.goto(f"{border.url}{address}")

    assert border.camera_sees("11C12349", "ta-lung-b2-in").passage is None
    guard = border.as_("border_guard")
    place = f"{border.url}/console/ta-lung/B2/{trip.pk}/"
    guard.goto(place)
    guard.get_by_role("button", name="Gọi vào làn").first.click()
    expect(guard.get_by_role("button", name="Xác nhận: ")).to_be_visible()
    border.click_for("customs", "B2", trip.plate, "Xác nhận")
    wait_for(lambda: Confirmation.objects.filter(stage__trip=trip, agency="customs", state="confirmed").exists(), 20)
    guard.goto(place)
    guard.get_by_role("button", name="Chỉ xác nhận").click()
    opening = guard.get_by_role("button", name="Mở barie o", exact=True)
    expect(opening).to_be_visible()
    confirmed = facts_of(trip)

    began = time.monotonic()
    guard.get_by_role("button", name="Yêu cầu sửa khai báo").click()
    dialog = guard.locator("dialog[open]")
    dialog.get_by_text("Biển kiểm soát", exact=False).first.click()
    dialog.get_by_text("Biển kiểm soát không khớp ảnh").click()
    dialog.get_by_role("button", name="Gửi yêu cầu").click()
    expect(guard.locator("#correction")).to_be_visible()
    expect(opening).to_have_count(0)

    phone.reload()
    phone.get_by_role("link", name="Sửa ngay").click()
    phone.get_by_label("Biển kiểm soát").fill("11c 123.49")
    phone.get_by_role("button", name="Gửi").click()
    expect(phone.get_by_role("heading", name="Chờ đồng ý sửa khai báo")).to_be_visible()

    expect(guard.get_by_role("button", name="Đồng ý sửa")).to_be_visible()
    guard.get_by_role("button", name="Đồng ý sửa").click()
    expect(guard.locator(".truck__head .plate")).to_have_attribute("data-plate", "11C12349")
    opening.click()
    wait_for(lambda: Trip.objects.get(pk=trip.pk).state == "under_way", 20)
    assert time.monotonic() - began < 60

    assert Trip.objects.get(pk=trip.pk).plate == "11C12349"
    assert facts_of(trip) == confirmed
    assert not Fact.objects.filter(trip=trip, move="ask").exists()
    phone.context.close()


def facts_of(trip: Trip) -> dict[int, int]:
    """Each confirmation of the barrier with the fact that gave it."""
    slots = Confirmation.objects.filter(stage__trip=trip, stage__moment="enter", state="confirmed")
    return dict(slots.values_list("pk", "fact_id"))
