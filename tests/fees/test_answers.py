"""A form that was refused is shown again with all that was typed, wherever it stands, and says why."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from fees.links import token_of
from fees.models import Bill, CashShift, Payment, Receipt, ReceiptSeries, RefundRequest, Tariff
from fees.services import counter, refunding
from fees.services import tariffs as services
from tests.fees.banks import make_account
from tests.fees.tariffs import in_force
from tests.fees.test_waiving import turned_back
from tests.fees.trucks import pay, ready
from tests.world import make_officer

pytestmark = pytest.mark.django_db


def refused(answer) -> tuple[str, str]:
    """The page of a refused form, and what was said last."""
    assert answer.status_code == 422, answer
    return answer.content.decode(), str(list(answer.context["messages"])[-1])


def test_a_wrong_amount_at_the_counter_keeps_the_reference(world, centre):
    ready(world)
    bill = Bill.objects.get()
    address = f"/fees/bills/{bill.code}/payment/"
    html, said = refused(centre.post(address, {"key": "k", "amount": "3.000.000,5", "reference": "PT 0017"}))
    assert said == "Đồng không có phần lẻ: hãy ghi số nguyên, ví dụ 1.250.000."
    assert html.count(said) == 2
    assert 'value="PT 0017"' in html
    assert 'value="3.000.000,5"' in html
    assert f'hx-get="/fees/bills/{bill.code}/"' in html
    assert 'value="k"' not in html
    html, said = refused(centre.post(address, {"key": "k", "amount": "đ", "reference": "PT 0017"}))
    assert said == "Số tiền: Trường này là bắt buộc."
    centre.post(address, {"key": "k", "amount": "1.000.000", "reference": "PT 0017"})
    html, said = refused(centre.post(address, {"key": "k", "amount": "2.000.000", "reference": "PT 0018"}))
    assert "đã dùng cho một việc khác" in said
    assert 'value="PT 0018"' in html
    assert Payment.objects.get().reference == "PT 0017"


def test_more_than_the_rest_is_taken_at_the_counter_only_where_the_cashier_says_so(world, centre):
    ready(world)
    bill = Bill.objects.get()
    address = f"/fees/bills/{bill.code}/payment/"
    typed = {"key": "k", "amount": "30.000.000", "reference": "PT 0017"}
    assert 'name="more"' not in centre.get(f"/fees/bills/{bill.code}/").content.decode()
    html, said = refused(centre.post(address, typed))
    assert said == "Nhiều hơn số còn phải nộp 3.000.000\u00a0₫. Phần thừa sẽ là tiền dư của người nộp."
    assert 'name="more"' in html
    assert not Payment.objects.exists()
    centre.post(address, typed | {"more": "on"})
    centre.post(address, typed)
    assert list(Payment.objects.values_list("amount", flat=True)) == [30_000_000]

    html, said = refused(centre.post(address, {"key": "m", "amount": "3.000.000"}))
    assert said.startswith("Nhiều hơn số còn phải nộp 0\u00a0₫")
    assert 'name="more"' in html


def test_a_wrong_count_keeps_the_note_and_the_other_shift_as_it_is(world, centre):
    officer = world.officer("fee_centre")
    counter.begin_shift(gate_id=world.gate.pk, cashier=officer, float_amount=200_000)
    shift = CashShift.objects.get()
    address = f"/fees/counter/{shift.pk}/close/"
    html, said = refused(centre.post(address, {"counted": "một trăm", "note": "thiếu tờ rách"}))
    assert said == "Hãy ghi số tiền bằng chữ số, ví dụ 1.250.000."
    assert 'value="một trăm"' in html
    assert 'value="thiếu tờ rách"' in html
    html, said = refused(centre.post(address, {"counted": "199.000", "note": ""}))
    assert said == "Số tiền đếm được lệch -1.000\u00a0₫: hãy ghi lý do chênh lệch."
    assert 'value="199.000"' in html
    assert CashShift.objects.get().closed_at is None


def test_the_change_and_the_day_typed_wrongly_are_shown_again(world, centre):
    html, said = refused(centre.post("/fees/counter/open/", {"gate": world.gate.pk, "counted": "10o.000"}))
    assert 'value="10o.000"' in html
    assert said == "Hãy ghi số tiền bằng chữ số, ví dụ 1.250.000."
    html, said = refused(centre.post("/fees/counter/close-day/", {"gate": world.gate.pk, "day": "2099-01-31"}))
    assert said == "Ngày này chưa tới."
    assert 'value="2099-01-31"' in html
    assert not CashShift.objects.exists()


def test_a_refund_is_paid_out_or_declined_on_its_own_page(world, centre):
    ready(world)
    pay(Bill.objects.get(), 3_000_500)
    asked = refunding.ask_refund(
        payment=Payment.objects.get(), amount=500, how="transfer", to="0123", reason="thừa", actor=world.trader, key="k"
    )
    address = f"/fees/refunds/{asked.pk}/"
    assert f'href="{address}#decline"' in centre.get("/fees/?tab=refunds").content.decode()
    html, said = refused(centre.post(address, {"how": "decline", "reason": "kg"}))
    assert said == "Hãy ghi lý do."
    assert 'value="kg"' in html
    html, said = refused(centre.post(address, {"reference": "UNC " + "7" * 100}))
    assert said.startswith("Số chứng từ: ")
    assert "UNC 777" in html
    assert RefundRequest.objects.get().entry is None
    assert centre.post(address, {"reference": "UNC 7"}).url == "/fees/?tab=refunds"
    assert "UNC 7" in centre.get(address).content.decode()
    html, said = refused(centre.post(address, {"how": "decline", "reason": "đã chi rồi"}))
    assert said == "Đề nghị hoàn trả này đã được chi."


def test_more_than_is_left_is_not_given_back_and_stays_typed(world, centre):
    ready(world)
    bill = Bill.objects.get()
    pay(bill, 3_000_500)
    html, said = refused(centre.post(f"/fees/bills/{bill.code}/refund/", {"key": "k", "amount": "501"}))
    assert said == "Số tiền hoàn trả lớn hơn số còn dư của khoản nộp."
    assert 'id="refund_amount"' in html
    assert 'value="501"' in html


def test_a_reason_too_short_stays_typed(world, centre):
    ReceiptSeries.objects.create(template="01BLP0-001", sign="CB-26T")
    ready(world, pay=True)
    bill = Bill.objects.get()
    centre.post(f"/fees/bills/{bill.code}/confirm/", {"key": "k"})
    receipt = Receipt.objects.get()
    html, said = refused(centre.post(f"/fees/receipts/{receipt.code}/cancel/", {"reason": "sa"}))
    assert said == "Hãy ghi lý do."
    assert 'value="sa"' in html
    trip, other = turned_back(world, plate="11C77777")
    html, said = refused(centre.post(f"/fees/bills/{other.code}/waive/{trip.pk}/", {"reason": "qv"}))
    assert 'value="qv"' in html
    assert Receipt.objects.count() == 1


def test_a_payload_out_of_bounds_stays_typed(world, centre):
    trip = ready(world, payload=None, regime="transit", goods_group="farm")
    html, _said = refused(centre.post(f"/fees/unpriced/{trip.pk}/", {"payload": "1800"}))
    assert 'value="1800"' in html


def test_the_demos_bank_keeps_what_was_typed(world, client, settings):
    settings.DEMO = True
    ready(world)
    bill = Bill.objects.get()
    client.force_login(world.trader)
    html, _said = refused(client.post(f"/fees/bills/{bill.code}/demo-bank/", {"key": "k", "amount": "1,5"}))
    assert 'value="1,5"' in html
    stub = client.post(f"/fees/pay/{token_of(bill.code)}/start/", {"provider": "stub"}).url
    html, _said = refused(client.post(stub, {"key": "k", "amount": "2,5"}))
    assert 'value="2,5"' in html
    assert not Payment.objects.exists()


def test_a_tariff_keeps_the_reason_and_the_day(world, client):
    tariff = in_force()
    client.force_login(make_officer("fee_centre", None))
    html, said = refused(client.post(f"/fees/tariffs/{tariff.pk}/end/", {"day": "2019-01-01"}))
    assert said == "Ngày kết thúc phải nằm trong thời gian hiệu lực của biểu phí."
    assert 'value="2019-01-01"' in html
    draft = services.new_tariff(
        actor=make_officer("fee_centre", None),
        like=tariff,
        province="Cao Bằng",
        name="Biểu phí mới",
        legal_basis="NQ",
        valid_from=timezone.localdate() + timedelta(days=30),
        valid_to=None,
        name_en="",
        name_zh="",
    )
    services.propose(tariff=draft, actor=draft.authors.get())
    html, said = refused(client.post(f"/fees/tariffs/{draft.pk}/send-back/", {"reason": "x"}))
    assert said == "Hãy ghi lý do."
    assert 'value="x"' in html
    assert client.post(f"/fees/tariffs/{draft.pk}/send-back/", {"reason": "thiếu mức phí"}).status_code == 302
    assert Tariff.objects.get(pk=draft.pk).is_draft


def test_the_account_stays_chosen_when_the_file_is_refused(world, centre):
    make_account(number="1")
    account = make_account(number="2")
    empty = SimpleUploadedFile("a.csv", b"")
    html, said = refused(centre.post("/fees/statements/", {"account": account.pk, "file": empty}))
    assert said
    assert f'<option value="{account.pk}" selected>' in html
