"""Moves of goods in the yard: register a transshipment; customs confirms and the loads go over; leave without."""

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.rules import acts_for_organisation
from checkpoints.context import Context
from checkpoints.goods import free_loads
from checkpoints.holds import TRANSSHIPMENT
from checkpoints.journey import alternative
from checkpoints.models import Confirmation, Fact, Transshipment, TransshipmentLine, TripStage
from checkpoints.moves.guards import with_reason
from checkpoints.moves.may_correct import holds_up
from checkpoints.moves.progress import advance, follow
from checkpoints.refusals import Refusal, not_yours
from checkpoints.states import ConfirmationState
from declarations.models import Load, Trip
from gates.procedures.words import Agency, Moment

REGISTERED = "transshipment_registered"


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


def neither_is_seized(ctx: Context) -> Refusal | None:
    """A seized vehicle receives nothing, and seized goods stay on theirs."""
    return _seized(ctx, source_of(ctx), ctx.trip)


def _seized(ctx: Context, source: Trip, target: Trip) -> Refusal | None:
    goods = ctx.seizure(source)
    held = target if ctx.seizure(target) else source if goods and goods.takes_goods else None
    if held is None:
        return None
    return Refusal("seized", _("Phương tiện %(plate)s hoặc hàng trên xe đang bị tạm giữ.") % {"plate": held.plate})


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
    """No transshipment of this vehicle waits to be moved."""
    if Transshipment.objects.of(ctx.trip).pending().exists():
        return Refusal("goods_registered", _("Đã đăng ký sang tải cho phương tiện này."))
    return None


def goods_are_there(ctx: Context) -> Refusal | None:
    """Every line asked is on the truck and not already registered to go elsewhere."""
    free = {load.pk: load for load in free_loads(source_of(ctx))}
    wanted = _wanted(ctx, free)
    if not wanted:
        return Refusal("no_goods", _("Không còn hàng nào trên xe để sang tải."))
    for load_id, quantity in wanted.items():
        load = free.get(load_id)
        if load is None or not 0 < quantity <= load.free:
            return Refusal("too_much", _("Số lượng sang tải vượt quá số hàng còn trên xe."))
    return None


def _wanted(ctx: Context, free: Mapping[int, Load]) -> dict[int, Decimal]:
    """Load id to quantity: as given in `quantities`, else all that is free."""
    if given := ctx.details.get("quantities"):
        return {int(load_id): Decimal(quantity) for load_id, quantity in given.items()}
    return {load.pk: load.free for load in free.values() if load.free > 0}


def register_transshipment(ctx: Context) -> None:
    """Goods of `source` are registered to go to this vehicle; customs is asked on both sides."""
    source, target = source_of(ctx), ctx.trip
    loads = {load.pk: load for load in free_loads(source)}
    wanted = _wanted(ctx, loads)
    transshipment, _made = Transshipment.objects.get_or_create(
        source=source,
        target=target,
        moved_at=None,
        defaults={"registered_by": ctx.actor, "registered_at": ctx.now},
    )
    TransshipmentLine.objects.bulk_create(
        TransshipmentLine(
            transshipment=transshipment,
            load=loads[load_id],
            goods_line=loads[load_id].line,
            quantity=quantity,
            weight=_share(loads[load_id], quantity),
        )
        for load_id, quantity in wanted.items()
    )
    fact = ctx.record(
        target,
        by=Agency.TRADER,
        place=ctx.open_stage(target).place,
        transshipment=transshipment.pk,
        source=source.pk,
        loads={str(load_id): str(quantity) for load_id, quantity in wanted.items()},
    )
    registered = _slot(ctx, target, REGISTERED)
    if registered is not None and registered.state == ConfirmationState.WAITING:
        ctx.settle(registered, "confirm", fact)
    asked = _slot(ctx, source, TRANSSHIPMENT)
    if asked is not None and asked.state in (ConfirmationState.NOT_REQUIRED, ConfirmationState.CONFIRMED):
        ctx.settle(
            asked, "reopen", ctx.record(source, move="ask", confirmation=asked.pk, of=asked.of, target=target.pk)
        )


