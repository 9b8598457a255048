"""Moves of a vehicle that cannot go on: broken down, then repaired or towed away."""

from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.rules import OFFICERS
from checkpoints.cards import trip_id_of
from checkpoints.context import Context
from checkpoints.models import Hold
from checkpoints.moves.holding import begin, place_of, remove
from checkpoints.refusals import Refusal, not_yours
from declarations.models import Load
from gates.models import Lane
from gates.procedures.words import Agency

PRESENT = (*map(Agency, sorted(OFFICERS)), Agency.YARD_OPERATOR)


def it_drives(ctx: Context) -> Refusal | None:
    """No barrier is opened for a vehicle that is reported to stand broken down."""
    if ctx.breakdown(ctx.trip) is None:
        return None
    return Refusal(
        "broken_down",
        _("Phương tiện %(plate)s đang báo hỏng; báo đã khắc phục rồi mới đi tiếp được.") % {"plate": ctx.trip.plate},
    )


def by_who_is_there(ctx: Context) -> Refusal | None:
    """The declarant, the driver by the card, any officer of the gate or the yard's operator."""
    return None if _who_is_there(ctx) else not_yours()


def _who_is_there(ctx: Context) -> Role | Agency | None:
    if ctx.actor is None:
        return Agency.DRIVER if trip_id_of(ctx.details.get("card") or "") == ctx.trip.pk else None
    return ctx.represents(Agency.TRADER, *PRESENT)


def is_not_broken_down(ctx: Context) -> Refusal | None:
    if ctx.breakdown(ctx.trip) is None:
        return None
    return Refusal("already_broken_down", _("Đã báo hỏng phương tiện %(plate)s rồi.") % {"plate": ctx.trip.plate})


def is_broken_down(ctx: Context) -> Refusal | None:
    if ctx.breakdown(ctx.trip):
        return None
    return Refusal("not_broken_down", _("Phương tiện %(plate)s không báo hỏng.") % {"plate": ctx.trip.plate})


def report_breakdown(ctx: Context) -> None:
    """It stands and cannot drive; its goods may still go over to another."""
    begin(ctx, _who_is_there(ctx), kind=Hold.Kind.BROKEN_DOWN)


def report_repaired(ctx: Context) -> None:
    """It drives again, or another tractor took over."""
    fact = ctx.record(ctx.trip, place=place_of(ctx), by=_who_is_there(ctx))
    ctx.end_hold(ctx.trip, ctx.breakdown(ctx.trip), fact)


def way_out_is_named(ctx: Context) -> Refusal | None:
    """By a lane of a barrier of this gate."""
    lane: Lane | None = ctx.details["lane"]
    if lane is not None and lane.barrier_id and lane.gate_id == ctx.gate_id:
        return None
    return Refusal("no_way_out", _("Hãy chọn làn barie mà xe được kéo ra."))


def goods_are_off_or_go_with_it(ctx: Context) -> Refusal | None:
    if ctx.details.get("with_goods") or not Load.objects.filter(trip=ctx.trip).exists():
        return None
    return Refusal("goods_on_it", _("Hàng còn trên xe: hãy sang tải sang xe khác, hoặc ghi rõ hàng đi cùng xe."))


def tow_away(ctx: Context) -> None:
    """Towed out of the gate area: the trip ends as it stands.

    Details: `lane`, of the barrier by which it was taken out; `with_goods`, what is on it goes with it; `reason`.
    """
    lane: Lane = ctx.details["lane"]
    fact = ctx.record(
        ctx.trip,
        place=lane.place,
        by=ctx.represents(ctx.trip.book.barriers_opened_by),
        lane=lane.pk,
        with_goods=bool(ctx.details.get("with_goods")),
    )
    ctx.end_hold(ctx.trip, ctx.breakdown(ctx.trip), fact)
    remove(ctx, ctx.trip)
