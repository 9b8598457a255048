"""Moves of the zone authority on a gate: announce that it is restricted or suspended, and take that back."""

from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.rules import role_at
from checkpoints.context import Context
from checkpoints.models import Closure
from checkpoints.refusals import Refusal, not_yours


def authority_of(ctx: Context) -> Role | None:
    """The role by which the actor speaks for the gate."""
    return role_at(ctx.actor, (Role.Code.ZONE_AUTHORITY,), ctx.gate_id) if ctx.actor else None


def by_zone_authority(ctx: Context) -> Refusal | None:
    return None if authority_of(ctx) else not_yours()


def has_an_end(ctx: Context) -> Refusal | None:
    """It ends after it begins, and not in the past."""
    if ctx.details["ends_at"] <= max(ctx.details["starts_at"], ctx.now):
        return Refusal("ends_too_early", _("Thời điểm kết thúc phải sau lúc bắt đầu và sau lúc này."))
    return None


def announce_closure(ctx: Context) -> None:
    """Details: `kind`, `authority` that decided it, `reason`, `starts_at`, `ends_at`."""
    names = ("kind", "authority", "starts_at", "ends_at")
    closure = Closure.objects.create(
        gate=ctx.subject,
        reason=ctx.reason,
        entered_by=ctx.actor,
        entered_at=ctx.now,
        **{name: ctx.details[name] for name in names},
    )
    ctx.record(
        ctx.subject,
        by=authority_of(ctx),
        closure=closure.pk,
        kind=closure.kind,
        starts_at=closure.starts_at.isoformat(),
        ends_at=closure.ends_at.isoformat(),
    )


def is_not_over(ctx: Context) -> Refusal | None:
    """The closure is one of this gate, neither lifted nor at its end."""
    closures = Closure.objects.filter(pk=ctx.details["closure"], gate=ctx.subject)
    if closures.filter(lifted_at__isnull=True, ends_at__gt=ctx.now).exists():
        return None
    return Refusal("closure_over", _("Thông báo này đã hết hạn hoặc đã được gỡ."))


def lift_closure(ctx: Context) -> None:
    """Details: `closure`, its id. The gate is as before, ahead of the end that was announced."""
    Closure.objects.filter(pk=ctx.details["closure"]).update(lifted_at=ctx.now)
    ctx.record(ctx.subject, by=authority_of(ctx), closure=ctx.details["closure"])
