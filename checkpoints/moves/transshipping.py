"""Moves of goods from truck to truck: registered by who declared them, taken back by either side; leave without."""

from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.rules import acts_for_organisation
from checkpoints.context import Context
from checkpoints.goods import free_loads
from checkpoints.journey import alternative, known_yard
from checkpoints.models import STORED, TRANSSHIPMENT, Transshipment
from checkpoints.moves.guards import with_reason
from checkpoints.moves.handing_over import (
    REGISTERED,
    ask,
    ask_again,
    ask_no_more,
    is_seized,
    just_changed,
    slot_of,
    waive_if_emptied,
)
from checkpoints.moves.may_correct import holds_up
from checkpoints.moves.progress import advance, follow
from checkpoints.moves.quantities import not_so_much, wanted, write_down
from checkpoints.refusals import Refusal, not_yours
from checkpoints.states import ConfirmationState
from declarations.models import Trip
from declarations.plates import display
from gates.models import Zone
from gates.procedures.words import Agency, Moment


def source_of(ctx: Context) -> Trip | None:
    return ctx.trips.get(ctx.details["source"].pk)


def by_owner_of_the_goods(ctx: Context) -> Refusal | None:
    """Who declared the goods registers where they go; the receiving vehicle may be another's (Điều 6(2)c)."""
    source = source_of(ctx)
    if source is None or ctx.actor is None:
        return not_yours()
    return None if acts_for_organisation(ctx.actor, source.declaration.organisation_id) else not_yours()


def both_are_in_the_yard(ctx: Context) -> Refusal | None:
    """The receiving vehicle is inside and waits for goods; the other stands in its yard stage at the same gate."""
    source, target = source_of(ctx), ctx.trip
    if source.pk == target.pk:
        return Refusal("same_vehicle", _("Không thể sang tải sang chính phương tiện đó."))
    if source.declaration.gate_id != target.declaration.gate_id:
        return Refusal("wrong_gate", _("Hai phương tiện không ở cùng một cửa khẩu."))
    stage = ctx.open_stage(target)
    if stage is None or stage.moment != Moment.TRANSSHIP:
        return Refusal(
            "target_not_ready",
            _("Phương tiện %(plate)s chưa vào bãi để nhận hàng hoặc đã nhận xong.") % {"plate": target.plate},
        )
    stage = ctx.open_stage(source)
    if stage is None or stage.moment != Moment.YARD:
        return Refusal(
            "source_not_ready",
            _("Phương tiện chở hàng %(plate)s không ở trong bãi.") % {"plate": source.plate},
        )
    return None


def they_stand_together(ctx: Context) -> Refusal | None:
    """Goods go over where both stand; nobody is kept from it whose yard was only declared."""
    source, target = source_of(ctx), ctx.trip
    here, there = known_yard(source), known_yard(target)
    if here is None or there is None or here == there:
        return None
    return Refusal(
        "other_yard",
        _("Hai phương tiện không ở cùng một bãi: %(source)s ở %(here)s, %(target)s ở %(there)s.")
        % {"source": display(source.plate), "here": here, "target": display(target.plate), "there": there},
    )


def neither_is_seized(ctx: Context) -> Refusal | None:
    """A seized vehicle receives nothing, and seized goods stay on theirs."""
    return is_seized(ctx, source_of(ctx), ctx.trip)


def goods_go_its_way(ctx: Context) -> Refusal | None:
    """The receiving vehicle goes on by the procedure under which the goods travel."""
    source, continues = source_of(ctx), ctx.trip.procedure.continues
    if continues is not None and continues.procedure == source.procedure_code:
        return None
    return Refusal(
        "wrong_direction", _("Phương tiện %(plate)s không nhận hàng theo chiều này.") % {"plate": ctx.trip.plate}
    )


def goods_are_not_being_corrected(ctx: Context) -> Refusal | None:
    """What is being corrected on the truck that carries the goods does not leave it meanwhile."""
    return holds_up(ctx, source_of(ctx), TRANSSHIPMENT)


def nothing_is_registered(ctx: Context) -> Refusal | None:
    """No goods of this vehicle, nor any for it, wait to be moved."""
    if Transshipment.objects.of(ctx.trip).pending().exists():
        return Refusal("goods_registered", _("Đã đăng ký sang tải cho phương tiện này."))
    return None


def zone_is_here(ctx: Context) -> Refusal | None:
    """The place named for the work is a zone in use, of a yard of this gate."""
    zone: Zone | None = ctx.details.get("zone")
    if zone is None or (zone.in_use and zone.yard.gate_id == ctx.gate_id):
        return None
    return Refusal("zone_not_here", _("Khu %(zone)s không dùng được ở cửa khẩu này.") % {"zone": zone})


def goods_are_there(ctx: Context) -> Refusal | None:
    """Every line asked is on the truck and not already registered to go elsewhere."""
    free = {load.pk: load for load in free_loads(source_of(ctx))}
    return not_so_much(
        wanted(ctx, free),
        free,
        nothing=_("Không còn hàng nào trên xe để sang tải."),
        too_much=_("Số lượng sang tải vượt quá số hàng còn trên xe."),
    )


