"""Writing a declaration: new or a draft; saved as often as wanted, filled from a spreadsheet, sent when complete."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Organisation, User
from accounts.rules import organisation_ids_of
from checkpoints.closures import announced, holding
from checkpoints.door import perform
from checkpoints.models import Fact
from checkpoints.refusals import Refusal
from checkpoints.views.figures import Room
from checkpoints.views.public import lately
from cuakhauso.templatetags.ui import moment
from declarations import spreadsheet
from declarations.checks import PERMIT, Problem, problems
from declarations.forms.rows import HINTS, LOADED, PERMIT_KINDS, GateForm
from declarations.forms.whole import DeclarationForms
from declarations.known import drivers_offered, vehicles_offered
from declarations.models import Declaration
from declarations.selectors import fields_of, organisations_of
from declarations.services import NotADraft, save_draft
from declarations.views.access import back_to, key_of, own, usual_arrival
from gates.labels import COUNTRIES
from gates.models import Gate
from gates.procedures import BOOKS
from gates.procedures.words import Country, Purpose

PERMIT_PURPOSES = sorted(
    {
        procedure.purpose
        for book in BOOKS.values()
        for procedure in book
        if procedure.purpose and PERMIT in procedure.declares
    }
)
"""For these a decision asks the transport permit."""
FULL_TELLS_FOR = timedelta(hours=6)
"""That a yard is full now is told to who is declared to come within this time."""
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
writing = require_http_methods(["GET", "HEAD", "POST"])


@dataclass
class Page:
    """What is written on: a draft or nothing yet, the fields it holds, and what went wrong.

    `faults` are those of a sheet; `overtaken`: the draft was written elsewhere since the form was opened.
    """

    declaration: Declaration | None
    organisation: Organisation | None
    fields: dict[str, Any]
    faults: tuple[str, ...] = ()
    overtaken: bool = False

    @property
    def version(self) -> str:
        """When the draft was last written, as the form carries it."""
        return self.declaration.changed_at.isoformat() if self.declaration else ""

    @property
    def address(self) -> str:
        return reverse("declarations:edit", args=[self.declaration.code]) if self.declaration else ""


@login_required
@writing
@sensitive_post_parameters()
def new(request: HttpRequest) -> HttpResponse:
    """An empty declaration; a purpose may be named in the address."""
    organisation = organisations_of(request.user).first()
    if organisation is None:
        raise PermissionDenied(_("Tài khoản của bạn chưa thuộc tổ chức, cá nhân nào để khai báo."))
    if sent := _sent_before(request):
        return redirect("declarations:detail", sent.code)
    purpose = request.GET.get("purpose", "")
    gates = Gate.objects.filter(declarations__organisation__in=organisation_ids_of(request.user))
    gate = gates.order_by("-declarations__id").first() or Gate.objects.first()
    general = {
        "gate": gate,
        "yard": None,
        "purpose": purpose if purpose in set(Purpose) else "",
        "comes_from": "",
        "expected_at": usual_arrival(gate),
        "note": "",
    }
    fields = {"general": general, "consignments": [], "vehicles": []}
    return _write(request, Page(None, organisation, fields))


@login_required
@writing
@sensitive_post_parameters()
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """A draft. Once sent it is no longer written: the page leads to the declaration."""
    declaration = own(request, code)
    if not declaration.is_draft:
        return redirect("declarations:detail", declaration.code)
    return _write(request, Page(declaration, declaration.organisation, fields_of(declaration)))


def _write(request: HttpRequest, page: Page) -> HttpResponse:
    if request.method != "POST":
        forms = DeclarationForms(request.user, organisation=page.organisation, fields=page.fields)
        if page.declaration and "check" in request.GET:
            forms.say(_problems(page.declaration))
        return _shown(request, page, forms)
    forms = DeclarationForms(request.user, request.POST, organisation=page.organisation, fields=page.fields)
    if not forms.is_valid():
        return _shown(request, page, forms, status=422)
    if request.POST.get("version", page.version) != page.version:
        page.overtaken = True
        return _shown(request, page, forms, status=409)
    try:
        return _done(request, page, forms, request.POST.get("do", "save"))
    except spreadsheet.BadSpreadsheet as bad:
        page.faults = tuple(bad.faults)
        return _shown(request, page, forms, status=422)
    except NotADraft:
        messages.warning(request, _("Tờ khai này đã được gửi hoặc xóa từ nơi khác; thay đổi vừa rồi không được ghi."))
        return back_to(page.declaration)


def _done(request: HttpRequest, page: Page, forms: DeclarationForms, what: str) -> HttpResponse:
    """Save what was typed, then do what was asked."""
    fields = forms.fields()
    if what == "import":
        fields |= _imported(request, forms, fields)
    declaration = save_draft(actor=request.user, declaration=page.declaration, **fields)
    if what == "import":
        vehicles, lines = len(fields["vehicles"]), sum(len(lot["lines"]) for lot in fields["consignments"])
        messages.success(
            request,
            _("Đã nhập từ bảng tính: nay có %(vehicles)s phương tiện, %(lines)s dòng hàng.")
            % {"vehicles": vehicles, "lines": lines},
        )
        return _to_draft(declaration, part="import")
    if what in ("send", "send-anyway"):
        return _send(request, declaration, anyway=what == "send-anyway")
    messages.success(request, _("Đã lưu nháp tờ khai %(code)s.") % {"code": declaration.code})
    return _to_draft(declaration)


def _problems(declaration: Declaration) -> list[Problem]:
    """What is wrong with the declaration, and warnings where the gate will be closed or the yard is full."""
    return [*problems(declaration), *_not_open(declaration), *_no_room(declaration)]


def _not_open(declaration: Declaration) -> Iterator[Problem]:
    gate, at = declaration.gate, "general.expected_at"
    if declaration.expected_at is None:
        return
    if closure := holding(gate, declaration.expected_at):
        message = _("%(gate)s: %(kind)s từ %(start)s đến %(end)s (%(reason)s).") % {
            "gate": gate,
            "kind": closure.get_kind_display().lower(),
            "start": moment(closure.starts_at),
            "end": moment(closure.ends_at),
            "reason": closure.reason,
        }
        yield Problem("gate_closed", message, hard=False, at=at)
    elif not gate.is_open_at(declaration.expected_at):
        hours = {"gate": gate, "opens": f"{gate.opens_at:%H:%M}", "closes": f"{gate.closes_at:%H:%M}"}
        message = _("%(gate)s đóng cửa vào giờ này; mở cửa từ %(opens)s đến %(closes)s.") % hours
        yield Problem("gate_shut", message, hard=False, at=at)


def _no_room(declaration: Declaration) -> Iterator[Problem]:
    """A yard that is full now is no reason to wait for who comes much later."""
    expected = declaration.expected_at
    if declaration.yard is None or expected is None or expected > timezone.now() + FULL_TELLS_FOR:
        return
    for room in _full_rooms():
        if (room.gate, room.code) == (declaration.gate, declaration.yard.code):
            yield Problem("yard_full", room.fullness, hard=False, at="general.yard")


def _full_rooms() -> list[Room]:
    _at, gates = lately()
    return [room for gate in gates for room in gate.rooms if room.is_full]


def _send(request: HttpRequest, declaration: Declaration, *, anyway: bool) -> HttpResponse:
    """Submit; with warnings only once the person saw just these and sends anyway."""
    found = _problems(declaration)
    hard = [problem for problem in found if problem.hard]
    warnings = {f"{problem.code}@{problem.at}" for problem in found if not problem.hard}
    acknowledged = set(request.POST.get("seen", "").split()) if anyway else set()
    if hard or not warnings <= acknowledged:
        return _to_draft(declaration, "check=1")
    try:
        perform("submit", declaration, actor=request.user, key=key_of(request))
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return _to_draft(declaration, "check=1")
    messages.success(request, _("Đã gửi tờ khai %(code)s.") % {"code": declaration.code})
    return redirect(reverse("declarations:detail", args=[declaration.code]) + "?sent=1")


def _sent_before(request: HttpRequest) -> Declaration | None:
    """The declaration that this very form already sent: the same click came twice."""
    key = key_of(request) if request.method == "POST" else None
    if key is None:
        return None
    fact = Fact.objects.filter(key=key, move="submit", actor=request.user).select_related("declaration").first()
    return fact and fact.declaration


def _to_draft(declaration: Declaration, query: str = "saved=1", part: str = "") -> HttpResponse:
    address = reverse("declarations:edit", args=[declaration.code])
    return redirect(f"{address}?{query}" + (f"#{part}" if part else ""))


def _imported(request: HttpRequest, forms: DeclarationForms, fields: dict[str, Any]) -> dict[str, Any]:
    """The draft's lists with those of the uploaded sheet; raises `BadSpreadsheet`."""
    upload = request.FILES.get("sheet")
    if upload is None:
        raise spreadsheet.BadSpreadsheet([_("Hãy chọn tệp bảng tính để nhập.")])
    lists = spreadsheet.read(upload.file, size=upload.size)
    if lists.lines and not forms.general.loaded:
        raise spreadsheet.BadSpreadsheet(
            [_("Mục đích đã chọn là xe không chở hàng, nhưng bảng tính có hàng hóa. Hãy đổi mục đích.")]
        )
    return spreadsheet.merged(
        fields,
        lists,
        replace=request.POST.get("how") != "add",
        comes_from=forms.general.cleaned_data["comes_from"],
    ) | ({} if forms.general.loaded else {"consignments": []})


