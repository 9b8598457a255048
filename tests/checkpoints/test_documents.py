"""Documents of consignments: added and replaced with a trace, seen by the officers, reopening nothing."""

from io import BytesIO
from uuid import uuid4

import pytest
from django.urls import reverse
from openpyxl import Workbook

from checkpoints.door import perform
from checkpoints.facts import verify
from checkpoints.models import Confirmation, Fact
from checkpoints.refusals import Refusal
from checkpoints.views.documents import loads_with_documents, shown_documents
from declarations.documents import cleaned_document
from declarations.models import Declaration, Document
from tests.declarations.pages import LOT, form, post, text
from tests.register.files import PDF, bomb, picture, upload
from tests.world import World, fresh, make_gate, make_officer, make_trader

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def update(world, declaration, *, replaces=None, key=None, actor=None, kind="packing_list", consignment=None):
    lot = consignment or declaration.consignments.first().pk
    given = {"consignment": lot, "kind": kind, "file": cleaned_document(upload(PDF)), "replaces": replaces}
    return perform("update_document", declaration, actor=actor or world.trader, key=key or str(uuid4()), **given)


def test_a_newer_packing_list_stands_beside_the_former_and_the_history_tells_who_and_when(client, world):
    sent = world.submit("export")
    update(world, sent)
    first = Document.objects.get()

    update(world, sent, replaces=first.pk)

    newest = Document.objects.newest().get()
    assert (newest.replaces, newest.kind, newest.uploaded_by) == (first, "packing_list", world.trader)
    fact = Fact.objects.filter(move="update_document").last()
    assert (fact.data["document"], fact.data["replaces"], fact.actor) == (newest.pk, first.pk, world.trader)
    assert len(fact.data["sha256"]) == 64
    assert list(verify())
    client.force_login(world.officer("customs"))
    page = text(client.get(reverse("checkpoints:history_declaration", args=[sent.code])))
    assert "Phiếu đóng gói (packing list), thay bản trước" in page


def test_the_same_click_twice_adds_one(world):
    sent, key = world.submit("export"), str(uuid4())

    update(world, sent, key=key)
    assert update(world, sent, key=key).repeated
    assert Document.objects.count() == 1


def refused(world, declaration, **given) -> str:
    before = Document.objects.count(), Fact.objects.count()
    with pytest.raises(Refusal) as refusal:
        update(world, declaration, **given)
    assert (Document.objects.count(), Fact.objects.count()) == before
    return refusal.value.code


def test_only_who_declared_adds_and_only_while_it_goes_on(world):
    sent = world.submit("export")
    assert refused(world, sent, actor=make_trader("Công ty khác")) == "not_yours"
    assert refused(world, sent, actor=world.officer("customs")) == "not_yours"
    perform("withdraw", sent, actor=world.trader, key=None)
    assert refused(world, sent) == "not_live"


def test_a_version_replaced_already_a_foreign_consignment_and_a_wrong_kind_are_refused(world):
    sent, other = world.submit("export"), world.submit("export", trader=make_trader("Công ty khác"))
    update(world, sent)
    first = Document.objects.get()
    update(world, sent, replaces=first.pk)

    assert refused(world, sent, replaces=first.pk) == "document_refused"
    assert refused(world, sent, consignment=other.consignments.get().pk) == "document_refused"
    assert refused(world, sent, kind="love_letter") == "document_refused"


def test_the_officers_see_the_newest_and_after_whose_confirmation_it_came_and_nothing_is_reopened(client, world):
    sent = world.submit("export")
    trip = sent.trips.get()
    update(world, sent)
    world.enter(trip, "B2")
    before = set(Confirmation.objects.values_list("pk", "state", "fact"))

    update(world, sent, replaces=Document.objects.get().pk)

    assert set(Confirmation.objects.values_list("pk", "state", "fact")) == before
    client.force_login(world.officer("customs"))
    page = client.get(reverse("checkpoints:truck", args=[world.gate.code, "a", trip.pk]))
    (shown,) = page.context["documents"]
    assert shown["pk"] == Document.objects.newest().get().pk
    assert "Hải quan" in shown["after"]
    assert "thay bản mới sau khi" in text(page)


# The pages


def url(name, *args):
    return reverse(f"declarations:{name}", args=args)


def given(declaration, **fields):
    lot = declaration.consignments.order_by("pk").first().pk
    return {"consignment": lot, "kind": "invoice", "file": upload(picture()), "key": str(uuid4()), **fields}


