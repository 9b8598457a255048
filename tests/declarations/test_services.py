"""Drafts are written whole, read back the same, and copied without what belonged to one journey."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from declarations.known import recent_vehicles
from declarations.models import Declaration, Load
from declarations.selectors import fields_of, found, narrowed
from declarations.services import NotADraft, copy_of, save_draft
from tests.world import goods, make_trader, vehicle

pytestmark = pytest.mark.django_db


def test_what_was_written_is_read_back(world):
    vehicles = [vehicle("11C11111", seal="S1"), vehicle("11C22222", container="CSQU3054383")]
    lines = [goods(vehicle=2), goods("Ván bóc", quantity=Decimal("1.5")), goods("Hạt điều", vehicle=1)]
    draft = world.draft("export", vehicles=vehicles, lines=lines, customs_number="308200812340")

    fields = fields_of(draft)
    again = save_draft(actor=world.trader, organisation=draft.organisation, declaration=draft, **fields)

    assert fields_of(again) == fields
    assert [line["vehicle"] for line in fields["consignments"][0]["lines"]] == [2, None, 1]
    assert [vehicle["comes_from"] for vehicle in fields["vehicles"]] == ["inland", "inland"]


def test_a_shared_line_adds_up_exactly(world):
    draft = world.draft(
        "export",
        vehicles=[vehicle(f"11C1111{n}") for n in range(3)],
        lines=[goods(quantity=Decimal("10"), weight=Decimal("100"))],
    )
    loads = Load.objects.filter(trip__declaration=draft)

    assert [load.quantity for load in loads] == [Decimal("3.334"), Decimal("3.333"), Decimal("3.333")]
    assert sum(load.weight for load in loads) == 100


def test_a_declaration_that_was_sent_is_no_longer_written(world):
    sent = world.submit("export")

    with pytest.raises(NotADraft):
        save_draft(actor=world.trader, organisation=sent.organisation, declaration=sent, **fields_of(sent))
    assert Declaration.objects.get(pk=sent.pk).state == "submitted"


def test_a_copy_leaves_out_customs_declaration_seal_and_container(world):
    tomorrow = timezone.now() + timedelta(days=1)
    vehicles = [vehicle("11C11111", seal="S1", container="CSQU3054383", trailer_plate="11R00001")]
    sent = world.submit("export", vehicles=vehicles, customs_number="308200812340", owner_name="Chủ hàng")

    copy = copy_of(sent, actor=world.trader, expected_at=tomorrow)

    trip, lot = copy.trips.get(), copy.consignments.get()
    assert (copy.state, copy.expected_at, copy.organisation) == ("draft", tomorrow, sent.organisation)
    assert (trip.plate, trip.trailer_plate, trip.seal, trip.container) == ("11C11111", "11R00001", "", "")
    assert (lot.customs_number, lot.customs_date, lot.owner_name) == ("", None, "Chủ hàng")
    assert lot.lines.get().loads.get().trip == trip


def test_two_thousand_rows_are_written_with_few_queries(world, django_assert_max_num_queries):
    lines = [goods(f"Hàng {n}", vehicle=n % 20 + 1) for n in range(2000)]
    vehicles = [vehicle(f"11C{n:05d}") for n in range(20)]
    with django_assert_max_num_queries(25):
        draft = world.draft("export", vehicles=vehicles, lines=lines)

    assert Load.objects.filter(trip__declaration=draft).count() == 2000


def test_declarations_are_found_by_number_plate_trailer_and_container(world):
    vehicles = [vehicle("11C12345", trailer_plate="11R00077", container="CSQU3054383")]
    sent = world.submit("export", vehicles=vehicles)
    world.submit("import", vehicles=[vehicle("桂FA9876")])

    for text in ("11c-123.45", "12345", "r000.77", "csqu 305438", sent.code[-6:], " 11C 123 "):
        listed, exact = found(Declaration.objects.all(), text)
        assert list(listed) == [sent], text
        assert exact


def test_a_wrong_character_still_finds_the_plates_most_alike(world):
    sent = world.submit("export", vehicles=[vehicle("11C12345")])
    world.submit("import", vehicles=[vehicle("桂FA9876")])

    listed, exact = found(Declaration.objects.all(), "11C12846")

    assert not exact
    assert list(listed) == [sent]


def test_the_list_is_narrowed_by_state_purpose_gate_and_days(world):
    draft, sent = world.draft("export"), world.submit("import", vehicles=[vehicle("桂FA9876")])
    everything, today = Declaration.objects.all(), timezone.localdate()

    assert list(narrowed(everything, state="draft")) == [draft]
    assert list(narrowed(everything, state="live")) == [sent]
    assert list(narrowed(everything, purpose="import")) == [sent]
    assert set(narrowed(everything, gate_id=world.gate.pk)) == {draft, sent}
    assert not narrowed(everything, first=today + timedelta(days=5))
    assert set(narrowed(everything, first=today - timedelta(days=1), last=today + timedelta(days=1))) == {draft, sent}


def test_recent_vehicles_are_those_of_the_organisation_each_once(world):
    world.submit("export", vehicles=[vehicle("11C11111", driver_name="Người cũ")])
    world.submit("export", vehicles=[vehicle("11C22222"), vehicle("11C11111", driver_name="Người mới")])
    world.draft("export", vehicles=[vehicle("11C11111", driver_name="")])
    other = make_trader("Công ty khác")
    world.submit("export", vehicles=[vehicle("11C33333")], trader=other)

    recent = recent_vehicles({world.trader.organisations.get().pk})

    assert [(row["plate"], row["driver_name"]) for row in recent] == [
        ("11C11111", "Người mới"),
        ("11C22222", "Lý Văn Sình"),
    ]
