"""Specialised drivers: kept by the border guard of a gate, chosen by declarants, refused where they may not drive."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from checkpoints.door import perform
from checkpoints.models import Correction
from checkpoints.refusals import Refusal
from declarations.checks import problems
from declarations.specialised import claims
from register.models import SpecialisedDriver
from tests.declarations.pages import form, post, text
from tests.world import fresh, make_gate, make_officer, vehicle

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def register(world, gate=None, **fields) -> SpecialisedDriver:
    given = {"name": "Mông Văn Trách", "phone": "0977000111", "paper_number": "004080000111", "valid_from": TODAY}
    keeper = world.officer("border_guard")
    return SpecialisedDriver.objects.create(gate=gate or world.gate, registered_by=keeper, **given | fields)


def driven_by(row: SpecialisedDriver, plate: str = "11C12345") -> dict:
    return vehicle(plate, driver_name=row.name, driver_phone=row.phone, specialised_driver=True)


def said(draft) -> list[tuple[str, bool]]:
    return [(found.message, found.hard) for found in problems(draft) if found.code == "specialised_driver"]


def test_a_driver_of_the_gates_register_may_be_declared(world):
    row = register(world)
    draft = world.draft("export", vehicles=[driven_by(row)])

    assert said(draft) == []
    assert claims(draft.trips.all(), world.gate, day=TODAY)[draft.trips.get().pk].row == row


def test_a_form_holds_the_drivers_of_the_gate_chosen_and_brings_those_of_another_when_it_is(client, world):
    abroad = make_gate("soc-giang", "Sóc Giang")
    register(world)
    register(world, abroad, name="Hoàng Văn Xa", phone="0977000222")
    client.force_login(world.trader)

    page = text(client.get(reverse("declarations:new") + "?purpose=export"))
    assert "0977000222" in page
    assert "0977000111" not in page, "of the first gate by name, none other"
    drivers = reverse("declarations:drivers")
    brought = text(client.get(drivers, {"gate": world.gate.pk, "expected_at": ""}))
    assert "0977000111" in brought
    assert "0977000222" not in brought
    answer = post(client, form(world, expected_at="garbage"))
    assert answer.status_code == 422
    assert "0977000111" in text(answer), "and of the gate that was posted"
    assert "0977000222" not in text(answer)
    for wrong in ({}, {"gate": "x"}, {"gate": world.gate.pk, "expected_at": "garbage"}):
        assert client.get(drivers, wrong).status_code == 404
    client.force_login(world.officer("customs"))
    assert client.get(drivers, {"gate": world.gate.pk}).status_code == 403


def test_nobody_is_asked_who_claims_nothing(world, django_assert_num_queries):
    trip = world.draft("export").trips.get()
    with django_assert_num_queries(0):
        assert claims([trip], world.gate, day=TODAY) == {}


def test_who_is_not_in_the_register_of_this_gate_is_refused_in_words(world):
    elsewhere = register(world, gate=make_gate("tra-linh", "Trà Lĩnh"))
    draft = world.draft("export", vehicles=[driven_by(elsewhere)])

    told = "Mông Văn Trách không có trong danh sách lái xe chuyên trách của cửa khẩu Tà Lùng."
    assert said(draft) == [(told, True)]
    with pytest.raises(Refusal, match=told):
        perform("submit", draft, actor=world.trader, key=None)


def test_another_name_under_the_same_number_is_somebody_else(world):
    row = register(world)
    row.name = "Người khác"

    assert said(world.draft("export", vehicles=[driven_by(row)]))[0][1]


@pytest.mark.parametrize(("first", "last"), [(-9, -1), (5, None)], ids=["the time is over", "the time has not begun"])
def test_out_of_time_is_refused(world, first, last):
    valid_to = TODAY + timedelta(days=last) if last else None
    row = register(world, valid_from=TODAY + timedelta(days=first), valid_to=valid_to)

    (found,) = said(world.draft("export", vehicles=[driven_by(row)]))
    assert "chỉ được đăng ký lái xe chuyên trách từ" in found[0]
    assert found[1]


def test_another_tractor_than_the_drivers_own_is_warned_of(world):
    row = register(world, plates=["11C99999"])

    (found,) = said(world.draft("export", vehicles=[driven_by(row)]))
    assert found == ("Mông Văn Trách chỉ đăng ký lái đầu kéo 11C-999.99.", False)
    assert said(world.draft("export", vehicles=[driven_by(row, "11C99999")])) == []


def correct(world, trip, **values):
    return perform("correct", trip, actor=world.trader, key=str(uuid4()), values=values, sure=True)


def test_the_driver_is_changed_at_the_border_for_a_specialised_one_by_the_usual_correction(client, world):
    row = register(world)
    trip = world.submit("export").trips.get()
    world.see(trip, "B2", "in")
    world.confirm(trip, "border_guard", "driver_and_vehicle")
    client.force_login(world.trader)
    page = text(client.get(reverse("declarations:correct", args=[trip.declaration.code, 1])))
    assert 'data-name="Mông Văn Trách" data-phone="0977000111"' in page

    correct(world, trip, driver_name=row.name, driver_phone=row.phone, specialised_driver=True)

    made = Correction.objects.get()
    assert made.state == "proposed", "who confirmed the driver must agree"
    guard = world.officer("border_guard")
    perform("agree_correction", trip, actor=guard, key=str(uuid4()), proposal=made.proposed_id)
    trip = fresh(trip)
    assert (trip.driver_name, trip.specialised_driver) == ("Mông Văn Trách", True)
    client.force_login(guard)
    page = client.get(reverse("checkpoints:truck", args=[world.gate.code, "B2", trip.pk]))
    assert page.context["specialised"].row == row
    assert "Lái xe chuyên trách</span>" in text(page)


def test_a_correction_to_somebody_unknown_is_refused(world):
    trip = world.submit("export").trips.get()

    with pytest.raises(Refusal, match="không có trong danh sách lái xe chuyên trách"):
        correct(world, trip, driver_name="Ai Đó", specialised_driver=True)


# The pages of those who keep the register


def url(name, *args):
    return reverse(f"register:{name}", args=args)


def given(world, **fields):
    return {
        "gate": world.gate.pk,
        "name": "Mông Văn Trách",
        "phone": "0977 000 111",
        "paper_number": "004080000111",
        "plates": "11C-123.45; 11C-222.22",
        "valid_from": TODAY.isoformat(),
        "valid_to": "",
        **fields,
    }


def test_the_border_guard_registers_a_driver_with_the_tractors(client, world):
    client.force_login(world.officer("border_guard"))
    assert "Chưa đăng ký lái xe nào" in text(client.get(url("specialised")))

    assert client.post(url("new_specialised"), given(world)).status_code == 302

    row = SpecialisedDriver.objects.get()
    assert (row.plates, row.registered_by) == (["11C12345", "11C22222"], world.officer("border_guard"))
    assert "Mông Văn Trách" in text(client.get(url("specialised") + "?q=11c222.22"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"valid_to": (TODAY - timedelta(days=1)).isoformat()}, "Ngày kết thúc phải sau ngày bắt đầu."),
        ({"phone": ""}, "field__error"),
        ({"plates": "11C12345 11C22222 11C33333"}, "Hãy tách các biển bằng dấu phẩy."),
    ],
)
def test_what_cannot_be_is_refused(client, world, wrong, said):
    client.force_login(world.officer("border_guard"))
    answer = client.post(url("new_specialised"), given(world, **wrong))

    assert answer.status_code == 422
    assert said in text(answer)
    assert not SpecialisedDriver.objects.exists()


def test_the_same_number_twice_and_two_who_edit_at_once(client, world):
    client.force_login(world.officer("border_guard"))
    row = register(world)
    answer = client.post(url("new_specialised"), given(world))
    assert "Số điện thoại này đã có trong danh sách của cửa khẩu." in text(answer)

    ended = given(world, valid_to=TODAY.isoformat(), version=row.version)
    assert client.post(url("edit_specialised", row.pk), ended).status_code == 302
    assert client.post(url("edit_specialised", row.pk), ended).status_code == 409


def test_nobody_else_keeps_it_and_nobody_at_another_gate(client, world):
    row = register(world)
    for user in (world.trader, world.officer("customs")):
        client.force_login(user)
        assert client.get(url("specialised")).status_code == 403
    client.force_login(make_officer("border_guard", make_gate("tra-linh", "Trà Lĩnh")))
    assert "Mông Văn Trách" not in text(client.get(url("specialised")))
    assert client.get(url("edit_specialised", row.pk)).status_code == 404
    assert client.post(url("new_specialised"), given(world)).status_code == 422
