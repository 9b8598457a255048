"""What time does: declarations nobody came for expire, the history is sealed."""

import logging
from datetime import timedelta
from functools import reduce
from operator import or_

from celery import shared_task
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from checkpoints import facts
from checkpoints.door import perform
from checkpoints.models import Hold, Passage
from checkpoints.refusals import Refusal
from checkpoints.selectors import inside, lanes_of
from declarations.models import Declaration, Trip
from declarations.states import LIVE_DECLARATIONS, DeclarationState, TripState
from gates.procedures import BOOKS

logger = logging.getLogger(__name__)


@shared_task
def expire() -> int:
    """Expire the declarations none of whose vehicles came in time, and late vehicles of the others; returns how many.

    One that stood at a barrier lately came after all, and one seized there stays.
    """
    now = timezone.now()
    limit = now - timedelta(hours=settings.DECLARATION_VALID_HOURS)
    came = Passage.objects.filter(last_seen_at__gte=limit).values("trip").union(Hold.objects.open().values("trip"))
    over = Declaration.objects.filter(
        Q(extended_to__lt=now) | Q(extended_to=None, expected_at__lt=limit), state__in=LIVE_DECLARATIONS
    )
    late = over.filter(state=DeclarationState.SUBMITTED).exclude(trips__in=came)
    left_behind = Trip.objects.filter(
        state=TripState.EXPECTED, declaration__in=over.filter(state=DeclarationState.UNDER_WAY)
    ).exclude(pk__in=came)
    whole = sum(_made("expire", declaration) for declaration in late.order_by("pk"))
    return whole + sum(_made("expire_trip", trip) for trip in left_behind.order_by("pk"))


@shared_task
def leave_unseen() -> int:
    """End the trips that only a yard's gate should still have seen, long after all else was done; returns how many."""
    limit = timezone.now() - timedelta(hours=settings.UNSEEN_AFTER_HOURS)
    endings = [
        Q(book_code=book.code, procedure_code=procedure.code)
        for book in BOOKS.values()
        for procedure in book
        if procedure.stages[-1].is_auto
    ]
    standing = Trip.objects.filter(reduce(or_, endings), state=TripState.UNDER_WAY)
    unseen = standing.exclude(stages__completed_at__isnull=True).exclude(stages__completed_at__gte=limit)
    return sum(_made("leave_unseen", trip) for trip in unseen.order_by("pk"))


@shared_task
def tell_overstays() -> int:
    """Tell, once, of each vehicle that stays longer than it may; returns how many."""
    under_way = inside(None, lanes_of())
    late = [truck.trip for truck in under_way if truck.overstays and not truck.overstays.told]
    return sum(_made("overstay", trip) for trip in late)


def _made(move: str, subject: Declaration | Trip) -> bool:
    try:
        perform(move, subject, actor=None, key=None)
    except Refusal as refusal:
        logger.info("%s of %s %s refused: %s", move, subject._meta.model_name, subject.pk, refusal.code)
        return False
    return True


@shared_task
def seal() -> int | None:
    """Seal the heads of all chains of facts; returns the id of the seal, None when nothing was recorded since."""
    anchor = facts.seal()
    return anchor.pk if anchor else None
