"""Moves of goods into a yard's store and out of it (lưu kho, hạ bãi; Điều 4(2)c, 5(2)d): registered by their owner."""

from django.utils.translation import gettext as _

from accounts.rules import acts_for_organisation
from checkpoints.context import Context
from checkpoints.goods import free_in_store, free_loads
from checkpoints.journey import known_yard
from checkpoints.models import STORED, TRANSSHIPMENT, Transshipment
from checkpoints.moves.handing_over import REGISTERED, ask, is_seized, slot_of
from checkpoints.moves.may_correct import holds_up
from checkpoints.moves.quantities import not_so_much, wanted, write_down
from checkpoints.refusals import Refusal, not_yours
from checkpoints.states import ConfirmationState
from declarations.models import Declaration, Load
from declarations.plates import display
from gates.models import Yard
from gates.procedures.words import Agency, Moment


def yard_is_here(ctx: Context) -> Refusal | None:
    """The store is in a yard of this gate, and the place named for the goods in that yard."""
    yard: Yard = ctx.details["yard"]
    zone = ctx.details.get("zone")
    if yard.gate_id != ctx.gate_id:
        return Refusal("wrong_gate", _("Bãi %(yard)s không thuộc cửa khẩu này.") % {"yard": yard})
    if zone is not None and zone.yard_id != yard.pk:
        return Refusal("zone_not_here", _("Khu %(zone)s không thuộc bãi %(yard)s.") % {"zone": zone, "yard": yard})
    return None


def carrier_is_in_the_yard(ctx: Context) -> Refusal | None:
    """Goods are unloaded from a vehicle that stands in its yard stage."""
    stage = ctx.open_stage(ctx.trip)
    if stage is not None and stage.moment == Moment.YARD:
        return None
    return Refusal(
        "source_not_ready", _("Phương tiện chở hàng %(plate)s không ở trong bãi.") % {"plate": ctx.trip.plate}
    )


def stands_in_that_yard(ctx: Context) -> Refusal | None:
    """Not in another, as far as its gate or people there told; nobody is kept from it whose yard was only declared."""
    yard, stands_in = ctx.details["yard"], known_yard(ctx.trip)
    if stands_in is None or stands_in == yard:
        return None
    return Refusal(
        "other_yard",
        _("Phương tiện %(plate)s đang ở %(here)s, không ở %(yard)s.")
        % {"plate": display(ctx.trip.plate), "here": stands_in, "yard": yard},
    )


def its_goods_are_not_seized(ctx: Context) -> Refusal | None:
    return is_seized(ctx, ctx.trip, None)


def goods_are_not_being_corrected(ctx: Context) -> Refusal | None:
    return holds_up(ctx, ctx.trip, STORED)


def goods_are_on_it(ctx: Context) -> Refusal | None:
    """Every line asked is on the truck and not already registered to go elsewhere."""
    free = {load.pk: load for load in free_loads(ctx.trip)}
    return not_so_much(
        wanted(ctx, free),
        free,
        nothing=_("Không còn hàng nào trên xe để lưu kho, hạ bãi."),
        too_much=_("Số lượng lưu kho, hạ bãi vượt quá số hàng còn trên xe."),
    )


def register_storage(ctx: Context) -> None:
    """Goods of this vehicle are registered to be unloaded into the store of a yard; customs is asked.

    Details: `yard`; optional `quantities`, `zone` (where they shall lie), `labour` (who unloads).
    """
    trip, yard = ctx.trip, ctx.details["yard"]
    loads = {load.pk: load for load in free_loads(trip)}
    asked = wanted(ctx, loads)
    storage = Transshipment.objects.create(source=trip, yard=yard, registered_by=ctx.actor, registered_at=ctx.now)
    write_down(ctx, storage, loads, asked)
    ctx.record(
        trip,
        by=Agency.TRADER,
        place=ctx.open_stage(trip).place,
        transshipment=storage.pk,
        yard=yard.pk,
        loads={str(load_id): str(quantity) for load_id, quantity in asked.items()},
    )
    ask(ctx, trip, STORED, yard=yard.pk)


def goods_of(ctx: Context) -> Declaration:
    """The declaration whose goods lie in store; `declaration` in the details."""
    return ctx.declarations[ctx.details["declaration"].pk]


def by_owner_in_store(ctx: Context) -> Refusal | None:
    """Who declared the goods says which vehicle fetches them; the vehicle may be another's."""
    owner = goods_of(ctx).organisation_id
    return None if ctx.actor is not None and acts_for_organisation(ctx.actor, owner) else not_yours()


def receiver_is_in_the_yard(ctx: Context) -> Refusal | None:
    """The vehicle waits for goods, or stands in its yard stage with others."""
    stage = ctx.open_stage(ctx.trip)
    if stage is not None and stage.moment in (Moment.TRANSSHIP, Moment.YARD):
        return None
    return Refusal(
        "target_not_ready",
        _("Phương tiện %(plate)s chưa vào bãi để nhận hàng hoặc đã nhận xong.") % {"plate": ctx.trip.plate},
    )


def stored_goods_go_its_way(ctx: Context) -> Refusal | None:
    """The vehicle carries on, or shall carry on, by the procedure under which the goods came into the yard."""
    trip, continues = ctx.trip, ctx.trip.procedure.continues
    procedure = continues.procedure if continues else trip.procedure_code
    if goods_of(ctx).trips.filter(began_as=procedure).exists():
        return None
    return Refusal(
        "wrong_direction", _("Phương tiện %(plate)s không nhận hàng theo chiều này.") % {"plate": trip.plate}
    )


def goods_are_in_store(ctx: Context) -> Refusal | None:
    """Every line asked lies in the store of this yard and is not already registered to be loaded."""
    free = _in_store(ctx)
    return not_so_much(
        wanted(ctx, free),
        free,
        nothing=_("Không còn hàng nào trong kho, bãi để xếp lên xe."),
        too_much=_("Số lượng xếp lên xe vượt quá số hàng còn trong kho, bãi."),
    )


def _in_store(ctx: Context) -> dict[int, Load]:
    loads = free_in_store(goods_of(ctx)).filter(yard=ctx.details["yard"])
    return {load.pk: load for load in loads}


def register_loading(ctx: Context) -> None:
    """Goods that lie in store are registered to be loaded onto this vehicle; customs is asked.

    Details: `declaration` of the goods, `yard` where they lie; optional `quantities`, `zone` (where it is done),
    `permit_number`, `labour` (who loads).
    """
    trip, yard = ctx.trip, ctx.details["yard"]
    loads = _in_store(ctx)
    asked = wanted(ctx, loads)
    loading = Transshipment.objects.create(target=trip, yard=yard, registered_by=ctx.actor, registered_at=ctx.now)
    write_down(ctx, loading, loads, asked)
    fact = ctx.record(
        trip,
        by=Agency.TRADER,
        place=ctx.open_stage(trip).place,
        transshipment=loading.pk,
        yard=yard.pk,
        declaration=goods_of(ctx).pk,
        loads={str(load_id): str(quantity) for load_id, quantity in asked.items()},
    )
    registered = slot_of(ctx, trip, REGISTERED)
    if registered is not None and registered.state == ConfirmationState.WAITING:
        ctx.settle(registered, "confirm", fact)
    ask(ctx, trip, TRANSSHIPMENT, yard=yard.pk)
