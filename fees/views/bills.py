"""A payer's bills and one bill's page, the same for the payer and for the fee centre."""

from collections.abc import Mapping
from types import MappingProxyType

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import acts_for_organisation, organisation_ids_of
from checkpoints.refusals import Refusal
from cuakhauso.templatetags.ui import money
from fees.forms.money import AmountForm, CounterPaymentForm, ReasonForm
from fees.links import token_of
from fees.models import Bill, Payment
from fees.payments.providers import account_for, transfer_picture
from fees.rules import collects, sees_desk
from fees.selectors import bills as selectors
from fees.selectors.desk import credits_by_collector, credits_of
from fees.selectors.payers import is_asked_to_pay
from fees.services import paying, receipting
from fees.views.answers import REFUSED, carried_out, say, say_used

PER_PAGE = 20


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """The bills of the person's organisations: those to pay first, or all."""
    payers = organisation_ids_of(request.user)
    bills = selectors.with_stand(Bill.objects.filter(payer__in=payers))
    words, tab = request.GET.get("q", ""), request.GET.get("tab", "")
    found = selectors.search(bills, words)
    if tab != "all" and not words.strip():
        found = found.filter(outstanding__gt=0)
    page = Paginator(found.select_related("payer", "declaration__gate").order_by("-pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    page.object_list = selectors.put_trucks_on(page.object_list)
    context = {
        "page": page,
        "collectors": {bill.collector for bill in page.object_list},
        "tab": tab,
        "words": words,
        "credits": credits_by_collector(payers),
        "owed": selectors.owed_by(payers),
        "is_asked": is_asked_to_pay(payers),
    }
    return render(request, "fees/mine.html", context)


def _bill_or_404(request: HttpRequest, code: str) -> Bill:
    receipts = receipting.live_receipts().filter(bill=OuterRef("pk")).order_by("-pk")
    visible = Bill.objects.visible_to(request.user).annotate(receipt_code=Subquery(receipts.values("code")[:1]))
    return get_object_or_404(
        selectors.with_stand(visible).select_related(
            "payer", "declaration__gate", "declaration__organisation", "declaration__yard"
        ),
        code=code.upper(),
    )


def _bill_context(request: HttpRequest, bill: Bill) -> dict:
    selectors.put_trucks_on([bill])
    selectors.put_lines_on(bill.trucks)
    account = account_for(bill) if bill.outstanding else None
    return {
        "bill": bill,
        "account": account,
        "pay_token": token_of(bill.code),
        "pay_link": request.build_absolute_uri(reverse("fees:pay", args=[token_of(bill.code)])),
        "qr": transfer_picture(account, bill.code, bill.outstanding),
        "payments": selectors.payments_on(bill),
    }


@require_safe
@login_required
def bill(request: HttpRequest, code: str) -> HttpResponse:
    """One bill: its trucks line by line, what was paid, and what may be done next."""
    return shown(request, code)


def shown(
    request: HttpRequest, code: str, *, waive_forms: Mapping[int, Form] = MappingProxyType({}), **refused: Form
) -> HttpResponse:
    """The page of one bill; the forms given, those of trucks by trip id, are its own as they were sent and refused."""
    bill = _bill_or_404(request, code)
    takes = collects(request.user, bill.kind, bill.declaration.gate)
    pays = acts_for_organisation(request.user, bill.payer_id)
    rest = {"amount": bill.outstanding or None}
    context = _bill_context(request, bill) | {
        "at_desk": sees_desk(request.user),
        "collects": takes,
        "pays": pays,
        "declares": acts_for_organisation(request.user, bill.declaration.organisation_id),
        "demo": settings.DEMO,
        "credit": credits_of([bill.payer_id])[bill.payer_id, bill.holder]
        if bill.outstanding and (takes or pays)
        else 0,
        "counter_form": CounterPaymentForm(initial=rest, auto_id="counter_%s"),
        "stub_form": AmountForm(initial=rest, auto_id="bank_%s"),
        "refund_form": AmountForm(initial={"amount": bill.surplus}, auto_id="refund_%s"),
    }
    for truck in bill.trucks:
        truck.waive_form = waive_forms.get(truck.trip.pk) or ReasonForm(auto_id=f"waive{truck.trip.pk}_%s")
    return render(request, "fees/bill.html", context | refused, status=REFUSED if refused or waive_forms else 200)


@require_safe
@login_required
def printed(request: HttpRequest, code: str) -> HttpResponse:
    """The bill on paper, with its QR code."""
    return render(request, "fees/print.html", _bill_context(request, _bill_or_404(request, code)))


@require_POST
@login_required
def use_credit(request: HttpRequest, code: str) -> HttpResponse:
    bill = get_object_or_404(Bill.objects.visible_to(request.user), code=code)
    try:
        used = paying.use_credit(bill=bill, actor=request.user)
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message)
    else:
        say_used(request, used)
    return redirect("fees:bill", code=bill.code)


@require_POST
@login_required
def demo_bank(request: HttpRequest, code: str) -> HttpResponse:
    """Pay by a bank that exists in the demo only: what a bank would send goes in by the same way."""
    if not settings.DEMO:
        raise Http404
    bill = get_object_or_404(Bill.objects.filter(payer__in=organisation_ids_of(request.user)), code=code)
    form = AmountForm(request.POST, auto_id="bank_%s")

    def transfer(data: dict) -> str:
        recorded = paying.receive_transfer(
            text=f"nop phi {bill.code.lower()}",
            amount=data["amount"],
            method=Payment.Method.STUB,
            reference=f"DEMO {data['key'][:8].upper()}",
            key=f"demo-bank:{data['key']}",
        )
        return _("Ngân hàng thử nghiệm đã chuyển %(amount)s.") % {"amount": money(recorded.payment.amount)}

    if carried_out(request, form, transfer):
        return redirect("fees:bill", code=bill.code)
    return shown(request, bill.code, stub_form=form)
