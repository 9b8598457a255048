from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from gates.models import Gate
from register.models import Kind, Paper, PaperRule
from register.papers import EARLY, EXPIRED, MISSING, VALID, asked_of, held_by, judged, rules_in_force, state_on, told
from tests.register.rows import make_driver, make_paper, make_vehicle
from tests.world import make_trader

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)


@pytest.fixture
def firm():
    return make_trader().organisations.get()


@pytest.mark.parametrize(
    ("first", "last", "state"),
    [
        (None, None, VALID),
        (None, DAY, VALID),
        (DAY, DAY, VALID),
        (None, DAY - timedelta(days=1), EXPIRED),
        (DAY + timedelta(days=1), None, EARLY),
    ],
)
def test_a_paper_holds_from_its_first_day_through_its_last(first, last, state):
    assert state_on(DAY, first, last) == state


def asked(country, kind, *, driver):
    return [set(rule.any_of) for rule in asked_of(rules_in_force(), driver=driver, country=country, gate_kind=kind)]


def test_every_vehicle_is_asked_the_papers_of_the_decree():
    wanted = [{"registration"}, {"inspection"}, {"insurance"}]
    assert asked("VN", Gate.Kind.INTERNATIONAL, driver=False) == wanted
    assert asked("CN", Gate.Kind.OPENING, driver=False) == wanted


@pytest.mark.parametrize(
    ("country", "kind", "crossing"),
    [
        ("VN", Gate.Kind.INTERNATIONAL, {"passport", "border_pass", "travel_pass"}),
        ("VN", Gate.Kind.SECONDARY, {"border_pass", "travel_pass"}),
        ("CN", Gate.Kind.MAIN, {"passport", "border_pass"}),
        ("CN", Gate.Kind.SECONDARY, {"border_pass", "travel_pass"}),
    ],
)
def test_with_what_a_driver_crosses_depends_on_nationality_and_gate(country, kind, crossing):
    assert asked(country, kind, driver=True) == [{"licence"}, crossing]


def test_every_rule_names_its_article():
    assert all("Điều" in rule.legal_basis for rule in PaperRule.objects.all())


def test_a_rule_of_another_time_asks_nothing():
    PaperRule.objects.update(valid_to=DAY)

    assert rules_in_force(DAY + timedelta(days=1)) == []


def test_of_several_papers_that_which_holds_longest_answers(firm):
    vehicle = make_vehicle(firm, papers=())
    rule = PaperRule(any_of=[Kind.INSURANCE])
    old = make_paper(vehicle, Kind.INSURANCE, number="cũ", valid_to=DAY - timedelta(days=9))
    new = make_paper(vehicle, Kind.INSURANCE, number="mới", valid_to=DAY + timedelta(days=90))
    next_one = make_paper(vehicle, Kind.INSURANCE, valid_from=DAY + timedelta(days=91), valid_to=date(2030, 1, 1))

    def best(*papers):
        (found,) = judged([rule], papers, day=DAY)
        return found.state, found.paper

    assert best() == (MISSING, None)
    assert best(old) == (EXPIRED, old)
    assert best(next_one) == (EARLY, next_one)
    assert best(old, new, next_one) == (VALID, new)


def test_what_is_wrong_is_told_in_one_line(firm):
    driver = make_driver(firm, papers=())
    make_paper(driver, Kind.PASSPORT, valid_to=DAY - timedelta(days=1))
    found = judged([PaperRule(any_of=[Kind.LICENCE]), PaperRule(any_of=[Kind.PASSPORT])], driver.papers.all(), day=DAY)

    assert told(found) == "thiếu giấy phép lái xe; hộ chiếu hết hạn 21/11/2026"


def test_the_papers_of_a_row_stand_together_and_ask_two_queries(firm, django_assert_num_queries):
    today = timezone.localdate()
    complete, lacking = make_vehicle(firm), make_vehicle(firm, "11C22222", papers=[Kind.REGISTRATION])
    complete.papers.filter(kind=Kind.INSURANCE).update(valid_to=today + timedelta(days=3))

    with django_assert_num_queries(2):
        held = held_by([complete, lacking], Gate.Kind.MAIN, day=today)
    assert (held[complete.pk].bad, held[complete.pk].ends_soon) == ([], True)
    assert held[complete.pk].until == today + timedelta(days=3)
    assert held[lacking.pk].told == "thiếu đăng kiểm; thiếu bảo hiểm"
    assert not held[lacking.pk].ends_soon


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": Kind.PASSPORT},
        {"kind": Kind.INSURANCE, "valid_from": DAY, "valid_to": DAY - timedelta(days=1)},
    ],
)
def test_the_database_keeps_no_paper_of_the_wrong_kind_or_that_ends_before_it_begins(firm, fields):
    vehicle = make_vehicle(firm)
    with pytest.raises(IntegrityError), transaction.atomic():
        Paper.objects.create(vehicle=vehicle, number="1", **fields)


def test_a_rule_is_of_vehicles_or_of_drivers():
    with pytest.raises(IntegrityError), transaction.atomic():
        PaperRule.objects.create(any_of=[Kind.PASSPORT, Kind.INSURANCE])
