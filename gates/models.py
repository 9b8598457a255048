"""Where things happen: border gates with their barriers, lanes and yards, and the units that serve there."""

from datetime import datetime, timedelta

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gates.labels import AGENCIES, PLACES, choices
from gates.procedures import BOOKS, Book
from gates.procedures.words import Moment, Place


def book_choices() -> list[tuple[str, str]]:
    return [(book.code, f"{book.province} · {book.decision}") for book in BOOKS.values()]


class Gate(models.Model):
    """A border gate (cửa khẩu). Its kind decides authorities and papers; its book the procedures followed.

    A new version of the book is entered beforehand, with the day from which it is followed.
    """

    class Kind(models.TextChoices):
        INTERNATIONAL = "international", _("Cửa khẩu quốc tế")
        MAIN = "main", _("Cửa khẩu chính")
        SECONDARY = "secondary", _("Cửa khẩu phụ")
        OPENING = "opening", _("Lối mở")

    code = models.SlugField(unique=True)
    name = models.CharField(_("tên"), max_length=100)
    name_zh = models.CharField(_("tên tiếng Trung"), max_length=100, blank=True)
    kind = models.CharField(_("loại cửa khẩu"), max_length=20, choices=Kind)
    opposite = models.CharField(_("cửa khẩu đối diện"), max_length=100, blank=True)
    book_code = models.CharField(_("bộ quy trình"), max_length=50, choices=book_choices)
    next_book_code = models.CharField(_("bộ quy trình tiếp theo"), max_length=50, choices=book_choices, blank=True)
    next_book_from = models.DateField(_("áp dụng từ ngày"), null=True, blank=True)
    opens_at = models.TimeField(_("giờ mở cửa"), default="07:00")
    closes_at = models.TimeField(_("giờ đóng cửa"), default="19:00")

    class Meta:
        verbose_name = _("cửa khẩu")
        verbose_name_plural = _("cửa khẩu")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(next_book_code="", next_book_from__isnull=True)
                | (~models.Q(next_book_code="") & models.Q(next_book_from__isnull=False)),
                name="next_book_has_its_day",
                violation_error_message=_("Bộ quy trình tiếp theo và ngày áp dụng phải đi cùng nhau."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def book(self) -> Book:
        """The book under which a vehicle is declared today; a trip under way keeps the one that it was declared by."""
        if self.next_book_from and timezone.localdate() >= self.next_book_from:
            return BOOKS[self.next_book_code]
        return BOOKS[self.book_code]

    def is_open_at(self, moment: datetime) -> bool:
        """Whether the gate's hours include this moment; the same hour twice means round the clock."""
        at = timezone.localtime(moment).time()
        if self.opens_at == self.closes_at:
            return True
        if self.opens_at < self.closes_at:
            return self.opens_at <= at < self.closes_at
        return at >= self.opens_at or at < self.closes_at

    def next_open(self, moment: datetime) -> datetime:
        """This moment, or when the gate opens after it."""
        if self.is_open_at(moment):
            return moment
        local = timezone.localtime(moment)
        opens = datetime.combine(local.date(), self.opens_at, tzinfo=local.tzinfo)
        return opens if opens > local else opens + timedelta(days=1)


class Barrier(models.Model):
    """Barie số 1 (towards the border line) or số 2 (towards the inland) of a gate."""

    gate = models.ForeignKey(Gate, models.PROTECT, related_name="barriers")
    place = models.CharField(max_length=10, choices=[(p.value, PLACES[p]) for p in (Place.B1, Place.B2)])

    class Meta:
        verbose_name = _("barie")
        verbose_name_plural = _("barie")
        constraints = [models.UniqueConstraint(fields=["gate", "place"], name="one_barrier_of_a_place_per_gate")]
        ordering = ["gate", "place"]

    def __str__(self) -> str:
        return f"{self.gate} · {self.get_place_display()}"


class Yard(models.Model):
    """Địa điểm tập kết hàng hóa, inside or outside the gate area; `capacity` in vehicles.

    A vehicle that stands there longer than `stay_limit_hours` is marked; nothing holds it up for that.
    """

    gate = models.ForeignKey(Gate, models.PROTECT, related_name="yards")
    code = models.SlugField()
    name = models.CharField(_("tên"), max_length=100)
    inside = models.BooleanField(_("trong khu vực cửa khẩu"), default=True)
    capacity = models.PositiveIntegerField(_("sức chứa (xe)"))
    stay_limit_hours = models.PositiveSmallIntegerField(
        _("lưu bãi nhiều nhất (giờ)"), default=24, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("bến bãi")
        verbose_name_plural = _("bến bãi")
        constraints = [
            models.UniqueConstraint(fields=["gate", "code"], name="one_yard_of_a_code_per_gate"),
        ]
        ordering = ["gate", "name"]

    def __str__(self) -> str:
        return self.name


class Zone(models.Model):
    """Khu of a yard; `capacity` in vehicles, and the zones need not add up to the yard's own.

    One that was used is closed instead of removed: what stood there stays told.
    """

    class Kind(models.TextChoices):
        DRY = "dry", _("Hàng khô")
        COLD = "cold", _("Hàng lạnh")
        DANGEROUS = "dangerous", _("Hàng nguy hiểm")
        TRANSSHIPMENT = "transshipment", _("Sang tải")
        STORE = "store", _("Kho, bãi hạ hàng")
        EMPTY = "empty", _("Xe không chở hàng")

    yard = models.ForeignKey(Yard, models.PROTECT, related_name="zones")
    code = models.SlugField()
    name = models.CharField(_("tên"), max_length=100)
    kind = models.CharField(_("loại khu"), max_length=20, choices=Kind, default=Kind.DRY)
    capacity = models.PositiveIntegerField(_("sức chứa (xe)"))
    in_use = models.BooleanField(_("đang sử dụng"), default=True)

    class Meta:
        verbose_name = _("khu trong bãi")
        verbose_name_plural = _("khu trong bãi")
        constraints = [
            models.UniqueConstraint(fields=["yard", "code"], name="one_zone_of_a_code_per_yard"),
        ]
        ordering = ["yard", "name"]

    def __str__(self) -> str:
        return self.name


class Lane(models.Model):
    """A lane of a barrier or of a yard gate. Its direction says whether a vehicle seen there goes in or out."""

    class Direction(models.TextChoices):
        IN = "in", _("vào")
        OUT = "out", _("ra")
        BOTH = "both", _("hai chiều")

    barrier = models.ForeignKey(Barrier, models.PROTECT, related_name="lanes", null=True, blank=True)
    yard = models.ForeignKey(Yard, models.PROTECT, related_name="lanes", null=True, blank=True)
    number = models.PositiveSmallIntegerField(_("số làn"), default=1)
    direction = models.CharField(_("chiều"), max_length=4, choices=Direction)

    class Meta:
        verbose_name = _("làn")
        verbose_name_plural = _("làn")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(barrier__isnull=False, yard__isnull=True)
                | models.Q(barrier__isnull=True, yard__isnull=False),
                name="lane_belongs_to_a_barrier_or_a_yard",
            ),
            models.UniqueConstraint(fields=["barrier", "number"], name="one_lane_of_a_number_per_barrier"),
            models.UniqueConstraint(fields=["yard", "number"], name="one_lane_of_a_number_per_yard"),
        ]

    def __str__(self) -> str:
        where = self.barrier or f"{self.yard.gate} · {self.yard}"
        return _("%(where)s · làn %(number)s (%(direction)s)") % {
            "where": where,
            "number": self.number,
            "direction": self.get_direction_display(),
        }

    @property
    def gate_id(self) -> int:
        return (self.barrier or self.yard).gate_id

    @property
    def gate(self) -> Gate:
        return (self.barrier or self.yard).gate

    @property
    def place(self) -> Place:
        return Place(self.barrier.place) if self.barrier_id else Place.YARD

    def serves(self, moment: Moment) -> bool:
        """Whether a vehicle at this moment of its trip may drive in this lane."""
        inward = moment in (Moment.ENTER, Moment.YARD_IN)
        return self.direction in (self.Direction.BOTH, self.Direction.IN if inward else self.Direction.OUT)


class Unit(models.Model):
    """A unit of an agency, e.g. the customs team at Tà Lùng; without a gate it serves the whole province."""

    agency = models.CharField(_("lực lượng, cơ quan"), max_length=30, choices=choices(AGENCIES))
    gate = models.ForeignKey(Gate, models.PROTECT, related_name="units", null=True, blank=True)
    name = models.CharField(_("tên đơn vị"), max_length=150)

    class Meta:
        verbose_name = _("đơn vị")
        verbose_name_plural = _("đơn vị")
        ordering = ["gate", "agency", "name"]

    def __str__(self) -> str:
        return self.name
