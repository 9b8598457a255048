"""The demo's register: some papers lack, and trucks of the register come to the gate."""

from random import Random

import pytest
from django.utils import timezone

from cuakhauso.simulation.errands import Declarer
from cuakhauso.simulation.register import known_vehicle, seed_register
from gates.models import Gate
from gates.procedures import BOOKS
from register.models import Paper, SpecialisedDriver
from register.papers import held_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(world):
    firm = world.trader.organisations.get()
    seed_register(firm, world.officer("border_guard"))
    return firm


def test_the_register_is_filled_once_with_papers_good_missing_and_running_out(world, firm):
    seed_register(firm, world.officer("border_guard"))

    assert firm.vehicles.count() == firm.drivers.count() == 6
    held = held_by(firm.vehicles.all(), Gate.Kind.INTERNATIONAL, day=timezone.localdate()).values()
    assert sum(bool(each.bad) for each in held) == 2
    assert sum(each.ends_soon for each in held) == 2
    assert all(paper.scan for paper in Paper.objects.all())
    assert SpecialisedDriver.objects.in_force().count() == 2


def test_trucks_of_the_register_are_declared_each_once_at_a_time(world, firm):
    declarer = Declarer(world.gate, world.trader, Random(3))
    procedure = BOOKS["cao_bang_2026"]["vn_empty_to_china"]

    trips = [declarer.declare(procedure) for _ in range(5)]

    known = [trip for trip in trips if trip.vehicle]
    assert len(known) == len({trip.plate for trip in known}) == 4
    assert all(trip.driver for trip in known)


def test_without_a_register_nothing_is_known(world):
    assert known_vehicle(world.trader.organisations.get(), "VN", Random(1)) == {}
