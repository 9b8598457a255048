"""What leaves the straight road on the screens: the console's menu, the trader's page, the driver's card, notices."""

import json
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from checkpoints.cards import token_for
from checkpoints.door import perform
from checkpoints.models import Fact, Hold, Transshipment
from declarations.models import Trip
from notices.models import Notice
from notices.services import note_missed
from notices.words import told
from tests.checkpoints.test_correcting_pages import signed_in, text
from tests.checkpoints.test_holding import SEIZURE
from tests.world import fresh, goods, vehicle

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def trip(world) -> Trip:
    """In the yard."""
    trip = world.submit("export", [vehicle("11C12345")]).trips.get()
    world.enter(trip, "B2")
    return trip


def console(trip: Trip, move: str = "", place: str = "a") -> str:
    address = f"/console/ta-lung/{place}/{trip.pk}/"
    return f"{address}exception/{move}/" if move else address


def post(client: Client, trip: Trip, move: str, place: str = "a", **data):
    return client.post(console(trip, move, place), {"key": str(uuid4()), **data}, headers=HTMX)


def card(trip: Trip, name: str = "card") -> str:
    return reverse(f"checkpoints:{name}", args=[token_for(trip)])


def detail(trip: Trip) -> str:
    return reverse("declarations:detail", args=[trip.declaration.code])


def told_of(trip: Trip, kind: str) -> list[tuple[str, str]]:
    note_missed()
    notices = Notice.objects.filter(kind=kind, fact__trip=trip).select_related("fact__declaration", "fact__trip")
    return sorted((notice.role, told(notice).text) for notice in notices)


def test_a_seized_truck_is_neither_called_to_a_lane_nor_told_to_be_ready(world, trip):
    world.confirm_all(trip)
    world.confirm_all(trip)
    guard = signed_in(world.officer("border_guard"))
    assert "Gọi vào làn" in text(guard.get(console(trip, place="B1")))
    assert "đủ điều kiện rời" in text(guard.get(console(trip)))
    perform("seize", trip, actor=world.officer("customs"), key=None, **SEIZURE)
    for place in ("a", "B1"):
        page = text(guard.get(console(trip, place=place)))
        assert f"Tạm giữ: {SEIZURE['reason']}" in page
        for words in ("Gọi vào làn", "đủ điều kiện rời", "Đang chờ", "ask-correction"):
            assert words not in page


def test_a_truck_is_seized_from_the_menu_and_everybody_concerned_sees_why(world, trip):
    customs = signed_in(world.officer("customs"))
    assert 'data-dialog="seize"' in text(customs.get(console(trip)))
    assert 'data-dialog="seize"' not in text(signed_in(world.officer("health_quarantine")).get(console(trip)))

    assert post(customs, trip, "seize", **SEIZURE).status_code == 204

    page = text(customs.get(console(trip)))
    assert "Tạm giữ phương tiện và hàng hóa" in page
    assert "Hàng không có chứng từ" in page
    assert "12/VPHC-2026" in page
    assert 'data-dialog="hand-over"' in page
    assert 'data-key="c"' not in page, "nothing is left to confirm"
    guard = text(signed_in(world.officer("border_guard")).get(console(trip)))
    assert "12/VPHC-2026" in guard
    assert 'data-dialog="hand-over"' not in guard, "who seized decides"
    assert "Xe bị tạm giữ" in text(Client().get(card(trip)))
    assert "tạm giữ phương tiện và hàng hóa theo vụ việc 12/VPHC-2026" in text(
        signed_in(world.trader).get(detail(trip))
    )
    assert [role for role, _text in told_of(trip, "seized")] == ["", "border_guard"]
    assert "vụ việc 12/VPHC-2026: Hàng không có chứng từ" in told_of(trip, "seized")[0][1]

    assert post(customs, trip, "release", reason="Đã đủ chứng từ").status_code == 204
    assert "Trả lại, cho đi tiếp" in text(customs.get(reverse("checkpoints:history_trip", args=[trip.pk])))
    assert not Hold.objects.filter(ended=None).exists()


def test_a_refused_exceptional_act_tells_why_in_its_dialog_and_without_script_at_the_truck(world, trip):
    customs = signed_in(world.officer("customs"))
    answer = post(customs, trip, "seize", **SEIZURE | {"case": ""})
    assert (answer.status_code, "Hãy ghi số vụ việc" in text(answer)) == (409, True)
    answer = post(signed_in(world.officer("border_guard")), trip, "reassign", other="11C-999.99", reason="nhầm xe")
    assert (answer.status_code, "Không có lượt nào như vậy" in text(answer)) == (409, True)
    page = customs.get(console(trip)).content.decode()
    assert 0 < page.count("<dialog") - page.count('<dialog id="keys"') == page.count("<div data-refused></div>")
    assert "<dialog" not in answer.content.decode(), "the sentence alone, for the dialog that stays open"
    unscripted = customs.post(console(trip, "seize"), {"key": str(uuid4()), **SEIZURE, "case": ""})
    assert (unscripted.status_code, "Hãy ghi số vụ việc" in text(unscripted)) == (409, True)
    assert "Dưới đây là tình trạng mới nhất của xe." in text(unscripted)
    assert customs.post(console(trip, "fly-away"), {"key": str(uuid4())}).status_code == 404
    assert post(signed_in(world.trader), trip, "seize", **SEIZURE).status_code == 404


