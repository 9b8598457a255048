"""The lists of the admin open, search and, where a state is shown, change nothing."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import Organisation, User
from tests.world import World

pytestmark = pytest.mark.django_db

OURS = ("gates", "accounts", "declarations")


@pytest.fixture
def world(client) -> World:
    client.force_login(User.objects.create_superuser("root"))
    return World()


def test_every_list_opens_and_is_searched(client, world):
    world.submit("export")
    world.officer("customs")
    for model, shown in admin.site._registry.items():
        if model._meta.app_label in OURS:
            address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            assert client.get(address, {"q": "11C"} if shown.search_fields else {}).status_code == 200, model


def test_every_row_opens(client, world):
    world.submit("export")
    world.officer("customs")
    for model in admin.site._registry:
        if model._meta.app_label in OURS and (row := model.objects.first()):
            address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])
            assert client.get(address).status_code == 200, model


def test_a_declaration_and_its_vehicles_are_only_looked_at(client, world):
    trip = world.submit("export").trips.get()
    for row, model in ((trip, "trip"), (trip.declaration, "declaration")):
        address = reverse(f"admin:declarations_{model}_change", args=[row.pk])
        assert client.post(address, {"state": "left", "plate": "X"}).status_code == 403
    assert client.get(reverse("admin:declarations_trip_add")).status_code == 403


@pytest.mark.parametrize(("typed", "kept"), [("0100 109 106", "0100109106"), ("0100109106001", "0100109106-001")])
def test_an_organisation_is_kept_by_its_tax_code(client, world, typed, kept):
    form = {"name": "Một", "tax_code": typed, "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    client.post(reverse("admin:accounts_organisation_add"), form)

    assert Organisation.objects.get(name="Một").tax_code == kept


def test_an_organisation_with_a_wrong_tax_code_is_refused(client, world):
    form = {"name": "Một", "tax_code": "0100109107", "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    response = client.post(reverse("admin:accounts_organisation_add"), form)

    assert "đúng số kiểm tra" in response.content.decode()
    assert not Organisation.objects.filter(name="Một").exists()
