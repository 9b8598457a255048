from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Organisation
from declarations.models import Trip
from register.models import Driver, Kind, Paper, Vehicle
from tests.declarations.pages import text
from tests.declarations.test_declare import sheet
from tests.register.files import PDF, bomb, picture, upload
from tests.register.rows import make_driver, make_paper, make_vehicle
from tests.world import fresh, make_gate, make_officer, make_trader, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(world):
    return world.trader.organisations.get()


@pytest.fixture(autouse=True)
def _signed_in(client, world):
    client.force_login(world.trader)


def url(name, *args):
    return reverse(f"register:{name}", args=args)


VEHICLE = {"plate": "11C-123.45", "vehicle_type": "other", "country": "", "payload": "18,5", "trailer_plate": ""}
PAPER = {"kind": "insurance", "number": "BH 123", "valid_from": "2026-01-01", "valid_to": "2030-01-01"}


def test_a_vehicle_is_entered_with_its_country_guessed_from_the_plate(client, firm):
    answer = client.post(url("new", "vehicles"), VEHICLE)

    kept = Vehicle.objects.get()
    assert answer.url == url("row", "vehicles", kept.pk)
    assert (kept.organisation, kept.plate, kept.country, str(kept.payload)) == (firm, "11C12345", "VN", "18.50")


def test_an_empty_register_says_what_it_is_for(client):
    assert "Sổ còn trống" in text(client.get(url("vehicles")))
    assert "Sổ còn trống" in text(client.get(url("drivers")))


def test_the_same_plate_twice_leads_to_the_first(client, firm):
    first = make_vehicle(firm)

    answer = client.post(url("new", "vehicles"), VEHICLE)

    assert answer.status_code == 409
    assert "Xe biển này đã có trong sổ." in text(answer)
    assert url("row", "vehicles", first.pk) in text(answer)
    assert Vehicle.objects.count() == 1


def test_two_people_who_edit_at_once_do_not_overwrite_each_other(client, firm):
    kept = make_vehicle(firm)
    opened = kept.version
    client.post(url("row", "vehicles", kept.pk), VEHICLE | {"trailer_plate": "11R-00001", "version": opened})

    answer = client.post(url("row", "vehicles", kept.pk), VEHICLE | {"payload": "9", "version": opened})

    assert answer.status_code == 409
    assert "Vừa có người khác sửa" in text(answer)
    assert fresh(kept).trailer_plate == "11R00001"
    answer = client.post(url("row", "vehicles", kept.pk), VEHICLE | {"version": answer.context["row"].version})
    assert answer.status_code == 302


@pytest.mark.parametrize("name", ["row", "put_away", "new_paper"])
def test_a_row_of_another_firm_does_not_exist(client, name):
    other = make_vehicle(make_trader("Công ty khác").organisations.get())

    assert client.post(url(name, "vehicles", other.pk), PAPER).status_code == 404
    assert not other.papers.filter(number="BH 123").exists()


def test_a_paper_is_not_reached_through_another_vehicle(client, firm):
    theirs = make_vehicle(make_trader("Công ty khác").organisations.get()).papers.first()
    mine = make_vehicle(firm)

    assert client.get(url("paper", "vehicles", mine.pk, theirs.pk)).status_code == 404
    assert client.post(url("remove_paper", "vehicles", mine.pk, theirs.pk)).status_code == 404


def test_who_declares_for_nobody_has_no_register(client, world):
    client.force_login(world.officer("customs"))

    assert client.get(url("vehicles")).status_code == 403
    assert client.get("/register/boats/new/").status_code == 404


def test_a_paper_is_kept_with_its_scan(client, firm):
    kept = make_vehicle(firm, papers=())

    answer = client.post(url("new_paper", "vehicles", kept.pk), PAPER | {"scan": upload(picture())})

    paper = kept.papers.get()
    assert answer.url == url("row", "vehicles", kept.pk)
    assert (paper.kind, paper.number) == ("insurance", "BH 123")
    assert client.get(url("scan", paper.pk)).headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"valid_to": "2025-01-01"}, "Ngày hết hạn phải sau ngày cấp."),
        ({"valid_to": ""}, "Hãy ghi ngày hết hạn của giấy tờ này."),
        ({"number": ""}, "bắt buộc"),
        ({"kind": "passport"}, "Hãy chọn"),
        ({"scan": upload(b"MZ not a pdf", "giay.pdf")}, "Chỉ nhận ảnh (JPEG, PNG, WebP) hoặc PDF."),
        ({"scan": upload(bomb(), "giay.png")}, "Ảnh quá lớn"),
    ],
)
def test_a_paper_that_cannot_be_is_refused_in_words(client, firm, wrong, said):
    kept = make_vehicle(firm, papers=())

    answer = client.post(url("new_paper", "vehicles", kept.pk), PAPER | wrong)

    assert answer.status_code == 422
    assert said in text(answer) or answer.context["form"].errors
    assert not kept.papers.exists()


