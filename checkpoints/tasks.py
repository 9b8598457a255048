"""What time does: declarations nobody came for expire, the history is sealed."""

import logging
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from checkpoints import facts
from checkpoints.door import perform
from checkpoints.models import Passage
from checkpoints.refusals import Refusal
from declarations.models import Declaration, Trip
from declarations.states import DeclarationState, TripState

logger = logging.getLogger(__name__)


@shared_task
def expire() -> int:
    """Expire the declarations none of whose vehicles came in time, and late vehicles of the others; returns how many.

    One that stood at a barrier lately came after all.
    """
    limit = timezone.now() - timedelta(hours=settings.DECLARATION_VALID_HOURS)
    came = Passage.objects.filter(last_seen_at__gte=limit).values("trip")
    late = Declaration.objects.filter(state=DeclarationState.SUBMITTED, expected_at__lt=limit).exclude(trips__in=came)
    left_behind = Trip.objects.filter(
        state=TripState.EXPECTED, declaration__state=DeclarationState.UNDER_WAY, declaration__expected_at__lt=limit
    ).exclude(pk__in=came)
    whole = sum(_expired("expire", declaration) for declaration in late.order_by("pk"))
    return whole + sum(_expired("expire_trip", trip) for trip in left_behind.order_by("pk"))


def _expired(move: str, subject: Declaration | Trip) -> bool:
    try:
        perform(move, subject, actor=None, key=None)
    except Refusal as refusal:
        logger.info("%s %s did not expire: %s", subject._meta.model_name, subject.pk, refusal.code)
        return False
    return True


@shared_task
def seal() -> int | None:
    """Seal the heads of all chains of facts; returns the id of the seal, None when nothing was recorded since."""
    anchor = facts.seal()
    return anchor.pk if anchor else None
