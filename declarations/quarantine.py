"""Which goods need animal or plant quarantine, by the rules in force (dated data, design.md §3, rule 14)."""

from declarations.models import GoodsLine, QuarantineRule, Trip


def quarantines_needed(trip: Trip) -> set[str]:
    """The agencies under whose rules goods on the trip fall: by HS code, or by goods group without one."""
    lines = list(GoodsLine.objects.filter(loads__trip=trip).values_list("hs_code", "consignment__goods_group"))
    rules = QuarantineRule.objects.in_force().values_list("agency", "hs_prefix", "goods_group") if lines else ()
    return {
        agency
        for agency, prefix, of_group in rules
        for hs, group in lines
        if (hs.startswith(prefix) if hs and prefix else not hs and of_group == group)
    }
