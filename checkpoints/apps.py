from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CheckpointsConfig(AppConfig):
    name = "checkpoints"
    verbose_name = _("Kiểm soát")

    def ready(self) -> None:
        import_module("checkpoints.conditions")
        import_module("checkpoints.live")
        import_module("checkpoints.papers")
