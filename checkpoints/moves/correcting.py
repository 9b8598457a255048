"""Moves that correct what was declared: an agency asks, the declarant or the driver corrects, who confirmed agrees.

A value in force changes only when nobody had confirmed on the old one, or all who had agree. Until then the barrier
stays closed and nothing that rests on the field is confirmed; whatever else was confirmed stays as it was.
"""

from collections.abc import Iterable, Iterator, Mapping

from django.utils.translation import gettext as _

from accounts.models import Role
from checkpoints import registry
from checkpoints.context import Context
from checkpoints.corrections import concerned, rests, sealed
from checkpoints.models import Confirmation, Consent, Correction, TripStage
from checkpoints.moves.may_correct import (
    agreeing,
    asking,
    change_of,
    correction_of,
    just_changed,
    tried_out,
    who_corrects,
    withdrawing,
)
from checkpoints.moves.progress import advance
from checkpoints.refusals import Refusal
from checkpoints.resting import BY_SUMS
from checkpoints.states import SETTLED, ConfirmationState
from declarations.correctable import Value, as_text, current, is_of_goods, parted, write
from declarations.models import Trip
from gates.procedures.words import Agency


def ask_correction(ctx: Context) -> None:
    """Điều 10(1), 11(1): what is not right is corrected by who declared it; the truck waits.

    Details: `fields`, their keys; `reason`.
    """
    trip, fields = ctx.trip, sorted(ctx.details["fields"])
    known = current(trip)
    before = {key: as_text(known[key]) for key in fields}
    correction = Correction.objects.create(trip=trip, fields=fields, before=before)
    correction.concerns.set(concerned(trip, fields))
    correction.asked = ctx.record(trip, place=_place(ctx), by=asking(ctx), correction=correction.pk, fields=fields)
    ctx.write()
    correction.save(update_fields=["asked"])


def correct(ctx: Context) -> None:
    """New values are named; in force at once where nobody confirmed on the old ones, else once all of these agree.

    Details: `values`, key to value; optional `reason`, `replaces` (another vehicle goes in place of this one), `sure`
    (warnings were seen), `card` (the token of the driver's card, without an actor).
    """
    trip, change, replaces = ctx.trip, change_of(ctx), bool(ctx.details.get("replaces"))
    known = current(trip)
    correction = correction_of(trip) or Correction.objects.create(trip=trip, fields=sorted(change))
    correction.propose()
    correction.replaces = replaces
    correction.before = {key: as_text(known[key]) for key in sorted(change)}
    correction.after = {key: as_text(change[key]) for key in sorted(change)}
    touched = _touched(ctx, change)
    agencies = _who_must_agree(ctx, touched, change, replaces=replaces)
    correction.proposed = ctx.record(
        trip,
        place=_place(ctx),
        by=who_corrects(ctx),
        correction=correction.pk,
        fields=sorted(change),
        before=sealed(correction, correction.before),
        after=sealed(correction, correction.after),
        asks=sorted(agencies),
        **({"replaces": True} if replaces else {}),
    )
    ctx.write()
    correction.save()
    correction.concerns.set(touched)
    correction.consents.all().delete()
    Consent.objects.bulk_create(Consent(correction=correction, agency=agency) for agency in sorted(agencies))
    if not agencies:
        _put_in_force(ctx, correction, change, touched)


def agree_correction(ctx: Context) -> None:
    """An agency agrees to the new value in place of that on which it confirmed; its confirmation stays.

    Who must agree is asked anew before it is put in force: a stage may have been finished since it was proposed. Who
    is asked only now stands in the fact of this agreement.
    Details: `proposal`, the id of the fact that proposed what the person saw.
    """
    correction, by, change = correction_of(ctx.trip), agreeing(ctx), change_of(ctx)
    asked = dict(correction.consents.values_list("agency", "fact"))
    is_last = all(fact or agency == by.code for agency, fact in asked.items())
    touched = _touched(ctx, change)
    late: set[str] = set()
    if is_last:
        late = _who_must_agree(ctx, touched, change, replaces=correction.replaces) - asked.keys()
    also = {"asks": sorted(late)} if late else {}
    fact = ctx.record(ctx.trip, place=_place(ctx), by=by, correction=correction.pk, **also)
    ctx.write()
    correction.consents.filter(agency=by.code).update(fact=fact)
    if late:
        Consent.objects.bulk_create(Consent(correction=correction, agency=agency) for agency in sorted(late))
    elif is_last:
        _put_in_force(ctx, correction, change, touched)


def reject_correction(ctx: Context) -> None:
    """An agency does not agree: what was declared stays, and so does every confirmation."""
    _close(ctx, "reject", by=agreeing(ctx))


def withdraw_correction(ctx: Context) -> None:
    """It is not asked any more, or not proposed any more."""
    _close(ctx, "withdraw", by=withdrawing(ctx))


def _close(ctx: Context, how: str, *, by: Role | Agency | None) -> None:
    correction = correction_of(ctx.trip)
    getattr(correction, how)()
    correction.settled = ctx.record(ctx.trip, place=_place(ctx), by=by, correction=correction.pk)
    ctx.write()
    correction.save(update_fields=["state", "settled"])


def _place(ctx: Context) -> str:
    stage = ctx.open_stage(ctx.trip)
    return stage.place if stage else ""