def test_what_the_law_asks_and_lacks_is_said_with_its_article_and_the_way_to_mend_it(client, firm):
    kept = make_vehicle(firm, papers=[Kind.REGISTRATION])
    make_paper(kept, Kind.INSURANCE, valid_to=timezone.localdate() - timedelta(days=1))

    page = text(client.get(url("row", "vehicles", kept.pk)))

    assert "Thiếu đăng kiểm" in page
    assert "Nghị định 112/2014/NĐ-CP, Điều 9(2)đ" in page
    assert f"{url('new_paper', 'vehicles', kept.pk)}?kind=inspection" in page
    assert "Bảo hiểm hết hạn" in page
    assert "Thiếu đăng ký xe" not in page


def test_the_list_tells_how_papers_stand_and_finds_by_any_spelling(client, firm):
    make_vehicle(firm)
    make_vehicle(firm, "11C22222", papers=())
    make_driver(firm)

    page = text(client.get(url("vehicles")))
    assert "Đủ giấy tờ, đến" in page
    assert "Thiếu đăng ký xe; thiếu đăng kiểm; thiếu bảo hiểm" in page
    assert "222.22" not in text(client.get(url("vehicles") + "?q=123.45"))
    assert "Lý Văn Sình" in text(client.get(url("drivers") + "?q=ly van"))
    assert "Không tìm thấy" in text(client.get(url("drivers") + "?q=khong co"))


def test_the_list_asks_as_few_queries_for_thirty_vehicles_as_for_two(client, firm, django_assert_max_num_queries):
    for number in range(30):
        make_vehicle(firm, f"11C{number:05d}")

    with django_assert_max_num_queries(16):
        client.get(url("vehicles"))


def test_a_vehicle_put_away_is_offered_no_more_and_comes_back(client, firm):
    kept = make_vehicle(firm)

    client.post(url("put_away", "vehicles", kept.pk))
    assert fresh(kept).archived_at
    assert "123.45" not in text(client.get(url("vehicles")))
    assert "123.45" in text(client.get(url("vehicles") + "?tab=archived"))
    assert "123.45" not in text(client.get(reverse("declarations:new")))
    client.post(url("put_away", "vehicles", kept.pk), {"back": "1"})
    assert fresh(kept).archived_at is None


def test_what_was_declared_before_is_taken_in_by_one_tap(client, world, firm):
    sent = world.submit("export", vehicles=[vehicle("11C12345"), vehicle("11C22222")])
    assert "Đã khai trước đây" in text(client.get(url("vehicles")))

    client.post(url("take"), {"plate": "11C22222"})

    assert Vehicle.objects.get().plate == "11C22222"
    assert Driver.objects.get().name == "Lý Văn Sình"
    trip = sent.trips.get(plate="11C22222")
    assert (trip.vehicle, trip.driver) == (Vehicle.objects.get(), Driver.objects.get())
    client.post(url("take"), {"all": "1"})
    assert Vehicle.objects.filter(organisation=firm).count() == 2
    assert "Đã khai trước đây" not in text(client.get(url("vehicles")))


def test_a_spreadsheet_of_declarations_fills_the_register(client, firm):
    listed = [
        {"plate": f"11C{n:05d}", "vehicle_type": "other", "driver_name": f"Lái {n}", "driver_phone": f"091234567{n}"}
        for n in range(3)
    ]
    client.post(url("import"), {"sheet": sheet(listed)})

    assert firm.vehicles.count() == firm.drivers.count() == 3
    answer = client.post(url("import"), {"sheet": upload(b"x", "b.xlsx")}, follow=True)
    assert "Đây không phải bảng tính .xlsx." in text(answer)


def test_a_spreadsheet_of_thousands_of_rows_asks_as_few_queries_as_one_of_few(client, world, firm):
    def asked(first: int, last: int) -> int:
        listed = [vehicle(f"11C{n:05d}", driver_phone=f"09{n:08d}") for n in range(first, last)]
        with CaptureQueriesContext(connection) as counted:
            client.post(url("import"), {"sheet": sheet([row | {"vehicle_type": "other"} for row in listed])})
        return len(counted)

    few = asked(0, 2)
    assert asked(2, 60) == few
    assert firm.vehicles.count() == firm.drivers.count() == 60


