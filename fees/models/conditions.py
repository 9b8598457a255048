"""What a row of a tariff may ask of a truck."""

from collections.abc import Iterator
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from declarations.models import Consignment, Trip


class FeeKind(models.TextChoices):
    """The fees that the law knows, by the words by which a book's `routed` names who collects which."""

    INFRASTRUCTURE = "infrastructure", _("Phí hạ tầng")
    TRANSSHIPMENT = "transshipment", _("Phí sang tải")


class Direction(models.TextChoices):
    EXPORT = "export", _("Xuất khẩu")
    IMPORT = "import", _("Nhập khẩu")


class Handling(models.TextChoices):
    """What became of a vehicle's goods in the yard."""

    CARRIED = "carried", _("Giữ hàng trên xe, không sang tải")
    RECEIVED = "received", _("Nhận hàng sang tải")
    GAVE_PART = "gave_part", _("Đã sang một phần hàng cho xe khác")
    GAVE_ALL = "gave_all", _("Đã sang hết hàng cho xe khác")


class Origin(models.TextChoices):
    VIETNAM = "vietnam", _("Xuất xứ Việt Nam")
    FOREIGN = "foreign", _("Xuất xứ nước ngoài")


CONDITIONS = ("hs_prefix", "goods_group", "origin", "regime", "direction", "transshipment", "vehicle_type")
"""What a row may ask of a truck, the weightiest first; the tonnage band comes after them."""

HS_PREFIX = r"^[0-9]{2,8}\Z"
"""How a HS code begins, as a row names it: nothing but ASCII digits, which are compared sign by sign."""
HS_PREFIX_WORDS = _("Mã HS ghi từ 2 đến 8 chữ số, ví dụ 2710.")


class Applies(models.Model):
    """To which trucks a row of a tariff applies; what is empty means any."""

    direction = models.CharField(_("chiều"), max_length=10, choices=Direction, blank=True)
    regime = models.CharField(_("loại hình"), max_length=20, choices=Consignment.Regime, blank=True)
    goods_group = models.CharField(_("nhóm hàng hóa"), max_length=20, choices=Consignment.GoodsGroup, blank=True)
    hs_prefix = models.CharField(
        _("mã HS bắt đầu bằng"),
        max_length=8,
        blank=True,
        validators=[RegexValidator(HS_PREFIX, HS_PREFIX_WORDS)],
    )
    origin = models.CharField(_("xuất xứ hàng hóa"), max_length=10, choices=Origin, blank=True)
    transshipment = models.CharField(_("sang tải"), max_length=10, choices=Handling, blank=True)
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
    article = models.CharField(_("mục của biểu"), max_length=100, blank=True)

    class Meta:
        abstract = True

    def clean(self) -> None:
        if None not in self.band and self.payload_below <= self.payload_from:
            raise ValidationError({"payload_below": _("Trọng tải đến phải lớn hơn trọng tải từ.")})

    @property
    def band(self) -> tuple[Decimal | None, Decimal | None]:
        return self.payload_from, self.payload_below

    @property
    def has_band(self) -> bool:
        return self.band != (None, None)

    @property
    def has_container(self) -> bool:
        return self.vehicle_type in CONTAINERS

    @property
    def regime_words(self) -> str:
        return str(self.get_regime_display()) if self.regime else str(_("Mọi loại hình"))

    @property
    def goods_words(self) -> str:
        """The goods in words: their group, their HS code, their origin."""
        return " · ".join(self._goods_words()) or str(_("Mọi nhóm hàng hóa"))

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
        low, high = ("" if tonnes is None else number_format(tonnes.normalize(), use_l10n=True) for tonnes in self.band)
        return f"{vehicle} {band % {'low': low, 'high': high}}"

    @property
    def words(self) -> str:
        """Every condition that is given, in words."""
        return " · ".join(self._words()) or str(_("Mọi trường hợp"))

    def _goods_words(self) -> Iterator[str]:
        if self.goods_group:
            yield str(self.get_goods_group_display())
        if self.hs_prefix:
            yield _("Mã HS %(prefix)s") % {"prefix": self.hs_prefix}
        if self.origin:
            yield str(self.get_origin_display())

    def _words(self) -> Iterator[str]:
        for name in ("direction", "regime"):
            if getattr(self, name):
                yield str(getattr(self, f"get_{name}_display")())
        yield from self._goods_words()
        if self.transshipment:
            yield str(self.get_transshipment_display())
        if self.vehicle_type or self.has_band:
            yield self.vehicle_words

    @property
    def case(self) -> tuple:
        """Which trucks it is for, as one value: two rows of one case compete."""
        return (*(getattr(self, name) for name in CONDITIONS), *self.band)

    def meets(self, other: "Applies") -> bool:
        """Whether some truck would find both rows equally particular."""
        same = all(getattr(self, name) == getattr(other, name) for name in CONDITIONS)
        if not same or self.has_band != other.has_band:
            return False
        ends = (self, other), (other, self)
        return all(a.payload_below is None or (b.payload_from or 0) < a.payload_below for a, b in ends)


CONTAINERS = (Trip.VehicleType.CONTAINER_20, Trip.VehicleType.CONTAINER_40)
BAND_ENDS_AFTER_IT_BEGINS = (
    Q(payload_below__isnull=True) | Q(payload_from__isnull=True) | Q(payload_below__gt=F("payload_from"))
)


def plain_number(value: Decimal) -> str:
    """As many decimals as it has, in the page's way of writing: `1`, `30,5`."""
    return number_format(Decimal(f"{value.normalize():f}"), use_l10n=True)
