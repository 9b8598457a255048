"""What is declared: declarations with their consignments, goods lines and trips, and the loads on each trip.

The fields follow the form of Phụ lục V of Quyết định 595/QĐ-UBND (I general, II goods, III vehicles).
States move only through `checkpoints.door.perform`.
"""

from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from accounts.models import Organisation, Period, User
from accounts.rules import COLLECTORS, OFFICERS, OVERSEERS, gate_ids_of, organisation_ids_of
from declarations.states import ENDED_TRIPS, DeclarationState, TripState
from gates.labels import AGENCIES, COUNTRIES, PURPOSES, SIDES, choices
from gates.models import Gate, Yard, Zone
from gates.procedures import BOOKS, Book, Procedure
from gates.procedures.words import Agency
from register.models import Driver, Vehicle, VehicleType

READERS = OFFICERS | COLLECTORS | OVERSEERS


def visible(queryset, user: User, *, organisation: str, gate: str, draft: Q):
    """The rows of `queryset` that the person may see: own organisations' all, own gates' except drafts."""
    if user.is_superuser:
        return queryset
    gates = gate_ids_of(user, READERS)
    at_gate = ~draft if gates is None else Q(**{f"{gate}__in": gates}) & ~draft
    own = Q(**{f"{organisation}__in": organisation_ids_of(user)})
    return queryset.filter(own | at_gate)


class DeclarationQuerySet(models.QuerySet):
    def visible_to(self, user: User):
        """Own organisations' declarations; for officers and authorities, those submitted at their gates."""
        return visible(self, user, organisation="organisation", gate="gate", draft=Q(state=DeclarationState.DRAFT))


class Declaration(ConcurrentTransitionMixin, models.Model):
    """Tờ khai on the platform: one organisation, one purpose, one or several vehicles through one gate."""

    code = models.CharField(_("số tờ khai"), max_length=13, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="declarations")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="declarations")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    gate = models.ForeignKey(Gate, models.PROTECT, related_name="declarations", verbose_name=_("cửa khẩu xuất/nhập"))
    yard = models.ForeignKey(
        Yard,
        models.PROTECT,
        related_name="declarations",
        null=True,
        blank=True,
        verbose_name=_("địa điểm tập kết hàng hóa"),
    )
    purpose = models.CharField(_("mục đích"), max_length=20, choices=choices(PURPOSES))
    comes_from = models.CharField(_("xe đi từ đâu tới"), max_length=10, choices=choices(SIDES), blank=True)
    expected_at = models.DateTimeField(_("dự kiến đến"), null=True, blank=True)
    note = models.TextField(_("ghi chú"), max_length=1000, blank=True)
    state = FSMField(_("trạng thái"), default=DeclarationState.DRAFT, choices=DeclarationState.choices, protected=True)
    submitted_at = models.DateTimeField(null=True, editable=False)
    returns = models.ForeignKey(
        "Trip",
        models.PROTECT,
        related_name="returned_by",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("trả lại hàng của lượt"),
    )
    extended_to = models.DateTimeField(_("gia hạn đến"), null=True, editable=False)

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = _("tờ khai")
        verbose_name_plural = _("tờ khai")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organisation", "-id"]),
            models.Index(fields=["gate", "state", "-id"]),
            GinIndex(fields=["code"], name="declaration_code_trigram", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_draft(self) -> bool:
        return self.state == DeclarationState.DRAFT

    @property
    def expires_at(self) -> datetime | None:
        """Until when a vehicle may still come by it; None while no arrival is named."""
        if self.extended_to or self.expected_at is None:
            return self.extended_to
        return self.expected_at + timedelta(hours=settings.DECLARATION_VALID_HOURS)

    @transition(state, source=DeclarationState.DRAFT, target=DeclarationState.SUBMITTED)
    def submit(self, at) -> None:
        self.submitted_at = at

    @transition(state, source=DeclarationState.SUBMITTED, target=DeclarationState.UNDER_WAY)
    def start(self) -> None:
        """The first vehicle entered."""

    @transition(state, source=DeclarationState.UNDER_WAY, target=DeclarationState.SUBMITTED)
    def await_again(self) -> None:
        """What entered was another's vehicle."""

    @transition(
        state,
        source=[DeclarationState.SUBMITTED, DeclarationState.UNDER_WAY],
        target=DeclarationState.COMPLETED,
    )
    def complete(self) -> None:
        """The last vehicle left, and no goods of it lie in store."""

    @transition(state, source=DeclarationState.COMPLETED, target=DeclarationState.UNDER_WAY)
    def resume(self) -> None:
        """Goods of it that another vehicle had taken over were put in store."""

    @transition(state, source=[DeclarationState.DRAFT, DeclarationState.SUBMITTED], target=DeclarationState.WITHDRAWN)
    def withdraw(self) -> None:
        """Điều 20(1): the declarant takes back a declaration that is wrong or no longer used."""

    @transition(state, source=DeclarationState.SUBMITTED, target=DeclarationState.EXPIRED)
    def expire(self) -> None:
        """No vehicle came in time."""


class Consignment(models.Model):
    """Lô hàng: one owner, one customs declaration, one regime. An empty owner is the declarant."""

    class Regime(models.TextChoices):
        ORDINARY = "ordinary", _("Hàng hóa xuất nhập khẩu thông thường")
        TRANSIT = "transit", _("Tạm nhập tái xuất, quá cảnh, kho ngoại quan")
        PROCESSING = "processing", _("Hàng hóa gia công, sản xuất xuất khẩu, chuyển khẩu")

    class GoodsGroup(models.TextChoices):
        GENERAL = "general", _("Hàng hóa thông thường")
        FARM = "farm", _("Nông sản, hoa quả tươi")
        ORE = "ore", _("Quặng, khoáng sản")
        FROZEN = "frozen", _("Hàng đông lạnh")

    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="consignments")
    owner_name = models.CharField(_("chủ hàng"), max_length=200, blank=True)
    owner_tax_code = models.CharField(_("mã số thuế chủ hàng"), max_length=14, blank=True)
    customs_number = models.CharField(_("số tờ khai hải quan"), max_length=12, blank=True)
    customs_date = models.DateField(_("ngày tờ khai hải quan"), null=True, blank=True)
    regime = models.CharField(_("loại hình"), max_length=20, choices=Regime, default=Regime.ORDINARY)
    goods_group = models.CharField(_("nhóm hàng hóa"), max_length=20, choices=GoodsGroup, default=GoodsGroup.GENERAL)

    class Meta:
        verbose_name = _("lô hàng")
        verbose_name_plural = _("lô hàng")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.customs_number or f"{self.declaration}"


