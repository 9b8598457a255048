"""Reads for the fee pages: bills with where they stand, the trucks on them, what has no price yet, credits, sums."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.contrib.postgres.aggregates import ArrayAgg
from django.core.paginator import Page, Paginator
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.rules import gate_ids_of
from checkpoints.models import Confirmation
from checkpoints.states import SETTLED, ConfirmationState
from declarations.models import Trip
from declarations.plates import normalise
from declarations.states import LIVE_TRIPS
from fees.codes import find_code
from fees.models import CLEAR, Assessment, AssessmentLine, Bill, LedgerEntry, Payment, TariffRule
from fees.models.ledger import sum_of
from fees.rules import DESK
from fees.services.confirming import FEE_CONFIRMED, STRANDED, stranded_trips
from fees.services.receipting import live_receipts, outdated_receipts

Kind = LedgerEntry.Kind
TABS = ("ready_to_pay", "paid", "short", "confirmed")
"""Where a bill stands: nothing paid · settled and to be confirmed · paid in part · all confirmed."""


def gates_of(user: User) -> set[int] | None:
    """The gates of the person's desk; None means all."""
    return None if user.is_superuser else gate_ids_of(user, DESK)


def waiting_slots(gates: Collection[int] | None = None) -> QuerySet:
    """The confirmations by which the fees of trucks on their way wait, at these gates; None means all."""
    slots = Confirmation.objects.filter(of=FEE_CONFIRMED, state=ConfirmationState.WAITING)
    if gates is not None:
        slots = slots.filter(stage__trip__declaration__gate__in=gates)
    return slots.filter(stage__trip__state__in=LIVE_TRIPS)


def waiting_trips(gates: Collection[int] | None = None) -> QuerySet:
    """The ids of trips whose fee waits to be confirmed."""
    return waiting_slots(gates).values("stage__trip_id")


def carrying(trips: QuerySet) -> QuerySet:
    """The ids of bills that ask something for one of these trips.

    No truck is on a bill with less than nothing, so that what they ask together tells whether one of them asks.
    """
    carried = LedgerEntry.objects.filter(kind=Kind.ASSESSED, assessment__trip__in=trips).order_by()
    return carried.values("bill_id").annotate(net=Sum("amount")).filter(net__gt=0).values("bill_id")


def waiting_bills(gates: Collection[int] | None = None) -> QuerySet:
    """The ids of bills that carry a truck whose fee waits to be confirmed."""
    return carrying(waiting_trips(gates))


def with_stand(bills: QuerySet) -> QuerySet:
    """Adds to bills with sums: `surplus` in đồng, `waits` (a truck on it waits), and `stand`, one of TABS or withdrawn.

    For a page of bills: each is added up by itself. `standing` adds up very many at once.
    """
    own = LedgerEntry.objects.filter(kind=Kind.ASSESSED, bill=OuterRef("pk"))
    slots = waiting_slots().filter(stage__trip=OuterRef("assessment__trip"))
    waits = own.filter(Exists(slots)).order_by().values("assessment__trip").annotate(net=Sum("amount"))
    return (
        bills.with_sums()
        .with_surplus()
        .annotate(
            waits=Exists(waits.filter(net__gt=0)),
            stand=Case(
                When(due=0, then=Value("withdrawn")),
                When(allocated=0, then=Value("ready_to_pay")),
                When(outstanding__gt=0, then=Value("short")),
                When(waits=True, then=Value("paid")),
                default=Value("confirmed"),
                output_field=CharField(),
            ),
        )
    )


STANDS = {
    "ready_to_pay": Q(allocated=0),
    "short": Q(allocated__gt=0, allocated__lt=F("due")),
    "paid": Q(allocated=F("due")),
}
"""Where a bill that waits stands, by its sums."""


def standing(gates: Collection[int] | None) -> QuerySet:
    """The bills of these gates that wait, as rows of `bill`, `due` and `allocated` in đồng: the ledger added up once.

    A bill's trucks are those of its own declaration, so that the gate of the trucks is the bill's.
    """
    sums = LedgerEntry.objects.filter(bill__in=waiting_bills(gates))
    due = Coalesce(Sum("amount", filter=Q(kind=Kind.ASSESSED)), 0)
    allocated = Coalesce(Sum("amount", filter=Q(kind=Kind.ALLOCATED)), 0)
    return sums.order_by().values("bill").annotate(due=due, allocated=allocated).filter(due__gt=0)


