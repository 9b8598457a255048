"""One long day at each border in which every move of the door is made, and never anything that must not happen.

The rules of `test_rules_of_the_border` by plan: each step leads up to a move that was not made so far, then
something out of order is tried, and all that must hold is looked at.
"""

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from checkpoints import door
from checkpoints.journey import camera_stages_ahead
from checkpoints.models import Correction, Transshipment
from checkpoints.moves.table import MOVES
from declarations.models import Trip
from declarations.states import LIVE_TRIPS
from gates.procedures import BOOKS
from gates.procedures.types import Procedure
from gates.procedures.words import Country
from tests.checkpoints.test_rules_of_the_border import AGENCIES, PLATES, Border

SEED = 7
MOST_STEPS = 120
PLATES_OF_A_DAY = {
    country: [f"{first}{number:05}" for number in range(2 * MOST_STEPS)]
    for country, first in ((Country.VN, "11C"), (Country.CN, "桂F"))
}
INVARIANTS = [name for name, value in vars(Border).items() if hasattr(value, "hypothesis_stateful_invariant")]
NOT_IN = {"cao_bang_2026": {"leave_unseen"}, "lang_son_2024_amended": set()}
"""Only where a truck may leave by the gate of a yard outside: the book of Cao Bằng knows none."""


class Day:
    """What leads to each move, of trucks declared for it and of those that are about."""

    def __init__(self, border: Border, chance: Random) -> None:
        self.border = border
        self.chance = chance
        self.plates = 0

    def declared(self, until: str, fits: Callable[[Procedure], bool] = lambda procedure: True, vehicles: int = 1):
        """The trips of a new declaration under one of the procedures that fit, each led on until a stage."""
        which = [index for index, procedure in enumerate(self.border.procedures) if fits(procedure)]
        plates = range(self.plates, self.plates + vehicles)
        self.plates += vehicles
        self.border.declare(which=self.chance.choice(which), plates=list(plates), until=until)
        return list(Trip.objects.order_by("-pk")[:vehicles])

    def about(self, *states: str) -> Trip:
        """One of the latest in these states, else a new one."""
        latest = list(Trip.objects.filter(state__in=states or LIVE_TRIPS).order_by("-pk")[:6])
        return self.chance.choice(latest) if latest else self.declared("yard")[0]

    def in_yard_with_goods(self) -> Trip:
        return self.declared("yard", lambda procedure: procedure.carries_goods)[0]

    def waiting_for_goods(self) -> Trip:
        return self.declared("transship", lambda procedure: bool(procedure.continues))[0]

    # What leads to what

    def goes_on(self):
        self.border.goes_on_until(self.about(), self.chance.choice(("leave", "end", "yard", "fee")))

    def withdrawn(self, *, whole: bool):
        self.border.it_is_withdrawn(self.declared("start", vehicles=2)[0], True, whole)

    def never_came(self, *, others_did: bool):
        trips = self.declared("start", vehicles=2)
        if others_did:
            self.border.goes_on_until(trips[0], "end")
        self.border.time_passes(80)

    def extended_for_all(self):
        self.declared("start")
        self.border.the_authority_decides("extend_all")

    def stayed_too_long(self):
        late = self.waiting_for_goods()
        self.border.time_passes(80)
        self.border.its_overstay_is_noted(late, "border_guard")

    def ended_unseen(self):
        """Fully confirmed, and only the yard's gate should see it yet."""
        trip = self.declared("fee", lambda procedure: procedure.stages[-1].is_auto)[0]
        for _slot in range(6):
            if trip.stages.filter(completed_at=None).exists():
                self.border.right_step(trip)
        self.border.time_passes(30)

    def called_up(self):
        trip = self.declared("start")[0]
        ahead = camera_stages_ahead(trip, {"declare"})[0]
        agency = "yard_operator" if ahead.place == "yard" else "border_guard"
        self.border.it_is_called_up(trip, agency, True, ahead.place, "in")

    def goods_go_over(self):
        self.waiting_for_goods()
        self.in_yard_with_goods()
        self.border.goods_go_over_as_they_should()

    def registered_and_taken_back(self):
        trip = self.in_yard_with_goods()
        self.border.goods_are_put_in_store(trip, None, True, False)
        pending = Transshipment.objects.pending().select_related("source", "target").first()
        if pending:
            self.border.nothing_is_open(pending.target or pending.source)
            self.border.a_registration_is_taken_back(True)

    def stored(self):
        self.in_yard_with_goods()
        self.border.goods_go_into_store_as_they_should(whole=self.chance.random() < 0.5)

    def stored_and_fetched(self):
        self.stored()
        self.waiting_for_goods()
        self.border.goods_come_out_of_store_as_they_should()

    def stored_and_given_up(self):
        self.stored()
        self.border.goods_in_store_are_handed_over("customs")

    def found_no_goods(self):
        self.border.it_found_no_goods(self.waiting_for_goods(), True)

    def refused_and_set_right(self):
        for trip in (self.declared("enter")[0], self.about()):
            self.border.it_is_refused_and_set_right(trip)

    def leaves_the_straight_road(self):
        self.border.a_truck_leaves_the_straight_road(self.in_yard_with_goods(), self.about(), self.chance)

    def seized_and_released(self):
        trip, customs = self.in_yard_with_goods(), self.border.world.officer("customs")
        given = {"actor": customs, "case": "1/VPHC", "takes": "vehicle", "reason": "vi phạm"}
        assert self.border.attempt("seize", trip, **given)
        self.border.nothing_is_open(trip)

    def seized_and_handed_over(self):
        trip, customs = self.in_yard_with_goods(), self.border.world.officer("customs")
        given = {"actor": customs, "reason": "vi phạm"}
        assert self.border.attempt("seize", trip, case="1/VPHC", takes="both", **given)
        self.border.is_handed_over(trip, **given)

    def towed_away(self):
        trip, lane = self.in_yard_with_goods(), self.border.world.lane("B2", "out")
        assert self.border.attempt("report_breakdown", trip, actor=self.border.world.trader, reason="hỏng máy")
        towed = {"lane": lane, "with_goods": True, "reason": "xe cứu hộ kéo"}
        assert self.border.attempt("tow_away", trip, actor=self.border.world.officer("border_guard"), **towed)

    def broken_down(self):
        trip = self.in_yard_with_goods()
        for _each in range(4):
            self.border.reported(trip, self.chance, own=True)

    def recorded_under_another(self):
        seen = self.declared("enter")[0]
        other = self.declared("start", lambda procedure: procedure.code == seen.began_as)[0]
        self.border.recorded_of_another(seen, other, "border_guard", True)

    def came_back(self):
        self.border.goods_come_back(self.declared("", lambda procedure: procedure.carries_goods)[0], True)

    def corrected(self):
        self.border.a_correction_goes_its_way(
            self.in_yard_with_goods(), self.chance.choice(AGENCIES), self.chance, True
        )

    def corrected_and_answered(self, how: str):
        trip = self.in_yard_with_goods()
        if how == "withdraw":
            self.border.a_correction_is_asked(trip, "customs", True, self.chance)
        self.border.something_is_corrected(trip, True, self.chance)
        for found in Correction.objects.open().filter(trip=trip):
            for agency in found.consents.filter(fact=None).order_by("pk").values_list("agency", flat=True):
                self.border.somebody_answers_a_correction(trip, agency, True, how)


