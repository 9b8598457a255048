"""What customs' word does to goods in the yard: they go over as registered, and who must be asked is asked anew."""

from django.utils.translation import gettext as _

from checkpoints import registry
from checkpoints.context import Context
from checkpoints.models import STORED, TRANSSHIPMENT, Confirmation, Fact, Transshipment, TransshipmentLine, TripStage
from checkpoints.moves.may_correct import holds_up
from checkpoints.moves.progress import advance, close_if_over
from checkpoints.refusals import Refusal
from checkpoints.resting import LINES, LOT, rests_on
from checkpoints.states import ConfirmationState
from declarations.models import Load, Trip
from declarations.states import DeclarationState
from gates.procedures.words import Agency, Moment

REGISTERED = "transshipment_registered"
EXCHANGES = frozenset({TRANSSHIPMENT, STORED, REGISTERED})


def slot_of(ctx: Context, trip: Trip, of: str) -> Confirmation | None:
    """The slot of the trip's open stage for this fact."""
    stage: TripStage | None = ctx.open_stage(trip)
    return next((slot for slot in stage.slots if slot.of == of), None) if stage else None


def ask(ctx: Context, trip: Trip, of: str, **about: int) -> None:
    """Customs is asked about what was just registered, also where it had nothing to confirm or had confirmed before."""
    slot = slot_of(ctx, trip, of)
    if slot is not None and slot.state in (ConfirmationState.NOT_REQUIRED, ConfirmationState.CONFIRMED):
        ctx.settle(slot, "reopen", ctx.record(trip, move="ask", confirmation=slot.pk, of=slot.of, **about))


def ask_again(ctx: Context, slot: Confirmation | None, fact: Fact) -> None:
    if slot is not None and slot.state in (ConfirmationState.CONFIRMED, ConfirmationState.REFUSED):
        ctx.settle(slot, "reopen", fact)


def ask_no_more(ctx: Context, trip: Trip, of: str) -> None:
    """Customs is not asked while nothing of this kind is registered; declared storage stays to be confirmed."""
    slot = slot_of(ctx, trip, of)
    if slot is None or slot.is_settled or _pending_of(trip, of).exists():
        return
    if of == STORED and trip.stored_or_unloaded:
        return
    fact = ctx.record(trip, move="waive", place=slot.stage.place, why="registration_taken_back", slots=[slot.pk])
    ask_again(ctx, slot, fact)
    ctx.settle(slot, "waive", fact)


def waive_if_emptied(ctx: Context, trip: Trip, *, why: str) -> None:
    """A vehicle emptied is asked nothing more in the yard, unless other goods are registered for it.

    The yard and fee stages belong to the vehicle that carries the goods out (Điều 6(2)c).
    """
    stage = ctx.open_stage(trip)
    if stage is None or stage.moment != Moment.YARD or Load.objects.filter(trip=trip).exists():
        return
    waiting = [slot for slot in stage.slots if slot.state == ConfirmationState.WAITING]
    if not waiting or trip.transshipments_in.pending().exists():
        return
    fact = ctx.record(trip, move="waive", place=stage.place, why=why, slots=[slot.pk for slot in waiting])
    for slot in waiting:
        ctx.settle(slot, "waive", fact)


def _pending_of(trip: Trip, of: str):
    return Transshipment.objects.of(trip).pending().confirmed_as(of)


def _pending(ctx: Context) -> list[Transshipment]:
    """What the slot confirmed stands for, as registered."""
    registered = _pending_of(ctx.trip, ctx.slot(ctx.trip).of)
    return list(registered.prefetch_related("lines__load", "lines__goods_line__consignment").order_by("pk"))


def goods_are_ready_to_move(ctx: Context) -> Refusal | None:
    """Something is registered, its vehicles stand in the yard as when it was, and no goods are being corrected.

    Storage that was only declared beforehand is confirmed without: no goods of it are moved.
    """
    pending, of = _pending(ctx), ctx.slot(ctx.trip).of
    if not pending and of == TRANSSHIPMENT:
        return Refusal("nothing_registered", _("Chưa có đăng ký sang tải nào để xác nhận."))
    for transshipment in pending:
        if refusal := _stand_ready(ctx, transshipment, of):
            return refusal
    return None


def just_changed() -> Refusal:
    return Refusal("just_changed", _("Đăng ký sang tải vừa thay đổi. Hãy xem lại rồi xác nhận."))


def _declarations_of(transshipment: Transshipment) -> set[int]:
    """To which the goods belong, whoever carries them."""
    return {line.goods_line.consignment.declaration_id for line in transshipment.lines.all()}


def _stand_ready(ctx: Context, transshipment: Transshipment, of: str) -> Refusal | None:
    if transshipment.yard_id and not ctx.declarations.keys() >= _declarations_of(transshipment):
        return just_changed()
    vehicles = {transshipment.source_id: {Moment.YARD}, transshipment.target_id: {Moment.TRANSSHIP, Moment.YARD}}
    for trip_id, moments in vehicles.items():
        if trip_id is None:
            continue
        trip = ctx.trips.get(trip_id)
        if trip is None:
            return just_changed()
        stage = ctx.open_stage(trip)
        if stage is None or stage.moment not in moments:
            return Refusal("vehicle_gone", _("Phương tiện %(plate)s không còn ở trong bãi.") % {"plate": trip.plate})
        if refusal := holds_up(ctx, trip, of):
            return refusal
    return is_seized(ctx, ctx.trips.get(transshipment.source_id), ctx.trips.get(transshipment.target_id))


