from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeesConfig(AppConfig):
    name = "fees"
    verbose_name = _("Phí")

    def ready(self) -> None:
        import_module("fees.checks")
        import_module("fees.hooks")
