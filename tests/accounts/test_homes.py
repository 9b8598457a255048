"""Each role begins on its own page."""

import pytest
from django.urls import reverse

from accounts.homes import HOMES, home_of
from accounts.models import Membership, Organisation, Role, User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("trader", "declarations:list"),
        ("driver", "declarations:list"),
        ("border_guard", "checkpoints:home"),
        ("customs", "checkpoints:home"),
        ("plant_quarantine", "checkpoints:home"),
        ("yard_operator", "checkpoints:yards"),
        ("fee_centre", "fees:desk"),
        ("tax_office", "fees:desk"),
        ("zone_authority", "checkpoints:overview"),
        ("industry_trade", "checkpoints:overview"),
        ("admin", "checkpoints:overview"),
    ],
)
def test_a_role_leads_to_its_page(client, code, name):
    user = User.objects.create_user("someone", password="right-one")
    Role.objects.create(user=user, code=code)

    assert home_of(user) == reverse(name)
    data = {"username": "someone", "password": "right-one"}
    assert client.post(reverse("accounts:sign_in"), data).url == reverse(name)
    assert client.get(reverse("accounts:sign_in")).url == reverse(name)
    assert client.get(reverse("accounts:home")).url == reverse(name)


def test_every_role_has_a_home():
    assert {code for _name, codes in HOMES for code in codes} == set(Role.Code)


def test_a_member_without_a_role_sees_the_declarations_and_others_the_public_page():
    user = User.objects.create_user("someone")
    assert home_of(user) == "/"
    organisation = Organisation.objects.create(name="Một", tax_code="1")
    Membership.objects.create(user=user, organisation=organisation)
    assert home_of(User.objects.get(pk=user.pk)) == reverse("declarations:list")
