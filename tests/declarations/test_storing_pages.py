"""Storage and loading as their owner registers them; a yard that is full, a gate that is closed, told in time."""

from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from checkpoints.door import perform
from checkpoints.models import Closure, Transshipment
from declarations.models import Load
from declarations.views.access import usual_arrival
from gates.models import Yard, Zone
from notices.models import Notice
from notices.services import note_missed
from notices.words import told
from tests.checkpoints.test_correcting_pages import signed_in
from tests.declarations.pages import form, post, text
from tests.world import fresh, goods, make_gate, make_trader, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, world):
    client.force_login(world.trader)
    return client


@pytest.fixture
def zone(yard) -> Zone:
    return Zone.objects.create(yard=yard, code="kho-1", name="Kho số 1", kind="store", capacity=1)


@pytest.fixture
def source(world):
    sent = world.submit("import", vehicles=[vehicle("桂FA1234")], lines=[goods(quantity=10, weight=1000)])
    world.enter(sent.trips.get(), "B1")
    return sent.trips.get()


@pytest.fixture
def target(world):
    sent = world.submit("collect_import", vehicles=[vehicle("11C44444")])
    world.enter(sent.trips.get(), "B2")
    return sent.trips.get()


def of(name: str, trip) -> str:
    return reverse(f"declarations:{name}", args=[trip.declaration.code, trip.position])


def store(client, trip, quantity: str = "10", **data):
    load = Load.objects.get(trip=trip)
    return client.post(of("store", trip), {"key": str(uuid4()), f"quantity-{load.pk}": quantity, **data})


def load_of(client, declaration, yard, quantity: str, **data):
    load = Load.objects.get(yard=yard)
    address = reverse("declarations:load", args=[declaration.code, yard.pk])
    return client.post(address, {"key": str(uuid4()), f"quantity-{load.pk}": quantity, **data})


def detail(client, declaration) -> str:
    return text(client.get(reverse("declarations:detail", args=[declaration.code])))


def stored(world, source, quantity: str = "10") -> None:
    given = {"yard": world.gate.yards.get(), "quantities": {str(source.loads.get().pk): quantity}}
    perform("register_storage", source, actor=world.trader, key=None, **given)
    world.confirm(source, "customs", "storage_or_unloading")


def test_goods_are_registered_to_be_unloaded_and_the_page_tells_where(client, world, source, zone):
    response = store(client, source, "4", place=f"zone:{zone.pk}", labour="Đội 2")

    assert response.url == reverse("declarations:detail", args=[source.declaration.code])
    registered = Transshipment.objects.get()
    assert (registered.yard, registered.zone, registered.labour) == (zone.yard, zone, "Đội 2")
    page = detail(client, source.declaration)
    assert "Đăng ký hạ xuống" in page
    assert "Kho số 1" in page
    assert "Hàng trong kho, bãi" not in page, "nothing lies there yet"
    world.confirm(source, "customs", "storage_or_unloading")
    page = detail(client, source.declaration)
    assert "Hàng trong kho, bãi" in page
    assert reverse("declarations:load", args=[source.declaration.code, zone.yard.pk]) in page


def test_a_yard_without_zones_takes_goods_too(client, source, yard):
    assert store(client, source, place=f"yard:{yard.pk}").status_code == 302
    assert (Transshipment.objects.get().yard, Transshipment.objects.get().zone) == (yard, None)


def test_a_full_zone_is_told_of_and_takes_the_goods(client, source, zone):
    Zone.objects.update(capacity=0)
    response = store(client, source, place=f"zone:{zone.pk}")
    assert "Kho số 1 đã đầy: 0/0 xe." in text(client.get(response.url))
    assert Transshipment.objects.exists()


@pytest.mark.parametrize(
    ("quantity", "words"),
    [("11", "Nhiều hơn số hàng còn trên xe."), ("x", "Hãy ghi một số"), ("", "Hãy ghi số lượng"), ("-1", "Số không")],
)
def test_a_wrong_quantity_is_told_and_nothing_is_registered(client, source, yard, quantity, words):
    response = store(client, source, quantity, place=f"yard:{yard.pk}")
    assert response.status_code == 422
    assert words in text(response)
    assert not Transshipment.objects.exists()


@pytest.mark.parametrize("place", ["", "zone:999999", "yard:x", "khu-1"])
def test_a_place_that_is_none_of_the_gate_is_told(client, source, place):
    assert store(client, source, place=place).status_code == 422
    assert not Transshipment.objects.exists()


