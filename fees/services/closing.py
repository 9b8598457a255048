"""Closing a gate's day: the figures as they stand are kept, and never changed."""

from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from checkpoints.refusals import Refusal, not_yours
from fees.models import CashShift, DayClosing
from fees.rules import collects_at
from fees.selectors.reports import LONGEST, report


def close_day(*, gate_id: int, day: date, actor: User) -> DayClosing:
    """Keep the figures of a day that is over or ending; every shift begun on it must be counted, and all must tie."""
    if not collects_at(actor, gate_id):
        raise not_yours()
    if day > timezone.localdate():
        raise Refusal("not_over", _("Ngày này chưa tới."))
    if day < timezone.localdate() - LONGEST:
        raise Refusal("too_old", _("Ngày này đã qua hơn một năm, không khóa sổ được nữa. Hãy kiểm tra năm."))
    end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
    running = CashShift.objects.filter(gate=gate_id, opened_at__lt=end, closed_at__isnull=True)
    if cashiers := list(running.values_list("cashier__full_name", flat=True)):
        words = _("Còn ca thu tiền chưa kết thúc: %(who)s.")
        raise Refusal("shift_open", words % {"who": ", ".join(cashiers)})
    found = report(first=day, last=day, gates={gate_id})
    if not found.ties:
        broken = next(check for check in found.checks if not check.holds)
        raise Refusal("does_not_tie", _("Chưa thể khóa sổ: %(what)s không khớp.") % {"what": broken.what})
    try:
        with transaction.atomic():
            return DayClosing.objects.create(
                gate_id=gate_id, day=day, figures=found.figures(), closed_at=timezone.now(), closed_by=actor
            )
    except IntegrityError as again:
        raise Refusal("closed", _("Ngày này đã khóa sổ.")) from again
