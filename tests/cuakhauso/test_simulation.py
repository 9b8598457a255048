"""The made-up border without its cameras: every procedure of every book, with something going wrong on each trip."""

from collections import Counter
from random import Random

import pytest

from checkpoints.door import perform
from checkpoints.facts import verify
from checkpoints.models import Correction, Fact
from cuakhauso.simulation import mishaps
from cuakhauso.simulation.drive import Crew, Driver
from cuakhauso.simulation.errands import Declarer, holds_back
from cuakhauso.simulation.run import ties
from cuakhauso.simulation.seed import GATES, seed, seed_gates
from declarations.models import Trip
from gates.models import Gate
from gates.procedures import BOOKS
from gates.procedures.words import Agency


@pytest.mark.django_db
@pytest.mark.parametrize("book", GATES)
def test_whatever_goes_wrong_every_trip_ends_and_goods_and_money_tie(book, tmp_path, monkeypatch):
    monkeypatch.setattr(mishaps, "SHARE", 1.0)
    seed(password="mat-khau-thu", keys_file=tmp_path / "keys.json")
    seed_gates(book, keys_file=tmp_path / "keys.json")
    crew = Crew()
    gate = Gate.objects.filter(book_code=book).order_by("pk").first()
    declarer = Declarer(gate, crew.officer([Agency.TRADER], gate.pk), Random(7))
    errands = list(declarer.errands(BOOKS[book], 2 * len(BOOKS[book].procedures)))
    going_wrong = mishaps.Mishaps(crew, declarer)
    going_wrong.draw(errands)
    driver = Driver(crew, lambda trip, lane: perform("record_passage", trip, actor=None, key=None, lane=lane))
    moved = True
    while moved:
        moved = False
        for errand in errands:
            if holds_back(errand):
                continue
            going_wrong.befall(errand.trip)
            given = {"sources": errand.sources, "collects": errand.collects, "source": errand.source}
            moved |= driver.step(errand.trip, **given)
    states = Trip.objects.filter(pk__in=[errand.trip.pk for errand in errands]).values_list("state", flat=True)
    assert set(states) <= {"left", "removed", "turned_back"}
    assert Counter(states)["left"] > len(errands) / 2
    assert ties(errands) == {"goods": True, "money": True, "audit": True}
    assert len(going_wrong.happened) >= 7, "of the kinds of mishap too few were tried"
    assert not Correction.objects.open().exists()
    assert len(list(verify())) == Fact.objects.count()
