"""The states of a confirmation."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ConfirmationState(models.TextChoices):
    WAITING = "waiting", _("chờ xác nhận")
    CONFIRMED = "confirmed", _("đã xác nhận")
    REFUSED = "refused", _("từ chối")
    NOT_REQUIRED = "not_required", _("không yêu cầu")


SETTLED = (ConfirmationState.CONFIRMED, ConfirmationState.NOT_REQUIRED)
