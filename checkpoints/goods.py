"""The goods on a truck or in store that may still be registered to go elsewhere."""

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum

from checkpoints.models import TransshipmentLine
from declarations.models import Declaration, Load, Trip


def free_loads(trip: Trip) -> QuerySet[Load]:
    """The loads of a trip, each with `free`: the quantity that is not registered to go elsewhere."""
    return _with_free(Load.objects.filter(trip=trip))


def free_in_store(declaration: Declaration) -> QuerySet[Load]:
    """The loads of a declaration that lie in store, as `stored`, each with `free`."""
    return stored(_with_free(Load.objects.filter(line__consignment__declaration=declaration)))


def stored(loads: QuerySet[Load]) -> QuerySet[Load]:
    """Those in store, longest first, each with `since`, when it was put there, and `zone_id`, where in the yard.

    `storage_id`: the transshipment by which it was.
    """
    put = TransshipmentLine.objects.filter(
        load=OuterRef("pk"), transshipment__target__isnull=True, transshipment__moved_at__isnull=False
    ).order_by("-transshipment__moved_at")
    return (
        loads.filter(yard__isnull=False)
        .select_related("line__consignment__declaration__organisation", "yard")
        .annotate(
            since=Subquery(put.values("transshipment__moved_at")[:1]),
            zone_id=Subquery(put.values("transshipment__zone")[:1]),
            storage_id=Subquery(put.values("transshipment")[:1]),
        )
        .order_by("since", "pk")
    )


def _with_free(loads: QuerySet[Load]) -> QuerySet[Load]:
    pending = Sum(
        "transshipment_lines__quantity", filter=Q(transshipment_lines__transshipment__moved_at__isnull=True), default=0
    )
    return loads.select_related("line").order_by("pk").annotate(free=F("quantity") - pending)
