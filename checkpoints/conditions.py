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


@condition(Condition.TRANSSHIPMENT)
def transshipment_is_registered(trip: Trip) -> set[Condition]:
    return {Condition.TRANSSHIPMENT} if Transshipment.objects.of(trip).exists() else set()


@condition(Condition.STORED_OR_UNLOADED)
def goods_are_stored_or_unloaded(trip: Trip) -> set[Condition]:
    return {Condition.STORED_OR_UNLOADED} if trip.stored_or_unloaded else set()


@condition(*QUARANTINES.values())
def quarantines_are_needed(trip: Trip) -> set[Condition]:
    return {QUARANTINES[Agency(agency)] for agency in quarantines_needed(trip)}