def _shown(request: HttpRequest, page: Page, forms: DeclarationForms, status: int = 200) -> HttpResponse:
    recent, drivers = _known(request.user, page, forms) if not forms.long else ([], [])
    for vehicle in recent:
        vehicle["payload"] = str(vehicle["payload"] or "").replace(".00", "").replace(".", ",")
    context = {
        "page": page,
        "forms": forms,
        "declaration": page.declaration,
        "hints": HINTS,
        "origins": _origins(),
        "closures": announced(),
        "full_rooms": _full_rooms(),
        "loaded_purposes": " ".join(LOADED),
        "permit_kinds": PERMIT_KINDS,
        "permit_purposes": " ".join(PERMIT_PURPOSES),
        "recent": recent,
        "drivers": drivers,
        "wrong": ngettext("Có %(n)s mục cần sửa.", "Có %(n)s mục cần sửa.", forms.wrong) % {"n": forms.wrong},
        "seen": " ".join(f"{said.problem.code}@{said.problem.at}" for said in forms.warnings),
        "several_organisations": forms.general.fields["organisation"].queryset.count() > 1,
        "draft_name": f"declaration-{page.declaration.code}" if page.declaration else "declaration-new",
        "just_saved": bool({"saved", "check"} & set(request.GET)) and request.method == "GET",
    }
    return render(request, "declarations/declare.html", context, status=status)


