"""What was assessed and received in a period, and whether it ties, to the đồng."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from checkpoints.models import Confirmation
from checkpoints.states import ConfirmationState
from fees.models import Assessment, Bill, CashShift, LedgerEntry, Payment, StatementLine
from fees.services.confirming import FEE_CONFIRMED
from fees.services.receipting import live_receipts, outdated_receipts

Kind = LedgerEntry.Kind
LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Check:
    """Two sums that must be the same, each from its own source."""

    what: str
    left: int
    right: int
    where: str = ""

    @property
    def difference(self) -> int:
        return self.left - self.right

    @property
    def holds(self) -> bool:
        return not self.difference


@dataclass
class Report:
    """The figures of some gates (None means all) from a day to a day, both included; đồng."""

    first: date
    last: date
    gates: set[int] | None
    assessed: int = 0
    confirmed: int = 0
    open: int = 0
    cancelled: int = 0
    received: int = 0
    matched: int = 0
    unmatched: int = 0
    refunded: int = 0
    unknown: int = 0
    by_day: list[tuple[date, int]] = field(default_factory=list)
    by_method: dict[str, int] = field(default_factory=dict)
    by_kind: dict[str, int] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)

    @property
    def ties(self) -> bool:
        return all(check.holds for check in self.checks)

    def figures(self) -> dict:
        """The sums alone, as they are kept when a day is closed."""
        names = ["assessed", "confirmed", "open", "cancelled"]
        names += ["received", "matched", "unmatched", "refunded", "unknown"]
        return {name: getattr(self, name) for name in names} | {"by_method": self.by_method, "ties": self.ties}


def report(*, first: date, last: date, gates: Collection[int] | None) -> Report:
    """Add up the period; about a dozen queries whatever its length."""
    found = Report(first, last, None if gates is None else set(gates))
    _add_assessed(found)
    _add_received(found)
    return found


def _between(found: Report, name: str) -> Q:
    begin = timezone.make_aware(datetime.combine(found.first, time()))
    end = timezone.make_aware(datetime.combine(found.last + timedelta(days=1), time()))
    return Q(**{f"{name}__gte": begin, f"{name}__lt": end})


def _add_assessed(found: Report) -> None:
    """What was put on bills, less what was taken off; a move from one bill to another is neither."""
    entries = LedgerEntry.objects.filter(_between(found, "at"), kind=Kind.ASSESSED)
    if found.gates is not None:
        entries = entries.filter(bill__declaration__gate__in=found.gates)
    by_assessment = entries.order_by().values("assessment", "assessment__trip").annotate(net=Sum("amount"))
    confirmed = set(
        Confirmation.objects.filter(
            of=FEE_CONFIRMED, state=ConfirmationState.CONFIRMED, stage__trip__in=entries.values("assessment__trip")
        ).values_list("stage__trip", flat=True)
    )
    for _assessment, trip, net in by_assessment.values_list("assessment", "assessment__trip", "net"):
        if net > 0:
            found.assessed += net
        else:
            found.cancelled -= net
        if trip in confirmed:
            found.confirmed += net
        else:
            found.open += net
    by_kind = entries.order_by().values("bill__kind").annotate(total=Sum("amount"))
    found.by_kind = dict(by_kind.values_list("bill__kind", "total"))
    found.checks.append(
        Check(
            _("Phát sinh = đã xác nhận + còn mở + đã giảm"),
            found.assessed,
            found.confirmed + found.open + found.cancelled,
        )
    )
    found.checks.append(
        Check(
            _("Sổ cái = các bản tính phí"),
            found.assessed - found.cancelled,
            _calculated(found),
            _("phí đã tính nhưng không nằm trên thông báo phí nào, hoặc ngược lại"),
        )
    )


def _calculated(found: Report) -> int:
    """What the calculations of the period changed, without looking at the ledger."""
    earlier = Assessment.objects.filter(trip=OuterRef("trip"), version=OuterRef("version") - 1)
    made = Assessment.objects.filter(_between(found, "made_at"))
    if found.gates is not None:
        made = made.filter(trip__declaration__gate__in=found.gates)
    made = made.annotate(before=Coalesce(Subquery(earlier.values("total")[:1]), 0))
    return made.aggregate(total=Coalesce(Sum(F("total") - F("before")), 0))["total"]


def payments_of(found: Report) -> QuerySet[Payment]:
    """The payments that came in the period for these gates, and those for none."""
    payments = Payment.objects.filter(_between(found, "received_at"))
    if found.gates is None:
        return payments
    ordered = Payment.objects.filter(order__lines__bill__declaration__gate__in=found.gates)
    nobodys = Q(payer__isnull=True) & (
        Q(statement_line__account__gate__in=found.gates) | Q(statement_line__account__gate__isnull=True)
    )
    return payments.filter(Q(bill__declaration__gate__in=found.gates) | Q(pk__in=ordered.values("pk")) | nobodys)


def unknown_of(found: Report) -> QuerySet[StatementLine]:
    """What came into the accounts of these gates in the period and is nobody's yet."""
    lines = StatementLine.objects.filter(
        payment__isnull=True, aside="", amount__gt=0, booked_on__gte=found.first, booked_on__lte=found.last
    )
    if found.gates is None:
        return lines
    return lines.filter(Q(account__gate__in=found.gates) | Q(account__gate__isnull=True))


