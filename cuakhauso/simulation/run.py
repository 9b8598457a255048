"""`simulate`: drives N trips through the real camera API, worker and services, and tells how they fared."""

import time
from collections import Counter
from collections.abc import Callable
from random import Random

from django.db.models import Sum

from checkpoints.facts import BrokenChain, verify, verify_anchors
from checkpoints.models import Fact, TripStage
from cuakhauso.simulation.drive import Crew, Driver
from cuakhauso.simulation.errands import Declarer, Errand, holds_back
from cuakhauso.simulation.frames import Cameras
from cuakhauso.simulation.mishaps import Mishaps
from declarations.models import GoodsLine, Trip
from declarations.states import ENDED_TRIPS, TripState
from fees.models import Bill
from gates.models import Gate
from gates.procedures import BOOKS
from gates.procedures.words import Agency

PATIENCE_SECONDS = 90
PAUSE_SECONDS = 0.05
TRIPS_AT_ONCE = 24


def simulate(
    *,
    book_code: str,
    trips: int,
    seed: int,
    url: str,
    keys: dict[str, str],
    messy: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> dict:
    """Drive so many trips to their ends, or until nothing has moved for a while; the object of interfaces.md.

    `messy` lets some meet with mishaps on their way, tells which did, and whether weights and money tie and the
    recorded history is whole afterwards.
    """
    began = time.monotonic()
    crew = Crew()
    gate = Gate.objects.filter(book_code=book_code).order_by("id").first()
    cameras = Cameras(url=url, keys=keys, crew=crew, seed=seed)
    driver = Driver(crew, cameras.show)
    declarer = Declarer(gate, crew.officer([Agency.TRADER], gate.pk), Random(seed))
    errands = list(declarer.errands(BOOKS[book_code], trips))
    say(f"{len(errands)} declared")
    mishaps = Mishaps(crew, declarer)
    if messy:
        mishaps.draw(errands)
    moved = time.monotonic()
    open_errands = list(errands)
    try:
        while open_errands and time.monotonic() - moved < PATIENCE_SECONDS:
            progressed = False
            for errand in open_errands[:TRIPS_AT_ONCE]:
                if cameras.is_waiting_for(errand.trip) or holds_back(errand):
                    continue
                mishaps.befall(errand.trip)
                progressed |= driver.step(
                    errand.trip, sources=errand.sources, collects=errand.collects, source=errand.source
                )
            ended = set(
                Trip.objects.filter(pk__in=[e.trip.pk for e in open_errands], state__in=ENDED_TRIPS).values_list(
                    "pk", flat=True
                )
            )
            if progressed or ended:
                moved = time.monotonic()
            open_errands = [errand for errand in open_errands if errand.trip.pk not in ended]
            if not progressed:
                time.sleep(PAUSE_SECONDS)
    finally:
        cameras.close()
    return {
        "book": book_code,
        "trips": len(errands),
        "completed": len(errands) - len(open_errands),
        "stuck": [_stuck(errand) for errand in open_errands],
        "per_procedure": _per_procedure(errands),
        "readings": dict(cameras.readings),
        "seconds": round(time.monotonic() - began, 1),
    } | ({"mishaps": dict(sorted(mishaps.happened.items())), "ties": ties(errands)} if messy else {})


def ties(errands: list[Errand]) -> dict[str, bool]:
    """Whether the goods declared are where they should be, in full, what was asked for the trips was paid, and the
    history of all that was recorded is whole."""
    declarations = {errand.trip.declaration_id for errand in errands}
    lines = GoodsLine.objects.filter(consignment__declaration__in=declarations)
    carried = lines.annotate(quantities=Sum("loads__quantity"), weights=Sum("loads__weight"))
    bills = Bill.objects.with_sums().filter(declaration__in=declarations)
    return {
        "goods": all((line.quantities, line.weights) == (line.quantity, line.weight) for line in carried),
        "money": all(bill.outstanding == 0 for bill in bills),
        "audit": _history_is_whole(),
    }


def _history_is_whole() -> bool:
    try:
        for _fact in verify():
            pass
        verify_anchors()
    except BrokenChain:
        return False
    return True


def _stuck(errand: Errand) -> dict[str, str]:
    trip = Trip.objects.get(pk=errand.trip.pk)
    stage = TripStage.objects.filter(trip=trip).order_by("-position").first()
    waiting = [f"{slot.agency}.{slot.of}" for slot in stage.confirmations.order_by("position") if not slot.is_settled]
    reason = f"waits for {', '.join(waiting)}" if waiting else "waits to be seen by a camera"
    return {
        "trip": f"{trip.declaration.code}/{trip.plate}",
        "procedure": trip.procedure_code,
        "stage": stage.moment,
        "reason": reason,
    }


def _per_procedure(errands: list[Errand]) -> dict[str, int]:
    """How many trips went through each procedure, to its end or to its continuation under another."""
    ids = [errand.trip.pk for errand in errands]
    through = Counter(
        fact["from"]
        for fact in Fact.objects.filter(trip__in=ids, move__in=("continue", "emptied")).values_list("data", flat=True)
    )
    through.update(Trip.objects.filter(pk__in=ids, state=TripState.LEFT).values_list("procedure_code", flat=True))
    return dict(sorted(through.items()))
