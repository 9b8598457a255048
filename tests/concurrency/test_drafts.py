"""Drafts that are written, sent and thrown away at the same moment."""

import pytest
from django.test import Client
from django.urls import reverse

from checkpoints.door import perform
from checkpoints.models import Fact
from checkpoints.refusals import Refusal
from declarations.models import Declaration
from declarations.services import NotADraft, delete_draft
from tests.concurrency.test_door import at_once
from tests.world import World, vehicle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db) -> World:
    return World()


def test_a_draft_is_either_sent_or_deleted(world):
    for number in range(6):
        draft = world.draft("export", vehicles=[vehicle(f"11C1000{number}")])

        def delete(draft=draft):
            try:
                return delete_draft(draft)
            except NotADraft:
                return "not_a_draft"

        sent, deleted = at_once(
            lambda draft=draft: perform("submit", draft, actor=world.trader, key=None) and "sent", delete
        )
        left = Declaration.objects.filter(pk=draft.pk).first()
        if left is None:
            assert (sent, deleted) == ("gone", None)
        else:
            assert (sent, deleted, left.state) == ("sent", "not_a_draft", "submitted")


def test_what_was_deleted_meanwhile_is_neither_sent_nor_written_nor_deleted_again(world):
    draft = world.draft("export")
    stale = Declaration.objects.get(pk=draft.pk)
    delete_draft(draft)

    with pytest.raises(Refusal) as refused:
        perform("submit", stale, actor=world.trader, key=None)
    assert (refused.value.code, refused.value.message) == ("gone", "Tờ khai này vừa được xóa.")
    with pytest.raises(NotADraft):
        delete_draft(stale)
    client = Client()
    client.force_login(world.trader)
    assert client.post(reverse("declarations:delete", args=[stale.code])).status_code == 404
    assert not Fact.objects.exists()
