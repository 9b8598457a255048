"""What other apps add to the door, filled when the apps load.

*Conditions* answer whether a confirmation marked `(nếu có)` is asked. *Guards* must hold before a fact is confirmed.
*Effects* happen in the same transaction when a stage completes. *Listeners* are told of the facts after commit.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

from checkpoints.models import Fact, TripStage
from checkpoints.refusals import Refusal
from declarations.models import Trip
from gates.procedures.words import Condition, Moment

ConditionTest = Callable[[Trip], bool]
Guard = Callable[[Trip], Refusal | None]
Effect = Callable[[TripStage], None]
Listener = Callable[[Sequence[Fact]], None]

conditions: dict[Condition, ConditionTest] = {}
guards: dict[str, list[Guard]] = defaultdict(list)
effects: dict[Moment, list[Effect]] = defaultdict(list)
listeners: list[Listener] = []


def condition(name: Condition) -> Callable[[ConditionTest], ConditionTest]:
    """Register the function that answers this condition; one each."""

    def register(test: ConditionTest) -> ConditionTest:
        conditions[name] = test
        return test

    return register


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


def listener(function: Listener) -> Listener:
    """Register a function that is told of the facts of a move once these are committed."""
    listeners.append(function)
    return function
