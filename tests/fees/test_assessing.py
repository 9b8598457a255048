"""What trucks owe by the facts of their yard stage: the bills that real tables make, and corrections."""

from collections import Counter
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkpoints.door import perform
from checkpoints.models import Confirmation, Consent
from checkpoints.resting import RESTS_ON
from declarations.models import Consignment, GoodsLine, Load, Trip
from fees.models import Assessment, AssessmentLine, Bill, Payment, Tariff, TariffRule
from fees.models.conditions import CONDITIONS
from fees.selectors.circumstances import direction_of
from fees.selectors.tariffs import prices_of
from fees.services import assessing
from gates.procedures import BOOKS
from tests.fees.tables import LANG_SON, LANG_SON_RULES
from tests.fees.tariffs import in_force, without_prices
from tests.fees.trucks import pay, ready
from tests.world import World, fresh, goods, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def lang_son(world) -> Tariff:
    return in_force(*LANG_SON, rules=LANG_SON_RULES)


def bills() -> list[tuple[str, int]]:
    return [(bill.kind, bill.due) for bill in Bill.objects.with_sums().order_by("kind", "pk")]


def parts() -> dict:
    return goods("Linh kiện", hs_code="85423900", quantity=600, weight=30_000)


def into_the_yard(world: World, purpose: str, *vehicles: dict, place: str) -> list[Trip]:
    lines = [parts()] if purpose in ("import", "export") else None
    trips = list(world.submit(purpose, list(vehicles), lines).trips.all())
    for trip in trips:
        world.enter(trip, place)
    return trips


def go_over(world: World, source: Trip, target: Trip, quantity: int | None = None) -> None:
    load = Load.objects.get(trip=source)
    quantities = {load.pk: quantity} if quantity else {}
    perform("register_transshipment", target, actor=world.trader, key=None, source=source, quantities=quantities)
    world.confirm(target, "customs", "transshipment")


def test_goods_that_change_vehicles_pay_600000_and_90000(world, lang_son):
    [source] = into_the_yard(world, "import", vehicle("桂F12345", payload=5), place="B1")
    one, two = into_the_yard(
        world, "collect_import", *(vehicle(plate, payload=6) for plate in ("12C45678", "12C45679")), place="B2"
    )
    go_over(world, source, one, 300)
    go_over(world, source, two)
    assert bills() == [("transshipment", 90_000)]
    for trip in (one, two):
        world.confirm_all(fresh(trip))
    assert bills() == [("infrastructure", 600_000), ("transshipment", 90_000)]
    line = AssessmentLine.objects.get(kind="transshipment")
    assert (line.price, line.quantity_words, line.factor_words, line.amount) == (300_000, "1", "0,3", 90_000)
    assert TariffRule.objects.get(pk__in=line.rules).why == "Chỉ sang tải tại bãi, không vào nội địa"
    emptied = Confirmation.objects.get(stage__trip=source, of="fee_confirmed")
    assert emptied.state == "waiting"
    world.confirm_all(fresh(source))
    world.leave(fresh(source), "B1")
    assert fresh(source).state == "left"


def test_imported_goods_that_go_inland_on_their_own_vehicle_pay_390000(world, lang_son):
    [trip] = into_the_yard(world, "import", vehicle("桂F12345", payload=5), place="B1")
    world.confirm_all(trip)
    assert bills() == [("infrastructure", 390_000)]
    assert Assessment.objects.get().direction == "import"


def test_an_exported_40_foot_container_pays_800000(world, lang_son):
    ready(world, trip=world.submit("export", [vehicle("11C12345", vehicle_type="40ft")]).trips.get())
    assert bills() == [("infrastructure", 800_000)]


def test_a_vehicle_that_gave_part_of_its_goods_still_pays_its_own(world, lang_son):
    [source] = into_the_yard(world, "import", vehicle("桂F12345", payload=5), place="B1")
    [target] = into_the_yard(world, "collect_import", vehicle("12C45678", payload=6), place="B2")
    go_over(world, source, target, 200)
    world.confirm_all(fresh(source))
    assert Assessment.objects.get(trip=source).transshipment == "gave_part"
    assert bills() == [("infrastructure", 300_000)]


def test_an_exempt_vehicle_goes_on_without_a_bill_and_its_line_says_why(world):
    in_force({"price": 300_000}, rules=({"effect": "exemption", "reason": "Hàng viện trợ", "article": "Điều 3"},))
    trip = ready(world)
    assessment = Assessment.objects.get()
    assert (assessment.outcome, assessment.total, bills()) == ("exempt", 0, [])
    line = assessment.lines.get()
    assert (line.amount, TariffRule.objects.get(pk__in=line.rules).article) == (0, "Điều 3")
    assert Confirmation.objects.get(stage__trip=trip, of="fee_confirmed").state == "not_required"


