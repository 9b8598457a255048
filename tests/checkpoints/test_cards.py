"""The driver's card: its signed address, what it tells at each step, in the language of the phone."""

from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from checkpoints.cards import instruction, is_over, token_for, trip_id_of
from checkpoints.door import perform
from checkpoints.models import TripStage
from checkpoints.selectors import lanes_of, trucks
from declarations.models import Trip
from gates.models import Yard

pytestmark = pytest.mark.django_db


def truck(trip: Trip):
    return trucks(Trip.objects.filter(pk=trip.pk), lanes_of())[0]


def told(trip: Trip) -> tuple[str, str]:
    found = truck(trip)
    now = instruction(found, yard=Yard.objects.filter(pk=found.yard_id).first())
    return now.title, now.tone


def test_a_token_leads_to_its_trip_and_cannot_be_guessed(world):
    trip = world.submit().trips.get()
    assert trip_id_of(token_for(trip)) == trip.pk
    assert trip_id_of(f"{trip.pk}:guessed") is None
    assert trip_id_of(signing.Signer(salt="other").sign(trip.pk)) is None


def test_the_card_tells_the_next_thing_at_every_step_of_an_export(world):
    trip = world.submit().trips.get()
    assert told(trip) == ("Đi tới Barie số 2", "")
    world.see(trip, "B2", "in")
    assert told(trip) == ("Chờ tại Barie số 2", "wait")
    world.confirm_all(trip)
    assert told(trip) == ("Chờ mở barie", "ok")
    world.open(trip)
    assert told(trip) == ("Đi vào Bãi A", "")
    world.see(trip, "yard", "in")
    assert told(trip) == ("Chờ tại Bãi A", "wait")
    world.confirm_all(trip)
    assert told(trip) == ("Chờ nộp phí", "wait")
    world.confirm_all(trip)
    assert told(trip) == ("Đi tới Barie số 1", "ok")
    world.leave(trip, "B1")
    assert told(trip) == ("Đã rời cửa khẩu", "ok")


def test_the_card_tells_why_a_truck_that_came_early_waits(world):
    trip = world.submit().trips.get()
    world.enter(trip, "B2")
    world.see(trip, "B1", "out")
    now = instruction(truck(trip), yard=None)
    assert now.title == "Chưa được qua Barie số 1"
    assert now.why.startswith("Đang chờ: Hải quan, Biên phòng")


def test_the_card_tells_who_refused_and_why(world):
    trip = world.submit().trips.get()
    world.see(trip, "B2", "in")
    slot = world.waiting(trip)[0]
    perform("refuse", trip, actor=world.officer(slot.agency), key=None, confirmation=slot.pk, reason="Sai số seal")
    page = Client().get(f"/card/{token_for(trip)}/").content.decode()
    assert "Biên phòng yêu cầu bổ sung" in page
    assert "Sai số seal" in page


def test_an_empty_truck_waits_for_goods(world):
    trip = world.submit("collect_import").trips.get()
    world.enter(trip, "B2")
    world.see(trip, "yard", "in")
    assert told(trip) == ("Chờ sang tải tại Bãi A", "wait")


def test_the_card_opens_for_who_has_its_address_and_nobody_else(world):
    trip = world.submit().trips.get()
    response = Client().get(f"/card/{token_for(trip)}/")
    assert response.status_code == 200
    assert 'data-plate="11C12345"' in response.content.decode()
    assert response["Referrer-Policy"] == "no-referrer"
    assert Client().get(f"/card/{trip.pk}/").status_code == 404
    assert Client().get(f"/card/{trip.pk}:x/").status_code == 404


def test_a_draft_has_no_card(world):
    assert Client().get(f"/card/{token_for(world.draft().trips.get())}/").status_code == 404


@pytest.mark.parametrize(("asked", "answered"), [("vi-VN,vi", "vi"), ("en-US,en", "en"), ("zh-CN,zh", "zh-hans")])
def test_the_card_speaks_the_phones_language(world, asked, answered):
    trip = world.submit().trips.get()
    response = Client().get(f"/card/{token_for(trip)}/", headers={"Accept-Language": asked})
    assert response["Content-Language"] == answered
    assert f'<html lang="{answered}"' in response.content.decode()


def test_the_card_ends_a_day_after_its_trip(world):
    trip = world.submit().trips.get()
    world.enter(trip, "B2")
    world.confirm_all(trip)
    world.confirm_all(trip)
    world.leave(trip, "B1")
    assert not is_over(truck(trip))
    TripStage.objects.filter(trip=trip).update(completed_at=timezone.now() - timedelta(hours=25))
    assert is_over(truck(trip))
    assert Client().get(f"/card/{token_for(trip)}/").status_code == 410
