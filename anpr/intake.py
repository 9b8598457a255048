"""A camera's event on its way in: checked by its header, stored once, answered at once. Nothing is read here."""

import hashlib
import hmac
import io
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from anpr.decode import MAX_PIXELS, MAX_SIDE
from anpr.models import Camera, Reading
from declarations.plates import normalise

CLOCK_SKEW = timedelta(minutes=5)
"""How far a camera's clock may go ahead of ours."""
SEEN_EVERY = timedelta(seconds=30)
"""How often a camera's last sign of life is written down."""
ENDINGS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp"}
"""Of the pictures that are taken. MPO is a JPEG with further pictures behind, and is opened as one."""
ORIENTATION = 0x0112
TURNED = {5, 6, 7, 8}


class EventRefused(Exception):
    """An event that is not stored: `status` for HTTP, `code` for programs, `message` for people."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(code, message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class Picture:
    """What a picture's header tells: the upright size in pixels, and the ending of its file name."""

    width: int
    height: int
    ending: str


def look_at(data: bytes) -> Picture:
    """Check by its header alone that these bytes are a picture that can be read later. Raises `EventRefused`."""
    if not data:
        raise EventRefused(400, "empty", _("Ảnh trống."))
    if len(data) > settings.CAMERA_IMAGE_MAX_BYTES:
        raise too_large()
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
            (width, height), ending = image.size, ENDINGS[image.format]
            # A PNG without it would be decoded whole in search of it.
            turned = "exif" in image.info and image.getexif().get(ORIENTATION) in TURNED
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise EventRefused(400, "not_a_picture", _("Tệp không phải ảnh JPEG, PNG hoặc WebP.")) from error
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise _too_many_pixels()
    return Picture(height, width, ending) if turned else Picture(width, height, ending)


def too_large() -> EventRefused:
    most = settings.CAMERA_IMAGE_MAX_BYTES // (1024 * 1024)
    return EventRefused(413, "too_large", _("Ảnh lớn quá %(most)s MB.") % {"most": most})


def _too_many_pixels() -> EventRefused:
    words = _("Ảnh rộng hoặc cao quá %(side)s điểm ảnh.") % {"side": MAX_SIDE}
    return EventRefused(400, "too_many_pixels", words)


def store_event(
    *,
    camera: Camera,
    key: str,
    image: bytes,
    taken_at: datetime,
    plate: str = "",
    told: dict[str, Any] | None = None,
) -> tuple[Reading, bool]:
    """Keep a camera's event; return its reading and whether it is new. The caller queues a new one.

    `plate` is what the camera read itself, `told` what else it says of it, as `Reading.told` has it.

    The same event again gives the reading that is there; another event under the same key raises `EventRefused`, as
    does what is no usable picture or lies in the future.
    """
    digest = _event_digest(image, taken_at, plate)
    if known := Reading.objects.filter(camera=camera, idempotency_key=key).first():
        return _same(known, digest), False
    now = timezone.now()
    if taken_at > now + CLOCK_SKEW:
        raise EventRefused(400, "in_the_future", _("Thời điểm chụp nằm trong tương lai: đồng hồ của camera sai."))
    picture = look_at(image)
    reading = Reading(
        camera=camera,
        idempotency_key=key,
        body_sha256=digest,
        taken_at=taken_at,
        received_at=now,
        queued_at=now,
        width=picture.width,
        height=picture.height,
        camera_plate=normalise(plate)[:20],
        told=told or {},
    )
    reading.image.save(f"frame.{picture.ending}", ContentFile(image), save=False)
    try:
        with transaction.atomic():
            reading.save(force_insert=True)
    except IntegrityError:
        reading.image.delete(save=False)
        return _same(Reading.objects.get(camera=camera, idempotency_key=key), digest), False
    Camera.objects.filter(Q(last_seen_at__isnull=True) | Q(last_seen_at__lt=now - SEEN_EVERY), pk=camera.pk).update(
        last_seen_at=now
    )
    return reading, True


def _event_digest(image: bytes, taken_at: datetime, plate: str) -> str:
    parts = [hashlib.sha256(image).hexdigest(), taken_at.isoformat(), plate]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _same(reading: Reading, digest: str) -> Reading:
    if not hmac.compare_digest(reading.body_sha256, digest):
        raise EventRefused(409, "key_reused", _("Idempotency-Key này đã dùng cho một sự kiện khác."))
    return reading