def test_a_zone_of_another_gate_or_out_of_use_is_not_offered(client, source, zone):
    away = make_gate("tra-linh", "Trà Lĩnh").yards.get()
    there = Zone.objects.create(yard=away, code="1", name="Kho Trà Lĩnh", capacity=3)
    page = text(client.get(of("store", source)))
    assert "Kho số 1" in page
    assert "Kho Trà Lĩnh" not in page
    assert store(client, source, place=f"zone:{there.pk}").status_code == 422
    Zone.objects.update(in_use=False)
    assert store(client, source, place=f"zone:{zone.pk}").status_code == 422
    assert not Transshipment.objects.exists()


def test_the_same_form_sent_twice_registers_once(client, source, yard):
    load = Load.objects.get(trip=source)
    data = {"key": str(uuid4()), f"quantity-{load.pk}": "4", "place": f"yard:{yard.pk}"}
    assert [client.post(of("store", source), data).status_code for _time in range(2)] == [302, 302]
    assert Transshipment.objects.count() == 1


def test_another_firms_goods_are_out_of_reach(client, world, source, yard):
    stored(world, source)
    client.force_login(make_trader("Công ty khác"))
    assert client.get(of("store", source)).status_code == 404
    assert client.get(reverse("declarations:load", args=[source.declaration.code, yard.pk])).status_code == 404


def test_goods_are_loaded_onto_an_own_truck_or_anothers_by_its_plate(client, world, source, target, yard):
    stored(world, source)
    assert load_of(client, source.declaration, yard, "3", target=str(target.pk)).status_code == 302
    carrier = make_trader("Công ty vận tải")
    other = world.submit("collect_import", vehicles=[vehicle("11C55555")], trader=carrier).trips.get()
    world.enter(other, "B2")
    answer = load_of(client, source.declaration, yard, "4", target="another", plate="11C-555.55", permit_number="GP-7")
    assert answer.status_code == 302
    assert dict(Transshipment.objects.filter(source=None).values_list("target__plate", "permit_number")) == {
        "11C44444": "",
        "11C55555": "GP-7",
    }
    assert "11C-555.55" in detail(client, source.declaration)
    assert load_of(client, source.declaration, yard, "4", target=str(target.pk)).status_code == 422

    client.force_login(carrier)
    page = detail(client, other.declaration)
    assert "Sẽ nhận hàng từ" in page
    assert "Tinh bột sắn" not in page
    registered = Transshipment.objects.get(target=other)
    back = reverse("declarations:decline_transshipment", args=[other.declaration.code, other.position, registered.pk])
    assert yard.name in text(client.get(back))
    assert client.post(back, {"key": str(uuid4()), "reason": "Xe hỏng"}).status_code == 302
    assert not Transshipment.objects.filter(target=other).exists()


def test_a_registered_loading_is_taken_back_by_the_owner(client, world, source, target, yard):
    stored(world, source)
    load_of(client, source.declaration, yard, "3", target=str(target.pk))
    registered = Transshipment.objects.get(target=target)
    back = reverse("declarations:cancel_transshipment", args=[source.declaration.code, registered.pk])
    assert client.post(back, {"key": str(uuid4())}).status_code == 302
    assert client.post(back, {"key": str(uuid4())}).status_code == 404
    assert not Transshipment.objects.filter(target=target).exists()


def test_no_truck_waits_for_the_goods(client, world, source, yard):
    stored(world, source)
    answer = load_of(client, source.declaration, yard, "3", target="another", plate="11C-999.99")
    assert answer.status_code == 422
    assert "đang chờ nhận hàng" in text(answer)


def test_the_place_permit_and_labour_of_a_transshipment_are_kept_and_shown_at_the_yard(
    client, world, source, target, zone
):
    load = Load.objects.get(trip=source)
    given = {"zone": zone.pk, "permit_number": "GP-12/2026", "labour": "Đội bốc xếp số 3", f"quantity-{load.pk}": "4"}
    assert client.post(of("transship", source), {"key": str(uuid4()), "target": target.pk, **given}).status_code == 302
    for agency in ("border_guard", "health_quarantine", "customs"):
        client.force_login(world.officer(agency))
        page = text(client.get(f"/console/ta-lung/a/{source.pk}/"))
        for words in ("Đăng ký sang tải", "Kho số 1", "GP-12/2026", "Đội bốc xếp số 3", "400 kg"):
            assert words in page, (agency, words)


# The yard that is full, the gate that is closed


