from django.apps import AppConfig

from cuakhauso import checks  # noqa: F401  (registers the deployment checks)


class CuakhausoConfig(AppConfig):
    name = "cuakhauso"
    verbose_name = "Cửa khẩu số"
