"""What time does: declarations nobody came for expire, the history is sealed."""

import logging
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from checkpoints import facts
from checkpoints.door import perform
from checkpoints.refusals import Refusal
from declarations.models import Declaration
from declarations.states import DeclarationState

logger = logging.getLogger(__name__)


@shared_task
def expire() -> int:
    """Expire the declarations none of whose vehicles came in time; returns how many."""
    limit = timezone.now() - timedelta(hours=settings.DECLARATION_VALID_HOURS)
    late = Declaration.objects.filter(state=DeclarationState.SUBMITTED, expected_at__lt=limit)
    expired = 0
    for declaration in late.order_by("pk"):
        try:
            perform("expire", declaration, actor=None, key=None)
        except Refusal as refusal:
            logger.info("declaration %s did not expire: %s", declaration.pk, refusal.code)
        else:
            expired += 1
    return expired


@shared_task
def seal() -> int | None:
    """Seal the heads of all chains of facts; returns the id of the seal, None when nothing was recorded since."""
    anchor = facts.seal()
    return anchor.pk if anchor else None
