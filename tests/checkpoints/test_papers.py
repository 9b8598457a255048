"""Customs confirms goods in the yard only when each consignment's customs declaration is named; who may name it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from checkpoints.door import perform
from checkpoints.models import Fact
from checkpoints.papers import GOODS_CONFIRMED, unnamed_on
from checkpoints.refusals import Refusal
from gates.procedures import BOOKS
from tests.world import fresh, make_gate, make_officer, make_trader, vehicle

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
NUMBER = "308508812340"
YESTERDAY = f"{timezone.localdate() - timedelta(days=1)}"


def in_yard(world, **consignment):
    """A truck in the yard whose goods have, by default, no customs declaration yet."""
    trip = world.submit("export", **{"customs_number": "", **consignment}).trips.get()
    world.enter(trip, "B2")
    return trip


def refused(act) -> Refusal:
    with pytest.raises(Refusal) as told:
        act()
    return told.value


def name(trip, actor, *, number=NUMBER, day=None):
    lot = trip.declaration.consignments.get()
    details = {"consignment": lot.pk, "number": number, "day": day or timezone.localdate()}
    return perform("name_customs_declaration", trip.declaration, actor=actor, key=None, **details)


def at(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def console(trip) -> str:
    return f"/console/ta-lung/a/{trip.pk}/"


def post(client, trip, lot, number, day):
    prefix = f"lot-{lot.pk}"
    data = {"key": uuid4(), f"{prefix}-customs_number": number, f"{prefix}-customs_date": day}
    return client.post(f"{console(trip)}customs/{lot.pk}/", data, headers=HTMX)


def test_the_book_names_who_confirms_the_goods():
    assert BOOKS["cao_bang_2026"].confirming(GOODS_CONFIRMED) == ("customs",)
    assert BOOKS["cao_bang_2026"].confirming("nothing") == ()


def test_goods_are_confirmed_only_when_number_and_day_are_named(world):
    trip = in_yard(world)
    told = refused(lambda: world.confirm(trip, "customs", GOODS_CONFIRMED))
    assert told.code == "customs_declaration_missing"
    assert f"Tờ khai {trip.declaration.code}: lô hàng chưa có số tờ khai hải quan." in told.message

    lot = trip.declaration.consignments.get()
    lot.customs_number = NUMBER
    lot.save()
    assert (
        f"tờ khai hải quan {NUMBER} chưa có ngày."
        in refused(lambda: world.confirm(trip, "customs", GOODS_CONFIRMED)).message
    )

    name(trip, world.trader)
    world.confirm(trip, "customs", GOODS_CONFIRMED)


def test_other_facts_of_the_yard_do_not_wait_for_it(world):
    trip = in_yard(world)
    world.confirm(trip, "border_guard", "vehicle_carrying_goods")
    world.confirm(trip, "health_quarantine", "health_quarantine")


def test_goods_received_from_another_need_theirs_too(world):
    carrier = make_trader("Công ty vận tải")
    source = world.submit("import", [vehicle("桂F12345")], customs_number="").trips.get()
    target = world.submit("collect_import", [vehicle("12C45678")], trader=carrier).trips.get()
    world.enter(source, "B1")
    world.enter(target, "B2")
    perform("register_transshipment", target, actor=world.trader, key=None, source=source)
    world.confirm(target, "customs", "transshipment")

    assert source.declaration.code in refused(lambda: world.confirm(target, "customs", GOODS_CONFIRMED)).message
    lot = source.declaration.consignments.get()
    assert list(unnamed_on(target)) == [lot]
    customs = at(world.officer("customs"))
    assert f'id="customs-{lot.pk}"' in customs.get(console(target)).content.decode()
    assert post(customs, target, lot, "108508812340", timezone.localdate().isoformat()).status_code == 204
    world.confirm(target, "customs", GOODS_CONFIRMED)


def test_customs_of_the_gate_names_it_at_the_truck(world):
    trip = in_yard(world)
    lot = trip.declaration.consignments.get()
    customs = at(world.officer("customs"))
    shown = customs.get(console(trip)).content.decode()
    assert "lô hàng chưa có số tờ khai hải quan" in shown
    assert f'id="customs-{lot.pk}"' in shown

    for number, day, words in (
        ("12345", f"{timezone.localdate()}", "Số tờ khai hải quan có 12 chữ số"),
        (NUMBER, "", "Hãy ghi ngày tờ khai hải quan."),
        (NUMBER, f"{timezone.localdate() + timedelta(days=2)}", "ở tương lai"),
    ):
        wrong = post(customs, trip, lot, number, day)
        assert wrong.status_code == 409
        assert words in wrong.content.decode()
    assert fresh(lot).customs_number == ""

    assert post(customs, trip, lot, "3085 0881 2340", YESTERDAY).status_code == 204
    assert (fresh(lot).customs_number, f"{fresh(lot).customs_date}") == (NUMBER, YESTERDAY)
    fact = Fact.objects.get(move="name_customs_declaration")
    assert (fact.actor, fact.agency) == (world.officer("customs"), "customs")
    assert "lô hàng chưa có số" not in customs.get(console(trip)).content.decode()


def test_nobody_else_names_it(world):
    trip = in_yard(world)
    lot = trip.declaration.consignments.get()
    elsewhere = make_officer("customs", make_gate("tra-linh", "Trà Lĩnh"))
    for stranger in (world.officer("border_guard"), elsewhere, make_trader("Công ty khác"), None):
        assert refused(lambda stranger=stranger: name(trip, stranger)).code == "not_yours"
    guard = at(world.officer("border_guard"))
    shown = guard.get(console(trip)).content.decode()
    assert "lô hàng chưa có số tờ khai hải quan" in shown
    assert f'id="customs-{lot.pk}"' not in shown
    assert post(guard, trip, lot, NUMBER, YESTERDAY).status_code == 409
    assert post(at(elsewhere), trip, lot, NUMBER, YESTERDAY).status_code == 404
    other = world.submit("export", vehicles=[vehicle("11C77777")], customs_number="").consignments.get()
    assert post(at(world.officer("customs")), trip, other, NUMBER, YESTERDAY).status_code == 404


def test_what_customs_confirmed_is_not_renamed_by_anybody(world):
    trip = in_yard(world)
    name(trip, world.trader)
    world.confirm(trip, "customs", GOODS_CONFIRMED)
    for actor in (world.trader, world.officer("customs")):
        assert refused(lambda actor=actor: name(trip, actor, number="308508812351")).code == "customs_confirmed"


def test_confirming_goods_asks_at_most_fifteen_queries(world):
    trip = in_yard(world, customs_number=NUMBER, customs_date=timezone.localdate())
    slot = next(slot for slot in world.waiting(trip) if slot.of == GOODS_CONFIRMED)
    customs = at(world.officer("customs"))
    customs.get(console(trip))
    with CaptureQueriesContext(connection) as asked:
        response = customs.post(f"{console(trip)}confirm/", {"key": uuid4(), "slot": slot.pk}, headers=HTMX)
    assert response.status_code == 204
    assert len(asked) <= 15
