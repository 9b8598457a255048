"""What a firm declares again and again: its vehicles, its drivers and the papers of both.

Which papers the law asks is data (`PaperRule`): Nghị định 112/2014/NĐ-CP, Điều 8 and 9; Thông tư 09/2016/TT-BQP,
Điều 8. Nothing here is ever taken away under a trip that uses it: it is archived.
"""

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Period, User
from accounts.rules import organisation_ids_of
from gates.labels import COUNTRIES, choices
from gates.models import Gate


class VehicleType(models.TextChoices):
    CONTAINER_40 = "40ft", _("Container loại 40 feet")
    CONTAINER_20 = "20ft", _("Container loại 20 feet")
    OTHER = "other", _("Phương tiện không phải là container")


class Kind(models.TextChoices):
    """The kinds of paper. Those about the goods belong to their consignment."""

    REGISTRATION = "registration", _("Giấy đăng ký phương tiện")
    INSPECTION = "inspection", _("Giấy chứng nhận kiểm định an toàn kỹ thuật và bảo vệ môi trường")
    INSURANCE = "insurance", _("Giấy bảo hiểm trách nhiệm dân sự của chủ phương tiện")
    PERMIT = "permit", _("Giấy phép vận tải đường bộ quốc tế")
    PASSPORT = "passport", _("Hộ chiếu")
    BORDER_PASS = "border_pass", _("Giấy thông hành biên giới")
    TRAVEL_PASS = "travel_pass", _("Giấy thông hành khác (nhập xuất cảnh, vùng biên giới, hồi hương)")
    LICENCE = "licence", _("Giấy phép điều khiển phương tiện")


OF_VEHICLES = (Kind.REGISTRATION, Kind.INSPECTION, Kind.INSURANCE, Kind.PERMIT)
OF_DRIVERS = (Kind.PASSPORT, Kind.BORDER_PASS, Kind.TRAVEL_PASS, Kind.LICENCE)
MAY_BE_ENDLESS = frozenset({Kind.REGISTRATION, Kind.LICENCE})
"""These may be issued without a last day."""


class KeptQuerySet(models.QuerySet):
    def visible_to(self, user: User):
        """Those of the person's organisations."""
        return self.filter(organisation__in=organisation_ids_of(user))

    def current(self):
        """Those that are offered when declaring."""
        return self.filter(archived_at__isnull=True)


class Kept(models.Model):
    """A row of the firm's register; `changed_at` tells two people who write at once apart."""

    changed_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(null=True, editable=False)

    objects = KeptQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def version(self) -> str:
        return self.changed_at.isoformat()


class Vehicle(Kept):
    """A vehicle that the firm declares. Plates are in their normal form, `payload` in tonnes."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="vehicles")
    plate = models.CharField(_("biển kiểm soát"), max_length=15)
    country = models.CharField(_("nước đăng ký phương tiện"), max_length=2, choices=choices(COUNTRIES))
    vehicle_type = models.CharField(_("loại phương tiện"), max_length=5, choices=VehicleType)
    payload = models.DecimalField(
        _("trọng tải (tấn)"), max_digits=6, decimal_places=2, null=True, validators=[MinValueValidator(0)]
    )
    trailer_plate = models.CharField(_("biển kiểm soát rơ moóc"), max_length=15, blank=True)

    class Meta:
        verbose_name = _("phương tiện")
        verbose_name_plural = _("phương tiện")
        ordering = ["plate"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "plate"], name="one_vehicle_of_a_plate_per_firm"),
        ]

    def __str__(self) -> str:
        return self.plate


class Driver(Kept):
    """A person who drives for the firm, known by name and telephone number."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="drivers")
    name = models.CharField(_("họ và tên"), max_length=150)
    phone = models.CharField(_("số điện thoại"), max_length=20)
    nationality = models.CharField(_("quốc tịch"), max_length=2, choices=choices(COUNTRIES))

    class Meta:
        verbose_name = _("lái xe")
        verbose_name_plural = _("lái xe")
        ordering = ["name", "phone"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "phone"], name="one_driver_of_a_number_per_firm"),
        ]

    def __str__(self) -> str:
        return self.name


