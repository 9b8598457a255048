"""A payer's bills and one bill's page, the same for the payer and for the fee centre."""

from uuid import uuid4

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
from fees.forms.money import AmountForm, CounterPaymentForm
from fees.links import token_of
from fees.models import Bill, Payment
from fees.payments.providers import account_for, transfer_picture
from fees.rules import collects, sees_desk
from fees.selectors import bills as selectors
from fees.selectors.desk import credits_by_collector, credits_of
from fees.selectors.payers import is_asked_to_pay
from fees.services import paying, receipting

PER_PAGE = 20


def say(request: HttpRequest, level: int, words: str) -> None:
    messages.add_message(request, level, words)


def say_used(request: HttpRequest, used: int) -> None:
    """How much of what was left over was used, in đồng; an error where nothing of it could be."""
    if used:
        say(request, messages.SUCCESS, _("Đã dùng %(amount)s tiền dư để nộp phí.") % {"amount": money(used)})
    else:
        say(request, messages.ERROR, _("Không có tiền dư nào ở cùng cơ quan thu để dùng."))


def first_error(form: Form) -> str:
    """The first thing wrong with a form; what is said of any field (required, too long) with the field's name."""
    name, error = next((name, error) for name, errors in form.errors.as_data().items() for error in errors)
    words, field = error.messages[0], form.fields.get(name)
    return f"{form[name].label}: {words}" if field and error.code and not field.widget.is_hidden else words


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
    bill = _bill_or_404(request, code)
    takes = collects(request.user, bill.kind, bill.declaration.gate)
    pays = acts_for_organisation(request.user, bill.payer_id)
    key, rest = str(uuid4()), bill.outstanding or None
    context = _bill_context(request, bill) | {
        "at_desk": sees_desk(request.user),
        "collects": takes,
        "pays": pays,
        "declares": acts_for_organisation(request.user, bill.declaration.organisation_id),
        "demo": settings.DEMO,
        "credit": credits_of([bill.payer_id])[bill.payer_id, bill.holder]
        if bill.outstanding and (takes or pays)
        else 0,
        "counter_form": CounterPaymentForm(initial={"key": key, "amount": rest}, auto_id="counter_%s"),
        "stub_form": AmountForm(initial={"key": key, "amount": rest}, auto_id="bank_%s"),
        "refund_form": AmountForm(initial={"key": key, "amount": bill.surplus}, auto_id="refund_%s"),
    }
    return render(request, "fees/bill.html", context)


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
    form = AmountForm(request.POST)
    if not form.is_valid():
        say(request, messages.ERROR, first_error(form))
        return redirect("fees:bill", code=bill.code)
    key = form.cleaned_data["key"]
    try:
        recorded = paying.receive_transfer(
            text=f"nop phi {bill.code.lower()}",
            amount=form.cleaned_data["amount"],
            method=Payment.Method.STUB,
            reference=f"DEMO {key[:8].upper()}",
            key=f"demo-bank:{key}",
        )
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message)
    else:
        words = _("Ngân hàng thử nghiệm đã chuyển %(amount)s.")
        say(request, messages.SUCCESS, words % {"amount": money(recorded.payment.amount)})
    return redirect("fees:bill", code=bill.code)
