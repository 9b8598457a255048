"""A draft's lists with those of a spreadsheet, in place of its own or after them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from declarations import plates
from declarations.spreadsheet.columns import GOODS
from declarations.spreadsheet.reading import MOST_FAULTS, Lists
from declarations.workbooks import BadSpreadsheet

MOST_LOADS = 20_000


def merged(fields: Mapping[str, Any], lists: Lists, *, replace: bool, comes_from: str = "") -> dict[str, Any]:
    """`vehicles` and `consignments` of a draft with the lists of a sheet, in place of its own or after them.

    Vehicles of the sheet come from the side `comes_from`. Raises `BadSpreadsheet` where a line names a vehicle or a
    consignment that there is not.
    """
    own = [] if replace and lists.vehicles else list(fields["vehicles"])
    vehicles = own + [vehicle | {"comes_from": comes_from} for vehicle in lists.vehicles or ()]
    consignments = [dict(lot) for lot in fields["consignments"]] or [{"lines": []}]
    for lot in consignments:
        lot["lines"] = [] if replace and lists.lines else [_carried(line, len(own)) for line in lot["lines"]]
    numbers = {vehicle["plate"]: number for number, vehicle in enumerate(vehicles, start=1)}
    if faults := list(_faults(lists.lines or (), numbers, len(consignments))):
        raise BadSpreadsheet(faults[:MOST_FAULTS])
    for line in lists.lines or ():
        kept = {name: value for name, value in line.items() if name not in ("row", "consignment")}
        lot = consignments[line.get("consignment", 1) - 1]
        lot["lines"].append(kept | {"vehicle": numbers.get(line.get("vehicle"))})
    shared = sum(1 for lot in consignments for line in lot["lines"] if not line["vehicle"])
    if shared * len(vehicles) > MOST_LOADS:
        raise BadSpreadsheet([_("Quá nhiều dòng hàng chia đều cho các xe: hãy ghi biển xe chở cho từng dòng.")])
    return {"vehicles": vehicles, "consignments": consignments}


def _carried(line: Mapping[str, Any], vehicles: int) -> dict[str, Any]:
    """The line, shared by all where the vehicle that carried it is no longer there."""
    number = line.get("vehicle")
    return dict(line) | {"vehicle": number if number and number <= vehicles else None}


def _faults(lines: Sequence[Mapping], numbers: Mapping[str, int], consignments: int) -> Iterator[str]:
    for line in lines:
        where = {"sheet": GOODS.title, "n": line["row"]}
        if line.get("vehicle") and line["vehicle"] not in numbers:
            yield _("%(sheet)s, dòng %(n)s: xe %(plate)s không có trong bảng kê phương tiện.") % (
                where | {"plate": plates.display(line["vehicle"])}
            )
        if line.get("consignment", 1) > consignments:
            yield _("%(sheet)s, dòng %(n)s: tờ khai chỉ có %(count)s lô hàng.") % (where | {"count": consignments})