def test_who_acts_for_several_firms_says_into_whose_register_a_spreadsheet_goes(client, world, firm):
    other = Organisation.objects.create(name="Công ty thứ hai", tax_code="0000000098")
    Membership.objects.create(user=world.trader, organisation=other, valid_from=timezone.localdate())
    stranger = make_trader("Công ty khác").organisations.get()
    listed = [{"plate": "11C00001", "vehicle_type": "other", "driver_name": "Lái", "driver_phone": "0912345671"}]

    for wrong in ({}, {"organisation": stranger.pk}):
        client.post(url("import"), {"sheet": sheet(listed), **wrong})
    assert not Vehicle.objects.exists()
    assert not Driver.objects.exists()
    assert "Công ty thứ hai" in text(client.get(url("vehicles")))
    client.post(url("import"), {"sheet": sheet(listed), "organisation": other.pk})
    assert [row.organisation for row in (Vehicle.objects.get(), Driver.objects.get())] == [other] * 2


# Who sees a scan


def scanned(row) -> Paper:
    paper = row.papers.first()
    paper.scan.save("x.pdf", upload(PDF))
    return paper


def see(client, user, paper) -> int:
    client.force_login(user)
    return client.get(url("scan", paper.pk)).status_code


def test_a_scan_is_for_the_firm_and_for_officers_of_the_gate_of_a_live_declaration(client, world, firm):
    of_vehicle, of_driver = scanned(make_vehicle(firm)), scanned(make_driver(firm))
    abroad = make_gate("tra-linh", "Trà Lĩnh")
    elsewhere, guard = make_officer("border_guard", abroad), world.officer("border_guard")
    world.draft("export", vehicles=[vehicle("11C12345")])

    for paper in (of_vehicle, of_driver):
        assert see(client, world.trader, paper) == 200
        assert see(client, make_trader("Công ty khác"), paper) == 404
        assert see(client, guard, paper) == 404, "only a draft declares it"

    sent = world.submit("export", vehicles=[vehicle("11C12345")])
    for paper in (of_vehicle, of_driver):
        assert see(client, guard, paper) == 200
        assert see(client, elsewhere, paper) == 404
        assert see(client, make_officer("fee_centre", world.gate), paper) == 404
    Trip.objects.filter(declaration=sent).update(state="left")
    assert see(client, guard, of_driver) == 404
    client.logout()
    assert client.get(url("scan", of_driver.pk)).status_code == 302


def test_a_console_leads_to_scans_only_whom_they_are_shown(client, world, firm):
    paper = scanned(make_vehicle(firm))
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    for user, shown in ((world.officer("border_guard"), True), (make_officer("industry_trade", None), False)):
        client.force_login(user)
        page = text(client.get(reverse("checkpoints:truck", args=[world.gate.code, "B2", trip.pk])))
        assert "Giấy tờ</dt>" in page
        assert (url("scan", paper.pk) in page, see(client, user, paper) == 200) == (shown, shown)


def test_a_paper_removed_while_a_trip_uses_it_is_shown_to_officers_no_more(client, world, firm):
    kept = make_vehicle(firm)
    paper = scanned(kept)
    world.submit("export", vehicles=[vehicle("11C12345")])
    client.post(url("remove_paper", "vehicles", kept.pk, paper.pk))

    assert see(client, world.officer("border_guard"), paper) == 404
    assert Paper.objects.get(pk=paper.pk).archived_at


def test_the_scan_of_a_paper_taken_out_is_shown_to_nobody(client, world, firm):
    kept = make_vehicle(firm)
    world.submit("export", vehicles=[vehicle("11C12345")])
    paper, guard = scanned(kept), world.officer("border_guard")
    assert see(client, world.trader, paper) == see(client, guard, paper) == 200

    client.force_login(world.trader)
    client.post(url("remove_paper", "vehicles", kept.pk, paper.pk))

    assert see(client, world.trader, paper) == see(client, guard, paper) == 404


def test_a_scan_is_kept_by_no_cache_and_read_as_what_it_is(client, firm):
    answer = client.get(url("scan", scanned(make_vehicle(firm)).pk))

    assert answer.headers["Content-Type"] == "application/pdf"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
