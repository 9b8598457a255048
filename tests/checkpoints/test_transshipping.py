"""What a transshipment needs before it is registered: the foreign truck seen and let in by all, the receiver inside."""

import pytest

from checkpoints.door import perform
from checkpoints.models import Transshipment
from checkpoints.refusals import Refusal
from gates.models import Zone
from tests.world import World, goods, make_gate, vehicle

pytestmark = pytest.mark.django_db

BOOKS = ("cao_bang_2026", "lang_son_2024_amended")
ENTRY = {
    "cao_bang_2026": ("border_guard", "customs", "health_quarantine"),
    "lang_son_2024_amended": ("border_guard", "customs", "health_quarantine", "transport"),
}


def world_of(book: str) -> World:
    return World(gate=make_gate(book=book))


def code_of(act) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def into_the_yard(world: World, trip, place: str) -> None:
    world.enter(trip, place)
    if any(stage.moment == "yard_in" for stage in trip.procedure.stages):
        world.see(trip, "yard", "in")


def both(world: World):
    source = world.submit("import", [vehicle("桂F12345")], [goods(quantity=10, weight=1000)]).trips.get()
    target = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    return source, target


def register(world: World, source, target, **details):
    return perform("register_transshipment", target, actor=world.trader, key=None, source=source, **details)


@pytest.mark.parametrize(("book", "missing"), [(book, agency) for book, asked in ENTRY.items() for agency in asked])
def test_the_foreign_truck_was_confirmed_by_all_that_the_procedure_asks(book, missing):
    """The border guard and customs, and where the procedure has it who confirms the transport permit."""
    world = world_of(book)
    source, target = both(world)
    into_the_yard(world, target, "B2")
    world.see(source, "B1", "in")
    waiting = world.waiting(source)
    assert {slot.agency for slot in waiting} == set(ENTRY[book])
    for slot in waiting:
        if slot.agency != missing:
            world.confirm(source, slot.agency, slot.of)
    assert code_of(lambda: register(world, source, target)) == "source_not_ready"
    assert code_of(lambda: world.open(source)) == "not_all_confirmed"
    world.confirm_all(source)
    world.open(source)
    if book == "lang_son_2024_amended":
        world.see(source, "yard", "in")
    register(world, source, target)
    assert Transshipment.objects.get().source == source


@pytest.mark.parametrize("book", BOOKS)
def test_the_receiving_truck_is_inside(book):
    world = world_of(book)
    source, target = both(world)
    into_the_yard(world, source, "B1")
    assert code_of(lambda: register(world, source, target)) == "target_not_ready"
    world.see(target, "B2", "in")
    assert code_of(lambda: register(world, source, target)) == "target_not_ready"
    world.confirm_all(target)
    world.open(target)
    if book == "lang_son_2024_amended":
        world.see(target, "yard", "in")
    register(world, source, target)
    assert Transshipment.objects.get().target == target


def test_a_truck_declared_without_its_transport_permit_does_not_set_out():
    """Điều 5(2)a: the permit is declared for imports, so a registered transshipment rests on one."""
    world = world_of("cao_bang_2026")
    draft = world.draft("import", [vehicle("桂F12345", permit_number="", permit_kind="")])
    assert code_of(lambda: perform("submit", draft, actor=world.trader, key=None)) == "incomplete"


def test_goods_do_not_go_over_to_the_same_truck_nor_in_a_circle():
    world = world_of("cao_bang_2026")
    source, target = both(world)
    into_the_yard(world, source, "B1")
    into_the_yard(world, target, "B2")
    assert code_of(lambda: register(world, source, source)) == "same_vehicle"
    register(world, source, target)
    assert code_of(lambda: register(world, target, source)) == "target_not_ready"


def test_the_place_permit_and_labour_are_kept_with_what_is_registered():
    world = world_of("cao_bang_2026")
    source, target = both(world)
    into_the_yard(world, source, "B1")
    into_the_yard(world, target, "B2")
    zone = Zone.objects.create(yard=world.gate.yards.get(), code="c", name="Khu C", capacity=4)
    away = make_gate("tra-linh", "Trà Lĩnh").yards.get()
    there = Zone.objects.create(yard=away, code="c", name="Khu C", capacity=4)
    assert code_of(lambda: register(world, source, target, zone=there)) == "zone_not_here"
    register(world, source, target, zone=zone, permit_number="GP-12/2026", labour="Đội 3")
    found = Transshipment.objects.get()
    assert (found.zone, found.permit_number, found.labour) == (zone, "GP-12/2026", "Đội 3")
