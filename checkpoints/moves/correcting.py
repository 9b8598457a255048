"""Moves that correct what was declared: an agency asks, the declarant or the driver corrects, who confirmed agrees.

A value in force changes only when nobody had confirmed on the old one, or all who had agree. Until then the barrier
stays closed and nothing that rests on the field is confirmed; whatever else was confirmed stays as it was.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.rules import DECLARING
from checkpoints import registry
from checkpoints.cards import trip_id_of
from checkpoints.context import Context
from checkpoints.corrections import concerned, keys_of, label, rests, sealed
from checkpoints.journey import plan
from checkpoints.models import Confirmation, Consent, Correction, Transshipment, TripStage
from checkpoints.moves.progress import advance
from checkpoints.refusals import Refusal, not_yours
from checkpoints.resting import BY_SUMS
from checkpoints.states import SETTLED, ConfirmationState, CorrectionState
from declarations.checks import Problem, problems
from declarations.correctable import Value, as_text, cleaned, current, is_of_goods, parted, write
from declarations.models import Trip
from declarations.plates import display
from declarations.services import procedure_for
from declarations.states import TripState
from gates.procedures.words import Agency

ASKED_ELSEWHERE = frozenset({"under_way"})
"""Of the warnings of declaring, those that a guard here answers."""


def correction_of(trip: Trip) -> Correction | None:
    """The one that is open on this trip."""
    return Correction.objects.open().filter(trip=trip).select_related("asked", "proposed").first()


# What an open correction holds up


def nothing_is_being_corrected(ctx: Context) -> Refusal | None:
    """The barrier stays closed while something declared of this truck is being corrected."""
    found = ctx.being_corrected(ctx.trip)
    return _being_corrected(found.fields) if found else None


def does_not_rest_on_what_is_corrected(ctx: Context) -> Refusal | None:
    """Nobody confirms what rests on a field that is being corrected, nor opens the barrier with it."""
    found = ctx.being_corrected(ctx.trip)
    if found is None:
        return None
    held = ctx.details.get("opens") or rests(ctx.slot(ctx.trip).of, found.fields, replaces=found.replaces)
    return _being_corrected(found.fields) if held else None


def _being_corrected(keys: Iterable[str]) -> Refusal:
    fields = ", ".join(dict.fromkeys(map(label, keys)))
    return Refusal(
        "being_corrected", _("Đang sửa khai báo: %(fields)s. Sửa xong mới làm tiếp được.") % {"fields": fields}
    )


# Who


def by_confirming_agency(ctx: Context) -> Refusal | None:
    """An agency that confirms something in the procedure of this trip, at this gate."""
    return None if _asking(ctx) else not_yours()


def _asking(ctx: Context) -> Role | None:
    trip = ctx.trip
    stages = [*plan(trip), *(stage.spec for stage in ctx.stages(trip))]
    agencies = {agency for stage in stages for confirms in stage.confirmations for agency in confirms.agencies}
    return ctx.represents(*(agencies | {trip.book.barriers_opened_by}) - DECLARING)


def by_declarant_or_driver(ctx: Context) -> Refusal | None:
    """The declarant; or, of what was asked, whoever holds the driver's card of this trip."""
    by = _correcting(ctx)
    if by is Agency.DRIVER:
        found = correction_of(ctx.trip)
        asked = found is not None and found.asked_id and set(ctx.details["values"]) <= set(found.fields)
        return None if asked and not ctx.details.get("replaces") else not_yours()
    return None if by else not_yours()


def _correcting(ctx: Context) -> Role | Agency | None:
    if ctx.actor is None:
        held = trip_id_of(ctx.details.get("card") or "")
        return Agency.DRIVER if held == ctx.trip.pk else None
    return ctx.represents(Agency.TRADER)


def by_who_must_agree(ctx: Context) -> Refusal | None:
    return None if _agreeing(ctx) else not_yours()


def _agreeing(ctx: Context) -> Role | None:
    awaited = Consent.objects.filter(correction__in=Correction.objects.open().filter(trip=ctx.trip), fact=None)
    return ctx.represents(*(Agency(agency) for agency in awaited.values_list("agency", flat=True)))


