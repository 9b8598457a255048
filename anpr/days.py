"""How a camera did on one day: passages, how they were settled, what was misread, and the worst pictures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import F, Q
from django.utils import timezone

from anpr.models import Camera, Reading
from declarations.plates import CN_PROVINCES

WORST = 12


@dataclass(frozen=True)
class Seen:
    """One vehicle of the day by its best frame. `declared` is the plate that should have been read, if known."""

    reading: Reading
    declared: str

    @property
    def is_misread(self) -> bool:
        """Whether the best frame says another plate; a Chinese one without its Han character counts as read."""
        read, declared = self.reading.text, self.declared
        return bool(declared) and read not in (declared, declared.lstrip(CN_PROVINCES))


@dataclass(frozen=True)
class CameraDay:
    """The figures of one camera and day; `worst` the vehicles whose pictures tell most of what goes wrong."""

    day: date
    frames: int
    passages: int
    by_hand: int
    misread: int
    disputed: int
    dismissed: int
    waiting: int
    worst: list[Seen]

    @property
    def at_once(self) -> int:
        return self.passages - self.by_hand

    def share(self, number: int) -> int | None:
        """Of all passages, in per cent; None where there was none."""
        return round(100 * number / self.passages) if self.passages else None

    @property
    def at_once_share(self) -> int | None:
        return self.share(self.at_once)

    @property
    def misread_share(self) -> int | None:
        return self.share(self.misread)


def camera_day(camera: Camera, day: date) -> CameraDay:
    """What happened before this camera between midnight and midnight, in a few queries however much it was.

    `misread`: what stands on the vehicle is not what its best frame says, whoever settled it. `disputed`: vehicles
    whose frames spoke for two trips.
    """
    begin = timezone.make_aware(datetime.combine(day, time.min))
    readings = Reading.objects.filter(camera=camera, taken_at__gte=begin, taken_at__lt=begin + timedelta(days=1))
    best = (
        readings.filter(passage__isnull=False)
        .order_by("passage_id", F("quality").desc(nulls_last=True), "pk")
        .distinct("passage_id")
        .select_related("passage__trip")
        .defer("candidates")
    )
    samples = dict(
        readings.filter(sample__isnull=False, passage__isnull=False).values_list("passage", "sample__text").distinct()
    )
    by_hand = set(readings.filter(passage__isnull=False, settled_by__isnull=False).values_list("passage", flat=True))
    vehicles = [Seen(reading, _declared(reading, samples)) for reading in best]
    others = readings.filter(same_as__isnull=True, passage__isnull=True)
    counted = list(others.values_list("settled_at", "disputed"))
    asked = Q(pk__in=Reading.objects.unsettled().filter(camera=camera))
    unclear = others.filter(asked | Q(failed_at__isnull=False)).order_by("-taken_at")[:WORST]
    odd = [Seen(reading, "") for reading in unclear]
    misread = [vehicle for vehicle in vehicles if vehicle.is_misread]
    return CameraDay(
        day=day,
        frames=readings.count(),
        passages=len(vehicles),
        by_hand=sum(vehicle.reading.passage_id in by_hand for vehicle in vehicles),
        misread=len(misread),
        disputed=sum(disputed for _settled, disputed in counted),
        dismissed=sum(settled is not None for settled, _disputed in counted),
        waiting=readings.filter(asked).count(),
        worst=_worst(vehicles, odd),
    )


def _declared(reading: Reading, samples: dict[int, str]) -> str:
    """What should have been read: as an officer gave it, else the trip's plate that is most like the reading."""
    trip = reading.passage.trip
    if sample := samples.get(reading.passage_id):
        return sample
    return trip.trailer_plate if reading.text == trip.trailer_plate else trip.plate


def _worst(vehicles: Iterable[Seen], odd: Iterable[Seen]) -> list[Seen]:
    """What was misread first, then what nobody could settle, then what was read least surely."""
    misread = [vehicle for vehicle in vehicles if vehicle.is_misread]
    rest = sorted(
        (vehicle for vehicle in vehicles if not vehicle.is_misread), key=lambda vehicle: vehicle.reading.quality or 0
    )
    return [*misread, *odd, *rest][:WORST]