def locks_all_bills_first(asked: CaptureQueriesContext) -> bool:
    """Whether the first lock of bills is of whole declarations, by id."""
    locks = [query["sql"] for query in asked if 'FROM "fees_bill"' in query["sql"] and "FOR NO KEY" in query["sql"]]
    which, order = locks[0].partition(" WHERE ")[2].split(" ORDER BY ")
    return which.startswith('"fees_bill"."declaration_id"') and "kind" not in which and order.startswith("1 ASC")


def correct(trip: Trip, **facts) -> Assessment:
    """An officer found something else, and the truck is assessed again."""
    trip = fresh(trip)
    for name, value in facts.items():
        setattr(trip, name, value)
    trip.save()
    return assessing.assess(trip=trip, actor=None)


def test_a_corrected_class_makes_a_version_and_the_old_one_stays(world, lang_son):
    trip = ready(world, payload=5)
    pay(Bill.objects.get(), 300_000)
    assert correct(trip, payload=20).version == 2
    assert bills() == [("infrastructure", 300_000), ("infrastructure", 500_000)]
    assert correct(trip, payload=5).version == 3
    assert list(Assessment.objects.values_list("total", flat=True)) == [300_000, 800_000, 300_000]
    assert sum(due for _kind, due in bills()) == 300_000
    assert Payment.objects.with_credit().get().credit == 0


def test_a_correction_that_changes_the_kind_moves_the_sum_to_the_other_bill(world):
    other = {"effect": "coefficient", "factor": 1, "payload_from": 10, "charged_as": "transshipment"}
    in_force({"price": 300_000}, rules=(other,))
    trip = ready(world, payload=5)
    pay(Bill.objects.get(), 300_000)
    with CaptureQueriesContext(connection) as asked:
        correct(trip, payload=20)
    assert locks_all_bills_first(asked)
    assert bills() == [("infrastructure", 0), ("transshipment", 300_000)]
    assert Payment.objects.with_credit().get().credit == 300_000


def test_a_correction_keeps_the_tariff_of_its_day(world, lang_son):
    trip = ready(world, payload=5)
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert Assessment.objects.get().day == timezone.localdate()
    later = Tariff.objects.create(
        province="Cao Bằng", name="Mới", legal_basis="NQ", valid_from=tomorrow, is_sample=True
    )
    later.lines.create(price=1)
    Tariff.objects.in_force().update(valid_to=timezone.localdate())
    Tariff.objects.filter(pk=later.pk).update(state="approved")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "localdate", lambda *args: tomorrow)
        assert correct(trip, payload=20).total == 800_000


def test_the_tariff_of_the_day_that_the_setting_names_holds(world, settings):
    day = date(2026, 3, 1)
    new = in_force({"price": 500_000})
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    type(trip.declaration).objects.update(submitted_at="2026-03-01T05:00:00Z")
    settings.TARIFF_DAY = "submitted"
    ready(world, trip=fresh(trip))
    old = Assessment.objects.get()
    assert (old.day, old.tariff.is_sample, old.tariff_id == new.pk) == (day, True, False)
    assert old.total == 3_000_000
    settings.TARIFF_DAY = "entered"
    ready(world, "11C22222")
    assert Assessment.objects.latest("pk").tariff == new


def test_without_a_tariff_the_next_one_is_taken(world):
    without_prices()
    trip = ready(world)
    assert Assessment.objects.get().outcome == "no_tariff"
    in_force({"price": 7})
    assert assessing.assess(trip=fresh(trip), actor=None).total == 7


def test_an_assessment_asks_little(world, lang_son):
    """It happens inside an officer's click, with the declaration at hand and the tariff known to the process."""
    trips = world.submit("export", [vehicle(f"11C1000{n}", payload=5) for n in range(3)]).trips.all()
    for trip in trips:
        world.enter(trip, "B2")
    prices_of(lang_son.pk)
    asked = []
    for trip in Trip.objects.filter(pk__in=[trip.pk for trip in trips]).select_related("declaration__gate"):
        with CaptureQueriesContext(connection) as captured:
            assessing.assess(trip=trip, actor=None)
        asked.append(len([query for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]))
    assert asked == [6, 8, 8]


def test_a_corrected_customs_value_changes_what_a_mixed_load_pays_by(world):
    in_force({"price": 300_000}, {"price": 700_000, "goods_group": "farm"})
    lines = [goods("Tinh bột sắn", value=100_000), goods("Vải thiều", value=50_000)]
    trip = world.submit("export", lines=lines).trips.get()
    lot = Consignment.objects.get()
    lot.pk, lot.goods_group = None, "farm"
    lot.save()
    GoodsLine.objects.filter(name="Vải thiều").update(consignment=lot)
    ready(world, trip=trip)
    assert Assessment.objects.get().total == 300_000
    value = {f"line:{GoodsLine.objects.get(name='Vải thiều').pk}.value": "200000"}
    perform("correct", trip, actor=world.trader, key=str(uuid4()), values=value, sure=True)
    for consent in Consent.objects.filter(correction__trip=trip, fact=None):
        how = {"proposal": consent.correction.proposed_id}
        with CaptureQueriesContext(connection) as asked:
            perform("agree_correction", trip, actor=world.officer(consent.agency), key=str(uuid4()), **how)
    assert locks_all_bills_first(asked)
    assert list(Assessment.objects.values_list("goods_group", "total")) == [("general", 300_000), ("farm", 700_000)]
    assert bills() == [("infrastructure", 700_000)]


