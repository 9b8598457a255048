"""The states of a confirmation and of a correction."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ConfirmationState(models.TextChoices):
    WAITING = "waiting", _("chờ xác nhận")
    CONFIRMED = "confirmed", _("đã xác nhận")
    REFUSED = "refused", _("từ chối")
    NOT_REQUIRED = "not_required", _("không yêu cầu")


SETTLED = (ConfirmationState.CONFIRMED, ConfirmationState.NOT_REQUIRED)


class CorrectionState(models.TextChoices):
    ASKED = "asked", _("chờ sửa")
    PROPOSED = "proposed", _("chờ đồng ý")
    APPLIED = "applied", _("đã sửa")
    REJECTED = "rejected", _("không đồng ý")
    WITHDRAWN = "withdrawn", _("đã rút")


OPEN_CORRECTIONS = (CorrectionState.ASKED, CorrectionState.PROPOSED)
