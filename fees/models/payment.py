"""Payments: money that came in."""

from django.db import models
from django.db.models import OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from fees.models.bill import Bill
from fees.models.counter import CashShift
from fees.models.ledger import LedgerEntry, sum_of
from fees.models.order import PaymentOrder
from gates.procedures.words import Agency


class PaymentQuerySet(models.QuerySet):
    def with_credit(self):
        """Adds `credit`: what of it is neither allocated nor refunded, in đồng."""
        entries = LedgerEntry.objects
        return self.annotate(
            credit=sum_of(entries.filter(kind=LedgerEntry.Kind.RECEIVED), payment=OuterRef("pk"))
            - sum_of(
                entries.filter(kind__in=[LedgerEntry.Kind.ALLOCATED, LedgerEntry.Kind.REFUNDED]),
                payment=OuterRef("pk"),
            )
        )


class Payment(models.Model):
    """Money that came in, as the bank or the cashier says; never changed. `key` is the caller's idempotency key.

    For one bill, or by an order for several. Without a payer it is money that nobody claimed, sent back.
    """

    class Method(models.TextChoices):
        COUNTER = "counter", _("tại quầy")
        BANK = "bank", _("chuyển khoản")
        VNPAY = "vnpay", _("VNPAY")
        STUB = "stub", _("ngân hàng thử nghiệm")

    payer = models.ForeignKey(Organisation, models.PROTECT, related_name="payments", null=True)
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="payments", null=True)
    order = models.ForeignKey(PaymentOrder, models.PROTECT, related_name="payments", null=True)
    shift = models.ForeignKey(CashShift, models.PROTECT, related_name="payments", null=True)
    amount = models.PositiveBigIntegerField(_("số tiền (đồng)"))
    method = models.CharField(_("hình thức"), max_length=10, choices=Method)
    reference = models.CharField(_("số chứng từ"), max_length=100, blank=True)
    received_at = models.DateTimeField(_("nhận lúc"))
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="payments_recorded", null=True)
    key = models.CharField(max_length=100, unique=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("khoản nộp")
        verbose_name_plural = _("khoản nộp")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_is_positive"),
            models.CheckConstraint(
                condition=Q(payer__isnull=False) | Q(bill__isnull=True, order__isnull=True),
                name="a_payment_for_something_has_a_payer",
            ),
        ]
        indexes = [models.Index(fields=["-received_at"])]

    def __str__(self) -> str:
        return f"{self.amount} · {self.get_method_display()}"

    @property
    def hour_is_known(self) -> bool:
        """A bank's statement names days only: its payments have come in at noon of their day."""
        return self.method != self.Method.BANK

    @property
    def holder(self) -> tuple[str, Agency] | None:
        """Who holds this money: all bills of an order have the same holder. None of money that nobody claimed."""
        if self.bill_id:
            return self.bill.holder
        return next((line.bill.holder for line in self.order.lines.all()), None) if self.order_id else None
