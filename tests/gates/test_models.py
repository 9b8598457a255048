"""Gates: which book is followed on which day."""

from datetime import timedelta

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
