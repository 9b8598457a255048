"""Goods that go over to another truck: whose trucks a trader sees, and how either side takes a registration back."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from checkpoints.models import Fact, Transshipment
from declarations.models import Load
from tests.declarations.pages import text
from tests.world import goods, make_trader, vehicle

pytestmark = pytest.mark.django_db

NAME = "Tinh bột sắn"


@pytest.fixture
def client(client, world):
    client.force_login(world.trader)
    return client


@pytest.fixture
def carrier():
    """Another firm, whose truck waits for goods."""
    return make_trader("Công ty vận tải")


@pytest.fixture
def source(world):
    """A Chinese truck with ten bags of own goods in the yard."""
    sent = world.submit("import", vehicles=[vehicle("桂FA1234")], lines=[goods(NAME, quantity=10, weight=1000)])
    world.enter(sent.trips.get(), "B1")
    return sent.trips.get()


@pytest.fixture
def target(world, carrier):
    sent = world.submit("collect_import", vehicles=[vehicle("11C55555")], trader=carrier)
    world.enter(sent.trips.get(), "B2")
    return sent.trips.get()


@pytest.fixture
def own_target(world):
    sent = world.submit("collect_import", vehicles=[vehicle("11C44444")])
    world.enter(sent.trips.get(), "B2")
    return sent.trips.get()


def address(name: str, trip, *args) -> str:
    return reverse(f"declarations:{name}", args=[trip.declaration.code, trip.position, *args])


def register(client, source, quantity: str = "10", **data):
    load = Load.objects.get(trip=source)
    return client.post(address("transship", source), {"key": str(uuid4()), f"quantity-{load.pk}": quantity, **data})


def taken_back(name: str, trip) -> str:
    """Where what is registered is taken back: by who declared the goods, or the receiving truck."""
    where = [trip.declaration.code] if name == "cancel" else [trip.declaration.code, trip.position]
    return reverse(f"declarations:{name}_transshipment", args=[*where, Transshipment.objects.get().pk])


def detail(client, trip) -> str:
    return text(client.get(reverse("declarations:detail", args=[trip.declaration.code])))


def test_only_own_trucks_are_listed(client, source, target, own_target):
    shown = client.get(address("transship", source))

    assert shown.context["targets"] == [own_target]
    assert "11C-444.44" in text(shown)
    assert "11C-555.55" not in text(shown)


@pytest.mark.parametrize("plate", ["11C55555", "11c-555.55", " 11C 555-55 "])
def test_another_firms_truck_is_named_by_its_whole_plate(client, source, target, plate):
    response = register(client, source, "4", target="another", plate=plate)

    assert response.url == reverse("declarations:detail", args=[source.declaration.code])
    pair = Transshipment.objects.get()
    assert (pair.target, pair.lines.get().quantity) == (target, Decimal("4"))
    shown = detail(client, source)
    assert "Đăng ký sang tải cho" in shown
    assert "11C-555.55" in shown
    assert target.declaration.code not in shown
    assert client.get(address("transship", source)).context["loads"][0].free == 6


@pytest.mark.parametrize("plate", ["11C5555", "11C55556", "C55555", "_______", "' OR 1=1"])
def test_part_of_a_plate_or_another_finds_no_truck(client, source, target, plate):
    response = register(client, source, target="another", plate=plate)

    assert response.status_code == 422
    assert "đang chờ nhận hàng" in text(response) or "Hãy ghi biển" in text(response)
    assert "11C-555.55" not in text(response)
    assert not Transshipment.objects.exists()


def test_another_firms_truck_is_not_chosen_by_its_number_in_the_form(client, source, target, own_target):
    response = register(client, source, target=str(target.pk))

    assert response.status_code == 422
    assert "Hãy chọn xe nhận hàng." in text(response)
    assert not Transshipment.objects.exists()


def test_an_own_truck_and_anothers_plate_are_not_both_meant(client, source, target, own_target):
    response = register(client, source, target=str(own_target.pk), plate="11C55555")

    assert response.status_code == 422
    assert "Hãy chọn một" in text(response)
    assert register(client, source, target=str(own_target.pk)).status_code == 302
    assert Transshipment.objects.get().target == own_target


def test_a_truck_that_does_not_wait_or_collects_the_other_way_is_not_found(client, world, carrier, source):
    far = world.submit("collect_import", vehicles=[vehicle("11C66666")], trader=carrier).trips.get()
    assert register(client, source, target="another", plate=far.plate).status_code == 422

    export = world.submit("export", vehicles=[vehicle("11C77777")]).trips.get()
    world.enter(export, "B2")
    world.enter(far, "B2")
    assert "đang chờ nhận hàng" in text(register(client, export, target="another", plate=far.plate))
    assert register(client, source, target="another", plate=far.plate).status_code == 302


@pytest.mark.parametrize(
    ("quantity", "words"),
    [("11", "Nhiều hơn số hàng còn trên xe."), ("x", "Hãy ghi một số"), ("", "Hãy ghi số lượng"), ("-1", "Số không")],
)
def test_a_wrong_quantity_is_told_and_nothing_is_registered(client, source, target, quantity, words):
    response = register(client, source, quantity, target="another", plate=target.plate)

    assert response.status_code == 422
    assert words in text(response)
    assert not Transshipment.objects.exists()


def test_who_declared_the_goods_takes_the_registration_back(client, source, target):
    register(client, source, target="another", plate=target.plate)
    back = taken_back("cancel", source)
    assert back in detail(client, source)

    assert client.post(back, {"key": str(uuid4())}).status_code == 302
    assert not Transshipment.objects.exists()
    assert client.post(back, {"key": str(uuid4())}).status_code == 404


def test_the_receiving_firm_sees_the_plate_alone_and_takes_the_registration_back(
    client, world, carrier, source, target
):
    register(client, source, target="another", plate=target.plate)
    client.force_login(carrier)
    shown = detail(client, target)
    assert "Sẽ nhận hàng từ" in shown
    assert "桂" in shown
    for theirs in (NAME, source.declaration.code, source.driver_name + " <span", "Phục Hòa"):
        assert theirs not in shown.replace(target.driver_name + " <span", "")

    back = taken_back("decline", target)
    assert back in shown
    page = text(client.get(back))
    assert NAME not in page
    refused = client.post(back, {"key": str(uuid4()), "reason": " "})
    assert refused.status_code == 409
    assert "Hãy ghi lý do." in text(refused)
    assert client.post(back, {"key": str(uuid4()), "reason": "Xe hỏng"}).status_code == 302
    assert not Transshipment.objects.exists()
    assert Fact.objects.get(move="cancel_transshipment").reason == "Xe hỏng"
    assert client.get(back).status_code == 404
    assert "transshipment_registered" in [slot.of for slot in world.waiting(target)]


def test_only_the_receiving_firm_declines_there(client, source, target):
    register(client, source, target="another", plate=target.plate)
    back = taken_back("decline", target)

    assert client.post(back, {"key": str(uuid4()), "reason": "Xe hỏng"}).status_code == 404
    client.force_login(make_trader("Công ty thứ ba"))
    assert client.post(back, {"key": str(uuid4()), "reason": "Xe hỏng"}).status_code == 404
    assert Transshipment.objects.exists()


def test_an_officer_of_the_gate_sees_the_goods_of_both(client, world, source, target):
    register(client, source, target="another", plate=target.plate)
    client.force_login(world.officer("customs"))

    shown = detail(client, target)
    assert f"{NAME}: 10" in shown
    assert "Thu hồi đăng ký" not in shown
