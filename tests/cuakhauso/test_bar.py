"""The top bar: each role sees the pages of its own."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import Role, User
from cuakhauso.bar import PAGES, bar, navigation


@pytest.fixture
def admin(db) -> User:
    user = User.objects.create_user("someone", password="x")
    Role.objects.create(user=user, code=Role.Code.ADMIN)
    return user


def test_an_admin_is_led_to_the_admin_and_a_passer_by_is_not(admin):
    assert "/admin/" in [link["url"] for link in navigation(admin)]
    assert navigation(AnonymousUser()) == []


def test_a_role_that_ended_opens_nothing(admin):
    yesterday = timezone.localdate() - timedelta(days=1)
    Role.objects.filter(user=admin).update(valid_from=yesterday, valid_to=yesterday)

    assert navigation(User.objects.get(pk=admin.pk)) == []


def test_the_bar_asks_nothing_until_it_is_drawn(admin, django_assert_num_queries):
    request = RequestFactory().get("/")
    request.user = User.objects.get(pk=admin.pk)

    with django_assert_num_queries(0):
        context = bar(request)
    with django_assert_num_queries(1):
        assert (context["bar_role"](), context["bar_place"]()) == ("Quản trị hệ thống", "")
        assert context["navigation"]()


def test_every_page_of_the_bar_names_roles():
    assert all(page.roles for page in PAGES)
