"""What time does to the register: scans that nobody needs any more go."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from register.models import Paper
from register.services import drop_scans


@shared_task
def clear_scans() -> int:
    """Delete the scans of papers archived, or past their last day, for so long; returns how many."""
    limit = timezone.now() - timedelta(days=settings.PAPER_SCANS_KEPT_DAYS)
    old = Q(archived_at__lt=limit) | Q(valid_to__lt=timezone.localdate(limit))
    old |= Q(vehicle__archived_at__lt=limit) | Q(driver__archived_at__lt=limit)
    return drop_scans(Paper.objects.filter(old))
