"""Cameras whose streams the platform watches: which they are, and how their lines are."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from anpr.capture.watch import Link
from anpr.intake import EventRefused, store_event
from anpr.models import Camera, Reading

MOST_UNREAD = 6
"""So many frames of one camera wait to be read at most; while they do, further ones are not worth keeping."""


def addresses(codes: list[str] | None = None) -> dict[str, str]:
    """Code to source of the cameras to be watched; of these codes only, if given."""
    cameras = Camera.objects.filter(active=True).exclude(source="")
    return dict((cameras.filter(code__in=codes) if codes else cameras).values_list("code", "source"))


def keep_frame(code: str, jpeg: bytes, taken_at: datetime) -> Reading | None:
    """Keep a watched camera's frame as if the camera had sent it; None where too many of its frames wait already.

    The caller queues it. Raises `EventRefused`, and `Camera.DoesNotExist` for one removed in the meantime.
    """
    camera = Camera.objects.get(code=code)
    if Reading.objects.unfinished().filter(camera=camera).count() >= MOST_UNREAD:
        return None
    try:
        reading, is_new = store_event(
            camera=camera, key=f"watched:{taken_at.isoformat()}", image=jpeg, taken_at=taken_at
        )
    except EventRefused as refused:
        if refused.code == "key_reused":
            return None
        raise
    return reading if is_new else None


def tell_links(links: Mapping[str, Link]) -> None:
    """Write down how the lines are, for admin, console and metrics."""
    now = timezone.now()
    cameras = list(Camera.objects.filter(code__in=links))
    for camera in cameras:
        link = links[camera.code]
        camera.link, camera.link_since, camera.link_error = link.state, link.since, link.error[:100]
        camera.link_told_at = now
        camera.frame_at = link.frame_at or camera.frame_at
    Camera.objects.bulk_update(cameras, ["link", "link_since", "link_error", "link_told_at", "frame_at"])
