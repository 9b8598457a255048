"""Receipts: looked up by their code by whoever has it, as a page, as PDF and as XML; cancelled at the desk."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from checkpoints.refusals import Refusal
from fees.codes import find_code
from fees.forms.money import ReasonForm
from fees.models import Bill, Receipt
from fees.receipts.pdf import receipt_pdf
from fees.receipts.xml import receipt_xml
from fees.rules import collects_at
from fees.services import receipting
from fees.views.answers import REFUSED, carried_out, say


@require_safe
def look_up(request: HttpRequest) -> HttpResponse:
    """Where anybody types the code that stands on a receipt."""
    words = request.GET.get("code", "")
    if (code := find_code(words)) and Receipt.objects.filter(code=code).exists():
        return redirect("fees:receipt", code=code)
    return render(request, "fees/look_up.html", {"words": words})


def _receipt(code: str) -> Receipt:
    known = find_code(code)
    if known is None:
        raise Http404
    receipts = Receipt.objects.select_related("series", "bill__declaration", "cancelled_by", "cancels", "sending")
    return get_object_or_404(receipts, code=known)


@require_safe
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """What stands on a receipt, and whether it still counts."""
    return _shown(request, _receipt(code))


def _shown(request: HttpRequest, receipt: Receipt, refused: ReasonForm | None = None) -> HttpResponse:
    gate = receipt.bill.declaration.gate_id
    may_cancel = request.user.is_authenticated and collects_at(request.user, gate)
    own = request.user.is_authenticated and Bill.objects.visible_to(request.user).filter(pk=receipt.bill_id).exists()
    context = {
        "receipt": receipt,
        "content": receipt.content,
        "may_cancel": may_cancel and not receipt.cancels and not getattr(receipt, "cancelled_by", None),
        "own": own,
        "form": refused or ReasonForm(),
    }
    return render(request, "fees/receipt.html", context, status=REFUSED if refused else 200)


@require_safe
def pdf(request: HttpRequest, code: str) -> HttpResponse:
    receipt = _receipt(code)
    address = request.build_absolute_uri(reverse("fees:receipt", args=[receipt.code]))
    cancelled = "ĐÃ HỦY" if getattr(receipt, "cancelled_by", None) else ""
    document = receipt_pdf(receipt.content, address=address, cancelled=cancelled)
    return _file(document, "application/pdf", f"bien-lai-{receipt.series.sign}-{receipt.shown_number}.pdf", "inline")


@require_safe
@login_required
def xml(request: HttpRequest, code: str) -> HttpResponse:
    """The data of the receipt, for its payer and for the desk."""
    receipt = _receipt(code)
    get_object_or_404(Bill.objects.visible_to(request.user), pk=receipt.bill_id)
    name = f"bien-lai-{receipt.series.sign}-{receipt.shown_number}.xml"
    return _file(receipt_xml(receipt.content), "application/xml", name, "attachment")


def _file(body: bytes, kind: str, name: str, how: str) -> HttpResponse:
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": f'{how}; filename="{name}"'})


@require_POST
@login_required
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    receipt = _receipt(code)
    form = ReasonForm(request.POST)

    def counter(data: dict) -> str:
        document = receipting.cancel_receipt(receipt=receipt, actor=request.user, reason=data["reason"])
        return _("Đã lập chứng từ hủy số %(number)s.") % {"number": document.shown_number}

    if carried_out(request, form, counter):
        return redirect("fees:receipt", code=receipt.code)
    return _shown(request, receipt, form)


@require_POST
@login_required
def issue(request: HttpRequest, code: str) -> HttpResponse:
    """Issue the receipt of a confirmed bill, e.g. anew after one was cancelled."""
    bill = get_object_or_404(Bill.objects.visible_to(request.user), code=code)
    try:
        receipt = receipting.issue_receipt(bill=bill, actor=request.user)
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message)
        return redirect("fees:bill", code=bill.code)
    return redirect("fees:receipt", code=receipt.code)
