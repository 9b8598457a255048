"""From declaration to leaving, in a real browser, with camera frames read by the real worker."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from checkpoints.models import TripStage
from declarations.models import Consignment, Declaration, Trip
from tests.journeys.conftest import Border, wait_for

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("journeys"),
]


def declare(
    border: Border, purpose: str, plate: str, *, goods: bool = False, permit: bool = False, customs: str = ""
) -> Trip:
    """The trader fills in the form as Phụ lục V asks and sends it; `customs` the number, of today."""
    page = border.as_("trader")
    page.goto(f"{border.url}/declarations/new/?purpose={purpose}")
    if not goods:
        page.locator("label").filter(has=page.locator("[name=comes_from][value=inland]")).click()
    page.select_option("select[name=gate]", label="Tà Lùng")
    page.select_option("select[name=yard]", label="Bãi Nam Tà Lùng")
    page.fill("input[name=vehicles-0-plate]", plate)
    page.select_option("select[name=vehicles-0-vehicle_type]", "other")
    page.fill("input[name=vehicles-0-driver_name]", "Lý Văn Sình")
    page.fill("input[name=vehicles-0-driver_phone]", "0912345678")
    for name, value in (("payload", "18"), ("origin", "Việt Nam")):
        fill_if_shown(page, f"vehicles-0-{name}", value)
    if permit:
        for name, value in (("number", "C26YF0012345"), ("kind", "C"), ("from", "2026-01-01"), ("to", "2030-01-01")):
            fill_if_shown(page, f"vehicles-0-permit_{name}", value)
    if goods:
        lines = {
            "name": "Gạch ốp lát",
            "origin": "Việt Nam",
            "hs_code": "69072100",
            "quantity": "400",
            "unit": "thùng",
            "weight": "16000",
            "value": "200.000.000",
        }
        for name, value in lines.items():
            fill_if_shown(page, f"lines-0-{name}", value)
    if customs:
        fill_if_shown(page, "consignments-0-customs_number", customs)
        fill_if_shown(page, "consignments-0-customs_date", f"{timezone.localdate()}")
    page.get_by_role("button", name="Gửi tờ khai").click()
    page.wait_for_load_state("networkidle")
    wait_for(lambda: Trip.objects.filter(plate=plate, declaration__state="submitted").exists(), 20)
    return Trip.objects.get(plate=plate)


def fill_if_shown(page: Page, name: str, value: str) -> None:
    """Fill a field; one that lies in a folded part of the form is unfolded first."""
    field = page.locator(f"[name={name}]")
    if not field.is_visible():
        folded = page.locator("details:not([open])").filter(has=field)
        if folded.count():
            folded.first.locator("summary").first.click()
    field.fill(value)


def state(trip: Trip) -> tuple[str, str]:
    """The trip's state and the moment of its last stage."""
    stage = TripStage.objects.filter(trip=trip).order_by("-position").first()
    return Trip.objects.get(pk=trip.pk).state, stage.moment


def enter(border: Border, trip: Trip, place: str, *, health: bool = False) -> None:
    assert border.camera_sees(trip.plate, f"ta-lung-{place.lower()}-in").passage.trip_id == trip.pk
    border.click_for("customs", place, trip.plate, "Xác nhận")
    if health:
        border.click_for("health_quarantine", place, trip.plate, "Xác nhận")
    border.click_for("border_guard", place, trip.plate, "Xác nhận và mở barie")
    wait_for(lambda: state(trip)[0] == "under_way", 20)


def leave(border: Border, trip: Trip, place: str, *, health: bool = False) -> None:
    assert border.camera_sees(trip.plate, f"ta-lung-{place.lower()}-out").passage.trip_id == trip.pk
    border.click_for("customs", place, trip.plate, "Xác nhận")
    if health:
        border.click_for("health_quarantine", place, trip.plate, "Xác nhận")
    border.click_for("border_guard", place, trip.plate, "Xác nhận và mở barie")
    wait_for(lambda: state(trip)[0] == "left", 20)


