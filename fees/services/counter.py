"""The counter: a cashier's shift from the first money to the count."""

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from checkpoints.refusals import Refusal, not_yours
from cuakhauso.templatetags.ui import money
from fees.models import CashShift, LedgerEntry, RefundRequest
from fees.rules import collects_at


def open_shift(*, gate_id: int, cashier: User, float_amount: int = 0) -> CashShift:
    """The cashier's open shift at the gate, begun now where there is none; locked, so that no count comes between."""
    if not collects_at(cashier, gate_id):
        raise not_yours()
    CashShift.objects.bulk_create(
        [CashShift(gate_id=gate_id, cashier=cashier, opened_at=timezone.now(), float_amount=float_amount)],
        ignore_conflicts=True,
    )
    return CashShift.objects.select_for_update(no_key=True).get(
        gate_id=gate_id, cashier=cashier, closed_at__isnull=True
    )


def begin_shift(*, gate_id: int, cashier: User, float_amount: int) -> CashShift:
    """Begin a shift with so much change in the drawer; refused while another of the cashier's runs there."""
    with transaction.atomic():
        running = CashShift.objects.filter(gate_id=gate_id, cashier=cashier, closed_at__isnull=True)
        if running.exists():
            raise Refusal("shift_open", _("Bạn đang có một ca chưa kết thúc tại cửa khẩu này."))
        return open_shift(gate_id=gate_id, cashier=cashier, float_amount=float_amount)


def in_drawer(shift: CashShift) -> int:
    """What should lie in the drawer, in đồng: the float, the payments of the shift, less what it paid out."""
    received = shift.payments.aggregate(total=Sum("amount"))["total"] or 0
    paid_out = LedgerEntry.objects.filter(refund_request__in=RefundRequest.objects.filter(shift=shift))
    return shift.float_amount + received - (paid_out.aggregate(total=Sum("amount"))["total"] or 0)


def close_shift(*, shift: CashShift, counted: int, actor: User, note: str = "") -> int:
    """End the shift with what was counted; returns the difference in đồng, which a note must explain.

    The cashier ends it, or whoever else collects at the gate where the cashier is gone.
    """
    with transaction.atomic():
        shift = CashShift.objects.select_for_update(no_key=True).get(pk=shift.pk)
        if not collects_at(actor, shift.gate_id):
            raise not_yours()
        if shift.closed_at:
            raise Refusal("shift_closed", _("Ca này đã kết thúc."))
        difference = counted - in_drawer(shift)
        if difference and len(note.strip()) < 3:
            words = _("Số tiền đếm được lệch %(amount)s: hãy ghi lý do chênh lệch.")
            raise Refusal("note_missing", words % {"amount": money(difference)})
        shift.closed_at, shift.counted, shift.note = timezone.now(), counted, note.strip()
        shift.save(update_fields=["closed_at", "counted", "note"])
    return difference
