from datetime import timedelta

import pytest
from django.utils import timezone

from register.files import cleaned_file
from register.models import Driver, Kind, Paper, Vehicle
from register.services import Overtaken, Twice, remember, save, save_paper
from register.tasks import clear_scans
from tests.register.files import picture, upload
from tests.register.rows import make_paper, make_vehicle
from tests.world import make_trader

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm():
    return make_trader().organisations.get()


def with_scan(vehicle, kind=Kind.INSURANCE, **fields) -> Paper:
    paper = make_paper(vehicle, kind, **fields)
    return save_paper(paper, {}, scan=cleaned_file(upload(picture())), version=paper.version)


def test_one_plate_stands_once_in_a_firms_register_and_in_anothers_too(firm):
    first = make_vehicle(firm)
    fields = {"plate": first.plate, "country": "VN", "vehicle_type": "other"}

    with pytest.raises(Twice) as twice:
        save(Vehicle(organisation=firm), fields)
    assert twice.value.row == first
    other = save(Vehicle(organisation=make_trader("Công ty khác").organisations.get()), fields)
    assert other.plate == first.plate


def test_who_writes_a_row_that_changed_since_is_told(firm):
    vehicle = make_vehicle(firm)
    opened = vehicle.version
    save(vehicle, {"trailer_plate": "11R00001"}, version=opened)

    with pytest.raises(Overtaken):
        save(vehicle, {"trailer_plate": "11R00002"}, version=opened)
    vehicle.refresh_from_db()
    assert vehicle.trailer_plate == "11R00001"


def test_a_new_scan_takes_the_place_of_the_one_before(firm, django_capture_on_commit_callbacks):
    paper = with_scan(make_vehicle(firm))
    before, storage = paper.scan.name, paper.scan.storage

    with django_capture_on_commit_callbacks(execute=True):
        paper = save_paper(paper, {"number": "B2"}, scan=cleaned_file(upload(picture())), version=paper.version)

    assert paper.scan.name != before
    assert storage.exists(paper.scan.name)
    assert not storage.exists(before)
    assert paper.number == "B2"


def test_the_name_of_a_scan_tells_nothing(firm):
    name = with_scan(make_vehicle(firm)).scan.name

    assert name.startswith("papers/")
    assert "11C12345" not in name
    assert "giay" not in name


def test_what_was_declared_is_remembered_once(firm):
    vehicle = {"plate": "11C1", "country": "VN", "vehicle_type": "other", "trailer_plate": "", "payload": None}
    driver = {"name": "Lý", "phone": "0912345678", "nationality": "VN"}

    assert remember(firm, [(vehicle, driver), (vehicle | {"vehicle_type": "40ft"}, driver)]) == 2
    assert remember(firm, [(vehicle | {"vehicle_type": "40ft"}, driver)]) == 0
    assert Vehicle.objects.get().vehicle_type == "other"
    assert Driver.objects.get().name == "Lý"


def test_scans_go_when_their_paper_ran_out_or_left_the_register_long_ago(firm, settings):
    settings.PAPER_SCANS_KEPT_DAYS = 30
    now, today = timezone.now(), timezone.localdate()
    vehicle, sold = make_vehicle(firm), make_vehicle(firm, "11C22222")
    kept = with_scan(vehicle)
    lately = with_scan(vehicle, valid_to=today - timedelta(days=5))
    run_out = with_scan(vehicle, valid_to=today - timedelta(days=40))
    removed = with_scan(vehicle)
    Paper.objects.filter(pk=removed.pk).update(archived_at=now - timedelta(days=31))
    of_sold = with_scan(sold)
    Vehicle.objects.filter(pk=sold.pk).update(archived_at=now - timedelta(days=31))

    assert clear_scans() == 3
    assert clear_scans() == 0
    for paper in (kept, lately, run_out, removed, of_sold):
        there = paper in (kept, lately)
        assert paper.scan.storage.exists(paper.scan.name) == there
        assert bool(Paper.objects.get(pk=paper.pk).scan) == there
