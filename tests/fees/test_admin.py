"""The tariff in the admin: entered by the fee centre, refused where it overlaps, fixed once it was used."""

import re
from datetime import date
from html import unescape

import pytest
from django.test import Client

from fees.models import Bill, Tariff
from tests.fees.trucks import ready
from tests.world import World, make_gate, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def staff(world: World, agency: str) -> Client:
    user = world.officer(agency)
    user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user)
    return client


def form(tariff: dict, *lines: dict, initial: int = 0) -> dict:
    body = {
        "province": "Cao Bằng",
        "name": "Biểu phí 2026",
        "legal_basis": "NQ 01/2026/NQ-HĐND",
        "valid_from": "27/02/2026",
        "valid_to": "",
        "lines-TOTAL_FORMS": len(lines),
        "lines-INITIAL_FORMS": initial,
        "lines-MIN_NUM_FORMS": 0,
        "lines-MAX_NUM_FORMS": 1000,
        **tariff,
    }
    for number, line in enumerate(lines):
        line = {"regime": "ordinary", "unit": "vehicle", "price": "300000"} | line
        body |= {f"lines-{number}-{name}": value for name, value in line.items()}
    return body


def test_the_fee_centre_enters_a_tariff_with_its_lines(world):
    Tariff.objects.update(valid_to=date(2026, 2, 26))
    lines = ({"payload_from": "4", "payload_below": "10"}, {"payload_from": "10", "price": "800000"})
    answer = staff(world, "fee_centre").post("/admin/fees/tariff/add/", form({}, *lines))
    assert answer.status_code == 302
    tariff = Tariff.objects.get(name="Biểu phí 2026")
    assert sorted(tariff.lines.values_list("price", flat=True)) == [300_000, 800_000]


@pytest.mark.parametrize(
    ("tariff", "lines", "words"),
    [
        ({}, [], "Thời gian này trùng với một biểu phí khác của tỉnh."),
        ({"valid_from": "01/01/2019", "valid_to": "01/01/2018"}, [], "Ngày kết thúc phải sau ngày bắt đầu."),
        ({"valid_from": "01/01/2019", "valid_to": "31/12/2019"}, [{"price": "-1"}], "lớn hơn hoặc bằng với 0"),
        ({"valid_from": "01/01/2019", "valid_to": "31/12/2019"}, [{"price": "1,5"}], "Nhập một số"),
        (
            {"valid_from": "01/01/2019", "valid_to": "31/12/2019"},
            [{"payload_from": "10", "payload_below": "4"}],
            "Trọng tải đến phải lớn hơn trọng tải từ.",
        ),
        (
            {"valid_from": "01/01/2019", "valid_to": "31/12/2019"},
            [{"payload_from": "10", "payload_below": "18"}, {"payload_from": "12"}],
            "Hai mức phí cho cùng một trường hợp, hoặc các khoảng trọng tải chồng lên nhau.",
        ),
    ],
)
def test_a_wrong_tariff_is_refused_with_words(world, tariff, lines, words):
    answer = staff(world, "fee_centre").post("/admin/fees/tariff/add/", form(tariff, *lines))
    assert answer.status_code == 200
    html = unescape(answer.content.decode())
    assert words in html, re.findall("errorlist.*", html)
    assert Tariff.objects.count() == 1


def test_a_tariff_that_was_used_keeps_its_prices(world):
    ready(world)
    client, tariff = staff(world, "fee_centre"), Tariff.objects.get()
    address = f"/admin/fees/tariff/{tariff.pk}/change/"
    html = client.get(address).content.decode()
    assert 'name="valid_to"' in html
    assert 'name="name"' not in html
    assert 'name="lines-0-price" value="' not in html
    assert client.post(f"/admin/fees/tariff/{tariff.pk}/delete/", {"post": "yes"}).status_code == 403
    before = sorted(tariff.lines.values_list("price", flat=True))
    client.post(address, form({"valid_to": "31/12/2026"}))
    tariff.refresh_from_db()
    assert (tariff.valid_to, sorted(tariff.lines.values_list("price", flat=True))) == (date(2026, 12, 31), before)


def test_others_do_not_enter_and_nobody_writes_money_here(world):
    ready(world)
    customs, centre = staff(world, "customs"), staff(world, "fee_centre")
    assert customs.get("/admin/fees/tariff/").status_code == 403
    assert staff(world, "zone_authority").get("/admin/fees/tariff/add/").status_code == 403
    for model in ("assessment", "bill", "payment", "ledgerentry"):
        assert customs.get(f"/admin/fees/{model}/").status_code == 403
        assert centre.get(f"/admin/fees/{model}/").status_code == 200
        assert centre.get(f"/admin/fees/{model}/add/").status_code == 403


def test_bills_of_another_gate_are_not_listed(world):
    ready(world)
    bill = Bill.objects.get()
    here = staff(world, "fee_centre")
    user = make_officer("fee_centre", make_gate("tra-linh", "Trà Lĩnh"))
    user.is_staff = True
    user.save()
    elsewhere = Client()
    elsewhere.force_login(user)
    assert bill.code in here.get("/admin/fees/bill/").content.decode()
    assert bill.code not in elsewhere.get("/admin/fees/bill/").content.decode()
    assert elsewhere.get(f"/admin/fees/bill/{bill.pk}/change/").status_code == 302
