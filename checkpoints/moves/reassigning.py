"""A vehicle recorded under another's trip, its plate misread say: what was recorded goes to the trip that it is of.

Two vehicles that were recorded under each other's trips exchange what was recorded.
"""

from copy import copy
from dataclasses import dataclass
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
from declarations.states import LIVE_DECLARATIONS, LIVE_TRIPS, NEVER_CAME, DeclarationState, TripState
from gates.models import Zone
from gates.procedures.words import Moment


def _other(ctx: Context) -> Trip:
    return ctx.trips[ctx.details["to"].pk]


def was_seen(ctx: Context) -> Refusal | None:
    if Passage.objects.filter(trip=ctx.trip).exists():
        return None
    return Refusal(
        "not_seen", _("Phương tiện %(plate)s chưa được ghi nhận ở đâu.") % {"plate": display(ctx.trip.plate)}
    )


def other_is_there(ctx: Context) -> Refusal | None:
    """The other trip is of this gate and still expected, nothing recorded of it but its declaration.

    Where the two exchange what was recorded, it was seen too.
    """
    other = _other(ctx)
    if other.pk == ctx.trip.pk or other.declaration.gate_id != ctx.gate_id:
        return Refusal("wrong_trip", _("Hãy chọn một lượt khác đang chờ tại cửa khẩu này."))
    named = {"plate": display(other.plate), "code": other.declaration.code}
    if other.state not in LIVE_TRIPS or other.declaration.state not in LIVE_DECLARATIONS:
        return Refusal("other_ended", _("Lượt %(plate)s của tờ khai %(code)s đã kết thúc.") % named)
    if ctx.details.get("exchanges"):
        if Passage.objects.filter(trip=other).exists():
            return None
        return Refusal("not_seen", _("Phương tiện %(plate)s chưa được ghi nhận ở đâu.") % named)
    if other.state == TripState.EXPECTED and len(ctx.stages(other)) == 1:
        return None
    return Refusal(
        "already_seen",
        _(
            "Lượt %(plate)s của tờ khai %(code)s cũng đã được ghi nhận. "
            "Nếu hai xe bị ghi nhầm lẫn nhau, hãy chọn đổi ghi nhận của hai lượt."
        )
        % named,
    )


def _recorded(ctx: Context) -> list[Trip]:
    """The trips whose record goes to the other."""
    return [ctx.trip, _other(ctx)] if ctx.details.get("exchanges") else [ctx.trip]


def nothing_else_rests_on_it(ctx: Context) -> Refusal | None:
    """Goods that went over, a seizure or an open correction tell of the vehicle that stands here: these end first."""
    for trip in _recorded(ctx):
        names = {"plate": display(trip.plate)}
        if Transshipment.objects.of(trip).exists():
            return Refusal("goods_registered", _("Đã đăng ký hoặc đã sang tải cho lượt %(plate)s.") % names)
        if ctx.holds(trip):
            return Refusal("held", _("Lượt %(plate)s đang bị tạm giữ hoặc báo hỏng.") % names)
    if ctx.being_corrected(ctx.trip) or ctx.being_corrected(_other(ctx)):
        return Refusal("being_corrected", _("Khai báo đang được sửa; xong hoặc rút nội dung sửa rồi mới chuyển."))
    return None


def other_comes_the_same_way(ctx: Context) -> Refusal | None:
    """Where a vehicle was first seen is where the other's trip begins, and its own vehicle is not inside already."""
    pair = {ctx.trip.pk, _other(ctx).pk}
    for trip in _recorded(ctx):
        right, lane = _the_other_of(ctx, trip), _first_seen(ctx, trip).lane
        spec = next_stage(_from_the_start(right), {Moment.DECLARE})
        names = {"plate": display(right.plate)}
        if spec is None or not spec.camera or spec.place is not lane.place or not lane.serves(spec.moment):
            return Refusal("other_journey", _("Lượt %(plate)s không đi theo hướng này.") % names)
        if Trip.objects.filter(plate=right.plate, state=TripState.UNDER_WAY).exclude(pk__in=pair).exists():
            return Refusal(
                "vehicle_under_way",
                _("Phương tiện %(plate)s đang trong một lượt khác chưa kết thúc.") % names,
            )
    return None


