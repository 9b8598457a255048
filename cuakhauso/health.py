"""Signs of life for monitors: /healthz, /readyz and /metrics."""

import hmac
import ipaddress
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile

import redis
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from cuakhauso.metrics import registry


def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process lives; asks nobody else."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """200 while database, broker and storage answer, else 503; the body says which one does not."""
    answers = {name: _answers(ask) for name, ask in CHECKS.items()}
    return JsonResponse(answers, status=200 if all(answer == "ok" for answer in answers.values()) else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """What waits where, for Prometheus on loopback or whoever brings the bearer token METRICS_TOKEN."""
    if not _may_read_metrics(request):
        return HttpResponseForbidden("forbidden", content_type="text/plain")
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _answers(ask: Callable[[], None]) -> str:
    try:
        ask()
    except Exception as error:
        return type(error).__name__
    return "ok"


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_broker() -> None:
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
        client.ping()


def _ask_storage() -> None:
    try:
        root = Path(default_storage.path(""))
    except NotImplementedError:
        default_storage.exists("ready")
        return
    root.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=root) as file:
        file.write(b"ready")


CHECKS = {"database": _ask_database, "broker": _ask_broker, "storage": _ask_storage}


def _may_read_metrics(request: HttpRequest) -> bool:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN:
        return hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
    forwarded = "X-Forwarded-For" in request.headers
    return not forwarded and ipaddress.ip_address(request.META["REMOTE_ADDR"]).is_loopback