class Part(Func):
    """The members of an array from a place up to another, both counted from 0, the last left out."""

    def __init__(self, members: ArrayAgg, start: int, stop: int) -> None:
        super().__init__(members, template=f"(%(expressions)s)[{int(start) + 1}:{int(stop)}]")


def done_with(bills: QuerySet) -> QuerySet:
    """Bills that were paid and wait for nothing."""
    paid = LedgerEntry.objects.filter(kind=Kind.ALLOCATED, bill=OuterRef("pk"))
    return bills.filter(Exists(paid)).exclude(pk__in=waiting_bills())


def stranded(bills: QuerySet) -> QuerySet:
    """Bills that ask something for a truck that ended on the way, and have no receipt: to be waived, or kept."""
    receipts = live_receipts().filter(bill=OuterRef("pk"))
    return bills.filter(pk__in=carrying(stranded_trips().values("pk"))).exclude(Exists(receipts))


def outdated(bills: QuerySet) -> QuerySet:
    """Bills whose receipt is over another sum than they ask."""
    return bills.filter(pk__in=outdated_receipts().values("bill"))


def at_desk_of(user: User) -> QuerySet:
    """The bills of the gates where the person collects or oversees."""
    gates = gates_of(user)
    return Bill.objects.all() if gates is None else Bill.objects.filter(declaration__gate__in=gates)


def tab_counts(gates: Collection[int] | None, tab: str = "", start: int = 0, stop: int = 0) -> dict:
    """How many bills need the desk, by tab; what is done is not counted. `owing` are unpaid, by `owed` đồng.

    With a `tab` also `shown`, the ids of its bills from the one place up to the other, the newest first: to find them
    by themselves would add up all again.
    """
    found = {code: Count("bill", filter=stands) for code, stands in STANDS.items()}
    found["owing"] = Count("bill", filter=Q(allocated__lt=F("due")))
    found["owed"] = Coalesce(Sum(F("due") - F("allocated")), 0)
    if tab:
        found["shown"] = Part(ArrayAgg("bill", filter=STANDS[tab], order_by="-bill"), start, stop)
    return standing(gates).aggregate(**found)


def search(bills: QuerySet, words: str) -> QuerySet:
    """Bills whose payment code, declaration number, payer or a plate on them contains these words."""
    words = words.strip()
    if not words:
        return bills
    if code := find_code(words):
        return bills.filter(code=code)
    found = (
        Q(code__icontains=words)
        | Q(declaration__code__contains=words)
        | Q(payer__name__unaccent__icontains=words)
        | Q(payer__tax_code=words)
    )
    if plate := normalise(words):
        carried = LedgerEntry.objects.filter(kind=Kind.ASSESSED, assessment__trip__plate__contains=plate)
        found |= Q(pk__in=carried.values("bill_id"))
    return bills.filter(found)


@dataclass
class Charged:
    """One truck on a bill: what it owes there, its assessment, and the state of its fee confirmation."""

    assessment: Assessment
    amount: int = 0
    state: str = ConfirmationState.WAITING

    @property
    def trip(self) -> Trip:
        return self.assessment.trip

    @property
    def waits(self) -> bool:
        return self.state == ConfirmationState.WAITING and self.trip.state in LIVE_TRIPS

    @property
    def is_stranded(self) -> bool:
        """Whether it ended without leaving as its procedure goes, and its fee was not confirmed."""
        return self.trip.state in STRANDED and self.state not in SETTLED


def put_trucks_on(bills: Iterable[Bill]) -> list[Bill]:
    """Give each bill its `trucks`, in the order in which they joined; two queries for all."""
    bills = list(bills)
    entries = (
        LedgerEntry.objects.filter(kind=Kind.ASSESSED, bill__in=bills)
        .select_related("assessment__trip", "assessment__tariff")
        .order_by("pk")
    )
    carried: dict[int, dict[int, Charged]] = defaultdict(dict)
    for entry in entries:
        truck = carried[entry.bill_id].setdefault(entry.assessment.trip_id, Charged(entry.assessment))
        truck.assessment = max(truck.assessment, entry.assessment, key=lambda assessment: assessment.version)
        truck.amount += entry.amount
    trip_ids = {trip_id for trucks in carried.values() for trip_id in trucks}
    slots = Confirmation.objects.filter(of=FEE_CONFIRMED, stage__trip__in=trip_ids).order_by("pk")
    states = dict(slots.values_list("stage__trip_id", "state"))
    for bill in bills:
        bill.trucks = [truck for truck in carried[bill.pk].values() if truck.amount]
        for truck in bill.trucks:
            truck.state = states.get(truck.trip.pk, ConfirmationState.WAITING)
    return bills


