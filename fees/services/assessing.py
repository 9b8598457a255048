"""What a truck owes by the facts of its yard stage, and again when these change."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from checkpoints.door import perform
from checkpoints.refusals import Refusal, not_yours
from declarations.models import Declaration, Trip
from fees.models import Assessment, AssessmentLine, FeeKind
from fees.pricing import Case, Charge, dearest_goods, price, volume_of
from fees.rules import collects_at
from fees.selectors.circumstances import Circumstances, circumstances_of
from fees.selectors.tariffs import prices_of
from fees.services.billing import lock_bills, put_on_bill, take_off_bills
from fees.services.confirming import waiting_fee_slots
from fees.services.receipting import cancel_outdated

Outcome = Assessment.Outcome
FACTS_OF_PRICE = ("regime", "goods_group", "hs_prefix", "origin", "vehicle_type", "payload", "weight", "volume")
FACTS_OF_PRICE += ("direction", "transshipment")


def assess(*, trip: Trip, actor: User | None, payload: Decimal | None = None) -> Assessment:
    """Calculate what the truck owes by the facts of its yard stage, and put the difference on bills, kind by kind.

    `payload` in tonnes, where the declaration names none. The same facts again make no new version.
    The caller holds the locks of the declaration and the trip.
    """
    found = circumstances_of(trip)
    last = found.last
    assessment, charges = _calculate(trip, found, payload or trip.payload or (last and last.payload))
    if last is not None and _same(last, assessment):
        return last
    assessment.version = last.version + 1 if last else 1
    assessment.made_by = actor
    assessment.save(force_insert=True)
    lines = [charge.as_line() for charge in charges]
    for line in lines:
        line.assessment = assessment
    AssessmentLine.objects.bulk_create(lines)
    before, now = last.by_kind() if last else Counter(), by_kind(charges)
    changed = [kind for kind in FeeKind.values if now[kind] != before[kind]]
    if found.billed and (last is not None or len(changed) > 1):
        # Kind by kind they would be locked in another order than by those who pay several.
        lock_bills(declaration=trip.declaration)
    for kind in changed:
        if now[kind] > before[kind]:
            put_on_bill(
                assessment, kind, now[kind] - before[kind], payer_id=found.payer_id, billed=found.billed, actor=actor
            )
        else:
            take_off_bills(assessment, kind, before[kind] - now[kind], actor)
    if last is not None:
        cancel_outdated(declaration=trip.declaration)
    trip.assessed_now = assessment
    return assessment


def latest_assessment(trip: Trip) -> Assessment | None:
    """The version that counts; not asked for again in the transaction that made it."""
    return getattr(trip, "assessed_now", None) or trip.assessments.order_by("-version").first()


def _calculate(trip: Trip, found: Circumstances, payload: Decimal | None) -> tuple[Assessment, list[Charge]]:
    goods = found.goods
    assessment = Assessment(
        trip=trip,
        made_at=timezone.now(),
        day=found.day,
        direction=found.direction,
        transshipment=found.handling,
        vehicle_type=trip.vehicle_type,
        payload=payload,
        weight=sum((load.weight for _line, load in goods), Decimal(0)),
        volume=volume_of(goods),
        total=0,
        facts=found.facts,
    )
    if not goods:
        assessment.outcome = Outcome.NO_GOODS
        return assessment, []
    lines, rules = prices_of(found.tariff_id) if found.tariff_id else ((), ())
    for name, value in dearest_goods(goods, [*lines, *rules], found.direction)._asdict().items():
        setattr(assessment, name, value)
    if not lines:
        assessment.outcome = Outcome.NO_TARIFF
        return assessment, []
    assessment.tariff_id = found.tariff_id
    case = Case(**{name: getattr(assessment, name) for name in FACTS_OF_PRICE})
    assessment.outcome, charges = price(case, lines, rules)
    assessment.total = sum(charge.amount for charge in charges)
    return assessment, charges


def by_kind(charges: Iterable[Charge]) -> Counter[str]:
    """What is due of each kind of fee, in đồng."""
    sums: Counter[str] = Counter()
    for charge in charges:
        sums[charge.kind] += charge.amount
    return sums


def _same(last: Assessment, new: Assessment) -> bool:
    names = ("outcome", "tariff_id", "total", *FACTS_OF_PRICE)
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