class GoodsLine(models.Model):
    """One line of the goods list. `value` in đồng; `weight` in kilograms, gross; a draft may lack numbers."""

    consignment = models.ForeignKey(Consignment, models.CASCADE, related_name="lines")
    name = models.CharField(_("tên hàng"), max_length=300)
    origin = models.CharField(_("xuất xứ"), max_length=100, blank=True)
    quantity = models.DecimalField(
        _("số lượng"), max_digits=14, decimal_places=3, null=True, validators=[MinValueValidator(0.001)]
    )
    unit = models.CharField(_("đơn vị"), max_length=30)
    value = models.BigIntegerField(_("giá trị (đồng)"), default=0, validators=[MinValueValidator(0)])
    weight = models.DecimalField(
        _("trọng lượng (kg)"), max_digits=12, decimal_places=2, null=True, validators=[MinValueValidator(0)]
    )
    hs_code = models.CharField(_("mã HS"), max_length=8, blank=True)

    class Meta:
        verbose_name = _("dòng hàng")
        verbose_name_plural = _("dòng hàng")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, value__gte=0, weight__gte=0), name="goods_line_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TripQuerySet(models.QuerySet):
    def visible_to(self, user: User):
        return visible(
            self,
            user,
            organisation="declaration__organisation",
            gate="declaration__gate",
            draft=Q(declaration__state=DeclarationState.DRAFT),
        )


