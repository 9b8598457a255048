"""Which price fits a truck, and what it makes."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from declarations.models import Consignment, GoodsLine, Load
from fees.models import Tariff, TariffLine
from fees.pricing import Case, charge, dearest_goods
from fees.sample import enter_sample_tariff

pytestmark = pytest.mark.django_db


def priced(regime, group, vehicle, payload, tonnes) -> tuple[str, int | None]:
    lines = list(enter_sample_tariff().lines.all())
    payload = None if payload is None else Decimal(str(payload))
    outcome, charged = charge(Case(regime, group, vehicle, payload, Decimal(str(tonnes)) * 1000), lines)
    return outcome, charged and charged.amount


@pytest.mark.parametrize(
    ("case", "answer"),
    [
        (("transit", "general", "40ft", None, 26), ("due", 6_500_000)),
        (("transit", "general", "20ft", None, 20), ("due", 5_500_000)),
        (("transit", "ore", "other", None, 30.5), ("due", 6_100_000)),
        (("transit", "farm", "40ft", None, 26), ("due", 5_500_000)),
        (("transit", "farm", "other", 18, 20), ("due", 5_500_000)),
        (("transit", "farm", "other", 17.99, 20), ("due", 4_500_000)),
        (("transit", "farm", "other", 10, 8), ("due", 4_500_000)),
        (("transit", "farm", "other", 9.99, 8), ("due", 800_000)),
        (("transit", "farm", "other", None, 8), ("no_payload", None)),
        (("ordinary", "farm", "other", None, 30), ("due", 750_000)),
        (("ordinary", "general", "40ft", None, 30), ("due", 3_000_000)),
        (("processing", "frozen", "20ft", None, 12.34567), ("due", 1_234_567)),
        (("ordinary", "general", "other", None, 0), ("no_weight", None)),
        (("ordinary", "general", "other", None, 0.000005), ("due", 1)),
        (("ordinary", "general", "other", None, 0.000004), ("free", 0)),
    ],
)
def test_the_sample_asks(case, answer):
    assert priced(*case) == answer


def test_a_case_without_a_price_is_not_free():
    Tariff.objects.all().delete()
    tariff = Tariff.objects.create(province="Cao Bằng", name="Mới", legal_basis="NQ", valid_from="2026-01-01")
    line = TariffLine.objects.create(
        tariff=tariff, regime="ordinary", vehicle_type="other", payload_from=10, price=1, unit="vehicle"
    )
    for case in (
        Case("transit", "farm", "other", Decimal(20), Decimal(1)),
        Case("ordinary", "farm", "40ft", Decimal(20), Decimal(1)),
        Case("ordinary", "farm", "other", Decimal(9), Decimal(1)),
    ):
        assert charge(case, [line]) == ("no_price", None)


def load(value, quantity, total, weight, regime="ordinary", group="general") -> Load:
    consignment = Consignment(regime=regime, goods_group=group)
    line = GoodsLine(consignment=consignment, value=value, quantity=Decimal(total))
    return Load(line=line, quantity=Decimal(quantity), weight=Decimal(weight))


def test_mixed_goods_take_the_dearest_by_the_part_on_the_truck():
    assert dearest_goods([load(100, 10, 10, 1), load(101, 10, 10, 1, group="farm")]) == ("ordinary", "farm")
    assert dearest_goods([load(100, 10, 10, 1), load(101, 5, 10, 1, group="farm")]) == ("ordinary", "general")
    halves = [load(60, 1, 1, 1, group="ore"), load(60, 1, 1, 1, group="ore"), load(100, 1, 1, 9, group="farm")]
    assert dearest_goods(halves) == ("ordinary", "ore")
    assert dearest_goods([load(0, 1, 1, 5), load(0, 1, 1, 9, group="farm")]) == ("ordinary", "farm")


@pytest.mark.parametrize(
    ("since", "until", "fits"),
    [
        ("2026-01-01", "2026-06-30", False),
        ("2025-01-01", "2026-03-01", False),
        ("2026-07-01", None, True),
        ("2025-01-01", "2026-02-28", True),
    ],
)
def test_two_tariffs_of_a_province_never_hold_on_one_day(since, until, fits):
    Tariff.objects.all().delete()
    rest = {"province": "Cao Bằng", "legal_basis": "NQ"}
    Tariff.objects.create(name="A", valid_from="2026-03-01", valid_to="2026-06-30", **rest)
    other = Tariff(name="B", valid_from=since, valid_to=until, **rest)
    if fits:
        other.full_clean()
        other.save()
    else:
        with pytest.raises(ValidationError, match="trùng với một biểu phí khác"):
            other.full_clean()
        with pytest.raises(IntegrityError):
            other.save()


def test_bands_do_not_overlap_and_a_case_has_one_price():
    tariff = enter_sample_tariff()
    band = TariffLine(
        tariff=tariff, regime="transit", goods_group="farm", vehicle_type="other", payload_from=17, price=1
    )
    with pytest.raises(ValidationError, match="chồng lên nhau"):
        band.full_clean()
    with pytest.raises(ValidationError, match="đã có mức phí"):
        TariffLine(tariff=tariff, regime="ordinary", price=1).full_clean()
    with pytest.raises(ValidationError):
        TariffLine(tariff=tariff, regime="ordinary", goods_group="ore", price=-1).full_clean()
