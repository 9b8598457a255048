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
    """Goods are to come from another vehicle or from store, or to go to another vehicle, or did."""
    over = Transshipment.objects.of(trip).filter(target__isnull=False)
    return {Condition.TRANSSHIPMENT} if over.exists() else set()


@condition(Condition.STORED_OR_UNLOADED)
def goods_are_stored_or_unloaded(trip: Trip) -> set[Condition]:
    """Declared beforehand, or registered."""
    storing = trip.transshipments_out.filter(target__isnull=True)
    return {Condition.STORED_OR_UNLOADED} if trip.stored_or_unloaded or storing.exists() else set()


@condition(*QUARANTINES.values())
def quarantines_are_needed(trip: Trip) -> set[Condition]:
    return {QUARANTINES[Agency(agency)] for agency in quarantines_needed(trip)}
