"""The papers of one vehicle or driver, and their scans for who may see them."""

import logging

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from cuakhauso.serving import served
from declarations.papers import papers_visible_to
from register.forms import PaperForm
from register.models import Driver, Paper, Vehicle
from register.services import Overtaken, archive, save_paper
from register.views.access import own_paper, own_row, shelf_or_404
from register.views.rows import writing
from register.views.shelves import Shelf

logger = logging.getLogger(__name__)


@login_required
@writing
@sensitive_post_parameters()
def new(request: HttpRequest, shelf: str, pk: int) -> HttpResponse:
    """A paper; its kind may stand in the address."""
    kept = shelf_or_404(shelf)
    row = own_row(request, kept, pk)
    return _write(request, kept, row, Paper(**{kept.of: row}), {"kind": request.GET.get("kind", "")})


@login_required
@writing
@sensitive_post_parameters()
def edit(request: HttpRequest, shelf: str, pk: int, paper: int) -> HttpResponse:
    kept = shelf_or_404(shelf)
    row = own_row(request, kept, pk)
    found = own_paper(request, kept, row, paper)
    names = ("kind", "variety", "number", "valid_from", "valid_to")
    return _write(request, kept, row, found, {name: getattr(found, name) for name in names})


def _write(
    request: HttpRequest, shelf: Shelf, row: Vehicle | Driver, paper: Paper, initial: dict[str, object]
) -> HttpResponse:
    form = PaperForm(request.POST or None, request.FILES or None, kinds=shelf.kinds, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = dict(form.cleaned_data)
            scan, _photo = given.pop("scan"), given.pop("photo")
            try:
                save_paper(paper, given, scan=scan, version=request.POST.get("version", ""))
            except Overtaken:
                form.add_error(None, _("Vừa có người khác sửa; hãy xem lại rồi lưu lần nữa."))
                paper.refresh_from_db()
                status = 409
            else:
                messages.success(request, _("Đã lưu giấy tờ."))
                return redirect("register:row", shelf.code, row.pk)
    context = {"shelf": shelf, "row": row, "paper": paper if paper.pk else None, "form": form}
    return render(request, "register/paper.html", context, status=status)


@login_required
@require_POST
def remove(request: HttpRequest, shelf: str, pk: int, paper: int) -> HttpResponse:
    """Take a paper out of the register; its scan is kept a while and shown to nobody."""
    kept = shelf_or_404(shelf)
    row = own_row(request, kept, pk)
    archive(own_paper(request, kept, row, paper))
    messages.success(request, _("Đã bỏ giấy tờ khỏi sổ."))
    return redirect("register:row", kept.code, row.pk)


@login_required
@require_safe
@cache_control(private=True, no_store=True)
def scan(request: HttpRequest, paper: int) -> HttpResponse:
    """The scan: for the own firm, and for officers where a live trip declares the vehicle or the driver."""
    found = get_object_or_404(papers_visible_to(request.user).exclude(scan=""), pk=paper)
    logger.info("scan of paper %s shown to user %s", found.pk, request.user.pk)
    return served(found.scan, found.kind)
