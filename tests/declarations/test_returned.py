"""Goods that the other side did not accept come back: a new declaration the other way round, tied to the trip."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from checkpoints.door import perform
from checkpoints.models import Fact
from checkpoints.refusals import Refusal
from declarations.models import Declaration
from declarations.services import return_of
from tests.checkpoints.test_correcting_pages import signed_in, text
from tests.world import fresh, goods, make_trader, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def trip(world):
    """One of two trucks with export goods, which left by B1."""
    sent = world.submit("export", [vehicle("11C12345"), vehicle("11C77777")], [goods(quantity=10, weight=1000)])
    trip = sent.trips.get(position=1)
    world.enter(trip, "B2")
    world.confirm_all(trip)
    world.confirm_all(trip)
    world.leave(trip, "B1")
    return fresh(trip)


def back(world, trip) -> Declaration:
    return return_of(trip, actor=world.trader, expected_at=timezone.now())


def send(declaration, world) -> None:
    lot = declaration.consignments.get()
    lot.customs_number, lot.customs_date = "108508812340", timezone.localdate()
    lot.save()
    perform("submit", declaration, actor=world.trader, key=str(uuid4()))


def test_the_draft_holds_what_was_on_the_truck_the_other_way_round_without_its_customs_declaration(world, trip):
    draft = back(world, trip)

    line = draft.consignments.get().lines.get()
    assert (draft.state, draft.purpose, draft.returns) == ("draft", "import", trip)
    assert (line.name, line.quantity, line.weight, line.value) == ("Tinh bột sắn", 5, Decimal("500.00"), 150_000_000)
    assert draft.consignments.get().customs_number == ""
    carrying = draft.trips.get()
    assert (carrying.plate, carrying.procedure_code, carrying.loads.get().quantity) == ("11C12345", "import", 5)


def test_it_comes_back_by_the_border_under_everybodys_eyes_and_both_histories_tell(world, trip):
    draft = back(world, trip)
    send(draft, world)
    coming = draft.trips.get()
    world.enter(coming, "B1")
    world.confirm_all(coming)
    world.confirm_all(coming)
    world.leave(coming, "B2")

    assert fresh(coming).state == "left"
    told = Fact.objects.get(move="goods_return")
    assert (told.trip, told.data) == (trip, {"by_declaration": draft.pk})


def test_goods_come_back_once_and_only_after_they_left(world, trip):
    first, second = back(world, trip), back(world, trip)
    send(first, world)
    with pytest.raises(Refusal) as refused:
        send(second, world)
    assert (refused.value.code, first.code in refused.value.message) == ("returned_already", True)
    perform("withdraw", first, actor=world.trader, key=None)
    send(second, world)
    assert fresh(second).state == "submitted"


def test_a_trip_that_has_not_left_returns_nothing(world):
    trip = world.submit("export").trips.get()
    draft = back(world, trip)
    with pytest.raises(Refusal) as refused:
        send(draft, world)
    assert refused.value.code == "not_left"


def test_it_is_declared_from_the_page_and_officers_see_where_the_goods_were(world, trip):
    trader = signed_in(world.trader)
    page = text(trader.get(reverse("declarations:detail", args=[trip.declaration.code])))
    assert page.count("Khai hàng bị trả lại") == 1
    address = reverse("declarations:take_back", args=[trip.declaration.code, 1])
    assert trader.post(address, {"key": str(uuid4())}).status_code == 302
    draft = Declaration.objects.get(returns=trip)
    send(draft, world)
    assert trip.declaration.code in text(trader.get(reverse("declarations:detail", args=[draft.code])))
    coming = draft.trips.get()
    world.see(coming, "B1", "in")
    shown = text(signed_in(world.officer("customs")).get(f"/console/ta-lung/B1/{coming.pk}/"))
    assert "Hàng bị trả lại" in shown
    assert trip.declaration.code in shown


def test_nobody_else_and_nothing_else_is_taken_back(world, trip):
    address = reverse("declarations:take_back", args=[trip.declaration.code, 1])
    assert signed_in(make_trader("Công ty khác")).post(address).status_code == 404
    still = reverse("declarations:take_back", args=[trip.declaration.code, 2])
    assert "đã rời cửa khẩu" in text(signed_in(world.trader).post(still, follow=True))
    assert not Declaration.objects.exclude(returns=None).exists()
