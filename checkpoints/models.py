"""What happens: stages opened, confirmations, passages, transshipments, and the one history of facts.

Rows change only through `checkpoints.door.perform`.
"""

from functools import cached_property

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from accounts.models import Period, User
from checkpoints.states import OPEN_CORRECTIONS, SETTLED, ConfirmationState, CorrectionState
from declarations.models import Declaration, Load, Trip
from declarations.states import LIVE_TRIPS
from gates.labels import AGENCIES, COUNTRIES, MOMENTS, PLACES, choices
from gates.models import Gate, Lane, Unit, Yard, Zone
from gates.procedures import Confirms, Stage
from gates.procedures.words import Moment

TRANSSHIPMENT = "transshipment"
STORED = "storage_or_unloading"
"""The facts by which customs confirms that goods went onto a vehicle, and that they were put in store."""


class Fact(models.Model):
    """One recorded move: who, for which agency and unit, what, when it happened and was recorded, where, on what.

    Appended, never changed (a trigger refuses updates and deletions). The facts of one subject are chained: each
    carries the hash of the one before, so that nothing can be altered or taken out unseen. Facts hold ids and
    states, no personal values. `key` is the caller's idempotency key.
    """

    chain = models.CharField(max_length=40)
    sequence = models.PositiveIntegerField()
    move = models.CharField(max_length=40)
    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="facts", null=True)
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="facts", null=True)
    gate = models.ForeignKey(Gate, models.PROTECT, related_name="facts", null=True)
    place = models.CharField(max_length=10, blank=True)
    actor = models.ForeignKey(User, models.PROTECT, related_name="facts", null=True)
    agency = models.CharField(max_length=30, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="facts", null=True)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)
    data = models.JSONField(default=dict)
    key = models.CharField(max_length=100, unique=True, null=True)  # noqa: DJ001 (null is unique many times)
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("sự kiện")
        verbose_name_plural = _("lịch sử")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["chain", "sequence"], name="facts_are_chained")]
        indexes = [
            models.Index(fields=["gate", "-recorded_at"]),
            models.Index(fields=["move", "-recorded_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.chain}#{self.sequence} {self.move}"


class AuditAnchor(models.Model):
    """A seal over the heads of all chains at one time; each carries the hash of the seal before."""

    at = models.DateTimeField()
    facts = models.BigIntegerField()
    last_fact_id = models.BigIntegerField()
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} · {self.facts}"


class Passage(models.Model):
    """Qua barie: a vehicle seen in a lane, by camera or by hand. Repeated sightings of a standing vehicle are one."""

    lane = models.ForeignKey(Lane, models.PROTECT, related_name="passages")
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="passages")
    plate = models.CharField(_("biển kiểm soát"), max_length=15)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="passages", null=True, blank=True)

    class Meta:
        verbose_name = _("lượt qua barie")
        verbose_name_plural = _("lượt qua barie")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["trip", "-last_seen_at"]),
            models.Index(fields=["lane", "-last_seen_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.plate} · {self.lane}"


class TripStage(models.Model):
    """One stage of one trip, made when it opens. Its specification is in the trip's book."""

    trip = models.ForeignKey(Trip, models.PROTECT, related_name="stages")
    position = models.PositiveSmallIntegerField()
    procedure_code = models.CharField(max_length=50)
    moment = models.CharField(max_length=10, choices=choices(MOMENTS))
    place = models.CharField(max_length=10, choices=choices(PLACES))
    passage = models.ForeignKey(Passage, models.PROTECT, related_name="stages", null=True, blank=True)
    opened_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    barrier_opened_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("bước")
        verbose_name_plural = _("bước")
        ordering = ["trip", "position"]
        constraints = [
            models.UniqueConstraint(fields=["trip", "position"], name="one_stage_per_position"),
            models.UniqueConstraint(fields=["trip", "moment"], name="one_stage_per_moment"),
            models.UniqueConstraint(
                fields=["trip"], condition=Q(completed_at__isnull=True), name="one_open_stage_per_trip"
            ),
        ]
        indexes = [
            models.Index(fields=["place", "trip"], condition=Q(completed_at__isnull=True), name="open_stages"),
        ]

    def __str__(self) -> str:
        return f"{self.trip} · {self.get_moment_display()}"

    @cached_property
    def spec(self) -> Stage:
        return self.trip.book[self.procedure_code].by_moment[Moment(self.moment)]

    @property
    def is_open(self) -> bool:
        return self.completed_at is None


class Confirmation(ConcurrentTransitionMixin, models.Model):
    """One slot (agency and fact) of one stage of one trip. `fact` is the move that gave it its state."""

    stage = models.ForeignKey(TripStage, models.PROTECT, related_name="confirmations")
    position = models.PositiveSmallIntegerField()
    agency = models.CharField(max_length=30, choices=choices(AGENCIES))
    of = models.CharField(max_length=40)
    state = FSMField(default=ConfirmationState.WAITING, choices=ConfirmationState.choices, protected=True)
    fact = models.ForeignKey(Fact, models.PROTECT, related_name="confirmations", null=True)

    class Meta:
        verbose_name = _("xác nhận")
        verbose_name_plural = _("xác nhận")
        ordering = ["stage", "position"]
        constraints = [
            models.UniqueConstraint(fields=["stage", "position"], name="one_confirmation_per_slot"),
        ]
        indexes = [
            models.Index(
                fields=["agency", "stage"], condition=Q(state=ConfirmationState.WAITING), name="waiting_slots"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} · {self.agency}.{self.of}"

    @property
    def spec(self) -> Confirms:
        return self.stage.spec.confirmations[self.position]

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED

    @transition(state, source=ConfirmationState.WAITING, target=ConfirmationState.CONFIRMED)
    def confirm(self) -> None:
        """The agency found it right and complete."""

    @transition(state, source=ConfirmationState.WAITING, target=ConfirmationState.REFUSED)
    def refuse(self) -> None:
        """The agency found it wrong or incomplete (Điều 10(1), 11(1))."""

    @transition(state, source=ConfirmationState.WAITING, target=ConfirmationState.NOT_REQUIRED)
    def waive(self) -> None:
        """Its condition does not hold."""

    @transition(
        state,
        source=[ConfirmationState.CONFIRMED, ConfirmationState.REFUSED, ConfirmationState.NOT_REQUIRED],
        target=ConfirmationState.WAITING,
    )
    def reopen(self) -> None:
        """Undone, or asked after all."""


class CorrectionQuerySet(models.QuerySet):
    def open(self):
        """Those that wait for somebody; with its trip a correction ends as it stands."""
        return self.filter(state__in=OPEN_CORRECTIONS, trip__state__in=LIVE_TRIPS)

    def concerning(self, trip: Trip):
        """Those that are open and touch this trip: its own, and those of goods that it carries with others."""
        return self.open().filter(concerns=trip)


class Correction(ConcurrentTransitionMixin, models.Model):
    """What was declared of a trip is asked to be corrected, or corrected, field by field.

    The fields are keys of `declarations.correctable`; `before` and `after` hold their values as text. This table may
    be erased: the facts that tell who asked, proposed and settled hold the fields and keyed hashes of the values
    (design.md §3, rule 12). `replaces`: another vehicle goes in place of the one declared.
    """

    trip = models.ForeignKey(Trip, models.PROTECT, related_name="corrections")
    concerns = models.ManyToManyField(Trip, related_name="concerning_corrections")
    state = FSMField(default=CorrectionState.ASKED, choices=CorrectionState.choices, protected=True)
    fields = models.JSONField(default=list)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    replaces = models.BooleanField(default=False)
    asked = models.ForeignKey(Fact, models.PROTECT, related_name="+", null=True)
    proposed = models.ForeignKey(Fact, models.PROTECT, related_name="+", null=True)
    settled = models.ForeignKey(Fact, models.PROTECT, related_name="+", null=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("sửa khai báo")
        verbose_name_plural = _("sửa khai báo")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["trip"], condition=Q(state__in=OPEN_CORRECTIONS), name="one_open_correction_per_trip"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trip} · {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_CORRECTIONS

    @transition(state, source=OPEN_CORRECTIONS, target=CorrectionState.PROPOSED)
    def propose(self) -> None:
        """New values were named; a proposal that nobody settled yet may be replaced."""

    @transition(state, source=CorrectionState.PROPOSED, target=CorrectionState.APPLIED)
    def apply(self) -> None:
        """Nobody had to agree, or all did."""

    @transition(state, source=CorrectionState.PROPOSED, target=CorrectionState.REJECTED)
    def reject(self) -> None:
        """An agency that had confirmed on the old value does not agree."""

    @transition(state, source=OPEN_CORRECTIONS, target=CorrectionState.WITHDRAWN)
    def withdraw(self) -> None:
        """Taken back by the agency that asked, or by who proposed without being asked."""


class Consent(models.Model):
    """An agency that must agree to a proposed correction; `fact` is its agreement, null while it is awaited."""

    correction = models.ForeignKey(Correction, models.CASCADE, related_name="consents")
    agency = models.CharField(max_length=30, choices=choices(AGENCIES))
    fact = models.ForeignKey(Fact, models.PROTECT, related_name="consents", null=True)

    class Meta:
        verbose_name = _("đồng ý sửa")
        verbose_name_plural = _("đồng ý sửa")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["correction", "agency"], name="one_consent_per_agency"),
        ]

    def __str__(self) -> str:
        return f"{self.correction} · {self.agency}"


class HoldQuerySet(models.QuerySet):
    def open(self):
        """Those that nothing ended; with its trip a hold ends as it stands."""
        return self.filter(ended=None, trip__state__in=LIVE_TRIPS)

    def seizures(self):
        """The open ones by which something is seized."""
        return self.open().filter(kind=Hold.Kind.SEIZED)


class Hold(models.Model):
    """A vehicle that may not or cannot go on: seized with a violation case, or broken down.

    `began` and `ended` are the facts that tell who, when and why. Of a seizure, `case` is its number and `takes`
    what is seized.
    """

    class Kind(models.TextChoices):
        SEIZED = "seized", _("bị tạm giữ")
        BROKEN_DOWN = "broken_down", _("bị hỏng")

    class Takes(models.TextChoices):
        VEHICLE = "vehicle", _("phương tiện")
        GOODS = "goods", _("hàng hóa")
        BOTH = "both", _("phương tiện và hàng hóa")

    trip = models.ForeignKey(Trip, models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=20, choices=Kind)
    takes = models.CharField(max_length=10, choices=Takes, blank=True)
    case = models.CharField(_("số vụ việc"), max_length=60, blank=True)
    began = models.ForeignKey(Fact, models.PROTECT, related_name="+")
    ended = models.ForeignKey(Fact, models.PROTECT, related_name="+", null=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("tạm giữ, hỏng xe")
        verbose_name_plural = _("tạm giữ, hỏng xe")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["trip", "kind"], condition=Q(ended__isnull=True), name="one_open_hold_of_a_kind_per_trip"
            ),
            models.CheckConstraint(
                condition=Q(kind="seized") & ~Q(case="") & ~Q(takes="") | Q(kind="broken_down", case="", takes=""),
                name="seizure_names_its_case",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trip} · {self.get_kind_display()}"


class TransshipmentQuerySet(models.QuerySet):
    def of(self, trip: Trip):
        """Those from or to this vehicle."""
        return self.filter(Q(source=trip) | Q(target=trip))

    def pending(self):
        """Registered, and customs has not confirmed yet that the goods went over."""
        return self.filter(moved_at__isnull=True)

    def confirmed_as(self, of: str):
        """Those that customs confirms by this fact: goods put in store, or goods that go onto a vehicle."""
        return self.filter(target__isnull=of == STORED)


class Transshipment(models.Model):
    """Goods registered to go from one place to another in the yard; customs confirms that they went.

    From vehicle to vehicle (sang tải); without a `target` into the store of `yard` (lưu kho, hạ bãi); without a
    `source` out of it. `zone`: where in the yard it is done, and for goods in store where they lie.
    """

    source = models.ForeignKey(Trip, models.PROTECT, related_name="transshipments_out", null=True)
    target = models.ForeignKey(Trip, models.PROTECT, related_name="transshipments_in", null=True)
    yard = models.ForeignKey(Yard, models.PROTECT, related_name="transshipments", null=True)
    zone = models.ForeignKey(Zone, models.PROTECT, related_name="transshipments", null=True)
    permit_number = models.CharField(_("số giấy phép sang tải"), max_length=40, blank=True)
    labour = models.CharField(_("đội bốc xếp"), max_length=100, blank=True)
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="transshipments")
    registered_at = models.DateTimeField()
    moved_at = models.DateTimeField(null=True)

    objects = TransshipmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("sang tải")
        verbose_name_plural = _("sang tải")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(source=models.F("target")), name="transshipment_is_between_two_vehicles"
            ),
            models.CheckConstraint(
                condition=Q(source__isnull=False, target__isnull=False, yard__isnull=True)
                | Q(source__isnull=False, target__isnull=True, yard__isnull=False)
                | Q(source__isnull=True, target__isnull=False, yard__isnull=False),
                name="one_side_of_a_transshipment_may_be_the_store",
            ),
            models.UniqueConstraint(
                fields=["source", "target"],
                condition=Q(moved_at__isnull=True),
                name="one_registered_transshipment_per_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source or self.yard} → {self.target or self.yard}"

    @property
    def stores(self) -> bool:
        return self.target_id is None


class TransshipmentLine(models.Model):
    """So much of one load goes over."""

    transshipment = models.ForeignKey(Transshipment, models.CASCADE, related_name="lines")
    load = models.ForeignKey(Load, models.SET_NULL, related_name="transshipment_lines", null=True)
    goods_line = models.ForeignKey("declarations.GoodsLine", models.PROTECT, related_name="transshipment_lines")
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    weight = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0, weight__gte=0), name="transshipment_line_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.goods_line} · {self.quantity}"


