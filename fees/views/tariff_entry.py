"""Tariffs as the fee centre enters them: drafts, their rows, proposing, approving, ending."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from checkpoints.refusals import Refusal
from declarations.spreadsheet import BadSpreadsheet
from fees import spreadsheet
from fees.forms.money import ReasonForm
from fees.forms.tariff import EndForm, LineForm, RuleForm, TariffForm, UploadForm
from fees.models import Tariff, TariffLine, TariffRule
from fees.rules import enters_tariffs
from fees.services import tariffs as services
from fees.views.answers import carried_out, first_error
from fees.views.tariffs import shown, version_or_404

MODELS = {"lines": TariffLine, "rules": TariffRule}
FORMS = {"lines": LineForm, "rules": RuleForm}


def for_entering(view: Callable) -> Callable:
    """Only for those who enter tariffs: 403 for anybody else."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not enters_tariffs(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@for_entering
def new(request: HttpRequest) -> HttpResponse:
    """A draft, empty or with the rows of the version that `like` in the address names."""
    wanted = request.GET.get("like", "")
    like = version_or_404(int(wanted)) if wanted.isascii() and wanted.isdigit() else None
    start = {"province": like.province, "name": like.name, "legal_basis": like.legal_basis} if like else {}
    form = TariffForm(request.POST or None, user=request.user, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            tariff = services.new_tariff(actor=request.user, like=like, **form.cleaned_data)
            return redirect("fees:tariff_version", tariff.pk)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    return render(request, "fees/tariffs/header.html", {"form": form, "like": like})


@require_http_methods(["GET", "HEAD", "POST"])
@for_entering
def header(request: HttpRequest, tariff_id: int) -> HttpResponse:
    """The words and dates of a draft."""
    tariff = version_or_404(tariff_id)
    form = TariffForm(request.POST or None, user=request.user, instance=tariff)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_header(tariff=tariff, actor=request.user, header=form.cleaned_data)
            return redirect("fees:tariff_version", tariff.pk)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    return render(request, "fees/tariffs/header.html", {"form": form, "tariff": version_or_404(tariff_id)})


@require_http_methods(["GET", "HEAD", "POST"])
@for_entering
def row(request: HttpRequest, tariff_id: int, kind: str, row_id: int | None = None) -> HttpResponse:
    """One line or rule of a draft: a new one, one like another (`like` in the address), or one to change."""
    tariff = version_or_404(tariff_id)
    rows = MODELS[kind].objects.filter(tariff=tariff)
    instance = get_object_or_404(rows, pk=row_id) if row_id else MODELS[kind](tariff=tariff)
    like = request.GET.get("like", "")
    start = {}
    if not row_id and like.isascii() and like.isdigit():
        twin = get_object_or_404(rows, pk=int(like))
        start = {name: getattr(twin, name) for name in FORMS[kind].base_fields}
    form = FORMS[kind](request.POST or None, instance=instance, initial=start)
    if request.method == "POST" and form.is_valid():
        form.instance.tariff = tariff
        try:
            services.save_row(row=form.instance, actor=request.user)
            return redirect("fees:tariff_version", tariff.pk)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    context = {
        "tariff": tariff,
        "form": form,
        "kind": kind,
        "row_id": row_id,
        "more": reverse(f"fees:tariff_{kind}_new", args=[tariff.pk]),
        "remove": row_id and reverse(f"fees:tariff_{kind}_remove", args=[tariff.pk, row_id]),
    }
    return render(request, "fees/tariffs/row.html", context)


def _doing(act: Callable[[HttpRequest, Tariff], str]) -> Callable:
    """A button of a version's page: do it, say so or why not, and go back there."""

    @require_POST
    @for_entering
    @wraps(act)
    def view(request: HttpRequest, tariff_id: int, **which) -> HttpResponse:
        tariff = version_or_404(tariff_id)
        try:
            messages.success(request, act(request, tariff, **which))
        except Refusal as refusal:
            messages.error(request, refusal.message)
        if not Tariff.objects.filter(pk=tariff_id).exists():
            return redirect("fees:tariffs")
        return redirect("fees:tariff_version", tariff_id)

    return view


@_doing
def remove(request: HttpRequest, tariff: Tariff, *, kind: str, row_id: int) -> str:
    row = get_object_or_404(MODELS[kind].objects.select_related("tariff"), tariff=tariff, pk=row_id)
    services.remove_row(row=row, actor=request.user)
    return _("Đã bỏ dòng.")


@_doing
def discard(request: HttpRequest, tariff: Tariff) -> str:
    services.discard(tariff=tariff, actor=request.user)
    return _("Đã bỏ bản nháp.")


@_doing
def propose(request: HttpRequest, tariff: Tariff) -> str:
    services.propose(tariff=tariff, actor=request.user)
    return _("Đã gửi đề nghị duyệt. Một người khác phải duyệt.")


@require_POST
@for_entering
def send_back(request: HttpRequest, tariff_id: int) -> HttpResponse:
    tariff, form = version_or_404(tariff_id), ReasonForm(request.POST)

    def give_back(data: dict) -> str:
        services.send_back(tariff=tariff, actor=request.user, reason=data["reason"])
        return _("Đã trả lại để sửa.")

    if carried_out(request, form, give_back):
        return redirect("fees:tariff_version", tariff_id)
    return shown(request, version_or_404(tariff_id), reason=form)


@_doing
def approve(request: HttpRequest, tariff: Tariff) -> str:
    services.approve(tariff=tariff, actor=request.user, seen=request.POST.get("seen", ""))
    return _("Đã duyệt biểu phí.")


@require_POST
@for_entering
def propose_end(request: HttpRequest, tariff_id: int) -> HttpResponse:
    tariff, form = version_or_404(tariff_id), EndForm(request.POST)

    def propose(data: dict) -> str:
        services.propose_end(tariff=tariff, day=data["day"], actor=request.user)
        return _("Đã đề nghị kết thúc biểu phí. Một người khác phải duyệt.")

    if carried_out(request, form, propose):
        return redirect("fees:tariff_version", tariff_id)
    return shown(request, version_or_404(tariff_id), end=form)


@_doing
def approve_end(request: HttpRequest, tariff: Tariff) -> str:
    form = EndForm(request.POST)
    if not form.is_valid():
        raise Refusal("day", first_error(form))
    services.approve_end(tariff=tariff, day=form.cleaned_data["day"], actor=request.user)
    return _("Đã duyệt ngày kết thúc.")


@_doing
def drop_end(request: HttpRequest, tariff: Tariff) -> str:
    services.drop_end(tariff=tariff, actor=request.user)
    return _("Đã bỏ đề nghị kết thúc.")


@require_POST
@for_entering
def imported(request: HttpRequest, tariff_id: int) -> HttpResponse:
    """The rows of a spreadsheet instead of the draft's; nothing is taken over until every cell is right."""
    tariff = version_or_404(tariff_id)
    form = UploadForm(request.POST, request.FILES)
    try:
        if not form.is_valid():
            raise BadSpreadsheet([_("Hãy chọn tệp bảng tính để nhập.")])
        upload = form.cleaned_data["sheet"]
        lines, rules = spreadsheet.read(upload.file, size=upload.size)
        services.replace_rows(tariff=tariff, lines=lines, rules=rules, actor=request.user)
    except BadSpreadsheet as bad:
        return shown(request, tariff, faults=bad.faults)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("fees:tariff_version", tariff.pk)
    number = len(lines) + len(rules)
    messages.success(request, ngettext("Đã nhập %(n)s dòng.", "Đã nhập %(n)s dòng.", number) % {"n": number})
    return redirect("fees:tariff_version", tariff.pk)