def register_transshipment(ctx: Context) -> None:
    """Goods of `source` are registered to go to this vehicle; customs is asked on both sides.

    Details: `source`; optional `quantities`, `zone` (where), `permit_number`, `labour` (who loads).
    """
    source, target = source_of(ctx), ctx.trip
    loads = {load.pk: load for load in free_loads(source)}
    asked = wanted(ctx, loads)
    transshipment, _made = Transshipment.objects.get_or_create(
        source=source,
        target=target,
        moved_at=None,
        defaults={"registered_by": ctx.actor, "registered_at": ctx.now},
    )
    write_down(ctx, transshipment, loads, asked)
    fact = ctx.record(
        target,
        by=Agency.TRADER,
        place=ctx.open_stage(target).place,
        transshipment=transshipment.pk,
        source=source.pk,
        loads={str(load_id): str(quantity) for load_id, quantity in asked.items()},
    )
    registered = slot_of(ctx, target, REGISTERED)
    if registered is not None and registered.state == ConfirmationState.WAITING:
        ctx.settle(registered, "confirm", fact)
    ask(ctx, source, TRANSSHIPMENT, target=target.pk)


def by_a_party(ctx: Context) -> Refusal | None:
    """Who declared the goods or the vehicle that should have received them; or the agency that would confirm it."""
    found = _registered(ctx)
    return None if found is None or _party(ctx, found) else not_yours()


def _party(ctx: Context, found: Transshipment) -> Role | Agency | None:
    if _is_owner(ctx, found):
        return Agency.TRADER
    target = ctx.trips.get(found.target_id)
    if target is not None and _acts_for(ctx, target.declaration.organisation_id):
        return Agency.TRADER
    return ctx.represents(*ctx.trip.book.confirming(_confirmed_as(found)))


def _is_owner(ctx: Context, found: Transshipment) -> bool:
    """Whether the actor acts for who registered: who declared the vehicle, or the goods that lie in store."""
    if found.source_id:
        return _acts_for(ctx, ctx.trips[found.source_id].declaration.organisation_id)
    owners = found.lines.values_list("goods_line__consignment__declaration__organisation_id", flat=True)
    return any(_acts_for(ctx, owner) for owner in owners)


def _acts_for(ctx: Context, organisation_id: int) -> bool:
    return ctx.actor is not None and acts_for_organisation(ctx.actor, organisation_id)


def others_give_reason(ctx: Context) -> Refusal | None:
    """Who takes back what the owner of the goods registered says why; the history of both keeps it."""
    return None if _is_owner(ctx, _registered(ctx)) and not ctx.reason else with_reason(ctx)


def is_registered(ctx: Context) -> Refusal | None:
    return just_changed() if _registered(ctx) is None else None


def _registered(ctx: Context) -> Transshipment | None:
    """What `registered` names, of this vehicle and not moved yet."""
    return Transshipment.objects.of(ctx.trip).pending().filter(pk=ctx.details["registered"]).first()


def _confirmed_as(found: Transshipment) -> str:
    return STORED if found.stores else TRANSSHIPMENT


def cancel_transshipment(ctx: Context) -> None:
    """What was registered is taken back before customs confirmed it, and no vehicle waits for it any more.

    Subject: a vehicle of it, the receiving one if there is one. Details: `registered`, its id.
    """
    found = _registered(ctx)
    of = _confirmed_as(found)
    source, target = ctx.trips.get(found.source_id), ctx.trips.get(found.target_id)
    fact = ctx.record(
        ctx.trip,
        by=_party(ctx, found),
        transshipment=found.pk,
        **({"source": source.pk} if source else {"yard": found.yard_id}),
    )
    found.delete()
    waits = target is not None and ctx.open_stage(target) is not None
    if waits and ctx.open_stage(target).moment == Moment.TRANSSHIP and not target.transshipments_in.exists():
        ask_again(ctx, slot_of(ctx, target, REGISTERED), fact)
        ask_again(ctx, slot_of(ctx, target, TRANSSHIPMENT), fact)
    elif target is not None:
        ask_no_more(ctx, target, of)
    if source is not None:
        ask_no_more(ctx, source, of)
    for trip in filter(None, (source, target)):
        waive_if_emptied(ctx, trip, why="goods_moved")
        advance(ctx, trip)


def found_no_goods(ctx: Context) -> Refusal | None:
    """The vehicle waits for goods and none are registered for it."""
    stage = ctx.open_stage(ctx.trip)
    if stage is None or stage.moment != Moment.TRANSSHIP or alternative(ctx.trip) is None:
        return Refusal("not_waiting_for_goods", _("Phương tiện này không chờ nhận hàng."))
    if Transshipment.objects.filter(target=ctx.trip).exists():
        return Refusal("goods_registered", _("Đã đăng ký sang tải cho phương tiện này."))
    return None


def by_declarant_or_customs(ctx: Context) -> Refusal | None:
    """The declarant says so, or an agency asked at the stage does, or who opens the barrier it came to."""
    return None if _by_stage(ctx) else not_yours()


def _by_stage(ctx: Context):
    stage = ctx.open_stage(ctx.trip)
    agencies = [agency for slot in (stage.slots if stage else []) for agency in slot.spec.agencies]
    return ctx.represents(*agencies, ctx.trip.book.barriers_opened_by)


def leave_without_goods(ctx: Context) -> None:
    """It found none and goes home by the procedure that its own may become (Điều 6(3), 6(5), 7(3))."""
    trip = ctx.trip
    stage = ctx.open_stage(trip)
    fact = ctx.record(trip, place=stage.place, by=_by_stage(ctx))
    for slot in stage.slots:
        if slot.state == ConfirmationState.WAITING:
            ctx.settle(slot, "waive", fact)
    procedure = alternative(trip)
    stage.completed_at = ctx.now
    stage.save(update_fields=["completed_at"])
    follow(ctx, trip, procedure.code, move="become")
    advance(ctx, trip)
