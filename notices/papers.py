"""Notices of what time brings: papers of the register that run out soon."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from notices.models import Notice
from register.models import Paper


def ending(day, last) -> QuerySet[Paper]:
    """The papers in use that run out between these days and that no later one of the kind replaces already."""
    later = Paper.objects.current().filter(kind=OuterRef("kind")).exclude(valid_to__lte=last)
    replaced = Exists(later.filter(vehicle=OuterRef("vehicle"))) | Exists(later.filter(driver=OuterRef("driver")))
    in_use = Q(vehicle__isnull=False, vehicle__archived_at__isnull=True)
    in_use |= Q(driver__isnull=False, driver__archived_at__isnull=True)
    return Paper.objects.current().filter(in_use, valid_to__range=(day, last)).exclude(replaced)


@transaction.atomic
def tell_of_papers() -> int:
    """One notice to each firm with papers of which it was not told yet; returns how many. Safe to run twice.

    A paper whose last day is changed is told of again.
    """
    today = timezone.localdate()
    last = today + timedelta(days=settings.PAPER_NOTICE_DAYS)
    new = ending(today, last).exclude(told_of=F("valid_to")).select_for_update(of=("self",), skip_locked=True)
    new = new.annotate(firm=Coalesce("vehicle__organisation", "driver__organisation"))
    by_firm: dict[int, list[Paper]] = {}
    for paper in new.order_by("pk"):
        by_firm.setdefault(paper.firm, []).append(paper)
    Notice.objects.bulk_create(
        Notice(
            kind=Notice.Kind.PAPERS_END,
            organisation_id=firm,
            created_at=timezone.now(),
            data={
                "papers": len(papers),
                "until": max(paper.valid_to for paper in papers).isoformat(),
                "vehicles": any(paper.vehicle_id for paper in papers),
            },
        )
        for firm, papers in by_firm.items()
    )
    told = [paper.pk for papers in by_firm.values() for paper in papers]
    Paper.objects.filter(pk__in=told).update(told_of=F("valid_to"))
    return len(by_firm)
