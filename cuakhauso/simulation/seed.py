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
from gates.models import Barrier, Gate, Lane, Unit, Yard
from gates.procedures.words import Agency, Place

GATES = (
    ("ta-lung", "Tà Lùng", "水口口岸", "Thủy Khẩu", (("nam", "Bãi Nam Tà Lùng", 60), ("bac", "Bãi Bắc Tà Lùng", 40))),
    ("tra-linh", "Trà Lĩnh", "龙邦口岸", "Long Bang", (("trung-tam", "Bãi trung tâm Trà Lĩnh", 80),)),
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
    gates = [_gate(*gate) for gate in GATES]
    organisations = [
        Organisation.objects.get_or_create(tax_code=tax_code, defaults={"name": name, "address": address})[0]
        for name, tax_code, address in FIRMS
    ]
    for code, name in PEOPLE.items():
        _person(code, name, password, gates, organisations[0])
    enter_sample_tariff()
    _cameras(keys_file)
    return list(PEOPLE)


def _gate(code: str, name: str, name_zh: str, opposite: str, yards) -> Gate:
    gate, _made = Gate.objects.get_or_create(
        code=code,
        defaults={
            "name": name,
            "name_zh": name_zh,
            "opposite": opposite,
            "kind": Gate.Kind.INTERNATIONAL,
            "book_code": "cao_bang_2026",
            "opens_at": time(7),
            "closes_at": time(19),
        },
    )
    for place in (Place.B1, Place.B2):
        barrier, _made = Barrier.objects.get_or_create(gate=gate, place=place)
        _lanes(barrier=barrier)
    for yard_code, yard_name, capacity in yards:
        yard, _made = Yard.objects.get_or_create(
            gate=gate, code=yard_code, defaults={"name": yard_name, "capacity": capacity}
        )
        _lanes(yard=yard)
    for agency, unit in UNITS.items():
        Unit.objects.get_or_create(agency=agency, gate=gate, defaults={"name": unit.format(gate=name)})
    return gate


def _lanes(**where) -> None:
    for number, direction in ((1, Lane.Direction.IN), (2, Lane.Direction.OUT)):
        Lane.objects.get_or_create(number=number, **where, defaults={"direction": direction})


def _person(code: str, name: str, password: str, gates: list[Gate], organisation: Organisation) -> None:
    user, made = User.objects.get_or_create(
        username=code,
        defaults={
            "full_name": name,
            "email": f"{code}@example.vn",
            "is_staff": code in ("admin", "fee_centre", "zone_authority"),
            "is_superuser": code == "admin",
        },
    )
    if not made and user.check_password(password):
        return
    user.set_password(password)
    user.save(update_fields=["password"])
    today = timezone.localdate()
    if code in (Agency.TRADER, Agency.DRIVER):
        Membership.objects.get_or_create(user=user, organisation=organisation, defaults={"valid_from": today})
    everywhere = code not in {agency.value for agency in UNITS} | {"yard_operator"}
    for gate in [None] if everywhere else gates:
        unit = Unit.objects.filter(agency=code, gate=gate).first() if gate else None
        Role.objects.get_or_create(user=user, code=code, gate=gate, yard=None, defaults={"unit": unit})


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
