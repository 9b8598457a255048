"""Who pays: authorised, accepted, ended; a bill given to another; each kind of fee to its collector."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from checkpoints.door import perform
from checkpoints.models import Fact
from checkpoints.refusals import Refusal
from declarations.models import Trip
from fees.models import BankAccount, Bill, PayingAuthority, Payment, StatementLine, Tariff
from fees.payments.providers import account_for, open_for
from fees.rules import collector_of, collects
from fees.services import ordering, payers
from fees.services.desking import spend
from fees.services.matching import assign_line
from fees.services.paying import record_payment, use_credit
from fees.services.waiving import waive
from gates.procedures import BOOKS
from notices import services as notices
from notices.models import Notice
from notices.words import told
from tests.fees.banks import make_account, transfer_on
from tests.fees.payments.gateway import SECRET, TERMINAL
from tests.fees.statements.test_importing import bring_in, row
from tests.fees.tables import LANG_SON, LANG_SON_RULES
from tests.fees.trucks import pay, ready
from tests.world import World, fresh, make_gate, make_officer, make_trader, vehicle

pytestmark = pytest.mark.django_db


@pytest.fixture
def forwarder():
    return make_trader("Công ty Giao nhận Đông Khê")


def organisation(user):
    return user.memberships.get().organisation


def authorise(world: World, payer, **changes) -> PayingAuthority:
    how = {"valid_from": timezone.localdate(), "valid_to": None, "actor": world.trader} | changes
    return payers.authorise(organisation=organisation(world.trader), payer=organisation(payer), **how)


def refused(code: str, act, **how) -> None:
    with pytest.raises(Refusal) as refusal:
        act(**how)
    assert refusal.value.code == code


def test_bills_go_to_who_accepted_to_pay(world, forwarder):
    authority = authorise(world, forwarder)
    ready(world, "11C00001")
    assert Bill.objects.get().payer == organisation(world.trader)
    payers.accept(authority=authority, actor=forwarder)
    payers.accept(authority=authority, actor=forwarder)
    ready(world, "11C00002")
    later = Bill.objects.latest("pk")
    assert later.payer == organisation(forwarder)
    pay(later, later.entries.get().amount)
    assert later.payments.get().payer == organisation(forwarder)
    payers.end(authority=authority, actor=forwarder)
    ready(world, "11C00003")
    assert Bill.objects.latest("pk").payer == organisation(world.trader)


def test_only_the_sides_name_accept_and_end(world, forwarder):
    stranger = make_trader("Công ty khác")
    refused("not_yours", authorise, world=world, payer=forwarder, actor=stranger)
    refused("own_fees", authorise, world=world, payer=world.trader)
    refused("wrong_day", authorise, world=world, payer=forwarder, valid_to=date(2026, 1, 1))
    authority = authorise(world, forwarder)
    refused("asked_before", authorise, world=world, payer=forwarder)
    for actor in (stranger, world.trader):
        refused("not_yours", payers.accept, authority=authority, actor=actor)
    refused("not_yours", payers.end, authority=authority, actor=stranger)
    payers.end(authority=authority, actor=world.trader)
    refused("just_changed", payers.accept, authority=authority, actor=forwarder)
    refused("just_changed", payers.end, authority=authority, actor=forwarder)


def test_two_do_not_pay_for_the_same_days(world, forwarder):
    other = make_trader("Công ty khác")
    payers.accept(authority=authorise(world, forwarder), actor=forwarder)
    second = authorise(world, other)
    refused("another_pays", payers.accept, authority=second, actor=other)
    assert not PayingAuthority.objects.get(pk=second.pk).accepted_at


def test_a_bill_changes_hands_until_something_is_paid(world, forwarder):
    ready(world)
    bill = Bill.objects.get()
    theirs, own = organisation(forwarder), organisation(world.trader)
    refused("not_authorised", payers.change_payer, bill=bill, payer=theirs, actor=world.trader)
    payers.accept(authority=authorise(world, forwarder), actor=forwarder)
    refused("not_yours", payers.change_payer, bill=bill, payer=theirs, actor=forwarder)
    payers.change_payer(bill=bill, payer=theirs, actor=world.trader)
    assert fresh(bill).payer == theirs
    payers.change_payer(bill=bill, payer=own, actor=forwarder)
    assert fresh(bill).payer == own
    assert [fact.data["payer"] for fact in Fact.objects.filter(move="change_payer")] == [theirs.pk, own.pk]
    pay(bill, 1)
    refused("being_paid", payers.change_payer, bill=bill, payer=theirs, actor=world.trader)


def page(response) -> str:
    assert response.status_code == 200, response
    return response.content.decode()


def test_the_pages(world, forwarder, client):
    ready(world)
    bill = Bill.objects.get()
    other = Client()
    other.force_login(forwarder)
    client.force_login(world.trader)
    assert "Chưa có ai nhận nộp thay" in page(client.get(f"/fees/bills/{bill.code}/payer/"))
    form = {
        "organisation": organisation(world.trader).pk,
        "payer": organisation(forwarder).tax_code,
        "valid_from": f"{timezone.localdate()}",
    }
    assert "Không có tổ chức nào" in page(client.post("/fees/payers/", form | {"payer": "0000000000"}))
    assert client.post("/fees/payers/", form | {"organisation": organisation(forwarder).pk}).status_code == 200
    assert not PayingAuthority.objects.exists()
    client.post("/fees/payers/", form)
    authority = PayingAuthority.objects.get()
    assert client.post(f"/fees/payers/{authority.pk}/accept/", follow=True).status_code == 200
    assert not PayingAuthority.objects.filter(accepted_at__isnull=False).exists()
    assert "Có tổ chức đề nghị bạn nộp phí thay" in page(other.get("/fees/mine/"))
    assert "Nhận nộp thay" in page(other.get("/fees/payers/"))
    other.post(f"/fees/payers/{authority.pk}/accept/")
    assert "Chuyển cho người nộp khác" in page(client.get(f"/fees/bills/{bill.code}/"))
    assert other.get(f"/fees/bills/{bill.code}/").status_code == 404
    assert "Công ty Giao nhận Đông Khê" in page(client.get(f"/fees/bills/{bill.code}/payer/"))
    client.post(f"/fees/bills/{bill.code}/payer/", {"payer": organisation(forwarder).pk})
    html = page(other.get(f"/fees/bills/{bill.code}/"))
    assert "Nộp thay cho" in html
    assert bill.code in page(other.get("/fees/mine/"))
    assert "Nộp thay cho" in page(client.get(f"/fees/bills/{bill.code}/"))
    assert client.post(f"/fees/bills/{bill.code}/payer/", {"payer": "x"}, follow=True).status_code == 200
    stranger = Client()
    stranger.force_login(make_trader("Công ty khác"))
    assert stranger.post(f"/fees/payers/{authority.pk}/end/").status_code == 404
    assert stranger.post(f"/fees/bills/{bill.code}/payer/", {"payer": "1"}).status_code == 404


def test_the_pages_ask_little(world, forwarder, client, django_assert_max_num_queries):
    payers.accept(authority=authorise(world, forwarder), actor=forwarder)
    ready(world)
    bill = Bill.objects.get()
    payers.change_payer(bill=bill, payer=organisation(forwarder), actor=world.trader)
    for user in (world.trader, forwarder):
        client.force_login(user)
        for address in ("/fees/payers/", f"/fees/bills/{bill.code}/", f"/fees/bills/{bill.code}/payer/"):
            with django_assert_max_num_queries(12):
                page(client.get(address))


def test_each_kind_of_fee_has_its_collector(world):
    own, lang_son = BOOKS["cao_bang_2026"], BOOKS["lang_son_2024_amended"]
    assert {collector_of(kind, own) for kind in ("infrastructure", "transshipment")} == {"fee_centre"}
    assert collector_of("infrastructure", lang_son) == "tax_office"
    assert collector_of("transshipment", lang_son) == "fee_centre"
    there = make_gate("huu-nghi", "Hữu Nghị", lang_son.code)
    tax, centre = make_officer("tax_office", there), make_officer("fee_centre", there)
    assert (collects(tax, "infrastructure", there), collects(tax, "transshipment", there)) == (True, False)
    assert (collects(centre, "infrastructure", there), collects(centre, "transshipment", there)) == (False, True)
    here = make_officer("tax_office", world.gate)
    assert (collects(here, "infrastructure", world.gate), collects(here, "infrastructure", there)) == (True, False)


def at_lang_son(*lines: dict, rules: tuple[dict, ...] = ()) -> tuple[World, Trip]:
    """A container whose yard stage is complete at a gate where the book names two collectors."""
    yesterday = timezone.localdate() - timedelta(days=1)
    tariff = Tariff.objects.create(
        province="Lạng Sơn", name="NQ 09/2025", legal_basis="NQ", valid_from=yesterday, is_sample=True
    )
    for line in lines:
        tariff.lines.create(**line)
    for rule in rules:
        tariff.rules.create(**rule)
    Tariff.objects.filter(pk=tariff.pk).update(state="approved")
    world = World(gate=make_gate("huu-nghi", "Hữu Nghị", "lang_son_2024_amended"))
    trip = world.submit("export", [vehicle("12C12345", vehicle_type="40ft")]).trips.get()
    world.enter(trip, "B2")
    world.see(trip, "yard", "in")
    world.confirm_all(fresh(trip))
    return world, fresh(trip)


def test_a_lang_son_bill_is_paid_at_its_collector():
    world, trip = at_lang_son(*LANG_SON, rules=LANG_SON_RULES)
    bill = Bill.objects.get()
    assert (bill.kind, bill.collector, bill.entries.get().amount) == ("infrastructure", "tax_office", 800_000)
    how = {"bill": bill, "amount": 800_000, "method": "bank"}
    refused("not_yours", record_payment, **how, actor=world.officer("fee_centre"), key=str(uuid4()))
    record_payment(**how, actor=world.officer("tax_office"), key=str(uuid4()))
    notices.note(Fact.objects.filter(move="record_payment"))
    at_desk, to_payer = Notice.objects.filter(kind="paid").order_by("-role")
    assert (at_desk.role, to_payer.organisation) == ("tax_office", bill.payer)
    assert told(to_payer).text.endswith("chờ Cơ quan Thuế xác nhận.")
    world.confirm(trip, "fee_centre", "fee_confirmed")


def test_bills_of_two_collectors_are_paid_apart_each_to_its_own_account(client, settings):
    world, _trip = at_lang_son({"price": 800_000}, {"kind": "transshipment", "price": 90_000})
    one, two = Bill.objects.order_by("kind")
    accounts = [
        BankAccount.objects.create(bank="970405", number=number, holder="KHO BAC", collector=collector)
        for number, collector in (("77", "tax_office"), ("88", "fee_centre"))
    ]
    make_account()
    assert [account_for(bill) for bill in (one, two)] == accounts
    refused("many_collectors", ordering.open_order, bills=[one, two], provider="transfer", actor=world.trader)
    order = ordering.open_order(bills=[two], provider="transfer", actor=world.trader)
    assert order.amount == 90_000
    settings.VNPAY = {"terminal": TERMINAL, "secret": SECRET, "pay_url": "", "api_url": ""}
    settings.VNPAY_COLLECTOR = "tax_office"
    assert [open_for(bill) for bill in (one, two)] == [["transfer", "vnpay"], ["transfer"]]
    client.force_login(world.trader)
    html = page(client.get("/fees/mine/"))
    assert "Phí hạ tầng, Cơ quan Thuế" in html
    assert transfer_on(page(client.get(f"/fees/bills/{two.code}/"))).account == "88"


def test_what_is_left_at_one_collector_pays_no_fee_of_another():
    world, _trip = at_lang_son({"price": 800_000}, {"kind": "transshipment", "price": 90_000})
    one, two = Bill.objects.order_by("kind")
    pay(one, 1_000_000)
    assert use_credit(bill=two, actor=world.trader) == 0
    assert spend(payment=Payment.objects.get(), actor=world.officer("tax_office")) == 0
    tax = BankAccount.objects.create(bank="970405", number="77", holder="KHO BAC", collector="tax_office")
    bring_in(world, tax, row(90_000, "không rõ"))
    line = StatementLine.objects.get()
    refused("other_collector", assign_line, line=line, bill=two, actor=world.officer("fee_centre"))
    assert Bill.objects.with_sums().get(pk=two.pk).outstanding == 90_000


def test_a_code_on_the_account_of_another_collector_settles_nothing():
    world, _trip = at_lang_son({"price": 800_000}, {"kind": "transshipment", "price": 90_000})
    _one, two = Bill.objects.order_by("kind")
    centre = BankAccount.objects.create(bank="970405", number="88", holder="TT", collector="fee_centre")
    order = ordering.open_order(bills=[two], provider="transfer", actor=world.trader)
    tax = BankAccount.objects.create(bank="970405", number="77", holder="KHO BAC", collector="tax_office")
    bring_in(world, tax, row(90_000, two.code), row(90_000, order.code))
    assert (Payment.objects.count(), StatementLine.objects.filter(payment__isnull=True).count()) == (0, 2)
    bring_in(world, centre, row(90_000, order.code))
    assert Bill.objects.with_sums().get(pk=two.pk).outstanding == 0


def test_bills_of_two_accounts_are_paid_apart(world):
    other = World(gate=make_gate("tra-linh", "Trà Lĩnh"), trader=world.trader)
    ready(world)
    ready(other, "11C22222")
    one, two = Bill.objects.order_by("pk")
    assert one.holder == two.holder
    accounts = [make_account(bill.declaration.gate, number) for bill, number in ((one, "77"), (two, "88"))]
    refused("many_collectors", ordering.open_order, bills=[one, two], provider="transfer", actor=world.trader)
    BankAccount.objects.filter(pk=accounts[1].pk).delete()
    BankAccount.objects.filter(pk=accounts[0].pk).update(gate=None)
    assert ordering.open_order(bills=[one, two], provider="transfer", actor=world.trader).amount == 6_000_000


def test_no_page_offers_credit_of_another_collector(client):
    world, _trip = at_lang_son({"price": 800_000}, {"kind": "transshipment", "price": 90_000})
    one, two = Bill.objects.order_by("kind")
    pay(one, 1_000_000)
    pay(two, 1_000)
    client.force_login(world.trader)
    assert "Dùng tiền dư" not in page(client.get(f"/fees/bills/{two.code}/"))
    answer = client.post(f"/fees/bills/{two.code}/credit/", follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        "Không có tiền dư nào ở cùng cơ quan thu để dùng."
    ]
    for agency in ("tax_office", "fee_centre"):
        client.force_login(world.officer(agency))
        assert "Dùng tiền dư" not in page(client.get("/fees/?tab=short"))
        assert "Dùng cho" not in page(client.get("/fees/?tab=over"))


def test_one_collector_waives_nothing_of_the_other():
    world, trip = at_lang_son({"price": 800_000}, {"kind": "transshipment", "price": 90_000})
    one, two = Bill.objects.order_by("kind")
    perform("turn_back", trip, actor=world.officer("border_guard"), key=None, reason="giấy tờ không hợp lệ")
    mine = waive(trip=trip, actor=world.officer("tax_office"), reason="quay về")
    sums = Bill.objects.with_sums()
    assert [sums.get(pk=bill.pk).due for bill in (one, two)] == [0, 90_000]
    assert (mine.outcome, mine.total, mine.by_kind()) == ("due", 90_000, {"transshipment": 90_000})
    refused("not_yours", waive, trip=trip, actor=world.officer("tax_office"), reason="quay về")
    whole = waive(trip=trip, actor=world.officer("fee_centre"), reason="quay về")
    assert (whole.outcome, whole.total, sums.get(pk=two.pk).due) == ("ended", 0, 0)
    assert waive(trip=trip, actor=world.officer("fee_centre"), reason="quay về") == whole


def test_what_is_left_in_one_province_pays_nothing_in_another(world):
    """Both provinces' centres are called the same, and hold different money."""
    ready(world)
    here = Bill.objects.get()
    pay(here, 3_500_000)
    payer = here.payer
    at_lang_son({"price": 800_000}, {"kind": "transshipment", "price": 90_000})
    Bill.objects.update(payer=payer)
    other = Bill.objects.get(kind="transshipment")
    assert other.collector == here.collector
    assert use_credit(bill=other, actor=world.trader) == 0
    assert spend(payment=Payment.objects.get(), actor=world.officer("fee_centre")) == 0
    ready(world, "11C22222")
    more = Bill.objects.latest("pk")
    refused("many_collectors", ordering.open_order, bills=[more, other], provider="transfer", actor=world.trader)
    assert Bill.objects.with_sums().get(pk=other.pk).outstanding == 90_000
