"""The tariff: dated versions of what a province's resolution asks, with their prices and what changes these."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import InForceQuerySet, Period, User
from fees.models.conditions import BAND_ENDS_AFTER_IT_BEGINS, CONDITIONS, Applies, FeeKind, plain_number
from gates.procedures import BOOKS


def provinces() -> list[tuple[str, str]]:
    """The provinces whose books are here, as choices."""
    return [(name, name) for name in sorted({book.province for book in BOOKS.values()})]


# Far above any price: what is more is a slip of the finger. In đồng.
MOST_PRICE = 1_000_000_000


class DateRange(Func):
    """`daterange(from, to, '[]')`: both days included, open where `to` is empty."""

    function = "daterange"
    output_field = DateRangeField()


class TonnesRange(Func):
    """`numrange(from, below)`: the lower end included, the upper not."""

    function = "numrange"


def in_language(row: models.Model, name: str) -> str:
    """The text in the language of the page, where it was given; else in Vietnamese."""
    suffix = {"en": "_en", "zh-hans": "_zh"}.get(get_language() or "", "")
    return getattr(row, name + suffix, "") or getattr(row, name)


class TariffQuerySet(InForceQuerySet):
    def in_force(self, day=None):
        """The approved versions that hold on this day, default today."""
        return super().in_force(day).filter(state=Tariff.State.APPROVED)


class Tariff(Period):
    """Biểu phí: what a resolution of a province's People's Council asks, from a day to a day.

    A version is entered as a draft, proposed, and approved by another person. Approved it never changes (a trigger
    refuses it): it can only be ended, or superseded by the next.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("bản nháp")
        PROPOSED = "proposed", _("chờ duyệt")
        APPROVED = "approved", _("đã duyệt")

    province = models.CharField(_("tỉnh"), max_length=50, choices=provinces)
    name = models.CharField(_("tên biểu phí"), max_length=200)
    name_en = models.CharField(_("tên biểu phí (tiếng Anh)"), max_length=200, blank=True)
    name_zh = models.CharField(_("tên biểu phí (tiếng Trung)"), max_length=200, blank=True)
    legal_basis = models.CharField(_("căn cứ pháp lý"), max_length=300)
    is_sample = models.BooleanField(_("biểu mẫu để minh họa"), default=False, editable=False)
    state = models.CharField(_("trạng thái"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    authors = models.ManyToManyField(User, related_name="tariffs_entered", editable=False)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="tariffs_proposed", null=True, editable=False)
    proposed_at = models.DateTimeField(null=True, editable=False)
    approved_by = models.ForeignKey(User, models.PROTECT, related_name="tariffs_approved", null=True, editable=False)
    approved_at = models.DateTimeField(null=True, editable=False)
    end_proposed = models.DateField(_("đề nghị kết thúc"), null=True, editable=False)
    end_proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, editable=False)

    objects = TariffQuerySet.as_manager()

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
            models.CheckConstraint(
                condition=~Q(state="approved")
                | Q(is_sample=True)
                | Q(proposed_by__isnull=False, approved_by__isnull=False) & ~Q(approved_by=F("proposed_by")),
                name="tariff_is_approved_by_another",
            ),
            ExclusionConstraint(
                name="one_tariff_a_day",
                expressions=[
                    ("province", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to", Value("[]")), RangeOperators.OVERLAPS),
                ],
                condition=Q(state="approved"),
                violation_error_message=_("Thời gian này trùng với một biểu phí khác của tỉnh."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValidationError({"valid_to": _("Ngày kết thúc phải sau ngày bắt đầu.")})

    @property
    def title(self) -> str:
        return in_language(self, "name")

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_proposed(self) -> bool:
        return self.state == self.State.PROPOSED

    @property
    def is_approved(self) -> bool:
        return self.state == self.State.APPROVED

    @property
    def stand(self) -> str:
        """Where it is: draft, proposed, coming, in_force or ended."""
        today = timezone.localdate()
        if not self.is_approved:
            return self.state
        if self.valid_from > today:
            return "coming"
        return "ended" if self.valid_to and self.valid_to < today else "in_force"


class TariffLine(Applies):
    """One price of a tariff. The most particular line that fits a truck counts: see `fees.pricing`."""

    class Unit(models.TextChoices):
        VEHICLE = "vehicle", _("xe")
        CONTAINER = "container", _("container")
        TONNE = "tonne", _("tấn")
        CUBIC_METRE = "m3", _("m³")
        TONNE_OR_CUBIC_METRE = "tonne_m3", _("tấn hoặc m³")

    tariff = models.ForeignKey(Tariff, models.CASCADE, related_name="lines", verbose_name=_("biểu phí"))
    kind = models.CharField(_("loại phí"), max_length=20, choices=FeeKind, default=FeeKind.INFRASTRUCTURE)
    unit = models.CharField(_("đơn vị tính"), max_length=10, choices=Unit, default=Unit.VEHICLE)
    price = models.PositiveBigIntegerField(_("mức phí (đồng)"))

    class Meta:
        verbose_name = _("mức phí")
        verbose_name_plural = _("mức phí")
        ordering = ["tariff", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(price__gte=0, price__lte=MOST_PRICE),
                name="price_is_not_negative",
                violation_error_message=_("Mức phí phải từ 0 đến một tỷ đồng."),
            ),
            models.CheckConstraint(
                condition=BAND_ENDS_AFTER_IT_BEGINS,
                name="payload_band_ends_after_it_begins",
                violation_error_message=_("Trọng tải đến phải lớn hơn trọng tải từ."),
            ),
            models.CheckConstraint(
                condition=~Q(unit="container") | Q(vehicle_type__in=["20ft", "40ft"]),
                name="price_a_container_is_for_containers",
                violation_error_message=_("Mức phí theo container phải ghi loại container."),
            ),
            ExclusionConstraint(
                name="one_price_a_case",
                expressions=[
                    ("tariff", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    *((name, RangeOperators.EQUAL) for name in CONDITIONS),
                    (TonnesRange("payload_from", "payload_below"), RangeOperators.OVERLAPS),
                ],
                condition=Q(payload_from__isnull=False) | Q(payload_below__isnull=False),
                violation_error_message=_("Các khoảng trọng tải của cùng một trường hợp không được chồng lên nhau."),
            ),
            models.UniqueConstraint(
                fields=["tariff", "kind", *CONDITIONS],
                condition=Q(payload_from__isnull=True, payload_below__isnull=True),
                name="one_price_a_case_without_band",
                violation_error_message=_("Trường hợp này đã có mức phí."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.words} · {self.price}"

    def clean(self) -> None:
        super().clean()
        if self.unit == self.Unit.CONTAINER and not self.has_container:
            raise ValidationError({"vehicle_type": _("Mức phí theo container phải ghi loại container.")})

    def meets(self, other: Applies) -> bool:
        return isinstance(other, TariffLine) and self.kind == other.kind and super().meets(other)


class TariffRule(Applies):
    """What changes a price: a coefficient, a most that a vehicle pays, or an exemption, with its article.

    All coefficients that fit a truck are multiplied, the least cap that fits holds, any exemption that fits frees.
    `charged_as` is the kind of fee that the price becomes by the coefficient; empty leaves it.
    """

    class Effect(models.TextChoices):
        COEFFICIENT = "coefficient", _("hệ số")
        CAP = "cap", _("mức tối đa")
        EXEMPTION = "exemption", _("miễn")

    tariff = models.ForeignKey(Tariff, models.CASCADE, related_name="rules", verbose_name=_("biểu phí"))
    effect = models.CharField(_("tác dụng"), max_length=12, choices=Effect)
    factor = models.DecimalField(_("hệ số"), max_digits=7, decimal_places=4, null=True, blank=True)
    most = models.PositiveBigIntegerField(_("tối đa (đồng)"), null=True, blank=True)
    charged_as = models.CharField(_("thu theo loại phí"), max_length=20, choices=FeeKind, blank=True)
    reason = models.CharField(_("lý do"), max_length=200, blank=True)
    reason_en = models.CharField(_("lý do (tiếng Anh)"), max_length=200, blank=True)
    reason_zh = models.CharField(_("lý do (tiếng Trung)"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("hệ số, mức tối đa, miễn")
        verbose_name_plural = _("hệ số, mức tối đa, miễn")
        ordering = ["tariff", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    effect="coefficient", factor__isnull=False, factor__gt=0, factor__lte=100, most__isnull=True
                )
                | Q(
                    effect="cap",
                    factor__isnull=True,
                    most__isnull=False,
                    most__gt=0,
                    most__lte=MOST_PRICE,
                    charged_as="",
                )
                | Q(effect="exemption", factor__isnull=True, most__isnull=True, charged_as="") & ~Q(reason=""),
                name="tariff_rule_fits_its_effect",
            ),
            models.CheckConstraint(
                condition=BAND_ENDS_AFTER_IT_BEGINS,
                name="rules_payload_band_ends_after_it_begins",
                violation_error_message=_("Trọng tải đến phải lớn hơn trọng tải từ."),
            ),
            models.UniqueConstraint(
                fields=["tariff", "effect", *CONDITIONS, "payload_from", "payload_below", "reason"],
                name="one_rule_a_case",
                nulls_distinct=False,
                violation_error_message=_("Quy định này đã có."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_effect_display()} {self.value_words} · {self.words}"

    def clean(self) -> None:
        super().clean()
        wrong = {}
        if self.effect == self.Effect.COEFFICIENT:
            if self.factor is None or not 0 < self.factor <= 100:
                wrong["factor"] = _("Hệ số phải lớn hơn 0 và không quá 100.")
        elif self.factor is not None:
            wrong["factor"] = _("Chỉ ghi hệ số cho quy định về hệ số.")
        if self.effect == self.Effect.CAP:
            if not self.most:
                wrong["most"] = _("Hãy ghi số tiền tối đa cho một lượt xe.")
        elif self.most is not None:
            wrong["most"] = _("Chỉ ghi số tiền cho quy định về mức tối đa.")
        if self.effect == self.Effect.EXEMPTION and not self.reason:
            wrong["reason"] = _("Miễn phí phải có lý do.")
        if self.charged_as and self.effect != self.Effect.COEFFICIENT:
            wrong["charged_as"] = _("Chỉ hệ số mới đổi loại phí.")
        if wrong:
            raise ValidationError(wrong)

    @property
    def why(self) -> str:
        return in_language(self, "reason")

    @property
    def factor_words(self) -> str:
        """As many decimals as it has: `0,3`, `5`."""
        return "" if self.factor is None else plain_number(self.factor)

    @property
    def value_words(self) -> str:
        return self.factor_words or ("" if self.most is None else number_format(self.most, force_grouping=True))
