"""The console in a real browser: keys, live lines, a stale click, reasons, several trucks at once."""

import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import User
from checkpoints.models import Confirmation
from checkpoints.states import ConfirmationState
from declarations.models import Trip
from tests.world import World, vehicle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def server(environment):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "cuakhauso.asgi:application", "--port", str(port)]
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig=KILL", *command, "--log-level", "error", "--timeout-graceful-shutdown", "1"],
        env=environment | {"HTTPS": "off"},
        cwd=ROOT,
    )
    url = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 60
    while True:
        try:
            urlopen(f"{url}/healthz", timeout=2).close()
            break
        except (URLError, OSError):
            assert process.poll() is None
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.1)
    yield url
    process.terminate()
    process.wait(20)


@pytest.fixture
def world(transactional_db) -> World:
    return World()


@pytest.fixture
def open_as(chromium, server):
    contexts = []

    def page_of(user: User, path: str, *, live: bool = True) -> Page:
        client = Client()
        client.force_login(user)
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="vi-VN", base_url=server)
        contexts.append(context)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": server}])
        context.set_default_timeout(20_000)
        if not live:
            context.route("**/events/**", lambda route: route.abort())
        page = context.new_page()
        page.goto(path)
        return page

    yield page_of
    for context in contexts:
        context.close()


def arrived(world: World, plate: str) -> Trip:
    trip = world.submit(vehicles=[vehicle(plate)]).trips.get()
    world.see(trip, "B2", "in")
    return trip


def front(page: Page) -> str:
    return page.locator(".truck__head .plate").get_attribute("data-plate")


def state(trip: Trip, agency: str) -> str:
    return Confirmation.objects.get(stage__trip=trip, stage__moment="enter", agency=agency).state


def test_two_officers_work_on_one_truck_by_keys_and_see_each_other(world, open_as):
    first, second = arrived(world, "11C10001"), arrived(world, "11C10002")
    customs = open_as(world.officer("customs"), "/console/ta-lung/B2/")
    guard = open_as(world.officer("border_guard"), "/console/ta-lung/B2/")
    assert front(guard) == first.plate
    expect(guard.get_by_role("button", name="Xác nhận và mở barie")).to_be_hidden()

    customs.keyboard.press("c")
    expect(customs.locator(".toast")).to_contain_text("11C-100.01: Đã xác nhận")
    assert state(first, "customs") == ConfirmationState.CONFIRMED
    expect(guard.get_by_role("button", name="Xác nhận và mở barie")).to_be_visible()

    guard.keyboard.press("o")
    expect(guard.locator(".truck__head .plate")).to_have_attribute("data-plate", second.plate)
    assert Trip.objects.get(pk=first.pk).state == "under_way"
    expect(customs.locator(f"#row-{first.pk}")).to_have_count(0)

    arrived(world, "11C10003")
    expect(guard.locator("#line .line__row")).to_have_count(2)
    assert front(guard) == second.plate


def test_keys_lead_through_the_line_and_search_finds_a_misread_plate(world, open_as):
    first, second = arrived(world, "11C10001"), arrived(world, "11C10002")
    expected = world.submit(vehicles=[vehicle("29H55555")]).trips.get()
    page = open_as(world.officer("customs"), "/console/ta-lung/B2/")
    assert front(page) == first.plate
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{second.pk}/")
    expect(page.locator(".truck__head .plate")).to_have_attribute("data-plate", second.plate)
    page.keyboard.press("/")
    page.keyboard.type("29h-555.56")
    page.locator("#found .line__link").click()
    page.wait_for_url(f"**/{expected.pk}/")
    expect(page.get_by_role("button", name="Gọi vào làn 1 (vào)")).to_be_visible()
    page.keyboard.press("g")
    expect(page.get_by_role("button", name="Xác nhận: Phương tiện, hàng hóa")).to_be_visible()


