"""The yard operators' API: what the yard's own system saw counts as its camera does."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.keys import issue
from accounts.models import ApiKey, Role
from checkpoints.door import perform
from checkpoints.models import Passage
from gates.models import Yard, Zone
from tests.world import World, fresh, goods, make_gate, vehicle

pytestmark = pytest.mark.django_db
URL = "/api/v1/yards/huu-nghi/a/"


@pytest.fixture
def world() -> World:
    return World(gate=make_gate("huu-nghi", "Hữu Nghị", book="lang_son_2024_amended"))


@pytest.fixture
def send(world):
    headers = {"Authorization": f"Key {issue(world.officer('yard_operator'), name='Hệ thống bãi A')}"}

    def posted(key="1", url=f"{URL}events/", **event):
        body = {"plate": "11C-123.45", "direction": "in", "happened_at": timezone.now().isoformat()} | event
        sent = headers | ({"Idempotency-Key": key} if key else {})
        return Client().post(url, body, content_type="application/json", headers=sent)

    return posted


def entered(world):
    trip = world.submit().trips.get()
    world.enter(trip, "B2")
    return trip


def test_a_vehicle_that_the_yards_system_saw_is_confirmed_at_its_gate(world, send):
    trip = entered(world)
    answer = send()
    assert (answer.status_code, answer.json()) == (202, {"trip": trip.pk})
    entry = trip.stages.get(moment="yard_in").confirmations.get()
    assert (entry.state, entry.fact.actor) == ("confirmed", world.officer("yard_operator"))
    assert trip.stages.filter(moment="yard", completed_at=None).exists()


def test_the_same_event_again_changes_nothing_and_another_under_its_key_is_refused(world, send):
    trip = entered(world)
    assert [send().status_code, send().status_code] == [202, 200]
    assert Passage.objects.filter(trip=trip, lane__yard__isnull=False).count() == 1
    other = world.submit(vehicles=[vehicle("12C00001")]).trips.get()
    world.enter(other, "B2")
    answer = send(plate="12C00001")
    assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")
    assert not Passage.objects.filter(trip=other, lane__yard__isnull=False).exists()


@pytest.mark.parametrize(
    ("event", "status", "code"),
    [
        ({"plate": "99H99999"}, 404, "unknown_plate"),
        ({"plate": ""}, 400, "plate_blank"),
        ({"direction": "both"}, 400, "direction_invalid_choice"),
        ({"happened_at": "hôm qua"}, 400, "happened_at_invalid"),
        ({"happened_at": (timezone.now() + timedelta(days=1)).isoformat()}, 400, "happened_at_invalid"),
        ({"key": ""}, 400, "idempotency_key"),
        ({"key": "x" * 90}, 400, "idempotency_key"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_recorded(world, send, event, status, code):
    trip = entered(world)
    answer = send(**event)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Passage.objects.filter(trip=trip, lane__yard__isnull=False).exists()


def test_who_does_not_run_the_yard_finds_none(world, send):
    trip = entered(world)
    assert send(url="/api/v1/yards/huu-nghi/nowhere/events/").status_code == 404
    assert send(url="/api/v1/yards/huu-nghi/B1/events/").status_code == 404
    customs = issue(world.officer("customs"), name="Hải quan")
    headers = {"Authorization": f"Key {customs}", "Idempotency-Key": "1"}
    assert Client().get(URL, headers=headers).status_code == 404
    assert Client().get(URL).status_code == 401
    assert Client().get(URL, headers={"Authorization": "Key wrong"}).status_code == 401
    assert not Passage.objects.filter(trip=trip, lane__yard__isnull=False).exists()


def test_a_revoked_key_opens_nothing(world, send):
    entered(world)
    ApiKey.objects.update(revoked_at=timezone.now())
    assert send().status_code == 401


def test_the_yard_tells_its_places_who_is_in_it_and_who_comes(world):
    trip = entered(world)
    soon = world.submit("import", vehicles=None).trips.get()
    client = Client(headers={"Authorization": f"Key {issue(world.officer('yard_operator'), name='A')}"})
    world.see(trip, "yard", "in")
    answer = client.get(URL).json()
    assert (answer["capacity"], answer["inside"]) == (100, ["11C12345"])
    assert [coming["plate"] for coming in answer["coming"]] == [soon.plate]
    changed = client.patch(URL, {"capacity": 80}, content_type="application/json")
    assert (changed.status_code, Yard.objects.get(code="a").capacity) == (200, 80)
    refused = client.patch(URL, {"capacity": -1}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (400, "capacity_min_value")
    assert Yard.objects.get(code="a").capacity == 80


def test_what_the_camera_saw_first_is_told_again_without_a_second_passage_and_its_key_is_kept(world, send):
    trip = entered(world)
    world.see(trip, "yard", "in")
    assert [send().status_code, send().status_code] == [202, 200]
    assert Passage.objects.filter(trip=trip, lane__yard__isnull=False).count() == 1


def test_a_late_retry_is_known_after_the_trip_has_ended(world, send):
    trip = world.submit("import", [vehicle("桂F12345")], outside_yard=True).trips.get()
    world.enter(trip, "B1")
    world.leave(trip, "B2")
    out = {"url": "/api/v1/yards/huu-nghi/b/events/", "plate": "桂F12345"}
    assert send(key="in", **out).status_code == 202
    world.confirm_all(trip)
    world.confirm_all(trip)
    assert send(key="out", direction="out", **out).status_code == 202
    assert fresh(trip).state == "left"
    assert send(key="out", direction="out", **out).status_code == 200


def test_what_happened_before_a_trip_was_declared_is_none_of_it(world, send):
    trip = entered(world)
    answer = send(happened_at=(timezone.now() - timedelta(days=1)).isoformat())
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_plate")
    assert not Passage.objects.filter(trip=trip, lane__yard__isnull=False).exists()


def test_who_runs_two_yards_of_a_gate_is_heard_at_both(world, send):
    trip = entered(world)
    operator = world.officer("yard_operator")
    Role.objects.filter(user=operator).update(yard=Yard.objects.get(code="b"))
    assert send().status_code == 404
    Role.objects.create(user=operator, code="yard_operator", gate=world.gate, yard=Yard.objects.get(code="a"))
    assert send().status_code == 202
    assert Passage.objects.filter(trip=trip, lane__yard__code="a").exists()


# Zones, stays, goods in store, plan


@pytest.fixture
def zone(world) -> Zone:
    return Zone.objects.create(yard=Yard.objects.get(code="a"), code="lanh", name="Khu lạnh", kind="cold", capacity=1)


@pytest.fixture
def ask(world):
    client = Client(headers={"Authorization": f"Key {issue(world.officer('yard_operator'), name='A')}"})
    return lambda part="": client.get(f"{URL}{part}")


def test_the_yards_system_tells_in_which_zone_a_vehicle_stands(world, send, ask, zone):
    trip = entered(world)
    assert send(zone="lanh").status_code == 202
    assert fresh(trip).zone == zone
    [stay] = ask("trucks/").json()
    assert (stay["plate"], stay["zone"], stay["is_over"], stay["standing"]) == ("11C12345", "lanh", False, "in_yard")
    assert ask().json()["zones"] == [
        {"code": "lanh", "name": "Khu lạnh", "kind": "cold", "capacity": 1, "in_use": True, "count": 1}
    ]
    assert send(key="2", direction="out").status_code == 202
    assert fresh(trip).zone is None


@pytest.mark.parametrize("event", [{"zone": "khac"}, {"zone": "lanh", "direction": "out"}, {"zone": "Khu lạnh"}])
def test_a_zone_that_is_none_of_the_yard_is_refused_and_nothing_recorded(world, send, zone, event):
    trip = entered(world)
    answer = send(**event)
    assert (answer.status_code, answer.json()["code"]) == (400, "zone_invalid")
    assert not Passage.objects.filter(trip=trip, lane__yard__isnull=False).exists()


def test_a_zone_out_of_use_takes_nobody(world, send, zone):
    entered(world)
    Zone.objects.update(in_use=False)
    assert send(zone="lanh").status_code == 400


def test_how_much_a_zone_holds_is_set_by_who_runs_the_yard(world, ask, zone):
    client = Client(headers={"Authorization": f"Key {issue(world.officer('yard_operator'), name='B')}"})

    def sets(code="lanh", **body):
        return client.patch(f"{URL}zones/{code}/", body, content_type="application/json")

    assert sets(capacity=7).json()["capacity"] == 7
    assert sets(in_use=False).json()["in_use"] is False
    assert (fresh(zone).capacity, fresh(zone).in_use) == (7, False)
    assert sets(capacity=-1).status_code == 400
    assert sets(capacity="nhiều").json()["code"] == "capacity_invalid"
    assert sets("khac", capacity=3).status_code == 404
    Role.objects.filter(user=world.officer("yard_operator")).update(yard=Yard.objects.get(code="b"))
    assert sets(capacity=3).status_code == 404
    assert fresh(zone).capacity == 7


def test_what_lies_in_store_is_told_with_its_clock(world, ask, zone):
    trip = world.submit("import", [vehicle("桂F12345")], [goods(quantity=9, weight=10)]).trips.get()
    world.enter(trip, "B1")
    world.see(trip, "yard", "in")
    given = {"yard": zone.yard, "zone": zone, "quantities": {str(trip.loads.get().pk): "4"}}
    perform("register_storage", trip, actor=world.trader, key=None, **given)
    assert ask("goods/").json() == []
    world.confirm(trip, "customs", "storage_or_unloading")
    [load] = ask("goods/").json()
    assert (load["declaration"], load["quantity"], load["weight"], load["zone"]) == (
        trip.declaration.code,
        "4.000",
        "4.44",
        "lanh",
    )
    assert load["since"]


def test_the_plan_of_a_yard_counts_by_the_hour(world, ask):
    declaration = world.submit(vehicles=[vehicle("11C10001"), vehicle("11C10002")])
    away = world.submit(vehicles=[vehicle("11C10003")], outside_yard=True)
    trip = entered(world)
    plan = ask("plan/").json()
    assert (plan["on_the_way"], plan["late"], len(plan["hours"])) == ([trip.plate], [], 24)
    hours = [hour for hour in plan["hours"] if hour["vehicles"]]
    assert [hour["plates"] for hour in hours] == [["11C10001", "11C10002"]]
    assert hours[0]["start"] <= timezone.localtime(declaration.expected_at).isoformat()
    assert away.trips.get().plate not in str(plan)


@pytest.mark.parametrize("part", ["", "trucks/", "goods/", "plan/"])
def test_what_a_yard_tells_is_for_who_runs_it(world, part):
    own = issue(world.officer("yard_operator"), name="A")
    Role.objects.filter(user=world.officer("yard_operator")).update(yard=Yard.objects.get(code="b"))
    for key, status in ((own, 404), (issue(world.officer("customs"), name="C"), 404), ("wrong", 401)):
        assert Client(headers={"Authorization": f"Key {key}"}).get(f"{URL}{part}").status_code == status
    assert Client().get(f"{URL}{part}").status_code == 401


def test_the_schema_tells_of_zones_stays_goods_and_plan():
    text = Client().get("/api/schema/", headers={"Accept": "application/json"}).content.decode()
    for name in ("set_zone", "list_yard_trucks", "list_yard_goods", "get_yard_plan", "may_stay_until", "on_the_way"):
        assert name in text
