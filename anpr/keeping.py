"""Which frames are kept: the evidence as long as the trip's record, the rest for a set time."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from anpr.models import Reading, ReadingQuerySet
from checkpoints.models import Fact

BLANK_KEPT = timedelta(days=1)
"""A watched camera's frame that shows no plate is kept so long."""
AT_ONCE = 500


def not_evidence(readings: ReadingQuerySet) -> ReadingQuerySet:
    """Those whose picture proves nothing.

    Evidence is the frame by which a passage was recorded, the best frame of each camera of every passage, and what an
    officer settled.
    """
    best = (
        Reading.objects.filter(passage=OuterRef("passage"), camera=OuterRef("camera"))
        .exclude(image="")
        .order_by(F("quality").desc(nulls_last=True), "pk")
    )
    recorded = Fact.objects.filter(key=Concat(Value("reading:"), Cast(OuterRef("pk"), CharField())))
    return (
        readings.annotate(best=Subquery(best.values("pk")[:1]))
        .exclude(pk=F("best"), passage__isnull=False)
        .exclude(Exists(recorded))
        .exclude(passage__isnull=False, settled_by__isnull=False, same_as__isnull=True)
        .filter(sample__isnull=True)
    )


def clear_frames() -> tuple[int, int]:
    """Delete the pictures that are no longer kept, and the rows of blank frames; return how many of each."""
    now = timezone.now()
    old = now - timedelta(days=settings.FRAMES_KEPT_DAYS)
    blank = (
        Reading.objects.filter(text="", settled_at__isnull=True, failed_at__isnull=True, read_at__isnull=False)
        .filter(taken_at__lt=now - BLANK_KEPT)
        .exclude(camera__source="")
        .exclude(image="")
    )
    rows = _clear(blank, delete_rows=True)
    pictures = _clear(not_evidence(Reading.objects.filter(taken_at__lt=old).exclude(image="")), delete_rows=False)
    return pictures, rows


def _clear(readings: ReadingQuerySet, *, delete_rows: bool) -> int:
    """Bit by bit, each bit whole: the file first, so that a row never points to nothing for want of time."""
    cleared = 0
    # A later frame of a vehicle points to its first one, so it goes first.
    while ids := list(readings.order_by("-pk").values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            held = Reading.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk__in=ids)
            taken = list(held.order_by("-pk"))
            for reading in taken:
                reading.image.storage.delete(reading.image.name)
            rows = Reading.objects.filter(pk__in=[reading.pk for reading in taken])
            rows.update(image="")
            if delete_rows:
                rows.filter(same_as__isnull=False, repeats__isnull=True).delete()
                rows.filter(repeats__isnull=True).delete()
        cleared += len(taken)
        if len(taken) < len(ids) or len(ids) < AT_ONCE:
            break
    return cleared
