"""Moves of a vehicle that may not or cannot go on: seized and released or handed over, broken down and towed away."""

from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.rules import OFFICERS
from checkpoints.cards import trip_id_of
from checkpoints.context import Context
from checkpoints.holds import OpenHold
from checkpoints.models import Hold
from checkpoints.moves.handing_over import waive_if_emptied
from checkpoints.moves.progress import advance, close_declaration
from checkpoints.refusals import Refusal, not_yours
from declarations.models import Load, Trip
from gates.models import Lane
from gates.procedures.words import Agency

SEIZING = (Agency.BORDER_GUARD, Agency.CUSTOMS)
PRESENT = (*map(Agency, sorted(OFFICERS)), Agency.YARD_OPERATOR)
LONGEST_CASE = 60


# What a hold holds up


def is_not_seized(ctx: Context) -> Refusal | None:
    """A seized vehicle stays where it is until it is released or handed over."""
    return _seized(ctx.trip, ctx.seizure(ctx.trip))


def none_is_seized(ctx: Context) -> Refusal | None:
    """The same of all vehicles of a declaration, in one query."""
    for hold in Hold.objects.open().filter(trip__in=ctx.trips, kind=Hold.Kind.SEIZED).select_related("trip"):
        return _seized(hold.trip, hold)
    return None


def may_be_confirmed(ctx: Context) -> Refusal | None:
    """Nothing of a seized vehicle is confirmed but that goods which are not seized go over to another."""
    seizure = ctx.seizure(ctx.trip)
    if seizure and seizure.keeps(ctx.slot(ctx.trip).of):
        return _seized(ctx.trip, seizure)
    return it_drives(ctx) if ctx.details.get("opens") else None


def it_drives(ctx: Context) -> Refusal | None:
    """No barrier is opened for a vehicle that is reported to stand broken down."""
    if ctx.breakdown(ctx.trip) is None:
        return None
    return Refusal(
        "broken_down",
        _("Phương tiện %(plate)s đang báo hỏng; báo đã khắc phục rồi mới đi tiếp được.") % {"plate": ctx.trip.plate},
    )


def _seized(trip: Trip, hold: OpenHold | Hold | None) -> Refusal | None:
    if hold is None:
        return None
    return Refusal(
        "seized",
        _("Phương tiện %(plate)s đang bị tạm giữ theo vụ việc %(case)s.") % {"plate": trip.plate, "case": hold.case},
    )


# Seized


def by_seizing_agency(ctx: Context) -> Refusal | None:
    """The border guard or customs of this gate."""
    return None if isinstance(ctx.represents(*SEIZING), Role) else not_yours()


def seizure_is_whole(ctx: Context) -> Refusal | None:
    """The violation case has its number, and what is seized is there; one seizure at a time."""
    if _seized(ctx.trip, ctx.seizure(ctx.trip)):
        return Refusal("already_seized", _("Phương tiện %(plate)s đã bị tạm giữ rồi.") % {"plate": ctx.trip.plate})
    case, takes = ctx.details["case"].strip(), ctx.details["takes"]
    if not 0 < len(case) <= LONGEST_CASE:
        return Refusal("case_missing", _("Hãy ghi số vụ việc, không quá %(most)s ký tự.") % {"most": LONGEST_CASE})
    if takes not in Hold.Takes.values:
        return Refusal("nothing_seized", _("Hãy chọn tạm giữ phương tiện, hàng hóa hay cả hai."))
    if takes != Hold.Takes.VEHICLE and not Load.objects.filter(trip=ctx.trip).exists():
        return Refusal("no_goods", _("Trên xe không có hàng hóa để tạm giữ."))
    return None


def seize(ctx: Context) -> None:
    """Handed to a violation case: the vehicle, its goods or both stay until released, or for good.

    Details: `case`, its number; `takes`, a `Hold.Takes`; `reason`.
    """
    case, takes = ctx.details["case"].strip(), ctx.details["takes"]
    _begin(ctx, ctx.represents(*SEIZING), kind=Hold.Kind.SEIZED, case=case, takes=takes)


def _begin(ctx: Context, by: Role | Agency | None, **held: str) -> None:
    fact = ctx.record(ctx.trip, place=_place(ctx), by=by, **{key: str(value) for key, value in held.items()})
    ctx.write()
    Hold.objects.create(trip=ctx.trip, began=fact, **held)


def _place(ctx: Context) -> str:
    stage = ctx.open_stage(ctx.trip)
    return stage.place if stage else ""


def by_who_seized(ctx: Context) -> Refusal | None:
    """The agency that seized decides what becomes of it."""
    return None if _who_seized(ctx) else not_yours()


def _who_seized(ctx: Context) -> Role | None:
    seizure = ctx.seizure(ctx.trip)
    return ctx.represents(Agency(seizure.agency)) if seizure else None


def release(ctx: Context) -> None:
    """Given back: the trip goes on where it stood."""
    trip, seizure = ctx.trip, ctx.seizure(ctx.trip)
    fact = ctx.record(trip, place=_place(ctx), by=_who_seized(ctx), case=seizure.case)
    ctx.end_hold(trip, seizure, fact)
    advance(ctx, trip)


def goods_that_stay_are_off(ctx: Context) -> Refusal | None:
    """A vehicle that goes for good takes only goods that go with it; what is not seized goes over first."""
    if ctx.seizure(ctx.trip).takes_goods or not Load.objects.filter(trip=ctx.trip).exists():
        return None
    return Refusal("goods_on_it", _("Hàng không bị tạm giữ còn trên xe; hãy sang tải sang xe khác trước."))


def hand_over(ctx: Context) -> None:
    """Handed over for good: the trip of a seized vehicle ends; seized goods are off it and an emptied one goes home."""
    trip, seizure = ctx.trip, ctx.seizure(ctx.trip)
    fact = ctx.record(trip, place=_place(ctx), by=_who_seized(ctx), case=seizure.case, takes=seizure.takes)
    ctx.end_hold(trip, seizure, fact)
    if seizure.takes_vehicle:
        _remove(ctx, trip)
        return
    Load.objects.filter(trip=trip).update(trip=None, case=seizure.case)
    waive_if_emptied(ctx, trip, why="goods_handed_over")
    advance(ctx, trip)


def _remove(ctx: Context, trip: Trip) -> None:
    trip.remove()
    trip.save(update_fields=["state"])
    close_declaration(ctx, trip)


# Broken down


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
    _begin(ctx, _who_is_there(ctx), kind=Hold.Kind.BROKEN_DOWN)


def report_repaired(ctx: Context) -> None:
    """It drives again, or another tractor took over."""
    fact = ctx.record(ctx.trip, place=_place(ctx), by=_who_is_there(ctx))
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
    _remove(ctx, ctx.trip)
