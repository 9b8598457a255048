"""Orders: one going to pay for one or several bills, and what the provider said of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from fees.codes import new_code
from fees.models.bill import Bill


class PaymentOrder(models.Model):
    """Lệnh nộp: so much for these bills of one payer under one code. Whether it was paid, its payment says."""

    class Provider(models.TextChoices):
        TRANSFER = "transfer", _("chuyển khoản VietQR")
        VNPAY = "vnpay", _("VNPAY")
        STUB = "stub", _("ngân hàng thử nghiệm")

    code = models.CharField(_("mã nộp phí"), max_length=12, unique=True, default=new_code)
    provider = models.CharField(_("hình thức"), max_length=10, choices=Provider)
    payer = models.ForeignKey(Organisation, models.PROTECT, related_name="payment_orders")
    amount = models.PositiveBigIntegerField(_("số tiền (đồng)"))
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("lệnh nộp")
        verbose_name_plural = _("lệnh nộp")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="order_is_positive")]
        indexes = [models.Index(fields=["provider", "expires_at"])]

    def __str__(self) -> str:
        return self.code


class OrderLine(models.Model):
    """What of an order is for which bill."""

    order = models.ForeignKey(PaymentOrder, models.PROTECT, related_name="lines")
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="order_lines")
    amount = models.PositiveBigIntegerField(_("số tiền (đồng)"))

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "bill"], name="a_bill_once_in_an_order"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="order_line_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.order} · {self.bill}"


class ProviderNotice(models.Model):
    """What a provider said, as it came, and what we answered: appended, never changed."""

    order = models.ForeignKey(PaymentOrder, models.PROTECT, related_name="notices", null=True)
    provider = models.CharField(max_length=10, choices=PaymentOrder.Provider)
    received_at = models.DateTimeField()
    fields = models.JSONField()
    answer = models.CharField(max_length=2)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.provider} {self.answer}"
