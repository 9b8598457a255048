"""The goods on a truck that may still be registered to go over to another."""

from django.db.models import F, Q, QuerySet, Sum

from declarations.models import Load, Trip


def free_loads(trip: Trip) -> QuerySet[Load]:
    """The loads of a trip, each with `free`: the quantity that is not registered to go over."""
    pending = Sum(
        "transshipment_lines__quantity", filter=Q(transshipment_lines__transshipment__moved_at__isnull=True), default=0
    )
    loads = Load.objects.filter(trip=trip).select_related("line").order_by("pk")
    return loads.annotate(free=F("quantity") - pending)
