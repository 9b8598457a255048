"""The lists of the admin open, search and, where a state is shown, change nothing."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import User
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