def test_a_draft_keeps_its_documents_however_often_it_is_written_and_they_go_with_it(
    client, world, django_capture_on_commit_callbacks
):
    client.force_login(world.trader)
    post(client, form(world, lots=[LOT, LOT | {"owner_name": "Chủ hàng khác"}]))
    draft = Declaration.objects.get()
    second = draft.consignments.order_by("pk").last()
    client.post(url("add_document", draft.code), given(draft, consignment=second.pk))
    assert not Fact.objects.exists()

    post(client, form(world, lots=[LOT, LOT | {"owner_name": "Chủ hàng khác"}], note="sửa"), draft)

    document = Document.objects.get()
    assert document.consignment == draft.consignments.order_by("pk").last()
    post(client, form(world), draft)
    assert fresh(document).consignment == draft.consignments.get()
    assert "Hóa đơn thương mại" in text(client.get(url("detail", draft.code)))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url("delete", draft.code))
    assert not Document.objects.exists()
    assert not document.file.storage.exists(document.file.name)


def test_a_document_is_added_and_replaced_on_the_page_of_the_declaration(client, world):
    client.force_login(world.trader)
    sent = world.submit("export")
    client.post(url("add_document", sent.code), given(sent))
    first = Document.objects.get()
    client.post(url("add_document", sent.code), given(sent, replaces=first.pk, file=upload(PDF)))

    page = text(client.get(url("detail", sent.code)))
    assert "Bản trước" in page
    newest = Document.objects.newest().get()
    assert client.get(url("document", newest.pk)).headers["Content-Type"] == "application/pdf"
    assert client.get(url("document", first.pk)).status_code == 200


def workbook() -> bytes:
    kept = BytesIO()
    Workbook().save(kept)
    return kept.getvalue()


def test_a_packing_list_may_be_a_spreadsheet_which_is_saved_and_not_shown(client, world):
    client.force_login(world.trader)
    sent = world.submit("export")
    client.post(url("add_document", sent.code), given(sent, file=upload(workbook(), "pl.xlsx")))

    answer = client.get(url("document", Document.objects.get().pk))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="invoice.xlsx"'


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"file": upload(b"MZ", "a.pdf")}, "Chỉ nhận ảnh"),
        ({"file": upload(b"PK\x03\x04 no workbook", "a.xlsx")}, "Chỉ nhận ảnh (JPEG, PNG, WebP), PDF hoặc bảng tính"),
        ({"file": upload(bomb(), "a.png")}, "Ảnh quá lớn"),
        ({"file": ""}, "Hãy chọn tệp."),
        ({"kind": "love_letter"}, "love_letter"),
    ],
)
def test_what_is_no_document_is_refused_in_words(client, world, wrong, said):
    client.force_login(world.trader)
    sent = world.submit("export")

    answer = client.post(url("add_document", sent.code), given(sent, **wrong), follow=True)

    assert said in text(answer)
    assert not Document.objects.exists()


def test_documents_are_for_who_declared_and_for_officers_of_the_gate(client, world):
    draft = world.draft("export")
    client.force_login(world.trader)
    client.post(url("add_document", draft.code), given(draft))
    pk = Document.objects.get().pk

    def see(user) -> int:
        client.force_login(user)
        return client.get(url("document", pk)).status_code

    customs = world.officer("customs")
    assert see(customs) == 404, "a draft is nobody's business"
    perform("submit", draft, actor=world.trader, key=None)
    assert see(world.trader) == see(customs) == 200
    assert see(make_trader("Công ty khác")) == 404
    assert see(make_officer("customs", make_gate("tra-linh", "Trà Lĩnh"))) == 404
    assert see(make_officer("industry_trade", None)) == 404
    client.force_login(make_trader("Công ty thứ ba"))
    assert client.post(url("add_document", draft.code), given(draft)).status_code == 404


def test_the_documents_of_a_truck_ask_no_further_query(world, django_assert_num_queries):
    sent = world.submit("export")
    for kind in ("invoice", "packing_list", "origin"):
        update(world, sent, kind=kind)

    trip = sent.trips.get()
    with django_assert_num_queries(1):
        loads = loads_with_documents(trip)
        words = [str(each["word"]) for each in shown_documents(loads, [])]
    assert words == ["Hóa đơn thương mại", "Phiếu đóng gói (packing list)", "Giấy chứng nhận xuất xứ"]