def test_a_search_typed_the_moment_a_truck_comes_to_the_front_is_answered(world, open_as):
    arrived(world, "11C10001")
    second = arrived(world, "11C10002")
    expected = world.submit(vehicles=[vehicle("29H55555")]).trips.get()
    page = open_as(world.officer("customs"), "/console/ta-lung/B2/")
    page.evaluate("""() => new MutationObserver((_, observer) => {
        observer.disconnect();
        const search = document.querySelector("[data-search]");
        search.value = "29h-555.55";
        search.dispatchEvent(new Event("input", { bubbles: true }));
    }).observe(document.getElementById("content").parentElement, { childList: true })""")
    page.locator(f"#row-{second.pk} .line__link").click()
    expect(page.locator(".truck__head .plate")).to_have_attribute("data-plate", second.plate)
    expect(page.locator("#found .plate")).to_have_attribute("data-plate", expected.plate)


def test_a_stale_page_is_told_why_its_click_did_not_count(world, open_as):
    trip = arrived(world, "11C10001")
    page = open_as(world.officer("customs"), "/console/ta-lung/B2/", live=False)
    expect(page.locator("#offline")).to_be_visible()
    world.confirm(trip, "customs", "vehicle_and_goods")
    page.keyboard.press("c")
    expect(page.locator("#refused")).to_contain_text("đã được xử lý: đã xác nhận")
    expect(page.get_by_role("button", name="Xác nhận: Phương tiện, hàng hóa")).to_have_count(0)


def test_a_refusal_asks_for_a_reason_and_can_be_taken_back(world, open_as):
    trip = arrived(world, "11C10001")
    page = open_as(world.officer("customs"), "/console/ta-lung/B2/")
    page.keyboard.press("r")
    page.locator("#refuse").get_by_label("Hàng hóa không đúng khai báo").check()
    page.locator("#refuse").get_by_role("button", name="Từ chối").click()
    expect(page.locator(".truck__state")).to_contain_text("Từ chối")
    assert state(trip, "customs") == ConfirmationState.REFUSED
    page.keyboard.press("u")
    page.locator("dialog[open] textarea").fill("Đã bổ sung")
    page.locator("dialog[open]").get_by_role("button", name="Hủy xác nhận").click()
    expect(page.locator(".truck__state")).to_contain_text("Chờ bạn")
    assert state(trip, "customs") == ConfirmationState.WAITING


def test_a_dialog_whose_move_is_refused_stays_open_with_all_that_was_typed(world, open_as):
    other = world.submit(vehicles=[vehicle("11C20002")]).trips.get()
    trip = arrived(world, "11C10001")
    page = open_as(world.officer("border_guard"), "/console/ta-lung/B2/")
    page.get_by_text("Khác…").click()
    page.get_by_role("button", name="Ghi nhầm xe").click()
    dialog = page.locator("#reassign")
    dialog.get_by_label("Biển kiểm soát đúng").fill("11C-999.99")
    dialog.get_by_label("Lý do").fill("Camera đọc nhầm")
    dialog.get_by_role("button", name="Chuyển sang lượt đúng").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Không có lượt nào như vậy")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('live', {detail: {}}))")
    page.wait_for_timeout(800)
    expect(dialog.get_by_label("Lý do")).to_have_value("Camera đọc nhầm")
    dialog.get_by_label("Biển kiểm soát đúng").fill("11C-200.02")
    dialog.get_by_role("button", name="Chuyển sang lượt đúng").click()
    expect(page.locator(".truck__head .plate")).to_have_attribute("data-plate", other.plate)
    expect(dialog).to_be_hidden()
    assert list(other.stages.values_list("moment", flat=True)) == ["declare", "enter"]
    assert list(trip.stages.values_list("moment", flat=True)) == ["declare"]

    page.locator("[data-dialog=forced]").click()
    forced = page.locator("#forced")
    forced.get_by_label("Làn 1").first.check()
    forced.get_by_label("Lý do").fill("    ")
    forced.get_by_role("button", name="Mở barie").click()
    expect(forced.get_by_role("alert")).to_contain_text("Hãy ghi lý do")
    forced.get_by_role("button", name="Thôi").click()
    page.locator("[data-dialog=forced]").click()
    expect(forced.get_by_role("alert")).to_have_count(0)
    forced.get_by_label("Lý do").fill("Xe cứu thương")
    forced.get_by_role("button", name="Mở barie").click()
    expect(page.locator(".toast")).to_contain_text("Đã mở barie không có lượt xe")


