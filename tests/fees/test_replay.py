"""One real import of Lạng Sơn, 3 May 2026, replayed with its times: one Chinese truck, two that receive, two bills.

The captured platform took the fee at 14:48, before the health check of the receiving truck at 15:25. The book asks that
check in the yard, before the fee; so the trucks' fee is paid at 15:26 here. All other times are the captured ones.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from checkpoints.door import perform
from checkpoints.facts import verify
from checkpoints.models import Fact
from declarations.models import Load, Trip
from fees.models import Bill, Payment, Receipt, ReceiptSeries, Tariff
from fees.services import receipting
from fees.services.paying import record_payment
from tests.fees.tables import LANG_SON, LANG_SON_RULES
from tests.world import World, fresh, goods, make_gate, vehicle

pytestmark = pytest.mark.django_db


def at(time: str) -> datetime:
    return datetime.fromisoformat(f"2026-05-03T{time}+07:00")


@pytest.fixture
def clock(monkeypatch) -> Callable[[str], None]:
    """Sets the time at which everything happens from now on."""

    def show(time: str) -> None:
        monkeypatch.setattr(timezone, "now", lambda: at(time))

    show("13:00:00")
    return show


@pytest.fixture
def world(clock) -> World:
    tariff = Tariff.objects.create(
        province="Lạng Sơn", name="NQ 09/2025", legal_basis="NQ", valid_from=date(2025, 5, 8), is_sample=True
    )
    for line in LANG_SON:
        tariff.lines.create(**line)
    for rule in LANG_SON_RULES:
        tariff.rules.create(**rule)
    Tariff.objects.filter(pk=tariff.pk).update(state="approved")
    ReceiptSeries.objects.create(template="01BLP0-001", sign="LS-26T")
    return World(gate=make_gate("huu-nghi", "Hữu Nghị", "lang_son_2024_amended"))


def happened(trip: Trip, **which) -> list[datetime]:
    return list(Fact.objects.filter(trip=trip, **which).order_by("pk").values_list("happened_at", flat=True))


def test_the_import_of_3_may_2026(world, clock):
    clock("13:15:00")
    lines = [goods("Linh kiện", hs_code="85423900", quantity=600, weight=30_000)]
    source = world.submit("import", [vehicle("桂F12345", payload=5)], lines).trips.get()
    trucks = [vehicle(plate, payload=6) for plate in ("12C45678", "12C45679")]
    receivers = list(world.submit("collect_import", trucks).trips.order_by("position"))

    clock("13:34:00")
    world.see(source, "B1", "in")
    for time, slot in zip(("13:34:04", "13:34:11", "13:34:19", "13:34:27"), world.waiting(source), strict=True):
        clock(time)
        world.confirm(fresh(source), slot.agency, slot.of)
    world.open(fresh(source))
    clock("13:50:00")
    world.see(fresh(source), "yard", "in")
    for trip in receivers:
        world.enter(trip, "B2")
    clock("14:21:00")
    for trip in receivers:
        how = {"source": fresh(source), "quantities": {Load.objects.get(trip=source).pk: 300}}
        perform("register_transshipment", fresh(trip), actor=world.trader, key=None, **how)
        world.confirm(fresh(trip), "customs", "transshipment")
    clock("15:25:00")
    for trip in receivers:
        world.confirm_all(fresh(trip))
    assert [(bill.kind, bill.due) for bill in Bill.objects.with_sums().order_by("kind")] == [
        ("infrastructure", 600_000),
        ("transshipment", 90_000),
    ]

    clock("15:26:00")
    for kind, amount, agency in (("transshipment", 90_000, "fee_centre"), ("infrastructure", 600_000, "tax_office")):
        how = {"amount": amount, "method": "counter", "actor": world.officer(agency), "key": kind}
        record_payment(bill=Bill.objects.get(kind=kind), **how)
    for trip in (source, *receivers):
        world.confirm_all(fresh(trip))
    clock("15:36:00")
    world.see(fresh(source), "yard", "out")
    clock("15:38:00")
    world.see(fresh(source), "B1", "out")
    world.confirm_all(fresh(source))
    clock("15:39:00")
    world.open(fresh(source))
    for trip, time in zip(receivers, ("17:46:00", "17:53:00"), strict=True):
        clock("17:40:00")
        world.see(fresh(trip), "yard", "out")
        clock(time)
        world.leave(fresh(trip), "B2")

    entered = happened(source, move="confirm", place="B1")[:4]
    assert entered == [at(time) for time in ("13:34:04", "13:34:11", "13:34:19", "13:34:27")]
    assert entered[-1] - entered[0] <= timedelta(seconds=24)
    assert {fresh(trip).state for trip in (source, *receivers)} == {"left"}
    stay = happened(source, move="open_barrier")[-1] - entered[0]
    of_the_goods = happened(receivers[1], move="open_barrier")[-1] - entered[0]
    assert (stay, of_the_goods) == (
        timedelta(hours=2, minutes=4, seconds=56),
        timedelta(hours=4, minutes=18, seconds=56),
    )
    assert [bill.outstanding for bill in Bill.objects.with_sums()] == [0, 0]
    assert {payment.credit for payment in Payment.objects.with_credit()} == {0}
    receipting.issue_missing()
    assert sorted(Receipt.objects.values_list("amount", flat=True)) == [90_000, 600_000]
    assert len(list(verify())) == Fact.objects.count()
