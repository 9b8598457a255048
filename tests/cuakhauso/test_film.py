"""Trucks on film make as many passages; `manage.py watch_film` does it with thirty."""

import numpy as np
import pytest

from cuakhauso.simulation.film import COMES, PER_SECOND, Passing, frames, likely_to_be_mistaken
from cuakhauso.simulation.watched import watch_film


def test_the_trucks_are_of_both_countries_and_some_differ_in_one_sign():
    trucks = likely_to_be_mistaken(30, seed=7)
    plates = [truck.plate for truck in trucks]
    assert len(set(plates)) == 30
    assert {plate[0].isdigit() for plate in plates} == {True, False}
    assert all(a[:-1] == b[:-1] for a, b in zip(plates[::3], plates[1::3], strict=True))
    assert any(truck.trailer_plate for truck in trucks)
    assert plates == [truck.plate for truck in likely_to_be_mistaken(30, seed=7)]


def test_a_truck_comes_stands_and_leaves_an_empty_road():
    shown = list(frames([Passing("11C12345", seed=1)], seconds=15, seed=1))
    assert len(shown) == 15 * PER_SECOND

    def differs(a: int, b: int) -> float:
        return float(np.abs(shown[a].astype(int) - shown[b]).mean())

    at_barrier = round(COMES * PER_SECOND)
    assert differs(0, at_barrier) > 20
    assert differs(at_barrier, at_barrier + 5) < 5
    assert differs(-1, -2) < 5


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("worker")
def test_two_trucks_of_like_plates_on_film_are_two_passages(broker, tmp_path):
    outcome = watch_film(passages=2, minutes=0.5, number=7, folder=tmp_path)
    assert (outcome.passages, outcome.twice, outcome.missed, outcome.order) == (2, 0, [], True)
    assert outcome.is_right
    assert outcome.frames_kept > 10
