"""A vehicle recorded under another's trip, its plate misread say: what was recorded goes to the trip that it is of."""

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from checkpoints.context import Context
from checkpoints.journey import next_stage
from checkpoints.models import Confirmation, Passage, Transshipment, TripStage
from checkpoints.moves.progress import advance, begin
from checkpoints.refusals import Refusal
from checkpoints.states import ConfirmationState
from declarations.models import Trip
from declarations.plates import display
from declarations.states import LIVE_DECLARATIONS, NEVER_CAME, DeclarationState, TripState
from gates.procedures.words import Moment


def _other(ctx: Context) -> Trip:
    return ctx.trips[ctx.details["to"].pk]


def was_seen(ctx: Context) -> Refusal | None:
    if Passage.objects.filter(trip=ctx.trip).exists():
        return None
    return Refusal(
        "not_seen", _("Phương tiện %(plate)s chưa được ghi nhận ở đâu.") % {"plate": display(ctx.trip.plate)}
    )


def other_was_not_seen(ctx: Context) -> Refusal | None:
    """The other trip is of this gate and still expected; nothing was recorded of it but its declaration."""
    other = _other(ctx)
    if other.pk == ctx.trip.pk or other.declaration.gate_id != ctx.gate_id:
        return Refusal("wrong_trip", _("Hãy chọn một lượt khác đang chờ tại cửa khẩu này."))
    live = other.state == TripState.EXPECTED and other.declaration.state in LIVE_DECLARATIONS
    if live and len(ctx.stages(other)) == 1:
        return None
    return Refusal(
        "already_seen",
        _("Lượt %(plate)s của tờ khai %(code)s đã đến hoặc đã kết thúc; không chuyển sang được.")
        % {"plate": display(other.plate), "code": other.declaration.code},
    )


def nothing_else_rests_on_it(ctx: Context) -> Refusal | None:
    """Goods that went over, a seizure or an open correction tell of the vehicle that stands here: these end first."""
    trip = ctx.trip
    names = {"plate": display(trip.plate)}
    if Transshipment.objects.of(trip).exists():
        return Refusal("goods_registered", _("Đã đăng ký hoặc đã sang tải cho lượt %(plate)s.") % names)
    if ctx.holds(trip):
        return Refusal("held", _("Lượt %(plate)s đang bị tạm giữ hoặc báo hỏng.") % names)
    if ctx.being_corrected(trip) or ctx.being_corrected(_other(ctx)):
        return Refusal("being_corrected", _("Khai báo đang được sửa; xong hoặc rút nội dung sửa rồi mới chuyển."))
    return None


def other_comes_the_same_way(ctx: Context) -> Refusal | None:
    """Where the vehicle was first seen is where the other trip begins, and its own vehicle is not inside already."""
    other, lane = _other(ctx), _first_seen(ctx).lane
    spec = next_stage(other, {Moment.DECLARE})
    if spec is None or not spec.camera or spec.place is not lane.place or not lane.serves(spec.moment):
        return Refusal("other_journey", _("Lượt %(plate)s không đi theo hướng này.") % {"plate": display(other.plate)})
    twin = Trip.objects.filter(plate=other.plate, state=TripState.UNDER_WAY).exclude(pk=ctx.trip.pk)
    if twin.exists():
        return Refusal(
            "vehicle_under_way",
            _("Phương tiện %(plate)s đang trong một lượt khác chưa kết thúc.") % {"plate": display(other.plate)},
        )
    return None


def _first_seen(ctx: Context) -> Passage:
    """The sighting that opened the trip's first stage before a camera; of one that came too early, its first."""
    passages = Passage.objects.filter(trip=ctx.trip).select_related("lane__barrier", "lane__yard")
    opening = next((stage.passage_id for stage in ctx.stages(ctx.trip) if stage.passage_id), None)
    return passages.get(pk=opening) if opening else passages.earliest("first_seen_at", "pk")


def reassign(ctx: Context) -> None:
    """It was another declared vehicle: its sightings go to its own trip, which is asked all from the first barrier on.

    The trip under which it was recorded is expected again, as if nobody had come: what was confirmed of it was
    confirmed on another vehicle, and is asked anew when its own comes. Its bills stay. Details: `to`, the other trip.
    """
    wrong, right, first = ctx.trip, _other(ctx), _first_seen(ctx)
    by = ctx.represents(wrong.book.barriers_opened_by)
    stages = [stage for stage in ctx.stages(wrong) if stage.moment != Moment.DECLARE]
    confirmed = [slot.pk for stage in stages for slot in stage.slots if slot.state == ConfirmationState.CONFIRMED]
    passages = Passage.objects.filter(trip=wrong)
    moved = list(passages.order_by("pk").values_list("pk", flat=True))
    ctx.record(wrong, place=first.lane.place, by=by, to=right.pk, passages=moved, taken_back=confirmed)
    ctx.record(right, place=first.lane.place, by=by, passages=moved, **{"from": wrong.pk})
    Confirmation.objects.filter(stage__in=stages).delete()
    TripStage.objects.filter(pk__in=[stage.pk for stage in stages]).delete()
    passages.update(trip=right)
    right.zone, wrong.zone = wrong.zone, None
    right.save(update_fields=["zone"])
    _await_again(ctx, wrong)
    # As if it had opened when the vehicle came: where it was seen since then opens the stages after it.
    begin(ctx, right, next_stage(right, {Moment.DECLARE}), passage=first, opened_at=first.first_seen_at)
    advance(ctx, right)


def _await_again(ctx: Context, trip: Trip) -> None:
    """As it was before its first barrier, with time to come; its declaration too, if no vehicle of it has come."""
    trip.procedure_code = trip.began_as
    if trip.state == TripState.UNDER_WAY:
        trip.expect_again()
    trip.save(update_fields=["procedure_code", "state", "zone"])
    ctx.forget_stages(trip)
    declaration = ctx.declarations[trip.declaration_id]
    came = declaration.trips.exclude(state__in=NEVER_CAME)
    if declaration.state == DeclarationState.UNDER_WAY and not came.exists():
        declaration.await_again()
    in_time = ctx.now + timedelta(hours=settings.DECLARATION_VALID_HOURS)
    declaration.extended_to = max(declaration.expires_at or in_time, in_time)
    declaration.save(update_fields=["state", "changed_at", "extended_to"])
    ctx.record(declaration, move="await_again", until=declaration.extended_to.isoformat())
