"""Two people at one tariff, or at two that hold on the same days, in the same moment, on real PostgreSQL."""

from datetime import date
from functools import partial

import pytest

from fees.models import PayingAuthority, Tariff, TariffLine
from fees.sample import enter_sample_tariff
from fees.services import payers, tariffs
from tests.concurrency.test_door import at_once
from tests.world import make_officer, make_trader

pytestmark = pytest.mark.django_db(transaction=True)


def proposed(actor, since: date, name: str = "Biểu phí 2026") -> Tariff:
    header = {"province": "Cao Bằng", "name": name, "legal_basis": "NQ", "valid_from": since, "valid_to": None}
    tariff = tariffs.new_tariff(actor=actor, **header)
    tariffs.save_row(row=TariffLine(tariff=tariff, price=1), actor=actor)
    tariffs.propose(tariff=tariff, actor=actor)
    return Tariff.objects.get(pk=tariff.pk)


def approving(tariff: Tariff, actor):
    return lambda: tariffs.approve(tariff=tariff, actor=actor, seen=tariff.proposed_at.isoformat())


@pytest.fixture
def people(transactional_db) -> list:
    enter_sample_tariff()
    return [make_officer("fee_centre", None) for _person in range(4)]


def test_two_approvers_at_once_are_one_approval(people):
    enterer, *approvers = people
    tariff = proposed(enterer, date(2026, 2, 27))
    answers = at_once(*(approving(tariff, approver) for approver in approvers))
    assert sorted(answers, key=str) == [None, "just_changed", "just_changed"]
    tariff.refresh_from_db()
    assert tariff.is_approved
    assert Tariff.objects.get(is_sample=True).valid_to == date(2026, 2, 26)


def test_two_versions_of_one_day_approved_at_once_are_one(people):
    one, two, first, second = people
    drafts = [proposed(one, date(2026, 2, 27), "A"), proposed(two, date(2026, 2, 27), "B")]
    answers = at_once(approving(drafts[0], first), approving(drafts[1], second))
    assert sorted(answers, key=str) == [None, "overlap"]
    assert Tariff.objects.filter(state="approved", is_sample=False).count() == 1


def test_what_is_sent_back_in_that_moment_is_one_or_the_other(people):
    enterer, approver, other, _fourth = people
    tariff = proposed(enterer, date(2026, 2, 27))
    back = partial(tariffs.send_back, tariff=tariff, actor=other, reason="Sai")
    answers = at_once(approving(tariff, approver), back)
    assert sorted(answers, key=str) == [None, "just_changed"]
    tariff.refresh_from_db()
    assert tariff.state == ("approved" if answers[0] is None else "draft")


def test_two_payers_accept_at_once_and_one_pays(transactional_db):
    owing, *paying = (make_trader(f"Công ty {number}") for number in range(3))
    how = {"organisation": owing.organisations.get(), "valid_from": date(2026, 1, 1), "valid_to": None, "actor": owing}
    asked = [payers.authorise(payer=payer.organisations.get(), **how) for payer in paying]
    pairs = zip(asked, paying, strict=True)
    answers = at_once(*(lambda a=a, p=p: payers.accept(authority=a, actor=p) for a, p in pairs))
    assert set(answers) == {None, "another_pays"}
    assert PayingAuthority.objects.in_force().count() == 1
