"""Moves at a barrier or yard gate: a vehicle is seen or called up, the barrier is opened, or opened forced."""

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.rules import role_at_lane, role_at_yard
from checkpoints.context import Context
from checkpoints.journey import next_stage, plan
from checkpoints.models import Passage, TripStage
from checkpoints.moves.progress import advance, begin, close_declaration
from checkpoints.refusals import Refusal, not_yours
from declarations.states import TripState
from gates.labels import AGENCIES_SHORT
from gates.models import Lane, Zone
from gates.procedures.words import Agency, Place


def lane_is_here(ctx: Context) -> Refusal | None:
    lane: Lane = ctx.details["lane"]
    if lane.gate_id == ctx.gate_id:
        return None
    return Refusal(
        "wrong_gate",
        _("Phương tiện %(plate)s khai báo qua %(gate)s, không phải cửa khẩu này.")
        % {"plate": ctx.trip.plate, "gate": ctx.declaration.gate},
    )


def by_people_at_the_lane(ctx: Context) -> Refusal | None:
    """Called up by hand: an officer of this gate, or the operator of this yard (Điều 19(1))."""
    return None if ctx.actor and role_at_lane(ctx.actor, ctx.details["lane"]) else not_yours()


def record_passage(ctx: Context) -> None:
    """The vehicle was seen in the lane at `happened_at`. A standing vehicle seen again is the same passage.

    Details: `lane`, optional `plate` as read, `evidence` (ids of what was seen), and `again` for a vehicle that
    turned and comes through the lane once more; `zone` where in the yard it shall stand.
    """
    trip, lane = ctx.trip, ctx.details["lane"]
    by = role_at_lane(ctx.actor, lane) if ctx.actor else None
    passage = Passage.objects.filter(trip=trip).order_by("-last_seen_at").first()
    if passage and passage.lane_id == lane.pk and not ctx.details.get("again") and _stands_there(ctx, passage):
        if zone := ctx.details.get("zone"):
            _stands_in_zone(ctx, zone)
        if ctx.happened_at > passage.last_seen_at:
            passage.last_seen_at = ctx.happened_at
            passage.save(update_fields=["last_seen_at"])
            # What kept its stage from opening may have gone without a move of this trip: another trip has left.
            advance(ctx, trip)
        if ctx.actor:
            # Its key is kept, so that the same told again, however late, is known to be the same.
            ctx.record(trip, place=lane.place, by=by, passage=passage.pk, lane=lane.pk, again=True)
        return
    passage = Passage.objects.create(
        lane=lane,
        trip=trip,
        plate=ctx.details.get("plate") or trip.plate,
        first_seen_at=ctx.happened_at,
        last_seen_at=ctx.happened_at,
        by=ctx.actor,
    )
    _stands_in_zone(ctx, ctx.details.get("zone"))
    evidence = ctx.details.get("evidence", {})
    ctx.record(trip, place=lane.place, by=by, passage=passage.pk, lane=lane.pk, **evidence)
    advance(ctx, trip)


def _stands_in_zone(ctx: Context, zone: Zone | None) -> None:
    """Seen anywhere anew, a vehicle has left the zone where it stood; it stands in the one named, if one is."""
    trip = ctx.trip
    if trip.zone_id != (zone and zone.pk):
        trip.zone = zone
        trip.save(update_fields=["zone"])


def by_who_runs_the_yard(ctx: Context) -> Refusal | None:
    """The operator of the zone's yard, or an officer of this gate."""
    return None if ctx.actor and role_at_yard(ctx.actor, ctx.details["zone"].yard) else not_yours()


def zone_is_free_to_use(ctx: Context) -> Refusal | None:
    """It is in use, of a yard of this gate, and the vehicle is inside; a full one is told of and keeps nobody out."""
    zone: Zone = ctx.details["zone"]
    if not zone.in_use or zone.yard.gate_id != ctx.gate_id:
        return Refusal("zone_not_here", _("Khu %(zone)s không dùng được ở cửa khẩu này.") % {"zone": zone})
    if ctx.trip.state != TripState.UNDER_WAY or stage_at_barrier(ctx):
        return Refusal("not_in_yard", _("Phương tiện %(plate)s không ở trong bãi.") % {"plate": ctx.trip.plate})
    return None


def place_in_zone(ctx: Context) -> None:
    """The vehicle stands in this zone of the yard. Details: `zone`."""
    zone: Zone = ctx.details["zone"]
    _stands_in_zone(ctx, zone)
    ctx.record(ctx.trip, place=Place.YARD, by=role_at_yard(ctx.actor, zone.yard), zone=zone.pk)


