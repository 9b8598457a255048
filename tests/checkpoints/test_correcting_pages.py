"""Corrections on the screens: asked at the console, corrected on the phone or by the declarant, agreed to, told."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from checkpoints.cards import token_for
from checkpoints.door import perform
from checkpoints.models import Correction
from declarations.models import Trip
from notices.models import Notice
from notices.words import told
from tests.checkpoints.test_correcting import ask, awaited, correct, line_key, settle
from tests.world import fresh, goods, make_trader, vehicle

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def trip(world) -> Trip:
    """At B2, confirmed by customs and the border guard."""
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    world.see(trip, "B2", "in")
    world.confirm_all(trip)
    return trip


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def console(trip: Trip, move: str = "") -> str:
    return f"/console/ta-lung/B2/{trip.pk}/" + (f"correction/{move}/" if move else "")


def text(response) -> str:
    return " ".join(response.content.decode().split())


def card(trip: Trip, name: str = "card_correct") -> str:
    return reverse(f"checkpoints:{name}", args=[token_for(trip)])


def form_of(trip: Trip) -> str:
    return reverse("declarations:correct", args=[trip.declaration.code, trip.position])


def shown_with(declared: dict[str, str], **changed: str) -> dict[str, str]:
    """What a browser posts: each field, and the hidden value with which it was shown."""
    hidden = {f"initial-{key}": value for key, value in declared.items()}
    return {"key": str(uuid4()), **declared, **hidden, **changed}


def test_asked_at_the_console_corrected_on_the_phone_agreed_at_the_console(world, trip):
    guard = signed_in(world.officer("border_guard"))
    assert "ask-correction" in text(guard.get(console(trip)))
    data = {"key": uuid4(), "field": ["plate"], "reason": "Biển không khớp ảnh"}
    assert guard.post(console(trip, "ask"), data, headers=HTMX).status_code == 204
    page = text(guard.get(console(trip)))
    assert "Biển không khớp ảnh" in page
    assert "/open/" not in page

    phone = Client()
    assert "Sửa ngay" in text(phone.get(card(trip, "card")))
    assert 'name="plate"' in text(phone.get(card(trip)))
    sent = phone.post(card(trip), shown_with({"plate": "11C-123.45"}, plate="11C-123.46"))
    assert sent.status_code == 302
    assert fresh(trip).plate == "11C12345"

    page = text(guard.get(console(trip)))
    assert "Đồng ý sửa: Biển kiểm soát" in page
    proposal = Correction.objects.get().proposed_id
    agreed = guard.post(console(trip, "agree"), {"key": uuid4(), "proposal": proposal}, headers=HTMX)
    assert agreed.status_code == 204
    assert fresh(trip).plate == "11C12346"
    assert "/open/" in text(guard.get(console(trip)))


def test_the_country_that_a_plate_told_follows_the_corrected_plate_and_one_that_was_chosen_stays(world):
    told, chosen = (
        world.submit("import", [row]).trips.get() for row in (vehicle("桂F12345"), vehicle("11C77777", country="CN"))
    )
    trader = signed_in(world.trader)
    declared = {"plate": told.plate, "country": "CN"}
    assert trader.post(form_of(told), shown_with(declared, plate="11C-123.46")).status_code == 302
    assert (fresh(told).plate, fresh(told).country) == ("11C12346", "VN")

    corrected = shown_with({"plate": chosen.plate, "country": "CN"}, plate="11C-777.78", sure="on")
    assert trader.post(form_of(chosen), corrected).status_code == 302
    assert (fresh(chosen).plate, fresh(chosen).country) == ("11C77778", "CN")


def test_the_line_marks_the_truck_and_tells_whom_it_waits_for(world, trip):
    ask(world, trip, "plate")
    guard = signed_in(world.officer("border_guard"))
    assert "Đang sửa</span><span>Biển kiểm soát" in text(guard.get("/console/ta-lung/B2/?part=line"))
    correct(world, trip, {"plate": "11C12346"})
    assert "Đồng ý sửa?" in text(guard.get("/console/ta-lung/B2/?part=line"))
    customs = text(signed_in(world.officer("customs")).get("/console/ta-lung/B2/?part=line"))
    assert "Đang sửa" in customs
    assert "chờ Biên phòng" in customs


def test_who_must_agree_sees_the_truck_wherever_it_is(world):
    trip = world.submit("import", [vehicle("桂F12345")]).trips.get()
    world.enter(trip, "B1")
    world.confirm_all(trip)
    correct(world, fresh(trip), {line_key(trip, "weight"): "29500"}, sure=True)
    assert "health_quarantine" in awaited(trip)
    yard = text(signed_in(world.officer("health_quarantine")).get("/console/ta-lung/a/?part=line"))
    barrier = text(signed_in(world.officer("health_quarantine")).get("/console/ta-lung/B2/?part=line"))
    assert "Đồng ý sửa?" in yard
    assert "Đồng ý sửa?" in barrier
    assert "Đồng ý sửa?" not in text(signed_in(world.officer("transport")).get("/console/ta-lung/B2/?part=line"))
    assert "Đồng ý sửa: Trọng lượng" in text(
        signed_in(world.officer("health_quarantine")).get(console(trip).replace("B2", "B1"))
    )


def test_not_agreeing_asks_for_a_reason_and_a_stale_answer_is_told(world, trip):
    seen = correct(world, trip, {"plate": "11C12346"}).fact.pk
    guard = signed_in(world.officer("border_guard"))
    assert guard.post(console(trip, "reject"), {"key": uuid4(), "proposal": seen}, headers=HTMX).status_code == 409
    correct(world, trip, {"plate": "11C12347"})
    stale = guard.post(console(trip, "agree"), {"key": uuid4(), "proposal": seen}, headers=HTMX)
    assert stale.status_code == 409
    assert "vừa thay đổi" in text(stale)
    data = {"key": uuid4(), "proposal": Correction.objects.get().proposed_id, "reason": "Biển cũ mới đúng"}
    assert guard.post(console(trip, "reject"), data, headers=HTMX).status_code == 204


def test_who_only_looks_asks_for_nothing(world, trip):
    page = text(signed_in(world.officer("zone_authority")).get(console(trip)))
    assert "ask-correction" not in page


def test_a_phone_sees_what_is_wrong_and_overrides_a_warning(world, trip):
    ask(world, trip, "driver_phone")
    phone = Client()
    shown = {"driver_phone": "0912345678"}
    doubted = phone.post(card(trip), shown_with(shown, driver_phone="123"))
    assert doubted.status_code == 422
    assert "không theo mẫu" in text(doubted)
    assert 'name="sure"' in text(doubted)
    assert phone.post(card(trip), shown_with(shown, driver_phone="123", sure="on")).status_code == 302
    assert Correction.objects.get().after == {"driver_phone": "123"}


def test_a_card_has_no_form_while_nothing_is_asked(world, trip):
    assert Client().get(card(trip)).url == card(trip, "card")
    assert Client().get(card(trip).replace(token_for(trip), "1:forged")).status_code == 404


def test_the_declarant_corrects_what_is_found_wrong(world, trip):
    client = signed_in(world.trader)
    detail = reverse("declarations:detail", args=[trip.declaration.code])
    assert form_of(trip) in text(client.get(detail))
    assert 'name="driver_name"' in text(client.get(form_of(trip)))
    key = line_key(trip, "weight")
    posted = shown_with({"driver_name": "Lý Văn Sình", key: "30.000"}, driver_name="Hoàng Văn Thụ", **{key: "29.500"})
    response = client.post(form_of(trip), posted, follow=True)
    assert "chờ lực lượng đã xác nhận đồng ý" in text(response)
    assert Correction.objects.get().after == {"driver_name": "Hoàng Văn Thụ", key: "29500"}
    assert awaited(trip) == ["border_guard", "customs"]
    page = text(client.get(detail))
    assert "Hải quan" in page
    assert "chờ đồng ý" in page
    taken_back = reverse("declarations:withdraw_correction", args=[trip.declaration.code, trip.position])
    client.post(taken_back, {"key": str(uuid4())})
    assert Correction.objects.get().state == "withdrawn"


def test_a_field_left_as_it_was_shown_sets_nothing_back(world):
    trip = world.submit("export").trips.get()
    shown = shown_with({"plate": "11C-123.45", "driver_name": "Lý Văn Sình"}, driver_name="Hoàng Văn Thụ")
    correct(world, trip, {"plate": "11C99999"})
    signed_in(world.trader).post(form_of(trip), shown)
    assert (fresh(trip).plate, fresh(trip).driver_name) == ("11C99999", "Hoàng Văn Thụ")


def test_what_was_proposed_is_shown_to_be_changed_again(world, trip):
    key = line_key(trip, "quantity")
    correct(world, trip, {key: "1.234", "driver_name": "Hoàng Văn Thụ"})
    client = signed_in(world.trader)
    page = text(client.get(form_of(trip)))
    assert 'value="1,2340"' in page
    assert 'value="Hoàng Văn Thụ"' in page
    client.post(form_of(trip), shown_with({key: "1,2340", "driver_phone": "0912345678"}, driver_phone="0987654321"))
    after = Correction.objects.get().after
    assert after == {key: "1.234", "driver_name": "Hoàng Văn Thụ", "driver_phone": "0987654321"}


def test_another_firm_finds_no_form(world, trip):
    stranger = signed_in(make_trader("Công ty khác"))
    assert stranger.get(form_of(trip)).status_code == 404
    assert signed_in(world.officer("customs")).get(form_of(trip)).status_code == 403


def test_history_tells_before_and_after_until_it_is_erased(world, trip):
    ask(world, trip, "plate")
    correct(world, trip, {"plate": "11C12346"}, actor=None, card=token_for(trip))
    settle(world, trip)
    guard = signed_in(world.officer("border_guard"))
    url = f"/history/trips/{trip.pk}/"
    page = text(guard.get(url))
    for words in ("Yêu cầu sửa khai báo", "11C-123.45", "11C-123.46", "Đồng ý sửa", "Khai báo đã sửa", "Lái xe"):
        assert words in page
    Correction.objects.all().delete()
    page = text(guard.get(url))
    assert "11C-123.45" not in page
    assert "Biển kiểm soát" in page


def test_the_declarant_is_told(world, trip, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        ask(world, trip, "plate", reason="Biển không khớp ảnh")
        correct(world, trip, {"plate": "11C12346"})
        settle(world, trip, "reject", reason="Biển cũ mới đúng")
        ask(world, trip, "driver_phone", reason="Không gọi được")
        correct(world, trip, {"driver_phone": "0987654321"})
        settle(world, trip)
    words = [told(notice).text for notice in Notice.objects.filter(kind__contains="correct").order_by("pk")]
    assert words == [
        "Biên phòng yêu cầu sửa khai báo của phương tiện 11C-123.45 (Biển kiểm soát): Biển không khớp ảnh",
        "Biên phòng không đồng ý sửa khai báo của phương tiện 11C-123.45: Biển cũ mới đúng",
        "Biên phòng yêu cầu sửa khai báo của phương tiện 11C-123.45 (Số điện thoại lái xe): Không gọi được",
        "Khai báo của phương tiện 11C-123.45 đã sửa: Số điện thoại lái xe.",
    ]


def test_the_console_keeps_its_budget_with_corrections_open(world, django_assert_max_num_queries):
    trips = list(world.submit("export", [vehicle(f"11C1000{n}") for n in range(6)], [goods(quantity=600)]).trips.all())
    for trip in trips:
        world.see(trip, "B2", "in")
        world.confirm_all(trip)
        correct(world, trip, {"plate": trip.plate.replace("11C1", "11C2")})
    guard = signed_in(world.officer("border_guard"))
    guard.get("/console/ta-lung/B2/")
    with django_assert_max_num_queries(12):
        guard.get(console(trips[0]))
    with django_assert_max_num_queries(12):
        guard.get("/console/ta-lung/B2/")


def test_an_agreement_is_a_move_of_this_truck_alone(world, trip):
    other = world.submit("export", [vehicle("12C45678")]).trips.get()
    seen = correct(world, trip, {"plate": "11C12346"}).fact.pk
    guard = signed_in(world.officer("border_guard"))
    data = {"key": uuid4(), "proposal": seen}
    assert guard.post(console(other, "agree"), data, headers=HTMX).status_code == 409
    perform("agree_correction", trip, actor=world.officer("border_guard"), key=None, proposal=seen)
