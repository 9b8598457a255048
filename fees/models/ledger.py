"""The append-only ledger that all balances come from."""

from django.db import models
from django.db.models import Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class LedgerEntry(models.Model):
    """One line of the ledger: appended, never changed (a trigger refuses it). All balances are sums of these.

    assessed: a truck's fee put on a bill (less than zero where it is taken off again) · received: a payment ·
    allocated: of a payment to a bill (less than zero where it is set free) · refunded: of a payment, back to the payer.
    """

    class Kind(models.TextChoices):
        ASSESSED = "assessed", _("phải nộp")
        RECEIVED = "received", _("đã nhận")
        ALLOCATED = "allocated", _("đã đối trừ")
        REFUNDED = "refunded", _("đã hoàn trả")

    kind = models.CharField(max_length=10, choices=Kind)
    amount = models.BigIntegerField(_("số tiền (đồng)"))
    bill = models.ForeignKey("fees.Bill", models.PROTECT, related_name="entries", null=True)
    assessment = models.ForeignKey("fees.Assessment", models.PROTECT, related_name="entries", null=True)
    payment = models.ForeignKey("fees.Payment", models.PROTECT, related_name="entries", null=True)
    actor = models.ForeignKey(User, models.PROTECT, related_name="ledger_entries", null=True)
    at = models.DateTimeField()
    key = models.CharField(max_length=100, unique=True, null=True)  # noqa: DJ001 (null is unique many times)

    class Meta:
        verbose_name = _("dòng sổ cái")
        verbose_name_plural = _("sổ cái")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="assessed", bill__isnull=False, assessment__isnull=False, payment__isnull=True)
                | Q(kind="allocated", bill__isnull=False, assessment__isnull=True, payment__isnull=False)
                | Q(
                    kind__in=["received", "refunded"],
                    bill__isnull=True,
                    assessment__isnull=True,
                    payment__isnull=False,
                    amount__gt=0,
                ),
                name="ledger_entry_fits_its_kind",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_entry_moves_money"),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(kind="received"), name="a_payment_is_received_once"
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "-at"]),
            models.Index(fields=["bill", "at"], condition=Q(kind="assessed", amount__lt=0), name="ledger_taken_off"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"


def sum_of(entries, **of):
    """The sum of ledger lines as a subquery; nothing is 0."""
    total = entries.filter(**of).order_by().values(*of).annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(total), Value(0), output_field=models.BigIntegerField())