def unpriced(user: User) -> QuerySet:
    """Trips at the person's gates whose fee waits and has no price; `outcome` says why. Nobody leaves free for it."""
    versions = Assessment.objects.filter(trip=OuterRef("pk"))
    later = Assessment.objects.filter(trip=OuterRef("trip"), version__gt=OuterRef("version"))
    clear = versions.filter(~Exists(later), outcome__in=CLEAR)
    return (
        Trip.objects.filter(~Exists(clear), pk__in=waiting_trips(gates_of(user)))
        .annotate(outcome=Subquery(versions.order_by("-version").values("outcome")[:1]))
        .select_related("declaration__organisation", "declaration__gate")
        .order_by("pk")
    )


def owed_by(payer_ids: Iterable[int]) -> int:
    """What these payers still owe on all their bills, in đồng."""
    entries = LedgerEntry.objects.filter(bill__payer__in=list(payer_ids)).order_by()
    sums = dict(entries.values_list("kind").annotate(Sum("amount")))
    return sums.get(Kind.ASSESSED, 0) - sums.get(Kind.ALLOCATED, 0)


def payments_on(bill: Bill) -> QuerySet:
    """The payments for the bill and those of others used for it, with `share`, what of each went to it, and
    `returned`, what of each was given back; đồng.
    """
    shares = LedgerEntry.objects.filter(kind=Kind.ALLOCATED, bill=bill)
    refunds = LedgerEntry.objects.filter(kind=Kind.REFUNDED)
    payments = Payment.objects.filter(Q(bill=bill) | Q(pk__in=shares.values("payment")))
    of_it = OuterRef("pk")
    return payments.annotate(share=sum_of(shares, payment=of_it), returned=sum_of(refunds, payment=of_it)).order_by(
        "pk"
    )


def put_lines_on(trucks: Sequence[Charged]) -> None:
    """Give each truck's assessment its `explained` lines, each with the rules it was `told` by; two queries for all."""
    lines = AssessmentLine.objects.filter(assessment__in=[truck.assessment for truck in trucks])
    by_assessment = defaultdict(list)
    for line in lines.select_related("tariff_line").order_by("pk"):
        by_assessment[line.assessment_id].append(line)
    found = [line for lines in by_assessment.values() for line in lines]
    rules = TariffRule.objects.in_bulk({rule_id for line in found for rule_id in line.rules})
    for line in found:
        line.told = [rules[rule_id] for rule_id in line.rules]
    for truck in trucks:
        truck.assessment.explained = by_assessment[truck.assessment.pk]


@dataclass(frozen=True)
class Movement:
    """One line of a payer's account: `amount` less than zero where it is owed, and the balance after it."""

    entry: LedgerEntry
    amount: int
    balance: int


def account_of(payer_ids: Iterable[int], page: str | None, per_page: int = 30) -> tuple[Page, int]:
    """A page of what these payers were asked, paid and got back, the newest first, and the balance of today."""
    kinds = [Kind.ASSESSED, Kind.RECEIVED, Kind.REFUNDED]
    own = Q(bill__payer__in=list(payer_ids)) | Q(payment__payer__in=list(payer_ids))
    signed = Case(When(kind=Kind.RECEIVED, then=F("amount")), default=-F("amount"), output_field=BigIntegerField())
    entries = LedgerEntry.objects.filter(own, kind__in=kinds).annotate(signed=signed)
    running = Window(Sum("signed"), order_by=F("pk").asc())
    shown = entries.annotate(balance=running).select_related("bill", "payment", "assessment__trip").order_by("-pk")
    found = Paginator(shown, per_page).get_page(page)
    found.object_list = [Movement(entry, entry.signed, entry.balance) for entry in found.object_list]
    if found.number == 1:
        return found, found.object_list[0].balance if found.object_list else 0
    return found, entries.aggregate(total=Coalesce(Sum("signed"), 0))["total"]
