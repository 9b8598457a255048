"""What each truck owes, version by version, line by line."""

from collections import Counter
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from declarations.models import Consignment, Trip
from fees.models.conditions import Direction, FeeKind, Handling, Origin, plain_number
from fees.models.tariff import Tariff, TariffLine


class Assessment(models.Model):
    """What one truck owes, calculated when its yard stage is complete, from the facts confirmed there.

    A version is never changed: when facts differ a further one is made, and the last counts. `facts` holds the ids
    of the confirmations' facts it stands on, `day` the day whose tariff it is by. Of HS code and origin it names what
    the tariff asks for.
    """

    class Outcome(models.TextChoices):
        DUE = "due", _("phải nộp phí")
        FREE = "free", _("mức phí bằng không")
        EXEMPT = "exempt", _("được miễn phí")
        ENDED = "ended", _("xe không đi hết quy trình, không thu phí")
        NO_GOODS = "no_goods", _("xe không còn hàng hóa, phí tính cho xe nhận hàng")
        NO_TARIFF = "no_tariff", _("chưa có biểu phí có hiệu lực")
        NO_PRICE = "no_price", _("biểu phí chưa có mức phí cho trường hợp này")
        NO_PAYLOAD = "no_payload", _("chưa có trọng tải của phương tiện để xếp mức phí")
        NO_WEIGHT = "no_weight", _("chưa có trọng lượng hàng hóa để tính phí")
        NO_VOLUME = "no_volume", _("chưa có thể tích hàng hóa để tính phí")
        NO_ORIGIN = "no_origin", _("chưa rõ xuất xứ hàng hóa là nước nào để xếp mức phí")

    trip = models.ForeignKey(Trip, models.PROTECT, related_name="assessments")
    version = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="assessments", null=True)
    outcome = models.CharField(max_length=12, choices=Outcome)
    tariff = models.ForeignKey(Tariff, models.PROTECT, related_name="assessments", null=True)
    day = models.DateField(_("biểu phí của ngày"), null=True)
    direction = models.CharField(_("chiều"), max_length=10, choices=Direction, blank=True)
    transshipment = models.CharField(_("sang tải"), max_length=10, choices=Handling, blank=True)
    regime = models.CharField(_("loại hình"), max_length=20, choices=Consignment.Regime, blank=True)
    goods_group = models.CharField(_("nhóm hàng hóa"), max_length=20, choices=Consignment.GoodsGroup, blank=True)
    hs_prefix = models.CharField(_("mã HS bắt đầu bằng"), max_length=8, blank=True)
    origin = models.CharField(_("xuất xứ hàng hóa"), max_length=10, choices=Origin, blank=True)
    vehicle_type = models.CharField(_("loại phương tiện"), max_length=5, choices=Trip.VehicleType)
    payload = models.DecimalField(_("trọng tải (tấn)"), max_digits=6, decimal_places=2, null=True)
    weight = models.DecimalField(_("trọng lượng hàng hóa (kg)"), max_digits=14, decimal_places=2)
    volume = models.DecimalField(_("thể tích hàng hóa (m³)"), max_digits=14, decimal_places=3, null=True)
    total = models.PositiveBigIntegerField(_("số tiền (đồng)"))
    facts = models.JSONField(default=list)

    class Meta:
        verbose_name = _("bản tính phí")
        verbose_name_plural = _("bản tính phí")
        ordering = ["trip", "version"]
        constraints = [
            models.UniqueConstraint(fields=["trip", "version"], name="one_assessment_a_version"),
            models.CheckConstraint(
                condition=Q(outcome="due", total__gt=0) | ~Q(outcome="due") & Q(total=0),
                name="assessment_total_fits_its_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trip} · {self.version}"

    @property
    def is_clear(self) -> bool:
        """Whether the tariff answered: something due, or nothing, for a reason."""
        return self.outcome in CLEAR

    def by_kind(self) -> Counter[str]:
        """What is due of each kind of fee, in đồng."""
        sums: Counter[str] = Counter()
        for line in self.lines.all():
            sums[line.kind] += line.amount
        return sums


CLEAR = (
    Assessment.Outcome.DUE,
    Assessment.Outcome.FREE,
    Assessment.Outcome.EXEMPT,
    Assessment.Outcome.NO_GOODS,
)


class AssessmentLine(models.Model):
    """One line of an assessment, which explains itself: what, by which article, how much of it at what price.

    `rules` holds the ids of the tariff's rules that changed the price: coefficients (`factor` is their product), the
    cap, the exemption. An approved tariff never changes, so that they tell the same later.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="lines")
    tariff_line = models.ForeignKey(TariffLine, models.PROTECT, related_name="assessed")
    quantity = models.DecimalField(_("số lượng"), max_digits=14, decimal_places=5)
    unit = models.CharField(_("đơn vị tính"), max_length=10, choices=TariffLine.Unit)
    price = models.PositiveBigIntegerField(_("mức phí (đồng)"))
    kind = models.CharField(_("loại phí"), max_length=20, choices=FeeKind, default=FeeKind.INFRASTRUCTURE)
    factor = models.DecimalField(_("hệ số"), max_digits=20, decimal_places=12, default=Decimal(1))
    rules = ArrayField(models.BigIntegerField(), default=list)
    amount = models.PositiveBigIntegerField(_("thành tiền (đồng)"))

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.assessment} · {self.amount}"

    @property
    def quantity_words(self) -> str:
        """As many decimals as it has: `1`, `30,5`."""
        return plain_number(self.quantity)

    @property
    def factor_words(self) -> str:
        """The coefficient where there is one: `0,3`."""
        return "" if self.factor == 1 else plain_number(self.factor)