WAYS: dict[str, Callable[[Day], object]] = {
    "submit": Day.came_back,
    "withdraw": lambda day: day.withdrawn(whole=True),
    "withdraw_trip": lambda day: day.withdrawn(whole=False),
    "name_customs_declaration": lambda day: day.border.its_customs_declaration_is_named(day.declared("enter")[0], True),
    "update_document": lambda day: day.border.a_document_is_updated(day.about(), True),
    "expire": lambda day: day.never_came(others_did=False),
    "expire_trip": lambda day: day.never_came(others_did=True),
    "extend": lambda day: day.border.somebody_extends(day.declared("start")[0], True, False),
    "extend_all": Day.extended_for_all,
    "record_passage": Day.goes_on,
    "call_up": Day.called_up,
    "place_in_zone": lambda day: day.border.it_is_told_where_to_stand(day.in_yard_with_goods(), False),
    "confirm": Day.goes_on,
    "refuse": Day.refused_and_set_right,
    "undo": Day.refused_and_set_right,
    "open_barrier": Day.goes_on,
    "leave_unseen": Day.ended_unseen,
    "open_forced": lambda day: day.border.the_gate_is_closed_or_a_barrier_opened(day.about(), "border_guard", True),
    "turn_back": lambda day: day.border.it_is_sent_back(day.about(), "border_guard"),
    "reassign": Day.recorded_under_another,
    "seize": Day.leaves_the_straight_road,
    "release": Day.seized_and_released,
    "hand_over": Day.seized_and_handed_over,
    "hand_over_stored": Day.stored_and_given_up,
    "report_breakdown": Day.broken_down,
    "report_repaired": Day.broken_down,
    "tow_away": Day.towed_away,
    "overstay": Day.stayed_too_long,
    "note_overstay": Day.stayed_too_long,
    "announce_closure": lambda day: day.border.the_authority_decides("announce_closure"),
    "lift_closure": lambda day: day.border.the_authority_decides("lift_closure"),
    "ask_correction": Day.corrected,
    "correct": Day.corrected,
    "agree_correction": Day.corrected,
    "reject_correction": lambda day: day.corrected_and_answered("reject"),
    "withdraw_correction": lambda day: day.corrected_and_answered("withdraw"),
    "register_transshipment": Day.goods_go_over,
    "register_storage": Day.stored,
    "register_loading": Day.stored_and_fetched,
    "cancel_transshipment": Day.registered_and_taken_back,
    "leave_without_goods": Day.found_no_goods,
}


def test_a_way_leads_to_every_move_of_the_table_at_one_border_at_least():
    assert WAYS.keys() == MOVES.keys()
    assert NOT_IN.keys() == BOOKS.keys()
    assert not set.intersection(*NOT_IN.values())


@pytest.mark.django_db
@pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS)
def test_every_move_is_made_and_nothing_that_must_never_happen_happens(book, monkeypatch):
    made: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    through_the_door = door._perform

    def counted(move, subject, **given):
        outcome = through_the_door(move, subject, **given)
        made[move] += 1
        return outcome

    monkeypatch.setattr(door, "_perform", counted)
    for country, plates in PLATES_OF_A_DAY.items():
        monkeypatch.setitem(PLATES, country, plates)
    chance, border = Random(SEED), Border(book)
    border.people_come()
    day = Day(border, chance)
    try:
        for _step in range(MOST_STEPS):
            lacking = [move for move in WAYS if move not in NOT_IN[book.code] and not made[move]]
            if not lacking:
                break
            wanted = min(lacking, key=lambda move: (tried[move], chance.random()))
            tried[wanted] += 1
            WAYS[wanted](day)
            border.mischief(day.about(), day.about(), chance)
            for invariant in INVARIANTS:
                getattr(border, invariant)()
    finally:
        border.teardown()
    assert lacking == []
