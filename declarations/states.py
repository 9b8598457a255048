"""The states of declarations and trips, and which of them mean the same to a reader."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeclarationState(models.TextChoices):
    DRAFT = "draft", _("nháp")
    SUBMITTED = "submitted", _("đã gửi")
    UNDER_WAY = "under_way", _("đang thực hiện")
    COMPLETED = "completed", _("hoàn thành")
    WITHDRAWN = "withdrawn", _("đã thu hồi")
    EXPIRED = "expired", _("hết hạn")


class TripState(models.TextChoices):
    EXPECTED = "expected", _("sắp đến")
    UNDER_WAY = "under_way", _("đang thực hiện")
    LEFT = "left", _("đã rời")
    TURNED_BACK = "turned_back", _("đã quay về")
    WITHDRAWN = "withdrawn", _("đã thu hồi")
    EXPIRED = "expired", _("hết hạn")
    REMOVED = "removed", _("đã kéo ra hoặc bàn giao")


LIVE_DECLARATIONS = (DeclarationState.SUBMITTED, DeclarationState.UNDER_WAY)
LIVE_TRIPS = (TripState.EXPECTED, TripState.UNDER_WAY)
ENDED_TRIPS = (
    TripState.LEFT,
    TripState.TURNED_BACK,
    TripState.WITHDRAWN,
    TripState.EXPIRED,
    TripState.REMOVED,
)
NEVER_CAME = (TripState.EXPECTED, TripState.WITHDRAWN, TripState.EXPIRED)
