"""The trader's home, one declaration's page and what is done from there, with who may and how many queries."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from checkpoints.door import perform
from declarations.models import Declaration
from tests.declarations.pages import text
from tests.world import goods, make_gate, make_officer, make_trader, vehicle

pytestmark = pytest.mark.django_db

TODAY = f"{timezone.localdate():%d/%m/%Y}"


@pytest.fixture
def client(client, world):
    client.force_login(world.trader)
    return client


def page(client, name: str, *args, **query):
    return client.get(reverse(f"declarations:{name}", args=args), query)


def act(client, name: str, *args, **data):
    return client.post(reverse(f"declarations:{name}", args=args), {"key": str(uuid4()), **data})


def said(response) -> list[str]:
    return [str(message) for message in response.wsgi_request._messages]


def refused(world, trip, reason: str) -> None:
    slot = next(slot for slot in world.waiting(trip) if slot.agency == "customs")
    actor = world.officer("customs")
    perform("refuse", trip, actor=actor, key=str(uuid4()), confirmation=slot.pk, reason=reason)


# The home


def test_the_home_shows_each_truck_with_its_steps_and_why_it_waits(client, world):
    world.submit("export", vehicles=[vehicle("11C11111")])
    here = world.submit("export", vehicles=[vehicle("11C22222")]).trips.get()
    world.see(here, "B2", "in")
    shown = page(client, "list")

    cards = shown.context["road"]["cards"]
    assert [(card["trip"].plate, card["truck"].standing.code) for card in cards] == [
        ("11C11111", "expected"),
        ("11C22222", "at_barrier"),
    ]
    assert [step["state"] for step in cards[0]["steps"]] == ["done", "now", "next", "next", "next"]
    assert cards[0]["waiting_for"] == "Chờ phương tiện tới barie số 2."
    assert cards[1]["waiting_for"] == "Chờ Biên phòng, Hải quan xác nhận."
    assert "Khai lại như lần trước" in text(shown)


def test_a_refusal_stands_on_the_card_with_its_reason(client, world):
    trip = world.submit("export").trips.get()
    world.see(trip, "B2", "in")
    refused(world, trip, "Sai số seal")

    shown = text(page(client, "list"))
    assert "“Sai số seal”" in shown
    assert "Hải quan từ chối." in shown
    assert "Bị từ chối" in text(page(client, "detail", trip.declaration.code))


@pytest.mark.parametrize("road", [True, False])
def test_the_home_asks_as_few_queries_for_thirty_as_for_three(client, world, road):
    def queries() -> int:
        query = {} if road else {"q": "11C", "state": "submitted", "purpose": "export", "first": "01/01/2026"}
        page(client, "list", **query)
        with CaptureQueriesContext(connection) as asked:
            assert page(client, "list", **query).status_code == 200
        return len(asked)

    def more(first: int, last: int) -> None:
        for number in range(first, last):
            trip = world.submit("export", vehicles=[vehicle(f"11C{number:05d}")]).trips.get()
            if number % 3 == 0:
                world.see(trip, "B2", "in")

    more(0, 3)
    few = queries()
    more(3, 30)
    assert queries() == few <= 12


def test_another_sees_nothing_of_mine(client, world):
    mine = world.submit("export")
    draft = world.draft("export")
    client.force_login(make_trader("Công ty khác"))

    assert mine.code not in text(page(client, "list"))
    for name in ("detail", "print", "lists", "edit"):
        for declaration in (mine, draft):
            assert page(client, name, declaration.code).status_code == 404
    for name in ("copy", "withdraw", "delete"):
        assert act(client, name, mine.code).status_code == 404
    assert act(client, "withdraw_trip", mine.code, 1).status_code == 404
    assert Declaration.objects.get(pk=mine.pk).state == "submitted"


def test_an_officer_of_the_gate_reads_what_was_sent_and_writes_nothing(client, world):
    sent, draft = world.submit("export"), world.draft("export")
    client.force_login(world.officer("customs"))

    shown = page(client, "detail", sent.code)
    assert shown.status_code == 200
    assert "Thu hồi" not in text(shown)
    assert sent.code in text(page(client, "list"))
    assert page(client, "detail", draft.code).status_code == 404
    assert act(client, "withdraw", sent.code).status_code == 403
    assert act(client, "copy", sent.code).status_code == 403


def test_an_officer_of_another_gate_sees_nothing(client, world):
    sent = world.submit("export")
    client.force_login(make_officer("customs", make_gate("tra-linh", "Trà Lĩnh")))

    assert page(client, "detail", sent.code).status_code == 404


def test_who_is_not_signed_in_is_led_to_the_door(client, world):
    sent = world.submit("export")
    client.logout()
    for name, args in (("list", ()), ("new", ()), ("template", ()), ("detail", (sent.code,))):
        response = page(client, name, *args)
        assert response.status_code == 302
        assert "sign-in" in response.url


def test_the_list_is_searched_and_filtered(client, world):
    first = world.submit("export", vehicles=[vehicle("11C12345")])
    second = world.submit("import", vehicles=[vehicle("桂FA9876")])

    def listed(**query) -> list[Declaration]:
        return list(page(client, "list", **query).context["page"].object_list)

    assert listed(q="11c-123.45") == [first]
    assert listed(q="fa 98") == [second]
    assert listed(q=second.code) == [second]
    assert listed(q="11C12346") == [first]
    assert "gần giống" in text(page(client, "list", q="11C12346"))
    assert listed(purpose="import", state="live") == [second]
    assert listed(state="completed") == []
    assert listed(gate=world.gate.pk) == [second, first]
    assert listed(first="01/01/2030") == []


@pytest.mark.parametrize(
    "query", [{"gate": "x"}, {"state": "x"}, {"first": "x"}, {"page": "x"}, {"trucks": "-1"}, {"q": "'%_"}]
)
def test_a_filter_that_cannot_be_read_narrows_nothing(client, world, query):
    sent = world.submit("export")

    shown = page(client, "list", **query)
    assert shown.status_code == 200
    assert "q" in query or list(shown.context["page"]) == [sent]


# One declaration


def test_the_page_tells_what_was_done_by_which_unit_and_never_by_whom(client, world):
    trip = world.submit("export").trips.get()
    world.enter(trip, "B2")
    shown = text(page(client, "detail", trip.declaration.code))

    assert "Đơn vị customs" in shown
    assert "Cán bộ customs" not in shown
    assert "Chờ " in shown
    assert "<svg" in shown


@pytest.mark.parametrize(
    ("purpose", "plate", "side", "titles"),
    [
        ("import", "桂FA1234", "border", ["Khai báo", "Barie số 1", "Bến bãi", "Nộp phí", "Barie số 2"]),
        (
            "collect_import",
            "11C12345",
            "inland",
            ["Khai báo", "Barie số 2", "Sang tải", "Bến bãi", "Nộp phí", "Barie số 2"],
        ),
        ("cross_empty", "11C12345", "inland", ["Khai báo", "Barie số 2", "Barie số 1"]),
    ],
)
def test_the_stepper_shows_the_whole_way(client, world, purpose, plate, side, titles):
    sent = world.submit(purpose, vehicles=[vehicle(plate, comes_from=side)])
    (card,) = page(client, "detail", sent.code).context["cards"]

    assert [str(step["short"]) for step in card["steps"]] == titles


def test_a_declaration_asks_as_few_queries_for_thirty_vehicles_as_for_three(client, world):
    def queries(first: int, number: int) -> int:
        vehicles = [vehicle(f"11C{first + n:05d}") for n in range(number)]
        sent = world.submit("export", vehicles=vehicles, lines=[goods(), goods()])
        for trip in sent.trips.all()[:2]:
            world.see(trip, "B2", "in")
        page(client, "detail", sent.code)
        with CaptureQueriesContext(connection) as asked:
            assert page(client, "detail", sent.code).status_code == 200
        return len(asked)

    assert queries(0, 3) == queries(100, 30) <= 21


def test_the_paper_has_the_parts_of_the_form_and_a_code_of_its_address(client, world):
    sent = world.submit("export", customs_number="308508812340")
    shown = text(page(client, "print", sent.code))

    for words in ("I. Thông tin chung", "II. Bảng kê hàng hóa", "III. Bảng kê phương tiện", "308508812340", "<svg"):
        assert words in shown


def test_nothing_inline_is_on_the_pages(client, world):
    sent = world.submit("export")
    for name, args in (("list", ()), ("new", ()), ("detail", (sent.code,)), ("print", (sent.code,))):
        shown = text(page(client, name, *args))
        assert not re.search(r"<script(?![^>]*(src=|application/json))", shown)
        assert " style=" not in shown
        assert not re.search(r"\son\w+=", shown)


# What is done from there


def test_a_copy_is_a_draft_to_be_looked_over(client, world):
    sent = world.submit("export")
    response = act(client, "copy", sent.code)

    draft = Declaration.objects.get(state="draft")
    assert response.url == reverse("declarations:edit", args=[draft.code])
    assert draft.expected_at > timezone.now() + timedelta(hours=1)


def test_a_draft_is_deleted_and_a_declaration_that_was_sent_is_not(client, world):
    draft, sent = world.draft("export"), world.submit("export", vehicles=[vehicle("11C99999")])

    act(client, "delete", draft.code)
    response = act(client, "delete", sent.code)

    assert list(Declaration.objects.all()) == [sent]
    assert said(response)[-1] == f"Không xóa được: tờ khai {sent.code} không còn là bản nháp."


def test_a_declaration_is_withdrawn_while_no_vehicle_has_entered(client, world):
    sent = world.submit("export")
    act(client, "withdraw", sent.code)
    assert Declaration.objects.get(pk=sent.pk).state == "withdrawn"

    entered = world.submit("export", vehicles=[vehicle("11C99999")])
    world.enter(entered.trips.get(), "B2")
    response = act(client, "withdraw", entered.code)
    assert "Không thể thu hồi" in text(client.get(response.url))
    assert Declaration.objects.get(pk=entered.pk).state == "under_way"


def test_one_vehicle_is_withdrawn_and_the_other_goes_on(client, world):
    sent = world.submit("export", vehicles=[vehicle("11C11111"), vehicle("11C22222")])
    act(client, "withdraw_trip", sent.code, 1)

    assert [trip.state for trip in sent.trips.order_by("position")] == ["withdrawn", "expected"]


def test_a_truck_that_got_no_goods_goes_home(client, world):
    sent = world.submit("collect_import", vehicles=[vehicle("11C55555")])
    world.enter(sent.trips.get(), "B2")
    assert "Không nhận được hàng" in text(page(client, "detail", sent.code))

    act(client, "leave_without_goods", sent.code, 1)

    assert sent.trips.get().procedure_code == "vn_empty_returns_without_goods"


def test_moves_ask_for_a_post_and_a_vehicle_that_exists(client, world):
    sent = world.submit("export")
    for name in ("copy", "withdraw", "delete"):
        assert page(client, name, sent.code).status_code == 405
    assert act(client, "withdraw_trip", sent.code, 9).status_code == 404


def name_customs(client, lot, number: str, day: str = ""):
    prefix = f"lot-{lot.pk}"
    data = {f"{prefix}-customs_number": number, f"{prefix}-customs_date": day}
    return act(client, "customs", lot.declaration.code, lot.pk, **data)


def test_the_customs_declaration_is_named_after_sending_until_customs_confirmed(client, world):
    sent = world.submit("export", customs_number="")
    lot, trip = sent.consignments.get(), sent.trips.get()
    assert "Ghi tờ khai hải quan" in text(page(client, "detail", sent.code))

    assert name_customs(client, lot, "3085 0881 2340", TODAY).status_code == 302
    lot.refresh_from_db()
    assert (lot.customs_number, lot.customs_date) == ("308508812340", timezone.localdate())
    fact = sent.facts.get(move="name_customs_declaration")
    assert fact.data == {"consignment": lot.pk, "number": "308508812340", "day": f"{timezone.localdate()}"}

    world.enter(trip, "B2")
    world.confirm_all(trip)
    response = name_customs(client, lot, "308508812351", TODAY)
    assert "Hải quan đã xác nhận lô hàng này" in text(client.get(response.url))
    lot.refresh_from_db()
    assert lot.customs_number == "308508812340"


def test_a_wrong_customs_number_is_told_and_stays_in_its_field(client, world):
    lot = world.submit("export").consignments.get()
    response = name_customs(client, lot, "12345")

    assert response.status_code == 422
    assert "Số tờ khai hải quan có 12 chữ số" in text(response)
    assert "Hãy ghi ngày tờ khai hải quan." in text(response)
    assert "ở tương lai" in text(name_customs(client, lot, "308508812340", "22/11/2046"))
    assert 'value="12345"' in text(response)


def test_nobody_names_the_customs_declaration_of_others(client, world):
    sent, other = world.submit("export"), make_trader("Công ty khác")
    theirs = world.submit("export", vehicles=[vehicle("11C99999")], trader=other, customs_number="").consignments.get()

    assert name_customs(client, theirs, "308508812340").status_code == 404
    prefix = {f"lot-{theirs.pk}-customs_number": "308508812340", f"lot-{theirs.pk}-customs_date": TODAY}
    response = act(client, "customs", sent.code, theirs.pk, **prefix)
    assert "không có quyền" in text(client.get(response.url))
    theirs.refresh_from_db()
    assert theirs.customs_number == ""
