"""When a confirmation marked `(nếu có)` is asked, as far as declared and recorded things tell; fees add theirs."""

from checkpoints.models import Transshipment
from checkpoints.registry import condition
from declarations.models import Trip
from declarations.quarantine import quarantines_needed
from gates.procedures.words import Agency, Condition

QUARANTINES = {
    Agency.ANIMAL_QUARANTINE: Condition.ANIMAL_QUARANTINE,
    Agency.PLANT_QUARANTINE: Condition.PLANT_QUARANTINE,
}


@condition(Condition.TRANSSHIPMENT, Condition.STORED_OR_UNLOADED)
def goods_go_elsewhere(trip: Trip) -> set[Condition]:
    """Goods are registered to go to or from another vehicle or out of store, or into store, or did; one query.

    That goods are stored may be declared beforehand, too.
    """
    into_store = [target is None for target in Transshipment.objects.of(trip).values_list("target", flat=True)]
    holding = {
        Condition.TRANSSHIPMENT: not all(into_store),
        Condition.STORED_OR_UNLOADED: trip.stored_or_unloaded or any(into_store),
    }
    return {condition for condition, holds in holding.items() if holds}


@condition(*QUARANTINES.values())
def quarantines_are_needed(trip: Trip) -> set[Condition]:
    return {QUARANTINES[Agency(agency)] for agency in quarantines_needed(trip)}
