"""Moves of an agency on one slot: confirm, refuse with reason, undo with reason."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from checkpoints import registry
from checkpoints.context import Context
from checkpoints.models import STORED, TRANSSHIPMENT, Confirmation, Transshipment
from checkpoints.moves.handing_over import REGISTERED, goods_are_ready_to_move, move_goods
from checkpoints.moves.passing import open_the_barrier
from checkpoints.moves.progress import advance, is_complete
from checkpoints.refusals import Refusal, not_yours
from checkpoints.states import ConfirmationState
from declarations.models import Trip
from gates.labels import AGENCIES_SHORT, FACTS
from gates.procedures.words import Agency, Order

BEFORE_CONFIRMING: dict[str, Callable[[Context], Refusal | None]] = {
    TRANSSHIPMENT: goods_are_ready_to_move,
    STORED: goods_are_ready_to_move,
}
ON_CONFIRMED: dict[str, Callable[[Context], None]] = {TRANSSHIPMENT: move_goods, STORED: move_goods}


def by_slots_agency(ctx: Context) -> Refusal | None:
    """Only the agency that the book names, at this gate (design.md §3, rule 10)."""
    slot = ctx.slot(ctx.trip)
    return not_yours() if slot is None or ctx.represents(*slot.spec.agencies) is None else None


def stage_is_open(ctx: Context) -> Refusal | None:
    stage = ctx.slot(ctx.trip).stage
    if stage.is_open:
        return None
    return Refusal("stage_closed", _("Bước “%(stage)s” đã kết thúc.") % {"stage": stage.get_moment_display()})


def is_waiting(ctx: Context) -> Refusal | None:
    slot = ctx.slot(ctx.trip)
    if slot.state == ConfirmationState.WAITING:
        return None
    return Refusal(
        f"already_{slot.state}",
        _("“%(of)s” của phương tiện %(plate)s đã được xử lý: %(state)s.")
        % {"of": FACTS[slot.of], "plate": ctx.trip.plate, "state": slot.get_state_display()},
    )


def is_its_turn(ctx: Context) -> Refusal | None:
    """In a stage whose order is listed, all before it are settled first."""
    slot = ctx.slot(ctx.trip)
    if slot.stage.spec.order is Order.ANY:
        return None
    before = next((s for s in slot.stage.slots if s.position < slot.position and not s.is_settled), None)
    if before is None:
        return None
    return Refusal(
        "out_of_order",
        _("Theo thứ tự quy định, %(agency)s phải xác nhận trước.") % {"agency": AGENCIES_SHORT[Agency(before.agency)]},
    )


def others_agree(ctx: Context) -> Refusal | None:
    """What is registered to hold before this fact may be confirmed, e.g. that its bills are settled."""
    slot = ctx.slot(ctx.trip)
    if (before := BEFORE_CONFIRMING.get(slot.of)) and (refusal := before(ctx)):
        return refusal
    for guard in registry.guards[slot.of]:
        if refusal := guard(ctx.trip):
            return refusal
    return None


def confirm(ctx: Context) -> None:
    """The slot is confirmed; with `opens`, the guard's own last slot also opens the barrier with the same key."""
    slot = ctx.slot(ctx.trip)
    stage = slot.stage
    guard = ctx.represents(ctx.trip.book.barriers_opened_by) if ctx.details.get("opens") else None
    opens = bool(guard and stage.spec.opens and all(other.is_settled for other in stage.slots if other is not slot))
    fact = ctx.record(
        ctx.trip,
        place=stage.place,
        by=ctx.represents(*slot.spec.agencies),
        confirmation=slot.pk,
        moment=stage.moment,
        of=slot.of,
        **({"opens": True} if opens else {}),
    )
    ctx.settle(slot, "confirm", fact)
    if after := ON_CONFIRMED.get(slot.of):
        after(ctx)
    if opens:
        open_the_barrier(ctx, stage, guard)
    advance(ctx, ctx.trip)


def refuse(ctx: Context) -> None:
    """Điều 10(1), 11(1): not right or not complete; the declarant corrects."""
    slot = ctx.slot(ctx.trip)
    fact = ctx.record(
        ctx.trip,
        place=slot.stage.place,
        by=ctx.represents(*slot.spec.agencies),
        confirmation=slot.pk,
        moment=slot.stage.moment,
        of=slot.of,
    )
    ctx.settle(slot, "refuse", fact)


def may_be_undone(ctx: Context) -> Refusal | None:
    """Own click, until the barrier was opened or the next stage began; a refusal by any of the same agency."""
    slot = ctx.slot(ctx.trip)
    stage = slot.stage
    if slot.of == REGISTERED:
        # Both vehicles wait for it: it is taken back by a move of its own, `cancel_transshipment`.
        return not_yours()
    if slot.state not in (ConfirmationState.CONFIRMED, ConfirmationState.REFUSED):
        return Refusal("nothing_to_undo", _("Chưa có xác nhận nào để hủy."))
    if slot.state == ConfirmationState.CONFIRMED and slot.fact.actor_id != ctx.actor.pk:
        return Refusal("not_your_click", _("Chỉ người đã xác nhận mới hủy được xác nhận này."))
    if stage.barrier_opened_at or stage is not ctx.stages(ctx.trip)[-1] or ctx.trip.has_ended:
        return Refusal("too_late_to_undo", _("Không thể hủy: barie đã mở hoặc bước tiếp theo đã bắt đầu."))
    if slot.state == ConfirmationState.CONFIRMED and _moved_goods(slot, ctx.trip):
        return Refusal("goods_moved", _("Không thể hủy: hàng hóa đã được chuyển."))
    return None


def _moved_goods(slot: Confirmation, trip: Trip) -> bool:
    """Whether goods went over by this confirmation; storage that was only declared moved none."""
    moved = Transshipment.objects.of(trip).filter(moved_at__isnull=False).confirmed_as(slot.of)
    return slot.of in ON_CONFIRMED and moved.exists()


def undo(ctx: Context) -> None:
    """The slot waits again, and its stage with it; where the order is listed, so do those confirmed after it."""
    slot = ctx.slot(ctx.trip)
    fact = ctx.record(
        ctx.trip,
        place=slot.stage.place,
        by=ctx.represents(*slot.spec.agencies),
        confirmation=slot.pk,
        moment=slot.stage.moment,
        of=slot.of,
        was=slot.state,
    )
    ctx.settle(slot, "reopen", fact)
    for later in _confirmed_on_it(slot):
        asked = ctx.record(ctx.trip, move="ask", place=slot.stage.place, confirmation=later.pk, of=later.of)
        ctx.settle(later, "reopen", asked)
    if not slot.stage.is_open and not is_complete(slot.stage):
        slot.stage.completed_at = None
        slot.stage.save(update_fields=["completed_at"])


def _confirmed_on_it(slot: Confirmation) -> list[Confirmation]:
    """The slots that were confirmed because this one was, in the order listed."""
    if slot.stage.spec.order is Order.ANY:
        return []
    later = (other for other in slot.stage.slots if other.position > slot.position)
    return [other for other in later if other.state == ConfirmationState.CONFIRMED]
