"""What a truck owes by the facts of its yard stage, and again when these change."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from checkpoints.door import perform
from checkpoints.models import Confirmation
from checkpoints.refusals import Refusal, not_yours
from checkpoints.states import ConfirmationState
from declarations.models import Declaration, Load, Trip
from fees.models import Assessment, AssessmentLine, Tariff, TariffLine
from fees.pricing import Case, Charge, charge, dearest_goods
from fees.rules import collects_at
from fees.services.billing import put_on_bill, take_off_bills
from fees.services.confirming import waiting_fee_slots
from gates.procedures.words import Moment

Outcome = Assessment.Outcome


def assess(*, trip: Trip, actor: User | None, payload: Decimal | None = None) -> Assessment:
    """Calculate what the truck owes by the facts of its yard stage, and put the difference on a bill.

    `payload` in tonnes, where the declaration names none. The same facts again make no new version.
    The caller holds the locks of the declaration and the trip.
    """
    last = latest_assessment(trip)
    assessment, charged = _calculate(trip, payload or trip.payload or (last and last.payload))
    if last is not None and _same(last, assessment):
        return last
    assessment.version = last.version + 1 if last else 1
    assessment.made_by = actor
    assessment.save(force_insert=True)
    if charged is not None:
        AssessmentLine.objects.create(
            assessment=assessment,
            tariff_line=charged.line,
            quantity=charged.quantity,
            unit=charged.line.unit,
            price=charged.line.price,
            amount=charged.amount,
        )
    difference = assessment.total - (last.total if last else 0)
    if difference > 0:
        put_on_bill(assessment, difference, actor)
    elif difference < 0:
        take_off_bills(assessment, -difference, actor)
    trip.assessed_now = assessment
    return assessment


def latest_assessment(trip: Trip) -> Assessment | None:
    """The version that counts; not asked for again in the transaction that made it."""
    return getattr(trip, "assessed_now", None) or trip.assessments.order_by("-version").first()


def _calculate(trip: Trip, payload: Decimal | None) -> tuple[Assessment, Charge | None]:
    loads = list(Load.objects.filter(trip=trip).select_related("line__consignment").order_by("pk"))
    assessment = Assessment(
        trip=trip,
        made_at=timezone.now(),
        vehicle_type=trip.vehicle_type,
        payload=payload,
        weight=sum((load.weight for load in loads), Decimal(0)),
        total=0,
        facts=_yard_facts(trip),
    )
    if not loads:
        assessment.outcome = Outcome.NO_GOODS
        return assessment, None
    assessment.regime, assessment.goods_group = dearest_goods(loads)
    lines = _lines_in_force(trip)
    if not lines:
        assessment.outcome = Outcome.NO_TARIFF
        return assessment, None
    assessment.tariff = lines[0].tariff
    case = Case(
        regime=assessment.regime,
        goods_group=assessment.goods_group,
        vehicle_type=trip.vehicle_type,
        payload=payload,
        weight=assessment.weight,
    )
    assessment.outcome, charged = charge(case, lines)
    assessment.total = charged.amount if charged else 0
    return assessment, charged


def _lines_in_force(trip: Trip) -> list[TariffLine]:
    """The prices in force today in the province whose book the trip follows."""
    tariffs = Tariff.objects.in_force().filter(province=trip.book.province)
    return list(TariffLine.objects.filter(tariff__in=tariffs).select_related("tariff"))


def _yard_facts(trip: Trip) -> list[int]:
    """The facts of the yard's confirmations: who found what, on which the fee stands."""
    confirmed = Confirmation.objects.filter(
        stage__trip=trip, stage__moment=Moment.YARD, state=ConfirmationState.CONFIRMED
    )
    return list(confirmed.order_by("position").values_list("fact_id", flat=True))


def _same(last: Assessment, new: Assessment) -> bool:
    names = ("outcome", "tariff_id", "regime", "goods_group", "vehicle_type", "payload", "weight", "total")
    return all(getattr(last, name) == getattr(new, name) for name in names)


def reassess(*, trip: Trip, actor: User, payload: Decimal | None = None) -> Assessment:
    """Calculate again, e.g. after a missing price was entered; only while the fee waits to be confirmed.

    Where nothing turns out to be due the step is closed with it.
    """
    with transaction.atomic():
        declaration = Declaration.objects.select_for_update(no_key=True).get(pk=trip.declaration_id)
        trip = Trip.objects.select_for_update(no_key=True).get(pk=trip.pk)
        trip.declaration = declaration
        if not collects_at(actor, declaration.gate_id):
            raise not_yours()
        slots = waiting_fee_slots([trip.pk])
        if not slots:
            raise Refusal("not_waiting", _("Phí của phương tiện %(plate)s không còn chờ.") % {"plate": trip.plate})
        assessment = assess(trip=trip, actor=actor, payload=payload)
        if assessment.is_clear and not assessment.total:
            # There is no bill by which anybody could confirm it.
            perform("confirm", trip, actor=actor, key=None, confirmation=slots[0].pk)
        return assessment
