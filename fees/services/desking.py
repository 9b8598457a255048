"""The desk's clicks over several things at once, and what it does by itself."""

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from accounts.models import User
from accounts.rules import COLLECTORS, role_at
from checkpoints.models import Confirmation, Fact
from checkpoints.refusals import not_yours
from checkpoints.states import ConfirmationState
from declarations.states import LIVE_TRIPS
from fees.models import Bill, DeskSetting, LedgerEntry, Payment
from fees.rules import collects, collects_at
from fees.services.billing import announce, lock_bills
from fees.services.confirming import FEE_CONFIRMED, confirm_bill
from fees.services.ledger import allocate
from fees.services.paying import lock_payments
from fees.services.refunding import handles

BY_ITSELF = "by-itself:"


def spend(*, payment: Payment, actor: User) -> int:
    """Use what is left of a payment for the payer's open bills of its holder, the oldest first; returns the đồng."""
    with transaction.atomic():
        open_bills = Bill.objects.with_sums().filter(payer=payment.payer_id, outstanding__gt=0)
        bills = lock_bills(pk__in=list(open_bills.values_list("pk", flat=True)))
        payment = lock_payments(pk=payment.pk)[0]
        if not handles(actor, payment):
            raise not_yours()
        used = 0
        for bill in bills:
            part = min(payment.credit - used, bill.outstanding)
            if part > 0 and bill.holder == payment.holder and collects(actor, bill.kind, bill.declaration.gate):
                allocate(payment, bill, part, actor)
                used += part
                announce(bill, "use_credit", actor=actor, amount=part, outstanding=bill.outstanding)
    return used


def set_confirming(*, gate_id: int, on: bool, actor: User) -> None:
    """Have what is settled at the gate confirmed by itself, in the name of who turns it on; or not any more."""
    if not collects_at(actor, gate_id):
        raise not_yours()
    DeskSetting.objects.update_or_create(gate_id=gate_id, defaults={"confirms_for": actor if on else None})


def confirm_by_itself(most: int = 100) -> int:
    """Confirm the settled bills of the gates that want it so; returns how many trucks were confirmed.

    Who turned it on must still collect there; a confirmation that was taken back is not made again.
    """
    done = 0
    for setting in DeskSetting.objects.filter(confirms_for__isnull=False).select_related("confirms_for"):
        actor = setting.confirms_for
        if role_at(actor, COLLECTORS, setting.gate_id) is None:
            continue
        waiting = Confirmation.objects.filter(
            of=FEE_CONFIRMED,
            state=ConfirmationState.WAITING,
            stage__trip__state__in=LIVE_TRIPS,
            stage__trip__declaration__gate=setting.gate_id,
        ).exclude(_was_confirmed_by_itself())
        carried = LedgerEntry.objects.filter(
            kind=LedgerEntry.Kind.ASSESSED, assessment__trip__in=waiting.values("stage__trip")
        )
        bills = Bill.objects.with_sums().filter(pk__in=carried.values("bill"), due__gt=0, outstanding=0)
        for bill in bills.order_by("pk")[:most]:
            outcomes = confirm_bill(bill=bill, actor=actor, key=f"{BY_ITSELF}{bill.pk}")
            done += sum(outcome.refusal is None and not outcome.repeated for outcome in outcomes)
    return done


def _was_confirmed_by_itself() -> Exists:
    """Whether a slot was confirmed by itself once: if it waits now, that was taken back."""
    slot = Concat(Value(":"), Cast(OuterRef("pk"), CharField()))
    of_the_trip = Fact.objects.filter(trip=OuterRef("stage__trip"))
    return Exists(of_the_trip.filter(key__startswith=BY_ITSELF, key__endswith=slot))
