"""Vehicles that stay longer than they may: derived, shown, told once, a violation noted; nothing is held up."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from checkpoints import tasks
from checkpoints.door import perform
from checkpoints.models import Fact, StayLimit, Transshipment
from checkpoints.refusals import Refusal
from checkpoints.selectors import trucks
from declarations.models import Trip
from notices.models import Notice
from notices.services import note_missed
from notices.words import told
from tests.checkpoints.test_correcting_pages import signed_in, text
from tests.world import ago, fresh, goods, make_officer, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def emptied(world) -> Trip:
    """A Chinese truck whose goods went over to a Vietnamese one."""
    source = world.submit("import", [vehicle("桂F12345")], [goods(quantity=10, weight=1000)]).trips.get()
    target = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(source, "B1")
    world.enter(target, "B2")
    perform("register_transshipment", target, actor=world.trader, key=None, source=source)
    world.confirm(source, "customs", "transshipment")
    return source


def deadline(trip):
    return trucks(Trip.objects.filter(pk=trip.pk), ())[0].deadline


def over(trip) -> bool:
    return trucks(Trip.objects.filter(pk=trip.pk), ())[0].overstays is not None


def test_a_truck_that_gave_its_goods_must_leave_within_24_hours_of_that(world, emptied):
    assert (deadline(emptied).kind, deadline(emptied).hours) == ("delivered", 24)
    assert deadline(emptied).at == Transshipment.objects.get().moved_at + timedelta(hours=24)
    ago(hours=23)
    assert not over(emptied)
    ago(hours=2)
    assert over(emptied)


def test_an_empty_one_that_takes_goods_home_within_36_hours_of_entering(world):
    trip = world.submit("collect_export", [vehicle("桂F12345")]).trips.get()
    assert deadline(trip) is None
    world.enter(trip, "B1")
    assert (deadline(trip).kind, deadline(trip).hours) == ("collecting", 36)
    ago(hours=35)
    assert not over(trip)
    ago(hours=2)
    assert over(trip)


def test_no_limit_holds_for_a_truck_with_its_own_goods_nor_for_one_of_here_nor_after_it_left(world, emptied):
    loaded = world.submit("import", [vehicle("桂L00002")]).trips.get()
    world.enter(loaded, "B1")
    own = world.submit("export", [vehicle("11C77777")]).trips.get()
    world.enter(own, "B2")
    ago(hours=200)
    assert (deadline(loaded), deadline(own)) == (None, None)
    world.leave(emptied, "B1")
    assert deadline(emptied) is None


def test_the_limits_are_data_with_dates_one_of_the_country_before_one_of_any(world, emptied):
    yesterday = timezone.localdate() - timedelta(days=1)
    StayLimit.objects.filter(kind="delivered").update(valid_to=yesterday)
    assert deadline(emptied) is None
    StayLimit.objects.create(kind="delivered", hours=12, valid_from=yesterday)
    assert deadline(emptied).hours == 12
    StayLimit.objects.create(kind="delivered", country="CN", hours=48, valid_from=yesterday)
    assert deadline(emptied).hours == 48


def test_it_is_told_once_and_holds_nothing_up(world, emptied):
    assert tasks.tell_overstays() == 0
    ago(hours=25)
    assert tasks.tell_overstays() == 1
    assert tasks.tell_overstays() == 0
    note_missed()
    notices = Notice.objects.filter(kind="overstayed").select_related("fact__declaration", "fact__trip")
    assert sorted(notice.role for notice in notices) == ["", "border_guard"]
    assert "đã quá hạn" in told(notices[0]).text
    world.leave(emptied, "B1")
    assert fresh(emptied).state == "left"


def test_the_border_guard_notes_the_violation_once_with_its_record(world, emptied):
    guard = world.officer("border_guard")

    def refused(actor, reason: str = "BB-07/2026") -> str:
        with pytest.raises(Refusal) as refusal:
            perform("note_overstay", emptied, actor=actor, key=str(uuid4()), reason=reason)
        return refusal.value.code

    assert refused(guard) == "in_time"
    ago(hours=25)
    assert refused(world.officer("customs")) == "not_yours"
    assert refused(guard, "") == "reason_missing"
    perform("note_overstay", emptied, actor=guard, key=None, reason="BB-07/2026")
    assert refused(guard) == "noted_already"
    assert Fact.objects.get(move="note_overstay").reason == "BB-07/2026"


def test_no_hour_counts_while_it_is_seized_and_all_count_anew_after_it(world, emptied):
    customs = world.officer("customs")
    ago(hours=25)
    perform("seize", emptied, actor=customs, key=None, case="12/VPHC-2026", takes="vehicle", reason="kiểm tra")
    assert deadline(emptied) is None
    assert tasks.tell_overstays() == 0
    released = perform("release", emptied, actor=customs, key=None, reason="hợp lệ").fact
    assert deadline(emptied).at == released.recorded_at + timedelta(hours=24)


def test_a_move_asks_once_how_long_the_vehicle_may_stay(world, emptied):
    ago(hours=25)
    with CaptureQueriesContext(connection) as asked:
        perform("overstay", emptied, actor=None, key=None)
    assert sum('"checkpoints_staylimit"' in query["sql"] for query in asked) == 1


def test_it_shows_at_the_console_to_the_authority_and_to_the_declarant(world, emptied):
    ago(hours=27)
    guard = signed_in(world.officer("border_guard"))
    address = f"/console/ta-lung/B1/{emptied.pk}/"
    page = text(guard.get(address))
    assert "Quá thời hạn lưu lại 3 giờ 00" in page
    assert "Ghi vi phạm quá hạn" in page
    data = {"key": str(uuid4()), "reason": "BB-07/2026"}
    guard.post(f"{address}exception/note_overstay/", data, headers={"HX-Request": "true"})
    assert "Đã ghi vi phạm." in text(guard.get(address))
    authority = signed_in(make_officer("zone_authority", world.gate))
    assert "quá 3 giờ 00, đã ghi vi phạm" in text(authority.get("/overview/"))
    assert "Quá thời hạn lưu lại 3 giờ 00" in text(signed_in(world.trader).get("/declarations/"))
    detail = signed_in(world.trader).get(f"/declarations/{emptied.declaration.code}/")
    assert "Quá thời hạn lưu lại 3 giờ 00" in text(detail)
