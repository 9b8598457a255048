from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cuakhauso import checks  # noqa: F401  (registers the deployment checks)


class CuakhausoConfig(AppConfig):
    name = "cuakhauso"
    verbose_name = _("Cửa khẩu số")
