"""Ticked bills stay ticked while the list renews itself."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from fees.models import Bill
from tests.fees.trucks import ready
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_ticked_bills_stay_ticked_while_the_list_renews_itself(chromium, live_server, transactional_db):
    world = World()
    for number in (1, 2):
        ready(world, f"11C0000{number}")
    one, two = Bill.objects.order_by("pk")
    client = Client()
    client.force_login(world.trader)
    session = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    context = chromium.new_context(locale="vi-VN", base_url=live_server.url)
    context.add_cookies([session | {"url": live_server.url}])
    page = context.new_page()
    page.route("**/events/**", lambda route: route.abort())
    page.goto(reverse("fees:mine"))
    page.get_by_label(f"Chọn {one.code}").check()
    ready(world, "11C00003")
    three = Bill.objects.order_by("pk").last()
    page.evaluate("document.body.dispatchEvent(new CustomEvent('live', { detail: {} }))")
    expect(page.get_by_role("link", name=three.code)).to_be_visible()
    expect(page.get_by_label(f"Chọn {one.code}")).to_be_checked()
    expect(page.get_by_label(f"Chọn {two.code}")).not_to_be_checked()
    context.close()
