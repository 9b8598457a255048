"""A gate restricted or suspended: who announces it, until when, and where it is read."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from checkpoints.closures import announced, holding
from checkpoints.door import perform
from checkpoints.facts import verify
from checkpoints.models import Closure, Fact
from checkpoints.refusals import Refusal
from declarations.models import Declaration
from tests.declarations.pages import form
from tests.world import fresh, make_gate, make_officer

pytestmark = pytest.mark.django_db

REASON = "Sạt lở đường vào barie số 1"
HOUR = timedelta(hours=1)


def as_user(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def announce(world, *, actor=None, begins=-HOUR, ends=HOUR, key=None, **details) -> Closure:
    now = timezone.now()
    details = {"kind": "suspended", "authority": "UBND tỉnh Cao Bằng", "reason": REASON} | details
    actor = actor or world.officer("zone_authority")
    perform("announce_closure", world.gate, actor=actor, key=key, starts_at=now + begins, ends_at=now + ends, **details)
    return Closure.objects.get()


def lift(world, closure, *, actor=None, gate=None, reason="Đã thông đường"):
    actor = actor or world.officer("zone_authority")
    perform("lift_closure", gate or world.gate, actor=actor, key=None, closure=closure.pk, reason=reason)


def refused(act) -> str:
    with pytest.raises(Refusal) as told:
        act()
    return told.value.code


def data(gate, **given):
    now = timezone.localtime()
    return {
        "key": uuid4(),
        "gate": gate.pk,
        "kind": "suspended",
        "authority": "UBND tỉnh Cao Bằng",
        "reason": REASON,
        "starts_at": f"{now:%Y-%m-%dT%H:%M}",
        "ends_at": f"{now + 3 * HOUR:%Y-%m-%dT%H:%M}",
        **given,
    }


def test_the_zone_authority_announces_a_closure_once(world):
    closure = announce(world, key="once")
    assert (closure.gate, closure.kind, closure.reason) == (world.gate, "suspended", REASON)
    assert announced([world.gate]) == [closure]
    assert announce(world, key="once") == closure
    fact = Fact.objects.get(move="announce_closure")
    assert (fact.gate, fact.agency, fact.reason, fact.data["closure"]) == (
        world.gate,
        "zone_authority",
        REASON,
        closure.pk,
    )
    assert sum(1 for _ in verify()) == 1


def test_nobody_else_announces_or_lifts_it(world):
    closure = announce(world)
    elsewhere = make_officer("zone_authority", make_gate("tra-linh", "Trà Lĩnh"))
    for actor in (world.officer("border_guard"), world.officer("industry_trade"), world.trader, elsewhere):
        assert refused(lambda actor=actor: announce(world, actor=actor)) == "not_yours"
        assert refused(lambda actor=actor: lift(world, closure, actor=actor)) == "not_yours"
    assert fresh(closure).lifted_at is None


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"ends": -2 * HOUR}, "ends_too_early"),
        ({"begins": -3 * HOUR, "ends": -HOUR}, "ends_too_early"),
        ({"reason": " "}, "reason_missing"),
        ({"reason": "x" * 501}, "reason_too_long"),
    ],
)
def test_what_is_wrong_with_it_is_told(world, wrong, code):
    assert refused(lambda: announce(world, **wrong)) == code
    assert not Closure.objects.exists()


def test_the_database_keeps_an_end_after_the_beginning(world):
    closure = announce(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Closure.objects.filter(pk=closure.pk).update(ends_at=closure.starts_at)


def test_it_is_lifted_ahead_of_its_end_and_only_once(world):
    closure = announce(world)
    other = make_gate("tra-linh", "Trà Lĩnh")
    everywhere = make_officer("zone_authority", None)
    assert refused(lambda: lift(world, closure, actor=everywhere, gate=other)) == "closure_over"
    assert refused(lambda: lift(world, closure, reason="")) == "reason_missing"
    lift(world, closure)
    assert announced() == []
    assert refused(lambda: lift(world, closure)) == "closure_over"


def test_which_closure_holds_when(world):
    closure = announce(world, begins=HOUR, ends=3 * HOUR)
    now = timezone.now()
    assert [each.holds for each in announced()] == [False]
    assert holding(world.gate, now) is None
    assert holding(world.gate, now + 2 * HOUR) == closure
    assert holding(world.gate, closure.ends_at) is None
    assert holding(make_gate("tra-linh", "Trà Lĩnh"), now + 2 * HOUR) is None


def test_it_holds_no_truck_up(world):
    announce(world)
    trip = world.submit("export").trips.get()
    world.enter(trip, "B2")
    assert fresh(trip).state == "under_way"


def test_the_page_announces_and_lifts(world):
    client = as_user(world.officer("zone_authority"))
    assert "Không có thông báo nào" in client.get("/closures/").content.decode()
    assert client.post("/closures/", data(world.gate)).url == "/closures/"
    closure = Closure.objects.get()
    assert closure.entered_by == world.officer("zone_authority")
    shown = client.get("/closures/").content.decode()
    assert REASON in shown
    assert "Đang có hiệu lực" in shown
    client.post(f"/closures/{closure.pk}/lift/", {"key": uuid4(), "reason": "Đã thông đường"})
    assert fresh(closure).lifted_at
    assert "gỡ lúc" in client.get("/closures/").content.decode()
    again = {"key": uuid4(), "reason": "Đã thông đường"}
    told = client.post(f"/closures/{closure.pk}/lift/", again, headers={"HX-Request": "true"})
    assert (told.status_code, "Chưa được ghi nhận" in told.content.decode()) == (409, True)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"ends_at": "2026-01-01T00:00"}, "Thời điểm kết thúc"),
        ({"ends_at": "mai"}, "Hãy ghi ngày giờ"),
        ({"ends_at": ""}, "bắt buộc"),
        ({"authority": ""}, "bắt buộc"),
        ({"reason": "x" * 501}, "Dài quá 500 ký tự."),
        ({"kind": "open"}, ""),
        ({"gate": "x"}, ""),
    ],
)
def test_the_page_keeps_what_was_typed_and_says_what_is_wrong(world, wrong, words):
    answer = as_user(world.officer("zone_authority")).post("/closures/", data(world.gate) | wrong)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Closure.objects.exists()


def test_the_page_is_for_the_zone_authority_at_its_gates(world):
    other = make_gate("tra-linh", "Trà Lĩnh")
    client = as_user(world.officer("zone_authority"))
    assert client.post("/closures/", data(other)).status_code == 422
    closure = announce(world)
    elsewhere = as_user(make_officer("zone_authority", other))
    assert elsewhere.post(f"/closures/{closure.pk}/lift/", {"reason": "x"}).status_code == 404
    for user in (world.officer("border_guard"), world.trader):
        assert as_user(user).get("/closures/").status_code == 403
        assert as_user(user).post(f"/closures/{closure.pk}/lift/").status_code == 403
    assert Client().get("/closures/").status_code == 302


def test_everybody_reads_it_on_the_public_page(world):
    before = Client().get("/").content.decode()
    assert REASON not in before
    as_user(world.officer("zone_authority")).post("/closures/", data(world.gate))
    shown = Client().get("/").content.decode()
    assert REASON in shown
    assert "Tạm dừng" in shown
    assert "UBND tỉnh Cao Bằng" in shown


def test_consoles_yards_and_the_overview_tell_it(world):
    announce(world, kind="restricted")
    for who, path in (
        ("border_guard", "/closures/at/ta-lung/"),
        ("yard_operator", "/closures/at/ta-lung/"),
        ("zone_authority", "/overview/"),
    ):
        assert REASON in as_user(world.officer(who)).get(path).content.decode()
    for who, path in (("customs", "/console/ta-lung/B2/"), ("yard_operator", "/yard/ta-lung/a/")):
        assert 'hx-get="/closures/at/ta-lung/"' in as_user(world.officer(who)).get(path).content.decode()
    assert Client().get("/closures/at/ta-lung/").status_code == 302


def test_who_declares_an_arrival_into_it_is_warned_and_may_send_anyway(world):
    announce(world, begins=HOUR, ends=4 * HOUR)
    client = as_user(world.trader)
    assert REASON in client.get("/declarations/new/").content.decode()
    answer = client.post("/declarations/new/", form(world, do="send"))
    draft = Declaration.objects.get()
    assert draft.state == "draft"
    shown = client.get(answer.url)
    codes = {said.problem.at: said.problem.code for said in shown.context["forms"].warnings}
    assert codes["general.expected_at"] == "gate_closed"
    seen = shown.context["seen"]
    sent = form(world, do="send-anyway", seen=seen, version=draft.changed_at.isoformat())
    client.post(f"/declarations/{draft.code}/edit/", sent)
    assert fresh(draft).state == "submitted"