def test_a_full_yard_is_told_on_the_form_and_as_a_warning(client, world, yard):
    trip = world.submit(vehicles=[vehicle("11C00009")]).trips.get()
    world.enter(trip, "B2")
    world.see(trip, "yard", "in")
    Yard.objects.update(capacity=1)
    cache.clear()
    words = "Bãi A đã đầy: 1/1 xe"
    assert words in text(client.get(reverse("declarations:new")))
    sent = post(client, form(world, yard=yard.pk, do="send"))
    page = text(client.get(sent.url))
    assert words in page
    assert "Vẫn gửi" in page
    later = timezone.localtime() + timedelta(days=2)
    kept = form(world, yard=yard.pk, do="send", expected_at=f"{later:%Y-%m-%dT%H:%M}")
    assert "?sent=1" in post(client, kept).url


def test_a_time_when_the_gate_is_closed_is_a_warning(client, world):
    now = timezone.localtime()
    world.gate.opens_at, world.gate.closes_at = time(now.hour), time((now.hour + 1) % 24)
    world.gate.save()
    sent = post(client, form(world, do="send"))
    assert "đóng cửa vào giờ này" in text(client.get(sent.url))


def at(hour: int, minute: int = 0, days: int = 0) -> datetime:
    day = timezone.localtime().replace(hour=hour, minute=minute, second=0, microsecond=0)
    return day + timedelta(days=days)


@pytest.mark.parametrize(
    ("now", "arrives"), [((8, 50), (11, 0, 0)), ((17, 30), (7, 0, 1)), ((23, 0), (7, 0, 1)), ((3, 0), (7, 0, 0))]
)
def test_the_form_offers_a_time_when_the_gate_is_open(world, monkeypatch, now, arrives):
    world.gate.opens_at, world.gate.closes_at = time(7), time(19)
    noon = at(*now)
    monkeypatch.setattr("declarations.views.access.timezone.localtime", lambda moment=None: _local(moment or noon))
    assert usual_arrival(world.gate) == at_day(noon, *arrives)


def _local(moment: datetime) -> datetime:
    return moment.astimezone(timezone.get_default_timezone())


def at_day(day: datetime, hour: int, minute: int, days: int) -> datetime:
    return day.replace(hour=hour, minute=minute) + timedelta(days=days)


@pytest.mark.parametrize(("end", "offered"), [((45, 27, 5), 60), ((45, 0, 0), 45), ((46, 0, 0), 60), ((0, 0, 1), 15)])
def test_the_form_offers_the_first_full_quarter_after_a_suspension(world, end, offered):
    now = timezone.now()
    hour = (now + timedelta(hours=9)).replace(minute=0, second=0, microsecond=0)
    minute, second, microsecond = end
    ends_at = hour + timedelta(minutes=minute, seconds=second, microseconds=microsecond)
    Closure.objects.create(
        gate=world.gate,
        kind=Closure.Kind.SUSPENDED,
        authority="UBND tỉnh",
        reason="Lũ",
        starts_at=now,
        ends_at=ends_at,
        entered_by=world.officer("zone_authority"),
        entered_at=now,
    )
    assert usual_arrival(world.gate) == hour + timedelta(minutes=offered)
    assert fresh(world.gate).is_open_at(now)


def test_customs_sees_goods_in_store_and_hands_over_those_ticked_with_a_case(client, world, source):
    stored(world, source)
    declaration, lying = source.declaration, Load.objects.get(yard__isnull=False)
    address = reverse("declarations:hand_over_stored", args=[declaration.code])
    given = {"case": "15/BB-2026", "reason": "Hàng hỏng, đã tiêu hủy", "load": lying.pk}
    assert address not in detail(client, declaration), "not for the declarant"
    assert "không có quyền" in text(client.post(address, given | {"key": str(uuid4())}, follow=True))
    customs = signed_in(world.officer("customs"))
    assert address in detail(customs, declaration)
    assert "Hãy chọn hàng" in text(customs.post(address, given | {"key": str(uuid4()), "load": ""}, follow=True))
    assert Load.objects.get(pk=lying.pk).yard is not None

    customs.post(address, given | {"key": str(uuid4())})

    assert Load.objects.get(pk=lying.pk).case == "15/BB-2026"
    assert "15/BB-2026" in detail(client, declaration)
    history = text(customs.get(reverse("checkpoints:history_declaration", args=[declaration.code])))
    assert "Bàn giao hàng trong kho, bãi" in history
    note_missed()
    notice = Notice.objects.filter(kind="handed_over", role="").select_related("fact__declaration", "fact__trip").get()
    assert "hàng trong kho, bãi của tờ khai" in told(notice).text