def test_the_driver_reports_a_breakdown_on_the_phone_and_that_it_drives_again(world, trip):
    phone = Client()
    assert "Xe hỏng, không đi được?" in text(phone.get(card(trip)))
    phone.post(card(trip, "card_breakdown"), {"key": str(uuid4()), "reason": "Nổ lốp ở lối vào bãi"})
    shown = text(phone.get(card(trip)))
    assert "Xe đã báo hỏng" in shown
    assert "Nổ lốp ở lối vào bãi" in text(signed_in(world.officer("border_guard")).get(console(trip)))
    assert [role for role, _text in told_of(trip, "broken_down")] == ["", "border_guard"]
    phone.post(card(trip, "card_repaired"), {"key": str(uuid4())})
    assert "Xe hỏng, không đi được?" in text(phone.get(card(trip)))


def test_the_declarant_reports_a_breakdown_and_the_guard_has_it_towed_away(world, trip):
    trader = signed_in(world.trader)
    address = reverse("declarations:report_breakdown", args=[trip.declaration.code, trip.position])
    trader.post(address, {"key": str(uuid4()), "reason": "Hỏng hộp số"})
    assert "Xe báo hỏng: Hỏng hộp số" in text(trader.get(detail(trip)))
    guard = signed_in(world.officer("border_guard"))
    lane = world.lane("B2", "out").pk
    answer = post(guard, trip, "tow_away", lane=lane, reason="Xe cứu hộ kéo")
    assert (answer.status_code, "Hàng còn trên xe" in text(answer)) == (409, True)
    assert post(guard, trip, "tow_away", lane=lane, with_goods="1", reason="Xe cứu hộ kéo").status_code == 204
    assert fresh(trip).state == "removed"
    assert "Đã kéo ra khỏi cửa khẩu" in text(Client().get(card(trip)))
    assert "Đã kéo ra khỏi cửa khẩu" in text(trader.get(detail(trip)))


def test_a_truck_refused_at_its_first_barrier_is_called_so(world):
    trip = world.submit("export", [vehicle("11C77777")]).trips.get()
    world.see(trip, "B2", "in")
    guard = signed_in(world.officer("border_guard"))
    page = text(guard.get(console(trip, place="B2")))
    assert "Không cho vào cửa khẩu" in page
    assert "Cho quay về" not in page
    post(guard, trip, "turn_back", "B2", reason="Xe không đủ điều kiện an toàn")
    assert "Không được vào cửa khẩu" in text(Client().get(card(trip)))
    assert "Không được vào" in text(signed_in(world.trader).get(detail(trip)))
    assert "phải quay về: Xe không đủ điều kiện an toàn" in told_of(trip, "turned_back")[0][1]


def test_what_was_recorded_of_another_truck_goes_to_it_by_its_plate_or_its_declaration(world, trip):
    other = world.submit("export", [vehicle("11C12348")]).trips.get()
    guard = signed_in(world.officer("border_guard"))
    assert post(guard, trip, "reassign", other="11c-123.48", reason="Camera đọc nhầm").status_code == 204
    assert list(other.stages.values_list("moment", flat=True)) == ["declare", "enter"]
    back = post(guard, other, "reassign", "B2", other=trip.declaration.code, reason="Đúng là xe trước")
    assert back.status_code == 204
    assert list(trip.stages.values_list("moment", flat=True)) == ["declare", "enter"]
    assert Fact.objects.filter(move="reassign").count() == 4
    assert "tờ khai" in told_of(trip, "reassigned")[0][1]


def test_a_plate_declared_twice_is_chosen_by_its_declaration(world, trip):
    for _each in range(2):
        world.submit("export", [vehicle("11C12348")])
    answer = post(signed_in(world.officer("border_guard")), trip, "reassign", other="11C12348", reason="nhầm xe")
    assert (answer.status_code, "Có nhiều lượt như vậy" in text(answer)) == (409, True)


def test_customs_takes_a_registration_back_with_a_reason(world):
    source = world.submit("import", [vehicle("桂F12345")]).trips.get()
    target = world.submit("collect_import", [vehicle("12C45678")]).trips.get()
    world.enter(source, "B1")
    world.enter(target, "B2")
    perform("register_transshipment", target, actor=world.trader, key=None, source=source)
    customs = signed_in(world.officer("customs"))
    assert "Thu hồi đăng ký" in text(customs.get(console(target)))
    assert "Thu hồi đăng ký" not in text(signed_in(world.officer("border_guard")).get(console(target)))
    given = {"registered": Transshipment.objects.get().pk, "reason": "Hàng đang bị kiểm tra"}
    assert post(customs, target, "cancel_transshipment", **given | {"registered": 0}).status_code == 409
    assert post(customs, target, "cancel_transshipment", **given).status_code == 204
    assert not Transshipment.objects.exists()