def _touched(ctx: Context, change: Iterable[str]) -> dict[int, set[str]]:
    """As `concerned`; every trip of it must be locked here."""
    touched = concerned(ctx.trip, change)
    if not ctx.trips.keys() >= touched.keys():
        raise just_changed()
    return touched


def _who_must_agree(
    ctx: Context, touched: Mapping[int, set[str]], change: Mapping[str, Value], *, replaces: bool
) -> set[str]:
    """The agencies that confirmed on an old value, and those whose finished stages the new one would have asked."""
    agencies = {
        slot.fact.agency or slot.agency
        for slot, _trip in _resting(ctx, touched, replaces=replaces)
        if slot.state == ConfirmationState.CONFIRMED and slot.of not in BY_SUMS
    }
    with tried_out(ctx.trip, change):
        asked = _asked_after_all(ctx, touched, replaces=replaces)
    return agencies | {slot.agency for slot, _trip in asked if not slot.stage.is_open}


def _resting(ctx: Context, touched: Mapping[int, set[str]], *, replaces: bool) -> Iterator[tuple[Confirmation, Trip]]:
    """The slots of all trips touched that rest on what changes there."""
    for trip_id, keys in touched.items():
        trip = ctx.trips[trip_id]
        for stage in ctx.stages(trip):
            for slot in stage.slots:
                if rests(slot.of, keys, replaces=replaces and trip_id == ctx.trip.pk):
                    yield slot, trip


def _asked_after_all(
    ctx: Context, touched: Mapping[int, set[str]], *, replaces: bool
) -> list[tuple[Confirmation, Trip]]:
    """Slots not required so far whose condition holds by what stands in the database now."""
    found = []
    for slot, trip in _resting(ctx, touched, replaces=replaces):
        if slot.state != ConfirmationState.NOT_REQUIRED or slot.spec.condition is None or slot.of in BY_SUMS:
            continue
        confirmed = any(
            (other.agency, other.of) == (slot.agency, slot.of) and other.state == ConfirmationState.CONFIRMED
            for stage in ctx.stages(trip)
            for other in stage.slots
        )
        if not confirmed and registry.conditions_holding(trip, {slot.spec.condition}):
            found.append((slot, trip))
    return found


def _put_in_force(
    ctx: Context, correction: Correction, change: Mapping[str, Value], touched: Mapping[int, set[str]]
) -> None:
    """The values change; what was refused on the old ones waits again, all else stays."""
    trip, replaces = ctx.trip, correction.replaces
    known = {key: as_text(value) for key, value in current(trip).items()}
    if any(known.get(key) != correction.before[key] for key in correction.after):
        raise just_changed()
    write(trip, change)
    for key, value in change.items():
        if not is_of_goods(key):
            setattr(trip, parted(key)[2], value)
    correction.apply()
    correction.settled = ctx.record(
        trip, move="corrected", place=_place(ctx), correction=correction.pk, fields=sorted(change)
    )
    consents = {consent.agency: consent.fact for consent in correction.consents.select_related("fact")}
    for slot, other in _resting(ctx, touched, replaces=replaces):
        if slot.state == ConfirmationState.REFUSED:
            _ask(ctx, other, slot)
    for slot, other in _asked_after_all(ctx, touched, replaces=replaces):
        if slot.stage.is_open:
            _ask(ctx, other, slot)
        else:
            ctx.settle(slot, "reopen", None)
            ctx.settle(slot, "confirm", consents[slot.agency])
    ctx.write()
    correction.save(update_fields=["state", "settled"])
    for trip_id in sorted(touched):
        _see_what_is_asked(ctx, ctx.trips[trip_id], correction)
        advance(ctx, ctx.trips[trip_id])


def _ask(ctx: Context, trip: Trip, slot: Confirmation) -> None:
    fact = ctx.record(trip, move="ask", place=slot.stage.place, confirmation=slot.pk, of=slot.of)
    ctx.settle(slot, "reopen", fact)


def _see_what_is_asked(ctx: Context, trip: Trip, correction: Correction) -> None:
    """What others find to be asked again by the new values, and what the open stage does not need any more."""
    again = {of for hook in registry.corrected for of in hook(trip, correction)}
    last = ctx.stages(trip)[-1]
    for stage in ctx.stages(trip):
        for slot in stage.slots:
            if slot.of in again and slot.state in SETTLED:
                if stage is not last:
                    raise Refusal(
                        "too_late_to_correct",
                        _("Không sửa được nữa: “%(stage)s” đã xong và bước tiếp theo đã bắt đầu.")
                        % {"stage": stage.get_moment_display()},
                    )
                _ask(ctx, trip, slot)
                _open_again(stage)
    if last.is_open:
        _waive_what_is_not_needed(ctx, trip, last)


def _open_again(stage: TripStage) -> None:
    if not stage.is_open:
        stage.completed_at = None
        stage.save(update_fields=["completed_at"])


def _waive_what_is_not_needed(ctx: Context, trip: Trip, stage: TripStage) -> None:
    waiting = [slot for slot in stage.slots if slot.spec.condition and slot.state == ConfirmationState.WAITING]
    holding: set = registry.conditions_holding(trip, {slot.spec.condition for slot in waiting}) if waiting else set()
    if idle := [slot for slot in waiting if slot.spec.condition not in holding]:
        fact = ctx.record(trip, move="waive", place=stage.place, why="corrected", slots=[slot.pk for slot in idle])
        for slot in idle:
            ctx.settle(slot, "waive", fact)
