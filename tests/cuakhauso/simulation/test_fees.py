"""The fee desk that the benchmark measures: what is copied in bulk behaves as what came through the door."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from checkpoints.facts import verify
from checkpoints.models import Fact
from cuakhauso.simulation.fees import announced, enter_bills, statement
from fees.models import Bill, LedgerEntry
from fees.selectors.bills import gates_of, tab_counts
from fees.services import importing
from fees.services.confirming import confirm_bill
from fees.views.desk import TABS
from tests.fees.banks import make_account
from tests.world import World

pytestmark = pytest.mark.django_db


def test_very_many_bills_are_asked_paid_and_shown_as_any(client, django_assert_max_num_queries):
    world = World()
    centre = world.officer("fee_centre")
    enter_bills(120, gate=world.gate, trader=world.trader)
    body = statement(announced(90), lines=100)
    file = importing.take_file(account=make_account(), upload=SimpleUploadedFile("a.csv", body), actor=centre)
    importing.read_file(file.pk)
    file.refresh_from_db()
    assert (file.state, file.total, file.new, file.matched) == ("done", 100, 100, 90)
    counts = tab_counts(gates_of(centre))
    assert counts == {"ready_to_pay": 30, "short": 0, "paid": 90, "owing": 30, "owed": 90_000_000}
    assert LedgerEntry.objects.filter(kind="allocated").count() == 90
    assert len(list(verify())) == Fact.objects.count()
    client.force_login(centre)
    for tab in TABS:
        with django_assert_max_num_queries(12):
            assert client.get(f"/fees/?tab={tab}").status_code == 200
    [outcome] = confirm_bill(bill=Bill.objects.first(), actor=centre, key="k")
    assert outcome.refusal.code == "fee_unsettled"
