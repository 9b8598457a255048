"""The reports of a period: what ties and what does not, as pictures, tables and a workbook."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fees.models import DayClosing, Payment
from fees.models.tariff import FeeKind
from fees.reports import workbook
from fees.selectors.desk import desk_gates, gates_of
from fees.selectors.reports import LONGEST, Report, report
from fees.views.desk import for_desk

MOST_BARS = 31
# Far from where the calendar ends.
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _asked(request: HttpRequest) -> tuple[Report, str]:
    """The report of the period and gate in the address; this month at all gates of the person where it says none."""
    today = timezone.localdate()
    first = _day(request.GET.get("from"), today.replace(day=1))
    last = _day(request.GET.get("to"), today)
    if last < first:
        first, last = last, first
    first = max(first, last - LONGEST)
    gates, gate = gates_of(request.user), request.GET.get("gate", "")
    if gate:
        gates = {one.pk for one in desk_gates(request.user) if str(one.pk) == gate}
    return report(first=first, last=last, gates=gates), gate


def _day(text: str | None, otherwise: date) -> date:
    try:
        return min(max(date.fromisoformat(text or ""), EARLIEST), LATEST)
    except ValueError:
        return otherwise


@require_safe
@for_desk
def reports(request: HttpRequest) -> HttpResponse:
    """What was assessed and received, and whether it ties to the đồng."""
    found, gate = _asked(request)
    daily = found.by_day
    if len(daily) > MOST_BARS:
        daily = _by_month(found)
    closed = None
    if found.first == found.last and found.gates and len(found.gates) == 1:
        closed = DayClosing.objects.filter(gate__in=found.gates, day=found.first).first()
    context = {
        "report": found,
        "gate": gate,
        "chosen_gate": next(iter(found.gates or ()), None) if gate else None,
        "gates": desk_gates(request.user),
        "per_day": [(label, round(total / 1_000_000, 1)) for label, total in _labelled(daily)],
        "per_method": _by_method(found),
        "per_kind": [(FeeKind(kind).label, total) for kind, total in sorted(found.by_kind.items())],
        "closed": closed,
        "changed": closed and {k: v for k, v in found.figures().items() if closed.figures.get(k) != v},
        "week": timezone.localdate() - timedelta(days=6),
        "today": timezone.localdate(),
    }
    return render(request, "fees/reports.html", context)


def _by_method(found: Report) -> list[tuple[str, int]]:
    """What came in by each way, and what nobody claimed yet: together what was received."""
    known = [(str(Payment.Method(method).label), total) for method, total in sorted(found.by_method.items())]
    return known + ([(_("Tiền chưa rõ"), found.unknown)] if found.unknown else [])


def _by_month(found: Report) -> list[tuple[date, int]]:
    months: dict[date, int] = {}
    for day, total in found.by_day:
        months[day.replace(day=1)] = months.get(day.replace(day=1), 0) + total
    return list(months.items())


def _labelled(days: list[tuple[date, int]]) -> list[tuple[str, int]]:
    form = "%m/%Y" if all(day.day == 1 for day, _total in days) and len(days) > 1 else "%d/%m"
    return [(f"{day:{form}}", total) for day, total in days]


@require_safe
@for_desk
def export(request: HttpRequest) -> HttpResponse:
    """The same report as a workbook: the sums, the bills and the payments behind them."""
    found, _gate = _asked(request)
    name = f"thu-phi-{found.first:%Y%m%d}-{found.last:%Y%m%d}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(workbook(found), content_type=XLSX, headers=headers)
