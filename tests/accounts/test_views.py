"""Signing in and out."""

import pytest
from django.urls import reverse

from accounts.models import Role, User


@pytest.fixture
def admin(db) -> User:
    user = User.objects.create_user("admin", password="right-one")
    Role.objects.create(user=user, code=Role.Code.ADMIN)
    return user


def sign_in(client, password: str, **more):
    return client.post(reverse("accounts:sign_in"), {"username": "admin", "password": password} | more)


def test_the_right_password_leads_to_the_first_page_of_the_role(client, admin):
    response = sign_in(client, "right-one")

    assert response.status_code == 302
    assert client.get(reverse("accounts:sign_in")).wsgi_request.user == admin


def test_a_wrong_password_is_told_without_saying_which_half_was_wrong(client, admin):
    response = sign_in(client, "wrong")

    assert response.status_code == 200
    assert "Tên đăng nhập hoặc mật khẩu chưa đúng" in response.content.decode()


def test_the_next_page_stays_on_this_site(client, admin):
    assert sign_in(client, "right-one", next="//elsewhere.example/").url != "//elsewhere.example/"
    assert sign_in(client, "right-one", next="/fees/").url == "/fees/"


def test_demo_accounts_are_named_only_in_a_demo(client, db, settings):
    settings.DEMO = False
    assert "data-fills" not in client.get(reverse("accounts:sign_in")).content.decode()
    settings.DEMO = True
    assert 'value="border_guard"' in client.get(reverse("accounts:sign_in")).content.decode()


def test_signing_out_asks_for_a_post(client, admin):
    client.force_login(admin)

    assert client.get(reverse("accounts:sign_out")).status_code == 405
    assert client.post(reverse("accounts:sign_out")).status_code == 302
