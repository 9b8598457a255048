"""How each camera does, and a camera's test with a picture of one's own."""

from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from anpr.days import camera_day
from anpr.forms import TrialForm
from anpr.intake import EventRefused, look_at, too_large
from anpr.models import ERRORS, Camera
from anpr.selectors import cameras_today, gates_watched_by
from anpr.settling import match
from anpr.tasks import read_trial
from anpr.trial import NoAnswer, Trial, try_picture
from gates.models import Gate, Lane

FIRST_DAY = date(2020, 1, 1)


@require_safe
@login_required
@never_cache
def cameras(request: HttpRequest) -> HttpResponse:
    """Each camera: its last frame, and today's passages, read at once and by hand."""
    gates = _gates(request)
    return render(request, "anpr/cameras.html", {"cameras": cameras_today(gates, request.user), "gates": gates})


@require_safe
@login_required
@never_cache
def day(request: HttpRequest, code: str) -> HttpResponse:
    """How one camera did on one day, `?day=2026-11-22`, today without it."""
    camera = get_object_or_404(
        Camera.objects.visible_to(request.user).select_related("lane__barrier__gate", "lane__yard__gate"), code=code
    )
    today = timezone.localdate()
    try:
        asked = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        asked = today
    # The ends of the calendar have no day before or after them.
    asked = min(max(asked, FIRST_DAY), today)
    context = {
        "camera": camera,
        "day": camera_day(camera, asked),
        "before": asked - timedelta(days=1),
        "after": asked + timedelta(days=1) if asked < today else None,
    }
    return render(request, "anpr/day.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def test(request: HttpRequest) -> HttpResponse:
    """What the engine reads on a picture, how fast, and which trip it would match in a lane. Nothing is kept."""
    _gates(request)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = TrialForm(*posted, user=request.user)
    context: dict = {"form": form}
    if form.is_valid():
        try:
            trial = _tried(form.cleaned_data["image"])
        except (EventRefused, NoAnswer) as error:
            form.add_error(
                "image", getattr(error, "message", "") or _("Chưa có máy đọc biển nào trả lời. Hãy thử lại.")
            )
        else:
            context |= _shown(trial, form.cleaned_data["lane"])
    return render(request, "anpr/test.html", context, status=422 if form.errors else 200)


def _tried(file) -> Trial:
    if file.size > settings.CAMERA_IMAGE_MAX_BYTES:
        raise too_large()
    picture = file.read()
    look_at(picture)
    trial = try_picture(picture, redis_url=settings.REDIS_URL, queue=read_trial.delay)
    if trial.error:
        raise EventRefused(400, trial.error, _("Không đọc được ảnh: %(why)s.") % {"why": ERRORS[trial.error]})
    return trial


def _shown(trial: Trial, lane: Lane | None) -> dict:
    winner, candidates, trips = match(trial.seen, lane, timezone.now()) if lane else (None, [], {})
    return {
        "trial": trial,
        "lane": lane,
        "winner": trips[winner.trip_id] if winner else None,
        "candidates": [{"trip": trips[found.trip_id], "score": found.score} for found in candidates[:5]],
    }


def _gates(request: HttpRequest) -> list[Gate]:
    gates = gates_watched_by(request.user)
    if not gates:
        raise PermissionDenied
    return gates
