"""The fee centre's confirmation of what matches to the đồng."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from checkpoints.door import perform
from checkpoints.models import Confirmation
from checkpoints.refusals import Refusal
from checkpoints.states import SETTLED, ConfirmationState
from declarations.models import Trip
from declarations.states import ENDED_TRIPS, LIVE_TRIPS, TripState
from fees.models import Bill
from fees.services.billing import amounts_by_trip

FEE_CONFIRMED = "fee_confirmed"
STRANDED = tuple(state for state in ENDED_TRIPS if state != TripState.LEFT)


@dataclass(frozen=True)
class TruckOutcome:
    """What confirming a bill did for one of its trucks: `refusal` None means confirmed, `repeated` before this call."""

    trip: Trip
    refusal: Refusal | None
    repeated: bool = False


def confirm_bill(*, bill: Bill, actor: User, key: str) -> list[TruckOutcome]:
    """Confirm through the door the fee of every truck of the bill that waits for it, each by itself."""
    outcomes = []
    for slot in waiting_fee_slots(amounts_by_trip(bill)):
        try:
            done = perform("confirm", slot.stage.trip, actor=actor, key=f"{key}:{slot.pk}", confirmation=slot.pk)
            outcomes.append(TruckOutcome(slot.stage.trip, None, repeated=done.repeated))
        except Refusal as refusal:
            outcomes.append(TruckOutcome(slot.stage.trip, refusal))
    return outcomes


def waiting_fee_slots(trip_ids: Sequence[int]) -> list[Confirmation]:
    """Of trucks on their way: the fee of one that ended elsewhere is waived, or kept by a receipt."""
    slots = Confirmation.objects.filter(
        stage__trip__in=list(trip_ids),
        of=FEE_CONFIRMED,
        state=ConfirmationState.WAITING,
        stage__trip__state__in=LIVE_TRIPS,
    )
    return list(slots.select_related("stage__trip__declaration__gate").order_by("stage__trip__position"))


def stranded_trips() -> QuerySet[Trip]:
    """Trips that ended without leaving as their procedure goes, and whose fee nobody confirmed."""
    confirmed = Confirmation.objects.filter(stage__trip=OuterRef("pk"), of=FEE_CONFIRMED, state__in=SETTLED)
    return Trip.objects.filter(state__in=STRANDED).exclude(Exists(confirmed))


def held_back(trip_ids: Iterable[int]) -> bool:
    """Whether the fee of a truck that is still on its way waits to be confirmed or was refused."""
    states = (ConfirmationState.WAITING, ConfirmationState.REFUSED)
    slots = Confirmation.objects.filter(stage__trip__in=list(trip_ids), of=FEE_CONFIRMED, state__in=states)
    return slots.filter(stage__trip__state__in=LIVE_TRIPS).exists()
