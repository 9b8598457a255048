"""Paying: the page of a bill or an order by its link, with or without an account, and what the gateway sends."""

import logging

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.rules import organisation_ids_of
from checkpoints.refusals import Refusal
from cuakhauso.templatetags.ui import money
from fees.forms.money import AmountForm
from fees.links import code_in, token_of
from fees.models import Bill, PaymentOrder
from fees.payments import vnpay as gateway
from fees.payments.providers import account_for, open_for, provider_of, share_account, transfer_picture, vnpay
from fees.selectors import bills as selectors
from fees.services import ordering, receipting
from fees.views.answers import REFUSED, carried_out, say

log = logging.getLogger(__name__)


def _found(token: str) -> tuple[PaymentOrder | None, list[Bill]]:
    """The order and its bills, or the one bill, of a payer's link."""
    code = code_in(token)
    if code is None:
        raise Http404
    order = PaymentOrder.objects.filter(code=code).first()
    which = {"order_lines__order": order} if order else {"code": code}
    bills = selectors.with_stand(Bill.objects.filter(**which)).select_related("payer", "declaration__gate")
    if not bills and order is None:
        raise Http404
    return order, list(bills.order_by("pk"))


@require_safe
@never_cache
def pay(request: HttpRequest, token: str) -> HttpResponse:
    """What is to be paid and how; for whoever has the link. It looks again by itself until the money has come."""
    order, bills = _found(token)
    selectors.put_trucks_on(bills)
    code = order.code if order else bills[0].code
    gate = bills[0].declaration.gate
    rest = sum(bill.outstanding for bill in bills)
    account = account_for(bills[0]) if share_account(bills) else None
    context = {
        "token": token,
        "code": code,
        "order": order,
        "bills": bills,
        "payer": bills[0].payer,
        "gate": gate,
        "rest": rest,
        "paid": sum(bill.allocated for bill in bills),
        "account": account,
        "qr": transfer_picture(account, code, rest),
        "ways": [way for way in open_for(bills[0]) if way != PaymentOrder.Provider.TRANSFER],
        "said": _said(order) if order and rest else "",
        "receipts": receipting.live_receipts().filter(bill__in=bills).order_by("pk"),
        "mine": bills[0].payer_id in organisation_ids_of(request.user),
    }
    return render(request, "fees/pay.html", context)


def _said(order: PaymentOrder) -> str:
    """What the provider said last of an order that is not paid: `held` while it looks into it, `failed`, or nothing."""
    for notice in order.notices.order_by("-pk"):
        response, status = (notice.fields.get(f"vnp_{name}", "") for name in ("ResponseCode", "TransactionStatus"))
        asked = notice.answer == ordering.ASKED
        if gateway.HELD in (response, status):
            return "held"
        # Of an answer to our question its own code says only whether it was understood.
        if (status if asked else response) not in ("", gateway.SUCCESS, gateway.UNFINISHED):
            return "failed"
    return ""


@require_POST
def start(request: HttpRequest, token: str) -> HttpResponse:
    """Go on to a provider with an order over what is still open behind this link."""
    _order, bills = _found(token)
    provider = request.POST.get("provider", "")
    if provider not in PaymentOrder.Provider.values:
        raise Http404
    try:
        order = ordering.open_order(bills=bills, provider=provider, actor=None)
        return _go(request, order)
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message)
        return redirect("fees:pay", token=token)


@require_POST
@login_required
def pay_many(request: HttpRequest) -> HttpResponse:
    """One order over the bills that the payer ticked."""
    if not request.POST.getlist("bill"):
        say(request, messages.WARNING, _("Hãy chọn ít nhất một thông báo phí."))
        return redirect("fees:mine")
    bills = Bill.objects.visible_to(request.user).filter(code__in=request.POST.getlist("bill")[:200])
    try:
        order = ordering.open_order(bills=list(bills), provider=PaymentOrder.Provider.TRANSFER, actor=request.user)
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message)
        return redirect("fees:mine")
    return redirect("fees:pay", token=token_of(order.code))


def _go(request: HttpRequest, order: PaymentOrder) -> HttpResponse:
    address = provider_of(order.provider).address(
        order,
        return_url=request.build_absolute_uri(reverse("fees:vnpay_return")),
        ip=request.META.get("REMOTE_ADDR", "127.0.0.1"),
        language=get_language() or "vi",
    )
    return redirect(address or reverse("fees:pay", args=[token_of(order.code)]))


@require_GET
@never_cache
def vnpay_ipn(request: HttpRequest) -> JsonResponse:
    """VNPAY's notice, from server to server: the only thing by which an order of its counts as paid."""
    try:
        code, words = ordering.take_vnpay_notice(request.GET.dict())
    except Exception:
        log.exception("a notice of VNPAY was not taken")
        code, words = ordering.UNKNOWN, ordering.ANSWERS[ordering.UNKNOWN]
    return JsonResponse({"RspCode": code, "Message": words})


@require_safe
@never_cache
def vnpay_return(request: HttpRequest) -> HttpResponse:
    """Where the payer's browser comes back. It decides nothing: it shows what the notice has made known by now."""
    account = vnpay()
    fields = request.GET.dict()
    if account is None or not account.is_signed(fields):
        raise Http404
    order = get_object_or_404(PaymentOrder, code=gateway.read(fields).order, provider=PaymentOrder.Provider.VNPAY)
    return redirect("fees:pay", token=token_of(order.code))


def stub_bank(request: HttpRequest, code: str) -> HttpResponse:
    """The demo's bank: shows the transfer and sends it at a click; it exists in the demo only."""
    if not settings.DEMO:
        raise Http404
    order = get_object_or_404(PaymentOrder, code=code, provider=PaymentOrder.Provider.STUB)
    posted = request.method == "POST"
    form = AmountForm(request.POST if posted else None, initial={"amount": order.amount})

    def transfer(data: dict) -> str:
        recorded = ordering.pay_by_stub(order=order, amount=data["amount"], key=data["key"])
        return _("Ngân hàng thử nghiệm đã chuyển %(amount)s.") % {"amount": money(recorded.payment.amount)}

    if posted and carried_out(request, form, transfer):
        return redirect("fees:pay", token=token_of(order.code))
    return render(request, "fees/stub_bank.html", {"order": order, "form": form}, status=REFUSED if posted else 200)