def scan_path(paper, name: str) -> str:
    """A name that tells nothing; who may see the file is decided where it is served."""
    return f"papers/{uuid4().hex}.{name.rpartition('.')[2]}"


class PaperQuerySet(models.QuerySet):
    def current(self):
        return self.filter(archived_at__isnull=True)

    def of_organisations(self, ids):
        return self.filter(Q(vehicle__organisation__in=ids) | Q(driver__organisation__in=ids))


class Paper(models.Model):
    """A paper of one vehicle or one driver. It holds through `valid_to`; without that day it has no end.

    `variety` is the letter of a transport permit. `told_of` is the last day that the firm was last reminded of.
    """

    vehicle = models.ForeignKey(Vehicle, models.CASCADE, related_name="papers", null=True)
    driver = models.ForeignKey(Driver, models.CASCADE, related_name="papers", null=True)
    kind = models.CharField(_("loại giấy tờ"), max_length=20, choices=Kind)
    variety = models.CharField(_("loại giấy phép"), max_length=10, blank=True)
    number = models.CharField(_("số"), max_length=40)
    valid_from = models.DateField(_("cấp ngày"), null=True, blank=True)
    valid_to = models.DateField(_("có giá trị đến"), null=True, blank=True)
    scan = models.FileField(_("bản chụp"), upload_to=scan_path, blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(null=True, editable=False)
    told_of = models.DateField(null=True, editable=False)

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = _("giấy tờ")
        verbose_name_plural = _("giấy tờ")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(vehicle__isnull=False, driver__isnull=True, kind__in=OF_VEHICLES)
                | Q(vehicle__isnull=True, driver__isnull=False, kind__in=OF_DRIVERS),
                name="paper_is_of_a_vehicle_or_a_driver",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="paper_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(fields=["valid_to"], condition=Q(archived_at__isnull=True), name="papers_that_end"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def version(self) -> str:
        return self.changed_at.isoformat()

    @property
    def holder(self) -> Vehicle | Driver:
        return self.vehicle or self.driver


class PaperRule(Period):
    """One of these papers is asked of every vehicle, or driver, of this country at gates of this kind.

    An empty country or gate kind means any. Where it `blocks`, nothing is sent without; else it is warned of.
    """

    any_of = ArrayField(models.CharField(max_length=20, choices=Kind), verbose_name=_("một trong các giấy tờ"))
    country = models.CharField(_("nước"), max_length=2, choices=choices(COUNTRIES), blank=True)
    gate_kind = models.CharField(_("loại cửa khẩu"), max_length=20, choices=Gate.Kind, blank=True)
    blocks = models.BooleanField(_("bắt buộc mới được gửi tờ khai"), default=False)
    legal_basis = models.CharField(_("căn cứ"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("giấy tờ phải có")
        verbose_name_plural = _("giấy tờ phải có")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(any_of__contained_by=list(OF_VEHICLES), any_of__len__gt=0)
                | Q(any_of__contained_by=list(OF_DRIVERS), any_of__len__gt=0),
                name="paper_rule_is_of_vehicles_or_of_drivers",
                violation_error_message=_("Chọn giấy tờ của phương tiện, hoặc của lái xe."),
            ),
        ]

    def __str__(self) -> str:
        return " / ".join(str(Kind(kind).label) for kind in self.any_of)


class SpecialisedDriver(Period):
    """Lái xe chuyên trách: a driver whom a gate's border guard registered to drive vehicles there, for a time.

    With `plates` (in their normal form) the person drives these tractors only.
    """

    gate = models.ForeignKey(Gate, models.PROTECT, related_name="specialised_drivers", verbose_name=_("cửa khẩu"))
    name = models.CharField(_("họ và tên"), max_length=150)
    phone = models.CharField(_("số điện thoại"), max_length=20)
    paper_number = models.CharField(_("số giấy tờ"), max_length=40)
    plates = ArrayField(
        models.CharField(max_length=15), verbose_name=_("đầu kéo chuyên trách"), default=list, blank=True
    )
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("lái xe chuyên trách")
        verbose_name_plural = _("lái xe chuyên trách")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["gate", "phone"], name="one_specialised_driver_of_a_number_per_gate"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="specialised_driver_ends_after_beginning",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def version(self) -> str:
        return self.changed_at.isoformat()

    def holds_on(self, day) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
