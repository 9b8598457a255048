"""Papers seen at declaration: what the register lacks on the day of arrival is said before the truck leaves home."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from checkpoints.door import perform
from checkpoints.refusals import Refusal
from declarations.checks import problems
from declarations.known import drivers_offered, vehicles_offered
from declarations.models import Trip
from declarations.papers import crosses, papers_of
from gates.models import Gate
from register.models import Driver, Kind, PaperRule, Vehicle
from register.services import archive
from tests.declarations.pages import VEHICLE, form, post, text
from tests.register.rows import make_driver, make_paper, make_vehicle
from tests.world import fresh, make_trader, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(world):
    return world.trader.organisations.get()


def said(declaration) -> list[tuple[str, str, bool]]:
    return [(found.at, found.message, found.hard) for found in problems(declaration) if found.code.endswith("_papers")]


# The rows that a trip agrees with


def test_a_trip_is_linked_with_the_vehicle_of_its_plate_and_the_driver_of_its_name_and_number(world, firm):
    kept, driver = make_vehicle(firm), make_driver(firm)
    trip = world.draft("export", vehicles=[vehicle("11C12345", driver_name="LY VAN SINH")]).trips.get()

    assert (trip.vehicle, trip.driver) == (kept, driver)


@pytest.mark.parametrize("other", [{"driver_name": "Nông Văn Thắng"}, {"driver_phone": "0987654321"}])
def test_another_name_or_number_is_another_driver(world, firm, other):
    make_driver(firm)

    assert world.draft("export", vehicles=[vehicle(**other)]).trips.get().driver is None


def test_the_vehicle_of_another_firm_is_never_linked(world):
    make_vehicle(make_trader("Công ty khác").organisations.get())

    assert world.draft("export").trips.get().vehicle is None


def test_the_register_and_live_trips_follow_each_other(world, firm):
    sent = world.submit("export")
    kept = make_vehicle(firm)
    assert sent.trips.get().vehicle == kept

    archive(kept)
    assert world.draft("export", vehicles=[vehicle()]).trips.get().vehicle is None


def test_a_corrected_plate_and_driver_are_linked_anew(world, firm):
    make_vehicle(firm)
    other, driver = make_vehicle(firm, "11C22222"), make_driver(firm, name="Bế Văn Páo", phone="0987654321")
    trip = world.submit("export").trips.get()

    values = {"plate": "11C22222", "driver_name": "Bế Văn Páo", "driver_phone": "0987654321"}
    perform("correct", trip, actor=world.trader, key=str(uuid4()), values=values)

    trip = fresh(trip)
    assert (trip.vehicle, trip.driver) == (other, driver)


# What is said


def test_with_all_papers_nothing_is_said(world, firm):
    make_vehicle(firm)
    make_driver(firm)

    assert said(world.draft("export")) == []


def test_what_the_register_does_not_know_is_not_warned_of(world, firm):
    make_driver(firm, phone="0999999999")

    assert said(world.draft("export")) == []


def test_what_is_missing_or_run_out_is_said_at_vehicle_and_driver(world, firm):
    arrival = timezone.localdate(timezone.now() + timedelta(hours=2))
    kept = make_vehicle(firm, papers=[Kind.REGISTRATION, Kind.INSURANCE])
    driver = make_driver(firm, papers=[Kind.LICENCE])
    make_paper(driver, Kind.PASSPORT, valid_to=arrival - timedelta(days=1))
    draft = world.draft("export")

    until = f"{arrival - timedelta(days=1):%d/%m/%Y}"
    assert said(draft) == [
        ("vehicles.1.plate", "Giấy tờ của phương tiện vào ngày đến: thiếu đăng kiểm.", False),
        ("vehicles.1.driver_name", f"Giấy tờ của lái xe vào ngày đến: hộ chiếu hết hạn {until}.", False),
    ]
    mends = [found.mend for found in problems(draft) if found.mend]
    assert mends == [("vehicles", kept.pk), ("drivers", driver.pk)]


def test_the_day_of_arrival_counts_and_not_today(world, firm):
    make_vehicle(firm)
    today = timezone.localdate()
    make_driver(firm).papers.filter(kind=Kind.PASSPORT).update(valid_to=today + timedelta(days=2))
    draft = world.draft("export")
    assert said(draft) == []

    draft.expected_at = timezone.now() + timedelta(days=4)
    draft.save()
    assert len(said(draft)) == 1


def test_no_border_papers_are_asked_of_a_vehicle_that_stays_inland(world, firm):
    make_vehicle(firm, papers=())
    staying = next(
        trip
        for purpose in ("collect_import", "cross_empty", "export")
        for trip in [world.draft(purpose, vehicles=[vehicle("11C12345")]).trips.get()]
        if not crosses(trip)
    )

    assert said(staying.declaration) == []


def test_a_passport_is_no_crossing_paper_at_a_secondary_gate(world, firm):
    make_vehicle(firm)
    make_driver(firm)
    Gate.objects.update(kind=Gate.Kind.SECONDARY)
    world.gate.refresh_from_db()

    assert said(world.draft("export")) == [
        (
            "vehicles.1.driver_name",
            "Giấy tờ của lái xe vào ngày đến: thiếu giấy thông hành biên giới hoặc giấy thông hành.",
            False,
        )
    ]


def test_a_warning_may_be_overridden_and_a_rule_that_blocks_may_not(client, world, firm):
    client.force_login(world.trader)
    make_vehicle(firm, papers=[Kind.REGISTRATION, Kind.INSPECTION])
    page = client.get(post(client, form(world, do="send", vehicles=[VEHICLE])).url)
    assert "Vẫn gửi" in text(page)
    assert "Bổ sung giấy tờ" in text(page)
    draft = page.context["declaration"]

    PaperRule.objects.filter(any_of=[Kind.INSURANCE]).update(blocks=True)
    with pytest.raises(Refusal, match="thiếu bảo hiểm") as refused:
        perform("submit", draft, actor=world.trader, key=None)
    assert refused.value.code == "incomplete"

    PaperRule.objects.update(blocks=False)
    perform("submit", draft, actor=world.trader, key=None)
    assert fresh(draft).state == "submitted"


def test_a_rule_that_blocks_also_holds_for_what_the_register_does_not_know(world, firm):
    PaperRule.objects.filter(any_of=[Kind.LICENCE]).update(blocks=True)
    draft = world.draft("export")

    (found,) = (found for found in problems(draft) if found.hard)
    assert (found.at, found.hard, found.mend) == ("vehicles.1.driver_name", True, ("drivers", None))


def test_a_driver_without_papers_named_in_a_correction_is_doubted_first(world, firm):
    make_driver(firm, papers=(), name="Bế Văn Páo", phone="0987654321")
    trip = world.submit("export").trips.get()
    given = {"actor": world.trader, "values": {"driver_name": "Bế Văn Páo", "driver_phone": "0987654321"}}

    with pytest.raises(Refusal, match="thiếu giấy phép lái xe") as refused:
        perform("correct", trip, key=str(uuid4()), **given)
    assert refused.value.code == "doubtful"
    perform("correct", trip, key=str(uuid4()), sure=True, **given)
    assert fresh(trip).driver_name == "Bế Văn Páo"


def test_the_papers_of_thirty_trips_ask_two_queries(world, firm, django_assert_num_queries):
    for number in range(30):
        make_vehicle(firm, f"11C{number:05d}")
    draft = world.draft("export", vehicles=[vehicle(f"11C{number:05d}") for number in range(30)])
    trips = list(Trip.objects.filter(declaration=draft).select_related("vehicle", "driver"))

    with django_assert_num_queries(2):
        held = papers_of(trips, world.gate.kind, day=timezone.localdate())
    assert all(not papers.bad and papers.until for papers in held.values())


# What is offered


def test_vehicles_of_the_register_are_offered_with_their_last_driver_and_permit(world, firm):
    world.submit("export", vehicles=[vehicle("11C12345", permit_number="cũ")])
    kept = make_vehicle(firm, trailer_plate="11R00001", payload=20)
    make_paper(kept, Kind.PERMIT, number="C26YF0000009", variety="C")
    make_vehicle(firm, "11C99999")

    world.gate.kind = Gate.Kind.SECONDARY

    def offered(user):
        return vehicles_offered(user, world.gate, day=timezone.localdate())

    first, second = offered(world.trader)
    assert (first["plate"], first["driver_name"], first["trailer_plate"]) == ("11C12345", "Lý Văn Sình", "11R00001")
    assert (first["permit_number"], first["permit_kind"]) == ("C26YF0000009", "C")
    assert (second["plate"], second["papers"]) == ("11C99999", "")

    archive(Vehicle.objects.get(plate="11C99999"))
    make_driver(firm)
    assert len(offered(world.trader)) == 1
    assert offered(make_trader("Công ty khác")) == []
    drivers = drivers_offered(world.trader, world.gate, day=timezone.localdate())
    lacks = "thiếu giấy thông hành biên giới hoặc giấy thông hành"
    assert drivers == [{"name": "Lý Văn Sình", "phone": "0912345678", "gate": None, "papers": lacks}]


def test_a_deleted_row_leaves_the_trip_as_it_was(world, firm):
    make_driver(firm)
    trip = world.submit("export").trips.get()
    Driver.objects.all().delete()

    assert fresh(trip).driver_name == "Lý Văn Sình"
    assert fresh(trip).driver is None


def test_the_page_of_declaring_offers_what_is_known(client, world, firm):
    client.force_login(world.trader)
    make_vehicle(firm)
    make_driver(firm)

    page = text(client.get(reverse("declarations:new")))
    assert '<option value="11C-123.45">' in page
    assert '<option value="Lý Văn Sình">0912345678</option>' in page
