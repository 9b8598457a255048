"""Where fees are paid to, and how a gate's desk works."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from gates.labels import AGENCIES, choices
from gates.models import Gate
from gates.procedures.words import Agency

BANKS = {
    "970436": "Vietcombank",
    "970415": "VietinBank",
    "970418": "BIDV",
    "970405": "Agribank",
    "970422": "MB",
    "970407": "Techcombank",
    "970416": "ACB",
}


COLLECTING = choices({agency: AGENCIES[agency] for agency in (Agency.FEE_CENTRE, Agency.TAX_OFFICE)})


class BankAccountQuerySet(models.QuerySet):
    def for_fees(self, gate_id: int, collector: str) -> "BankAccount | None":
        """The open account to which this collector's fees of the gate are paid; None where there is none yet.

        One of the gate counts before one of all gates, one of the collector before one of all collectors.
        """
        accounts = self.filter(Q(gate=gate_id) | Q(gate__isnull=True), collector__in=[collector, ""], is_open=True)
        return accounts.order_by(F("gate").asc(nulls_last=True), "-collector", "pk").first()


class BankAccount(models.Model):
    """Tài khoản thu phí: of one gate, or without a gate of all; of one collector, or of all.

    `columns` is the saved map of its bank's tables.
    """

    gate = models.ForeignKey(
        Gate, models.PROTECT, related_name="bank_accounts", null=True, blank=True, verbose_name=_("cửa khẩu")
    )
    collector = models.CharField(_("cơ quan thu"), max_length=30, choices=COLLECTING, blank=True)
    bank = models.CharField(_("ngân hàng"), max_length=6, choices=list(BANKS.items()))
    number = models.CharField(_("số tài khoản"), max_length=19)
    holder = models.CharField(_("tên tài khoản"), max_length=200)
    is_open = models.BooleanField(_("đang dùng"), default=True)
    columns = models.JSONField(_("các cột của sao kê"), default=dict, blank=True)

    objects = BankAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("tài khoản thu phí")
        verbose_name_plural = _("tài khoản thu phí")
        ordering = ["bank", "number"]
        constraints = [models.UniqueConstraint(fields=["bank", "number"], name="one_account_of_a_number")]

    def __str__(self) -> str:
        return f"{self.get_bank_display()} {self.number}"


class DeskSetting(models.Model):
    """How a gate's desk works. With `confirms_for` what is settled is confirmed by itself, in that person's name."""

    gate = models.OneToOneField(Gate, models.CASCADE, related_name="desk_setting")
    confirms_for = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("thiết lập thu phí")
        verbose_name_plural = _("thiết lập thu phí")

    def __str__(self) -> str:
        return str(self.gate)