def pass_the_yard(border: Border, trip: Trip, *agencies: str) -> None:
    for agency in agencies:
        border.click_for(agency, "nam", trip.plate, "Xác nhận")
    wait_for(lambda: state(trip)[1] == "fee", 20)


def name_customs_declaration(border: Border, trip: Trip, number: str) -> None:
    """Customs enters at the truck what the declarant left open."""
    page = border.as_("customs")
    page.goto(f"{border.url}/console/ta-lung/nam/{trip.pk}/")
    page.get_by_role("button", name="Ghi tờ khai hải quan").click()
    page.locator("dialog[open] input[name$=customs_number]").fill(number)
    page.locator("dialog[open] input[name$=customs_date]").fill(f"{timezone.localdate()}")
    page.locator("dialog[open]").get_by_role("button", name="Lưu").click()
    lots = Consignment.objects.filter(declaration=trip.declaration_id, customs_number=number)
    wait_for(lots.exists, 20)


def pay(border: Border, trip: Trip) -> None:
    """The trader pays by the demo's bank, the fee centre confirms."""
    page = border.as_("trader")
    page.goto(f"{border.url}/fees/mine/")
    page.locator("a[href*='/fees/bills/']").first.click()
    page.get_by_role("button", name="Nộp qua ngân hàng thử nghiệm").click()
    page.wait_for_load_state("networkidle")
    desk = border.as_("fee_centre")
    desk.goto(f"{border.url}/fees/")
    desk.get_by_role("link", name="Đã nộp, chờ xác nhận").click()
    desk.get_by_role("button", name="Xác nhận", exact=True).first.click()
    desk.wait_for_load_state("networkidle")
    wait_for(lambda: not TripStage.objects.filter(trip=trip, moment="fee", completed_at=None).exists(), 20)


def test_an_export_from_declaration_to_leaving(border):
    trip = declare(border, "export", "11C12345", goods=True)
    assert state(trip) == ("expected", "declare")
    enter(border, trip, "B2")
    name_customs_declaration(border, trip, "308508812340")
    pass_the_yard(border, trip, "customs", "border_guard", "health_quarantine")
    pay(border, trip)
    leave(border, trip, "B1", health=True)
    declaration = Declaration.objects.get(pk=trip.declaration_id)
    assert declaration.state == "completed"
    page = border.as_("trader")
    page.goto(f"{border.url}/declarations/{declaration.code}/")
    expect(page.locator("main")).to_contain_text("Hoàn thành", ignore_case=True)


def test_an_import_goes_over_to_a_vietnamese_truck(border):
    source = declare(border, "import", "桂F12345", goods=True, permit=True, customs="108508812340")
    target = declare(border, "collect_import", "12C45678")
    enter(border, source, "B1", health=True)
    enter(border, target, "B2")
    page = border.as_("trader")
    page.goto(f"{border.url}/declarations/{source.declaration.code}/{source.position}/transship/")
    page.locator(f"[name=target][value='{target.pk}']").check()
    page.get_by_role("button", name="Đăng ký sang tải").click()
    page.wait_for_load_state("networkidle")
    border.click_for("customs", "nam", target.plate, "Xác nhận")
    wait_for(lambda: Trip.objects.get(pk=target.pk).procedure_code == "import", 20)
    assert Trip.objects.get(pk=source.pk).procedure_code == "cn_empty_returns_from_yard"
    leave(border, source, "B1")
    pass_the_yard(border, target, "customs", "border_guard", "health_quarantine")
    pay(border, target)
    leave(border, target, "B2")


def test_an_empty_truck_crosses_and_the_console_shows_it_by_itself(border):
    trip = declare(border, "cross_empty", "29H00123")
    console = border.as_("border_guard")
    console.goto(f"{border.url}/console/ta-lung/B2/")
    border.camera_sees(trip.plate, "ta-lung-b2-in")
    expect(console.locator(f"[data-plate='{trip.plate}']").first).to_be_visible()
    border.click_for("customs", "B2", trip.plate, "Xác nhận")
    border.click_for("border_guard", "B2", trip.plate, "Xác nhận và mở barie")
    wait_for(lambda: state(trip)[0] == "under_way", 20)
    leave(border, trip, "B1", health=True)
