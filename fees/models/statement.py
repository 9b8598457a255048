"""Bank statements: files that were brought in, and the movements that they name."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from fees.models.account import BankAccount
from fees.models.payment import Payment


class StatementFile(models.Model):
    """A statement of one account as the bank gave it out, and how far reading it has come."""

    class State(models.TextChoices):
        COLUMNS = "columns", _("chờ chọn cột")
        WAITING = "waiting", _("chờ đọc")
        READING = "reading", _("đang đọc")
        DONE = "done", _("đã đọc")
        REFUSED = "refused", _("không nhận")

    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="files", verbose_name=_("tài khoản"))
    file = models.FileField(upload_to="statements/%Y/%m/")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="statement_files")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    begun_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    matched = models.PositiveIntegerField(default=0)
    opening = models.BigIntegerField(null=True)
    closing = models.BigIntegerField(null=True)
    problems = models.JSONField(default=list)

    class Meta:
        verbose_name = _("sao kê ngân hàng")
        verbose_name_plural = _("sao kê ngân hàng")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["account", "digest"], name="a_file_is_taken_once")]

    def __str__(self) -> str:
        return self.name


class StatementLine(models.Model):
    """One movement on an account, known again by its mark. What came in becomes a payment, or is set aside."""

    class Aside(models.TextChoices):
        SETTLEMENT = "settlement", _("cổng thanh toán chuyển về")
        OWN = "own", _("tiền của đơn vị (nộp tiền mặt, lãi, chuyển nội bộ)")

    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="lines")
    file = models.ForeignKey(StatementFile, models.PROTECT, related_name="lines")
    mark = models.CharField(max_length=64)
    booked_on = models.DateField(_("ngày"))
    amount = models.BigIntegerField(_("số tiền (đồng)"))
    text = models.CharField(_("nội dung"), max_length=500, blank=True)
    reference = models.CharField(_("số tham chiếu"), max_length=100, blank=True)
    party = models.CharField(_("người chuyển"), max_length=200, blank=True)
    code = models.CharField(_("mã nộp phí"), max_length=12, blank=True)
    payment = models.OneToOneField(Payment, models.PROTECT, related_name="statement_line", null=True)
    aside = models.CharField(max_length=10, choices=Aside, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)

    class Meta:
        verbose_name = _("dòng sao kê")
        verbose_name_plural = _("dòng sao kê")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "mark"], name="a_line_is_one"),
            models.CheckConstraint(condition=~Q(amount=0), name="a_line_moves_money"),
            models.CheckConstraint(condition=Q(payment__isnull=True) | Q(aside=""), name="a_line_is_settled_once"),
        ]
        indexes = [
            models.Index(fields=["booked_on"]),
            models.Index(
                fields=["-booked_on", "id"],
                condition=Q(payment__isnull=True, aside="", amount__gt=0),
                name="unknown_money",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booked_on:%d/%m/%Y} {self.amount}"