class StayLimit(Period):
    """So many hours a vehicle of this country (or of any) may stay in the gate area."""

    class Kind(models.TextChoices):
        DELIVERED = "delivered", _("sau khi giao hết hàng")
        COLLECTING = "collecting", _("từ khi vào nhận hàng, xe không chở hàng")

    kind = models.CharField(_("tính từ"), max_length=20, choices=Kind)
    country = models.CharField(_("nước đăng ký phương tiện"), max_length=2, choices=choices(COUNTRIES), blank=True)
    hours = models.PositiveSmallIntegerField(_("số giờ"))
    legal_basis = models.CharField(_("căn cứ"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("thời hạn lưu lại cửa khẩu")
        verbose_name_plural = _("thời hạn lưu lại cửa khẩu")
        ordering = ["kind", "country", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "country", "valid_from"], name="one_stay_limit_from_a_day"),
            models.CheckConstraint(condition=Q(hours__gt=0), name="stay_limit_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.hours} h"


class Closure(models.Model):
    """Hạn chế, tạm dừng: a gate restricted or suspended by an authority, until an end. It holds no move up."""

    class Kind(models.TextChoices):
        RESTRICTED = "restricted", _("Hạn chế")
        SUSPENDED = "suspended", _("Tạm dừng")

    gate = models.ForeignKey(Gate, models.PROTECT, related_name="closures", verbose_name=_("cửa khẩu"))
    kind = models.CharField(_("mức độ"), max_length=20, choices=Kind)
    authority = models.CharField(_("cơ quan quyết định"), max_length=200)
    reason = models.CharField(_("lý do"), max_length=500)
    starts_at = models.DateTimeField(_("từ"))
    ends_at = models.DateTimeField(_("đến"))
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="closures")
    entered_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("hạn chế, tạm dừng")
        verbose_name_plural = _("hạn chế, tạm dừng")
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="closure_ends_after_it_begins"),
        ]
        indexes = [
            models.Index(fields=["gate", "ends_at"], condition=Q(lifted_at__isnull=True), name="closures_not_lifted"),
        ]

    def __str__(self) -> str:
        return f"{self.gate} · {self.get_kind_display()}"

    def holds_at(self, moment) -> bool:
        return self.lifted_at is None and self.starts_at <= moment < self.ends_at
