"""What other apps add to the door, filled when the apps load.

*Conditions* tell which confirmations marked `(nếu có)` are asked. *Guards* must hold before a fact is confirmed.
*Effects* happen in the same transaction when a stage completes, *corrected* hooks when a correction comes into force.
*Listeners* are told of the facts after commit.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial

from django.db import transaction

from checkpoints.models import Correction, Fact, TripStage
from checkpoints.refusals import Refusal
from declarations.models import Trip
from gates.procedures.words import Condition, Moment

ConditionTest = Callable[[Trip], set[Condition]]
Guard = Callable[[Trip], Refusal | None]
Effect = Callable[[TripStage], None]
Corrected = Callable[[Trip, Correction], Collection[str]]
Listener = Callable[[Sequence[Fact]], None]

conditions: dict[Condition, ConditionTest] = {}
guards: dict[str, list[Guard]] = defaultdict(list)
effects: dict[Moment, list[Effect]] = defaultdict(list)
corrected: list[Corrected] = []
listeners: list[Listener] = []


def condition(*names: Condition) -> Callable[[ConditionTest], ConditionTest]:
    """Register the function that tells which of these conditions hold for a trip; one for each condition."""

    def register(test: ConditionTest) -> ConditionTest:
        conditions.update(dict.fromkeys(names, test))
        return test

    return register


def conditions_holding(trip: Trip, asked: Iterable[Condition]) -> set[Condition]:
    """Those of the conditions asked that hold for the trip now."""
    asked = set(asked)
    return set().union(*(test(trip) for test in {conditions[name] for name in asked})) & asked


def guard(of: str) -> Callable[[Guard], Guard]:
    """Register what must hold before the fact `of` is confirmed: the function returns a refusal or None."""

    def register(test: Guard) -> Guard:
        guards[of].append(test)
        return test

    return register


def effect(moment: Moment) -> Callable[[Effect], Effect]:
    """Register what happens, in the same transaction, when a stage of this moment completes."""

    def register(function: Effect) -> Effect:
        effects[moment].append(function)
        return function

    return register


def when_corrected(function: Corrected) -> Corrected:
    """Register what happens, in the same transaction, when other values are in force for a trip.

    The function returns the facts that must be confirmed again by them.
    """
    corrected.append(function)
    return function


def listener(function: Listener) -> Listener:
    """Register a function that is told of the facts of a move once these are committed."""
    listeners.append(function)
    return function


def tell_after_commit(facts: Sequence[Fact]) -> None:
    """Once committed, tell every listener of the facts; what one of them fails at is logged and keeps off nobody."""
    if facts:
        for listening in listeners:
            transaction.on_commit(partial(listening, tuple(facts)), robust=True)
