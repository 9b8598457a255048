"""The fee centre's desk: who owes, who paid, what does not match, and what has no price yet."""

from collections.abc import Callable
from functools import wraps
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import COLLECTORS, has_role, roles_of
from checkpoints.refusals import Refusal
from cuakhauso.templatetags.ui import money
from fees.forms.assessing import ReassessForm
from fees.forms.money import AmountForm, CounterPaymentForm
from fees.models import Assessment, Bill, Payment
from fees.rules import DESK, enters_tariffs, sees_desk
from fees.selectors import bills as selectors
from fees.services import assessing, confirming, paying, refunding
from fees.views.bills import first_error, say

PER_PAGE = 25
TAB_WORDS = {
    "ready_to_pay": gettext_lazy("Sẵn sàng nộp phí"),
    "mismatch": gettext_lazy("Chưa khớp"),
    "paid": gettext_lazy("Đã nộp, chờ xác nhận"),
    "confirmed": gettext_lazy("Đã xác nhận"),
}
EMPTY_WORDS = {
    "ready_to_pay": gettext_lazy("Không có phương tiện nào chờ nộp phí"),
    "mismatch": gettext_lazy("Mọi khoản đều khớp"),
    "paid": gettext_lazy("Không có khoản nào chờ xác nhận"),
    "confirmed": gettext_lazy("Chưa có phí nào được xác nhận"),
}


