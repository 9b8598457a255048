"""Deployment checks of the house, run by `manage.py check --deploy`."""

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security, deploy=True)
def not_a_demo(app_configs, **kwargs) -> list[Error]:
    """Refuse a demo as a deployment: no second factors, known accounts, plain HTTP."""
    if not settings.DEMO:
        return []
    return [Error("DEMO is on.", hint="Unset DEMO; a demo is never a deployment.", id="cuakhauso.E001")]


@register(Tags.security, deploy=True)
def servers_are_named(app_configs, **kwargs) -> list[Error]:
    """Refuse embedded servers and a generated key: several machines would not share them."""
    missing = [name for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL") if name in settings.GENERATED]
    return [Error(f"{name} is not set.", hint="Give it in the environment.", id="cuakhauso.E002") for name in missing]
