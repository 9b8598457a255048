"""Moves of a vehicle that stays longer than it may: told once by the platform, and a violation noted."""

from django.utils.translation import gettext as _

from checkpoints.context import Context
from checkpoints.refusals import Refusal
from declarations.plates import display


def is_over_its_time(ctx: Context) -> Refusal | None:
    if ctx.deadline and ctx.deadline.is_over:
        return None
    return Refusal(
        "in_time", _("Phương tiện %(plate)s chưa quá thời hạn lưu lại.") % {"plate": display(ctx.trip.plate)}
    )


def was_not_told(ctx: Context) -> Refusal | None:
    return Refusal("told_already", _("Đã báo quá hạn rồi.")) if ctx.deadline.told else None


def overstay(ctx: Context) -> None:
    """Said once to its declarant and the border guard; it holds nothing up."""
    deadline = ctx.deadline
    ctx.record(ctx.trip, kind=deadline.kind, hours=deadline.hours, until=deadline.at.isoformat())


def was_not_noted(ctx: Context) -> Refusal | None:
    return Refusal("noted_already", _("Đã ghi vi phạm quá hạn rồi.")) if ctx.deadline.noted else None


def note_overstay(ctx: Context) -> None:
    """The violation is recorded, with the number of its record in the reason; the vehicle goes on as before."""
    ctx.record(ctx.trip, by=ctx.represents(ctx.trip.book.barriers_opened_by), until=ctx.deadline.at.isoformat())
