"""Any sequence of assessing, correcting, paying and refunding: the ledger balances, nothing unsettled is confirmed."""

from collections import Counter
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkpoints.door import perform
from checkpoints.models import Confirmation
from checkpoints.refusals import Refusal
from declarations.models import Load, Trip
from fees.models import Assessment, Bill, LedgerEntry, Payment
from fees.services import assessing, billing, confirming, paying, refunding
from tests.fees.trucks import ready
from tests.world import World, fresh, goods, vehicle

Kind = LedgerEntry.Kind
which = st.integers(0, 3)
amounts = st.sampled_from([1, 500_000, 1_000_000, 2_000_000, 5_000_000]) | st.integers(1, 4_000_000)
steps = st.one_of(
    st.tuples(st.just("a_truck_is_ready")),
    st.tuples(st.just("a_weight_is_corrected"), which, st.integers(1, 40)),
    st.tuples(st.just("money_comes"), which, amounts, st.integers(0, 20)),
    st.tuples(st.just("the_rest_comes_and_more"), which, st.sampled_from([0, 700_000, 3_000_000])),
    st.tuples(st.just("credit_is_used"), which),
    st.tuples(st.just("money_goes_back"), which, amounts),
    st.tuples(st.just("the_fee_centre_confirms"), which),
)


class Ledger:
    """Two trucks of three are ready to pay, one truck of 10 tonnes owes 1,000,000 đồng; what happens is drawn."""

    def __init__(self) -> None:
        self.world = World()
        trucks = [vehicle(f"11C1000{number}") for number in range(3)]
        self.declaration = self.world.submit("export", trucks, [goods(weight=30_000)])
        for trip in self.declaration.trips.all()[:2]:
            ready(self.world, trip=trip)
        self.world.enter(self.declaration.trips.last(), "B2")
        self.done: Counter[str] = Counter()

    def make(self, name: str, *drawn: int) -> None:
        """One step; refused, it leaves the ledger as it was."""
        before = LedgerEntry.objects.count()
        try:
            with transaction.atomic():
                getattr(self, name)(*drawn)
        except Refusal:
            assert LedgerEntry.objects.count() == before
        else:
            self.done[name] += LedgerEntry.objects.count() > before

    def waiting(self) -> list[Trip]:
        slots = confirming.waiting_fee_slots(self.declaration.trips.values_list("pk", flat=True))
        return [slot.stage.trip for slot in slots if not slot.stage.trip.has_ended]

    def a_truck_is_ready(self) -> None:
        trip = self.declaration.trips.last()
        if not trip.assessments.exists():
            self.world.confirm_all(trip)

    def a_weight_is_corrected(self, number: int, tonnes: int) -> None:
        if waiting := self.waiting():
            trip = fresh(waiting[number % len(waiting)])
            Load.objects.filter(trip=trip).update(weight=1000 * tonnes)
            assessing.assess(trip=trip, actor=None)

    def bill(self, number: int) -> Bill:
        bills = list(Bill.objects.with_sums().order_by("pk"))
        return bills[number % len(bills)]

    def money_comes(self, number: int, amount: int, key: int) -> None:
        bank = {"method": "bank", "actor": None, "key": f"bank-{key}"}
        paying.record_payment(bill=self.bill(number), amount=amount, **bank)

    def the_rest_comes_and_more(self, number: int, more: int) -> None:
        bill = self.bill(number)
        bank = {"method": "bank", "actor": None, "key": str(uuid4())}
        paying.record_payment(bill=bill, amount=bill.outstanding + more, **bank)

    def credit_is_used(self, number: int) -> None:
        paying.use_credit(bill=self.bill(number), actor=self.world.trader)

    def money_goes_back(self, number: int, amount: int) -> None:
        if payments := list(Payment.objects.order_by("pk")):
            officer = self.world.officer("fee_centre")
            payment = payments[number % len(payments)]
            refunding.refund(payment=payment, amount=amount, actor=officer, key=str(uuid4()))

    def the_fee_centre_confirms(self, number: int) -> None:
        slots = confirming.waiting_fee_slots([trip.pk for trip in self.waiting()])
        if slots:
            slot = slots[number % len(slots)]
            officer = self.world.officer("fee_centre")
            perform("confirm", slot.stage.trip, actor=officer, key=None, confirmation=slot.pk)
            self.done["confirmed"] += 1


def every_payment_is_spent_once() -> None:
    for payment in Payment.objects.with_credit():
        assert payment.entries.get(kind=Kind.RECEIVED).amount == payment.amount
        assert 0 <= payment.credit <= payment.amount


def no_bill_gets_more_than_it_asks() -> None:
    for bill in Bill.objects.with_sums():
        assert 0 <= bill.allocated <= bill.due


def what_is_asked_is_what_was_assessed() -> None:
    latest = Assessment.objects.order_by("trip_id", "-version").distinct("trip_id")
    owed = {assessment.trip_id: assessment.total for assessment in latest if assessment.total}
    billed = LedgerEntry.objects.filter(kind=Kind.ASSESSED).order_by().values_list("assessment__trip")
    assert {trip: total for trip, total in billed.annotate(Sum("amount")) if total} == owed


def what_is_confirmed_is_settled() -> None:
    confirmed = Confirmation.objects.filter(of="fee_confirmed", state="confirmed")
    trips = set(confirmed.values_list("stage__trip", flat=True))
    for bill in Bill.objects.with_sums():
        if trips & billing.amounts_by_trip(bill).keys():
            assert bill.outstanding == 0


INVARIANTS: tuple[Callable[[], None], ...] = (
    every_payment_is_spent_once,
    no_bill_gets_more_than_it_asks,
    what_is_asked_is_what_was_assessed,
    what_is_confirmed_is_settled,
)


@pytest.mark.django_db
def test_the_ledger_balances():
    ledger = Ledger()

    @settings(max_examples=18, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(steps, min_size=10, max_size=20))
    def any_sequence(drawn) -> None:
        with transaction.atomic():
            for name, *values in drawn:
                ledger.make(name, *values)
                for holds in INVARIANTS:
                    holds()
            transaction.set_rollback(True)

    any_sequence()
    never = {"money_comes", "credit_is_used", "money_goes_back", "a_truck_is_ready", "confirmed"} - (
        +ledger.done
    ).keys()
    assert not never, f"the sequences drawn tried too little: {ledger.done}"
