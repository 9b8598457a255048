"""Money at the same moment, on real PostgreSQL: counted once, never spent twice."""

import pytest

from fees.models import Bill, LedgerEntry, Payment
from fees.services import paying
from tests.concurrency.test_door import at_once
from tests.fees.trucks import pay, ready
from tests.world import World, vehicle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db) -> World:
    return World()


def test_the_same_payment_notice_many_times_is_one(world):
    ready(world)
    bill = Bill.objects.get()
    how = {"bill": bill, "amount": 3_000_000, "method": "bank", "actor": None, "key": "ipn-1"}
    answers = at_once(*[lambda: paying.record_payment(**how)] * 6)
    assert sorted(answer.repeated for answer in answers) == [False] + [True] * 5
    assert Payment.objects.count() == 1
    assert Bill.objects.with_sums().get().outstanding == 0


def test_one_key_on_two_bills_is_one_payment(world):
    ready(world, "11C00001")
    ready(world, "11C00002")
    answers = at_once(
        *(
            lambda bill=bill: paying.record_payment(bill=bill, amount=3_000_000, method="bank", actor=None, key="one")
            for bill in Bill.objects.all()
        )
    )
    assert answers.count("key_reused") == 1
    assert Payment.objects.count() == LedgerEntry.objects.filter(kind="received").count() == 1


def test_two_payments_of_one_bill_leave_a_surplus_and_no_debt(world):
    ready(world)
    bill = Bill.objects.get()
    at_once(*[lambda: pay(bill, 3_000_000)] * 2)
    assert Bill.objects.with_sums().get().outstanding == 0
    assert sorted(Payment.objects.with_credit().values_list("credit", flat=True)) == [0, 3_000_000]


def test_a_credit_is_used_once_by_two_bills(world):
    ready(world, "11C00001")
    pay(Bill.objects.get(), 5_000_000)
    for number in (2, 3):
        ready(world, f"11C0000{number}")
    bills = [bill for bill in Bill.objects.with_sums() if bill.outstanding]
    used = at_once(*(lambda bill=bill: paying.use_credit(bill=bill, actor=world.trader) for bill in bills))
    assert sorted(used) == [0, 2_000_000]


def test_a_truck_becomes_ready_while_its_sister_is_paid_for(world):
    declaration = world.submit("export", [vehicle(f"11C1000{number}") for number in range(2)])
    one, two = declaration.trips.all()
    ready(world, trip=one)
    bill = Bill.objects.get()
    world.enter(two, "B2")
    last = world.waiting(two)[-1]
    for slot in world.waiting(two)[:-1]:
        world.confirm(two, slot.agency, slot.of)
    world.officer(last.agency)
    at_once(lambda: pay(bill, 1_500_000), lambda: world.confirm(two, last.agency, last.of))
    settled, late = Bill.objects.with_sums().order_by("pk")
    assert (settled.outstanding, settled.due, late.outstanding) == (0, 1_500_000, 1_500_000)
