"""The customs declaration of the goods: optional when declaring, asked before they are confirmed in the yard."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from checkpoints.refusals import Refusal
from checkpoints.registry import guard
from declarations.models import Consignment, Trip

GOODS_CONFIRMED = "regime_and_goods_group"
"""The fact of the yard by which goods are found as declared."""


def is_named(consignment: Consignment) -> bool:
    """Whether number and day of its customs declaration are both known (Phụ lục V, I)."""
    return bool(consignment.customs_number and consignment.customs_date)


def unnamed_on(trip: Trip) -> QuerySet[Consignment]:
    """The consignments of the goods on this truck, whoever declared them, that lack number or day."""
    lacking = Q(customs_number="") | Q(customs_date__isnull=True)
    return Consignment.objects.filter(lacking, lines__loads__trip=trip).distinct().order_by("pk")


@guard(GOODS_CONFIRMED)
def customs_declarations_are_named(trip: Trip) -> Refusal | None:
    if found := list(unnamed_on(trip).select_related("declaration")):
        return Refusal("customs_declaration_missing", lacking(found))
    return None


def lacking(consignments: Iterable[Consignment]) -> str:
    """What is missing, in words for whoever is to name it."""
    number = _("Tờ khai %(code)s: lô hàng chưa có số tờ khai hải quan.")
    day = _("Tờ khai %(code)s: tờ khai hải quan %(number)s chưa có ngày.")
    told = [
        (day if lot.customs_number else number) % {"code": lot.declaration.code, "number": lot.customs_number}
        for lot in consignments
    ]
    return " ".join([*dict.fromkeys(told), _("Người khai hoặc Hải quan ghi bổ sung rồi mới xác nhận được.")])
