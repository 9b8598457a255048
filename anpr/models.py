"""What the cameras see: cameras, their readings of vehicles, and the samples that officers' corrections give."""

from datetime import timedelta
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.rules import OFFICERS, gate_ids_of, organisation_ids_of, roles_of
from anpr.capture.sources import shows_password
from checkpoints.models import Passage
from declarations.plates import display
from gates.models import Gate, Lane

WATCHERS = OFFICERS | {Role.Code.ZONE_AUTHORITY, Role.Code.ADMIN}
"""Who sees every camera of the gates where they hold the role; a yard's operator sees those of that yard."""


FORGOTTEN_AFTER = timedelta(hours=12)
"""A plate that nobody settled for so long is no longer asked about; the frame stays."""

ERRORS = {
    "empty": _("ảnh trống"),
    "too_big": _("ảnh quá lớn"),
    "not_a_picture": _("tệp không phải ảnh"),
    "too_many_pixels": _("ảnh có quá nhiều điểm ảnh"),
    "broken": _("ảnh hỏng hoặc bị cắt"),
    "missing": _("không còn tệp ảnh"),
    "given_up": _("đã thử đọc nhiều lần không xong"),
}
"""Why a frame could not be read."""


LINKS = {
    "connecting": _("đang kết nối"),
    "live": _("có hình"),
    "lost": _("mất hình"),
    "ended": _("hết tệp"),
}
"""How the line of a camera is whose stream is watched."""
LINK_OLD_AFTER = timedelta(seconds=60)
"""A state told longer ago says nothing: nobody watches."""


def watched_by(user: User, *, through: str = "lane__") -> Q:
    """The rows whose lane this person may watch; `through` leads to the lane's fields, empty for lanes themselves."""

    def where(**fields) -> Q:
        return Q(**{f"{through}{name}": value for name, value in fields.items()})

    gates = None if user.is_superuser else gate_ids_of(user, WATCHERS)
    if gates is None:
        return Q(pk__isnull=False)
    watched = where(barrier__gate__in=gates) | where(yard__gate__in=gates)
    for role in roles_of(user):
        if role.code != Role.Code.YARD_OPERATOR:
            continue
        if role.yard_id:
            watched |= where(yard=role.yard_id)
        else:
            watched |= where(yard__gate=role.gate_id) if role.gate_id else where(yard__isnull=False)
    return watched


class CameraQuerySet(models.QuerySet):
    def visible_to(self, user: User):
        return self.filter(watched_by(user))

    def at(self, gate: Gate):
        return self.filter(Q(lane__barrier__gate=gate) | Q(lane__yard__gate=gate))