class Trip(ConcurrentTransitionMixin, models.Model):
    """Lượt phương tiện: one vehicle with one driver, once through the gate.

    It keeps the book under which it was declared. `began_as` is the procedure declared, `procedure` the one
    followed now: an empty vehicle that receives goods goes on as the carrier of these. What was declared are its own
    values; `vehicle` and `driver` are the rows of the firm's register that they agree with, for their papers.
    """

    VehicleType = VehicleType

    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="trips")
    position = models.PositiveSmallIntegerField(_("thứ tự"), default=1)
    book_code = models.CharField(max_length=50)
    began_as = models.CharField(max_length=50)
    procedure_code = models.CharField(max_length=50)
    state = FSMField(_("trạng thái"), default=TripState.EXPECTED, choices=TripState.choices, protected=True)

    vehicle_type = models.CharField(_("loại phương tiện"), max_length=5, choices=VehicleType)
    payload = models.DecimalField(_("trọng tải (tấn)"), max_digits=6, decimal_places=2, null=True, blank=True)
    plate = models.CharField(_("biển kiểm soát"), max_length=15)
    country = models.CharField(_("nước đăng ký phương tiện"), max_length=2, choices=choices(COUNTRIES))
    trailer_plate = models.CharField(_("biển kiểm soát rơ moóc"), max_length=15, blank=True)
    container = models.CharField(_("số container"), max_length=11, blank=True)
    seal = models.CharField(_("số seal"), max_length=60, blank=True)
    origin = models.CharField(_("xuất xứ phương tiện"), max_length=100, blank=True)

    vehicle = models.ForeignKey(Vehicle, models.SET_NULL, related_name="trips", null=True, editable=False)
    driver = models.ForeignKey(Driver, models.SET_NULL, related_name="trips", null=True, editable=False)
    zone = models.ForeignKey(
        Zone, models.PROTECT, related_name="trips", null=True, blank=True, verbose_name=_("khu trong bãi")
    )
    """Where in a yard it was told to stand, until it is seen elsewhere."""

    stored_or_unloaded = models.BooleanField(_("lưu kho, hạ bãi tại địa điểm tập kết"), default=False)

    driver_name = models.CharField(_("tên người điều khiển phương tiện"), max_length=150)
    driver_phone = models.CharField(_("số điện thoại người điều khiển phương tiện"), max_length=20)

    specialised_driver = models.BooleanField(_("lái xe chuyên trách của cửa khẩu"), default=False)

    companion = models.CharField(_("người đi cùng"), max_length=150, blank=True)

    permit_number = models.CharField(_("số giấy phép vận tải đường bộ quốc tế"), max_length=40, blank=True)
    permit_kind = models.CharField(_("loại giấy phép"), max_length=10, blank=True)
    permit_from = models.DateField(_("giấy phép có giá trị từ"), null=True, blank=True)
    permit_to = models.DateField(_("giấy phép có giá trị đến"), null=True, blank=True)

    objects = TripQuerySet.as_manager()

    class Meta:
        verbose_name = _("lượt phương tiện")
        verbose_name_plural = _("lượt phương tiện")
        ordering = ["declaration", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["plate"],
                condition=Q(state=TripState.UNDER_WAY),
                name="one_trip_of_a_vehicle_under_way",
            ),
            models.CheckConstraint(
                condition=Q(permit_from__isnull=True) | Q(permit_to__isnull=True) | Q(permit_to__gte=F("permit_from")),
                name="permit_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(
                fields=["declaration"],
                condition=Q(state__in=[TripState.EXPECTED, TripState.UNDER_WAY]),
                name="live_trips",
            ),
            GinIndex(fields=["plate"], name="trip_plate_trigram", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.plate

    @property
    def book(self) -> Book:
        return BOOKS[self.book_code]

    @property
    def procedure(self) -> Procedure:
        return self.book[self.procedure_code]

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED_TRIPS

    @property
    def has_permit(self) -> bool:
        return bool(self.permit_number)

    @transition(state, source=TripState.EXPECTED, target=TripState.UNDER_WAY)
    def start(self) -> None:
        """The vehicle passed its first camera stage."""

    @transition(state, source=TripState.UNDER_WAY, target=TripState.EXPECTED)
    def expect_again(self) -> None:
        """What entered was another vehicle."""

    @transition(state, source=TripState.UNDER_WAY, target=TripState.LEFT)
    def leave(self) -> None:
        """The last stage of its procedure is complete."""

    @transition(state, source=[TripState.EXPECTED, TripState.UNDER_WAY], target=TripState.TURNED_BACK)
    def turn_back(self) -> None:
        """Sent back, not as its procedure goes."""

    @transition(state, source=[TripState.EXPECTED, TripState.UNDER_WAY], target=TripState.REMOVED)
    def remove(self) -> None:
        """Taken out of its procedure: handed to a violation case, or towed away."""

    @transition(state, source=TripState.EXPECTED, target=TripState.WITHDRAWN)
    def withdraw(self) -> None:
        """Taken back by its declarant before it entered."""

    @transition(state, source=TripState.EXPECTED, target=TripState.EXPIRED)
    def expire(self) -> None:
        """It did not come in time."""


class Load(models.Model):
    """So much of one goods line on one trip, or, without a trip, in store in a yard or handed to a violation case.

    The loads of a line always add up to the line: a transshipment moves them, nothing makes or ends them.
    """

    line = models.ForeignKey(GoodsLine, models.CASCADE, related_name="loads")
    trip = models.ForeignKey(Trip, models.RESTRICT, related_name="loads", null=True, blank=True)
    yard = models.ForeignKey(Yard, models.PROTECT, related_name="stored", null=True, blank=True)
    case = models.CharField(_("vụ việc vi phạm"), max_length=60, blank=True)
    quantity = models.DecimalField(_("số lượng"), max_digits=14, decimal_places=3)
    weight = models.DecimalField(_("trọng lượng (kg)"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("hàng trên xe")
        verbose_name_plural = _("hàng trên xe")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0, weight__gte=0), name="load_is_positive"),
            models.CheckConstraint(
                condition=Q(trip__isnull=False, yard__isnull=True, case="")
                | Q(trip__isnull=True, yard__isnull=False, case="")
                | Q(trip__isnull=True, yard__isnull=True) & ~Q(case=""),
                name="load_is_on_a_trip_or_in_a_yard_or_case",
            ),
            models.UniqueConstraint(
                fields=["line", "trip"], condition=Q(trip__isnull=False), name="one_load_of_a_line_per_trip"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} · {self.quantity}"


class DocumentQuerySet(models.QuerySet):
    def newest(self):
        return self.filter(replaced_by__isnull=True)

    def visible_to(self, user: User):
        """Those of own declarations; for officers, of what was submitted at their gates."""
        gates = gate_ids_of(user, OFFICERS)
        own = Q(declaration__organisation__in=organisation_ids_of(user))
        at_gate = Q() if gates is None else Q(declaration__gate__in=gates)
        return self.filter(own | at_gate & ~Q(declaration__state=DeclarationState.DRAFT))


def document_path(document, name: str) -> str:
    """A name that tells nothing; who may see the file is decided where it is served."""
    return f"documents/{uuid4().hex}.{name.rpartition('.')[2]}"


class Document(models.Model):
    """Chứng từ of a consignment. A newer version stands beside the one that it `replaces`; none is ever changed."""

    class Kind(models.TextChoices):
        PACKING_LIST = "packing_list", _("Phiếu đóng gói (packing list)")
        INVOICE = "invoice", _("Hóa đơn thương mại")
        CONTRACT = "contract", _("Hợp đồng")
        ORIGIN = "origin", _("Giấy chứng nhận xuất xứ")
        QUARANTINE = "quarantine", _("Giấy chứng nhận kiểm dịch")
        OTHER = "other", _("Chứng từ khác")

    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="documents")
    consignment = models.ForeignKey(Consignment, models.SET_NULL, related_name="documents", null=True)
    kind = models.CharField(_("loại chứng từ"), max_length=20, choices=Kind)
    file = models.FileField(_("tệp"), upload_to=document_path)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    replaces = models.OneToOneField("self", models.SET_NULL, related_name="replaced_by", null=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("chứng từ")
        verbose_name_plural = _("chứng từ")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.get_kind_display()


class DeclarationNumber(models.Model):
    """The last number given on a day, so that codes run without gaps under concurrency."""

    day = models.DateField(primary_key=True)
    last = models.PositiveIntegerField(default=0)


class QuarantineRule(Period):
    """Goods of this HS chapter or heading (or, declared without a code, of this group) need that quarantine."""

    agency = models.CharField(
        _("lực lượng"),
        max_length=30,
        choices=[(a.value, AGENCIES[a]) for a in (Agency.ANIMAL_QUARANTINE, Agency.PLANT_QUARANTINE)],
    )
    hs_prefix = models.CharField(_("đầu mã HS"), max_length=8, blank=True)
    goods_group = models.CharField(_("nhóm hàng hóa"), max_length=20, choices=Consignment.GoodsGroup, blank=True)
    legal_basis = models.CharField(_("căn cứ"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("hàng hóa phải kiểm dịch")
        verbose_name_plural = _("hàng hóa phải kiểm dịch")
        ordering = ["agency", "hs_prefix"]
        constraints = [
            models.CheckConstraint(condition=~Q(hs_prefix="") | ~Q(goods_group=""), name="quarantine_rule_names_goods"),
        ]

    def __str__(self) -> str:
        return f"{self.get_agency_display()} · {self.hs_prefix or self.get_goods_group_display()}"
