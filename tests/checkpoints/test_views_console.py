"""The officers' console: who sees what, what a click does, and how often the database is asked."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from checkpoints.door import perform
from checkpoints.models import Confirmation, Fact, Passage
from checkpoints.states import ConfirmationState
from declarations.models import Trip
from declarations.states import TripState
from tests.world import World, fresh, make_gate, make_officer, vehicle

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "truck"}


def at(world: World, agency: str) -> Client:
    client = Client()
    client.force_login(world.officer(agency))
    return client


def arrived(world: World, plate: str = "11C12345", **kwargs) -> Trip:
    trip = world.submit(vehicles=[vehicle(plate)], **kwargs).trips.get()
    world.see(trip, "B2", "in")
    return trip


def slot(trip: Trip, agency: str, of: str) -> Confirmation:
    return Confirmation.objects.get(stage__trip=trip, stage__completed_at=None, agency=agency, of=of)


def url(trip: Trip, move: str = "", place: str = "B2") -> str:
    return f"/console/ta-lung/{place}/{trip.pk}/" + (f"{move}/" if move else "")


def post(client: Client, trip: Trip, move: str, place: str = "B2", **data):
    return client.post(url(trip, move, place), {"key": uuid4(), **data}, headers=HTMX)


def test_the_console_shows_the_truck_in_front_and_the_button_of_my_agency(world):
    trip = arrived(world)
    page = at(world, "customs").get("/console/ta-lung/B2/").content.decode()
    assert 'data-plate="11C12345"' in page
    assert f"/console/ta-lung/B2/{trip.pk}/confirm/" in page
    assert "Xác nhận: Phương tiện, hàng hóa" in " ".join(page.split())
    assert "Lý Văn Sình" in page
    assert "Tinh bột sắn" in page
    assert f'value="{slot(trip, "border_guard", "driver_and_vehicle").pk}"' not in page


def test_an_officer_of_an_agency_not_asked_sees_states_and_no_button(world):
    trip = arrived(world)
    page = at(world, "plant_quarantine").get(url(trip)).content.decode()
    assert 'data-plate="11C12345"' in page
    assert "/confirm/" not in page.replace("/console/ta-lung/B2/confirm/", "")
    assert 'data-dialog="refuse"' not in page


def test_an_overseer_looks_and_does_nothing(world):
    trip = arrived(world)
    page = at(world, "zone_authority").get(url(trip)).content.decode()
    assert 'data-plate="11C12345"' in page
    assert f"/{trip.pk}/confirm/" not in page
    assert "call-up" not in page


@pytest.mark.parametrize("who", ["trader", "fee_centre", "yard_operator"])
def test_people_without_a_role_at_the_barrier_find_nothing(world, who):
    trip = arrived(world)
    client = Client()
    client.force_login(world.trader if who == "trader" else world.officer(who))
    assert client.get("/console/ta-lung/B2/").status_code == 404
    assert client.get(url(trip)).status_code == 404
    response = post(client, trip, "confirm", slot=slot(trip, "customs", "vehicle_and_goods").pk)
    assert response.status_code == 404


def test_an_officer_of_another_gate_finds_nothing_and_changes_nothing(world):
    trip = arrived(world)
    stranger = Client()
    stranger.force_login(make_officer("customs", make_gate("tra-linh", "Trà Lĩnh")))
    asked = slot(trip, "customs", "vehicle_and_goods")
    assert stranger.get(url(trip)).status_code == 404
    assert post(stranger, trip, "confirm", slot=asked.pk).status_code == 404
    assert (
        stranger.post(f"/console/tra-linh/B2/{trip.pk}/confirm/", {"key": uuid4(), "slot": asked.pk}).status_code == 404
    )
    assert fresh(asked).state == ConfirmationState.WAITING


def test_who_is_not_signed_in_is_asked_to(world):
    assert Client().get("/console/ta-lung/B2/").url.startswith("/account/")


def test_confirming_counts_and_tells_the_page(world):
    trip = arrived(world)
    asked = slot(trip, "customs", "vehicle_and_goods")
    response = post(at(world, "customs"), trip, "confirm", slot=asked.pk)
    assert response.status_code == 204
    assert '"moved": {"gone": false}' in response.headers["HX-Trigger"]
    assert fresh(asked).state == ConfirmationState.CONFIRMED


def test_the_same_click_twice_counts_once(world):
    trip = arrived(world)
    asked = slot(trip, "customs", "vehicle_and_goods")
    client, key = at(world, "customs"), uuid4()
    first = client.post(url(trip, "confirm"), {"key": key, "slot": asked.pk}, headers=HTMX)
    second = client.post(url(trip, "confirm"), {"key": key, "slot": asked.pk}, headers=HTMX)
    assert (first.status_code, second.status_code) == (204, 204)
    assert Fact.objects.filter(trip=trip, move="confirm", agency="customs").count() == 1


def test_another_agencys_slot_is_refused_at_the_truck(world):
    trip = arrived(world)
    asked = slot(trip, "border_guard", "driver_and_vehicle")
    response = post(at(world, "customs"), trip, "confirm", slot=asked.pk)
    assert response.status_code == 409
    assert "Tài khoản của bạn không có quyền" in response.content.decode()
    assert fresh(asked).state == ConfirmationState.WAITING


def test_a_stale_click_is_told_why_and_shows_the_truck_as_it_is(world):
    trip = arrived(world)
    asked = slot(trip, "customs", "vehicle_and_goods")
    world.confirm(trip, "customs", "vehicle_and_goods")
    response = post(at(world, "customs"), trip, "confirm", slot=asked.pk)
    body = response.content.decode()
    assert response.status_code == 409
    assert "đã được xử lý" in body
    assert "Chưa được ghi nhận" in body
    assert f"/{trip.pk}/confirm/" not in body


def test_a_refusal_without_script_is_a_whole_page(world):
    trip = arrived(world)
    world.confirm(trip, "customs", "vehicle_and_goods")
    asked = slot(trip, "customs", "vehicle_and_goods")
    response = at(world, "customs").post(url(trip, "confirm"), {"key": uuid4(), "slot": asked.pk})
    assert response.status_code == 409
    assert "<html" in response.content.decode()


def test_the_last_own_slot_confirms_and_opens_with_one_key(world):
    trip = arrived(world)
    guard = at(world, "border_guard")
    assert 'name="opens"' not in guard.get(url(trip)).content.decode()
    world.confirm(trip, "customs", "vehicle_and_goods")
    assert 'name="opens"' in guard.get(url(trip)).content.decode()
    response = post(guard, trip, "confirm", slot=slot(trip, "border_guard", "driver_and_vehicle").pk, opens=1)
    assert response.status_code == 204
    assert '"gone": true' in response.headers["HX-Trigger"]
    assert fresh(trip).state == TripState.UNDER_WAY


def test_only_the_border_guard_opens_and_only_when_all_confirmed(world):
    trip = arrived(world)
    early = post(at(world, "border_guard"), trip, "open")
    assert early.status_code == 409
    assert "Chưa mở được barie" in early.content.decode()
    world.confirm_all(trip)
    assert post(at(world, "customs"), trip, "open").status_code == 409
    assert fresh(trip).state == TripState.EXPECTED
    assert post(at(world, "border_guard"), trip, "open").status_code == 204
    assert fresh(trip).state == TripState.UNDER_WAY


def test_refusing_asks_for_a_reason_and_shows_it_to_all(world):
    trip = arrived(world)
    asked = slot(trip, "customs", "vehicle_and_goods")
    assert post(at(world, "customs"), trip, "refuse", slot=asked.pk).status_code == 409
    assert post(at(world, "customs"), trip, "refuse", slot=asked.pk, reason="Sai số seal").status_code == 204
    assert fresh(asked).state == ConfirmationState.REFUSED
    assert "Sai số seal" in at(world, "border_guard").get(url(trip)).content.decode()


def test_an_own_click_is_taken_back_with_a_reason(world):
    trip = arrived(world)
    world.confirm(trip, "customs", "vehicle_and_goods")
    asked = slot(trip, "customs", "vehicle_and_goods")
    colleague = Client()
    colleague.force_login(make_officer("customs", world.gate))
    assert f'id="undo-{asked.pk}"' not in colleague.get(url(trip)).content.decode()
    assert post(colleague, trip, "undo", slot=asked.pk, reason="Nhầm").status_code == 409
    assert f'id="undo-{asked.pk}"' in at(world, "customs").get(url(trip)).content.decode()
    assert post(at(world, "customs"), trip, "undo", slot=asked.pk, reason="Nhầm xe").status_code == 204
    assert fresh(asked).state == ConfirmationState.WAITING


def test_several_trucks_at_once_tell_the_outcome_of_each(world):
    trips = [arrived(world, f"11C1000{n}") for n in range(3)]
    world.confirm(trips[1], "customs", "vehicle_and_goods")
    response = at(world, "customs").post(
        "/console/ta-lung/B2/confirm/", {"key": uuid4(), "trip": [trip.pk for trip in trips]}, headers=HTMX
    )
    body = response.content.decode()
    assert response.status_code == 409
    assert body.count("Chưa xác nhận") == 1
    assert body.count("Đã xác nhận") == 2
    states = Confirmation.objects.filter(of="vehicle_and_goods").values_list("state", flat=True)
    assert set(states) == {ConfirmationState.CONFIRMED}


def test_what_is_confirmed_together_is_confirmed_for_every_truck_of_the_declaration(world):
    declaration = world.submit(vehicles=[vehicle(f"11C1000{n}") for n in range(3)])
    trips = list(declaration.trips.all())
    for trip in trips:
        world.enter(trip, "B2")
    customs = at(world, "customs")
    page = customs.get(url(trips[0], place="a")).content.decode()
    assert "Cả 3 xe của tờ khai" in page
    asked = slot(trips[0], "customs", "regime_and_goods_group")
    assert post(customs, trips[0], "confirm", "a", slot=asked.pk, together=1).status_code == 204
    confirmed = Confirmation.objects.filter(of="regime_and_goods_group", state=ConfirmationState.CONFIRMED)
    assert confirmed.count() == 3
    assert Fact.objects.filter(move="confirm", agency="customs", data__of="regime_and_goods_group").count() == 3


def test_a_truck_that_came_too_early_shows_what_it_lacks(world):
    trip = arrived(world)
    world.confirm_all(trip)
    world.open(trip)
    world.see(trip, "B1", "out")
    page = at(world, "customs").get("/console/ta-lung/B1/").content.decode()
    assert "Xe đến sớm" in page
    assert "chưa xong: Nghiệp vụ trong bãi" in page
    assert f"/B1/{trip.pk}/confirm/" not in page


def test_a_truck_no_camera_saw_is_found_by_plate_and_called_up(world):
    trip = world.submit().trips.get()
    guard = at(world, "border_guard")
    found = guard.get("/console/ta-lung/B2/search/", {"q": "11c-128.45"}).content.decode()
    assert f'href="{url(trip)}"' in found
    page = guard.get(url(trip)).content.decode()
    assert "Gọi vào làn 1 (vào)" in page
    lane = world.lane("B2", "in")
    assert post(guard, trip, "call-up", lane=lane.pk).status_code == 204
    assert Passage.objects.get(trip=trip).by == world.officer("border_guard")
    assert f"/{trip.pk}/confirm/" in guard.get("/console/ta-lung/B2/").content.decode()


def test_a_lane_of_another_place_is_not_taken(world):
    trip = world.submit().trips.get()
    assert post(at(world, "border_guard"), trip, "call-up", lane=world.lane("B1", "in").pk).status_code == 400


def test_a_forced_opening_needs_a_guard_and_a_reason(world):
    lane = world.lane("B2", "in").pk
    path = "/console/ta-lung/B2/open-forced/"
    at(world, "customs").post(path, {"key": uuid4(), "lane": lane, "reason": "Xe cứu thương"})
    at(world, "border_guard").post(path, {"key": uuid4(), "lane": lane, "reason": ""})
    assert not Fact.objects.filter(move="open_forced").exists()
    at(world, "border_guard").post(path, {"key": uuid4(), "lane": lane, "reason": "Xe cứu thương"})
    assert Fact.objects.get(move="open_forced").reason == "Xe cứu thương"


def test_a_forced_opening_refused_in_its_dialog_is_told_there(world):
    given = {"key": uuid4(), "lane": world.lane("B2", "in").pk}
    client, path, dialog = at(world, "border_guard"), "/console/ta-lung/B2/open-forced/", {"HX-Request": "true"}
    answer = client.post(path, given | {"reason": "  "}, headers=dialog)
    assert (answer.status_code, "Hãy ghi lý do" in answer.content.decode()) == (409, True)
    assert "<dialog" not in answer.content.decode()
    answer = client.post(path, given | {"reason": "Xe cứu thương"}, headers=dialog)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/console/ta-lung/B2/")


def test_an_empty_truck_leaves_without_goods(world):
    trip = world.submit("collect_import", vehicles=[vehicle()]).trips.get()
    world.enter(trip, "B2")
    customs = at(world, "customs")
    assert "leave-without-goods" in customs.get(url(trip, place="a")).content.decode()
    assert post(customs, trip, "leave-without-goods", "a").status_code == 204
    assert fresh(trip).procedure_code == "vn_empty_returns_without_goods"


def test_a_click_without_a_key_is_a_bad_request(world):
    trip = arrived(world)
    assert at(world, "customs").post(url(trip, "confirm"), {"slot": 1}).status_code == 400


def test_a_draft_is_nowhere(world):
    trip = world.draft().trips.get()
    assert at(world, "customs").get(url(trip)).status_code == 404


def test_home_lists_my_places_with_what_waits_for_me(world):
    arrived(world)
    page = " ".join(at(world, "customs").get("/console/").content.decode().split())
    assert "/console/ta-lung/B2/" in page
    assert "1 xe chờ bạn" in page
    client = Client()
    client.force_login(world.trader)
    assert client.get("/console/").status_code == 403


def asked(django_assert_max_num_queries, client: Client, path: str, most: int) -> int:
    with django_assert_max_num_queries(most) as counted:
        assert client.get(path).status_code == 200
    return len(counted)


@pytest.mark.parametrize("agency", ["customs", "border_guard"])
def test_the_console_asks_as_often_for_thirty_trucks_as_for_three(world, django_assert_max_num_queries, agency):
    client = at(world, agency)
    trips = [arrived(world, f"11C100{n:02}") for n in range(3)]
    few = asked(django_assert_max_num_queries, client, "/console/ta-lung/B2/", 12)
    for n in range(3, 30):
        arrived(world, f"11C100{n:02}")
    assert asked(django_assert_max_num_queries, client, "/console/ta-lung/B2/", 12) == few
    assert asked(django_assert_max_num_queries, client, url(trips[0]), 12) == few
    assert asked(django_assert_max_num_queries, client, "/console/ta-lung/B2/?part=line", 12) <= few


def test_the_yards_console_keeps_its_budget(world, django_assert_max_num_queries):
    client = at(world, "customs")
    for n in range(4):
        trip = arrived(world, f"11C100{n:02}")
        world.confirm_all(trip)
        world.open(trip)
    asked(django_assert_max_num_queries, client, "/console/ta-lung/a/", 12)


def test_one_click_on_two_slots_counts_whole_when_the_first_makes_the_second_needless(world):
    source = world.submit("import", [vehicle("桂F12345")]).trips.get()
    target = world.submit("collect_import", [vehicle("12C00001")]).trips.get()
    world.enter(source, "B1")
    world.enter(target, "B2")
    perform("register_transshipment", target, actor=world.trader, key=None, source=source)
    waiting = [each.pk for each in world.waiting(source) if each.agency == "customs"]
    assert len(waiting) == 2
    answer = post(at(world, "customs"), source, "confirm", "a", slot=waiting)
    assert answer.status_code == 204
    assert "Đã xác nhận" in json.loads(answer.headers["HX-Trigger"])["toast"]["text"]
    assert fresh(source).procedure_code == "cn_empty_returns_from_yard"
    page = at(world, "customs").get(url(source, place="a")).content.decode()
    assert "đã xong việc ở Bãi A" in page
    assert "Gọi vào" not in page


@contextmanager
def asking_at_most(most: int) -> Iterator[None]:
    """Rows asked for and written; beginning and ending the transaction is not counted."""
    with CaptureQueriesContext(connection) as captured:
        yield
    asked = [query["sql"] for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(asked) <= most, "\n".join(asked)


def test_a_confirmation_keeps_its_budget(world):
    client = at(world, "customs")
    trip = arrived(world)
    pk = slot(trip, "customs", "vehicle_and_goods").pk
    with asking_at_most(10):
        assert post(client, trip, "confirm", slot=pk).status_code == 204


def test_opening_the_barrier_and_with_it_the_yards_stage_keeps_the_budget(world):
    client = at(world, "border_guard")
    trip = arrived(world)
    world.confirm_all(trip)
    with asking_at_most(15):
        assert post(client, trip, "open").status_code == 204
    assert trip.stages.filter(moment="yard", completed_at=None).exists()


def test_the_last_confirmation_that_opens_the_last_barrier_keeps_the_budget(world):
    client = at(world, "border_guard")
    trip = arrived(world)
    world.confirm_all(trip)
    world.open(trip)
    world.confirm_all(trip)
    world.confirm_all(trip)
    world.see(trip, "B1", "out")
    *others, last = world.waiting(trip)
    for other in others:
        world.confirm(trip, other.agency, other.of)
    with asking_at_most(14):
        answer = post(client, trip, "confirm", "B1", slot=last.pk, opens="1")
    assert json.loads(answer.headers["HX-Trigger"])["moved"] == {"gone": True}
    assert fresh(trip).state == "left"


def test_the_parts_of_a_live_page_stand_alone(world):
    arrived(world)
    client = at(world, "customs")
    for part, marker in (("line", "line__row"), ("truck", "split__act")):
        body = client.get(f"/console/ta-lung/B2/?part={part}").content.decode()
        assert marker in body
        assert "<html" not in body


def test_the_truck_on_the_screen_stays_while_it_is_here(world):
    first, second = arrived(world, "11C10001"), arrived(world, "11C10002")
    client = at(world, "customs")
    assert client.get("/console/ta-lung/B2/").context["trip"] == first
    assert client.get(f"/console/ta-lung/B2/?part=truck&now={second.pk}").context["trip"] == second
    perform(
        "confirm",
        second,
        actor=world.officer("customs"),
        key=None,
        confirmation=slot(second, "customs", "vehicle_and_goods").pk,
    )
    world.confirm_all(second)
    world.open(second)
    assert client.get(f"/console/ta-lung/B2/?part=truck&now={second.pk}").context["trip"] == first


def test_a_long_line_is_drawn_in_part_and_whole_on_demand(world, monkeypatch):
    monkeypatch.setattr("checkpoints.views.console.MOST_ROWS", 2)
    for n in range(4):
        arrived(world, f"11C1000{n}")
    client = at(world, "customs")
    page = client.get("/console/ta-lung/B2/")
    assert (len(page.context["rows"]), page.context["more"], page.context["all_count"]) == (2, 2, 4)
    assert len(client.get("/console/ta-lung/B2/?all").context["rows"]) == 4


def test_an_empty_truck_at_the_way_out_is_let_home_without_goods(world):
    trip = world.submit("collect_import", vehicles=[vehicle()]).trips.get()
    world.enter(trip, "B2")
    world.see(trip, "B2", "out")
    assert "leave-without-goods" not in at(world, "health_quarantine").get(url(trip)).content.decode()
    guard = at(world, "border_guard")
    assert "leave-without-goods" in guard.get(url(trip)).content.decode()
    assert post(guard, trip, "leave-without-goods").status_code == 204
    page = at(world, "customs").get(url(trip)).content.decode()
    assert f"/{trip.pk}/confirm/" in page


def test_an_own_refusal_is_one_click_from_being_taken_back(world):
    trip = arrived(world)
    asked = slot(trip, "customs", "vehicle_and_goods")
    post(at(world, "customs"), trip, "refuse", slot=asked.pk, reason="Sai số seal")
    act = at(world, "customs").get(url(trip)).content.decode().partition("split__act")[2]
    assert f'data-dialog="undo-{asked.pk}"' in act
    assert post(at(world, "customs"), trip, "undo", slot=asked.pk, reason="Đã bổ sung").status_code == 204
    assert fresh(asked).state == ConfirmationState.WAITING


def test_opening_with_the_last_confirmation_stays_small(world, django_assert_max_num_queries):
    trip = arrived(world)
    world.confirm(trip, "customs", "vehicle_and_goods")
    guard = at(world, "border_guard")
    pk = slot(trip, "border_guard", "driver_and_vehicle").pk
    with django_assert_max_num_queries(32):
        assert post(guard, trip, "confirm", slot=pk, opens=1).status_code == 204


def test_a_superscript_is_no_number(world):
    trip = arrived(world)
    answer = post(at(world, "customs"), trip, "confirm", slot="²")
    assert answer.status_code == 400
    assert trip.stages.get(moment="enter").confirmations.filter(state=ConfirmationState.CONFIRMED).count() == 0