def for_desk(view: Callable) -> Callable:
    """Only for those who collect or oversee fees: 403 for anybody else."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not sees_desk(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@for_desk
def desk(request: HttpRequest) -> HttpResponse:
    """Bills by what they need next; `tab`, `q` and `page` in the address."""
    mine = selectors.at_desk_of(request.user)
    bills = selectors.with_stand(mine)
    words = request.GET.get("q", "")
    tab = request.GET.get("tab", "")
    if tab not in selectors.TABS:
        tab = "ready_to_pay"
    found = selectors.search(bills, words) if words.strip() else selectors.in_tab(bills, tab)
    page = Paginator(found.select_related("payer", "declaration").order_by("-pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    page.object_list = selectors.put_trucks_on(page.object_list)
    counts = selectors.tab_counts(bills)
    today, owing = selectors.received_today(mine), counts["owing"]
    context = {
        "page": page,
        "tab": tab,
        "tabs": [{"code": code, "word": word, "count": counts.get(code)} for code, word in TAB_WORDS.items()],
        "empty_title": EMPTY_WORDS[tab],
        "words": words,
        "counts": counts,
        "unpriced_count": selectors.unpriced(request.user).count(),
        "today": today,
        "today_note": ngettext("%(n)s khoản nộp", "%(n)s khoản nộp", today["number"]) % {"n": today["number"]},
        "waiting_note": ngettext("%(n)s thông báo phí", "%(n)s thông báo phí", owing) % {"n": owing},
        "live_gate": _gate_watched(request, mine),
        "collects": has_role(request.user, *COLLECTORS),
    }
    return render(request, "fees/desk.html", context)


def _gate_watched(request: HttpRequest, bills: QuerySet) -> str | None:
    """The gate whose moves renew the desk at once; who works at all gates watches that of the newest bill."""
    roles = [role for role in roles_of(request.user) if role.code in DESK]
    if roles and roles[0].gate:
        return roles[0].gate.code
    return bills.order_by("-pk").values_list("declaration__gate__code", flat=True).first()


@require_safe
@for_desk
def unpriced(request: HttpRequest) -> HttpResponse:
    """Trucks whose fee the tariff does not answer: enter the price, then calculate again."""
    page = Paginator(selectors.unpriced(request.user), PER_PAGE).get_page(request.GET.get("page"))
    for trip in page.object_list:
        trip.why = Assessment.Outcome(trip.outcome).label if trip.outcome else _("chưa tính phí")
    context = {"page": page, "collects": has_role(request.user, *COLLECTORS), "enters": enters_tariffs(request.user)}
    return render(request, "fees/unpriced.html", context)


@require_POST
@for_desk
def reassess(request: HttpRequest, trip_id: int) -> HttpResponse:
    trip = get_object_or_404(selectors.unpriced(request.user), pk=trip_id)
    form = ReassessForm(request.POST)
    if not form.is_valid():
        say(request, messages.ERROR, first_error(form))
        return redirect("fees:unpriced")
    try:
        assessment = assessing.reassess(trip=trip, actor=request.user, payload=form.cleaned_data["payload"])
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message)
        return redirect("fees:unpriced")
    if assessment.is_clear:
        words = _("Phương tiện %(plate)s: phí %(total)s.")
        say(request, messages.SUCCESS, words % {"plate": trip.plate, "total": money(assessment.total)})
    else:
        say(request, messages.WARNING, f"{trip.plate}: {assessment.get_outcome_display()}")
    return redirect("fees:unpriced")


@require_POST
@for_desk
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """Điều 4(2)d: what matches is confirmed, every truck of the bill by itself."""
    bill = get_object_or_404(selectors.at_desk_of(request.user), code=code)
    outcomes = confirming.confirm_bill(
        bill=bill, actor=request.user, key=request.POST.get("key", "")[:60] or str(uuid4())
    )
    confirmed = [outcome.trip.plate for outcome in outcomes if outcome.refusal is None]
    if confirmed:
        words = ngettext("Đã xác nhận phí: %(plates)s.", "Đã xác nhận phí: %(plates)s.", len(confirmed))
        say(request, messages.SUCCESS, words % {"plates": ", ".join(confirmed)})
    for message in dict.fromkeys(outcome.refusal.message for outcome in outcomes if outcome.refusal):
        say(request, messages.ERROR, message)
    if not outcomes:
        say(request, messages.WARNING, _("Không còn phương tiện nào chờ xác nhận phí."))
    return _back(request, bill)


@require_POST
@for_desk
def counter_payment(request: HttpRequest, code: str) -> HttpResponse:
    """Money taken at the counter for a bill."""
    bill = get_object_or_404(selectors.at_desk_of(request.user), code=code)
    form = CounterPaymentForm(request.POST)
    if not form.is_valid():
        say(request, messages.ERROR, first_error(form))
        return _back(request, bill)
    try:
        recorded = paying.record_payment(
            bill=bill,
            amount=form.cleaned_data["amount"],
            method=Payment.Method.COUNTER,
            actor=request.user,
            key=f"counter:{form.cleaned_data['key']}",
            reference=form.cleaned_data["reference"],
        )
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message)
    else:
        say(request, messages.SUCCESS, _("Đã ghi nhận %(amount)s.") % {"amount": money(recorded.payment.amount)})
    return _back(request, bill)


@require_POST
@for_desk
def refund(request: HttpRequest, code: str) -> HttpResponse:
    """Give back of what was paid for this bill the part that is left over, the newest payment first."""
    bill = get_object_or_404(selectors.at_desk_of(request.user), code=code)
    form = AmountForm(request.POST)
    if not form.is_valid():
        say(request, messages.ERROR, first_error(form))
        return _back(request, bill)
    payments = Payment.objects.with_credit().filter(bill=bill, credit__gte=form.cleaned_data["amount"])
    payment = payments.order_by("-pk").first()
    if payment is None:
        say(request, messages.ERROR, _("Số tiền hoàn trả lớn hơn số còn dư của khoản nộp."))
        return _back(request, bill)
    try:
        entry = refunding.refund(
            payment=payment,
            amount=form.cleaned_data["amount"],
            actor=request.user,
            key=f"refund:{form.cleaned_data['key']}",
        )
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message)
    else:
        say(request, messages.SUCCESS, _("Đã ghi hoàn trả %(amount)s.") % {"amount": money(entry.amount)})
    return _back(request, bill)


def _back(request: HttpRequest, bill: Bill) -> HttpResponse:
    """To the desk when the click came from there, else to the bill."""
    if request.POST.get("from") == "desk":
        return redirect("fees:desk")
    return redirect("fees:bill", code=bill.code)
