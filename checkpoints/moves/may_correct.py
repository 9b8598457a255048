"""Who may correct what was declared, which values may stand, and what an open correction holds up."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.rules import DECLARING
from checkpoints.cards import trip_id_of
from checkpoints.context import Context
from checkpoints.corrections import OpenCorrection, keys_of, label, labels
from checkpoints.journey import plan
from checkpoints.models import Consent, Correction, Transshipment
from checkpoints.refusals import Refusal, not_yours
from checkpoints.states import CorrectionState
from declarations.checks import Problem, problems
from declarations.correctable import Value, cleaned, current, is_of_goods, write
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
    return _held_by(ctx.being_corrected(ctx.trip))


def does_not_rest_on_what_is_corrected(ctx: Context) -> Refusal | None:
    """Nobody confirms what rests on a field that is being corrected, nor opens the barrier with it."""
    if ctx.details.get("opens"):
        return nothing_is_being_corrected(ctx)
    return holds_up(ctx, ctx.trip, ctx.slot(ctx.trip).of)


def holds_up(ctx: Context, trip: Trip, of: str) -> Refusal | None:
    """The refusal, while something of this trip is being corrected on which the confirmation of this fact rests."""
    return _held_by(each for each in ctx.being_corrected(trip) if each.holds(of))


def _held_by(found: Iterable[OpenCorrection]) -> Refusal | None:
    fields = {key for each in found for key in each.fields}
    return _being_corrected(fields) if fields else None


def _being_corrected(keys: Iterable[str]) -> Refusal:
    return Refusal(
        "being_corrected", _("Đang sửa khai báo: %(fields)s. Sửa xong mới làm tiếp được.") % {"fields": labels(keys)}
    )


# Who


def by_confirming_agency(ctx: Context) -> Refusal | None:
    """An agency that confirms something in the procedure of this trip, at this gate."""
    return None if asking(ctx) else not_yours()


def asking(ctx: Context) -> Role | None:
    trip = ctx.trip
    stages = [*plan(trip), *(stage.spec for stage in ctx.stages(trip))]
    agencies = {agency for stage in stages for confirms in stage.confirmations for agency in confirms.agencies}
    return ctx.represents(*(agencies | {trip.book.barriers_opened_by}) - DECLARING)


def by_declarant_or_driver(ctx: Context) -> Refusal | None:
    """The declarant; or, of what was asked, whoever holds the driver's card of this trip."""
    by = who_corrects(ctx)
    if by is Agency.DRIVER:
        found = correction_of(ctx.trip)
        asked = found is not None and found.asked_id and set(ctx.details["values"]) <= set(found.fields)
        return None if asked and not ctx.details.get("replaces") else not_yours()
    return None if by else not_yours()


def who_corrects(ctx: Context) -> Role | Agency | None:
    if ctx.actor is None:
        held = trip_id_of(ctx.details.get("card") or "")
        return Agency.DRIVER if held == ctx.trip.pk else None
    return ctx.represents(Agency.TRADER)


def by_who_must_agree(ctx: Context) -> Refusal | None:
    return None if agreeing(ctx) else not_yours()


def agreeing(ctx: Context) -> Role | None:
    awaited = Consent.objects.filter(correction__in=Correction.objects.open().filter(trip=ctx.trip), fact=None)
    return ctx.represents(*(Agency(agency) for agency in awaited.values_list("agency", flat=True)))


def by_who_asked(ctx: Context) -> Refusal | None:
    """The agency that asked; without its asking, the declarant takes back what was proposed."""
    return None if withdrawing(ctx) else not_yours()


def withdrawing(ctx: Context) -> Role | Agency | None:
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
    if not named:
        return Refusal("nothing_named", _("Hãy chọn ít nhất một mục cần sửa."))
    known = current(ctx.trip)
    if all(key in known for key in named):
        return None
    return Refusal("unknown_field", _("Mục cần sửa không có trên xe này; hãy tải lại trang."))


def is_the_one_seen(ctx: Context) -> Refusal | None:
    """The proposal on the person's screen is still the one that waits."""
    found = correction_of(ctx.trip)
    if found is not None and found.state == CorrectionState.PROPOSED and found.proposed_id == ctx.details["proposal"]:
        return None
    return just_changed()


def just_changed() -> Refusal:
    return Refusal("just_changed", _("Nội dung sửa vừa thay đổi. Hãy xem lại."))


def values_are_proper(ctx: Context) -> Refusal | None:
    """Each value has the form of its field, something changes, and what was asked is among it."""
    try:
        change = change_of(ctx)
    except ValidationError as error:
        return Refusal("bad_value", error.messages[0])
    found = correction_of(ctx.trip)
    if not change or (found and found.asked_id and not set(found.fields) & set(change)):
        return Refusal("nothing_changed", _("Mục cần sửa vẫn như cũ."))
    first, last = (change.get(name, getattr(ctx.trip, name)) for name in ("permit_from", "permit_to"))
    if first and last and last < first:
        return Refusal("bad_value", _("Ngày hết hạn phải sau ngày bắt đầu."))
    return None


def change_of(ctx: Context) -> dict[str, Value]:
    """The fields whose value becomes another, each with the new one: as proposed so far, and as given now.

    A proposal adds to the one before; a field set back to what is declared leaves it.
    """
    found = correction_of(ctx.trip)
    values = (found.after if found else {}) | dict(ctx.details.get("values", {}))
    known, change = current(ctx.trip), {}
    for key, value in values.items():
        try:
            change[key] = cleaned(key, value)
        except ValidationError as error:
            raise ValidationError(f"{label(key)}: {error.messages[0]}") from error
    return {key: value for key, value in change.items() if key not in known or value != known[key]}


def fields_are_still_there(ctx: Context) -> Refusal | None:
    """Goods that left the truck since they were named are not corrected on it any more."""
    return None if change_of(ctx).keys() <= current(ctx.trip).keys() else just_changed()


def vehicle_is_free(ctx: Context) -> Refusal | None:
    """The vehicle named is not inside already on another trip; one that is still expected may be declared ahead."""
    plate = change_of(ctx).get("plate")
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
    amounts = any(is_of_goods(key) for key in change_of(ctx))
    if amounts and Transshipment.objects.of(ctx.trip).pending().exists():
        return Refusal("goods_registered", _("Hàng đã đăng ký sang tải; hãy thu hồi đăng ký rồi sửa."))
    return None


def journey_stays(ctx: Context) -> Refusal | None:
    """A vehicle of another country may belong to another procedure: that is another declaration."""
    country, trip = change_of(ctx).get("country"), ctx.trip
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
    change = change_of(ctx)
    before = _problems(ctx)
    try:
        with tried_out(ctx.trip, change):
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


VALUES_MAY_STAND = (
    fields_are_still_there,
    vehicle_is_free,
    goods_are_not_registered_to_go,
    journey_stays,
    declaration_stays_whole,
)
"""Asked when values are proposed, and again when the last one agrees."""


@contextmanager
def tried_out(trip: Trip, change: Mapping[str, Value]) -> Iterator[None]:
    """Inside, the values stand in the database; afterwards the old ones do."""
    with transaction.atomic():
        write(trip, change)
        yield
        transaction.set_rollback(True)
