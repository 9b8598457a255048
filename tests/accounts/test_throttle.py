"""Guessing passwords is slow, by name and address; without Redis everybody may sign in."""

import pytest
from django.urls import reverse

from accounts import throttle
from accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("broker")]


@pytest.fixture
def hoa() -> User:
    return User.objects.create_user("hoa", password="right-one")


def sign_in(client, password: str, username: str = "hoa", address: str = "10.0.0.1"):
    data = {"username": username, "password": password}
    return client.post(reverse("accounts:sign_in"), data, REMOTE_ADDR=address)


def test_after_too_many_wrong_passwords_even_the_right_one_waits(client, hoa):
    for _ in range(throttle.MOST):
        assert "chưa đúng" in sign_in(client, "wrong").content.decode()

    response = sign_in(client, "right-one")
    assert response.status_code == 200
    assert "Sai mật khẩu quá nhiều lần. Hãy thử lại sau 15 phút." in response.content.decode()


def test_another_name_and_another_address_do_not_wait(client, hoa):
    User.objects.create_user("mai", password="right-one")
    for _ in range(throttle.MOST):
        sign_in(client, "wrong")

    assert sign_in(client, "right-one", username="mai").status_code == 302
    client.logout()
    assert sign_in(client, "right-one", address="10.0.0.2").status_code == 302


def test_the_right_password_lets_the_name_start_anew(client, hoa):
    for _ in range(throttle.MOST - 1):
        sign_in(client, "wrong")
    sign_in(client, "right-one")
    client.logout()
    sign_in(client, "wrong")

    assert sign_in(client, "right-one").status_code == 302


def test_an_address_that_tries_many_names_waits(client, hoa):
    for number in range(throttle.MOST_OF_ADDRESS):
        throttle.count_failure(f"name-{number}", "10.0.0.1")

    assert throttle.seconds_to_wait("hoa", "10.0.0.1") > 0
    assert throttle.seconds_to_wait("hoa", "10.0.0.2") == 0


def test_the_counts_pass_away_and_hold_no_name(broker):
    throttle.count_failure("hoa", "10.0.0.1")

    assert all(b"hoa" not in key and 0 < broker.ttl(key) <= throttle.WINDOW_SECONDS for key in broker.scan_iter())


def test_without_redis_nobody_waits(client, hoa, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert throttle.seconds_to_wait("hoa", "10.0.0.1") == 0
    assert sign_in(client, "right-one").status_code == 302


def test_behind_our_proxy_the_address_is_the_one_it_added(client, hoa, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for number in range(throttle.MOST):
        data = {"username": "hoa", "password": "wrong"}
        client.post(reverse("accounts:sign_in"), data, headers={"X-Forwarded-For": f"6.6.6.{number}, 10.9.9.9"})

    assert throttle.seconds_to_wait("hoa", "10.9.9.9") > 0
    assert throttle.seconds_to_wait("hoa", "6.6.6.1") == 0
