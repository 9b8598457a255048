"""Reads for the desk: what each tab shows and how much waits in it, and for unknown money whose it may be."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import BigIntegerField, Case, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from declarations.plates import normalise
from fees.models import Bill, DeskSetting, LedgerEntry, Payment, RefundRequest, StatementLine
from fees.selectors.bills import at_desk_of, gates_of, outdated, stranded, unpriced, waiting_bills
from fees.statements.texts import fold
from gates.labels import AGENCIES
from gates.models import Gate
from gates.procedures.words import Agency

Kind = LedgerEntry.Kind
# Looking ahead, so that a word before a plate ("XE 11C-123.45") does not hide it.
_PLATE = re.compile(r"\b(?=((?:\d{2}[A-ZĐ]{1,2}|[A-Z]{2})[-. ]?[A-Z0-9]{3}[-. ]?\d{2,3})\b)")
_NUMBER = re.compile(r"\b\d{8,14}\b")


class CountOf(Subquery):
    """How many rows a query has, as one value of another."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = BigIntegerField()


SIGNED = Case(When(kind=Kind.RECEIVED, then=F("amount")), default=-F("amount"), output_field=BigIntegerField())
"""What a line of the ledger adds to what is left of its payment, in đồng."""


def desk_gates(user: User) -> QuerySet[Gate]:
    gates = gates_of(user)
    return Gate.objects.all() if gates is None else Gate.objects.filter(pk__in=gates)


def confirming_for(user: User) -> str:
    """In whose name what is settled at the person's gates is confirmed by itself; nothing where nobody's."""
    on = DeskSetting.objects.filter(confirms_for__isnull=False)
    gates = gates_of(user)
    if gates is not None:
        on = on.filter(gate__in=gates)
    setting = on.select_related("confirms_for").first()
    return str(setting.confirms_for) if setting else ""


def _with_rest(**which) -> QuerySet[Payment]:
    """Payments with a payer of which something is left, with it as `left`."""
    entries = LedgerEntry.objects.filter(payment__isnull=False, **which).order_by()
    having = entries.values("payment").annotate(left=Sum(SIGNED)).filter(left__gt=0)
    own = LedgerEntry.objects.filter(payment=OuterRef("pk")).order_by().values("payment")
    return Payment.objects.filter(pk__in=having.values("payment"), payer__isnull=False).annotate(
        left=Subquery(own.annotate(total=Sum(SIGNED)).values("total"))
    )