@pytest.mark.parametrize(
    ("field", "wrong", "right", "totals"),
    [
        ("origin", "Trung Quốc", "Việt Nam", [3_000_000, 750_000]),
        ("origin", "Cao Bằng", "Việt Nam", [0, 750_000]),
        ("hs_code", "01022919", "02013000", [750_000, 3_000_000]),
    ],
)
def test_a_corrected_origin_or_code_changes_the_fee(world, field, wrong, right, totals):
    trip = world.submit("export", lines=[goods("Bò", **{"hs_code": "01022919", field: wrong})]).trips.get()
    ready(world, trip=trip)
    value = {f"line:{GoodsLine.objects.get().pk}.{field}": right}
    perform("correct", trip, actor=world.trader, key=str(uuid4()), values=value, sure=True)
    for consent in Consent.objects.filter(correction__trip=trip, fact=None):
        how = {"proposal": consent.correction.proposed_id}
        perform("agree_correction", trip, actor=world.officer(consent.agency), key=str(uuid4()), **how)
    assert list(Assessment.objects.values_list("total", flat=True)) == totals
    assert sum(due for _kind, due in bills()) == totals[-1]


DECLARED = {
    "hs_prefix": "line.hs_code",
    "goods_group": "consignment.goods_group",
    "origin": "line.origin",
    "regime": "consignment.regime",
    "vehicle_type": "vehicle_type",
}
FOUND = {"direction", "transshipment"}


def test_a_fee_rests_on_whatever_a_row_may_ask():
    """What is declared is in RESTS_ON; the procedure gives the direction, the yard what became of the goods."""
    assert set(CONDITIONS) == DECLARED.keys() | FOUND
    assert RESTS_ON["fee_confirmed"] >= {*DECLARED.values(), "payload"}


@pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS.keys())
def test_every_procedure_that_carries_goods_has_its_direction(book):
    for procedure in book:
        trip = Trip(book_code=book.code, began_as=procedure.code, procedure_code=procedure.code)
        carrying = procedure if procedure.carries_goods else procedure.continues and book[procedure.continues.procedure]
        expected = carrying.code.split("_")[0] if carrying else ""
        assert direction_of(trip) == expected
        if expected == "import":
            emptied = Trip(book_code=book.code, began_as=procedure.code, procedure_code="cn_empty_returns_from_yard")
            assert direction_of(emptied) == "import"


FACTS = st.fixed_dictionaries(
    {
        "payload": st.sampled_from([1, 5, 12, 20]),
        "vehicle_type": st.sampled_from(["other", "20ft", "40ft"]),
        "goods_group": st.sampled_from(["general", "farm", "ore"]),
        "weight": st.sampled_from([0, 1_000, 30_000]),
        "paid": st.sampled_from([0, 1, 300_000, 5_000_000]),
    }
)


def test_whatever_is_corrected_the_bills_ask_what_the_last_version_says(world):
    """Kind by kind, while money comes in between; the versions before stay as they were."""
    heavy = {"effect": "coefficient", "factor": "1.5", "payload_from": 10, "charged_as": "transshipment"}
    free = {"effect": "exemption", "goods_group": "farm", "reason": "Viện trợ"}
    in_force(
        {"price": 100_000, "unit": "tonne"},
        {"price": 700_000, "vehicle_type": "40ft"},
        {"price": 20_000, "kind": "transshipment", "goods_group": "ore"},
        rules=(heavy, free, {"effect": "cap", "most": 2_000_000}),
    )
    trip = ready(world)
    drawn_outcomes = set()

    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(FACTS, min_size=1, max_size=6))
    def corrected(changes) -> None:
        with transaction.atomic():
            for facts in changes:
                Trip.objects.filter(pk=trip.pk).update(payload=facts["payload"], vehicle_type=facts["vehicle_type"])
                Consignment.objects.update(goods_group=facts["goods_group"])
                Load.objects.update(weight=facts["weight"])
                before = list(AssessmentLine.objects.order_by("pk").values())
                last = assessing.assess(trip=fresh(trip), actor=None)
                drawn_outcomes.add(last.outcome)
                assert list(AssessmentLine.objects.order_by("pk").values())[: len(before)] == before
                owed = +Assessment.objects.get(pk=last.pk).by_kind()
                asked = Counter()
                for bill in Bill.objects.with_sums():
                    assert 0 <= bill.allocated <= bill.due
                    asked[bill.kind] += bill.due
                assert +asked == owed
                assert last.total == sum(owed.values())
                if facts["paid"]:
                    pay(Bill.objects.order_by("pk").first(), facts["paid"])
            transaction.set_rollback(True)

    corrected()
    assert drawn_outcomes >= {"due", "exempt", "no_weight"}
