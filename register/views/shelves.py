"""The two shelves of a firm's register, its vehicles and its drivers: what the pages of both have in common."""

from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.utils.translation import gettext_lazy as _

from register.forms import DriverForm, VehicleForm
from register.models import OF_DRIVERS, OF_VEHICLES, Driver, Kind, Vehicle


@dataclass(frozen=True)
class Shelf:
    """`code` in addresses; `of` the field of a paper that names the row; `search` the columns looked through."""

    code: str
    of: str
    model: type[Vehicle] | type[Driver]
    form: type[Form]
    kinds: tuple[Kind, ...]
    search: tuple[str, ...]
    shape: str
    title: Any
    add: Any
    empty: Any
    twice: Any

    def initial(self, row: Vehicle | Driver) -> dict[str, Any]:
        return {name: getattr(row, name) for name in self.form.base_fields}


VEHICLES = Shelf(
    "vehicles",
    "vehicle",
    Vehicle,
    VehicleForm,
    OF_VEHICLES,
    ("plate", "trailer_plate"),
    "truck",
    _("Phương tiện"),
    _("Thêm phương tiện"),
    _("Ghi xe một lần; khi khai báo chỉ cần một chạm, giấy tờ được nhắc trước khi hết hạn."),
    _("Xe biển này đã có trong sổ."),
)
DRIVERS = Shelf(
    "drivers",
    "driver",
    Driver,
    DriverForm,
    OF_DRIVERS,
    ("name", "phone"),
    "users",
    _("Lái xe"),
    _("Thêm lái xe"),
    _("Ghi lái xe một lần; khi khai báo chỉ cần một chạm, giấy tờ được nhắc trước khi hết hạn."),
    _("Lái xe có số điện thoại này đã có trong sổ."),
)
SHELVES = {shelf.code: shelf for shelf in (VEHICLES, DRIVERS)}