def test_a_seizure_is_changed_and_ended_with_the_goods_on_board_and_every_page_tells_what_it_took(world, trip):
    customs = signed_in(world.officer("customs"))
    post(customs, trip, "seize", **SEIZURE | {"takes": "goods"})
    assert "Hàng trên xe bị tạm giữ" in text(Client().get(card(trip)))
    assert "Đổi nội dung tạm giữ" in text(customs.get(console(trip)))
    assert post(customs, trip, "seize", **SEIZURE | {"takes": "vehicle"}).status_code == 204
    page = text(customs.get(console(trip)))
    assert "Hàng không bị tạm giữ vẫn sang tải, lưu kho được" in page
    assert "Hàng trên xe được bàn giao cùng xe" in page
    assert "Xe bị tạm giữ" in text(Client().get(card(trip)))
    assert "Sửa khai báo" not in text(signed_in(world.trader).get(detail(trip)))
    assert post(customs, trip, "hand_over", reason="Quyết định tịch thu").status_code == 409
    assert post(customs, trip, "hand_over", reason="Quyết định tịch thu", with_goods="1").status_code == 204
    assert "Đã bàn giao xử lý vi phạm" in text(Client().get(card(trip)))
    page = text(signed_in(world.trader).get(detail(trip)))
    assert "Đã bàn giao xử lý vi phạm" in page
    assert "12/VPHC-2026" in page


def test_a_truck_stays_on_the_screen_when_its_goods_alone_are_handed_over(world, trip):
    customs = world.officer("customs")
    for takes, gone in (("goods", False), ("vehicle", True)):
        perform("seize", trip, actor=customs, key=None, **SEIZURE | {"takes": takes})
        answered = post(signed_in(customs), trip, "hand_over", reason="Quyết định tịch thu")
        assert json.loads(answered["HX-Trigger"])["moved"] == {"gone": gone}


def test_customs_hands_a_part_of_the_seized_goods_over_and_a_wrong_amount_is_told(world, trip):
    customs, load = signed_in(world.officer("customs")), trip.loads.get()
    perform("seize", trip, actor=world.officer("customs"), key=None, **SEIZURE | {"takes": "goods"})
    assert f'name="quantity-{load.pk}"' in customs.get(console(trip)).content.decode()
    wrong = post(customs, trip, "hand_over", reason="Tịch thu một phần", **{f"quantity-{load.pk}": "1.000.000"})
    assert (wrong.status_code, "Nhiều hơn số hàng còn trên xe" in text(wrong)) == (409, True)
    assert (
        post(customs, trip, "hand_over", reason="Tịch thu một phần", **{f"quantity-{load.pk}": "1"}).status_code == 204
    )
    assert trip.loads.get().quantity == load.quantity - 1


def test_goods_handed_over_are_told_on_the_declarants_page_with_their_case(world, trip):
    customs = world.officer("customs")
    perform("seize", trip, actor=customs, key=None, **SEIZURE | {"takes": "goods"})
    perform("hand_over", trip, actor=customs, key=None, reason="Quyết định tịch thu")
    page = text(signed_in(world.trader).get(detail(trip)))
    assert "Đã bàn giao xử lý vi phạm" in page
    assert "12/VPHC-2026" in page


def test_warnings_that_the_declarant_overrode_stand_beside_their_fields(world):
    odd = vehicle("11C7", container="ABCU1234567", driver_phone="12345", payload=1, permit_to=date(2026, 1, 2))
    trip = world.submit("export", [odd], [goods(weight=30_000)], customs_number="999", customs_date=None).trips.get()
    world.see(trip, "B2", "in")
    shown = text(signed_in(world.officer("customs")).get(console(trip, place="B2")))
    for words in (
        "Biển kiểm soát không theo mẫu thường gặp",
        "Số container không đúng mẫu ISO 6346",
        "Số điện thoại không theo mẫu",
        "vượt trọng tải 1 tấn",
        "Giấy phép hết hạn trước ngày đến",
        "Số tờ khai hải quan thường có 12 chữ số",
    ):
        assert words in shown


def test_nothing_exceptional_is_offered_of_a_truck_that_has_not_come_or_has_ended(world, trip):
    guard = signed_in(world.officer("border_guard"))
    coming = world.submit("export", [vehicle("11C77777")]).trips.get()
    assert "Khác…" not in text(guard.get(console(coming)))
    perform("turn_back", trip, actor=world.officer("border_guard"), key=None, reason="không đủ giấy tờ")
    assert "Khác…" not in text(guard.get(console(trip)))
