"""The tariff: dated versions of what a province's resolution asks, with their prices."""

from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import InForceQuerySet, Period
from declarations.models import Consignment, Trip
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
