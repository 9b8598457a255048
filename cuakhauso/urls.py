"""All addresses. Pages carry the language (`/`, `/en/`, `/zh-hans/`); machines' addresses do not."""

from importlib.util import find_spec

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from cuakhauso import health

PAGES = {
    "": "checkpoints.urls",
    "account/": "accounts.urls",
    "declarations/": "declarations.urls",
    "fees/": "fees.urls",
    "notices/": "notices.urls",
}
if settings.DEBUG or settings.DEMO:
    PAGES["styleguide/"] = "cuakhauso.styleguide"
MACHINES = {
    "events/": "checkpoints.events",
    "api/v1/": "anpr.api",
}


def _included(routes: dict[str, str]) -> list:
    return [path(prefix, include(module)) for prefix, module in routes.items() if find_spec(module)]


urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    *_included(MACHINES),
    *i18n_patterns(
        path("admin/", admin.site.urls),
        *_included(PAGES),
        path("", include("anpr.urls")),
        prefix_default_language=False,
    ),
]
