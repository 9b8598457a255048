"""Moves that keep a declaration good for longer: by its declarant before it expires, by the authority for a gate."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from checkpoints.context import Context
from checkpoints.models import Fact
from checkpoints.moves.closing import authority_of
from checkpoints.refusals import Refusal
from declarations.models import Declaration
from declarations.states import LIVE_DECLARATIONS, TripState
from gates.models import Gate
from gates.procedures.words import Agency

LONGEST_HOURS = 240


def awaited_at(gate: Gate) -> Sequence[int]:
    """Ids of the declarations at this gate of which a vehicle is still to come."""
    awaited = Declaration.objects.filter(gate=gate, state__in=LIVE_DECLARATIONS, trips__state=TripState.EXPECTED)
    return list(awaited.order_by("pk").distinct().values_list("pk", flat=True))


def is_awaited(ctx: Context) -> Refusal | None:
    """A vehicle of it is still to come, and its time is not over."""
    declaration = ctx.declaration
    coming = declaration.trips.filter(state=TripState.EXPECTED)
    if declaration.state in LIVE_DECLARATIONS and coming.exists() and declaration.expires_at > ctx.now:
        return None
    return Refusal(
        "not_extendable",
        _("Không gia hạn được: tờ khai %(code)s đã hết hạn hoặc không còn xe nào chờ đến.")
        % {"code": declaration.code},
    )


def is_not_extended_too_often(ctx: Context) -> Refusal | None:
    if extensions_left(ctx.declaration):
        return None
    return Refusal(
        "extended_already", _("Tờ khai %(code)s đã được gia hạn rồi; hãy khai lại.") % {"code": ctx.declaration.code}
    )


def extensions_left(declaration: Declaration) -> int:
    """How often the declarant may extend it still; what the authority extended does not count."""
    made = Fact.objects.filter(declaration=declaration, move="extend", agency=Agency.TRADER).count()
    return max(0, settings.DECLARATION_EXTENSIONS - made)


def extend(ctx: Context) -> None:
    """As long again as a declaration is good for after the arrival declared."""
    _extend(ctx, ctx.declaration, settings.DECLARATION_VALID_HOURS, by=Agency.TRADER)


def hours_are_sensible(ctx: Context) -> Refusal | None:
    if 0 < ctx.details["hours"] <= LONGEST_HOURS:
        return None
    return Refusal("bad_hours", _("Hãy gia hạn từ 1 đến %(most)s giờ.") % {"most": LONGEST_HOURS})


def some_are_awaited(ctx: Context) -> Refusal | None:
    return None if ctx.declarations else Refusal("none_awaited", _("Không có tờ khai nào đang chờ tại cửa khẩu này."))


def extend_all(ctx: Context) -> None:
    """Where the gate was closed or the road blocked: every declaration of which a vehicle is still to come.

    Subject: the gate. Details: `hours`, `reason`.
    """
    by = authority_of(ctx)
    ctx.record(ctx.subject, by=by, hours=ctx.details["hours"], declarations=len(ctx.declarations))
    for declaration in ctx.declarations.values():
        if declaration.state in LIVE_DECLARATIONS:
            _extend(ctx, declaration, ctx.details["hours"], by=by)


def _extend(ctx: Context, declaration: Declaration, hours: int, *, by) -> None:
    declaration.extended_to = max(declaration.expires_at, ctx.now) + timedelta(hours=hours)
    declaration.save(update_fields=["extended_to", "changed_at"])
    ctx.record(declaration, move="extend", by=by, until=declaration.extended_to.isoformat())
