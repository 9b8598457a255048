"""Cameras with their keys, small pictures, and plates as the engine would give them."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import Any
from uuid import uuid4

from django.utils import timezone
from PIL import Image

from anpr.intake import store_event
from anpr.models import Camera, Reading
from anpr.services import new_key, read_stored
from anpr.types import PlateRead
from cuakhauso.celery import app
from gates.models import Lane

_numbers = count(1)


def make_camera(lane: Lane) -> tuple[Camera, str]:
    """A camera on this lane, and its key."""
    number = next(_numbers)
    camera = Camera.objects.create(lane=lane, name=f"Camera {number}", code=f"camera-{number}")
    return camera, new_key(camera)


@contextmanager
def broker_down() -> Iterator[None]:
    """Tasks find no broker to be queued at."""
    url, app.conf.broker_url = app.conf.broker_url, "redis+socket:///nowhere/valkey.sock"
    app._after_fork()
    try:
        yield
    finally:
        app.conf.broker_url = url
        app._after_fork()


def picture(width: int = 64, height: int = 48, kind: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (90, 120, 90)).save(file, kind, **options)
    return file.getvalue()


def plate(
    text: str,
    confidence: float = 0.97,
    *,
    width: float = 120,
    at: tuple[float, float] = (10.0, 10.0),
    sure: Sequence[float] = (),
    alternatives: Sequence[tuple[str, float]] = (),
) -> PlateRead:
    (left, top), height = at, width / 4
    corners = ((left, top), (left + width, top), (left + width, top + height), (left, top + height))
    return PlateRead(
        text=text,
        country="VN" if text[:1].isdigit() else "CN",
        lines=1,
        colour="white",
        known_form=True,
        confidence=confidence,
        char_confidences=tuple(sure) or (confidence,) * len(text),
        alternatives=tuple(alternatives),
        corners=corners,
    )


def stored(camera: Camera, *, taken_at: datetime | None = None, key: str = "", plate: str = "") -> Reading:
    """A frame as the camera's event left it, not read yet."""
    reading, _new = store_event(
        camera=camera,
        key=key or str(uuid4()),
        image=picture(),
        taken_at=taken_at or timezone.now(),
        plate=plate,
    )
    return reading


def seen(camera: Camera, *plates: PlateRead, taken_at: datetime | None = None, **event: str) -> Reading:
    """A frame on which the engine reads these plates, read and settled."""
    return read_stored(stored(camera, taken_at=taken_at, **event).pk, read=lambda data: list(plates))
