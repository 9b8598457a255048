"""The tariff and the money in the admin: to read only, at one's own gates."""

import pytest
from django.test import Client

from fees.models import Bill
from tests.fees.trucks import ready
from tests.world import World, make_gate, make_officer

pytestmark = pytest.mark.django_db


def staff(world: World, agency: str) -> Client:
    user = world.officer(agency)
    user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user)
    return client


def test_others_see_nothing_and_nobody_writes_here(world):
    ready(world)
    customs, centre = staff(world, "customs"), staff(world, "fee_centre")
    for model in ("tariff", "assessment", "bill", "payment", "ledgerentry"):
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
