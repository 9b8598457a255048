"""Money that does not match at once: unknown lines, what is left over, refunds; and the desk's own setting."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import organisation_ids_of
from checkpoints.refusals import Refusal
from cuakhauso.templatetags.ui import money
from fees.forms.money import AmountForm, PayOutForm, ReasonForm, RefundForm
from fees.models import Payment, RefundRequest, StatementLine
from fees.selectors import bills as selectors
from fees.selectors import desk as desk_selectors
from fees.services import desking, matching, refunding
from fees.views.answers import REFUSED, carried_out, say, say_used
from fees.views.bills import shown as bill_shown
from fees.views.desk import for_desk

REFUND_SHOWS = ("payment__payer", "payment__bill__declaration", "asked_by")


def _to_tab(tab: str) -> HttpResponse:
    return redirect(f"{reverse('fees:desk')}?tab={tab}")


@require_safe
@for_desk
def line(request: HttpRequest, line_id: int) -> HttpResponse:
    """One movement that nobody has claimed: what it may be for, a search, and what else may become of it."""
    line = get_object_or_404(desk_selectors.unknown_money(request.user).select_related("account"), pk=line_id)
    words = request.GET.get("q", "").strip()
    found = []
    if words:
        bills = selectors.search(selectors.with_stand(selectors.at_desk_of(request.user)), words)
        found = selectors.put_trucks_on(bills.select_related("payer", "declaration").order_by("-pk")[:20])
    suggestions = desk_selectors.suggest([line], request.user)[line.pk]
    selectors.put_trucks_on(one.bill for one in suggestions)
    context = {
        "line": line,
        "words": words,
        "found": found,
        "suggestions": suggestions,
        "asides": StatementLine.Aside.choices,
    }
    return render(request, "fees/line.html", context)


@require_POST
@for_desk
def settle_line(request: HttpRequest, line_id: int) -> HttpResponse:
    """Assign the money to a bill, set it aside, or send it back, as the button says."""
    line = get_object_or_404(StatementLine.objects.select_related("account"), pk=line_id)
    how = request.POST.get("how", "")
    try:
        if how == "assign":
            bill = get_object_or_404(selectors.at_desk_of(request.user), code=request.POST.get("bill", ""))
            matching.assign_line(line=line, bill=bill, actor=request.user)
            words = _("Đã ghi %(amount)s cho thông báo phí %(code)s.") % {
                "amount": money(line.amount),
                "code": bill.code,
            }
        elif how == "back":
            matching.send_back(
                line=line,
                actor=request.user,
                to=request.POST.get("to", "")[:200],
                reason=request.POST.get("reason", "")[:500],
            )
            words = _("Đã đưa %(amount)s vào danh sách chờ hoàn trả.") % {"amount": money(line.amount)}
        else:
            matching.set_aside(line=line, aside=how, actor=request.user)
            words = _("Đã ghi: đây không phải tiền phí.")
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message)
    else:
        say(request, messages.SUCCESS, words)
    return _to_tab("unknown")


@require_POST
@for_desk
def spend(request: HttpRequest, payment_id: int) -> HttpResponse:
    """Use what is left of a payment for the payer's open bills."""
    payment = get_object_or_404(desk_selectors.left_over(request.user), pk=payment_id)
    try:
        used = desking.spend(payment=payment, actor=request.user)
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message)
    else:
        say_used(request, used)
    return _to_tab("over")


