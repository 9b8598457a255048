"""The books against the reference of the law, field by field, and against themselves."""

import json
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command

from gates.procedures import BOOKS
from gates.procedures.words import Country, Moment, Place, Purpose, Side

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "spec" / "procedures.yaml"
PROCEDURE_KEYS = {
    "code": None,
    "vi": None,
    "article": None,
    "carries_goods": False,
    "declares": [],
    "driver_app": False,
    "begins": "",
    "continues": None,
    "may_become": None,
}
STAGE_KEYS = {"place": None, "moment": None, "camera": False, "order": "any", "opens": False, "routed": {}}
CONFIRMATION_KEYS = {"agency": None, "or": None, "of": None, "together": False, "if": None, "auto": False}


def compared(procedure: dict) -> dict:
    """A procedure with every key of interfaces.md and nothing else, defaults filled in."""
    values = {key: procedure.get(key, default) for key, default in PROCEDURE_KEYS.items()}
    values["stages"] = [
        {key: stage.get(key, default) for key, default in STAGE_KEYS.items()}
        | {
            "confirmations": [
                {key: slot.get(key, default) for key, default in CONFIRMATION_KEYS.items()}
                for slot in stage["confirmations"]
            ]
        }
        for stage in procedure["stages"]
    ]
    return values


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference ../shared/spec/procedures.yaml is not here")
@pytest.mark.parametrize("code", BOOKS)
def test_the_book_equals_the_reference_field_by_field(code, capsys):
    call_command("export_procedures")
    exported = json.loads(capsys.readouterr().out)["books"][code]
    reference = yaml.safe_load(REFERENCE.read_text())["books"][code]
    assert {key: exported[key] for key in ("province", "decision", "barriers_opened_by")} == {
        key: reference[key] for key in ("province", "decision", "barriers_opened_by")
    }
    assert [compared(p) for p in exported["procedures"]] == [compared(p) for p in reference["procedures"]]


@pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS)
def test_a_book_refers_only_to_what_it_holds(book):
    for procedure in book:
        assert len(procedure.by_moment) == len(procedure.stages), f"{procedure.code} has a moment twice"
        if procedure.continues:
            assert procedure.continues.start in book[procedure.continues.procedure].by_moment
        if procedure.may_become:
            assert Moment.LEAVE in book[procedure.may_become].by_moment
        assert all(stage.article for stage in procedure.stages)
    assert set(book.ways_out) == {(country, place) for country in Country for place in (Place.B1, Place.B2)}
    assert all(code in book.by_code for code in book.ways_out.values())


@pytest.mark.parametrize(
    ("purpose", "country", "side", "code"),
    [
        (Purpose.EXPORT, Country.VN, Side.INLAND, "export"),
        (Purpose.EXPORT, Country.CN, Side.INLAND, "export"),
        (Purpose.IMPORT, Country.CN, Side.BORDER, "import"),
        (Purpose.COLLECT_IMPORT, Country.VN, Side.INLAND, "vn_empty_collects_import"),
        (Purpose.COLLECT_IMPORT, Country.VN, Side.BORDER, "vn_empty_from_china_collects_import"),
        (Purpose.COLLECT_EXPORT, Country.VN, Side.INLAND, "vn_empty_collects_export"),
        (Purpose.COLLECT_EXPORT, Country.CN, Side.BORDER, "cn_empty_collects_export"),
        (Purpose.CROSS_EMPTY, Country.VN, Side.INLAND, "vn_empty_to_china"),
        (Purpose.CROSS_EMPTY, Country.VN, Side.BORDER, "vn_empty_from_china_without_goods"),
        (Purpose.CROSS_EMPTY, Country.CN, Side.INLAND, "cn_empty_returns_from_inland"),
    ],
)
def test_purpose_country_and_side_decide_the_procedure(purpose, country, side, code):
    book = BOOKS["cao_bang_2026"]
    assert book.declared_as(purpose=purpose, country=country, comes_from=side).code == code


def test_a_journey_that_the_decision_does_not_know_has_no_procedure():
    book = BOOKS["cao_bang_2026"]
    assert book.declared_as(purpose=Purpose.COLLECT_IMPORT, country=Country.CN, comes_from=Side.BORDER) is None
