"""When a confirmation marked `(nếu có)` is asked, as far as declared and recorded things tell; fees add theirs."""

from django.db.models import Q

from checkpoints.models import Transshipment
from checkpoints.registry import condition
from declarations.models import Trip
from declarations.quarantine import quarantines_needed
from gates.procedures.words import Agency, Condition


@condition(Condition.TRANSSHIPMENT)
def transshipment_is_registered(trip: Trip) -> bool:
    return Transshipment.objects.filter(Q(source=trip) | Q(target=trip)).exists()


@condition(Condition.STORED_OR_UNLOADED)
def goods_are_stored_or_unloaded(trip: Trip) -> bool:
    return trip.stored_or_unloaded


@condition(Condition.ANIMAL_QUARANTINE)
def animal_quarantine_is_needed(trip: Trip) -> bool:
    return Agency.ANIMAL_QUARANTINE in quarantines_needed(trip)


@condition(Condition.PLANT_QUARANTINE)
def plant_quarantine_is_needed(trip: Trip) -> bool:
    return Agency.PLANT_QUARANTINE in quarantines_needed(trip)