@require_http_methods(["GET", "POST"])
@login_required
def ask_refund(request: HttpRequest, payment_id: int) -> HttpResponse:
    """Ask for what is left of a payment; by its payer or by the desk."""
    payments = Payment.objects.with_credit().select_related("bill__declaration", "payer")
    payment = get_object_or_404(payments, pk=payment_id)
    is_payer = payment.payer_id in organisation_ids_of(request.user)
    if not is_payer and not refunding.handles(request.user, payment):
        return HttpResponse(status=404)
    left = refunding.left_to_ask(payment)
    form = RefundForm(
        request.POST or None,
        initial={"amount": left},
        gateway=payment.method in (Payment.Method.VNPAY, Payment.Method.STUB) and payment.order_id,
        cash=not is_payer,
    )
    if form.is_valid():
        data = form.cleaned_data
        try:
            refunding.ask_refund(payment=payment, actor=request.user, **data)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            say(request, messages.SUCCESS, _("Đã ghi đề nghị hoàn trả %(amount)s.") % {"amount": money(data["amount"])})
            return redirect("fees:account") if is_payer else _to_tab("refunds")
    return render(
        request, "fees/ask_refund.html", {"payment": payment, "left": left, "form": form, "is_payer": is_payer}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_desk
def settle_refund(request: HttpRequest, request_id: int) -> HttpResponse:
    """One refund that was asked for: write down that it was paid out, or decline it with a reason."""
    asked = get_object_or_404(desk_selectors.refunds(request.user).select_related(*REFUND_SHOWS), pk=request_id)
    declines = request.POST.get("how") == "decline"
    pay_out = PayOutForm(None if declines or request.method != "POST" else request.POST)
    decline = ReasonForm(request.POST if declines else None)

    def paid(data: dict) -> str:
        refunding.pay_out(request=asked, actor=request.user, reference=data["reference"])
        return _("Đã ghi hoàn trả %(amount)s.") % {"amount": money(asked.amount)}

    def declined(data: dict) -> str:
        refunding.decline(request=asked, actor=request.user, why=data["reason"])
        return _("Đã từ chối đề nghị hoàn trả.")

    if request.method == "POST" and carried_out(request, *((decline, declined) if declines else (pay_out, paid))):
        return _to_tab("refunds")
    context = {
        "asked": asked,
        "pay_out": pay_out,
        "decline": decline,
        "handles": refunding.handles(request.user, asked.payment),
    }
    return render(request, "fees/refund.html", context, status=REFUSED if request.method == "POST" else 200)


@require_POST
@for_desk
def refund(request: HttpRequest, code: str) -> HttpResponse:
    """Give back of what was paid for this bill the part that is left over, the newest payment first."""
    bill = get_object_or_404(selectors.at_desk_of(request.user), code=code)
    form = AmountForm(request.POST, auto_id="refund_%s")

    def give_back(data: dict) -> str:
        amount, key = data["amount"], f"refund:{data['key']}"
        asked = RefundRequest.objects.filter(key=key).values("payment")
        payments = Payment.objects.with_credit().filter(bill=bill)
        payment = payments.filter(pk__in=asked).first() or payments.filter(credit__gte=amount).order_by("-pk").first()
        if payment is None:
            raise refunding.more_than_credit()
        entry = refunding.refund(payment=payment, amount=amount, actor=request.user, key=key)
        return _("Đã ghi hoàn trả %(amount)s.") % {"amount": money(entry.amount)}

    if carried_out(request, form, give_back):
        return redirect("fees:bill", code=bill.code)
    return bill_shown(request, bill.code, refund_form=form)


@require_POST
@for_desk
def by_itself(request: HttpRequest) -> HttpResponse:
    """Turn on or off that what is settled at the person's gates is confirmed by itself."""
    on = request.POST.get("on") == "1"
    gates = desk_selectors.desk_gates(request.user)
    try:
        for gate in gates:
            desking.set_confirming(gate_id=gate.pk, on=on, actor=request.user)
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message)
    else:
        words = _("Từ nay, khoản nộp khớp được tự xác nhận thay mặt bạn.") if on else _("Đã tắt tự xác nhận.")
        say(request, messages.SUCCESS, words)
    return _to_tab("paid")


@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """The payer's account: what was asked, paid, given back, with the balance after each; newest first."""
    rows, balance = selectors.account_of(organisation_ids_of(request.user), request.GET.get("page"))
    context = {
        "page": rows,
        "balance": balance,
        "shown_balance": abs(balance),
        "left": desk_selectors.left_of(organisation_ids_of(request.user)),
    }
    return render(request, "fees/account.html", context)
