"""Any sequence of assessing, correcting, paying and refunding: the ledger balances, nothing unsettled is confirmed."""

from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from checkpoints.door import perform
from checkpoints.models import Confirmation
from checkpoints.refusals import Refusal
from declarations.models import Load
from fees import services
from fees.models import Assessment, Bill, LedgerEntry, Payment
from tests.fees.trucks import ready
from tests.world import World, fresh, vehicle

Kind = LedgerEntry.Kind
TRUCKS = 3
which = st.integers(0, 5)
amounts = st.sampled_from([1, 500_000, 1_000_000, 2_000_000, 3_000_000, 5_000_000]) | st.integers(1, 4_000_000)


class Ledger(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.rolled_back = transaction.atomic()
        self.rolled_back.__enter__()

    @initialize()
    def trucks_are_declared(self) -> None:
        self.world = World()
        declaration = self.world.submit("export", [vehicle(f"11C1000{number}") for number in range(TRUCKS)])
        self.declared = list(declaration.trips.all())
        self.assessed = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.rolled_back.__exit__(None, None, None)

    def attempt(self, action, **given) -> None:
        """A refused action leaves the ledger as it was."""
        before = LedgerEntry.objects.count()
        try:
            with transaction.atomic():
                action(**given)
        except Refusal:
            assert LedgerEntry.objects.count() == before

    def bill(self, number: int) -> Bill | None:
        bills = list(Bill.objects.order_by("pk"))
        return bills[number % len(bills)] if bills else None

    @rule()
    def a_truck_is_ready(self) -> None:
        if self.declared:
            trip = self.declared.pop()
            ready(self.world, trip=trip)
            self.assessed.append(trip)

    @rule(number=which, tonnes=st.integers(1, 40))
    def a_weight_is_corrected(self, number, tonnes) -> None:
        waiting = [trip for trip in self.assessed if services.waiting_fee_slots([trip.pk])]
        if waiting:
            trip = fresh(waiting[number % len(waiting)])
            Load.objects.filter(trip=trip).update(weight=1000 * tonnes)
            services.assess(trip=trip, actor=None)

    @rule(number=which, amount=amounts, key=st.integers(0, 8))
    def money_comes(self, number, amount, key) -> None:
        if bill := self.bill(number):
            key = f"bank-{key}"
            self.attempt(services.record_payment, bill=bill, amount=amount, method="bank", actor=None, key=key)

    @rule(number=which)
    def just_the_rest_comes(self, number) -> None:
        if bill := self.bill(number):
            rest = Bill.objects.with_sums().get(pk=bill.pk).outstanding
            self.attempt(services.record_payment, bill=bill, amount=rest, method="bank", actor=None, key=str(uuid4()))

    @rule(number=which)
    def credit_is_used(self, number) -> None:
        if bill := self.bill(number):
            self.attempt(services.use_credit, bill=bill, actor=self.world.trader)

    @rule(number=which, amount=amounts)
    def money_goes_back(self, number, amount) -> None:
        payments = list(Payment.objects.order_by("pk"))
        if payments:
            payment, officer = payments[number % len(payments)], self.world.officer("fee_centre")
            self.attempt(services.refund, payment=payment, amount=amount, actor=officer, key=str(uuid4()))

    @rule(number=which)
    def the_fee_centre_confirms(self, number) -> None:
        slots = services.waiting_fee_slots([trip.pk for trip in self.assessed])
        if slots:
            slot = slots[number % len(slots)]
            officer = self.world.officer("fee_centre")
            self.attempt(
                perform,
                move="confirm",
                subject=slot.stage.trip,
                actor=officer,
                key=None,
                confirmation=slot.pk,
            )

    @invariant()
    def every_payment_is_spent_once(self) -> None:
        for payment in Payment.objects.with_credit():
            received = payment.entries.get(kind=Kind.RECEIVED).amount
            assert received == payment.amount
            assert 0 <= payment.credit <= payment.amount

    @invariant()
    def no_bill_gets_more_than_it_asks(self) -> None:
        for bill in Bill.objects.with_sums():
            assert 0 <= bill.allocated <= bill.due

    @invariant()
    def what_is_asked_is_what_was_assessed(self) -> None:
        latest = Assessment.objects.order_by("trip_id", "-version").distinct("trip_id")
        owed = {assessment.trip_id: assessment.total for assessment in latest if assessment.total}
        billed = LedgerEntry.objects.filter(kind=Kind.ASSESSED).order_by().values_list("assessment__trip")
        assert {trip: total for trip, total in billed.annotate(Sum("amount")) if total} == owed

    @invariant()
    def what_is_confirmed_is_settled(self) -> None:
        confirmed = Confirmation.objects.filter(of="fee_confirmed", state="confirmed").values("stage__trip")
        for bill in Bill.objects.with_sums():
            carried = services.amounts_by_trip(bill)
            if confirmed.filter(stage__trip__in=list(carried)).exists():
                assert bill.outstanding == 0


@pytest.mark.django_db
def test_the_ledger_balances():
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
