"""What `manage.py check` asks of the fees' settings."""

from django.conf import settings
from django.core.checks import Error, register

from fees.selectors.circumstances import DAYS


@register
def tariff_day_is_known(app_configs, **kwargs) -> list[Error]:
    """Refuse a day that nobody can tell: prices hang on it."""
    if settings.TARIFF_DAY in DAYS:
        return []
    return [Error("TARIFF_DAY is none of the days known.", hint=f"One of {', '.join(DAYS)}.", id="fees.E001")]
