"""The fee centre's desk: who owes, who paid, what does not match, and what has no price yet."""

from collections.abc import Callable
from functools import wraps
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.rules import COLLECTORS, has_role, roles_of
from checkpoints.refusals import Refusal
from cuakhauso.templatetags.ui import money
from declarations.models import Trip
from fees.forms.assessing import ReassessForm
from fees.forms.money import CounterPaymentForm, ReasonForm
from fees.models import Assessment, Bill, Payment
from fees.rules import DESK, collects, enters_tariffs, sees_desk
from fees.selectors import bills as selectors
from fees.selectors import desk as desk_selectors
from fees.services import assessing, confirming, paying, receipting, waiving
from fees.views.answers import REFUSED, carried_out, first_error, say
from fees.views.bills import shown as bill_shown

PER_PAGE = 25
MOST_FOUND = 200
MOST_DIGITS = 8
TABS = {
    "ready_to_pay": (gettext_lazy("Sẵn sàng nộp phí"), gettext_lazy("Không có phương tiện nào chờ nộp phí")),
    "paid": (gettext_lazy("Đã nộp, chờ xác nhận"), gettext_lazy("Không có khoản nào chờ xác nhận")),
    "short": (gettext_lazy("Nộp thiếu"), gettext_lazy("Không có khoản nào nộp thiếu")),
    "over": (gettext_lazy("Nộp thừa"), gettext_lazy("Không có khoản nào nộp thừa")),
    "unknown": (gettext_lazy("Tiền chưa rõ"), gettext_lazy("Mọi khoản tiền đều đã rõ")),
    "refunds": (gettext_lazy("Chờ hoàn trả"), gettext_lazy("Không có khoản nào chờ hoàn trả")),
    "stranded": (gettext_lazy("Xe dừng giữa chừng"), gettext_lazy("Không có xe nào dừng giữa chừng mà còn phí")),
    "outdated": (gettext_lazy("Biên lai không khớp"), gettext_lazy("Mọi biên lai đều khớp với số phí")),
    "confirmed": (gettext_lazy("Đã xác nhận"), gettext_lazy("Chưa có phí nào được xác nhận")),
}
RARE = {"stranded", "outdated"}
"""Tabs that are offered only while something is in them."""
LISTS = {"stranded": selectors.stranded, "outdated": selectors.outdated, "confirmed": selectors.done_with}


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
    """What needs the desk by what it needs next; `tab`, `q` and `page` in the address."""
    mine = selectors.at_desk_of(request.user)
    words, tab = request.GET.get("q", ""), request.GET.get("tab", "")
    if tab not in TABS or words.strip():
        tab = "ready_to_pay"
    counts = desk_selectors.counts(request.user)
    if tab in selectors.STANDS and not words.strip():
        waiting, page = _standing(tab, request)
    else:
        waiting = selectors.tab_counts(selectors.gates_of(request.user))
        paginator = Paginator(_found(words, mine) if words.strip() else _rows(tab, mine, request.user), PER_PAGE)
        if tab in counts and not words.strip():
            paginator.count = counts[tab]
        page = paginator.get_page(request.GET.get("page"))
    counts |= waiting
    _complete(page, tab, request.user)
    number, owing = counts["today_number"], counts["owing"]
    context = {
        "page": page,
        "tab": tab,
        "tabs": [
            {"code": code, "word": word, "count": counts.get(code)}
            for code, (word, _none) in TABS.items()
            if code not in RARE or counts[code] or code == tab
        ],
        "empty_title": TABS[tab][1],
        "words": words,
        "counts": counts,
        "today_note": ngettext("%(n)s khoản nộp", "%(n)s khoản nộp", number) % {"n": number},
        "waiting_note": ngettext("%(n)s thông báo phí", "%(n)s thông báo phí", owing) % {"n": owing},
        "live_gate": _gate_watched(request, mine),
        "collects": has_role(request.user, *COLLECTORS),
    }
    return render(request, "fees/desk.html", context)


def _standing(tab: str, request: HttpRequest) -> tuple[dict, Page]:
    """How many bills wait in which tab, and the ids of a page of this one: one query, two behind the last page."""
    gates, asked = selectors.gates_of(request.user), request.GET.get("page", "")
    paginator = Paginator([], PER_PAGE)
    number = max(int(asked), 1) if asked.isdecimal() and len(asked) < MOST_DIGITS else 1
    while True:
        counts = selectors.tab_counts(gates, tab, PER_PAGE * (number - 1), PER_PAGE * number)
        paginator.count = counts[tab]
        if number <= paginator.num_pages:
            return counts, Page(counts["shown"] or [], number, paginator)
        number = paginator.num_pages


