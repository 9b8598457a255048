"""Which goods need animal or plant quarantine, by the rules in force (dated data, design.md §3, rule 14)."""

from declarations.models import GoodsLine, QuarantineRule, Trip
from gates.procedures.words import Agency


def needs_quarantine(trip: Trip, agency: Agency) -> bool:
    """Whether goods on the trip fall under a rule of this agency: by HS code, or by goods group without one."""
    rules = list(QuarantineRule.objects.in_force().filter(agency=agency).values_list("hs_prefix", "goods_group"))
    prefixes = tuple(prefix for prefix, _group in rules if prefix)
    groups = {group for _prefix, group in rules if group}
    lines = GoodsLine.objects.filter(loads__trip=trip).values_list("hs_code", "consignment__goods_group")
    return any(hs.startswith(prefixes) if hs else group in groups for hs, group in lines)
