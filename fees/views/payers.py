"""Who pays whose fees: named by the one, accepted by the other; and a bill given to another payer."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rules import organisation_ids_of
from checkpoints.refusals import Refusal
from fees.forms.payers import AuthorityForm
from fees.models import Bill
from fees.selectors.payers import authorities_of, payer_choices
from fees.services import payers as services


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def payers(request: HttpRequest) -> HttpResponse:
    """Who pays for the person's organisations, for whom these pay, and a form to name somebody."""
    own = organisation_ids_of(request.user)
    form = AuthorityForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            services.authorise(actor=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("Đã gửi. Ủy quyền có hiệu lực khi bên kia nhận nộp thay."))
            return redirect("fees:payers")
    authorities = list(authorities_of(own))
    for authority in authorities:
        authority.is_over = bool(authority.valid_to and authority.valid_to < timezone.localdate())
    context = {
        "form": form if own else None,
        "named": [authority for authority in authorities if authority.organisation_id in own],
        "asked": [authority for authority in authorities if authority.payer_id in own],
    }
    return render(request, "fees/payers.html", context)


@require_POST
@login_required
def accept(request: HttpRequest, authority_id: int) -> HttpResponse:
    authority = get_object_or_404(authorities_of(organisation_ids_of(request.user)), pk=authority_id)
    try:
        services.accept(authority=authority, actor=request.user)
        messages.success(request, _("Đã nhận nộp phí thay cho %(name)s.") % {"name": authority.organisation.name})
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("fees:payers")


@require_POST
@login_required
def end(request: HttpRequest, authority_id: int) -> HttpResponse:
    authority = get_object_or_404(authorities_of(organisation_ids_of(request.user)), pk=authority_id)
    try:
        services.end(authority=authority, actor=request.user)
        messages.success(request, _("Đã kết thúc ủy quyền."))
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("fees:payers")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Give a bill on which nothing was paid to another payer."""
    visible = Bill.objects.with_sums().visible_to(request.user).select_related("declaration", "payer")
    bill = get_object_or_404(visible, code=code)
    choices = payer_choices(bill, request.user)
    if request.method != "POST":
        return render(request, "fees/change_payer.html", {"bill": bill, "choices": choices})
    payer = next((choice for choice in choices if str(choice.pk) == request.POST.get("payer")), None)
    try:
        if payer is None:
            raise Refusal("not_authorised", _("Tổ chức này chưa nhận nộp phí thay."))
        services.change_payer(bill=bill, payer=payer, actor=request.user)
        messages.success(request, _("Người nộp bây giờ là %(name)s.") % {"name": payer.name})
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("fees:bill", code=bill.code)
