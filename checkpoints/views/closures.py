"""The zone authority tells that a gate is restricted or suspended, and until when; others read it on their pages."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Role
from accounts.rules import gates_or_403
from checkpoints.closures import announced
from checkpoints.door import perform
from checkpoints.forms import ClosureForm, ExtensionForm
from checkpoints.models import Closure
from checkpoints.refusals import Refusal
from checkpoints.views.dialogs import from_dialog, onward, refused
from checkpoints.views.public import KEY
from declarations.views.access import key_of
from gates.models import Gate

AUTHORITY = (Role.Code.ZONE_AUTHORITY,)
LATEST = 20


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def closures(request: HttpRequest) -> HttpResponse:
    """What is announced now, what was, and the form for more."""
    gates = gates_or_403(request.user, AUTHORITY)
    if request.method != "POST":
        return _shown(request, gates, ClosureForm(gates=gates))
    form = ClosureForm(request.POST, gates=gates)
    if not form.is_valid():
        return _shown(request, gates, form, status=422)
    given = dict(form.cleaned_data)
    gate, key = given.pop("gate"), str(given.pop("key"))
    try:
        perform("announce_closure", gate, actor=request.user, key=key, **given)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return _shown(request, gates, form, status=409)
    cache.delete(KEY)
    messages.success(request, _("Đã thông báo; hiện trên trang công khai, tờ khai và các màn hình của cửa khẩu."))
    return redirect("checkpoints:closures")


@login_required
@require_POST
def extend(request: HttpRequest) -> HttpResponse:
    """Every declaration awaited at a gate is good for longer, with the reason."""
    gates = gates_or_403(request.user, AUTHORITY)
    form = ExtensionForm(request.POST, gates=gates)
    if not form.is_valid():
        return _shown(request, gates, ClosureForm(gates=gates), extension=form, status=422)
    given = form.cleaned_data
    key, hours, reason = str(given["key"]), given["hours"], given["reason"]
    try:
        outcome = perform("extend_all", given["gate"], actor=request.user, key=key, hours=hours, reason=reason)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return _shown(request, gates, ClosureForm(gates=gates), extension=form, status=409)
    else:
        count = outcome.fact.data["declarations"]
        said = ngettext("Đã gia hạn %(count)s tờ khai.", "Đã gia hạn %(count)s tờ khai.", count)
        messages.success(request, said % {"count": count})
    return redirect("checkpoints:closures")


@login_required
@require_POST
def lift(request: HttpRequest, closure: int) -> HttpResponse:
    """The gate is as before, ahead of the end that was announced."""
    found = get_object_or_404(
        Closure.objects.select_related("gate"), pk=closure, gate__in=gates_or_403(request.user, AUTHORITY)
    )
    try:
        perform(
            "lift_closure",
            found.gate,
            actor=request.user,
            key=key_of(request),
            closure=found.pk,
            reason=request.POST.get("reason", ""),
        )
    except Refusal as refusal:
        if from_dialog(request):
            return refused(request, refusal)
        messages.error(request, refusal.message)
    else:
        cache.delete(KEY)
        messages.success(request, _("Đã gỡ thông báo."))
    return onward(request, reverse("checkpoints:closures"))


@login_required
@never_cache
@require_safe
def at_gate(request: HttpRequest, gate: str) -> HttpResponse:
    """What is announced of this gate, as a part of consoles and yards; the public page says the same to everybody."""
    found = get_object_or_404(Gate, code=gate)
    return HttpResponse(render_to_string("checkpoints/_closures.html", {"closures": announced([found])}).strip())


def _shown(
    request: HttpRequest,
    gates: QuerySet[Gate],
    form: ClosureForm,
    *,
    extension: ExtensionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    mine = Closure.objects.filter(gate__in=gates).select_related("gate", "entered_by")
    now = timezone.now()
    ahead = list(mine.filter(lifted_at__isnull=True, ends_at__gt=now))
    for closure in ahead:
        closure.holds = closure.holds_at(now)
    over = mine.exclude(pk__in=[closure.pk for closure in ahead]).order_by("-ends_at")[:LATEST]
    context = {"form": form, "extension": extension or ExtensionForm(gates=gates), "ahead": ahead, "over": over}
    return render(request, "checkpoints/closures.html", context, status=status)
