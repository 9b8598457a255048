"""From the bill to the receipt in a real browser: by VietQR and the demo's bank, by VNPAY, by a bank's statement."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from declarations.models import Trip
from fees.models import Bill, Payment, Receipt, StatementFile
from fees.payments.vietqr import Transfer
from fees.sample_desk import NUMBER
from gates.models import Gate
from tests.fees.banks import read_off
from tests.fees.payments.gateway import SECRET, TERMINAL, Gateway, serve
from tests.fees.statements.test_importing import HEAD, row
from tests.fees.trucks import ready
from tests.journeys.conftest import Border, wait_for
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("journeys"),
]


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    gateway, server = serve()
    yield gateway
    server.shutdown()
    server.server_close()


@pytest.fixture
def environment(environment, gateway) -> dict[str, str]:
    names = {"VNPAY_TERMINAL": TERMINAL, "VNPAY_SECRET": SECRET}
    return environment | names | {"VNPAY_PAY_URL": f"{gateway.url}pay", "VNPAY_API_URL": gateway.url}


@pytest.fixture
def world(border: Border) -> World:
    return World(gate=Gate.objects.get(code="ta-lung"), trader=User.objects.get(username="trader"))


def billed(world: World, plate: str) -> tuple[Trip, Bill]:
    trip = ready(world, plate)
    return trip, Bill.objects.get(entries__assessment__trip=trip)


def seen_in(page: Page) -> Transfer:
    """What a phone reads off the screen."""
    return read_off(_held(page, near) for near in (2.0, 3.0, 1.5, 4.0, 2.5, 1.0))


def _held(page: Page, near: float) -> np.ndarray:
    pixels = cv2.imdecode(np.frombuffer(page.locator(".qr img").screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
    pixels = cv2.copyMakeBorder(pixels, 24, 24, 24, 24, cv2.BORDER_CONSTANT, value=255)
    return cv2.resize(pixels, None, fx=near, fy=near, interpolation=cv2.INTER_CUBIC)


def receipt_of(border: Border, page: Page, bill: Bill) -> Receipt:
    """The payer opens the bill, its receipt and the PDF."""
    wait_for(lambda: Receipt.objects.filter(bill=bill).exists(), 30)
    page.goto(f"{border.url}/fees/bills/{bill.code}/")
    page.get_by_role("link", name="Biên lai").click()
    expect(page.get_by_text("Biên lai có hiệu lực.")).to_be_visible()
    address = page.get_by_role("link", name="PDF").get_attribute("href")
    pdf = page.request.get(f"{border.url}{address}")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.body().startswith(b"%PDF-")
    return Receipt.objects.get(bill=bill)


def leave(world: World, trip: Trip) -> None:
    """The fee confirmed, nothing more stands in the way of the last barrier."""
    world.leave(trip, "B1")
    assert Trip.objects.get(pk=trip.pk).state == "left"


def test_bill_qr_bank_confirmation_receipt_barrier(border, world):
    trip, bill = billed(world, "11C12345")
    page = border.as_("trader")
    page.goto(f"{border.url}/fees/mine/")
    page.get_by_role("link", name=bill.code).click()
    assert seen_in(page) == Transfer("970436", NUMBER, 3_000_000, f"NOP PHI {bill.code}")
    page.get_by_role("link", name="Cách nộp khác").click()
    assert seen_in(page).amount == 3_000_000
    page.get_by_role("button", name="Nộp qua ngân hàng thử nghiệm").click()
    page.get_by_role("button", name="Chuyển tiền").click()
    expect(page.get_by_role("heading", name="Đã nộp đủ")).to_be_visible()
    desk = border.as_("fee_centre")
    desk.goto(f"{border.url}/fees/?tab=paid")
    desk.get_by_role("row", name=bill.code).get_by_role("button", name="Xác nhận").click()
    expect(desk.get_by_text("Đã xác nhận phí: 11C12345.")).to_be_visible()
    receipt = receipt_of(border, page, bill)
    assert (receipt.amount, receipt.content["paid_by"]) == (3_000_000, "ngân hàng thử nghiệm")
    leave(world, trip)


def test_the_payer_without_an_account_pays_through_vnpay(border, world, gateway):
    gateway.ipn_url = f"{border.url}/fees/vnpay/ipn/"
    trip, bill = billed(world, "11C12346")
    page = border.as_("trader")
    page.goto(f"{border.url}/fees/bills/{bill.code}/")
    link = page.get_by_role("link", name="Cách nộp khác").get_attribute("href")
    stranger = border.browser.new_context(locale="vi-VN", viewport={"width": 390, "height": 844})
    try:
        phone = stranger.new_page()
        phone.goto(f"{border.url}{link}")
        phone.get_by_role("button", name="Nộp qua VNPAY").click()
        expect(phone.get_by_role("heading", name="Đã nộp đủ")).to_be_visible()
    finally:
        stranger.close()
    assert gateway.ipn_answers == [{"RspCode": "00", "Message": "Confirm Success"}]
    assert list(Payment.objects.values_list("method", "amount")) == [("vnpay", 3_000_000)]
    desk = border.as_("fee_centre")
    desk.goto(f"{border.url}/fees/bills/{bill.code}/")
    desk.get_by_role("button", name="Xác nhận").click()
    expect(desk.get_by_text("Đã xác nhận phí: 11C12346.")).to_be_visible()
    receipt_of(border, page, bill)
    leave(world, trip)


def test_a_statement_is_brought_in_and_its_bills_confirmed_together(border, world, tmp_path):
    both = [billed(world, plate) for plate in ("11C12347", "11C12348")]
    page = border.as_("trader")
    page.goto(f"{border.url}/fees/mine/")
    page.get_by_label("Chọn cả trang").check()
    page.get_by_role("button", name="Nộp chung các mục đã chọn").click()
    transfer = seen_in(page)
    assert transfer.amount == 6_000_000
    day = f"{timezone.localdate():%d/%m/%Y}"
    file = tmp_path / "sao-ke.csv"
    file.write_text("\n".join([HEAD, row(transfer.amount, f"MBVCB.77.{transfer.purpose}.CT tu 001", "FT1", day)]))
    desk = border.as_("fee_centre")
    desk.goto(f"{border.url}/fees/statements/")
    desk.set_input_files("input[name=file]", file)
    desk.get_by_role("button", name="Nhận sao kê").click()
    wait_for(lambda: StatementFile.objects.filter(state="done", matched=1).exists(), 30)
    # The payer's page asks anew every five seconds, which is as long as `expect` waits by itself.
    expect(page.get_by_role("heading", name="Đã nộp đủ")).to_be_visible(timeout=15_000)
    desk.goto(f"{border.url}/fees/?tab=paid")
    desk.get_by_label("Chọn cả trang").check()
    desk.get_by_role("button", name="Xem trước và xác nhận").click()
    desk.get_by_role("button", name="Xác nhận 2 thông báo phí").click()
    expect(desk.get_by_role("heading", name="Kết quả xác nhận")).to_be_visible()
    assert Receipt.objects.count() == 2
    for trip, bill in both:
        receipt_of(border, page, bill)
        leave(world, trip)