def _found(words: str, bills: QuerySet) -> QuerySet:
    """The ids of the newest that the words name."""
    return selectors.search(bills, words).order_by("-pk").values_list("pk", flat=True)[:MOST_FOUND]


def _rows(tab: str, bills: QuerySet, user: User) -> QuerySet:
    """What the tab lists; of bills their ids alone, so that those shown are added up and no others."""
    if tab == "over":
        payments = desk_selectors.with_holders(desk_selectors.left_over(user))
        return payments.select_related("payer", "bill__declaration__gate", "order").order_by("-pk")
    if tab == "unknown":
        return desk_selectors.unknown_money(user).select_related("account").order_by("-booked_on", "pk")
    if tab == "refunds":
        return desk_selectors.refunds_due(user).select_related("payment__payer", "payment__bill").order_by("pk")
    return LISTS[tab](bills).order_by("-pk").values_list("pk", flat=True)


def _complete(page: Page, tab: str, user: User) -> None:
    """What the rows of this tab show besides; two or three queries for all."""
    if tab == "over":
        owing = desk_selectors.owing(payment.payer_id for payment in page.object_list)
        for payment in page.object_list:
            payment.open_bills = [
                bill
                for bill in owing.get(payment.payer_id, [])
                if bill.holder == payment.holder and collects(user, bill.kind, bill.declaration.gate)
            ]
    elif tab == "unknown":
        suggestions = desk_selectors.suggest(list(page.object_list), user) if page.object_list else {}
        for line in page.object_list:
            line.suggestions = suggestions[line.pk]
    elif tab != "refunds":
        shown = selectors.with_stand(Bill.objects.filter(pk__in=list(page.object_list)))
        page.object_list = selectors.put_trucks_on(shown.select_related("payer", "declaration__gate").order_by("-pk"))
        if tab == "paid":
            page.by_itself = desk_selectors.confirming_for(user)
        if tab == "short":
            payers_credits = desk_selectors.credits_of(bill.payer_id for bill in page.object_list)
            for bill in page.object_list:
                bill.payers_credit = payers_credits[bill.payer_id, bill.holder]


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
    return _unpriced(request)


def _unpriced(request: HttpRequest, refused: tuple[int, ReassessForm] | None = None) -> HttpResponse:
    """The page of these trucks; `refused` is a truck's id and its form as it was sent."""
    page = Paginator(selectors.unpriced(request.user), PER_PAGE).get_page(request.GET.get("page"))
    for trip in page.object_list:
        trip.why = Assessment.Outcome(trip.outcome).label if trip.outcome else _("chưa tính phí")
        trip.form = ReassessForm(auto_id=f"trip{trip.pk}_%s")
        if refused and trip.pk == refused[0]:
            trip.form = refused[1]
    context = {"page": page, "collects": has_role(request.user, *COLLECTORS), "enters": enters_tariffs(request.user)}
    return render(request, "fees/unpriced.html", context, status=REFUSED if refused else 200)


@require_POST
@for_desk
def reassess(request: HttpRequest, trip_id: int) -> HttpResponse:
    trip = get_object_or_404(selectors.unpriced(request.user), pk=trip_id)
    form = ReassessForm(request.POST, auto_id=f"trip{trip.pk}_%s")
    if not form.is_valid():
        say(request, messages.ERROR, first_error(form))
        return _unpriced(request, (trip.pk, form))
    try:
        assessment = assessing.reassess(trip=trip, actor=request.user, payload=form.cleaned_data["payload"])
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message)
        return _unpriced(request, (trip.pk, form))
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
    _give_receipt(bill, request.user)
    if confirmed:
        words = ngettext("Đã xác nhận phí: %(plates)s.", "Đã xác nhận phí: %(plates)s.", len(confirmed))
        say(request, messages.SUCCESS, words % {"plates": ", ".join(confirmed)})
    for message in dict.fromkeys(outcome.refusal.message for outcome in outcomes if outcome.refusal):
        say(request, messages.ERROR, message)
    if not outcomes:
        say(request, messages.WARNING, _("Không còn phương tiện nào chờ xác nhận phí."))
    return _back(request, bill)


