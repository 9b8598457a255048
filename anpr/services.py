"""Cameras' keys, and from a stored frame to its plates; `settling` says whose they are."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import keys
from anpr.decode import PictureError
from anpr.models import Camera, Reading
from anpr.settling import settle_reading, tell_list_changed
from anpr.types import PlateRead

QUEUE_AGAIN_AFTER = timedelta(seconds=5)
MOST_ATTEMPTS = 5

Read = Callable[[bytes], Sequence[PlateRead]]


# Cameras


def new_key(camera: Camera) -> str:
    """Give the camera a fresh random key and return it; it is shown this once, only its hash is kept."""
    key = keys.new_key()
    camera.key_prefix, camera.key_hash = keys.prefix_of(key), keys.hash_of(key)
    camera.save(update_fields=["key_prefix", "key_hash"])
    return key


def camera_with_key(key: str) -> Camera | None:
    """The active camera that holds this key, found in one query and compared in constant time."""
    camera = (
        Camera.objects.select_related("lane__barrier__gate", "lane__yard__gate")
        .filter(key_prefix=keys.prefix_of(key), active=True)
        .first()
    )
    return camera if keys.fits(key, camera.key_hash if camera else "") else None


# Reading


def read_stored(reading_id: int, *, read: Read) -> Reading | None:
    """Read and settle one stored frame, whole or not at all; None where there is nothing to do.

    Whoever holds the row reads it; a second message passes by. Each try is counted before it begins, so that a frame
    that kills its worker is given up in the end.
    """
    unfinished = Reading.objects.unfinished().filter(pk=reading_id)
    if not unfinished.filter(attempts__lt=MOST_ATTEMPTS).update(attempts=F("attempts") + 1):
        return None
    with transaction.atomic():
        reading = (
            unfinished.select_for_update(skip_locked=True, no_key=True, of=("self",))
            .select_related("camera__lane__barrier__gate", "camera__lane__yard__gate")
            .first()
        )
        if reading is None:
            return None
        try:
            with reading.image.open("rb") as file:
                plates = read(file.read())
        except PictureError as error:
            reading.failed_at, reading.error = timezone.now(), error.code
        except FileNotFoundError:
            reading.failed_at, reading.error = timezone.now(), "missing"
        else:
            reading.plates = [asdict(plate) for plate in plates]
            reading.read_at = timezone.now()
        settle_reading(reading)
    return reading


def give_up_or_requeue(queue: Callable[[int], None], *, most: int = 200) -> int:
    """Queue again what is stored and unfinished since some seconds, the oldest first; return how many.

    What was tried too often is given up and shown to a person. Rows being read at this moment are left alone.
    """
    with transaction.atomic():
        stale = list(
            Reading.objects.unfinished()
            .select_for_update(skip_locked=True, no_key=True, of=("self",))
            .select_related("camera__lane__barrier__gate", "camera__lane__yard__gate")
            .filter(queued_at__lt=timezone.now() - QUEUE_AGAIN_AFTER)
            .order_by("queued_at")[:most]
        )
        for reading in stale:
            if reading.attempts < MOST_ATTEMPTS:
                continue
            reading.failed_at, reading.error = timezone.now(), "given_up"
            reading.save(update_fields=["failed_at", "error"])
            tell_list_changed(reading)
        again = [reading.pk for reading in stale if reading.attempts < MOST_ATTEMPTS]
        Reading.objects.filter(pk__in=again).update(queued_at=timezone.now())
    for reading_id in again:
        queue(reading_id)
    return len(again)
