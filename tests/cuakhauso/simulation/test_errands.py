"""What the simulated traders declare, and what becomes of a vehicle declared twice."""

from random import Random

import pytest

from cuakhauso.simulation.errands import Declarer, Errand
from gates.procedures import BOOKS
from tests.world import fresh

pytestmark = pytest.mark.django_db

EMPTY = BOOKS["cao_bang_2026"]["vn_empty_to_china"]


@pytest.fixture
def errand(world) -> Errand:
    declarer = Declarer(world.gate, world.trader, Random(7))
    trip = declarer.declare(EMPTY)
    return Errand(EMPTY, trip, twin=declarer.declare_again(trip))


def test_a_vehicle_declared_twice_is_two_trips_of_one_plate(errand):
    assert errand.is_alone
    assert errand.twin.plate == errand.trip.plate
    assert errand.twin.declaration != errand.trip.declaration
    errand.settle_twin()
    assert errand.twin is not None


@pytest.mark.parametrize("named", ["trip", "twin"])
def test_the_trip_named_goes_on_and_the_other_is_withdrawn(world, errand, named):
    trips = {"trip": errand.trip, "twin": errand.twin}
    world.see(trips[named], "B2", "in")
    errand.settle_twin()

    other = trips["twin" if named == "trip" else "trip"]
    assert (errand.trip, errand.twin) == (trips[named], None)
    assert fresh(other).state == "withdrawn"
    assert fresh(errand.trip).state == "expected"