class Camera(models.Model):
    """A camera that watches one lane. It signs its events with a random key, of which only the hash is kept."""

    lane = models.ForeignKey(Lane, models.PROTECT, related_name="cameras", verbose_name=_("làn"))
    name = models.CharField(_("tên"), max_length=100)
    code = models.SlugField(_("mã"), unique=True)
    key_prefix = models.CharField(max_length=8, unique=True, null=True, editable=False)  # noqa: DJ001 (null: no key)
    key_hash = models.CharField(max_length=64, blank=True, editable=False)
    active = models.BooleanField(_("đang dùng"), default=True)
    approaching = models.CharField(
        _("chiều của xe đi về phía camera"),
        max_length=3,
        blank=True,
        choices=[(value, label) for value, label in Lane.Direction.choices if value != Lane.Direction.BOTH],
        help_text=_("Cần cho làn hai chiều: xe càng lúc càng lớn trong ảnh thì đang đi vào hay đi ra."),
    )
    last_seen_at = models.DateTimeField(_("ảnh gần nhất"), null=True, blank=True, editable=False)

    source = models.CharField(
        _("nguồn hình"),
        max_length=300,
        blank=True,
        help_text=_(
            "Địa chỉ RTSP hoặc MJPEG, tệp video hay thư mục ảnh, cho camera không tự gửi ảnh. "
            "Mật khẩu để trong biến môi trường: rtsp://xem:${CAMERA_B1}@10.0.0.8/1"
        ),
    )
    link = models.CharField(_("đường truyền"), max_length=10, blank=True, choices=LINKS, editable=False)
    link_since = models.DateTimeField(_("từ lúc"), null=True, editable=False)
    link_error = models.CharField(_("lý do mất"), max_length=100, blank=True, editable=False)
    link_told_at = models.DateTimeField(null=True, editable=False)
    frame_at = models.DateTimeField(_("hình gần nhất"), null=True, editable=False)

    objects = CameraQuerySet.as_manager()

    class Meta:
        verbose_name = _("camera")
        verbose_name_plural = _("camera")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if shows_password(self.source):
            raise ValidationError({"source": _("Không ghi mật khẩu vào đây: hãy ghi tên biến môi trường, ${TÊN}.")})

    @property
    def is_watched(self) -> bool:
        """Whether the platform fetches its pictures itself; else the camera sends them."""
        return bool(self.source)

    @property
    def link_now(self) -> str:
        """The state of a watched camera's line; `unwatched` where no watcher told of it lately."""
        if not self.is_watched:
            return ""
        told = self.link_told_at
        return self.link if told and timezone.now() - told <= LINK_OLD_AFTER else "unwatched"

    @property
    def link_words(self) -> str:
        """The same for people."""
        return str(LINKS.get(self.link_now, _("không có máy theo dõi"))) if self.is_watched else ""


def frame_path(reading: "Reading", filename: str) -> str:
    """By date and camera, under a name that nobody guesses; `filename` gives only its ending."""
    day = timezone.localtime(reading.taken_at)
    return f"frames/{day:%Y/%m/%d}/{reading.camera_id}/{uuid4().hex}.{filename.rpartition('.')[2]}"


class ReadingQuerySet(models.QuerySet):
    def visible_to(self, user: User):
        """Those of the lanes that the person watches, and those of own organisations' trips."""
        own = Q(passage__trip__declaration__organisation__in=organisation_ids_of(user))
        return self.filter(watched_by(user, through="camera__lane__") | own)

    def at(self, gate: Gate):
        return self.filter(Q(camera__lane__barrier__gate=gate) | Q(camera__lane__yard__gate=gate))

    def unfinished(self):
        """Stored, and neither read nor given up."""
        return self.filter(read_at__isnull=True, failed_at__isnull=True)

    def unsettled(self):
        """Read or given up, and waiting for a person; a standing vehicle counts once, and half a day at most.

        A watched camera's frame without a plate shows nothing: it was taken because something moved.
        """
        waiting = self.filter(
            settled_at__isnull=True, same_as__isnull=True, taken_at__gte=timezone.now() - FORGOTTEN_AFTER
        )
        return waiting.exclude(read_at__isnull=True, failed_at__isnull=True).exclude(
            Q(text="", failed_at__isnull=True) & ~Q(camera__source="")
        )


