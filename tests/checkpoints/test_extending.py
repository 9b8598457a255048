"""A declaration is good for longer: its declarant extends it once, the authority all that a gate awaits."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from checkpoints import tasks
from checkpoints.door import perform
from checkpoints.models import Fact
from checkpoints.refusals import Refusal
from declarations.models import Declaration
from notices.models import Notice
from notices.services import note_missed
from notices.words import told
from tests.checkpoints.test_correcting_pages import signed_in, text
from tests.world import World, fresh, make_gate, make_officer, make_trader, vehicle

pytestmark = pytest.mark.django_db

VALID = timedelta(hours=settings.DECLARATION_VALID_HOURS)
REASON = "Xe hỏng trên đường"


@pytest.fixture
def declaration(world) -> Declaration:
    return world.submit("export")


@pytest.fixture
def authority(world):
    return make_officer("zone_authority", world.gate)


def extend(declaration, actor, reason: str = REASON, move: str = "extend", **details):
    return perform(move, declaration, actor=actor, key=str(uuid4()), reason=reason, **details)


def refused(declaration, actor, **given) -> str:
    with pytest.raises(Refusal) as refusal:
        extend(declaration, actor, **given)
    return refusal.value.code


def arrives(declaration, ago: timedelta) -> None:
    Declaration.objects.filter(pk=declaration.pk).update(expected_at=timezone.now() - ago, extended_to=None)


def test_the_declarant_extends_once_by_as_long_again_and_it_does_not_expire(world, declaration):
    arrives(declaration, VALID - timedelta(hours=1))
    extend(declaration, world.trader)
    assert fresh(declaration).expires_at == fresh(declaration).expected_at + 2 * VALID
    arrived = fresh(declaration).expected_at - timedelta(hours=2)
    Declaration.objects.filter(pk=declaration.pk).update(expected_at=arrived)
    assert tasks.expire() == 0
    assert refused(declaration, world.trader) == "extended_already"
    Declaration.objects.filter(pk=declaration.pk).update(extended_to=timezone.now() - timedelta(minutes=1))
    assert tasks.expire() == 1
    assert fresh(declaration).state == "expired"


def test_the_sweep_that_comes_late_does_not_expire_what_was_just_extended(world, declaration):
    extend(declaration, world.trader)
    for move, subject in (("expire", declaration), ("expire_trip", declaration.trips.get())):
        with pytest.raises(Refusal) as refusal:
            perform(move, subject, actor=None, key=None)
        assert refusal.value.code == "extended"


def test_only_its_declarant_with_a_reason_and_before_it_is_over(world, declaration):
    assert refused(declaration, make_trader("Công ty khác")) == "not_yours"
    assert refused(declaration, world.officer("border_guard")) == "not_yours"
    assert refused(declaration, world.trader, reason="") == "reason_missing"
    arrives(declaration, VALID + timedelta(hours=1))
    assert refused(declaration, world.trader) == "not_extendable"
    assert refused(world.draft("export", [vehicle("11C77777")]), world.trader) == "not_extendable"


def test_a_declaration_whose_vehicles_all_came_is_not_extended(world, declaration):
    world.enter(declaration.trips.get(), "B2")
    assert refused(declaration, world.trader) == "not_extendable"


def test_the_authority_extends_all_that_its_gate_awaits_and_the_declarants_are_told(world, declaration, authority):
    entered = world.submit("export", [vehicle("11C77777")])
    world.enter(entered.trips.get(), "B2")
    elsewhere = World(gate=make_gate("tra-linh", "Trà Lĩnh"), trader=world.trader).submit(
        "export", [vehicle("11C66666")]
    )

    fact = extend(world.gate, authority, "Bên kia dừng thông quan", "extend_all", hours=72).fact

    assert fact.data == {"hours": 72, "declarations": 1}
    assert fresh(declaration).expires_at == declaration.expires_at + timedelta(hours=72)
    assert (fresh(entered).extended_to, fresh(elsewhere).extended_to) == (None, None)
    note_missed()
    words = [told(notice).text for notice in Notice.objects.filter(kind="extended")]
    assert len(words) == 1
    assert "Bên kia dừng thông quan" in words[0]
    extend(declaration, world.trader)
    assert Fact.objects.filter(move="extend").count() == 2, "the declarant's own extension is still there"


def test_only_the_authority_of_the_gate_extends_all_and_by_a_sensible_time(world, declaration, authority):
    gate = {"move": "extend_all", "hours": 72}
    assert refused(world.gate, world.officer("border_guard"), **gate) == "not_yours"
    assert refused(make_gate("tra-linh", "Trà Lĩnh"), authority, **gate) == "not_yours"
    for hours in (0, -1, 241):
        assert refused(world.gate, authority, **gate | {"hours": hours}) == "bad_hours"
    perform("withdraw", declaration, actor=world.trader, key=None)
    assert refused(world.gate, authority, **gate) == "none_awaited"
    typed = {"key": str(uuid4()), "extend-gate": world.gate.pk, "extend-hours": "48", "extend-reason": "Bão số 10"}
    page = signed_in(authority).post(reverse("checkpoints:extend_all"), typed)
    assert page.status_code == 409
    assert "Không có tờ khai nào đang chờ" in text(page)
    assert "Bão số 10" in text(page), "what was typed is kept"


def test_the_declarants_page_tells_until_when_and_extends(world, declaration):
    arrives(declaration, VALID - timedelta(hours=5))
    trader, address = signed_in(world.trader), reverse("declarations:detail", args=[declaration.code])
    page = text(trader.get(address))
    assert "Xe vào cửa khẩu theo tờ khai này đến" in page
    assert "card--wait" in page
    assert "Gia hạn thêm 72 giờ" in page
    trader.post(reverse("declarations:extend", args=[declaration.code]), {"key": str(uuid4()), "reason": REASON})
    page = text(trader.get(address))
    assert "Đã gia hạn tờ khai" in page
    assert "Gia hạn thêm 72 giờ" not in page
    assert "Gia hạn thêm 72 giờ" not in text(signed_in(world.officer("customs")).get(address))


def test_the_authoritys_page_extends_all(world, declaration, authority):
    page, address = signed_in(authority), reverse("checkpoints:extend_all")
    given = {"key": str(uuid4()), "extend-gate": world.gate.pk, "extend-hours": 72, "extend-reason": "Ách tắc"}
    assert page.post(address, given | {"extend-hours": 999}).status_code == 422
    assert "Đã gia hạn 1 tờ khai" in text(page.post(address, given, follow=True))
    assert fresh(declaration).extended_to is not None
    assert signed_in(world.trader).post(address, given).status_code == 403
