"""The words in which the decisions write a procedure, as closed sets."""

from enum import StrEnum


class Agency(StrEnum):
    """Who confirms. The roles of design.md §1 that act in a procedure bear the same codes."""

    TRADER = "trader"
    BORDER_GUARD = "border_guard"
    CUSTOMS = "customs"
    HEALTH_QUARANTINE = "health_quarantine"
    ANIMAL_QUARANTINE = "animal_quarantine"
    PLANT_QUARANTINE = "plant_quarantine"
    TRANSPORT = "transport"
    FEE_CENTRE = "fee_centre"
    TAX_OFFICE = "tax_office"
    YARD_OPERATOR = "yard_operator"
    DRIVER = "driver"


class Place(StrEnum):
    ONLINE = "online"
    B1 = "B1"  # towards the border line
    B2 = "B2"  # towards the inland
    YARD = "yard"


class Moment(StrEnum):
    DECLARE = "declare"
    ENTER = "enter"
    YARD_IN = "yard_in"
    YARD = "yard"
    TRANSSHIP = "transship"
    FEE = "fee"
    YARD_OUT = "yard_out"
    LEAVE = "leave"


class Order(StrEnum):
    ANY = "any"
    LISTED = "listed"


class Condition(StrEnum):
    """When a confirmation marked `(nếu có)` is asked; each is answered by a registered function."""

    TRANSSHIPMENT = "transshipment"
    STORED_OR_UNLOADED = "stored_or_unloaded"
    ANIMAL_QUARANTINE = "animal_quarantine"
    PLANT_QUARANTINE = "plant_quarantine"
    FEE_DUE = "fee_due"


class Purpose(StrEnum):
    """What a trader says the journey is for; with the vehicle's country it decides the procedure."""

    EXPORT = "export"
    IMPORT = "import"
    COLLECT_IMPORT = "collect_import"
    COLLECT_EXPORT = "collect_export"
    CROSS_EMPTY = "cross_empty"


class Country(StrEnum):
    """Where a vehicle is registered."""

    VN = "VN"
    CN = "CN"


class Side(StrEnum):
    """The side from which a vehicle comes to the gate area."""

    BORDER = "border"
    INLAND = "inland"