def by_who_asked(ctx: Context) -> Refusal | None:
    """The agency that asked; without its asking, the declarant takes back what was proposed."""
    return None if _withdrawing(ctx) else not_yours()


def _withdrawing(ctx: Context) -> Role | Agency | None:
    found = correction_of(ctx.trip)
    if found is None:
        return None
    return ctx.represents(Agency(found.asked.agency) if found.asked else Agency.TRADER)


# What must hold


def none_is_open(ctx: Context) -> Refusal | None:
    found = correction_of(ctx.trip)
    return None if found is None else _being_corrected(keys_of(found))


def fields_are_declared(ctx: Context) -> Refusal | None:
    """Each field asked or corrected is one of this truck or of the goods that its declaration put on it."""
    named = ctx.details.get("fields") or ctx.details.get("values") or ()
    known = current(ctx.trip)
    if named and all(key in known for key in named):
        return None
    return Refusal("unknown_field", _("Mục cần sửa không có trên xe này; hãy tải lại trang."))


def is_the_one_seen(ctx: Context) -> Refusal | None:
    """The proposal on the person's screen is still the one that waits."""
    found = correction_of(ctx.trip)
    if found is not None and found.state == CorrectionState.PROPOSED and found.proposed_id == ctx.details["proposal"]:
        return None
    return _just_changed()


def _just_changed() -> Refusal:
    return Refusal("just_changed", _("Nội dung sửa vừa thay đổi. Hãy xem lại."))


def values_are_proper(ctx: Context) -> Refusal | None:
    """Each value has the form of its field, something changes, and what was asked is among it."""
    try:
        change = _change(ctx)
    except ValidationError as error:
        return Refusal("bad_value", error.messages[0])
    found = correction_of(ctx.trip)
    if not change or (found and found.asked_id and not set(found.fields) & set(change)):
        return Refusal("nothing_changed", _("Mục cần sửa vẫn như cũ."))
    first, last = (change.get(name, getattr(ctx.trip, name)) for name in ("permit_from", "permit_to"))
    if first and last and last < first:
        return Refusal("bad_value", _("Ngày hết hạn phải sau ngày bắt đầu."))
    return None


def _change(ctx: Context) -> dict[str, Value]:
    """The fields whose value becomes another, each with the new one: of a proposal, or as given."""
    values = ctx.details["values"] if "values" in ctx.details else correction_of(ctx.trip).after
    known, change = current(ctx.trip), {}
    for key, value in values.items():
        try:
            change[key] = cleaned(key, value)
        except ValidationError as error:
            raise ValidationError(f"{label(key)}: {error.messages[0]}") from error
    return {key: value for key, value in change.items() if key not in known or value != known[key]}


def vehicle_is_free(ctx: Context) -> Refusal | None:
    """The vehicle named is not inside already on another trip; one that is still expected may be declared ahead."""
    plate = _change(ctx).get("plate")
    here = ctx.trip.state == TripState.UNDER_WAY or ctx.open_stage(ctx.trip) is not None
    if not plate or not here:
        return None
    if not Trip.objects.filter(plate=plate, state=TripState.UNDER_WAY).exclude(pk=ctx.trip.pk).exists():
        return None
    return Refusal(
        "vehicle_under_way",
        _("Phương tiện %(plate)s đang trong một lượt khác chưa kết thúc.") % {"plate": display(plate)},
    )


def goods_are_not_registered_to_go(ctx: Context) -> Refusal | None:
    """How much there is does not change under a registered transshipment."""
    amounts = any(is_of_goods(key) for key in _change(ctx))
    if amounts and Transshipment.objects.of(ctx.trip).pending().exists():
        return Refusal("goods_registered", _("Hàng đã đăng ký sang tải; hãy thu hồi đăng ký rồi sửa."))
    return None