def test_a_lost_connection_is_told_over_an_open_dialog_and_the_reason_is_kept(world, open_as):
    trip = arrived(world, "11C10001")
    page = open_as(world.officer("customs"), "/console/ta-lung/B2/")
    page.keyboard.press("r")
    dialog = page.locator("dialog[open]")
    dialog.locator("textarea").fill("Sai số seal")
    page.context.set_offline(True)
    dialog.get_by_role("button", name="Từ chối").click()
    told = page.locator(".toast", has_text="mất kết nối với máy chủ")
    told.get_by_role("button", name="Đóng").click()
    expect(told).to_have_count(0)
    expect(dialog.locator("textarea")).to_have_value("Sai số seal")
    page.context.set_offline(False)
    dialog.get_by_role("button", name="Từ chối").click()
    expect(page.locator(".truck__state")).to_contain_text("Từ chối")
    assert state(trip, "customs") == ConfirmationState.REFUSED
    expect(page.locator("body > #toasts")).to_have_count(1)


def test_of_several_moves_at_once_a_page_shows_the_last_too(world, open_as):
    trip = world.submit(vehicles=[vehicle("11C10001")]).trips.get()
    page = open_as(world.trader, f"/declarations/{trip.declaration.code}/", live=False)
    page.add_init_script(
        "window.EventSource = class { constructor() { window.server = this; } addEventListener() {} close() {} }"
    )
    page.reload()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "hx-request" in request.headers else None)
    page.evaluate("""() => {
        const tell = () => window.server.onmessage({ data: '{"kind": "move"}' });
        tell();
        tell();
    }""")
    page.wait_for_timeout(4000)
    assert len(asked) == 2
    page.evaluate("""window.server.onmessage({ data: '{"kind": "move"}' })""")
    page.wait_for_timeout(4000)
    assert len(asked) == 3, "one alone is asked about once"


def test_several_trucks_are_confirmed_at_once(world, open_as):
    trips = [arrived(world, f"11C1000{n}") for n in range(3)]
    page = open_as(world.officer("customs"), "/console/ta-lung/B2/")
    for trip in trips[:2]:
        page.locator(f"#row-{trip.pk} [data-pick]").check()
    page.get_by_role("button", name="Xác nhận 2 xe").click()
    expect(page.locator(".outcomes li")).to_have_count(2)
    assert [state(trip, "customs") for trip in trips] == ["confirmed", "confirmed", "waiting"]
    expect(page.locator("[data-many]")).to_be_hidden()


def test_a_reason_made_taller_by_hand_breaks_no_rule_of_the_page_and_the_dialog_stays(world, open_as):
    arrived(world, "11C10001")
    page = open_as(world.officer("customs"), "/console/ta-lung/B2/")
    errors = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.evaluate("document.body.dispatchEvent(new CustomEvent('live', {detail: {}}))")
    page.keyboard.press("r")
    reason = page.locator("dialog[open] textarea")
    box = reason.bounding_box()
    corner = box["x"] + box["width"] - 4, box["y"] + box["height"] - 4
    page.mouse.move(*corner)
    page.mouse.down()
    page.mouse.move(corner[0], corner[1] + 80, steps=4)
    page.mouse.up()
    assert "height" in reason.get_attribute("style")

    page.evaluate("document.body.dispatchEvent(new CustomEvent('live', {detail: {}}))")
    page.wait_for_timeout(1200)
    expect(reason).to_be_visible()
    with page.expect_response(lambda answer: "part=truck" in answer.url):
        page.keyboard.press("Escape")
    expect(reason).to_have_count(0)
    page.wait_for_timeout(300)
    assert errors == []


def test_an_answer_asked_for_before_a_dialog_opened_leaves_it_open(world, open_as):
    arrived(world, "11C10001")
    page = open_as(world.officer("customs"), "/console/ta-lung/B2/")
    slow = []
    page.route("**part=truck**", lambda route: slow.append(route))
    page.evaluate("document.body.dispatchEvent(new CustomEvent('live', {detail: {}}))")
    page.wait_for_timeout(800)
    page.keyboard.press("r")
    page.locator("dialog[open] textarea").fill("Sai số seal")
    for route in slow:
        route.continue_()
    page.wait_for_timeout(800)
    expect(page.locator("dialog[open] textarea")).to_have_value("Sai số seal")
