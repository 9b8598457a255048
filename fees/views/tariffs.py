"""Tariffs as the fee centre reads them: all versions, one of them, two side by side, and tried out on a truck."""

from collections.abc import Sequence
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from fees import spreadsheet
from fees.comparison import SAME, compare
from fees.coverage import uncovered
from fees.forms.money import ReasonForm
from fees.forms.tariff import CalculatorForm, EndForm, UploadForm
from fees.models import Tariff
from fees.pricing import Case, Outcome, price
from fees.rules import enters_tariffs
from fees.selectors import tariffs as selectors
from fees.services.assessing import FACTS_OF_PRICE
from fees.timeline import gaps_around, overlapping, superseded
from fees.views.answers import REFUSED
from fees.views.desk import for_desk

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_UNCOVERED = 12
MOVES = {
    "enter_tariff": _("Tạo bản nháp"),
    "propose_tariff": _("Đề nghị duyệt"),
    "send_back_tariff": _("Trả lại để sửa"),
    "approve_tariff": _("Duyệt"),
    "propose_end_of_tariff": _("Đề nghị kết thúc"),
    "drop_end_of_tariff": _("Không kết thúc nữa"),
    "end_tariff": _("Kết thúc"),
}


def version_or_404(tariff_id: int) -> Tariff:
    return get_object_or_404(selectors.versions(), pk=tariff_id)


@require_safe
@for_desk
def versions(request: HttpRequest) -> HttpResponse:
    """Every version, the newest first."""
    context = {"versions": selectors.versions(), "enters": enters_tariffs(request.user)}
    return render(request, "fees/tariffs/versions.html", context)


@require_safe
@for_desk
def version(request: HttpRequest, tariff_id: int) -> HttpResponse:
    """One version: its rows, what it leaves open, what approving it would do, and what happened to it."""
    return shown(request, version_or_404(tariff_id))


def shown(
    request: HttpRequest, tariff: Tariff, *, faults: Sequence[str] = (), **refused: ReasonForm | EndForm
) -> HttpResponse:
    """The page of one version; `faults` are what is wrong with a spreadsheet just sent, the forms those refused."""
    lines, rules, others = list(tariff.lines.all()), list(tariff.rules.all()), selectors.others_of(tariff)
    missing = uncovered(lines, rules) if lines and not tariff.is_approved else []
    enters = enters_tariffs(request.user, tariff.province)
    is_author = tariff.proposed_by_id == request.user.pk or tariff.authors.filter(pk=request.user.pk).exists()
    history = list(selectors.history_of(tariff)[:30])
    for fact in history:
        fact.words = MOVES.get(fact.move, fact.move)
    context = {
        "tariff": tariff,
        "lines": lines,
        "rules": rules,
        "enters": enters,
        "may_approve": enters and tariff.is_proposed and not is_author,
        "may_approve_end": enters and tariff.end_proposed and tariff.end_proposed_by_id != request.user.pk,
        "uncovered": missing[:MOST_UNCOVERED],
        "more_uncovered": max(0, len(missing) - MOST_UNCOVERED),
        "gaps": gaps_around(tariff, others) if tariff.stand != "ended" else [],
        "overlap": overlapping(tariff, others),
        "superseded": superseded(tariff, others),
        "is_past": not tariff.is_approved and tariff.valid_from < timezone.localdate(),
        "assessed": selectors.assessed_since(tariff) if tariff.is_proposed else 0,
        "others": others,
        "history": history,
        "upload": UploadForm(),
        "end": EndForm(),
        "reason": ReasonForm(),
        "faults": faults,
    }
    status = REFUSED if faults or refused else 200
    return render(request, "fees/tariffs/version.html", context | refused, status=status)


@require_safe
@for_desk
def compared(request: HttpRequest, tariff_id: int) -> HttpResponse:
    """This version against another, row by row; `with` in the address names the other."""
    tariff = version_or_404(tariff_id)
    other_id = request.GET.get("with", "")
    others = selectors.versions().filter(province=tariff.province)
    other = get_object_or_404(others, pk=int(other_id) if other_id.isascii() and other_id.isdigit() else 0)
    lines = compare(list(other.lines.all()), list(tariff.lines.all()))
    rules = compare(list(other.rules.all()), list(tariff.rules.all()))
    context = {
        "tariff": tariff,
        "other": other,
        "lines": [row for row in lines if row.what != SAME],
        "rules": [row for row in rules if row.what != SAME],
        "same": sum(row.what == SAME for row in (*lines, *rules)),
    }
    return render(request, "fees/tariffs/compared.html", context)


@require_safe
@for_desk
def tried(request: HttpRequest, tariff_id: int) -> HttpResponse:
    """What a truck would owe by this version, and what it owes by the one in force; nothing is written."""
    tariff = version_or_404(tariff_id)
    form = CalculatorForm(request.GET or None)
    answers = []
    if request.GET and form.is_valid():
        case = _case(form.cleaned_data)
        today = Tariff.objects.in_force().filter(province=tariff.province).exclude(pk=tariff.pk).first()
        for version in filter(None, (tariff, today)):
            outcome, charges = price(case, list(version.lines.all()), list(version.rules.all()))
            lines, total = [charge.as_line() for charge in charges], sum(charge.amount for charge in charges)
            answers.append({"tariff": version, "why": Outcome(outcome).label, "lines": lines, "total": total})
    return render(request, "fees/tariffs/tried.html", {"tariff": tariff, "form": form, "answers": answers})


def _case(given: dict) -> Case:
    weight = (given["tonnes"] or Decimal(0)) * 1000
    return Case(weight=weight, **{name: given[name] for name in FACTS_OF_PRICE if name != "weight"})


@require_safe
@for_desk
def template(request: HttpRequest) -> HttpResponse:
    """An empty spreadsheet to fill in."""
    return _sheet(spreadsheet.write(), "mau-bieu-phi.xlsx")


@require_safe
@for_desk
def exported(request: HttpRequest, tariff_id: int) -> HttpResponse:
    """A version as a spreadsheet: to keep, or to change and read into a draft."""
    tariff = version_or_404(tariff_id)
    content = spreadsheet.write(list(tariff.lines.all()), list(tariff.rules.all()))
    return _sheet(content, f"bieu-phi-{tariff.valid_from:%Y-%m-%d}.xlsx")


def _sheet(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(content, SHEET, headers={"Content-Disposition": f'attachment; filename="{name}"'})
