"""Moves of the declarant: submit, withdraw, name the customs declaration; and what time does: expire."""

from django.utils.translation import gettext as _

from accounts.models import Role
from checkpoints.context import Context
from checkpoints.models import Confirmation
from checkpoints.moves.progress import advance, close_declaration, make_stage, open_slots
from checkpoints.papers import GOODS_CONFIRMED, is_named
from checkpoints.refusals import Refusal, not_yours
from checkpoints.states import ConfirmationState
from declarations.checks import blocking_problem
from declarations.models import Trip
from declarations.states import LIVE_DECLARATIONS, DeclarationState, TripState
from gates.procedures.words import Agency, Moment


def is_draft(ctx: Context) -> Refusal | None:
    if ctx.declaration.state == DeclarationState.DRAFT:
        return None
    return Refusal(
        "already_submitted", _("Tờ khai %(code)s đã gửi rồi, không gửi lại được.") % {"code": ctx.declaration.code}
    )


def is_complete_enough(ctx: Context) -> Refusal | None:
    problem = blocking_problem(ctx.declaration)
    return Refusal("incomplete", problem) if problem else None


def returns_what_left_once(ctx: Context) -> Refusal | None:
    """Goods that come back left on a trip that is over, and come back once."""
    left = ctx.declaration.returns_id and ctx.trips[ctx.declaration.returns_id]
    if not left:
        return None
    if left.state != TripState.LEFT:
        return Refusal("not_left", _("Lượt %(plate)s chưa rời cửa khẩu.") % {"plate": left.plate})
    sent = left.returned_by.exclude(pk=ctx.declaration.pk).filter(
        state__in=(*LIVE_DECLARATIONS, DeclarationState.COMPLETED)
    )
    if other := sent.first():
        return Refusal(
            "returned_already",
            _("Hàng trả lại của lượt này đã được khai ở tờ khai %(code)s.") % {"code": other.code},
        )
    return None


def submit(ctx: Context) -> None:
    """Điều 4(2)a and its sisters: declared before the vehicle comes; each trip's first stage is complete."""
    declaration = ctx.declaration
    declaration.submit(ctx.now)
    declaration.save(update_fields=["state", "submitted_at", "changed_at"])
    ctx.record(declaration, by=Agency.TRADER)
    if declaration.returns_id:
        ctx.record(
            ctx.trips[declaration.returns_id], move="goods_return", by=Agency.TRADER, by_declaration=declaration.pk
        )
    for trip in declaration.trips.order_by("pk"):
        trip.declaration = declaration
        ctx.trips[trip.pk] = trip
        spec = trip.procedure.by_moment[Moment.DECLARE]
        stage = make_stage(ctx, trip, spec)
        fact = ctx.record(trip, move="confirm", place=spec.place, by=Agency.TRADER, of=spec.confirmations[0].of)
        open_slots(ctx, stage, spec, confirmed_by=fact)
        advance(ctx, trip)


def none_has_entered(ctx: Context) -> Refusal | None:
    if ctx.declaration.state == DeclarationState.SUBMITTED:
        return None
    return Refusal(
        "already_entered"
        if ctx.declaration.state in (DeclarationState.UNDER_WAY, DeclarationState.COMPLETED)
        else "not_withdrawable",
        _("Không thể thu hồi: tờ khai %(code)s %(state)s.")
        % {"code": ctx.declaration.code, "state": ctx.declaration.get_state_display()},
    )


def withdraw(ctx: Context) -> None:
    """Điều 20(1): take back the whole declaration, as long as no vehicle has entered."""
    declaration = ctx.declaration
    declaration.withdraw()
    declaration.save(update_fields=["state", "changed_at"])
    ctx.record(declaration, by=Agency.TRADER)
    for trip in declaration.trips.filter(state=TripState.EXPECTED).order_by("pk"):
        _end(ctx, trip, "withdraw")


