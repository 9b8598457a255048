"""The demo's ground: the two pilot gates of Điều 10(3) with places and cameras, a tariff, an account for each role."""

import json
from datetime import time
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership, Organisation, Role, User
from anpr.models import Camera
from anpr.services import new_key
from cuakhauso.simulation.invented import FIRMS
from fees.sample import enter_sample_tariff
from fees.sample_desk import enter_sample_desk
from gates.models import Barrier, Gate, Lane, Unit, Yard, Zone
from gates.procedures import BOOKS
from gates.procedures.words import Agency, Place

# By book: code, name, Chinese name, the gate opposite, and its yards: code, name, capacity, inside the gate area.
GATES = {
    "cao_bang_2026": (
        (
            "ta-lung",
            "Tà Lùng",
            "水口口岸",
            "Thủy Khẩu",
            (("nam", "Bãi Nam Tà Lùng", 60, True), ("bac", "Bãi Bắc Tà Lùng", 40, True)),
        ),
        ("tra-linh", "Trà Lĩnh", "龙邦口岸", "Long Bang", (("trung-tam", "Bãi trung tâm Trà Lĩnh", 80, True),)),
    ),
    "lang_son_2024_amended": (
        (
            "huu-nghi",
            "Hữu Nghị",
            "友谊关口岸",
            "Hữu Nghị Quan",
            (("trong", "Bãi trong cửa khẩu Hữu Nghị", 120, True), ("ngoai", "Khu trung chuyển Hữu Nghị", 300, False)),
        ),
    ),
}
# The zones of every yard: code, name, kind, and how much of the yard's capacity they hold.
ZONES = (
    ("a", "Khu A", Zone.Kind.DRY, 0.4),
    ("b", "Khu B", Zone.Kind.COLD, 0.2),
    ("c", "Khu C", Zone.Kind.TRANSSHIPMENT, 0.2),
    ("kho-1", "Kho số 1", Zone.Kind.STORE, 0.15),
    ("d", "Khu D", Zone.Kind.DANGEROUS, 0.05),
)
UNITS = {
    Agency.BORDER_GUARD: "Đồn Biên phòng cửa khẩu {gate}",
    Agency.CUSTOMS: "Hải quan cửa khẩu {gate}",
    Agency.HEALTH_QUARANTINE: "Kiểm dịch y tế cửa khẩu {gate}",
    Agency.ANIMAL_QUARANTINE: "Trạm Kiểm dịch động vật cửa khẩu {gate}",
    Agency.PLANT_QUARANTINE: "Kiểm dịch thực vật cửa khẩu {gate}",
    Agency.TRANSPORT: "Tổ giấy phép vận tải {gate}",
}
PEOPLE = {
    "trader": "Nông Thị Hoa",
    "driver": "Lý Văn Sình",
    "border_guard": "Hoàng Văn Biên",
    "customs": "Triệu Thị Hải",
    "health_quarantine": "Bế Thị Yến",
    "animal_quarantine": "Đàm Văn Thú",
    "plant_quarantine": "Lục Thị Thảo",
    "transport": "Hà Văn Lộ",
    "yard_operator": "Vi Văn Bãi",
    "fee_centre": "Mông Thị Phí",
    "tax_office": "Sầm Văn Thuế",
    "zone_authority": "Nguyễn Quản Khu",
    "industry_trade": "Hoàng Thị Thương",
    "admin": "Quản trị hệ thống",
}


@transaction.atomic
def seed(*, password: str, keys_file: Path) -> list[str]:
    """Make what the demo stands on, or leave it as it is; return the user names.

    The cameras' keys are written to `keys_file` (code to key), readable by its owner only.
    """
    organisations = [
        Organisation.objects.get_or_create(tax_code=tax_code, defaults={"name": name, "address": address})[0]
        for name, tax_code, address in FIRMS
    ]
    for code, name in PEOPLE.items():
        _person(code, name, password, organisations[0])
    seed_gates("cao_bang_2026", keys_file=keys_file)
    return list(PEOPLE)


