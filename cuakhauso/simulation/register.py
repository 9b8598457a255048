"""The demo's register: a few invented vehicles and drivers with their papers, some lacking, and specialised drivers."""

import io
from datetime import date, timedelta
from random import Random

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image, ImageDraw

from accounts.models import Organisation, User
from cuakhauso.simulation.invented import Inventor
from declarations.models import Trip
from declarations.states import LIVE_DECLARATIONS, LIVE_TRIPS
from gates.models import Gate
from register.models import Driver, Kind, Paper, SpecialisedDriver, Vehicle

VEHICLES = ("VN", "VN", "VN", "VN", "CN", "CN")
# Days from today on which a paper runs out, by the place of its vehicle or driver in the list; None: it is missing.
ODD_VEHICLES = {(0, Kind.INSURANCE): 5, (1, Kind.INSPECTION): -3, (2, Kind.INSPECTION): None, (4, Kind.INSURANCE): 12}
ODD_DRIVERS = {(0, Kind.PASSPORT): 9, (1, Kind.LICENCE): None, (3, Kind.PASSPORT): -20}
ALL_VEHICLE = (Kind.REGISTRATION, Kind.INSPECTION, Kind.INSURANCE)
ALL_DRIVER = (Kind.PASSPORT, Kind.LICENCE)
LONG = timedelta(days=400)
SPECIALISED = 3


def seed_register(organisation: Organisation, keeper: User) -> None:
    """Fill the firm's register and the gates' lists of specialised drivers, once."""
    if organisation.vehicles.exists():
        return
    inventor, today = Inventor(Random(organisation.tax_code)), timezone.localdate()
    for place, country in enumerate(VEHICLES):
        vehicle = Vehicle.objects.create(
            organisation=organisation,
            plate=inventor.plate(country),
            country=country,
            vehicle_type="40ft" if place % 2 else "other",
            payload=30 if place % 2 else 18,
            trailer_plate=inventor.trailer(country) if place % 2 else "",
        )
        name, phone = inventor.driver(country)
        driver = Driver.objects.create(organisation=organisation, name=name, phone=phone, nationality=country)
        for kind in ALL_VEHICLE:
            _paper(kind, ODD_VEHICLES.get((place, kind), LONG.days), today, vehicle=vehicle)
        for kind in ALL_DRIVER:
            _paper(kind, ODD_DRIVERS.get((place, kind), LONG.days), today, driver=driver)
    for gate in Gate.objects.all():
        for place in range(SPECIALISED):
            name, phone = inventor.driver("VN")
            SpecialisedDriver.objects.create(
                gate=gate,
                name=name,
                phone=phone,
                paper_number=f"0040{inventor.random.randrange(10**8):08d}",
                valid_from=today - timedelta(days=60),
                valid_to=today + timedelta(days=(-1, 30, 300)[place]),
                registered_by=keeper,
            )


def _paper(kind: Kind, days: int | None, today: date, **holder) -> None:
    if days is None:
        return
    number = f"{kind[:2].upper()} {days + 1000}-{next(iter(holder.values())).pk}"
    Paper.objects.create(
        kind=kind,
        number=number,
        valid_from=today - LONG,
        valid_to=today + timedelta(days=days),
        scan=ContentFile(_specimen(f"{kind.value.upper()}  {number}"), name="x.jpg"),
        **holder,
    )


def _specimen(words: str) -> bytes:
    """A picture that nobody takes for a real paper."""
    image = Image.new("RGB", (900, 600), "ivory")
    draw = ImageDraw.Draw(image)
    draw.rectangle((30, 30, 870, 570), outline="steelblue", width=6)
    draw.text((80, 90), "SPECIMEN", fill="firebrick", font_size=72)
    draw.text((80, 260), words, fill="black", font_size=36)
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=80)
    return kept.getvalue()


def known_vehicle(organisation: Organisation, country: str, random: Random) -> dict[str, str]:
    """A vehicle of the register that is on no live trip, with a driver of the same country, as declared fields."""
    going = Trip.objects.filter(state__in=LIVE_TRIPS, declaration__state__in=LIVE_DECLARATIONS).values("plate")
    kept = Vehicle.objects.current().filter(organisation=organisation, country=country)
    vehicles = list(kept.exclude(plate__in=going).order_by("pk"))
    drivers = list(Driver.objects.current().filter(organisation=organisation, nationality=country).order_by("pk"))
    if not vehicles or not drivers:
        return {}
    vehicle, driver = random.choice(vehicles), random.choice(drivers)
    return {"plate": vehicle.plate, "driver_name": driver.name, "driver_phone": driver.phone}