def has_not_entered(ctx: Context) -> Refusal | None:
    if ctx.trip.state == TripState.EXPECTED:
        return None
    return Refusal(
        "already_entered",
        _("Không thể thu hồi: phương tiện %(plate)s %(state)s.")
        % {"plate": ctx.trip.plate, "state": ctx.trip.get_state_display()},
    )


def withdraw_trip(ctx: Context) -> None:
    """Take back one vehicle that has not entered; the others go on."""
    trip = ctx.trip
    trip.withdraw()
    trip.save(update_fields=["state"])
    ctx.record(trip, by=Agency.TRADER)
    declaration = ctx.declaration
    states = set(declaration.trips.values_list("state", flat=True))
    if states == {TripState.WITHDRAWN}:
        declaration.withdraw()
        declaration.save(update_fields=["state", "changed_at"])
        ctx.record(declaration, move="withdraw", by=Agency.TRADER)
    else:
        close_declaration(ctx, trip)


def was_not_extended(ctx: Context) -> Refusal | None:
    """It may have been extended while the sweep that finds the late ones was on its way."""
    until = ctx.declaration.extended_to
    if until is None or until <= ctx.now:
        return None
    return Refusal("extended", _("Tờ khai %(code)s đã được gia hạn.") % {"code": ctx.declaration.code})


def expire(ctx: Context) -> None:
    """No vehicle of the declaration came in time."""
    declaration = ctx.declaration
    for trip in declaration.trips.filter(state=TripState.EXPECTED).order_by("pk"):
        _end(ctx, trip, "expire")
    declaration.expire()
    declaration.save(update_fields=["state", "changed_at"])
    ctx.record(declaration)


def expire_trip(ctx: Context) -> None:
    """One vehicle did not come in time; the declaration is complete when the others have left."""
    _end(ctx, ctx.trip, "expire")
    close_declaration(ctx, ctx.trip)


def _end(ctx: Context, trip: Trip, how: str) -> None:
    getattr(trip, how)()
    trip.save(update_fields=["state"])
    ctx.record(trip, move=how)


def by_who_names_it(ctx: Context) -> Refusal | None:
    """The declarant, or an agency that confirms the goods at this gate."""
    return None if _names_it(ctx) else not_yours()


def _names_it(ctx: Context) -> Role | Agency | None:
    return ctx.represents(Agency.TRADER, *ctx.declaration.gate.book.confirming(GOODS_CONFIRMED))


def is_under_customs_eyes(ctx: Context) -> Refusal | None:
    """The declaration goes on, and what customs confirmed in the yard stays as it was."""
    if ctx.declaration.state not in LIVE_DECLARATIONS:
        return Refusal("not_live", _("Tờ khai %(code)s không còn thực hiện.") % {"code": ctx.declaration.code})
    lot = ctx.declaration.consignments.filter(pk=ctx.details["consignment"]).first()
    if lot is None:
        return not_yours()
    confirmed = Confirmation.objects.filter(of=GOODS_CONFIRMED, state=ConfirmationState.CONFIRMED)
    if is_named(lot) and confirmed.filter(stage__trip__loads__line__consignment=ctx.details["consignment"]).exists():
        return Refusal("customs_confirmed", _("Hải quan đã xác nhận lô hàng này; không sửa được nữa."))
    return None


def name_customs_declaration(ctx: Context) -> None:
    """The customs declaration, optional when declaring, is named afterwards, until customs confirms in the yard.

    Details: `consignment` its id, `number`, `day` a date or None.
    """
    lot = ctx.declaration.consignments.get(pk=ctx.details["consignment"])
    lot.customs_number, lot.customs_date = ctx.details["number"], ctx.details["day"]
    lot.save(update_fields=["customs_number", "customs_date"])
    day = lot.customs_date.isoformat() if lot.customs_date else ""
    ctx.record(ctx.declaration, by=_names_it(ctx), consignment=lot.pk, number=lot.customs_number, day=day)
