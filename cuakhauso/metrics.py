"""What Prometheus is told: how much waits where, asked of database and broker at each scrape.

Counted where the truth lies, not in each process, so that it does not matter which process answers.
"""

from collections.abc import Iterator

import redis
from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from anpr.models import Camera, Reading
from checkpoints.models import Confirmation
from checkpoints.states import ConfirmationState
from declarations.models import Trip

QUEUES = ("readings", "notices", "default")


class Waiting(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield _by(
            "cuakhauso_trips",
            "Trips by state",
            "state",
            Trip.objects.order_by().values_list("state").annotate(Count("pk")),
        )
        slots = Confirmation.objects.filter(state=ConfirmationState.WAITING)
        yield _by(
            "cuakhauso_confirmations_waiting",
            "Confirmations waited for, by agency",
            "agency",
            slots.order_by().values_list("agency").annotate(Count("pk")),
        )
        unread = Reading.objects.unfinished().aggregate(number=Count("pk"), since=Min("received_at"))
        yield GaugeMetricFamily("cuakhauso_readings_unread", "Frames stored and not yet read", unread["number"])
        age = (timezone.now() - unread["since"]).total_seconds() if unread["since"] else 0
        yield GaugeMetricFamily("cuakhauso_oldest_unread_seconds", "Age of the oldest frame not yet read", age)
        cameras = list(Camera.objects.filter(active=True).order_by("code"))
        watched = [camera for camera in cameras if camera.is_watched]
        yield _by(
            "cuakhauso_camera_up",
            "Whether a watched camera gives pictures",
            "camera",
            [(camera.code, int(camera.link_now == "live")) for camera in watched],
        )
        now = timezone.now()
        yield _by(
            "cuakhauso_camera_silent_seconds",
            "Since a camera's last frame was kept",
            "camera",
            [(each.code, (now - each.last_seen_at).total_seconds()) for each in cameras if each.last_seen_at],
        )
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            lengths = [(queue, client.llen(queue)) for queue in QUEUES]
        yield _by("cuakhauso_queue_length", "Messages in a queue", "queue", lengths)


def _by(name: str, words: str, label: str, numbers) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=[label])
    for value, number in numbers:
        family.add_metric([value], number)
    return family


registry = CollectorRegistry()
registry.register(Waiting())
