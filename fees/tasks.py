"""What fees do in the background: thin, told by ids; the sweep takes up what a lost message or a dead worker left."""

import logging
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from checkpoints.refusals import Refusal
from fees.models import PaymentOrder
from fees.payments.vnpay import VnpayError
from fees.receipts.provider import receipt_provider
from fees.services import desking, importing, ordering, receipting

log = logging.getLogger(__name__)
# VNPAY is asked when its notice is so late, and no more than so long.
LATE = timedelta(minutes=6)
TOO_LATE = timedelta(days=1)


@shared_task(time_limit=900, soft_time_limit=840)
def read_statement(file_id: int) -> None:
    """Read one stored statement; a second message for it does nothing."""
    importing.read_file(file_id)


@shared_task
def sweep() -> None:
    """Take up what is stored and unfinished: statements, settled bills, receipts."""
    for file_id in importing.unfinished():
        read_statement.delay(file_id)
    desking.confirm_by_itself()
    receipting.issue_missing()
    if provider := receipt_provider():
        receipting.send_receipts(provider)


@shared_task
def ask_gateway() -> None:
    """Ask VNPAY after the orders whose notice did not come."""
    now = timezone.now()
    late = PaymentOrder.objects.filter(
        provider=PaymentOrder.Provider.VNPAY,
        created_at__lt=now - LATE,
        created_at__gt=now - TOO_LATE,
        payments__isnull=True,
    ).exclude(notices__received_at__gt=now - LATE)
    for order in late.order_by("pk")[:50]:
        try:
            ordering.ask_vnpay(order)
        except (VnpayError, Refusal) as error:
            log.warning("VNPAY was asked after %s in vain: %s", order.pk, error)
