"""The counter: cashiers' shifts, and the days that were closed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from gates.models import Gate


class CashShift(models.Model):
    """Ca thu tiền mặt of one cashier at one gate, from the first money to the count. What should be in the drawer
    follows from the payments and refunds of the shift."""

    gate = models.ForeignKey(Gate, models.PROTECT, related_name="cash_shifts")
    cashier = models.ForeignKey(User, models.PROTECT, related_name="cash_shifts")
    opened_at = models.DateTimeField()
    float_amount = models.PositiveBigIntegerField(_("tiền lẻ đầu ca (đồng)"), default=0)
    closed_at = models.DateTimeField(null=True)
    counted = models.PositiveBigIntegerField(_("tiền đếm được (đồng)"), null=True)
    note = models.CharField(_("ghi chú"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("ca thu tiền mặt")
        verbose_name_plural = _("ca thu tiền mặt")
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["gate", "cashier"], condition=Q(closed_at__isnull=True), name="one_open_shift_of_a_cashier"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, counted__isnull=True)
                | Q(closed_at__isnull=False, counted__isnull=False),
                name="a_closed_shift_is_counted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cashier} · {self.opened_at:%d/%m/%Y}"


class DayClosing(models.Model):
    """Khóa sổ of a gate's day: the figures as they stood then, never changed."""

    gate = models.ForeignKey(Gate, models.PROTECT, related_name="day_closings")
    day = models.DateField()
    figures = models.JSONField()
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("khóa sổ ngày")
        verbose_name_plural = _("khóa sổ ngày")
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["gate", "day"], name="a_day_is_closed_once")]

    def __str__(self) -> str:
        return f"{self.gate} · {self.day:%d/%m/%Y}"