def journey_stays(ctx: Context) -> Refusal | None:
    """A vehicle of another country may belong to another procedure: that is another declaration."""
    country, trip = _change(ctx).get("country"), ctx.trip
    if not country:
        return None
    declaration = ctx.declaration
    procedure = procedure_for(
        declaration.gate,
        purpose=declaration.purpose,
        country=str(country),
        comes_from=trip.book[trip.began_as].comes_from or "",
        yard=declaration.yard,
    )
    if procedure is not None and procedure.code == trip.began_as:
        return None
    return Refusal("other_procedure", _("Xe của nước khác đi theo quy trình khác; hãy thu hồi và khai lại."))


def declaration_stays_whole(ctx: Context) -> Refusal | None:
    """With the new values nothing is wrong that would keep it from being sent; a warning must be overridden."""
    change = _change(ctx)
    before = _problems(ctx)
    try:
        with _tried_out(ctx.trip, change):
            after = _problems(ctx)
    except ValidationError as error:
        return Refusal("bad_value", error.messages[0])
    number = ctx.declaration.trips.filter(position__lt=ctx.trip.position).count() + 1
    touched = {f"vehicles.{number}.{key}" for key in change}
    known = {(problem.code, problem.at) for problem in before}
    new = [problem for problem in after if problem.at in touched or (problem.code, problem.at) not in known]
    if wrong := next((problem for problem in new if problem.hard), None):
        return Refusal("incomplete", wrong.message)
    if new and ctx.move == "correct" and not ctx.details.get("sure"):
        return Refusal("doubtful", new[0].message)
    return None


def _problems(ctx: Context) -> list[Problem]:
    return [problem for problem in problems(ctx.declaration) if problem.code not in ASKED_ELSEWHERE]


@contextmanager
def _tried_out(trip: Trip, change: Mapping[str, Value]) -> Iterator[None]:
    """Inside, the values stand in the database; afterwards the old ones do."""
    with transaction.atomic():
        write(trip, change)
        yield
        transaction.set_rollback(True)


VALUES_MAY_STAND = (vehicle_is_free, goods_are_not_registered_to_go, journey_stays, declaration_stays_whole)
"""Asked when values are proposed, and again when the last one agrees."""


# What happens


def ask_correction(ctx: Context) -> None:
    """Điều 10(1), 11(1): what is not right is corrected by who declared it; the truck waits.

    Details: `fields`, their keys; `reason`.
    """
    trip, fields = ctx.trip, sorted(ctx.details["fields"])
    correction = Correction.objects.create(trip=trip, fields=fields)
    correction.concerns.set(concerned(trip, fields))
    correction.asked = ctx.record(trip, place=_place(ctx), by=_asking(ctx), correction=correction.pk, fields=fields)
    ctx.write()
    correction.save(update_fields=["asked"])


def correct(ctx: Context) -> None:
    """New values are named; in force at once where nobody confirmed on the old ones, else once all of these agree.

    Details: `values`, key to value; optional `reason`, `replaces` (another vehicle goes in place of this one), `sure`
    (warnings were seen), `card` (the token of the driver's card, without an actor).
    """
    trip, change, replaces = ctx.trip, _change(ctx), bool(ctx.details.get("replaces"))
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
        by=_correcting(ctx),
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

    Details: `proposal`, the id of the fact that proposed what the person saw.
    """
    correction, by = correction_of(ctx.trip), _agreeing(ctx)
    fact = ctx.record(ctx.trip, place=_place(ctx), by=by, correction=correction.pk)
    ctx.write()
    correction.consents.filter(agency=by.code).update(fact=fact)
    if not correction.consents.filter(fact=None).exists():
        change = _change(ctx)
        _put_in_force(ctx, correction, change, _touched(ctx, change))


def reject_correction(ctx: Context) -> None:
    """An agency does not agree: what was declared stays, and so does every confirmation."""
    _close(ctx, "reject", by=_agreeing(ctx))


def withdraw_correction(ctx: Context) -> None:
    """It is not asked any more, or not proposed any more."""
    _close(ctx, "withdraw", by=_withdrawing(ctx))


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
        raise _just_changed()
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
    with _tried_out(ctx.trip, change):
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
        raise _just_changed()
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
    for trip_id in touched:
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
