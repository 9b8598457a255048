"""The yard's operator keeps the zones of the yard on its own pages."""

import pytest
from django.urls import reverse

from gates.models import Yard, Zone
from tests.checkpoints.test_correcting_pages import signed_in, text

pytestmark = pytest.mark.django_db

GIVEN = {"name": "Khu Đông 1", "kind": "cold", "capacity": "12", "in_use": "on"}


def address(name: str, yard: Yard, *more: str) -> str:
    return reverse(f"checkpoints:{name}", args=[yard.gate.code, yard.code, *more])


def test_a_zone_is_added_changed_and_put_out_of_use(world, yard):
    operator = signed_in(world.officer("yard_operator"))
    assert "Thêm khu" in text(operator.get(address("yard", yard)))
    assert operator.get(address("new_zone", yard)).status_code == 200
    assert operator.post(address("new_zone", yard), GIVEN).status_code == 302
    zone = Zone.objects.get()
    assert (zone.yard, zone.code, zone.kind, zone.capacity, zone.in_use) == (yard, "khu-dong-1", "cold", 12, True)

    changed = {"name": "Khu Đông 2", "kind": "cold", "capacity": "8"}
    assert operator.post(address("zone", yard, zone.code), changed).status_code == 302
    zone.refresh_from_db()
    assert (zone.code, zone.name, zone.capacity, zone.in_use) == ("khu-dong-1", "Khu Đông 2", 8, False)
    shown = text(operator.get(address("yard", yard)))
    assert f'<a href="{address("zone", yard, zone.code)}">Khu Đông 2</a>' in shown.partition("Không dùng:")[2]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Tên khu"),
        ({"name": "khu a"}, "Bãi đã có khu mang tên này."),
        ({"capacity": "-3"}, "Ít nhất là 1."),
        ({"capacity": "99999999999"}, "Nhiều nhất là 10000."),
        ({"capacity": "nhiều"}, "Hãy ghi số nguyên."),
        ({"kind": "swamp"}, "Loại khu"),
    ],
)
def test_what_cannot_be_is_told_and_what_was_typed_is_kept(world, yard, wrong, said):
    Zone.objects.create(yard=yard, code="a", name="Khu A", kind="dry", capacity=20)
    answer = signed_in(world.officer("yard_operator")).post(
        address("new_zone", yard), GIVEN | {"capacity": "77"} | wrong
    )
    assert (answer.status_code, said in text(answer)) == (422, True)
    assert answer.context["form"].errors.keys() == wrong.keys()
    assert Zone.objects.count() == 1


def test_two_zones_whose_names_are_alike_get_codes_of_their_own(world, yard):
    operator = signed_in(world.officer("yard_operator"))
    for name in ("Khu Đông", "Khu Dong", "New"):
        operator.post(address("new_zone", yard), GIVEN | {"name": name})
    codes = set(Zone.objects.values_list("code", flat=True))
    assert len(codes) == 3
    assert "new" not in codes


def test_only_the_operator_of_the_yard_keeps_them(world, yard):
    Zone.objects.create(yard=yard, code="a", name="Khu A", kind="dry", capacity=20)
    for agency in ("customs", "zone_authority"):
        client = signed_in(world.officer(agency))
        assert client.get(address("new_zone", yard)).status_code == 404
        assert client.post(address("zone", yard, "a"), GIVEN).status_code == 404
    assert Zone.objects.get().name == "Khu A"
