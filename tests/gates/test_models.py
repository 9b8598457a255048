"""Gates: which book is followed on which day."""

from datetime import datetime, time, timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from gates.models import Gate
from tests.world import World, fresh, make_gate, vehicle

pytestmark = pytest.mark.django_db


def test_a_new_book_is_followed_from_its_day_and_a_trip_under_way_keeps_its_own():
    world = World()
    before = world.submit().trips.get()
    world.enter(before, "B2")
    today = timezone.localdate()
    Gate.objects.update(next_book_code="lang_son_2024_amended", next_book_from=today + timedelta(days=1))
    assert fresh(world.gate).book.code == "cao_bang_2026"
    Gate.objects.update(next_book_from=today)
    world.gate = fresh(world.gate)
    after = world.submit(vehicles=[vehicle("12C00001")]).trips.get()
    assert (fresh(before).book_code, after.book_code) == ("cao_bang_2026", "lang_son_2024_amended")
    world.confirm_all(before)
    assert [stage.moment for stage in before.stages.order_by("position")] == ["declare", "enter", "yard", "fee"]


def test_a_next_book_needs_its_day():
    gate = make_gate()
    gate.next_book_code = "lang_son_2024_amended"
    with pytest.raises(IntegrityError, match="next_book_has_its_day"):
        gate.save()


@pytest.mark.parametrize(
    ("opens", "closes", "now", "is_open", "opens_next"),
    [
        (7, 19, "07:00", True, None),
        (7, 19, "18:59", True, None),
        (7, 19, "19:00", False, "2026-11-23 07:00"),
        (7, 19, "06:59", False, "2026-11-22 07:00"),
        (19, 7, "23:00", True, None),
        (19, 7, "06:59", True, None),
        (19, 7, "12:00", False, "2026-11-22 19:00"),
        (0, 0, "03:00", True, None),
    ],
)
def test_the_hours_of_a_gate(opens, closes, now, is_open, opens_next):
    gate = Gate(opens_at=time(opens), closes_at=time(closes))
    moment = timezone.make_aware(datetime.fromisoformat(f"2026-11-22 {now}"))
    assert gate.is_open_at(moment) is is_open
    wanted = timezone.make_aware(datetime.fromisoformat(opens_next)) if opens_next else moment
    assert gate.next_open(moment) == wanted
