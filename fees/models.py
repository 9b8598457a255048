"""What it costs: the tariff, each truck's assessment, bills, payments, and the ledger that all balances come from.

Money is whole đồng. Customs taxes are never in it.
"""

from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from accounts.models import InForceQuerySet, Organisation, Period, User
from accounts.rules import gate_ids_of, organisation_ids_of
from declarations.models import Consignment, Declaration, Trip
from fees.codes import new_code
from fees.rules import DESK
from gates.procedures import BOOKS

PROVINCES = sorted({book.province for book in BOOKS.values()})


class DateRange(Func):
    """`daterange(from, to, '[]')`: both days included, open where `to` is empty."""

    function = "daterange"
    output_field = DateRangeField()


class TonnesRange(Func):
    """`numrange(from, below)`: the lower end included, the upper not."""

    function = "numrange"


class Tariff(Period):
    """Biểu phí: what a resolution of a province's People's Council asks, from a day to a day."""

    province = models.CharField(_("tỉnh"), max_length=50, choices=[(name, name) for name in PROVINCES])
    name = models.CharField(_("tên biểu phí"), max_length=200)
    legal_basis = models.CharField(_("căn cứ pháp lý"), max_length=300)

    objects = InForceQuerySet.as_manager()

    class Meta:
        verbose_name = _("biểu phí")
        verbose_name_plural = _("biểu phí")
        ordering = ["province", "-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="tariff_ends_after_it_begins",
                violation_error_message=_("Ngày kết thúc phải sau ngày bắt đầu."),
            ),
            ExclusionConstraint(
                name="one_tariff_a_day",
                expressions=[
                    ("province", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to", Value("[]")), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Thời gian này trùng với một biểu phí khác của tỉnh."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValidationError({"valid_to": _("Ngày kết thúc phải sau ngày bắt đầu.")})


class TariffLine(models.Model):
    """One price of a tariff. An empty goods group, vehicle type or tonnage means any.

    The most particular line that fits a truck counts: see `fees.pricing`.
    """

    class Unit(models.TextChoices):
        VEHICLE = "vehicle", _("xe")
        TONNE = "tonne", _("tấn")

    tariff = models.ForeignKey(Tariff, models.CASCADE, related_name="lines", verbose_name=_("biểu phí"))
    regime = models.CharField(_("loại hình"), max_length=20, choices=Consignment.Regime)
    goods_group = models.CharField(_("nhóm hàng hóa"), max_length=20, choices=Consignment.GoodsGroup, blank=True)
    vehicle_type = models.CharField(_("loại phương tiện"), max_length=5, choices=Trip.VehicleType, blank=True)
    payload_from = models.DecimalField(
        _("trọng tải từ (tấn)"),
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    payload_below = models.DecimalField(
        _("đến dưới (tấn)"), max_digits=6, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    unit = models.CharField(_("đơn vị tính"), max_length=10, choices=Unit, default=Unit.VEHICLE)
    price = models.PositiveBigIntegerField(_("mức phí (đồng)"))
    article = models.CharField(_("mục của biểu"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("mức phí")
        verbose_name_plural = _("mức phí")
        ordering = ["tariff", "regime", "goods_group", "vehicle_type", "-payload_from"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="price_is_not_negative"),
            models.CheckConstraint(
                condition=Q(payload_below__isnull=True)
                | Q(payload_from__isnull=True)
                | Q(payload_below__gt=F("payload_from")),
                name="payload_band_ends_after_it_begins",
                violation_error_message=_("Trọng tải đến phải lớn hơn trọng tải từ."),
            ),
            ExclusionConstraint(
                name="one_price_a_case",
                expressions=[
                    ("tariff", RangeOperators.EQUAL),
                    ("regime", RangeOperators.EQUAL),
                    ("goods_group", RangeOperators.EQUAL),
                    ("vehicle_type", RangeOperators.EQUAL),
                    (TonnesRange("payload_from", "payload_below"), RangeOperators.OVERLAPS),
                ],
                condition=Q(payload_from__isnull=False) | Q(payload_below__isnull=False),
                violation_error_message=_("Các khoảng trọng tải của cùng một trường hợp không được chồng lên nhau."),
            ),
            models.UniqueConstraint(
                fields=["tariff", "regime", "goods_group", "vehicle_type"],
                condition=Q(payload_from__isnull=True, payload_below__isnull=True),
                name="one_price_a_case_without_band",
                violation_error_message=_("Trường hợp này đã có mức phí."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_regime_display()} · {self.goods_words} · {self.vehicle_words}"

    def clean(self) -> None:
        if None not in self.band and self.payload_below <= self.payload_from:
            raise ValidationError({"payload_below": _("Trọng tải đến phải lớn hơn trọng tải từ.")})

    @property
    def has_band(self) -> bool:
        return self.payload_from is not None or self.payload_below is not None

    @property
    def goods_words(self) -> str:
        return str(self.get_goods_group_display()) if self.goods_group else str(_("Mọi nhóm hàng hóa"))

    @property
    def vehicle_words(self) -> str:
        """The vehicle class in words: type and tonnage band."""
        if self.payload_from is not None and self.payload_below is not None:
            band = _("từ %(low)s đến dưới %(high)s tấn")
        elif self.payload_from is not None:
            band = _("từ %(low)s tấn trở lên")
        elif self.payload_below is not None:
            band = _("dưới %(high)s tấn")
        else:
            return str(self.get_vehicle_type_display() if self.vehicle_type else _("Mọi loại phương tiện"))
        vehicle = self.get_vehicle_type_display() if self.has_container else _("Xe")
        low, high = ("" if tonnes is None else f"{tonnes.normalize():f}" for tonnes in self.band)
        return f"{vehicle} {band % {'low': low, 'high': high}}"

    @property
    def has_container(self) -> bool:
        return self.vehicle_type in (Trip.VehicleType.CONTAINER_20, Trip.VehicleType.CONTAINER_40)

    @property
    def band(self) -> tuple[Decimal | None, Decimal | None]:
        return self.payload_from, self.payload_below

    def meets(self, other: "TariffLine") -> bool:
        """Whether some truck would find both lines equally particular."""
        same = all(getattr(self, name) == getattr(other, name) for name in ("regime", "goods_group", "vehicle_type"))
        if not same or self.has_band != other.has_band:
            return False
        ends = (self, other), (other, self)
        return all(a.payload_below is None or (b.payload_from or 0) < a.payload_below for a, b in ends)


class Assessment(models.Model):
    """What one truck owes, calculated when its yard stage is complete, from the facts confirmed there.

    A version is never changed: when facts differ a further one is made, and the last counts. `facts` holds the ids
    of the confirmations' facts it stands on.
    """

    class Outcome(models.TextChoices):
        DUE = "due", _("phải nộp phí")
        FREE = "free", _("mức phí bằng không")
        NO_GOODS = "no_goods", _("xe không còn hàng hóa, phí tính cho xe nhận hàng")
        NO_TARIFF = "no_tariff", _("chưa có biểu phí có hiệu lực")
        NO_PRICE = "no_price", _("biểu phí chưa có mức phí cho trường hợp này")
        NO_PAYLOAD = "no_payload", _("chưa có trọng tải của phương tiện để xếp mức phí")
        NO_WEIGHT = "no_weight", _("chưa có trọng lượng hàng hóa để tính phí")

    trip = models.ForeignKey(Trip, models.PROTECT, related_name="assessments")
    version = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="assessments", null=True)
    outcome = models.CharField(max_length=12, choices=Outcome)
    tariff = models.ForeignKey(Tariff, models.PROTECT, related_name="assessments", null=True)
    regime = models.CharField(_("loại hình"), max_length=20, choices=Consignment.Regime, blank=True)
    goods_group = models.CharField(_("nhóm hàng hóa"), max_length=20, choices=Consignment.GoodsGroup, blank=True)
    vehicle_type = models.CharField(_("loại phương tiện"), max_length=5, choices=Trip.VehicleType)
    payload = models.DecimalField(_("trọng tải (tấn)"), max_digits=6, decimal_places=2, null=True)
    weight = models.DecimalField(_("trọng lượng hàng hóa (kg)"), max_digits=14, decimal_places=2)
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


CLEAR = (Assessment.Outcome.DUE, Assessment.Outcome.FREE, Assessment.Outcome.NO_GOODS)


class AssessmentLine(models.Model):
    """One line of an assessment, which explains itself: what, by which article, how much of it at what price."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="lines")
    tariff_line = models.ForeignKey(TariffLine, models.PROTECT, related_name="assessed")
    quantity = models.DecimalField(_("số lượng"), max_digits=14, decimal_places=5)
    unit = models.CharField(_("đơn vị tính"), max_length=10, choices=TariffLine.Unit)
    price = models.PositiveBigIntegerField(_("mức phí (đồng)"))
    amount = models.PositiveBigIntegerField(_("thành tiền (đồng)"))

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.assessment} · {self.amount}"

    @property
    def quantity_words(self) -> str:
        """As many decimals as it has: `1`, `30,5`."""
        return number_format(self.quantity.normalize())


def _sum(entries, **of):
    """The sum of ledger lines as a subquery; nothing is 0."""
    total = entries.filter(**of).order_by().values(*of).annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(total), Value(0), output_field=models.BigIntegerField())


class BillQuerySet(models.QuerySet):
    def with_sums(self):
        """Adds `due`, `allocated`, and `outstanding` in đồng, from the ledger."""
        entries = LedgerEntry.objects
        return self.annotate(
            due=_sum(entries.filter(kind=LedgerEntry.Kind.ASSESSED), bill=OuterRef("pk")),
            allocated=_sum(entries.filter(kind=LedgerEntry.Kind.ALLOCATED), bill=OuterRef("pk")),
        ).annotate(outstanding=F("due") - F("allocated"))

    def with_surplus(self):
        """Adds `surplus`: what was paid for it and is neither allocated to any bill nor refunded, in đồng."""
        spent = [LedgerEntry.Kind.ALLOCATED, LedgerEntry.Kind.REFUNDED]
        entries = LedgerEntry.objects
        return self.annotate(
            surplus=_sum(entries.filter(kind=LedgerEntry.Kind.RECEIVED), payment__bill=OuterRef("pk"))
            - _sum(entries.filter(kind__in=spent), payment__bill=OuterRef("pk"))
        )

    def visible_to(self, user: User):
        """The payer's own; for those who collect or oversee, those of their gates."""
        gates = gate_ids_of(user, DESK)
        if user.is_superuser or gates is None:
            return self
        return self.filter(Q(payer__in=organisation_ids_of(user)) | Q(declaration__gate__in=gates))


class Bill(models.Model):
    """Thông báo phí: what is asked of one payer for the trucks of a declaration that are ready, under one code."""

    code = models.CharField(_("mã nộp phí"), max_length=12, unique=True, default=new_code)
    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="bills")
    payer = models.ForeignKey(Organisation, models.PROTECT, related_name="bills")
    created_at = models.DateTimeField()

    objects = BillQuerySet.as_manager()

    class Meta:
        verbose_name = _("thông báo phí")
        verbose_name_plural = _("thông báo phí")
        ordering = ["-id"]
        indexes = [models.Index(fields=["payer", "-id"])]

    def __str__(self) -> str:
        return self.code


class PaymentQuerySet(models.QuerySet):
    def with_credit(self):
        """Adds `credit`: what of it is neither allocated nor refunded, in đồng."""
        entries = LedgerEntry.objects
        return self.annotate(
            credit=_sum(entries.filter(kind=LedgerEntry.Kind.RECEIVED), payment=OuterRef("pk"))
            - _sum(
                entries.filter(kind__in=[LedgerEntry.Kind.ALLOCATED, LedgerEntry.Kind.REFUNDED]),
                payment=OuterRef("pk"),
            )
        )


class Payment(models.Model):
    """Money that came in, as the bank or the cashier says; never changed. `key` is the caller's idempotency key."""

    class Method(models.TextChoices):
        COUNTER = "counter", _("tại quầy")
        BANK = "bank", _("chuyển khoản")
        STUB = "stub", _("ngân hàng thử nghiệm")

    payer = models.ForeignKey(Organisation, models.PROTECT, related_name="payments")
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="payments", null=True)
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
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="payment_is_positive")]
        indexes = [models.Index(fields=["-received_at"])]

    def __str__(self) -> str:
        return f"{self.amount} · {self.get_method_display()}"


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
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="entries", null=True)
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="entries", null=True)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="entries", null=True)
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
        indexes = [models.Index(fields=["kind", "-at"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"
