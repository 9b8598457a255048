"""Documents of consignments: added and replaced with a trace, seen by the officers, reopening nothing."""

from io import BytesIO
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from checkpoints.door import perform
from checkpoints.facts import verify
from checkpoints.models import Confirmation, Fact
from checkpoints.refusals import Refusal
from checkpoints.views.documents import loads_with_documents, shown_documents
from declarations.checks import problems
from declarations.documents import cleaned_document
from declarations.models import Declaration, Document
from declarations.services import copy_of
from tests.declarations.pages import LOT, form, post, text
from tests.register.files import PDF, bomb, picture, upload
from tests.world import fresh, make_gate, make_officer, make_trader

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("gone", [0, 987_654_321, 10**30])
def test_what_was_to_be_replaced_and_is_not_there_is_never_taken_for_an_addition(client, world, gone):
    sent, draft = world.submit("export"), world.draft("export")
    assert refused(world, sent, replaces=gone) == "document_refused"
    client.force_login(world.trader)
    for declaration in (sent, draft):
        answer = client.post(url("add_document", declaration.code), given(declaration, replaces=gone), follow=True)
        assert "vừa được thay bằng bản khác; hãy xem lại" in text(answer)
    assert not Document.objects.exists()


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


def lots_of(draft) -> list[dict]:
    """The rows of its consignments as the page of the draft holds them."""
    lots = draft.consignments.order_by("pk")
    return [LOT | {"lot": lot.pk, "owner_name": lot.owner_name} for lot in lots]


@pytest.fixture
def draft(client, world) -> Declaration:
    """Of three owners, with an invoice and its newer version for the goods of the second."""
    client.force_login(world.trader)
    post(client, form(world, lots=[LOT | {"owner_name": owner} for owner in ("Chủ A", "Chủ B", "Chủ C")]))
    draft = Declaration.objects.get()
    second = draft.consignments.get(owner_name="Chủ B").pk
    client.post(url("add_document", draft.code), given(draft, consignment=second))
    client.post(url("add_document", draft.code), given(draft, consignment=second, replaces=Document.objects.get().pk))
    assert not Fact.objects.exists()
    return draft


def owners() -> list[str | None]:
    return [document.consignment and document.consignment.owner_name for document in Document.objects.all()]


def test_the_documents_of_a_draft_stay_with_their_goods_however_it_is_written(client, world, draft):
    assert f'name="consignments-1-lot" value="{lots_of(draft)[1]["lot"]}"' in text(client.get(url("edit", draft.code)))
    post(client, form(world, lots=lots_of(draft), note="sửa"), draft)
    assert owners() == ["Chủ B"] * 2
    post(client, form(world, lots=lots_of(draft)[1:]), draft)
    assert owners() == ["Chủ B"] * 2, "though another's goods before them were taken out"
    post(client, form(world, lots=[*lots_of(draft), LOT | {"owner_name": "Chủ D"}]), draft)
    assert owners() == ["Chủ B"] * 2
    assert [lot.owner_name for lot in draft.consignments.order_by("pk")] == ["Chủ B", "Chủ C", "Chủ D"]


def test_the_documents_of_goods_taken_out_go_to_nobody_elses_until_they_are_placed(client, world, draft):
    first, second, third = lots_of(draft)
    post(client, form(world, lots=[first, third]), draft)

    assert owners() == [None] * 2
    assert "Chứng từ chưa gắn lô hàng" in text(client.get(url("detail", draft.code)))
    assert [found.code for found in problems(fresh(draft)) if "document" in found.code] == ["loose_documents"]
    former, newest = Document.objects.order_by("pk")
    for wrong in ({"consignment": second["lot"]}, {"consignment": ""}):
        client.post(url("place_document", draft.code, newest.pk), wrong)
    client.post(url("place_document", draft.code, former.pk), {"consignment": third["lot"]})
    assert owners() == [None] * 2
    client.post(url("place_document", draft.code, newest.pk), {"consignment": third["lot"]})
    assert owners() == ["Chủ C"] * 2
    client.post(url("drop_document", draft.code, newest.pk))
    assert owners() == ["Chủ C"] * 2, "only what belongs to nothing is dropped"
    assert not [found.code for found in problems(fresh(draft)) if "document" in found.code]


def test_the_documents_of_goods_taken_out_may_be_deleted_with_their_files(
    client, world, draft, django_capture_on_commit_callbacks
):
    post(client, form(world, lots=lots_of(draft)[::2]), draft)
    kept = [document.file for document in Document.objects.all()]
    newest = Document.objects.newest().get()

    client.force_login(make_trader("Công ty khác"))
    assert client.post(url("drop_document", draft.code, newest.pk)).status_code == 404
    client.force_login(world.trader)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url("drop_document", draft.code, newest.pk))

    assert not Document.objects.exists()
    assert not any(file.storage.exists(file.name) for file in kept)


def test_the_goods_of_another_draft_are_not_written_by_naming_them(client, world, draft):
    other = world.draft("export")
    theirs = other.consignments.get()

    post(client, form(world, lots=[LOT | {"lot": theirs.pk, "owner_name": "Chủ E"}]), draft)

    assert fresh(theirs).owner_name == ""
    assert draft.consignments.get().owner_name == "Chủ E"


def test_the_copy_of_a_declaration_has_goods_of_its_own(client, world, draft):
    copied = copy_of(draft, actor=world.trader, expected_at=timezone.now())
    assert not copied.documents.exists()
    assert draft.consignments.count() == copied.consignments.count() == 3


def test_the_documents_of_a_draft_go_with_it(client, world, draft, django_capture_on_commit_callbacks):
    assert "Hóa đơn thương mại" in text(client.get(url("detail", draft.code)))
    document = Document.objects.newest().get()
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