def _known(user: User, page: Page, forms: DeclarationForms) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The vehicles, and the drivers of the firm's register with the specialised ones of the gate chosen."""
    general = forms.general.cleaned_data if forms.general.is_bound else page.fields["general"]
    gate, day = general.get("gate"), _day(general.get("expected_at"))
    return vehicles_offered(user, gate, day=day), drivers_offered(user, gate, day=day)


def _day(expected_at: datetime | None) -> date:
    return timezone.localdate(expected_at) if expected_at else timezone.localdate()


@login_required
@never_cache
@require_GET
def drivers(request: HttpRequest) -> HttpResponse:
    """The drivers known to the firm and those of a gate, as the part of the form that another gate brings along."""
    if not organisation_ids_of(request.user):
        raise PermissionDenied
    asked = GateForm(request.GET)
    if not asked.is_valid():
        raise Http404
    known = drivers_offered(request.user, asked.cleaned_data["gate"], day=_day(asked.cleaned_data["expected_at"]))
    return render(request, "declarations/_drivers.html", {"drivers": known})


def _origins() -> dict[str, str]:
    """Where goods usually come from, by purpose; in the language of the form of Phụ lục V, which officers read."""
    with translation.override(settings.LANGUAGE_CODE):
        return {Purpose.EXPORT.value: str(COUNTRIES[Country.VN]), Purpose.IMPORT.value: str(COUNTRIES[Country.CN])}


@login_required
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """An empty spreadsheet to fill in."""
    return _sheet(spreadsheet.write(), "mau-bang-ke.xlsx")


@login_required
@require_GET
def lists(request: HttpRequest, code: str) -> HttpResponse:
    """The lists of a declaration as a spreadsheet: to keep, or to change and read in again."""
    declaration = own(request, code)
    fields = fields_of(declaration)
    plates = [vehicle["plate"] for vehicle in fields["vehicles"]]
    lines = [
        line | {"vehicle": plates[line["vehicle"] - 1] if line["vehicle"] else "", "consignment": number}
        for number, lot in enumerate(fields["consignments"], start=1)
        for line in lot["lines"]
    ]
    return _sheet(spreadsheet.write(fields["vehicles"], lines), f"bang-ke-{declaration.code}.xlsx")


def _sheet(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(content, SHEET, headers={"Content-Disposition": f'attachment; filename="{name}"'})
