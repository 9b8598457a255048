"""Notices: something happened that somebody waits for. What it was stands in the fact; words are made on reading."""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, Role, User
from checkpoints.models import Fact
from gates.models import Gate


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user: User):
        """Those to the person, to an organisation the person acts for, or to a desk where the person serves."""
        organisations = Membership.objects.in_force().filter(user=user).values("organisation")
        desk = (
            Role.objects.in_force()
            .filter(user=user, code=OuterRef("role"))
            .filter(Q(gate__isnull=True) | Q(gate=OuterRef("gate")))
        )
        return self.filter(Q(user=user) | Q(organisation__in=organisations) | Q(Exists(desk), ~Q(role="")))

    def unread(self):
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """Thông báo of one fact to one recipient: a person, an organisation, or the desk of a role at a gate.

    What time brings has no fact: of papers that run out `data` holds how many (`papers`) until which day (`until`).

    `mailed_at` is empty until the e-mail went out, or there was nobody to write to; `attempts` counts the failures.
    """

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", _("Đã gửi tờ khai")
        REFUSED = "refused", _("Bị từ chối")
        CORRECTION_ASKED = "correction_asked", _("Cần sửa khai báo")
        CORRECTED = "corrected", _("Khai báo đã sửa")
        CORRECTION_REJECTED = "correction_rejected", _("Không đồng ý sửa")
        READY_TO_PAY = "ready_to_pay", _("Sẵn sàng nộp phí")
        PAID = "paid", _("Đã nộp phí")
        SHORT = "short", _("Phí chưa khớp")
        FEE_WAIVED = "fee_waived", _("Không thu phí")
        EXTENDED = "extended", _("Tờ khai được gia hạn")
        TURNED_BACK = "turned_back", _("Xe phải quay về")
        SEIZED = "seized", _("Bị tạm giữ")
        RELEASED = "released", _("Được trả lại")
        HANDED_OVER = "handed_over", _("Bàn giao xử lý vi phạm")
        BROKEN_DOWN = "broken_down", _("Báo hỏng xe")
        REPAIRED = "repaired", _("Xe đi tiếp được")
        TOWED_AWAY = "towed_away", _("Xe được kéo ra khỏi cửa khẩu")
        OVERSTAYED = "overstayed", _("Quá thời hạn lưu lại")
        OVERSTAY_NOTED = "overstay_noted", _("Ghi vi phạm quá hạn")
        REASSIGNED = "reassigned", _("Ghi nhầm xe, đã chuyển lượt")
        LEFT = "left", _("Đã rời cửa khẩu")
        PAPERS_END = "papers_end", _("Giấy tờ sắp hết hạn")

    kind = models.CharField(max_length=20, choices=Kind)
    fact = models.ForeignKey(Fact, models.PROTECT, related_name="notices", null=True)
    data = models.JSONField(default=dict)
    user = models.ForeignKey(User, models.CASCADE, related_name="notices", null=True)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="notices", null=True)
    role = models.CharField(max_length=30, choices=Role.Code, blank=True)
    gate = models.ForeignKey(Gate, models.CASCADE, related_name="notices", null=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("thông báo")
        verbose_name_plural = _("thông báo")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["fact", "user", "organisation", "role", "gate"],
                condition=Q(fact__isnull=False),
                name="one_notice_of_a_fact_per_recipient",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(fact__isnull=False) | Q(kind="papers_end"), name="notice_tells_of_a_fact_or_of_papers"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, organisation__isnull=True, role="")
                | Q(user__isnull=True, organisation__isnull=False, role="")
                | Q(user__isnull=True, organisation__isnull=True) & ~Q(role=""),
                name="notice_has_one_recipient",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-id"]),
            models.Index(fields=["id"], condition=Q(mailed_at__isnull=True), name="notices_to_mail"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.fact or self.organisation}"
