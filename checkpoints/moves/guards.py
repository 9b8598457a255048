"""Guards that several moves share: each looks at a context and returns a refusal or None."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from accounts.models import Role
from checkpoints.context import Context
from checkpoints.refusals import Refusal, not_yours
from declarations.states import LIVE_DECLARATIONS, LIVE_TRIPS
from gates.procedures.words import Agency

Guard = Callable[[Context], Refusal | None]


def by_platform(ctx: Context) -> Refusal | None:
    return not_yours() if ctx.actor is not None else None


def by_declarant(ctx: Context) -> Refusal | None:
    return None if ctx.represents(Agency.TRADER) else not_yours()


def by_barrier_guard(ctx: Context) -> Refusal | None:
    """Only the force that the book names opens a barrier, at its own gate."""
    book = ctx.subject.book if hasattr(ctx.subject, "book") else ctx.declaration.gate.book
    return None if isinstance(ctx.represents(book.barriers_opened_by), Role) else not_yours()


def with_reason(ctx: Context) -> Refusal | None:
    if len(ctx.reason) < 3:
        return Refusal("reason_missing", _("Hãy ghi lý do."))
    if len(ctx.reason) > 500:
        return Refusal("reason_too_long", _("Lý do dài quá 500 ký tự."))
    return None


def trip_is_live(ctx: Context) -> Refusal | None:
    """The trip is neither ended nor a draft."""
    if ctx.trip.state in LIVE_TRIPS and ctx.declaration.state in LIVE_DECLARATIONS:
        return None
    return Refusal(
        "trip_ended",
        _("Lượt phương tiện %(plate)s đã %(state)s; không thể thực hiện việc này.")
        % {"plate": ctx.trip.plate, "state": ctx.trip.get_state_display()}
        if ctx.trip.has_ended
        else _("Tờ khai %(code)s chưa được gửi.") % {"code": ctx.declaration.code},
    )
