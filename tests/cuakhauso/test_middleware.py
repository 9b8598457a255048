"""Requests that no page can do anything with."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.world import make_officer

pytestmark = pytest.mark.django_db

WORDS = "Địa chỉ hoặc dữ liệu gửi lên không đúng dạng."


@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("fee_centre", "/fees/?q=%00"),
        ("fee_centre", "/fees/?page=1%00"),
        ("customs", "/console/ta-lung/B2/search/?q=11C%00123"),
        ("customs", "/plates/?plate=11C%00"),
        ("customs", "/declarations/?q=%00"),
        ("zone_authority", "/admin/?q=%00"),
    ],
)
def test_a_nul_in_the_address_is_a_clear_error(client, world, role, address):
    client.force_login(world.officer(role))
    assert client.get(address).status_code == 400


def test_a_nul_in_a_form_or_cookie_is_a_clear_error(client, world):
    trip = world.submit("export").trips.get()
    client.force_login(world.trader)
    withdrawing = reverse("declarations:withdraw_trip", args=[trip.declaration.code, 1])
    answer = client.post(withdrawing, {"key": "a\0b"})
    assert answer.status_code == 400
    assert WORDS in answer.content.decode()
    assert client.post("/account/sign-in/", {"username": "a\0", "password": "b"}).status_code == 400

    client.cookies["sessionid"] = "abcdefgh\0ijkl"
    assert client.get("/").status_code == 400


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, "-1", "1e3", "²", "", "0"])
def test_numbers_out_of_all_range_are_no_errors_of_ours(client, world, number):
    trip = world.submit("export").trips.get()
    client.force_login(world.trader)
    assert client.get("/declarations/", {"trucks": number}).status_code == 200
    assert client.get("/declarations/", {"page": number, "gate": number, "first": number}).status_code == 200
    assert client.get(f"/declarations/{trip.declaration.code}/", {"page": number}).status_code == 200
    assert client.get("/fees/mine/", {"page": number, "q": number}).status_code == 200
    assert client.get("/notices/", {"page": number}).status_code == 200

    client.force_login(world.officer("border_guard"))
    assert client.get("/console/ta-lung/B2/", {"now": number, "part": number}).status_code == 200
    assert client.get("/console/ta-lung/B2/search/", {"q": number}).status_code == 200
    assert client.get("/plates/", {"reading": number, "plate": number}).status_code == 200

    client.force_login(make_officer("fee_centre", world.gate))
    assert client.get("/fees/", {"page": number, "q": number, "tab": number}).status_code == 200


def test_who_was_signed_out_meanwhile_signs_in_again_on_the_whole_page(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/console/ta-lung/B2/?part=line"}
    answer = client.get("/console/", headers=headers)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (
        401,
        f"{reverse('accounts:sign_in')}?next=%2Fconsole%2Fta-lung%2FB2%2F",
    )
    assert client.get("/console/").status_code == 302


def test_a_click_in_a_part_of_a_page_is_told_too_that_it_did_not_count():
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/declarations/new/", headers={"HX-Request": "true", "HX-Current-URL": "http://["})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, f"{reverse('accounts:sign_in')}?next=%2F")
    page = strict.get(answer.headers["HX-Redirect"]).content.decode()
    assert "Việc vừa bấm chưa được tính" in page


def test_a_click_without_its_token_tells_who_was_signed_out_to_sign_in():
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/declarations/new/", headers={"Referer": "http://testserver/declarations/new/"}, follow=True)
    assert answer.redirect_chain == [(f"{reverse('accounts:sign_in')}?next=/declarations/new/", 302)]
    assert "Việc vừa bấm chưa được tính" in answer.content.decode()
    strict.force_login(User.objects.create_user("hoa"))
    assert strict.post("/declarations/new/").status_code == 403
