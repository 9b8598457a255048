"""Which goods need animal or plant quarantine, by the rules in force (dated data, design.md §3, rule 14)."""

from django.db.models import Exists, OuterRef, Q

from declarations.models import GoodsLine, QuarantineRule, Trip


def quarantines_needed(trip: Trip) -> set[str]:
    """The agencies under whose rules goods on the trip fall: by HS code, or by goods group without one."""
    lines = GoodsLine.objects.filter(loads__trip=trip)
    by_code = Exists(lines.filter(hs_code__startswith=OuterRef("hs_prefix")))
    by_group = Exists(lines.filter(hs_code="", consignment__goods_group=OuterRef("goods_group")))
    rules = QuarantineRule.objects.in_force().filter(
        Q(by_code) & ~Q(hs_prefix="") | Q(by_group) & ~Q(goods_group=""),
    )
    return set(rules.order_by().values_list("agency", flat=True).distinct())