def _give_receipt(bill: Bill, actor: User) -> str:
    """The number of the bill's receipt, where it is ready for one; the sweep issues what fails here.

    None where it would keep the fee of a truck that ended on the way: that is a decision of its own.
    """
    if selectors.stranded(Bill.objects.filter(pk=bill.pk)).exists():
        return ""
    try:
        return receipting.issue_receipt(bill=bill, actor=actor).shown_number
    except Refusal:
        return ""


@require_POST
@for_desk
def waive(request: HttpRequest, code: str, trip_id: int) -> HttpResponse:
    """No fee is asked of a truck of the bill that ended on the way."""
    bill = get_object_or_404(selectors.at_desk_of(request.user), code=code)
    trip = get_object_or_404(Trip, pk=trip_id, declaration=bill.declaration_id)
    form = ReasonForm(request.POST, auto_id=f"waive{trip.pk}_%s")

    def let_go(data: dict) -> str:
        waiving.waive(trip=trip, actor=request.user, reason=data["reason"])
        words = _("Không thu phí của phương tiện %(plate)s; số đã nộp là tiền dư của người nộp.")
        return words % {"plate": trip.plate}

    if carried_out(request, form, let_go):
        return redirect("fees:bill", code=bill.code)
    return bill_shown(request, bill.code, waive_forms={trip.pk: form})


@require_POST
@for_desk
def renew_receipt(request: HttpRequest, code: str) -> HttpResponse:
    """The receipt over a sum that changed is cancelled, and one over the sum of today issued."""
    bill = get_object_or_404(selectors.at_desk_of(request.user), code=code)
    try:
        receipt = receipting.renew_receipt(bill=bill, actor=request.user)
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message)
    else:
        say(request, messages.SUCCESS, _("Đã lập chứng từ số %(number)s.") % {"number": receipt.shown_number})
    return _back(request, bill)


@require_POST
@for_desk
def confirm_many(request: HttpRequest) -> HttpResponse:
    """Confirm the bills that were ticked: first shown what will happen, then what did, row by row."""
    codes = request.POST.getlist("bill")[:200]
    if not codes:
        say(request, messages.WARNING, _("Hãy chọn ít nhất một thông báo phí."))
        return redirect("fees:desk")
    bills = selectors.with_stand(selectors.at_desk_of(request.user)).filter(code__in=codes)
    bills = selectors.put_trucks_on(bills.select_related("payer", "declaration").order_by("pk"))
    done = request.POST.get("step") == "do"
    for bill in bills:
        if done:
            outcomes = confirming.confirm_bill(
                bill=bill, actor=request.user, key=f"{request.POST.get('key', '')[:50]}:{bill.pk}"
            )
            bill.confirmed = [outcome.trip.plate for outcome in outcomes if outcome.refusal is None]
            bill.refusals = list(dict.fromkeys(outcome.refusal.message for outcome in outcomes if outcome.refusal))
            bill.receipt_number = _give_receipt(bill, request.user)
        bill.will = bill.stand == "paid"
    context = {"bills": bills, "done": done, "ready": sum(bill.will for bill in bills), "key": str(uuid4())}
    return render(request, "fees/confirm_many.html", context)


@require_POST
@for_desk
def counter_payment(request: HttpRequest, code: str) -> HttpResponse:
    """Money taken at the counter for a bill."""
    bill = get_object_or_404(selectors.at_desk_of(request.user).with_sums(), code=code)
    # What was recorded under this key is not asked about when it is sent again.
    known = Payment.objects.filter(key=f"counter:{request.POST.get('key')}").exists()
    form = CounterPaymentForm(request.POST, rest=None if known else bill.outstanding, auto_id="counter_%s")

    def take(data: dict) -> str:
        recorded = paying.record_payment(
            bill=bill,
            amount=data["amount"],
            method=Payment.Method.COUNTER,
            actor=request.user,
            key=f"counter:{data['key']}",
            reference=data["reference"],
        )
        return _("Đã ghi nhận %(amount)s.") % {"amount": money(recorded.payment.amount)}

    if carried_out(request, form, take):
        return redirect("fees:bill", code=bill.code)
    return bill_shown(request, bill.code, counter_form=form)


def _back(request: HttpRequest, bill: Bill) -> HttpResponse:
    """To the desk when the click came from there, else to the bill."""
    if tab := request.POST.get("from"):
        return redirect(f"{reverse('fees:desk')}?{urlencode({'tab': tab})}")
    return redirect("fees:bill", code=bill.code)
