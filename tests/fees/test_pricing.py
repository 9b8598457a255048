"""Which rows of a tariff fit a truck, and what they make."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from declarations.models import Consignment, GoodsLine, Load
from fees.models import Tariff, TariffLine, TariffRule
from fees.pricing import Case, dearest_goods, price, volume_of
from fees.sample import enter_sample_tariff, sample_lines
from tests.fees.tables import LANG_SON, LANG_SON_RULES
from tests.fees.tariffs import in_force

pytestmark = pytest.mark.django_db


def case(regime="ordinary", group="general", vehicle="other", payload=None, tonnes=1, **more) -> Case:
    payload = None if payload is None else Decimal(str(payload))
    return Case(regime, group, vehicle, payload, Decimal(str(tonnes)) * 1000, **more)


def priced(asked: Case, lines, rules=()) -> tuple[str, int | None]:
    outcome, charges = price(asked, list(lines), list(rules))
    return outcome, sum(charge.amount for charge in charges) if charges else None


def rows(lines, rules=()) -> tuple[list[TariffLine], list[TariffRule]]:
    tariff = in_force(*lines, rules=rules)
    return list(tariff.lines.all()), list(tariff.rules.all())


@pytest.mark.parametrize(
    ("facts", "answer"),
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
        (("ordinary", "farm", "other", None, 30), ("due", 3_000_000)),
        (("ordinary", "general", "40ft", None, 30), ("due", 3_000_000)),
        (("processing", "frozen", "20ft", None, 12.34567), ("due", 1_234_567)),
        (("ordinary", "general", "other", None, 0), ("no_weight", None)),
        (("ordinary", "general", "other", None, 0.000005), ("due", 1)),
        (("ordinary", "general", "other", None, 0.000004), ("free", 0)),
    ],
)
def test_the_sample_asks(facts, answer):
    assert priced(case(*facts), sample_lines(Tariff())) == answer


@pytest.mark.parametrize(
    ("facts", "answer"),
    [
        ({"group": "farm", "origin": "vietnam", "direction": "export", "tonnes": 30}, 750_000),
        ({"group": "farm", "origin": "foreign", "direction": "export", "tonnes": 30}, 3_000_000),
        ({"group": "farm", "origin": "vietnam", "direction": "import", "tonnes": 30}, 3_000_000),
        ({"hs_prefix": "01", "origin": "vietnam", "direction": "export", "tonnes": 10}, 250_000),
        ({"regime": "transit", "hs_prefix": "2710", "tonnes": 20}, 1_400_000),
        ({"regime": "transit", "hs_prefix": "2710", "vehicle": "40ft", "tonnes": 20}, 1_400_000),
        ({"hs_prefix": "2710", "tonnes": 20}, 2_000_000),
    ],
)
def test_the_sample_tells_goods_by_code_and_origin(facts, answer):
    assert priced(case(**facts), sample_lines(Tariff())) == ("due", answer)


def test_the_longest_code_that_fits_counts():
    lines = [TariffLine(price=1), TariffLine(price=2, hs_prefix="27"), TariffLine(price=3, hs_prefix="2710")]
    lines.append(TariffLine(price=4, goods_group="ore", vehicle_type="other"))
    assert [priced(case(hs_prefix=code), lines)[1] for code in ("", "2701", "27101290")] == [1, 2, 3]
    assert priced(case(group="ore", hs_prefix="2701"), lines) == ("due", 2)
    free = TariffRule(effect="exemption", hs_prefix="87", direction="import", reason="Xe, máy tự hành")
    machines = case(hs_prefix="8704", direction="import")
    assert priced(machines, lines, [free]) == ("exempt", 0)
    assert priced(case(hs_prefix="8704", direction="export"), lines, [free]) == ("due", 1)


def test_goods_are_told_apart_only_by_what_the_tariff_names():
    oil, parts = load(61, 1, 1, 1, hs="27101290"), load(100, 1, 1, 1, hs="85423900", origin="Trung Quốc")
    both = [oil, load(60, 1, 1, 1, hs="27101980"), parts]
    assert dearest_goods(both) == ("ordinary", "general", "", "")
    rows = [TariffLine(hs_prefix="2710"), TariffLine(hs_prefix="27101290"), TariffRule(hs_prefix="27")]
    assert dearest_goods([*both, parts], rows).hs_prefix == ""
    assert dearest_goods(both[:2], rows).hs_prefix == "27101290"
    assert dearest_goods(both, rows[2:]).hs_prefix == "27"
    by_origin = [TariffLine(origin="vietnam")]
    assert [dearest_goods([one], by_origin).origin for one in (oil, parts)] == ["vietnam", "foreign"]


@pytest.mark.parametrize(
    "dearer",
    [
        [{"value": 35}, {"value": 30, "origin": "Trung Quốc"}],
        [{"value": 35, "hs": "07019010"}, {"value": 30, "hs": "01022919"}],
        [{"value": 30, "hs": "01022919", "origin": "Trung Quốc"}, {"value": 35, "hs": "07019010", "origin": ""}],
    ],
)
@pytest.mark.parametrize("direction", ["export", "import"])
def test_no_row_takes_value_from_the_rest_of_a_group(dearer, direction):
    loads = [load(quantity=1, total=1, weight=1, group="farm", **goods) for goods in dearer]
    nature = dearest_goods([*loads, load(40, 1, 1, 1, hs="85423900")], sample_lines(Tariff()), direction)
    assert nature[:3] == ("ordinary", "farm", "")


def test_only_rows_that_may_be_for_the_goods_tell_them_apart():
    animals = load(40, 1, 1, 1, hs="01022919")
    rows = sample_lines(Tariff())
    assert dearest_goods([animals], rows, "export") == ("ordinary", "general", "01", "vietnam")
    assert dearest_goods([animals], rows, "import") == ("ordinary", "general", "", "")
    assert dearest_goods([load(40, 1, 1, 1, hs="27101290")], rows, "export") == ("ordinary", "general", "", "")


@pytest.mark.parametrize("origin", ["", "không rõ", "Cao Bằng", "?"])
def test_an_origin_that_is_not_known_is_not_guessed(origin):
    rows = sample_lines(Tariff())
    for fields in ({"group": "farm"}, {"hs": "01022919"}):
        nature = dearest_goods([load(40, 1, 1, 1, origin=origin, **fields)], rows, "export")
        asked = case(group=nature.goods_group, hs_prefix=nature.hs_prefix, origin=nature.origin, direction="export")
        assert priced(asked, rows) == ("no_origin", None)
    assert priced(case(group="farm", direction="import"), rows) == ("due", 100_000)
    assert priced(case(direction="export"), rows) == ("due", 100_000)
    by_rule = [TariffRule(effect="exemption", origin="vietnam", reason="Hàng Việt Nam")]
    assert priced(case(), [TariffLine(price=1)], by_rule) == ("no_origin", None)


def test_goods_measured_in_cubic_metres_pay_by_these():
    lines = sample_lines(Tariff())
    assert priced(case(tonnes=30, volume=Decimal("12.5")), lines) == ("due", 1_250_000)
    timber = [TariffLine(unit="m3", price=50_000, goods_group="general"), TariffLine(unit="tonne", price=10_000)]
    assert priced(case(tonnes=3, volume=Decimal(2)), timber) == ("due", 100_000)
    assert priced(case(tonnes=3), timber) == ("due", 30_000)
    assert priced(case(tonnes=3), timber[:1]) == ("no_volume", None)


@pytest.mark.parametrize(
    ("facts", "answer"),
    [
        ({"payload": 5, "direction": "export"}, ("due", 300_000)),
        ({"payload": 5, "direction": "import", "transshipment": "received"}, ("due", 300_000)),
        ({"payload": 5, "direction": "import", "transshipment": "gave_all"}, ("due", 90_000)),
        ({"payload": 5, "direction": "import"}, ("due", 390_000)),
        ({"vehicle": "40ft", "payload": 30, "direction": "export"}, ("due", 800_000)),
        ({"vehicle": "40ft", "direction": "export"}, ("due", 800_000)),
        ({"payload": 18, "direction": "export"}, ("due", 800_000)),
        ({"payload": 1.5, "group": "farm", "direction": "export"}, ("due", 100_000)),
        ({"payload": 5, "group": "ore", "direction": "export"}, ("due", 1_500_000)),
        ({"vehicle": "40ft", "group": "ore", "direction": "export"}, ("due", 4_000_000)),
        ({"regime": "transit", "vehicle": "40ft", "group": "farm", "direction": "import"}, ("due", 5_000_000)),
        ({"payload": 12, "direction": "export"}, ("no_price", None)),
        ({"payload": None, "direction": "export"}, ("no_payload", None)),
        ({"payload": 12, "direction": "import", "transshipment": "gave_all"}, ("no_price", None)),
    ],
)
def test_lang_son_asks(facts, answer):
    assert priced(case(**facts), *rows(LANG_SON, LANG_SON_RULES)) == answer


def test_each_charge_tells_its_rules_and_its_kind_of_fee():
    lines, rules = rows(LANG_SON, LANG_SON_RULES)
    _due, [emptied] = price(case(payload=5, direction="import", transshipment="gave_all"), lines, rules)
    assert (emptied.kind, emptied.factor, emptied.amount) == ("transshipment", Decimal("0.3"), 90_000)
    assert [rule.article for rule in emptied.rules] == ["30 %"]
    _due, [capped] = price(case("transit", "farm", "40ft", direction="import"), lines, rules)
    assert [rule.effect for rule in capped.rules] == ["coefficient", "cap"]


def test_an_emptied_vehicle_owes_nothing_unless_the_tariff_names_it():
    lines, _rules = rows(LANG_SON)
    assert priced(case(payload=5, transshipment="gave_all"), lines) == ("no_goods", None)
    by_tonnage = TariffRule(effect="coefficient", factor=2, payload_from=18)
    assert priced(case(transshipment="gave_all"), lines, [by_tonnage]) == ("no_goods", None)
    lines.append(TariffLine(kind="transshipment", transshipment="gave_all", price=50_000))
    assert priced(case(payload=5, transshipment="gave_all"), lines) == ("due", 50_000)


def test_two_kinds_of_fee_are_two_charges():
    lines = [TariffLine(price=300_000), TariffLine(kind="transshipment", transshipment="received", price=20_000)]
    _due, charges = price(case(transshipment="received"), lines)
    assert [(charge.kind, charge.amount) for charge in charges] == [
        ("infrastructure", 300_000),
        ("transshipment", 20_000),
    ]
    assert priced(case(transshipment="received"), lines[1:]) == ("no_price", None)


def test_an_exemption_frees_and_says_why():
    lines = [TariffLine(price=300_000)]
    free = TariffRule(effect="exemption", goods_group="farm", reason="Hàng viện trợ")
    outcome, [charge] = price(case(group="farm"), lines, [free])
    assert (outcome, charge.amount, charge.rules) == ("exempt", 0, (free,))
    assert priced(case(), lines, [free]) == ("due", 300_000)


def test_the_least_cap_holds_and_one_that_is_not_reached_is_not_told():
    lines = [TariffLine(price=300_000)]
    caps = [TariffRule(effect="cap", most=250_000), TariffRule(effect="cap", most=200_000, goods_group="farm")]
    assert priced(case(group="farm"), lines, caps) == ("due", 200_000)
    assert priced(case(), lines, caps) == ("due", 250_000)
    _due, [charge] = price(case(), [TariffLine(price=100_000)], caps)
    assert charge.rules == ()


def test_a_rule_by_tonnage_is_not_guessed():
    heavy = TariffRule(effect="coefficient", factor=Decimal(2), payload_from=Decimal(18))
    lines = [TariffLine(price=300_000)]
    assert priced(case(), lines, [heavy]) == ("no_payload", None)
    assert priced(case(payload=18), lines, [heavy]) == ("due", 600_000)
    assert priced(case(payload=17), lines, [heavy]) == ("due", 300_000)


def test_a_case_without_a_price_is_not_free():
    line = TariffLine(regime="ordinary", vehicle_type="other", payload_from=10, price=1, unit="vehicle")
    for asked in (case("transit", payload=20), case(vehicle="40ft", payload=20), case(payload=9)):
        assert price(asked, [line]) == ("no_price", [])


def load(
    value, quantity, total, weight, regime="ordinary", group="general", unit="kg", hs="", origin="Việt Nam"
) -> tuple[GoodsLine, Load]:
    consignment = Consignment(regime=regime, goods_group=group)
    line = GoodsLine(
        consignment=consignment, value=value, quantity=Decimal(total), unit=unit, hs_code=hs, origin=origin
    )
    return line, Load(line=line, quantity=Decimal(quantity), weight=Decimal(weight))


def test_mixed_goods_take_the_dearest_by_the_part_on_the_truck():
    assert dearest_goods([load(100, 10, 10, 1), load(101, 10, 10, 1, group="farm")])[:2] == ("ordinary", "farm")
    assert dearest_goods([load(100, 10, 10, 1), load(101, 5, 10, 1, group="farm")])[:2] == ("ordinary", "general")
    halves = [load(60, 1, 1, 1, group="ore"), load(60, 1, 1, 1, group="ore"), load(100, 1, 1, 9, group="farm")]
    assert dearest_goods(halves)[:2] == ("ordinary", "ore")
    assert dearest_goods([load(0, 1, 1, 5), load(0, 1, 1, 9, group="farm")])[:2] == ("ordinary", "farm")


def test_a_volume_is_known_where_all_goods_are_measured_so():
    wood, more, kilos = load(1, 4, 10, 1, unit="m3"), load(1, 2, 2, 1, unit=" M³ "), load(1, 1, 1, 1)
    assert volume_of([wood, more]) == 6
    assert volume_of([wood, kilos]) is None
    assert volume_of([]) is None


def approved(name, since, until=None) -> Tariff:
    return Tariff(
        name=name,
        province="Cao Bằng",
        legal_basis="NQ",
        valid_from=since,
        valid_to=until,
        state="approved",
        is_sample=True,
    )


@pytest.mark.parametrize(
    ("since", "until", "fits"),
    [
        ("2026-01-01", "2026-06-30", False),
        ("2025-01-01", "2026-03-01", False),
        ("2026-07-01", None, True),
        ("2025-01-01", "2026-02-28", True),
    ],
)
def test_two_approved_tariffs_of_a_province_never_hold_on_one_day(since, until, fits):
    approved("A", "2026-03-01", "2026-06-30").save()
    other = approved("B", since, until)
    if fits:
        other.full_clean()
        other.save()
        return
    with pytest.raises(ValidationError, match="trùng với một biểu phí khác"):
        other.full_clean()
    with pytest.raises(IntegrityError):
        other.save()


def test_bands_do_not_overlap_and_a_case_has_one_price():
    tariff = Tariff.objects.create(province="Cao Bằng", name="Mới", legal_basis="NQ")
    TariffLine.objects.bulk_create(sample_lines(tariff))
    band = TariffLine(
        tariff=tariff, regime="transit", goods_group="farm", vehicle_type="other", payload_from=17, price=1
    )
    with pytest.raises(ValidationError, match="chồng lên nhau"):
        band.full_clean()
    with pytest.raises(ValidationError, match="đã có mức phí"):
        TariffLine(tariff=tariff, regime="ordinary", price=1).full_clean()
    with pytest.raises(ValidationError):
        TariffLine(tariff=tariff, regime="ordinary", goods_group="ore", price=-1).full_clean()
    with pytest.raises(ValidationError, match="loại container"):
        TariffLine(tariff=tariff, unit="container", price=1).full_clean()


@pytest.mark.parametrize(
    "rule",
    [
        {"effect": "coefficient"},
        {"effect": "coefficient", "factor": 0},
        {"effect": "coefficient", "factor": -1},
        {"effect": "coefficient", "factor": 101},
        {"effect": "cap"},
        {"effect": "cap", "most": 0},
        {"effect": "cap", "most": 5, "factor": 2},
        {"effect": "exemption"},
        {"effect": "exemption", "reason": "Viện trợ", "most": 1},
        {"effect": "exemption", "reason": "Viện trợ", "charged_as": "transshipment"},
    ],
)
def test_a_rule_says_what_its_effect_needs_and_nothing_else(rule):
    tariff = Tariff.objects.create(province="Cao Bằng", name="Mới", legal_basis="NQ")
    with pytest.raises(ValidationError):
        TariffRule(tariff=tariff, **rule).full_clean()
    with pytest.raises(IntegrityError):
        TariffRule.objects.create(tariff=tariff, **rule)


@pytest.mark.parametrize(
    "change",
    [
        lambda tariff: tariff.lines.create(price=1),
        lambda tariff: tariff.rules.create(effect="cap", most=1),
        lambda tariff: tariff.lines.update(price=1),
        lambda tariff: tariff.lines.all().delete(),
        lambda tariff: Tariff.objects.update(name="Khác"),
        lambda tariff: Tariff.objects.update(state="draft"),
        lambda tariff: Tariff.objects.update(valid_from="2021-01-01"),
        lambda tariff: tariff.delete(),
    ],
)
def test_nothing_of_an_approved_tariff_changes(change):
    with pytest.raises(IntegrityError, match="never change"):
        change(enter_sample_tariff())


def test_an_approved_tariff_can_be_ended():
    tariff = enter_sample_tariff()
    tariff.valid_to = "2026-12-31"
    tariff.save(update_fields=["valid_to"])
