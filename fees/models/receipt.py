"""Receipts: numbered without gaps, never changed; a cancelled one has a counter-document."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from fees.codes import new_code
from fees.models.bill import Bill
from gates.models import Gate


class ReceiptSeries(models.Model):
    """Ký hiệu biên lai as registered with the tax office: the template's and the series' sign, and the last number."""

    gate = models.ForeignKey(
        Gate, models.PROTECT, related_name="receipt_series", null=True, blank=True, verbose_name=_("cửa khẩu")
    )
    template = models.CharField(_("ký hiệu mẫu"), max_length=20)
    sign = models.CharField(_("ký hiệu"), max_length=10)
    last = models.PositiveIntegerField(_("số cuối đã dùng"), default=0, editable=False)
    is_open = models.BooleanField(_("đang dùng"), default=True)

    class Meta:
        verbose_name = _("ký hiệu biên lai")
        verbose_name_plural = _("ký hiệu biên lai")
        ordering = ["template", "sign"]
        constraints = [models.UniqueConstraint(fields=["template", "sign"], name="one_series_of_a_sign")]

    def __str__(self) -> str:
        return f"{self.template} {self.sign}"


class Receipt(models.Model):
    """Biên lai of one settled bill; `content` is all that stands on it, as it was when it was issued.

    With `cancels` it is the counter-document of another receipt, over the same amount less than zero.
    """

    series = models.ForeignKey(ReceiptSeries, models.PROTECT, related_name="receipts")
    number = models.PositiveIntegerField()
    code = models.CharField(_("mã tra cứu"), max_length=12, unique=True, default=new_code)
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="receipts")
    amount = models.BigIntegerField(_("số tiền (đồng)"))
    content = models.JSONField()
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    cancels = models.OneToOneField("self", models.PROTECT, related_name="cancelled_by", null=True)

    class Meta:
        verbose_name = _("biên lai")
        verbose_name_plural = _("biên lai")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="a_number_is_used_once"),
            models.CheckConstraint(
                condition=Q(cancels__isnull=True, amount__gt=0) | Q(cancels__isnull=False, amount__lt=0),
                name="a_counter_document_is_negative",
            ),
            models.CheckConstraint(condition=~Q(cancels=F("id")), name="a_receipt_cancels_another"),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.shown_number}"

    @property
    def shown_number(self) -> str:
        return f"{self.number:07d}"


class ReceiptSending(models.Model):
    """How far a receipt has come at the province's provider of electronic receipts."""

    class State(models.TextChoices):
        NEW = "new", _("chưa gửi")
        SENT = "sent", _("đã gửi, chờ cấp mã")
        ISSUED = "issued", _("đã phát hành")
        REFUSED = "refused", _("bị từ chối")

    receipt = models.OneToOneField(Receipt, models.PROTECT, related_name="sending")
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    reference = models.CharField(_("mã của nhà cung cấp"), max_length=100, blank=True)
    message = models.CharField(max_length=500, blank=True)
    tries = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["changed_at"], condition=Q(state__in=["new", "sent"]), name="receipts_to_send")]

    def __str__(self) -> str:
        return f"{self.receipt} · {self.get_state_display()}"
