"""How much of which goods is registered to go elsewhere, and how that is written down."""

from collections.abc import Mapping
from decimal import Decimal

from checkpoints.context import Context
from checkpoints.models import Transshipment, TransshipmentLine
from checkpoints.refusals import Refusal
from declarations.models import Load


def wanted(ctx: Context, free: Mapping[int, Load]) -> dict[int, Decimal]:
    """Load id to quantity: as given in `quantities`, else all that is free."""
    if given := ctx.details.get("quantities"):
        return {int(load_id): Decimal(quantity) for load_id, quantity in given.items()}
    return {load.pk: load.free for load in free.values() if load.free > 0}


def not_so_much(
    asked: Mapping[int, Decimal], free: Mapping[int, Load], *, nothing: str, too_much: str
) -> Refusal | None:
    """The refusal, unless some goods are asked and there is as much of each."""
    if not asked:
        return Refusal("no_goods", nothing)
    for load_id, quantity in asked.items():
        load = free.get(load_id)
        if load is None or not 0 < quantity <= load.free:
            return Refusal("too_much", too_much)
    return None


def write_down(
    ctx: Context, transshipment: Transshipment, loads: Mapping[int, Load], asked: Mapping[int, Decimal]
) -> None:
    """The lines of what was registered, and what is told of the work: `zone`, `permit_number`, `labour`."""
    told = {name: ctx.details[name] for name in ("zone", "permit_number", "labour") if ctx.details.get(name)}
    for name, value in told.items():
        setattr(transshipment, name, value)
    transshipment.save(update_fields=list(told))
    TransshipmentLine.objects.bulk_create(
        TransshipmentLine(
            transshipment=transshipment,
            load=loads[load_id],
            goods_line=loads[load_id].line,
            quantity=quantity,
            weight=share_of(loads[load_id], quantity),
        )
        for load_id, quantity in asked.items()
    )


def share_of(load: Load, quantity: Decimal) -> Decimal:
    """The weight of so much of a load; the rest stays with the rest, so that sums never change."""
    if quantity == load.quantity:
        return load.weight
    return (load.weight * quantity / load.quantity).quantize(Decimal("0.01"))
