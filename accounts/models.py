"""Who acts: people, the organisations they belong to, and the roles they hold, each with gate and period."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gates.models import Gate, Unit, Yard


class Organisation(models.Model):
    """A trader, carrier or yard firm (tổ chức, cá nhân), known by its tax code."""

    name = models.CharField(_("tên tổ chức, cá nhân"), max_length=200)
    tax_code = models.CharField(_("mã số thuế"), max_length=14, unique=True)
    address = models.CharField(_("địa chỉ"), max_length=300, blank=True)
    phone = models.CharField(_("điện thoại"), max_length=20, blank=True)
    email = models.EmailField(_("thư điện tử"), blank=True)

    class Meta:
        verbose_name = _("tổ chức, cá nhân")
        verbose_name_plural = _("tổ chức, cá nhân")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person with an account. What the person may do follows from roles and memberships alone."""

    full_name = models.CharField(_("họ và tên"), max_length=150, blank=True)
    phone = models.CharField(_("điện thoại"), max_length=20, blank=True)
    organisations = models.ManyToManyField(Organisation, through="Membership", related_name="people")

    class Meta:
        verbose_name = _("người dùng")
        verbose_name_plural = _("người dùng")

    def __str__(self) -> str:
        return self.full_name or self.username


class InForceQuerySet(models.QuerySet):
    """Rows with a period: `valid_from` to `valid_to`, both included, open where `valid_to` is empty."""

    def in_force(self, day=None):
        day = day or timezone.localdate()
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)


class Period(models.Model):
    valid_from = models.DateField(_("từ ngày"), default=timezone.localdate)
    valid_to = models.DateField(_("đến ngày"), null=True, blank=True)

    objects = InForceQuerySet.as_manager()

    class Meta:
        abstract = True


class Membership(Period):
    """A person acts for an organisation."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")

    class Meta:
        verbose_name = _("người của tổ chức")
        verbose_name_plural = _("người của tổ chức")
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation"], name="one_membership_per_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation}"


class Role(Period):
    """A person holds a role, at one gate or, without a gate, at all; in a unit where there is one."""

    class Code(models.TextChoices):
        TRADER = "trader", _("Người khai")
        DRIVER = "driver", _("Lái xe")
        BORDER_GUARD = "border_guard", _("Bộ đội Biên phòng")
        CUSTOMS = "customs", _("Hải quan")
        HEALTH_QUARANTINE = "health_quarantine", _("Kiểm dịch y tế")
        ANIMAL_QUARANTINE = "animal_quarantine", _("Kiểm dịch động vật")
        PLANT_QUARANTINE = "plant_quarantine", _("Kiểm dịch thực vật")
        TRANSPORT = "transport", _("Quản lý giấy phép vận tải")
        YARD_OPERATOR = "yard_operator", _("Doanh nghiệp bến bãi")
        FEE_CENTRE = "fee_centre", _("Trung tâm hạ tầng")
        TAX_OFFICE = "tax_office", _("Cơ quan Thuế")
        ZONE_AUTHORITY = "zone_authority", _("Ban Quản lý Khu kinh tế")
        INDUSTRY_TRADE = "industry_trade", _("Sở Công Thương")
        ADMIN = "admin", _("Quản trị hệ thống")

    user = models.ForeignKey(User, models.CASCADE, related_name="roles")
    code = models.CharField(_("vai trò"), max_length=30, choices=Code)
    gate = models.ForeignKey(Gate, models.PROTECT, related_name="roles", null=True, blank=True)
    yard = models.ForeignKey(Yard, models.PROTECT, related_name="roles", null=True, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="roles", null=True, blank=True)

    class Meta:
        verbose_name = _("vai trò")
        verbose_name_plural = _("vai trò")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "code", "gate", "yard"],
                name="one_role_per_place",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
                name="role_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_code_display()}"

    def covers(self, gate_id: int | None) -> bool:
        """Whether the role holds at this gate; a role without a gate holds at every one."""
        return self.gate_id is None or self.gate_id == gate_id


class ApiKey(models.Model):
    """A key by which another system acts as this account, with its roles and no more; only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys", verbose_name=_("tài khoản"))
    name = models.CharField(_("hệ thống"), max_length=100)
    prefix = models.CharField(_("đầu khóa"), max_length=8, db_index=True)
    hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("cấp lúc"), default=timezone.now)
    revoked_at = models.DateTimeField(_("thu hồi lúc"), null=True, blank=True)

    class Meta:
        verbose_name = _("khóa API")
        verbose_name_plural = _("khóa API")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} · {self.prefix}…"
