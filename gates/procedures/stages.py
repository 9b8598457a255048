"""The stages that the decisions of several provinces have in common, as their tables write them."""

from dataclasses import replace

from gates.procedures.types import Confirms, Stage
from gates.procedures.words import Agency, Condition, Moment, Order, Place

GUARD = Agency.BORDER_GUARD
CUSTOMS = Agency.CUSTOMS

GUARD_SEES_DRIVER = Confirms(GUARD, "driver_and_vehicle", vi="xác nhận người điều khiển phương tiện, phương tiện")
CUSTOMS_SEES_GOODS = Confirms(CUSTOMS, "vehicle_and_goods", vi="xác nhận phương tiện, hàng hóa")
CUSTOMS_SEES_EMPTY = Confirms(CUSTOMS, "vehicle_status", vi="xác nhận tình trạng phương tiện không chở hàng")
CUSTOMS_STORES = Confirms(
    CUSTOMS, "storage_or_unloading", condition=Condition.STORED_OR_UNLOADED, vi="xác nhận lưu kho/hạ bãi"
)
CUSTOMS_TRANSSHIPS = Confirms(
    CUSTOMS, "transshipment", condition=Condition.TRANSSHIPMENT, vi="xác nhận sang tải (nếu có)"
)
CUSTOMS_SEES_REGIME = Confirms(
    CUSTOMS, "regime_and_goods_group", together=True, vi="xác nhận loại hình và nhóm hàng hóa"
)
HEALTH_CHECKS = Confirms(Agency.HEALTH_QUARANTINE, "health_quarantine", vi="xác nhận thông tin đã kiểm dịch y tế")
ANIMAL_CHECKS = Confirms(
    Agency.ANIMAL_QUARANTINE,
    "animal_quarantine",
    together=True,
    condition=Condition.ANIMAL_QUARANTINE,
    vi="xác nhận kiểm dịch động vật (nếu có)",
)
PLANT_CHECKS = Confirms(
    Agency.PLANT_QUARANTINE,
    "plant_quarantine",
    together=True,
    condition=Condition.PLANT_QUARANTINE,
    vi="xác nhận kiểm dịch thực vật (nếu có)",
)


def entering(place: Place, *confirmations: Confirms) -> Stage:
    """Into the gate area at this barrier: all asked confirm in any order, then the barrier is opened."""
    return Stage(place, Moment.ENTER, confirmations, camera=True, opens=True)


def leaving(place: Place, *confirmations: Confirms) -> Stage:
    """Out of the gate area at this barrier: confirmed in the order listed, then the barrier is opened."""
    return Stage(place, Moment.LEAVE, confirmations, camera=True, order=Order.LISTED, opens=True)


def emptied(stage: Stage) -> Stage:
    """The same stage for a vehicle without goods: customs confirms its state instead of the goods."""
    return replace(
        stage,
        confirmations=tuple(
            CUSTOMS_SEES_EMPTY if confirms is CUSTOMS_SEES_GOODS else confirms for confirms in stage.confirmations
        ),
    )


DECLARE = Stage(
    Place.ONLINE,
    Moment.DECLARE,
    (
        Confirms(
            Agency.TRADER,
            "declared",
            alternative=Agency.DRIVER,
            together=True,
            vi="khai báo thông tin trên nền tảng",
        ),
    ),
)
TRANSSHIP = Stage(
    Place.YARD,
    Moment.TRANSSHIP,
    (
        Confirms(
            Agency.TRADER,
            "transshipment_registered",
            alternative=Agency.DRIVER,
            vi="đăng ký sang tải trên phiếu xuất/nhập khẩu",
        ),
        Confirms(CUSTOMS, "transshipment", vi="Hải quan xác nhận sang tải"),
    ),
    order=Order.LISTED,
)
ENTER_B2 = entering(Place.B2, GUARD_SEES_DRIVER, CUSTOMS_SEES_GOODS)
ENTER_B2_EMPTY = emptied(ENTER_B2)
LEAVE_B2 = leaving(Place.B2, CUSTOMS_SEES_GOODS, GUARD_SEES_DRIVER)
LEAVE_B2_EMPTY = emptied(LEAVE_B2)