def _stands_there(ctx: Context, passage: Passage) -> bool:
    """The vehicle was seen there a moment ago, or waits there since, however long, for its stage to be completed."""
    stage = ctx.open_stage(ctx.trip)
    if stage is not None and stage.passage_id == passage.pk and stage.barrier_opened_at is None:
        return True
    return abs(ctx.happened_at - passage.last_seen_at) <= timedelta(seconds=settings.PASSAGE_GAP_SECONDS)


def stage_at_barrier(ctx: Context) -> TripStage | None:
    stage = ctx.open_stage(ctx.trip)
    return stage if stage and stage.spec.opens else None


def all_have_confirmed(ctx: Context) -> Refusal | None:
    """The barrier opens only when every agency asked at this stage has confirmed."""
    stage = stage_at_barrier(ctx)
    if stage is None:
        return Refusal("not_at_barrier", _("Phương tiện %(plate)s không ở barie.") % {"plate": ctx.trip.plate})
    missing = [slot for slot in stage.slots if not slot.is_settled]
    if not missing:
        return None
    names = ", ".join(str(AGENCIES_SHORT[Agency(slot.agency)]) for slot in missing)
    return Refusal("not_all_confirmed", _("Chưa mở được barie: còn chờ %(agencies)s.") % {"agencies": names})


def open_barrier(ctx: Context) -> None:
    """Điều 6(3)b, TT 09/2016 Điều 6: the border guard lets the vehicle through; the stage ends."""
    open_the_barrier(ctx, stage_at_barrier(ctx), ctx.represents(ctx.trip.book.barriers_opened_by))
    advance(ctx, ctx.trip)


def open_the_barrier(ctx: Context, stage: TripStage, by: Role) -> None:
    """Record that the barrier was opened; `advance`, which must follow, completes and saves the stage."""
    stage.barrier_opened_at = ctx.now
    lane = stage.passage.lane_id if stage.passage_id else None
    ctx.record(ctx.trip, move="open_barrier", place=stage.place, by=by, lane=lane, moment=stage.moment)


def has_come(ctx: Context) -> Refusal | None:
    """The vehicle stands at a barrier or is inside."""
    if ctx.trip.state == TripState.UNDER_WAY or ctx.open_stage(ctx.trip) is not None:
        return None
    return Refusal("not_here", _("Phương tiện %(plate)s chưa đến cửa khẩu.") % {"plate": ctx.trip.plate})


def turn_back(ctx: Context) -> None:
    """Refused entry, sent back, or let out otherwise than as its procedure goes: the trip ends with the reason.

    Its goods stay on it, its bills stay as they are.
    """
    trip, stage = ctx.trip, ctx.open_stage(ctx.trip)
    trip.turn_back()
    trip.save(update_fields=["state"])
    place, moment = (stage.place, stage.moment) if stage else ("", "")
    ctx.record(trip, place=place, by=ctx.represents(trip.book.barriers_opened_by), moment=moment)
    close_declaration(ctx, trip)


def only_the_yards_gate_is_left(ctx: Context) -> Refusal | None:
    """All is done but to be seen at a gate that confirms itself."""
    stages = ctx.stages(ctx.trip)
    left = [stage for stage in plan(ctx.trip) if stage.moment not in {opened.moment for opened in stages}]
    if ctx.open_stage(ctx.trip) is None and len(left) == 1 and left[0].is_auto:
        return None
    return Refusal("not_at_its_end", _("Phương tiện %(plate)s chưa xong các bước.") % {"plate": ctx.trip.plate})


def leave_unseen(ctx: Context) -> None:
    """A failed device keeps no vehicle in the yard for ever (Điều 22(2)): its trip ends without the last sighting."""
    trip = ctx.trip
    begin(ctx, trip, next_stage(trip, {stage.moment for stage in ctx.stages(trip)}), passage=None)
    advance(ctx, trip)


def lane_is_of_the_gate(ctx: Context) -> Refusal | None:
    return None if ctx.details["lane"].gate_id == ctx.gate_id else not_yours()


def open_forced(ctx: Context) -> None:
    """Open without a cleared trip (ambulance, a truck turning round): recorded as forced, completes nothing.

    Subject: the gate. Details: `lane`, `reason`.
    """
    lane: Lane = ctx.details["lane"]
    by = ctx.represents(ctx.subject.book.barriers_opened_by)
    ctx.record(ctx.subject, place=lane.place, by=by, lane=lane.pk)
