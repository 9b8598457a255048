"""Tariffs entered, proposed, approved by another, ended; what they leave open; two versions compared."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from checkpoints.facts import verify
from checkpoints.models import Fact
from checkpoints.refusals import Refusal
from fees.comparison import compare
from fees.coverage import uncovered
from fees.models import Tariff, TariffLine, TariffRule
from fees.sample import enter_sample_tariff, sample_lines
from fees.selectors.tariffs import others_of
from fees.services import tariffs
from fees.timeline import gaps_around, superseded
from tests.world import make_gate, make_officer

pytestmark = pytest.mark.django_db

HEADER = {"province": "Cao Bằng", "name": "Biểu phí 2026", "legal_basis": "NQ 01/2026/NQ-HĐND"}
FIRST = date(2026, 2, 27)


@pytest.fixture
def enterer():
    return make_officer("fee_centre", None)


@pytest.fixture
def approver():
    return make_officer("fee_centre", None)


def draft(actor, since: date = FIRST, until: date | None = None, *lines: dict, **header) -> Tariff:
    tariff = tariffs.new_tariff(actor=actor, **HEADER | header, valid_from=since, valid_to=until)
    for line in lines or ({"price": 300_000},):
        tariffs.save_row(row=TariffLine(tariff=tariff, **line), actor=actor)
    return tariff


def proposed(actor, *args, **kwargs) -> Tariff:
    tariff = draft(actor, *args, **kwargs)
    tariffs.propose(tariff=tariff, actor=actor)
    tariff.refresh_from_db()
    return tariff


def approve(tariff: Tariff, actor) -> Tariff:
    tariffs.approve(tariff=tariff, actor=actor, seen=tariff.proposed_at.isoformat())
    tariff.refresh_from_db()
    return tariff


def refused(code: str, act, **how) -> str:
    with pytest.raises(Refusal) as refusal:
        act(**how)
    assert refusal.value.code == code
    return refusal.value.message


def test_one_enters_another_approves_and_the_version_before_ends(enterer, approver):
    sample = enter_sample_tariff()
    tariff = proposed(enterer)
    assert superseded(tariff, others_of(tariff)) == sample
    approve(tariff, approver)
    sample.refresh_from_db()
    assert (tariff.state, tariff.approved_by, sample.valid_to) == ("approved", approver, date(2026, 2, 26))
    assert list(Tariff.objects.in_force(FIRST)) == [tariff]
    assert list(Tariff.objects.in_force(FIRST - timedelta(days=1))) == [sample]
    moves = list(Fact.objects.filter(chain=f"tariff:{tariff.pk}").values_list("move", flat=True))
    assert moves == ["enter_tariff", "propose_tariff", "approve_tariff"]
    assert Fact.objects.get(chain=f"tariff:{sample.pk}", move="end_tariff").data["superseded_by"] == tariff.pk
    assert len(list(verify())) == Fact.objects.count()


def test_nobody_approves_own_work(enterer, approver):
    third = make_officer("fee_centre", None)
    tariff = draft(enterer)
    tariffs.save_row(row=TariffLine(tariff=tariff, goods_group="ore", price=1), actor=third)
    tariffs.propose(tariff=tariff, actor=third)
    tariff.refresh_from_db()
    for own in (enterer, third):
        refused("own_work", tariffs.approve, tariff=tariff, actor=own, seen=tariff.proposed_at.isoformat())
    assert approve(tariff, approver).is_approved


def test_the_database_too_refuses_one_person(enterer):
    tariff = proposed(enterer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Tariff.objects.filter(pk=tariff.pk).update(state="approved", approved_by=enterer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Tariff.objects.filter(pk=tariff.pk).update(state="approved")


def test_only_those_of_the_province_enter_and_approve(enterer):
    tariff = proposed(enterer)
    seen = tariff.proposed_at.isoformat()
    elsewhere = make_gate("huu-nghi", "Hữu Nghị", "lang_son_2024_amended")
    for code, gate in (("customs", None), ("zone_authority", None), ("tax_office", None), ("fee_centre", elsewhere)):
        stranger = make_officer(code, gate)
        refused("not_yours", tariffs.approve, tariff=tariff, actor=stranger, seen=seen)
        refused("not_yours", tariffs.new_tariff, actor=stranger, **HEADER, valid_from=FIRST)


def test_what_was_sent_back_and_changed_is_not_approved_unseen(enterer, approver):
    tariff = proposed(enterer)
    seen = tariff.proposed_at.isoformat()
    tariffs.send_back(tariff=tariff, actor=approver, reason="Thiếu quặng")
    refused("just_changed", tariffs.approve, tariff=tariff, actor=approver, seen=seen)
    tariffs.save_row(row=TariffLine(tariff=tariff, goods_group="ore", price=1), actor=enterer)
    tariffs.propose(tariff=tariff, actor=enterer)
    refused("just_changed", tariffs.approve, tariff=tariff, actor=approver, seen=seen)
    tariff.refresh_from_db()
    approve(tariff, approver)
    refused("just_changed", tariffs.approve, tariff=tariff, actor=approver, seen=tariff.proposed_at.isoformat())


def test_what_is_proposed_or_approved_is_not_changed(enterer, approver):
    tariff = proposed(enterer)
    line = tariff.lines.get()
    for _state in range(2):
        for act, how in (
            (tariffs.save_row, {"row": TariffLine(tariff=tariff, goods_group="ore", price=1)}),
            (tariffs.remove_row, {"row": line}),
            (tariffs.replace_rows, {"tariff": tariff, "lines": [], "rules": []}),
            (tariffs.change_header, {"tariff": tariff, "header": HEADER}),
            (tariffs.discard, {"tariff": tariff}),
            (tariffs.propose, {"tariff": tariff}),
        ):
            refused("just_changed", act, actor=enterer, **how)
        tariff = tariff if tariff.is_approved else approve(tariff, approver)
    assert tariff.lines.get().price == 300_000


@pytest.mark.parametrize(
    ("since", "until", "fits"),
    [
        (date(2020, 1, 1), None, False),
        (date(2019, 1, 1), None, False),
        (date(2019, 1, 1), date(2020, 1, 1), False),
        (date(2019, 1, 1), date(2019, 12, 31), True),
        (date(2020, 1, 2), None, True),
        (date(2020, 1, 2), date(2020, 12, 31), True),
    ],
)
def test_versions_that_overlap_are_refused(enterer, approver, since, until, fits):
    enter_sample_tariff()
    tariff = draft(enterer, since, until)
    if not fits:
        message = refused("overlap", tariffs.propose, tariff=tariff, actor=enterer)
        assert "Biểu phí mẫu" in message
        assert "01/01/2020" in message
        return
    tariffs.propose(tariff=tariff, actor=enterer)
    tariff.refresh_from_db()
    assert approve(tariff, approver).is_approved


def test_a_version_with_an_end_is_not_cut_short_by_the_next(enterer, approver):
    approve(proposed(enterer, date(2026, 1, 1), date(2026, 12, 31)), approver)
    later = draft(enterer, date(2026, 7, 1), None)
    refused("overlap", tariffs.propose, tariff=later, actor=enterer)
    tariffs.change_header(tariff=later, actor=enterer, header={**HEADER, "valid_from": date(2027, 1, 1)})
    tariffs.propose(tariff=later, actor=enterer)


def gaps(tariff: Tariff) -> list:
    return gaps_around(tariff, others_of(tariff))


def test_days_without_a_tariff_are_told(enterer, approver):
    approve(proposed(enterer, date(2026, 1, 1), date(2026, 6, 30)), approver)
    approve(proposed(enterer, date(2027, 1, 1)), approver)
    between = draft(enterer, date(2026, 7, 11), date(2026, 12, 20))
    assert gaps(between) == [
        (date(2026, 7, 1), date(2026, 7, 10)),
        (date(2026, 12, 21), date(2026, 12, 31)),
    ]
    first = Tariff.objects.get(valid_from=date(2026, 1, 1))
    assert gaps(first) == [(date(2026, 7, 1), date(2026, 12, 31))]
    assert gaps(draft(enterer, date(2026, 7, 1), date(2026, 12, 31))) == []
    assert gaps(Tariff(province="Lạng Sơn", valid_from=FIRST)) == []
    assert gaps(Tariff(province="Lạng Sơn", valid_from=FIRST, valid_to=FIRST)) == [(date(2026, 2, 28), None)]


def test_an_approved_version_is_ended_by_two_people(enterer, approver):
    tariff = approve(proposed(enterer), approver)
    today = timezone.localdate()
    for day in (today - timedelta(days=1), FIRST - timedelta(days=1)):
        refused("wrong_day", tariffs.propose_end, tariff=tariff, day=day, actor=enterer)
    tariffs.propose_end(tariff=tariff, day=today, actor=enterer)
    refused("own_work", tariffs.approve_end, tariff=tariff, day=today, actor=enterer)
    other = today + timedelta(days=1)
    refused("just_changed", tariffs.approve_end, tariff=tariff, day=other, actor=approver)
    tariffs.drop_end(tariff=tariff, actor=enterer)
    refused("just_changed", tariffs.approve_end, tariff=tariff, day=today, actor=approver)
    tariffs.propose_end(tariff=tariff, day=other, actor=enterer)
    tariffs.approve_end(tariff=tariff, day=other, actor=approver)
    tariff.refresh_from_db()
    assert (tariff.valid_to, tariff.end_proposed) == (other, None)
    refused("wrong_day", tariffs.propose_end, tariff=tariff, day=other, actor=enterer)


def test_a_draft_may_begin_as_a_copy_and_be_thrown_away(enterer):
    sample = enter_sample_tariff()
    tariff = tariffs.new_tariff(actor=enterer, like=sample, **HEADER, valid_from=FIRST)
    assert tariff.lines.count() == sample.lines.count() == 13
    assert compare(list(sample.lines.all()), list(tariff.lines.all()))[0].what == "same"
    tariffs.discard(tariff=tariff, actor=enterer)
    assert list(Tariff.objects.all()) == [sample]
    assert sample.lines.count() == 13
    assert Fact.objects.filter(move="discard_tariff").exists()


def test_an_empty_draft_is_not_proposed_and_a_case_has_one_row(enterer):
    tariff = tariffs.new_tariff(actor=enterer, **HEADER, valid_from=FIRST)
    refused("no_lines", tariffs.propose, tariff=tariff, actor=enterer)
    tariffs.save_row(row=TariffLine(tariff=tariff, price=1), actor=enterer)
    refused("case_taken", tariffs.save_row, row=TariffLine(tariff=tariff, price=2), actor=enterer)
    pair = [TariffLine(price=1), TariffLine(price=2)]
    refused("case_taken", tariffs.replace_rows, tariff=tariff, lines=pair, rules=[], actor=enterer)
    assert tariff.lines.get().price == 1


def words(lines, rules=()) -> list[str]:
    with translation.override("vi"):
        return [case.words for case in uncovered(list(lines), list(rules))]


def test_cases_without_a_price_are_told_in_few_words():
    assert words([TariffLine(price=1)]) == []
    assert words([TariffLine(price=1, regime="ordinary"), TariffLine(price=1, regime="processing")]) == [
        "Tạm nhập tái xuất, quá cảnh, kho ngoại quan"
    ]
    assert words([TariffLine(price=1, payload_from=Decimal(4))]) == ["Xe dưới 4 tấn"]
    hole = [TariffLine(price=1, payload_below=Decimal(4)), TariffLine(price=1, payload_from=Decimal(10))]
    assert words(hole) == ["Xe từ 4 đến dưới 10 tấn"]
    assert words(sample_lines(Tariff())) == []
    exports = [TariffLine(price=1, direction="export"), TariffLine(price=1, goods_group="ore")]
    assert (
        words(exports)
        == [
            "Nhập khẩu · Hàng hóa thông thường",
            "Nhập khẩu · Hàng đông lạnh",
            "Nhập khẩu · Nông sản, hoa quả tươi",
        ]
        or len(words(exports)) == 3
    )


def test_versions_are_compared_row_by_row():
    before = [TariffLine(price=300_000), TariffLine(price=5, goods_group="ore"), TariffLine(price=7, regime="transit")]
    now = [TariffLine(price=240_000), TariffLine(price=7, regime="transit"), TariffLine(price=9, direction="import")]
    assert [(row.what, row.percent) for row in compare(before, now)] == [
        ("changed", -20),
        ("same", None),
        ("added", None),
        ("removed", None),
    ]
    rules = [TariffRule(effect="coefficient", factor=Decimal("1.3"))], [TariffRule(effect="coefficient", factor=2)]
    assert [row.what for row in compare(*rules)] == ["changed"]