def _the_other_of(ctx: Context, trip: Trip) -> Trip:
    return ctx.trip if trip.pk == _other(ctx).pk else _other(ctx)


def _first_seen(ctx: Context, trip: Trip) -> Passage:
    """The sighting that opened the trip's first stage before a camera; of one that came too early, its first."""
    passages = Passage.objects.filter(trip=trip).select_related("lane__barrier", "lane__yard")
    opening = next((stage.passage_id for stage in ctx.stages(trip) if stage.passage_id), None)
    return passages.get(pk=opening) if opening else passages.earliest("first_seen_at", "pk")


@dataclass(frozen=True)
class _Record:
    """What was recorded of a vehicle under the trip `of`: its sightings, the first of them, where it was to stand."""

    of: Trip
    first: Passage
    passages: list[int]
    zone: Zone | None


def reassign(ctx: Context) -> None:
    """It was another declared vehicle: its sightings go to its own trip, which is asked all from the first barrier on.

    The trip under which it was recorded is expected again, as if nobody had come: what was confirmed of it was
    confirmed on another vehicle, and is asked anew when its own comes. Its bills stay.

    Details: `to`, the other trip; `exchanges`, that one's sightings are of this trip's vehicle, and go to it.
    """
    records = [_record_of(ctx, trip) for trip in _recorded(ctx)]
    for record in records:
        _take_back(ctx, record)
    for record in records:
        _await_again(ctx, record.of)
    for record in records:
        _give(ctx, record, _the_other_of(ctx, record.of))


def _record_of(ctx: Context, trip: Trip) -> _Record:
    passages = Passage.objects.filter(trip=trip).order_by("pk")
    return _Record(trip, _first_seen(ctx, trip), list(passages.values_list("pk", flat=True)), trip.zone)


def _take_back(ctx: Context, record: _Record) -> None:
    """All that was confirmed under the wrong trip is gone from it, and both histories tell."""
    wrong, right, place = record.of, _the_other_of(ctx, record.of), record.first.lane.place
    by = ctx.represents(wrong.book.barriers_opened_by)
    stages = [stage for stage in ctx.stages(wrong) if stage.moment != Moment.DECLARE]
    confirmed = [slot.pk for stage in stages for slot in stage.slots if slot.state == ConfirmationState.CONFIRMED]
    ctx.record(wrong, place=place, by=by, to=right.pk, passages=record.passages, taken_back=confirmed)
    ctx.record(right, place=place, by=by, passages=record.passages, **{"from": wrong.pk})
    Confirmation.objects.filter(stage__in=stages).delete()
    TripStage.objects.filter(pk__in=[stage.pk for stage in stages]).delete()


def _give(ctx: Context, record: _Record, right: Trip) -> None:
    """As if the trip's first stage had opened when its vehicle came: where it was seen since opens those after it."""
    Passage.objects.filter(pk__in=record.passages).update(trip=right)
    right.zone = record.zone
    right.save(update_fields=["zone"])
    begin(ctx, right, next_stage(right, {Moment.DECLARE}), passage=record.first, opened_at=record.first.first_seen_at)
    advance(ctx, right)


def _from_the_start(trip: Trip) -> Trip:
    """The trip as it will be once it is taken back to its declaration."""
    again = copy(trip)
    again.procedure_code = trip.began_as
    return again


def _await_again(ctx: Context, trip: Trip) -> None:
    """As it was before its first barrier, with time to come; its declaration too, if no vehicle of it has come."""
    trip.procedure_code, trip.zone = trip.began_as, None
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