def _add_received(found: Report) -> None:
    payments = payments_of(found)
    entries = LedgerEntry.objects.filter(payment__in=payments.values("pk")).order_by()
    sums = Counter(dict(entries.values_list("kind").annotate(total=Sum("amount"))))
    found.unknown = unknown_of(found).aggregate(total=Coalesce(Sum("amount"), 0))["total"]
    found.received = sums[Kind.RECEIVED] + found.unknown
    found.matched, found.refunded = sums[Kind.ALLOCATED], sums[Kind.REFUNDED]
    found.unmatched = _left_over(entries) + found.unknown
    by_method = payments.order_by().values("method").annotate(total=Sum("amount"))
    found.by_method = dict(by_method.values_list("method", "total"))
    by_day = payments.annotate(day=TruncDate("received_at")).order_by("day").values("day").annotate(total=Sum("amount"))
    found.by_day = list(by_day.values_list("day", "total"))
    found.checks += [
        Check(
            _("Đã nhận = đã khớp + chưa khớp + đã hoàn trả"),
            found.received,
            found.matched + found.unmatched + found.refunded,
        ),
        Check(
            _("Sổ cái = các khoản nộp"),
            sums[Kind.RECEIVED],
            sum(found.by_method.values()),
            _("khoản nộp chưa vào sổ"),
        ),
        _bank_check(found, payments),
        _drawer_check(found, payments),
        _receipt_check(found),
    ]


def _left_over(entries: QuerySet[LedgerEntry]) -> int:
    """What is left of each payment, added up payment by payment; none may be overspent."""
    signed = Case(When(kind=Kind.RECEIVED, then=F("amount")), default=-F("amount"))
    left = entries.values("payment").annotate(left=Sum(signed)).filter(left__gt=0)
    return sum(left.values_list("left", flat=True))


def _bank_check(found: Report, payments: QuerySet[Payment]) -> Check:
    """Transfers that we count are those that the bank's statements name."""
    transfers = payments.filter(method=Payment.Method.BANK)
    named = transfers.filter(statement_line__isnull=False)
    bare = transfers.filter(statement_line__isnull=True).values_list("reference", flat=True)[:3]
    return Check(
        _("Chuyển khoản đã ghi = dòng sao kê đã khớp"),
        transfers.aggregate(total=Coalesce(Sum("amount"), 0))["total"],
        named.aggregate(total=Coalesce(Sum("statement_line__amount"), 0))["total"],
        _("chưa có trong sao kê: %(which)s") % {"which": ", ".join(filter(None, bare)) or "–"},
    )


def _drawer_check(found: Report, payments: QuerySet[Payment]) -> Check:
    """What was taken at the counter lies in the shifts."""
    taken = payments.filter(method=Payment.Method.COUNTER)
    return Check(
        _("Thu tại quầy = các ca thu tiền"),
        taken.aggregate(total=Coalesce(Sum("amount"), 0))["total"],
        taken.filter(shift__isnull=False).aggregate(total=Coalesce(Sum("amount"), 0))["total"],
        _("khoản thu không thuộc ca nào"),
    )


def _receipt_check(found: Report) -> Check:
    """A receipt that counts is over what its bill asks: sums of the period's receipts, and of their bills."""
    of_these = _between(found, "issued_at")
    if found.gates is not None:
        of_these &= Q(bill__declaration__gate__in=found.gates)
    total = live_receipts().filter(of_these).aggregate(total=Coalesce(Sum("amount"), 0))["total"]
    wrong = outdated_receipts().filter(of_these).select_related("series").order_by("pk")
    named = [(receipt.amount, receipt.asked, f"{receipt.series.sign} {receipt.shown_number}") for receipt in wrong]
    return Check(
        _("Biên lai còn hiệu lực = số phí phải nộp"),
        total,
        total - sum(amount - asked for amount, asked, _number in named),
        _("biên lai cần hủy và lập lại: %(which)s") % {"which": ", ".join(number for *_sums, number in named[:5])},
    )


def bills_of(found: Report) -> QuerySet[Bill]:
    """The bills made in the period at these gates, with their sums and whether all of each is confirmed."""
    bills = Bill.objects.filter(_between(found, "created_at"))
    if found.gates is not None:
        bills = bills.filter(declaration__gate__in=found.gates)
    waiting = Confirmation.objects.filter(
        of=FEE_CONFIRMED,
        state=ConfirmationState.WAITING,
        stage__trip__assessments__entries__bill=OuterRef("pk"),
    )
    return bills.with_sums().annotate(waits=Exists(waiting)).select_related("payer", "declaration__gate")


def shifts_with_sums(shifts: QuerySet[CashShift]) -> QuerySet[CashShift]:
    """Adds `taken`, `given` and `drawer`, what should lie there, in đồng."""
    taken = Payment.objects.filter(shift=OuterRef("pk")).order_by().values("shift").annotate(total=Sum("amount"))
    given = (
        LedgerEntry.objects.filter(refund_request__shift=OuterRef("pk"))
        .order_by()
        .values("refund_request__shift")
        .annotate(total=Sum("amount"))
    )
    return shifts.annotate(
        taken=Coalesce(Subquery(taken.values("total")), 0), given=Coalesce(Subquery(given.values("total")), 0)
    ).annotate(
        drawer=F("float_amount") + F("taken") - F("given"),
        difference=F("counted") - F("float_amount") - F("taken") + F("given"),
    )
