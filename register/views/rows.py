"""A firm's vehicles and drivers: the lists, one row with its papers, and what was declared before taken in."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from declarations import spreadsheet
from declarations.known import as_rows, declared_before
from declarations.linking import relink_all
from declarations.plates import normalise
from declarations.validators import folded
from register.forms import ImportForm
from register.models import Driver, Vehicle
from register.papers import held_by
from register.services import Overtaken, Twice, archive, remember, save
from register.views.access import firms_or_403, own_row, shelf_or_404, usual_kind_of_gate
from register.views.shelves import Shelf

ROWS_A_PAGE = 20
writing = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def rows(request: HttpRequest, shelf: str) -> HttpResponse:
    """The rows with how their papers stand today; `tab=archived` those put away, `tab=papers` those to look after."""
    kept, firms = shelf_or_404(shelf), firms_or_403(request.user)
    tab, text = request.GET.get("tab", ""), request.GET.get("q", "").strip()
    found = kept.model.objects.visible_to(request.user).select_related("organisation")
    found = list(found.filter(archived_at__isnull=tab != "archived"))
    if text:
        found = [row for row in found if _matches(kept, row, text)]
    today = timezone.localdate()
    held = held_by(found, usual_kind_of_gate(request.user), day=today)
    to_look_after = [row for row in found if held[row.pk].bad or held[row.pk].ends_soon]
    page = Paginator(to_look_after if tab == "papers" else found, ROWS_A_PAGE).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.held = held[row.pk]
    context = {
        "shelf": kept,
        "page": page,
        "tab": tab,
        "q": text,
        "looked_after": len(to_look_after),
        "several": len(firms) > 1,
        "import_form": ImportForm(organisations=firms),
        "before": declared_before(request.user) if not text and not tab else [],
    }
    return render(request, "register/rows.html", context)


def _matches(shelf: Shelf, row: Vehicle | Driver, text: str) -> bool:
    said = [getattr(row, name) for name in shelf.search]
    plain, code = folded(text), normalise(text)
    return any(plain in folded(value) or (code and code in normalise(value)) for value in said)


@login_required
@writing
@sensitive_post_parameters()
def new(request: HttpRequest, shelf: str) -> HttpResponse:
    """An empty row; `plate`, or `name` and `phone`, may stand in the address."""
    kept, firms = shelf_or_404(shelf), firms_or_403(request.user)
    asked = {name: request.GET[name] for name in kept.form.base_fields if name in request.GET}
    form = kept.form(request.POST or None, initial=asked, organisations=firms)
    return _write(request, kept, kept.model(organisation=firms[0]), form)


@login_required
@writing
@sensitive_post_parameters()
def row(request: HttpRequest, shelf: str, pk: int) -> HttpResponse:
    """One vehicle or driver: what is known of it, and its papers."""
    kept = shelf_or_404(shelf)
    found = own_row(request, kept, pk)
    return _write(request, kept, found, kept.form(request.POST or None, initial=kept.initial(found)))


def _write(request: HttpRequest, shelf: Shelf, found: Vehicle | Driver, form) -> HttpResponse:
    if request.method != "POST":
        return _shown(request, shelf, found, form)
    if not form.is_valid():
        return _shown(request, shelf, found, form, status=422)
    try:
        saved = save(found, form.cleaned_data, version=request.POST.get("version", ""))
    except Twice as twice:
        form.add_error(None, shelf.twice)
        return _shown(request, shelf, found, form, status=409, twice=twice.row)
    except Overtaken:
        form.add_error(None, _("Vừa có người khác sửa; hãy xem lại rồi lưu lần nữa."))
        found.refresh_from_db()
        return _shown(request, shelf, found, form, status=409)
    relink_all(saved.organisation)
    messages.success(request, _("Đã lưu %(row)s.") % {"row": saved})
    return redirect("register:row", shelf.code, saved.pk)


def _shown(
    request: HttpRequest, shelf: Shelf, found: Vehicle | Driver, form, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"shelf": shelf, "row": found if found.pk else None, "form": form, **more}
    context["list_url"] = reverse(f"register:{shelf.code}")
    if found.pk:
        context["held"] = held_by([found], usual_kind_of_gate(request.user), day=timezone.localdate())[found.pk]
        context["papers"] = found.papers.current().order_by("kind", "-valid_to")
        context["today"] = timezone.localdate()
    return render(request, "register/row.html", context, status=status)


@login_required
@require_POST
def put_away(request: HttpRequest, shelf: str, pk: int) -> HttpResponse:
    """Archive a row, or take it out again (`back`); trips keep what was declared."""
    kept = shelf_or_404(shelf)
    found = own_row(request, kept, pk)
    back = "back" in request.POST
    archive(found, archived=not back)
    relink_all(found.organisation)
    said = _("%(row)s lại được gợi ý khi khai báo.") if back else _("Đã cất %(row)s; không gợi ý khi khai báo nữa.")
    messages.success(request, said % {"row": found})
    return redirect("register:row", kept.code, found.pk) if back else redirect(f"register:{kept.code}")


@login_required
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """A vehicle declared before, and who drove it, into the register; all of them with `all`."""
    firms_or_403(request.user)
    found = declared_before(request.user)
    wanted = found if "all" in request.POST else [each for each in found if each["plate"] == request.POST.get("plate")]
    new_rows = 0
    for organisation in {each["organisation"] for each in wanted}:
        own = [each for each in wanted if each["organisation"] == organisation]
        new_rows += remember(organisation, [(each["vehicle"], each["driver"]) for each in own])
        relink_all(organisation)
    said = ngettext("Đã thêm %(n)s mục vào sổ.", "Đã thêm %(n)s mục vào sổ.", new_rows) % {"n": new_rows}
    messages.success(request, said)
    return redirect("register:vehicles")


@login_required
@require_POST
def import_sheet(request: HttpRequest) -> HttpResponse:
    """The vehicles of a spreadsheet of declarations, and their drivers, into the register; what is there stays."""
    firms = firms_or_403(request.user)
    form = ImportForm(request.POST, request.FILES, organisations=firms)
    try:
        if not form.is_valid():
            raise spreadsheet.BadSpreadsheet([fault for faults in form.errors.values() for fault in faults])
        firm, upload = form.cleaned_data.get("organisation", firms[0]), form.cleaned_data["sheet"]
        listed = spreadsheet.read(upload.file, size=upload.size).vehicles or ()
    except spreadsheet.BadSpreadsheet as bad:
        for fault in bad.faults:
            messages.error(request, fault)
        return redirect("register:vehicles")
    new_rows = remember(firm, map(as_rows, listed))
    relink_all(firm)
    said = ngettext("Đã thêm %(n)s mục vào sổ.", "Đã thêm %(n)s mục vào sổ.", new_rows) % {"n": new_rows}
    messages.success(request, said)
    return redirect("register:vehicles")
