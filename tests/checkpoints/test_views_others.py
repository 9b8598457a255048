"""The yard operator's page, the authority's overview, the public page, the history."""

from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Role
from checkpoints.door import perform
from checkpoints.models import Fact, Passage
from checkpoints.views.figures import counts_today, flow_today, waits_today
from declarations.models import Trip
from tests.world import World, make_gate, make_officer, make_trader, vehicle

pytestmark = pytest.mark.django_db


def as_user(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def entered(world: World, plate: str = "11C12345") -> Trip:
    trip = world.submit(vehicles=[vehicle(plate)]).trips.get()
    world.enter(trip, "B2")
    return trip


def call_up(client: Client, trip: Trip, lane, yard: str = "a"):
    return client.post(f"/yard/ta-lung/{yard}/{trip.pk}/call-up/", {"key": uuid4(), "lane": lane.pk})


def test_the_yard_counts_who_is_inside_and_who_comes(world):
    inside, coming = entered(world, "11C10001"), entered(world, "11C10002")
    world.submit(vehicles=[vehicle("11C10003")])
    world.see(inside, "yard", "in")
    page = as_user(world.officer("yard_operator")).get("/yard/ta-lung/a/")
    assert [stay.truck.trip for stay in page.context["here"]] == [inside]
    assert [truck.trip for truck in page.context["coming"]] == [coming]
    assert [trip.plate for trip in page.context["expected"]] == ["11C10003"]
    assert (page.context["free"], page.context["taken"]) == (99, 1)


def test_the_operator_lets_trucks_in_and_out_by_hand(world):
    trip = entered(world)
    operator = as_user(world.officer("yard_operator"))
    assert call_up(operator, trip, world.lane("yard", "in")).status_code == 302
    assert operator.get("/yard/ta-lung/a/").context["taken"] == 1
    assert call_up(operator, trip, world.lane("yard", "out")).status_code == 302
    assert operator.get("/yard/ta-lung/a/").context["taken"] == 0
    assert Passage.objects.filter(by=world.officer("yard_operator")).count() == 2


def test_the_operator_of_one_yard_does_not_reach_another_nor_a_barrier(world):
    trip = entered(world)
    other = make_gate("tra-linh", "Trà Lĩnh")
    operator = make_officer("yard_operator", other)
    Role.objects.filter(user=operator).update(yard=other.yards.get())
    client = as_user(operator)
    assert client.get("/yard/ta-lung/a/").status_code == 404
    assert call_up(client, trip, world.lane("yard", "in")).status_code == 404
    own = as_user(world.officer("yard_operator"))
    assert call_up(own, trip, world.lane("B1", "out")).status_code == 404
    assert own.get("/yard/ta-lung/B1/").status_code == 404
    assert not Passage.objects.filter(lane__yard__isnull=False).exists()


@pytest.mark.parametrize(("who", "status"), [("zone_authority", 200), ("customs", 404), ("trader", 404)])
def test_who_may_look_at_a_yard(world, who, status):
    user = world.trader if who == "trader" else world.officer(who)
    assert as_user(user).get("/yard/ta-lung/a/").status_code == status


def test_an_overseer_lets_no_truck_in(world):
    trip = entered(world)
    overseer = as_user(world.officer("zone_authority"))
    assert "call-up" not in overseer.get("/yard/ta-lung/a/").content.decode()
    call_up(overseer, trip, world.lane("yard", "in"))
    assert not Passage.objects.filter(lane__yard__isnull=False).exists()


def test_the_yard_finds_a_truck_by_plate(world):
    trip = entered(world)
    page = as_user(world.officer("yard_operator")).get("/yard/ta-lung/a/search/", {"q": "123.46"}).content.decode()
    assert f"/yard/ta-lung/a/{trip.pk}/call-up/" in page


def test_the_yards_page_asks_as_often_for_many_trucks_as_for_few(world, django_assert_max_num_queries):
    client = as_user(world.officer("yard_operator"))

    def asked() -> int:
        with django_assert_max_num_queries(12) as counted:
            client.get("/yard/ta-lung/a/")
        return len(counted)

    world.see(entered(world, "11C10000"), "yard", "in")
    few = asked()
    for n in range(1, 6):
        world.see(entered(world, f"11C1000{n}"), "yard", "in")
    assert asked() == few


def test_operators_are_led_to_their_yard(world):
    operator = as_user(world.officer("yard_operator"))
    assert operator.get("/console/").url == "/yard/"
    assert operator.get("/yard/").url == "/yard/ta-lung/a/"


def test_the_overview_counts_the_day(world):
    trip = entered(world)
    world.submit(vehicles=[vehicle("11C10002"), vehicle("11C10003")])
    lane = world.lane("B2", "out")
    guard = world.officer("border_guard")
    perform("open_forced", world.gate, actor=guard, key=None, lane=lane, reason="Xe cứu thương")
    page = as_user(world.officer("zone_authority")).get("/overview/")
    assert page.context["total"] == {"declared": 3, "entered": 1, "left": 0, "forced": 1}
    assert page.context["inside"] == 1
    assert "Xe cứu thương" in page.content.decode()
    assert '<svg class="plan"' in page.content.decode()
    assert trip.plate not in page.content.decode()


@pytest.mark.parametrize(("who", "status"), [("zone_authority", 200), ("industry_trade", 200), ("customs", 403)])
def test_who_may_see_the_overview(world, who, status):
    assert as_user(world.officer(who)).get("/overview/").status_code == status


def test_an_overseer_of_one_gate_sees_that_gate_only(world):
    make_gate("tra-linh", "Trà Lĩnh")
    page = as_user(world.officer("zone_authority")).get("/overview/")
    assert [each["now"].gate.code for each in page.context["gates"]] == ["ta-lung"]


def test_the_overview_keeps_its_budget(world, django_assert_max_num_queries):
    entered(world)
    client = as_user(world.officer("zone_authority"))
    with django_assert_max_num_queries(18):
        assert client.get("/overview/").status_code == 200


def test_figures_of_the_day(world):
    trip = entered(world)
    assert waits_today([world.gate]) == {(world.gate.pk, "B2"): [0]}
    assert counts_today([world.gate])[world.gate.pk]["entered"] == 1
    assert sum(hour["entered"] for hour in flow_today([world.gate])) == 1
    world.confirm_all(trip)
    world.confirm_all(trip)
    world.leave(trip, "B1")
    assert sum(hour["left"] for hour in flow_today([world.gate])) == 1


def test_the_public_page_tells_queue_and_room_without_names(world):
    entered(world, "11C10001")
    waiting = world.submit(vehicles=[vehicle("11C10002")]).trips.get()
    world.see(waiting, "B2", "in")
    page = Client().get("/")
    body = page.content.decode()
    assert page.context["gates"][0].at("B2").count == 1
    assert "11C" not in body
    assert world.trader.full_name not in body
    assert "Barie số 2" in body


@pytest.mark.parametrize(("path", "language"), [("/", "vi"), ("/en/", "en"), ("/zh-hans/", "zh-hans")])
def test_the_public_page_in_three_languages(world, path, language):
    assert f'<html lang="{language}"' in Client().get(path).content.decode()


def test_the_public_page_is_read_once_for_many(world, django_assert_num_queries):
    Client().get("/")
    with django_assert_num_queries(0):
        Client().get("/?part=gates")


def test_the_history_tells_who_did_what_and_why(world):
    trip = world.submit().trips.get()
    world.see(trip, "B2", "in")
    slot = world.waiting(trip)[0]
    guard = world.officer("border_guard")
    perform("refuse", trip, actor=guard, key=None, confirmation=slot.pk, reason="Sai số seal")
    page = as_user(world.officer("customs")).get(f"/history/trips/{trip.pk}/")
    entries = page.context["entries"]
    assert [entry["fact"].move for entry in entries] == ["refuse", "record_passage", "confirm"]
    assert (entries[0]["by"], entries[0]["fact"].reason) == ("Cán bộ border_guard · Đơn vị border_guard", "Sai số seal")
    assert "Sai số seal" in page.content.decode()


def test_the_history_of_a_declaration_holds_all_its_trucks(world):
    declaration = world.submit(vehicles=[vehicle("11C10001"), vehicle("11C10002")])
    page = as_user(world.officer("customs")).get(f"/history/declarations/{declaration.code}/")
    facts = Fact.objects.filter(declaration=declaration).count()
    assert len(page.context["entries"]) == facts == 3


def test_the_history_is_for_officers_of_the_gate(world):
    trip = world.submit().trips.get()
    stranger = make_officer("customs", make_gate("tra-linh", "Trà Lĩnh"))
    path = f"/history/trips/{trip.pk}/"
    assert as_user(stranger).get(path).status_code == 404
    assert as_user(world.trader).get(path).status_code == 403
    assert as_user(make_trader("Công ty khác")).get(path).status_code == 403
    assert Client().get(path).status_code == 302
