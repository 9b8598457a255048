"""Fees of trucks that ended on the way: turned back, seized, towed away. The law is silent, so a person decides."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from checkpoints.models import Confirmation
from checkpoints.refusals import Refusal, not_yours
from checkpoints.states import SETTLED
from declarations.models import Declaration, Trip
from declarations.states import TripState
from fees.models import Assessment, AssessmentLine
from fees.rules import collects, collects_at
from fees.services.assessing import FACTS_OF_PRICE
from fees.services.billing import amounts_by_trip, announce, lock_bills, take_off_bills
from fees.services.confirming import FEE_CONFIRMED
from fees.services.receipting import cancel_outdated

KEPT = ("tariff_id", "day", "facts", *FACTS_OF_PRICE)


def waive(*, trip: Trip, actor: User, reason: str) -> Assessment:
    """Ask no fee of a truck that ended on the way; what was paid for it becomes its payer's credit.

    Of the kinds of fee that the person collects at the gate; those of another collector stay, as do the versions
    before. Twice changes nothing.
    """
    if len(reason.strip()) < 3:
        raise Refusal("reason_missing", _("Hãy ghi lý do."))
    with transaction.atomic():
        declaration = Declaration.objects.select_for_update(no_key=True).get(pk=trip.declaration_id)
        trip = Trip.objects.select_for_update(no_key=True).get(pk=trip.pk)
        if not collects_at(actor, declaration.gate_id):
            raise not_yours()
        if not trip.has_ended or trip.state == TripState.LEFT:
            words = _("Phương tiện %(plate)s không dừng giữa chừng: phí của xe theo đúng quy trình.")
            raise Refusal("not_stranded", words % {"plate": trip.plate})
        if Confirmation.objects.filter(stage__trip=trip, of=FEE_CONFIRMED, state__in=SETTLED).exists():
            words = _("Phí của phương tiện %(plate)s đã được xác nhận.")
            raise Refusal("fee_confirmed", words % {"plate": trip.plate})
        last = trip.assessments.order_by("-version").prefetch_related("lines").first()
        if last is None:
            raise Refusal("not_assessed", _("Phương tiện %(plate)s chưa được tính phí.") % {"plate": trip.plate})
        if last.outcome == Assessment.Outcome.ENDED:
            return last
        owed = last.by_kind()
        kept = {kind for kind, amount in owed.items() if amount and not collects(actor, kind, declaration.gate)}
        if kept and kept == (+owed).keys():
            raise not_yours()
        bills = lock_bills(declaration=declaration)
        lines = [line for line in last.lines.all() if line.kind in kept]
        total = sum(line.amount for line in lines)
        assessment = Assessment.objects.create(
            trip=trip,
            version=last.version + 1,
            made_at=timezone.now(),
            made_by=actor,
            outcome=Assessment.Outcome.DUE if total else Assessment.Outcome.ENDED,
            total=total,
            **{name: getattr(last, name) for name in KEPT},
        )
        for line in lines:
            line.pk, line.assessment = None, assessment
        AssessmentLine.objects.bulk_create(lines)
        for bill in bills:
            if bill.kind not in kept and (carried := amounts_by_trip(bill).get(trip.pk, 0)):
                announce(bill, "fee_waived", trip=trip, actor=actor, reason=reason.strip()[:500], amount=carried)
        for kind in sorted(owed.keys() - kept):
            take_off_bills(assessment, kind, owed[kind], actor)
        cancel_outdated(declaration=declaration)
    return assessment