@transaction.atomic
def seed_gates(book_code: str, *, keys_file: Path) -> None:
    """Make the gates of this book with places, cameras and a tariff, and let the demo's people serve there."""
    gates = [_gate(book_code, *gate) for gate in GATES[book_code]]
    for person in User.objects.filter(username__in=PEOPLE):
        _roles(person, gates)
    enter_sample_tariff(province=BOOKS[book_code].province)
    enter_sample_desk()
    _cameras(keys_file)


def _gate(book_code: str, code: str, name: str, name_zh: str, opposite: str, yards) -> Gate:
    gate, _made = Gate.objects.get_or_create(
        code=code,
        defaults={
            "name": name,
            "name_zh": name_zh,
            "opposite": opposite,
            "kind": Gate.Kind.INTERNATIONAL,
            "book_code": book_code,
            "opens_at": time(7),
            "closes_at": time(19),
        },
    )
    for place in (Place.B1, Place.B2):
        barrier, _made = Barrier.objects.get_or_create(gate=gate, place=place)
        _lanes(barrier=barrier)
    for yard_code, yard_name, capacity, inside in yards:
        yard, _made = Yard.objects.get_or_create(
            gate=gate, code=yard_code, defaults={"name": yard_name, "capacity": capacity, "inside": inside}
        )
        _lanes(yard=yard)
        for zone_code, zone_name, kind, share in ZONES:
            holds = {"name": zone_name, "kind": kind, "capacity": round(share * capacity)}
            Zone.objects.get_or_create(yard=yard, code=zone_code, defaults=holds)
    for agency, unit in UNITS.items():
        Unit.objects.get_or_create(agency=agency, gate=gate, defaults={"name": unit.format(gate=name)})
    return gate


def _lanes(**where) -> None:
    for number, direction in ((1, Lane.Direction.IN), (2, Lane.Direction.OUT)):
        Lane.objects.get_or_create(number=number, **where, defaults={"direction": direction})


def _person(code: str, name: str, password: str, organisation: Organisation) -> None:
    user, made = User.objects.get_or_create(
        username=code,
        defaults={
            "full_name": name,
            "email": f"{code}@example.vn",
            "is_staff": code in ("admin", "fee_centre", "zone_authority"),
            "is_superuser": code == "admin",
        },
    )
    if made or not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    if made and code in (Agency.TRADER, Agency.DRIVER):
        Membership.objects.create(user=user, organisation=organisation, valid_from=timezone.localdate())


def _roles(person: User, gates: list[Gate]) -> None:
    """At these gates where people of the role serve at one; else once, everywhere."""
    code = person.username
    everywhere = code not in {agency.value for agency in UNITS} | {"yard_operator"}
    for gate in [None] if everywhere else gates:
        unit = Unit.objects.filter(agency=code, gate=gate).first() if gate else None
        Role.objects.get_or_create(user=person, code=code, gate=gate, yard=None, defaults={"unit": unit})


def _cameras(keys_file: Path) -> None:
    """One camera a lane; keys are shown once, so where the file is gone all get new ones."""
    keys: dict[str, str] = json.loads(keys_file.read_text()) if keys_file.exists() else {}
    for lane in Lane.objects.select_related("barrier__gate", "yard__gate"):
        where = lane.barrier.place.lower() if lane.barrier else f"yard-{lane.yard.code}"
        code = f"{lane.gate.code}-{where}-{lane.direction}"
        camera, made = Camera.objects.get_or_create(code=code, defaults={"lane": lane, "name": str(lane)})
        if made or code not in keys:
            keys[code] = new_key(camera)
    keys_file.parent.mkdir(parents=True, exist_ok=True)
    keys_file.touch(mode=0o600)
    keys_file.write_text(json.dumps(keys, indent=1))
