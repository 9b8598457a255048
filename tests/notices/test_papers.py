"""Firms are told of papers before these run out: once each, and not of those renewed already."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from notices.models import Notice
from notices.tasks import papers_end, sweep
from notices.words import told
from register.models import Kind, Paper
from register.services import archive
from tests.register.rows import make_driver, make_paper, make_vehicle
from tests.world import make_trader

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def trader():
    return make_trader()


@pytest.fixture
def firm(trader):
    return trader.organisations.get()


def in_days(days: int):
    return TODAY + timedelta(days=days)


def test_a_firm_is_told_once_of_what_runs_out_soon(trader, firm, settings):
    settings.PAPER_NOTICE_DAYS = 15
    vehicle, driver = make_vehicle(firm), make_driver(firm)
    make_paper(vehicle, Kind.PERMIT, valid_to=in_days(15))
    make_paper(driver, Kind.BORDER_PASS, valid_to=TODAY)
    make_paper(driver, Kind.TRAVEL_PASS, valid_to=in_days(16))
    make_paper(driver, Kind.TRAVEL_PASS, valid_to=in_days(-1))

    assert papers_end() == 1
    assert papers_end() == 0

    notice = Notice.objects.visible_to(trader).get()
    assert told(notice).text == f"2 giấy tờ của xe, lái xe hết hạn từ nay đến {in_days(15):%d/%m/%Y}. " + (
        "Hãy gia hạn trước khi xe đi."
    )
    assert told(notice).url == reverse("register:vehicles") + "?tab=papers"


def test_another_last_day_is_told_of_again(firm):
    paper = make_paper(make_driver(firm), Kind.BORDER_PASS, valid_to=in_days(3))
    papers_end()
    Paper.objects.filter(pk=paper.pk).update(valid_to=in_days(5))

    assert papers_end() == 1
    assert told(Notice.objects.first()).url == reverse("register:drivers") + "?tab=papers"


def test_what_is_renewed_removed_or_put_away_is_not_told_of(firm):
    vehicle = make_vehicle(firm)
    make_paper(vehicle, Kind.INSURANCE, valid_to=in_days(3))
    archive(make_paper(vehicle, Kind.PERMIT, valid_to=in_days(3)))
    away = make_vehicle(firm, "11C22222", papers=())
    make_paper(away, Kind.INSURANCE, valid_to=in_days(3))
    archive(away)

    assert papers_end() == 0


def test_it_is_mailed_to_the_firm_and_opened_from_the_list(client, trader, firm):
    firm.email = "vanphong@example.vn"
    firm.save()
    make_paper(make_driver(firm), Kind.BORDER_PASS, valid_to=in_days(3))
    papers_end()

    sweep()

    (message,) = mail.outbox
    assert message.to == ["vanphong@example.vn"]
    assert "1 giấy tờ" in message.body
    client.force_login(trader)
    assert "Giấy tờ sắp hết hạn" in client.get(reverse("notices:list")).content.decode()
    opened = client.get(reverse("notices:show", args=[Notice.objects.get().pk]))
    assert opened.url == reverse("register:drivers") + "?tab=papers"