def _share(load: Load, quantity: Decimal) -> Decimal:
    """The weight of so much of a load; the rest stays with the rest, so that sums never change."""
    if quantity == load.quantity:
        return load.weight
    return (load.weight * quantity / load.quantity).quantize(Decimal("0.01"))


def _slot(ctx: Context, trip: Trip, of: str) -> Confirmation | None:
    stage: TripStage | None = ctx.open_stage(trip)
    return next((slot for slot in stage.slots if slot.of == of), None) if stage else None


def by_a_party(ctx: Context) -> Refusal | None:
    """Who declared the goods or the vehicle that should have received them; or the agency that would confirm it."""
    return None if _party(ctx) else not_yours()


def _party(ctx: Context) -> Role | Agency | None:
    if by_owner_of_the_goods(ctx) is None:
        return Agency.TRADER
    return ctx.represents(Agency.TRADER) or ctx.represents(*ctx.trip.book.confirming(TRANSSHIPMENT))


def others_give_reason(ctx: Context) -> Refusal | None:
    """Who takes back what the owner of the goods registered says why; the history of both keeps it."""
    return None if by_owner_of_the_goods(ctx) is None and not ctx.reason else with_reason(ctx)


def is_registered(ctx: Context) -> Refusal | None:
    if _registered(ctx) is None:
        return Refusal("just_changed", _("Đăng ký sang tải vừa thay đổi. Hãy xem lại rồi xác nhận."))
    return None


def _registered(ctx: Context) -> Transshipment | None:
    """From `source` to this vehicle, not moved yet."""
    return Transshipment.objects.pending().filter(source=source_of(ctx), target=ctx.trip).first()


def cancel_transshipment(ctx: Context) -> None:
    """What was registered is taken back before customs confirmed it, and neither vehicle waits for it any more."""
    source, target, transshipment = source_of(ctx), ctx.trip, _registered(ctx)
    fact = ctx.record(target, by=_party(ctx), transshipment=transshipment.pk, source=source.pk)
    transshipment.delete()
    if not Transshipment.objects.filter(target=target).exists():
        _ask_again(ctx, _slot(ctx, target, REGISTERED), fact)
        _ask_again(ctx, _slot(ctx, target, TRANSSHIPMENT), fact)
    else:
        _ask_no_more(ctx, target)
    _ask_no_more(ctx, source)
    for trip in (source, target):
        advance(ctx, trip)


def _ask_again(ctx: Context, slot: Confirmation | None, fact: Fact) -> None:
    if slot is not None and slot.state in (ConfirmationState.CONFIRMED, ConfirmationState.REFUSED):
        ctx.settle(slot, "reopen", fact)


def _ask_no_more(ctx: Context, trip: Trip) -> None:
    """Customs is not asked about a transshipment of this vehicle while none is registered."""
    slot = _slot(ctx, trip, TRANSSHIPMENT)
    if slot is None or slot.is_settled or Transshipment.objects.of(trip).pending().exists():
        return
    fact = ctx.record(trip, move="waive", place=slot.stage.place, why="registration_taken_back", slots=[slot.pk])
    _ask_again(ctx, slot, fact)
    ctx.settle(slot, "waive", fact)


def _pending(ctx: Context) -> list[Transshipment]:
    return list(Transshipment.objects.of(ctx.trip).pending().prefetch_related("lines__load").order_by("pk"))


