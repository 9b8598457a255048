"""A person's notices, and the way from one to what it is about."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from notices import services
from notices.models import Notice
from notices.words import told

PER_PAGE = 30


def _mine(request: HttpRequest):
    return Notice.objects.visible_to(request.user).select_related("fact__declaration", "fact__trip", "fact__unit")


@require_safe
@login_required
def notices(request: HttpRequest) -> HttpResponse:
    """The newest first; `tab=all` shows those read too."""
    tab = request.GET.get("tab", "")
    found = _mine(request) if tab == "all" else _mine(request).unread()
    page = Paginator(found.order_by("-pk"), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = [(notice, told(notice)) for notice in page.object_list]
    return render(request, "notices/list.html", {"page": page, "tab": tab})


@require_safe
@login_required
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Opening a notice is reading it; then to what it is about."""
    notice = get_object_or_404(_mine(request), pk=pk)
    if request.method == "GET":
        services.mark_read(actor=request.user, notice=notice)
    return redirect(told(notice).url or "notices:list")


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponse:
    services.mark_read(actor=request.user)
    return redirect("notices:list")
