"""Moves of a vehicle that stays longer than it may: told once by the platform, and a violation noted."""

from django.utils.translation import gettext as _

from checkpoints.context import Context
from checkpoints.overstays import Deadline
from checkpoints.refusals import Refusal
from checkpoints.selectors import trucks
from declarations.models import Trip
from declarations.plates import display


def _overstays(ctx: Context) -> Deadline | None:
    return trucks(Trip.objects.filter(pk=ctx.trip.pk), ())[0].overstays


def is_over_its_time(ctx: Context) -> Refusal | None:
    if _overstays(ctx):
        return None
    return Refusal(
        "in_time", _("Phương tiện %(plate)s chưa quá thời hạn lưu lại.") % {"plate": display(ctx.trip.plate)}
    )


def was_not_told(ctx: Context) -> Refusal | None:
    return Refusal("told_already", _("Đã báo quá hạn rồi.")) if _overstays(ctx).told else None


def overstay(ctx: Context) -> None:
    """Said once to its declarant and the border guard; it holds nothing up."""
    deadline = _overstays(ctx)
    ctx.record(ctx.trip, kind=deadline.kind, hours=deadline.hours, until=deadline.at.isoformat())


def was_not_noted(ctx: Context) -> Refusal | None:
    return Refusal("noted_already", _("Đã ghi vi phạm quá hạn rồi.")) if _overstays(ctx).noted else None


def note_overstay(ctx: Context) -> None:
    """The violation is recorded, with the number of its record in the reason; the vehicle goes on as before."""
    ctx.record(ctx.trip, by=ctx.represents(ctx.trip.book.barriers_opened_by), until=_overstays(ctx).at.isoformat())