def goods_are_ready_to_move(ctx: Context) -> Refusal | None:
    """Something is registered, both vehicles stand in the yard as when it was, and no goods are being corrected."""
    pending = _pending(ctx)
    if not pending:
        return Refusal("nothing_registered", _("Chưa có đăng ký sang tải nào để xác nhận."))
    for transshipment in pending:
        source, target = ctx.trips.get(transshipment.source_id), ctx.trips.get(transshipment.target_id)
        if source is None or target is None:
            return Refusal("just_changed", _("Đăng ký sang tải vừa thay đổi. Hãy xem lại rồi xác nhận."))
        stages = ctx.open_stage(source), ctx.open_stage(target)
        if any(stage is None for stage in stages) or stages[0].moment != Moment.YARD:
            return Refusal(
                "vehicle_gone",
                _("Một trong hai phương tiện %(a)s, %(b)s không còn ở trong bãi.")
                % {"a": source.plate, "b": target.plate},
            )
        if refusal := _seized(ctx, source, target):
            return refusal
        for trip in (source, target):
            if refusal := holds_up(ctx, trip, TRANSSHIPMENT):
                return refusal
    return None


def move_goods(ctx: Context) -> None:
    """Customs confirmed: the registered loads of this vehicle go over, and the other side is confirmed with it.

    A source emptied is asked nothing more in the yard: the yard and fee stages belong to the vehicle that carries
    the goods out (Điều 6(2)c).
    """
    by = ctx.represents(Agency(ctx.slot(ctx.trip).agency))
    others: set[int] = set()
    for transshipment in _pending(ctx):
        for line in transshipment.lines.all():
            _move(line, ctx.trips[transshipment.target_id])
        transshipment.moved_at = ctx.now
        transshipment.save(update_fields=["moved_at"])
        others |= {transshipment.source_id, transshipment.target_id}
    for trip_id in sorted(others - {ctx.trip.pk}):
        _confirm_other_side(ctx, ctx.trips[trip_id], by)
    for trip_id in sorted(others):
        trip = ctx.trips[trip_id]
        waive_if_emptied(ctx, trip, why="goods_moved")
        if trip_id != ctx.trip.pk:
            advance(ctx, trip)


def _move(line: TransshipmentLine, target: Trip) -> None:
    load = line.load
    load.refresh_from_db(fields=["quantity", "weight"])
    quantity = line.quantity
    weight = load.weight if quantity == load.quantity else min(line.weight, load.weight)
    existing = Load.objects.filter(line_id=load.line_id, trip=target).first()
    if existing:
        existing.quantity += quantity
        existing.weight += weight
        existing.save(update_fields=["quantity", "weight"])
    elif quantity == load.quantity:
        load.trip = target
        load.save(update_fields=["trip"])
        return
    else:
        Load.objects.create(line_id=load.line_id, trip=target, quantity=quantity, weight=weight)
    if quantity == load.quantity:
        load.delete()
    else:
        load.quantity -= quantity
        load.weight -= weight
        load.save(update_fields=["quantity", "weight"])


def _confirm_other_side(ctx: Context, trip: Trip, by) -> None:
    slot = _slot(ctx, trip, TRANSSHIPMENT)
    if slot is None or slot.state != ConfirmationState.WAITING or Transshipment.objects.of(trip).pending().exists():
        return
    fact = ctx.record(
        trip,
        move="confirm",
        place=slot.stage.place,
        by=by,
        confirmation=slot.pk,
        moment=slot.stage.moment,
        of=slot.of,
    )
    ctx.settle(slot, "confirm", fact)


def waive_if_emptied(ctx: Context, trip: Trip, *, why: str) -> None:
    """A vehicle without goods is asked nothing more in the yard."""
    stage = ctx.open_stage(trip)
    if stage is None or stage.moment != Moment.YARD or Load.objects.filter(trip=trip).exists():
        return
    waiting = [slot for slot in stage.slots if slot.state == ConfirmationState.WAITING]
    if not waiting:
        return
    fact = ctx.record(trip, move="waive", place=stage.place, why=why, slots=[slot.pk for slot in waiting])
    for slot in waiting:
        ctx.settle(slot, "waive", fact)


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
