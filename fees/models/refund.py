"""Refunds: asked for, then paid out or declined."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from fees.models.counter import CashShift
from fees.models.ledger import LedgerEntry
from fees.models.payment import Payment


class RefundRequest(models.Model):
    """Đề nghị hoàn trả: so much of a payment, until it is paid out (`entry`) or declined."""

    class How(models.TextChoices):
        TRANSFER = "transfer", _("chuyển khoản")
        CASH = "cash", _("tiền mặt")
        GATEWAY = "gateway", _("qua cổng thanh toán")

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refund_requests")
    amount = models.PositiveBigIntegerField(_("số tiền (đồng)"))
    how = models.CharField(_("hình thức"), max_length=10, choices=How)
    to = models.CharField(_("tài khoản nhận"), max_length=200, blank=True)
    reason = models.CharField(_("lý do"), max_length=500)
    key = models.CharField(max_length=100, unique=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="refunds_asked")
    entry = models.OneToOneField(LedgerEntry, models.PROTECT, related_name="refund_request", null=True)
    shift = models.ForeignKey(CashShift, models.PROTECT, related_name="refunds", null=True)
    reference = models.CharField(_("số chứng từ"), max_length=100, blank=True)
    declined_at = models.DateTimeField(null=True)
    declined_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    declined_why = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("đề nghị hoàn trả")
        verbose_name_plural = _("đề nghị hoàn trả")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_request_is_positive"),
            models.CheckConstraint(
                condition=Q(entry__isnull=True) | Q(declined_at__isnull=True), name="paid_out_or_declined"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(entry__isnull=True, declined_at__isnull=True), name="refunds_due")
        ]

    def __str__(self) -> str:
        return f"{self.payment} · {self.amount}"