def is_seized(ctx: Context, source: Trip | None, target: Trip | None) -> Refusal | None:
    """The refusal, where the goods on `source` are seized, or `target` is itself."""
    goods = ctx.seizure(source) if source else None
    held = target if target and ctx.seizure(target) else source if goods and goods.takes_goods else None
    if held is None:
        return None
    return Refusal("seized", _("Phương tiện %(plate)s hoặc hàng trên xe đang bị tạm giữ.") % {"plate": held.plate})


def move_goods(ctx: Context) -> None:
    """Customs confirmed: what is registered of this vehicle goes over, and the other side is confirmed with it."""
    slot = ctx.slot(ctx.trip)
    by = ctx.represents(Agency(slot.agency))
    vehicles: set[int] = set()
    declarations: set[int] = set()
    for transshipment in _pending(ctx):
        for line in transshipment.lines.all():
            _move(ctx, transshipment, line)
        transshipment.moved_at = ctx.now
        transshipment.save(update_fields=["moved_at"])
        vehicles |= {transshipment.source_id, transshipment.target_id} - {None}
        declarations |= _declarations_of(transshipment) if transshipment.yard_id else set()
        if transshipment.target_id:
            _ask_about_new_goods(ctx, ctx.trips[transshipment.target_id])
    for trip_id in sorted(vehicles):
        ctx.forget_goods(ctx.trips[trip_id])
    for trip_id in sorted(vehicles - {ctx.trip.pk}):
        _confirm_other_side(ctx, ctx.trips[trip_id], slot.of, by)
    for trip_id in sorted(vehicles):
        waive_if_emptied(ctx, ctx.trips[trip_id], why="goods_moved")
        if trip_id != ctx.trip.pk:
            advance(ctx, ctx.trips[trip_id])
    for declaration_id in sorted(declarations):
        _see_what_lies_in_store(ctx, declaration_id)


def _move(ctx: Context, transshipment: Transshipment, line: TransshipmentLine) -> None:
    load, target = line.load, ctx.trips.get(transshipment.target_id)
    load.refresh_from_db(fields=["quantity", "weight"])
    quantity = line.quantity
    weight = load.weight if quantity == load.quantity else min(line.weight, load.weight)
    where = {"trip": target, "yard": transshipment.yard if target is None else None}
    existing = Load.objects.filter(line_id=load.line_id, trip=target).first() if target else None
    if existing:
        existing.quantity += quantity
        existing.weight += weight
        existing.save(update_fields=["quantity", "weight"])
    elif quantity == load.quantity:
        load.trip, load.yard = where["trip"], where["yard"]
        load.save(update_fields=["trip", "yard"])
        return
    else:
        # The line follows what was put in store: it tells since when it lies there, and where.
        line.load = Load.objects.create(line_id=load.line_id, quantity=quantity, weight=weight, **where)
        line.save(update_fields=["load"])
    if quantity == load.quantity:
        load.delete()
    else:
        load.quantity -= quantity
        load.weight -= weight
        load.save(update_fields=["quantity", "weight"])


def _ask_about_new_goods(ctx: Context, trip: Trip) -> None:
    """Goods came onto a vehicle that was already being checked: what was confirmed of its goods is asked again."""
    stage = ctx.open_stage(trip)
    if stage.moment != Moment.YARD:
        return
    of_goods = [slot for slot in stage.slots if slot.of not in EXCHANGES and rests_on(slot.of) & (LINES | LOT)]
    idle = [slot for slot in of_goods if slot.state == ConfirmationState.NOT_REQUIRED and slot.spec.condition]
    holding = registry.conditions_holding(trip, {slot.spec.condition for slot in idle}) if idle else set()
    again = [slot for slot in of_goods if slot.state == ConfirmationState.CONFIRMED]
    for slot in [*again, *(slot for slot in idle if slot.spec.condition in holding)]:
        ctx.settle(slot, "reopen", ctx.record(trip, move="ask", confirmation=slot.pk, of=slot.of, why="new_goods"))


def _confirm_other_side(ctx: Context, trip: Trip, of: str, by) -> None:
    slot = slot_of(ctx, trip, of)
    if slot is None or slot.state != ConfirmationState.WAITING or _pending_of(trip, of).exists():
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


def _see_what_lies_in_store(ctx: Context, declaration_id: int) -> None:
    """A declaration is under way while goods of it lie in store, whatever became of its own vehicles."""
    declaration = ctx.declarations[declaration_id]
    stored = Load.objects.filter(yard__isnull=False, line__consignment__declaration=declaration_id)
    if declaration.state == DeclarationState.COMPLETED and stored.exists():
        declaration.resume()
        declaration.save(update_fields=["state", "changed_at"])
        ctx.record(declaration, move="resume")
    else:
        close_if_over(ctx, declaration)
