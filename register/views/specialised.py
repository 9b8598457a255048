"""The specialised drivers of a gate, kept by its border guard and the zone authority."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts.models import Role
from accounts.rules import gates_or_403
from declarations.plates import display, normalise
from register.forms import SpecialisedDriverForm
from register.models import SpecialisedDriver
from register.services import Overtaken, Twice, save
from register.views.rows import writing

KEEPERS = (Role.Code.BORDER_GUARD, Role.Code.ZONE_AUTHORITY)
ROWS_A_PAGE = 30


@login_required
@never_cache
@require_safe
def specialised(request: HttpRequest) -> HttpResponse:
    """Who may drive today and from now on; `tab=ended` whose time is over."""
    gates, today = gates_or_403(request.user, KEEPERS), timezone.localdate()
    tab, text = request.GET.get("tab", ""), request.GET.get("q", "").strip()
    rows = SpecialisedDriver.objects.filter(gate__in=gates).select_related("gate", "registered_by")
    rows = rows.filter(valid_to__lt=today) if tab == "ended" else rows.exclude(valid_to__lt=today)
    if text:
        code = normalise(text)
        rows = rows.filter(Q(name__icontains=text) | Q(phone__contains=text) | Q(plates__contains=[code]))
    page = Paginator(rows.order_by("gate__name", "name", "pk"), ROWS_A_PAGE).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.begins_later = row.valid_from > today
    return render(request, "register/specialised.html", {"page": page, "tab": tab, "q": text})


@login_required
@never_cache
@writing
@sensitive_post_parameters()
def new(request: HttpRequest) -> HttpResponse:
    form = SpecialisedDriverForm(
        request.POST or None, gates=gates_or_403(request.user, KEEPERS), initial={"valid_from": timezone.localdate()}
    )
    return _write(request, SpecialisedDriver(registered_by=request.user), form)


@login_required
@never_cache
@writing
@sensitive_post_parameters()
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody is taken out: the last day is set, and the past can still be read."""
    gates = gates_or_403(request.user, KEEPERS)
    row = get_object_or_404(SpecialisedDriver, pk=pk, gate__in=gates)
    names = ("gate", "name", "phone", "paper_number", "valid_from", "valid_to")
    initial = {name: getattr(row, name) for name in names}
    initial["plates"] = ", ".join(display(plate) for plate in row.plates)
    return _write(request, row, SpecialisedDriverForm(request.POST or None, gates=gates, initial=initial))


def _write(request: HttpRequest, row: SpecialisedDriver, form: SpecialisedDriverForm) -> HttpResponse:
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                saved = save(row, form.cleaned_data, version=request.POST.get("version", ""))
            except Twice:
                form.add_error("phone", _("Số điện thoại này đã có trong danh sách của cửa khẩu."))
            except Overtaken:
                form.add_error(None, _("Vừa có người khác sửa; hãy xem lại rồi lưu lần nữa."))
                row.refresh_from_db()
                status = 409
            else:
                messages.success(request, _("Đã lưu lái xe chuyên trách %(name)s.") % {"name": saved.name})
                return redirect("register:specialised")
    context = {"row": row if row.pk else None, "form": form}
    return render(request, "register/specialised_form.html", context, status=status)
