"""What keeps a declaration from being sent, and what only warns; each with the address of its field."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from declarations.checks import MOST_VEHICLES, problems
from declarations.models import Declaration
from declarations.services import save_draft
from gates.procedures.words import Purpose
from tests import world as full
from tests.world import World, vehicle

pytestmark = pytest.mark.django_db


def goods(name: str = "Tinh bột sắn", **fields):
    """Light enough for every vehicle here."""
    return full.goods(name, **{"weight": 3000} | fields)


class Light(World):
    def draft(self, purpose="export", vehicles=None, lines=None, **more):
        return super().draft(purpose, vehicles, lines or [goods()], **more)


@pytest.fixture
def world() -> World:
    return Light()


def found(declaration) -> dict[str, tuple[str, bool]]:
    return {problem.code: (problem.at, problem.hard) for problem in problems(declaration)}


def test_a_complete_declaration_has_no_problem(world):
    assert problems(world.draft("export")) == []
    assert problems(world.draft("import", vehicles=[vehicle("桂FA1234")], customs_number="")) == []


def test_an_empty_draft_lacks_arrival_and_vehicle(world):
    general = {"gate": world.gate, "purpose": Purpose.EXPORT}
    draft = save_draft(
        actor=world.trader,
        organisation=world.trader.organisations.get(),
        general=general,
        consignments=[],
        vehicles=[],
    )
    assert found(draft) == {
        "no_arrival": ("general.expected_at", True),
        "no_vehicle": ("vehicles", True),
    }


@pytest.mark.parametrize(
    ("ahead", "code", "hard"),
    [
        (timedelta(hours=-2), "arrival_late", False),
        (timedelta(days=-2), "arrival_past", True),
        (timedelta(days=31), "arrival_far", False),
    ],
)
def test_the_arrival_lies_ahead(world, ahead, code, hard):
    draft = world.draft("export")
    Declaration.objects.filter(pk=draft.pk).update(expected_at=timezone.now() + ahead)

    assert found(Declaration.objects.get(pk=draft.pk)) == {code: ("general.expected_at", hard)}


@pytest.mark.parametrize(
    ("fields", "code", "name", "hard"),
    [
        ({"plate": ""}, "no_plate", "plate", True),
        ({"vehicle_type": ""}, "no_vehicle_type", "vehicle_type", True),
        ({"driver_name": ""}, "no_driver_name", "driver_name", True),
        ({"driver_phone": ""}, "no_driver_phone", "driver_phone", True),
        ({"country": ""}, "no_country", "country", True),
        ({"plate": "XYZ"}, "plate_form", "plate", False),
        ({"driver_phone": "123"}, "phone_form", "driver_phone", False),
        ({"container": "CSQU3054384"}, "container_form", "container", False),
        ({"vehicle_type": "40ft"}, "no_container", "container", False),
        ({"trailer_plate": "11C12345"}, "trailer_same", "trailer_plate", False),
        ({"payload": 1}, "overweight", "payload", False),
        ({"permit_to": date(2026, 1, 2), "permit_from": date(2026, 1, 1)}, "permit_expired", "permit_to", False),
        ({"permit_from": date(2029, 1, 1)}, "permit_early", "permit_from", False),
        ({"permit_to": None}, "permit_open", "permit_to", False),
    ],
)
def test_a_vehicle_is_checked_at_its_field(world, fields, code, name, hard):
    draft = world.draft("export", vehicles=[vehicle("11C99999"), vehicle(**fields)])

    assert found(draft) == {code: (f"vehicles.2.{name}", hard)}


@pytest.mark.parametrize(
    ("fields", "code", "name"),
    [
        ({"name": ""}, "no_name", "name"),
        ({"origin": ""}, "no_origin", "origin"),
        ({"unit": ""}, "no_unit", "unit"),
        ({"value": 0}, "no_value", "value"),
        ({"weight": None}, "no_weight", "weight"),
        ({"hs_code": "1234"}, "hs_code", "hs_code"),
    ],
)
def test_a_line_is_checked_at_its_field(world, fields, code, name):
    draft = world.draft("export", lines=[goods(), goods(**fields)])

    assert found(draft) == {code: (f"lines.2.{name}", True)}


def test_a_line_without_quantity_is_a_draft_that_cannot_be_sent(world):
    draft = world.draft("export", lines=[goods(), goods(quantity=None)])

    assert found(draft)["no_quantity"] == ("lines.2.quantity", True)


@pytest.mark.parametrize(
    ("fields", "code", "name", "hard"),
    [
        ({"owner_name": "A", "owner_tax_code": "0100109107"}, "tax_code", "owner_tax_code", True),
        ({"owner_tax_code": "0100109106"}, "no_owner", "owner_name", True),
        ({"customs_number": "123", "customs_date": date(2026, 1, 1)}, "customs_form", "customs_number", False),
        (
            {"customs_number": "108200812340", "customs_date": date(2026, 1, 1)},
            "customs_direction",
            "customs_number",
            False,
        ),
        ({"customs_number": "308200812340"}, "customs_day", "customs_date", False),
        ({"customs_number": "308200812340", "customs_date": date(2099, 1, 1)}, "customs_ahead", "customs_date", False),
    ],
)
def test_a_consignment_is_checked_at_its_field(world, fields, code, name, hard):
    assert found(world.draft("export", **fields)) == {code: (f"consignments.1.{name}", hard)}


def test_one_vehicle_is_declared_once(world):
    draft = world.draft("export", vehicles=[vehicle("11C12345"), vehicle("11c-123.45")])

    assert found(draft)["vehicle_twice"] == ("vehicles.1.plate", True)


def test_an_import_asks_for_the_permit_and_names_the_article(world):
    draft = world.draft("import", vehicles=[vehicle("桂FA1234", permit_number="")])

    (problem,) = problems(draft)
    assert (problem.code, problem.at, problem.hard) == ("no_permit", "vehicles.1.permit_number", True)
    assert "Điều 5(2)a" in problem.message


def test_an_empty_vehicle_that_does_not_say_where_it_comes_from_is_asked(world):
    draft = world.draft("cross_empty", vehicles=[vehicle(comes_from="")])
    assert found(draft)["no_side"] == ("general.comes_from", True)


def test_a_journey_that_the_decision_does_not_know_is_refused(world):
    draft = world.draft("collect_import", vehicles=[vehicle("桂FA1234")])

    assert found(draft)["no_procedure"] == ("general.comes_from", True)


def test_a_loaded_vehicle_without_goods_is_refused(world):
    lines = [goods(vehicle=1)]
    draft = world.draft("export", vehicles=[vehicle("11C11111"), vehicle("11C22222")], lines=lines)

    assert found(draft)["no_goods"] == ("lines", True)


def test_a_vehicle_under_way_may_be_declared_with_a_warning(world):
    world.enter(world.submit("export").trips.get(), "B2")

    assert found(world.draft("export")) == {"under_way": ("vehicles.1.plate", False)}


def test_too_many_vehicles_are_to_be_split(world):
    vehicles = [vehicle(f"11C{number:05d}") for number in range(MOST_VEHICLES + 1)]

    assert found(world.draft("export", vehicles=vehicles))["too_many_vehicles"] == ("vehicles", True)


def test_the_number_of_queries_does_not_grow_with_the_lists(world, django_assert_max_num_queries):
    vehicles = [vehicle(f"11C{number:05d}") for number in range(30)]
    draft = world.draft("export", vehicles=vehicles, lines=[goods() for _ in range(30)])
    with django_assert_max_num_queries(6):
        assert problems(draft) == []
