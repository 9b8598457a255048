"""Documents of a declaration: handed in by who declared, read by officers of the gate."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.base import ContentFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from checkpoints.door import perform
from checkpoints.refusals import Refusal
from cuakhauso.serving import served
from declarations.documents import cleaned_document
from declarations.models import Declaration, Document
from declarations.services import NotADraft, add_to_draft, drop_document, place_document
from declarations.views.access import back_to, key_of, own

GONE = gettext_lazy("Tờ khai này vừa được gửi hoặc xóa từ nơi khác; hãy xem lại.")


class PlaceForm(forms.Form):
    consignment = forms.IntegerField()


class DocumentForm(forms.Form):
    """`replaces`: the version in whose place the file goes; its kind stays."""

    consignment = forms.IntegerField()
    replaces = forms.IntegerField(required=False)
    kind = forms.ChoiceField(choices=Document.Kind.choices, label=gettext_lazy("Loại chứng từ"))
    file = forms.FileField(error_messages={"required": gettext_lazy("Hãy chọn tệp.")})

    def clean_file(self) -> ContentFile:
        return cleaned_document(self.cleaned_data["file"])


@login_required
@require_POST
def add(request: HttpRequest, code: str) -> HttpResponse:
    """A document, or a newer version of one, whether the declaration is a draft or under way."""
    declaration = own(request, code)
    form = DocumentForm(request.POST, request.FILES)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, errors[0])
    elif refused := _added(request, declaration, form.cleaned_data):
        messages.error(request, refused)
    else:
        messages.success(request, _("Đã lưu chứng từ."))
    return back_to(declaration)


def _added(request: HttpRequest, declaration: Declaration, given: dict) -> str | None:
    """Why it was not added, in words."""
    consignment, kind, file, replaces = (given[name] for name in ("consignment", "kind", "file", "replaces"))
    if declaration.is_draft:
        try:
            return add_to_draft(declaration, consignment, kind=kind, file=file, by=request.user, replaces=replaces)
        except NotADraft:
            return str(GONE)
    details = {"consignment": consignment, "kind": kind, "file": file, "replaces": replaces}
    try:
        perform("update_document", declaration, actor=request.user, key=key_of(request), **details)
    except Refusal as refusal:
        return refusal.message
    return None


@login_required
@require_POST
def place(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A document of a draft whose consignment was taken out goes to another."""
    declaration = own(request, code)
    form = PlaceForm(request.POST)
    try:
        placed = form.is_valid() and place_document(declaration, pk, form.cleaned_data["consignment"])
    except NotADraft:
        messages.error(request, GONE)
    else:
        if placed:
            messages.success(request, _("Đã gắn chứng từ vào lô hàng."))
        else:
            messages.error(request, _("Chứng từ hoặc lô hàng không còn như trên trang; hãy xem lại."))
    return back_to(declaration)


@login_required
@require_POST
def drop(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A document of a draft whose consignment was taken out goes with it."""
    declaration = own(request, code)
    try:
        drop_document(declaration, pk)
    except NotADraft:
        messages.error(request, GONE)
    else:
        messages.success(request, _("Đã xóa chứng từ."))
    return back_to(declaration)


@login_required
@require_safe
@cache_control(private=True, no_store=True)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of any version."""
    document = get_object_or_404(Document.objects.visible_to(request.user), pk=pk)
    return served(document.file, document.kind)
