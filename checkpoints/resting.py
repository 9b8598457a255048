"""On which declared fields each confirmation rests: when one of them is corrected, who confirmed it must agree.

Fields are kinds of `declarations.correctable`: `plate`, `line.weight`, `consignment.regime`. What a fact is not
listed with leaves its confirmation as it is: a mistyped plate is a matter of who checked the vehicle and its driver,
not of customs, who checked the goods.
"""

VEHICLE = frozenset({"plate", "country", "trailer_plate", "vehicle_type"})
PERSON = frozenset({"driver_name", "companion"})
PEOPLE = PERSON | {"driver_phone", "specialised_driver"}
PERMIT = frozenset({"permit_number", "permit_kind", "permit_from", "permit_to"})
LINES = frozenset(f"line.{name}" for name in ("name", "origin", "hs_code", "quantity", "unit", "weight", "value"))
LOT = frozenset({"consignment.regime", "consignment.goods_group"})
GOODS = LINES | LOT | {"container", "seal"}

RESTS_ON: dict[str, frozenset[str]] = {
    "driver_and_vehicle": VEHICLE | PEOPLE,
    "vehicle_status": frozenset({"plate", "trailer_plate"}),
    "vehicle_carrying_goods": frozenset({"plate", "trailer_plate"}),
    "vehicle_tonnage": frozenset({"payload"}),
    "vehicle_and_goods": GOODS,
    "regime_and_goods_group": GOODS,
    "storage_or_unloading": LINES,
    "transshipment": LINES,
    "transport_permit": PERMIT | {"plate"},
    # Health quarantine checks people as well as goods.
    "health_quarantine": LINES | {"consignment.goods_group"} | PERSON,
    "animal_quarantine": LINES | {"consignment.goods_group"},
    "plant_quarantine": LINES | {"consignment.goods_group"},
    # A tariff tells goods apart by code and origin too; a mixed load pays by the goods of the highest customs value.
    "fee_confirmed": LOT | (LINES - {"line.name"}) | {"vehicle_type", "payload"},
}

RESTS_ON_THE_VEHICLE_ITSELF: dict[str, frozenset[str]] = {
    "vehicle_and_goods": VEHICLE,
    "vehicle_status": VEHICLE,
    "vehicle_carrying_goods": VEHICLE,
}
"""On what these rest besides, when not an error is mended but another vehicle goes in place of the one seen."""

BY_SUMS = frozenset({"fee_confirmed"})
"""Nobody is asked to agree: the calculation is made anew, and what does not match any more waits again."""


def rests_on(of: str, *, replaces: bool = False) -> frozenset[str]:
    """The kinds of field on which the confirmation of this fact rests."""
    fields = RESTS_ON.get(of, frozenset())
    return fields | RESTS_ON_THE_VEHICLE_ITSELF.get(of, frozenset()) if replaces else fields