def with_holders(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    """With what tells who holds each of them: however many, in two queries more."""
    return payments.select_related("bill__declaration__gate").prefetch_related("order__lines__bill__declaration__gate")


def left_of(payer_ids: Iterable[int]) -> list[Payment]:
    """The payments of these payers of which something is left, the oldest first."""
    return list(with_holders(_with_rest(payment__payer__in=list(payer_ids))).order_by("pk"))


def left_over(user: User) -> QuerySet[Payment]:
    """Payments of which something is left, with it as `left`, that came for the person's gates."""
    payments = _with_rest()
    gates = gates_of(user)
    if gates is not None:
        payments = payments.filter(
            Q(bill__declaration__gate__in=gates)
            | Q(pk__in=Payment.objects.filter(order__lines__bill__declaration__gate__in=gates).values("pk"))
        )
    return payments


def unknown_money(user: User) -> QuerySet[StatementLine]:
    """What came in and nobody has said whose it is."""
    lines = StatementLine.objects.filter(payment__isnull=True, aside="", amount__gt=0)
    gates = gates_of(user)
    return lines if gates is None else lines.filter(Q(account__gate__in=gates) | Q(account__gate__isnull=True))


def refunds_due(user: User) -> QuerySet[RefundRequest]:
    """What was asked back and is neither paid out nor declined."""
    return refunds(user).filter(entry__isnull=True, declined_at__isnull=True)


def refunds(user: User) -> QuerySet[RefundRequest]:
    """What was asked back of payments for the person's gates, or of nobody's money on their accounts."""
    requests = RefundRequest.objects.all()
    gates = gates_of(user)
    if gates is None:
        return requests
    return requests.filter(
        Q(payment__bill__declaration__gate__in=gates)
        | Q(payment__in=Payment.objects.filter(order__lines__bill__declaration__gate__in=gates))
        | Q(payment__payer__isnull=True, payment__statement_line__account__gate__in=gates)
        | Q(payment__payer__isnull=True, payment__statement_line__account__gate__isnull=True)
    )


def counts(user: User) -> dict[str, int]:
    """How much waits besides the bills on their way, and what came in today: one query for all."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    gates = gates_of(user)
    today = LedgerEntry.objects.filter(kind=Kind.RECEIVED, payment__received_at__gte=midnight)
    if gates is not None:
        today = today.filter(
            Q(payment__bill__declaration__gate__in=gates)
            | Q(payment__in=Payment.objects.filter(order__lines__bill__declaration__gate__in=gates))
        )
    total = today.order_by().values("kind").annotate(total=Sum("amount")).values("total")
    return User.objects.filter(pk=user.pk).values(
        over=CountOf(left_over(user).order_by().values("pk")),
        unknown=CountOf(unknown_money(user).order_by().values("pk")),
        refunds=CountOf(refunds_due(user).order_by().values("pk")),
        unpriced=CountOf(unpriced(user).order_by().values("pk")),
        stranded=CountOf(stranded(at_desk_of(user)).order_by().values("pk")),
        outdated=CountOf(outdated(at_desk_of(user)).order_by().values("pk")),
        today_number=CountOf(today.order_by().values("pk")),
        today_total=Coalesce(Subquery(total), 0, output_field=BigIntegerField()),
    )[0]


def credits_of(payer_ids: Iterable[int]) -> Counter[tuple[int, tuple[str, Agency]]]:
    """By payer and holder what is left over of payments, in đồng: it can be used for bills of the same holder."""
    left: Counter[tuple[int, tuple[str, Agency]]] = Counter()
    for payment in left_of(set(payer_ids)):
        left[payment.payer_id, payment.holder] += payment.left
    return left


def credits_by_collector(payer_ids: Iterable[int]) -> list[tuple[str, int]]:
    """What these payers have left over, as (collector in words, đồng); with the province where there are several."""
    left: Counter[tuple[str, Agency]] = Counter()
    for (_payer, holder), amount in credits_of(payer_ids).items():
        left[holder] += amount
    several = len({province for province, _collector in left}) > 1
    return [
        (f"{AGENCIES[collector]}, {province}" if several else str(AGENCIES[collector]), amount)
        for (province, collector), amount in sorted(left.items())
    ]


def owing(payer_ids: Iterable[int]) -> dict[int, list[Bill]]:
    """Payer to the open bills, the oldest first."""
    bills = Bill.objects.with_sums().filter(payer__in=set(payer_ids), pk__in=waiting_bills(), outstanding__gt=0)
    found: dict[int, list[Bill]] = defaultdict(list)
    for bill in bills.select_related("declaration__gate").order_by("pk"):
        found[bill.payer_id].append(bill)
    return found


@dataclass(frozen=True)
class Suggestion:
    """A bill that unknown money may be for, and what speaks for it, the strongest first."""

    bill: Bill
    why: tuple[str, ...]
    weight: int


def suggest(lines: Sequence[StatementLine], user: User) -> dict[int, list[Suggestion]]:
    """For each line the likeliest open bills, at most three; two queries for all.

    A plate, a declaration or a tax number in the words counts most, then the payer's name, the amount, the days.
    """
    seen = {line.pk: _Seen.of(line) for line in lines}
    plates = {plate for one in seen.values() for plate in one.plates}
    numbers = {number for one in seen.values() for number in one.numbers}
    bills = Bill.objects.with_sums().filter(pk__in=waiting_bills(), outstanding__gt=0)
    gates = gates_of(user)
    if gates is not None:
        bills = bills.filter(declaration__gate__in=gates)
    carried = LedgerEntry.objects.filter(kind=Kind.ASSESSED, assessment__trip__plate__in=plates)
    bills = bills.filter(
        Q(outstanding__in={line.amount for line in lines})
        | Q(pk__in=carried.values("bill"))
        | Q(declaration__code__in=numbers)
        | Q(payer__tax_code__in=numbers)
    )
    candidates = list(bills.select_related("payer", "declaration").order_by("pk")[:500])
    on_bill = defaultdict(set)
    trucks = LedgerEntry.objects.filter(kind=Kind.ASSESSED, bill__in=candidates).order_by()
    for bill_id, plate in trucks.values_list("bill", "assessment__trip__plate"):
        on_bill[bill_id].add(plate)
    found = {}
    for line in lines:
        rated = [_rate(line, seen[line.pk], bill, on_bill[bill.pk]) for bill in candidates]
        rated = [one for one in rated if one.weight >= 2]
        found[line.pk] = sorted(rated, key=lambda one: (-one.weight, one.bill.pk))[:3]
    return found


@dataclass(frozen=True)
class _Seen:
    """What the words of a line may name."""

    plates: frozenset[str]
    numbers: frozenset[str]
    words: str

    @classmethod
    def of(cls, line: StatementLine) -> "_Seen":
        text = f"{line.text} {line.reference} {line.party}".upper()
        return cls(
            plates=frozenset(normalise(plate) for plate in _PLATE.findall(text)),
            numbers=frozenset(_NUMBER.findall(text)),
            words=fold(f"{line.party} {line.text}"),
        )


def _rate(line: StatementLine, seen: _Seen, bill: Bill, plates: set[str]) -> Suggestion:
    name = fold(bill.payer.name)
    says = (
        (4, _("biển kiểm soát"), bool(seen.plates & plates)),
        (4, _("số tờ khai"), bill.declaration.code in seen.numbers),
        (3, _("mã số thuế"), bill.payer.tax_code in seen.numbers),
        (3, _("tên người nộp"), len(name) > 5 and _core(name) in seen.words),
        (2, _("số tiền"), line.amount == bill.outstanding),
        (1, _("ngày"), abs((timezone.localdate(bill.created_at) - line.booked_on).days) <= 3),
    )
    holding = [(weight, why) for weight, why, holds in says if holds]
    return Suggestion(bill, tuple(str(why) for _weight, why in holding), sum(weight for weight, _why in holding))


def _core(name: str) -> str:
    """A firm's name without what all firms are called."""
    return re.sub(r"^(cong ty|cty|tnhh|co phan|cp|xuat nhap khau|xnk|thuong mai|mtv|\s)+", "", name) or name