class Reading(models.Model):
    """What one frame showed. Its state is told by its times: received, read or failed, settled.

    A settled reading has a passage, found by the platform (`settled_by` empty) or by a person, or it was dismissed by
    a person for the reason in `dismissal`. A frame of a vehicle that an earlier one shows points to that by `same_as`
    and shares its fate; the first frame's `text`, `confidence` and `candidates` are what all of them say together.

    `plates` is what the engine read, the chosen plate first: text, country, lines, colour, known_form, confidence,
    char_confidences, alternatives, corners, sharpness. `image` is empty where the
    picture was no evidence and its time is over. `quality` is how much this frame's word counts, 0 to 1.
    `candidates` are the likeliest trips, likeliest first: trip, score, by. `disputed`: the frames of one vehicle speak
    for two trips, so that only a person settles it. `told` is what the camera says beside the
    plate it read itself, as far as it says so: confidence, country, colour, direction (in, out,
    or towards the camera, away from it).
    """

    camera = models.ForeignKey(Camera, models.PROTECT, related_name="readings")
    idempotency_key = models.CharField(max_length=100)
    body_sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField(_("chụp lúc"))
    received_at = models.DateTimeField(_("nhận lúc"), default=timezone.now)
    image = models.FileField(_("ảnh"), upload_to=frame_path, max_length=120)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    camera_plate = models.CharField(_("biển do camera đọc"), max_length=20, blank=True)
    told = models.JSONField(default=dict)

    queued_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    read_at = models.DateTimeField(_("đọc lúc"), null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=20, blank=True, choices=ERRORS)

    plates = models.JSONField(default=list)
    text = models.CharField(_("biển đọc được"), max_length=20, blank=True)
    confidence = models.FloatField(_("độ tin cậy"), null=True)
    quality = models.FloatField(_("chất lượng"), null=True)
    candidates = models.JSONField(default=list)
    disputed = models.BooleanField(default=False)

    same_as = models.ForeignKey("self", models.PROTECT, related_name="repeats", null=True)
    passage = models.ForeignKey(Passage, models.PROTECT, related_name="readings", null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.PROTECT, related_name="settled_readings", null=True)
    dismissal = models.CharField(_("lý do bỏ qua"), max_length=300, blank=True)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        verbose_name = _("lần nhận dạng")
        verbose_name_plural = _("nhận dạng biển kiểm soát")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["camera", "idempotency_key"], name="one_reading_per_camera_event"),
            models.CheckConstraint(
                condition=Q(passage__isnull=True) | Q(settled_at__isnull=False), name="reading_with_passage_is_settled"
            ),
        ]
        indexes = [
            models.Index(
                fields=["queued_at"],
                condition=Q(read_at__isnull=True, failed_at__isnull=True),
                name="unfinished_readings",
            ),
            models.Index(
                fields=["camera", "-taken_at"],
                condition=Q(settled_at__isnull=True, same_as__isnull=True),
                name="unsettled_readings",
            ),
            models.Index(fields=["camera", "-taken_at"]),
            models.Index(fields=["taken_at"], condition=~Q(image=""), name="readings_with_picture"),
        ]

    def __str__(self) -> str:
        return f"{self.camera} · {display(self.text) or '—'}"

    @property
    def chosen(self) -> dict:
        """The plate that stands for the vehicle; empty where none was found."""
        return self.plates[0] if self.plates else {}

    @property
    def country(self) -> str | None:
        return self.chosen.get("country")

    @property
    def colour(self) -> str | None:
        return self.chosen.get("colour")

    @property
    def lines(self) -> int:
        return self.chosen.get("lines", 1)

    @property
    def corners(self) -> list[list[float]] | None:
        """The chosen plate's corners in pixels of the frame, clockwise from its top left."""
        return self.chosen.get("corners")

    @property
    def is_finished(self) -> bool:
        return self.read_at is not None or self.failed_at is not None

    @property
    def is_settled(self) -> bool:
        return self.settled_at is not None

    @property
    def settled_how(self) -> str:
        """matched (by the platform), by_hand, dismissed, or empty while it waits."""
        if not self.is_settled:
            return ""
        if self.passage_id is None:
            return "dismissed"
        return "by_hand" if self.settled_by_id else "matched"


class Sample(models.Model):
    """A plate's true text as an officer gave it: what the engine learns from."""

    reading = models.OneToOneField(Reading, models.PROTECT, related_name="sample")
    text = models.CharField(_("biển kiểm soát"), max_length=15)
    by = models.ForeignKey(User, models.PROTECT, related_name="samples")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("mẫu đã gán nhãn")
        verbose_name_plural = _("mẫu đã gán nhãn")
        ordering = ["id"]

    def __str__(self) -> str:
        return display(self.text)
