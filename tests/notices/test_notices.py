"""Notices: who is told of what, what the bar counts, and that each e-mail goes out although workers die."""

from smtplib import SMTPException
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from checkpoints.door import perform
from fees.models import Bill
from fees.services.waiving import waive
from notices import services
from notices.models import Notice
from notices.tasks import sweep
from notices.words import told
from tests.fees.trucks import pay, ready
from tests.world import make_gate, make_officer, make_trader

pytestmark = pytest.mark.django_db


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """What is done inside is told to the listeners, as after a real commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def texts(user) -> list[str]:
    return [told(notice).text for notice in Notice.objects.visible_to(user).order_by("pk")]


def test_the_declarant_hears_of_the_whole_way(world, committed):
    with committed():
        trip = ready(world)
    bill = Bill.objects.get()
    with committed():
        pay(bill, 1_000_000)
        pay(bill, 2_000_000)
    with committed():
        world.confirm_all(trip)
        world.leave(trip, "B1")
    code = trip.declaration.code
    assert texts(world.trader) == [
        f"Tờ khai {code} đã được gửi.",
        f"Phương tiện 11C-123.45 đã xong thủ tục trong bãi: phí 3.000.000\u00a0₫, thông báo phí {bill.code}.",
        f"Thông báo phí {bill.code} đã nhận 1.000.000\u00a0₫, còn thiếu 2.000.000\u00a0₫.",
        f"Thông báo phí {bill.code} đã nhận đủ, lần này 2.000.000\u00a0₫; chờ Trung tâm hạ tầng xác nhận.",
        f"Phương tiện 11C-123.45 của tờ khai {code} đã rời cửa khẩu.",
    ]
    kinds = Notice.objects.visible_to(world.officer("fee_centre")).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["short", "paid"]


def test_a_waived_fee_is_told_with_its_reason(world, committed):
    trip = ready(world)
    bill = Bill.objects.get()
    perform("turn_back", trip, actor=world.officer("border_guard"), key=None, reason="giấy tờ không hợp lệ")
    with committed():
        waive(trip=trip, actor=world.officer("fee_centre"), reason="Biên phòng cho quay về")
    assert texts(world.trader)[-1] == (
        f"Không thu phí 3.000.000\u00a0₫ của phương tiện 11C-123.45, thông báo phí {bill.code}: Biên phòng cho quay về"
    )


def test_a_refusal_is_told_with_its_reason(world, committed):
    with committed():
        trip = world.submit("export").trips.get()
        world.see(trip, "B2", "in")
        slot = next(slot for slot in world.waiting(trip) if slot.agency == "customs")
        perform(
            "refuse",
            trip,
            actor=world.officer("customs"),
            key=str(uuid4()),
            confirmation=slot.pk,
            reason="Sai số container",
        )
    assert texts(world.trader)[-1] == (
        "Hải quan từ chối “Phương tiện, hàng hóa” của phương tiện 11C-123.45: Sai số container"
    )


def test_nobody_else_sees_them(world, committed):
    with committed():
        trip = ready(world)
        pay(Bill.objects.get(), 3_000_000)
    strangers = [
        make_trader("Công ty khác"),
        world.officer("customs"),
        make_officer("fee_centre", make_gate("tra-linh", "Trà Lĩnh")),
    ]
    for stranger in strangers:
        assert texts(stranger) == []
    assert Notice.objects.filter(fact__trip=trip).count() == 1


def test_a_move_repeated_and_a_sweep_note_nothing_twice(world, committed):
    with committed():
        declaration = world.draft("export")
        for _twice in range(2):
            perform("submit", declaration, actor=world.trader, key="the-same")
    sweep()
    assert Notice.objects.count() == 1


def test_what_a_dead_process_did_not_note_the_sweep_notes(world):
    world.submit("export")
    assert not Notice.objects.exists()
    for _twice in range(2):
        sweep()
    assert [notice.kind for notice in Notice.objects.all()] == ["submitted"]


def test_each_notice_is_mailed_once(world, committed, settings):
    settings.SITE_URL = "https://cuakhau.example.vn"
    with committed():
        ready(world)
    for _twice in range(2):
        sweep()
    assert [message.subject for message in mail.outbox] == ["Đã gửi tờ khai", "Sẵn sàng nộp phí"]
    assert {address for message in mail.outbox for address in message.to} == {"hoa@example.vn"}
    bill = Bill.objects.get()
    assert f"https://cuakhau.example.vn/fees/bills/{bill.code}/" in mail.outbox[1].body
    assert not Notice.objects.filter(mailed_at=None).exists()


def test_a_mail_that_fails_is_tried_again_and_not_for_ever(world, committed, monkeypatch, caplog):
    with committed():
        world.submit("export")

    def refuse(self, messages):
        raise SMTPException("hoa@example.vn: 550")

    sending = EmailBackend.send_messages
    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    sweep()
    assert (Notice.objects.get().mailed_at, Notice.objects.get().attempts) == (None, 1)
    assert "hoa@" not in caplog.text
    monkeypatch.setattr(EmailBackend, "send_messages", sending)
    sweep()
    assert len(mail.outbox) == 1
    Notice.objects.update(mailed_at=None, attempts=services.MOST_ATTEMPTS)
    assert services.send_mails() == 0


def test_without_an_address_there_is_nothing_to_wait_for(world, committed):
    world.trader.email = ""
    world.trader.save()
    with committed():
        world.submit("export")
    sweep()
    assert mail.outbox == []
    assert Notice.objects.get().mailed_at


def test_the_page_counts_reads_and_leads_on(world, committed, client, django_assert_max_num_queries):
    with committed():
        ready(world)
    client.force_login(world.trader)
    with django_assert_max_num_queries(9):
        answer = client.get("/notices/")
    assert answer.context["notice_count"]() == 2
    assert 'id="notice-count">2<' in answer.content.decode()
    newest = Notice.objects.order_by("-pk").first()
    assert client.get(f"/notices/{newest.pk}/").url == f"/fees/bills/{Bill.objects.get().code}/"
    assert Notice.objects.get(pk=newest.pk).read_at
    assert client.post("/notices/read/").status_code == 302
    answer = client.get("/notices/")
    assert "Không có thông báo mới" in answer.content.decode()
    assert "Đã gửi tờ khai" in client.get("/notices/?tab=all").content.decode()


def test_many_notices_cost_no_more_than_few(world, committed, client, django_assert_max_num_queries):
    with committed():
        declaration = world.submit("export")
    fact = declaration.facts.first()
    client.force_login(world.trader)
    organisation = declaration.organisation
    with django_assert_max_num_queries(9) as few:
        client.get("/notices/")
    others = [world.submit("export").facts.first() for _number in range(4)]
    Notice.objects.bulk_create(
        Notice(kind="submitted", fact=other, organisation=organisation, created_at=timezone.now()) for other in others
    )
    assert fact.pk not in {other.pk for other in others}
    with django_assert_max_num_queries(9) as many:
        client.get("/notices/")
    assert len(many) == len(few)


def test_another_persons_notice_is_not_found(world, committed, client):
    with committed():
        world.submit("export")
    notice = Notice.objects.get()
    assert client.get("/notices/").status_code == 302
    client.force_login(make_trader("Công ty khác"))
    assert client.get(f"/notices/{notice.pk}/").status_code == 404
    client.post("/notices/read/")
    assert Notice.objects.get().read_at is None


def test_who_has_left_the_organisation_is_not_written_to(world, committed):
    with committed():
        world.submit("export")
    world.trader.memberships.all().delete()
    sweep()
    assert mail.outbox == []
