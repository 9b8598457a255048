"""What fees add to the door: when a fee is due, the assessment, and that nothing unpaid is confirmed."""

from django.utils.translation import gettext as _

from checkpoints.corrections import keys_of
from checkpoints.models import Correction, TripStage
from checkpoints.refusals import Refusal
from checkpoints.registry import condition, effect, guard, when_corrected
from checkpoints.resting import RESTS_ON
from cuakhauso.templatetags.ui import money
from declarations.correctable import carriers, is_of_goods, kind
from declarations.models import Trip
from fees.models import LedgerEntry
from fees.services import assessing, billing, confirming
from gates.procedures.words import Condition, Moment


@condition(Condition.FEE_DUE)
def fee_is_due(trip: Trip) -> set[Condition]:
    """A bill above zero, or no clear answer of the tariff: nobody leaves free because a price is missing."""
    assessment = assessing.latest_assessment(trip)
    free = assessment is not None and assessment.is_clear and not assessment.total
    return set() if free else {Condition.FEE_DUE}


@effect(Moment.YARD)
def assess_when_yard_is_complete(stage: TripStage) -> None:
    """Điều 4(2)d, 5(2)đ: what completed its procedures stands ready to pay."""
    assessing.assess(trip=stage.trip, actor=None)


@when_corrected
def assess_again(trip: Trip, correction: Correction) -> set[str]:
    """A new version where the fee was calculated already; what does not match any more waits again.

    Another vehicle in place of the one declared leaves a paid bill as it is.
    """
    if RESTS_ON[confirming.FEE_CONFIRMED].isdisjoint(map(kind, correction.after)):
        return set()
    if assessing.latest_assessment(trip) is None:
        return set()
    # Of all it touches at once, by id, as who pays several bills locks them: trip by trip the order would be another.
    billing.lock_bills(declaration__in=_declarations_of(trip, correction))
    if correction.replaces and bills_are_settled(trip) is None:
        return set()
    assessing.assess(trip=trip, actor=None)
    return {confirming.FEE_CONFIRMED} if bills_are_settled(trip) else set()


def _declarations_of(trip: Trip, correction: Correction) -> set[int]:
    """Ids of the declarations that a correction touches: the truck's, and those of who carries the same goods."""
    keys = keys_of(correction)
    others = carriers(keys).values_list("declaration_id", flat=True) if any(map(is_of_goods, keys)) else ()
    return {trip.declaration_id, *others}


@guard(confirming.FEE_CONFIRMED)
def bills_are_settled(trip: Trip) -> Refusal | None:
    """Only what matches to the đồng is confirmed."""
    assessment = assessing.latest_assessment(trip)
    if assessment is None or not assessment.is_clear:
        why = assessment.get_outcome_display() if assessment else _("chưa tính phí")
        return Refusal(
            assessment.outcome if assessment else "not_assessed",
            _("Chưa xác định được phí của phương tiện %(plate)s: %(why)s.") % {"plate": trip.plate, "why": why},
        )
    billed = 0
    for bill in billing.lock_bills(pk__in=_bills_of(trip)):
        carried = billing.amounts_by_trip(bill).get(trip.pk, 0)
        if carried and bill.outstanding:
            return _unsettled(bill)
        billed += carried
    if billed != assessment.total:
        return Refusal("not_billed", _("Số tiền trên thông báo phí không khớp với số phí đã tính."))
    return None


def _bills_of(trip: Trip):
    entries = LedgerEntry.objects.filter(kind=LedgerEntry.Kind.ASSESSED, assessment__trip=trip)
    return entries.order_by().values_list("bill_id", flat=True).distinct()


def _unsettled(bill) -> Refusal:
    return Refusal(
        "fee_unsettled",
        _("Chưa khớp: thông báo phí %(code)s phải nộp %(due)s, đã nộp %(paid)s, còn thiếu %(rest)s.")
        % {
            "code": bill.code,
            "due": money(bill.due),
            "paid": money(bill.allocated),
            "rest": money(bill.outstanding),
        },
    )
