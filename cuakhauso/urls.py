"""All addresses. Pages carry the language (`/`, `/en/`, `/zh-hans/`); machines' addresses do not."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from cuakhauso import health

pages = [
    path("", include("checkpoints.urls")),
    path("", include("anpr.urls")),
    path("account/", include("accounts.urls")),
    path("declarations/", include("declarations.urls")),
    path("register/", include("register.urls")),
    path("fees/", include("fees.urls")),
    path("notices/", include("notices.urls")),
    path("admin/", admin.site.urls),
]
if settings.DEBUG or settings.DEMO:
    pages.append(path("styleguide/", include("cuakhauso.styleguide")))

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/", include("anpr.api")),
    path("api/v1/", include("checkpoints.api")),
    path("events/", include("checkpoints.events")),
    *i18n_patterns(*pages, prefix_default_language=False),
]
