"""The zones of a yard, kept by its operator: what stands where, how much room there is, which are in use."""

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from checkpoints.forms import ZoneForm
from checkpoints.views.places import Spot, spot_or_404
from checkpoints.views.yard import operator_or_404
from gates.models import Yard, Zone


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, gate: str, code: str) -> HttpResponse:
    spot = _own_or_404(request, gate, code)
    return _write(request, spot, Zone(yard=spot.yard))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, gate: str, code: str, zone: str) -> HttpResponse:
    """None is taken out: one that is not used any more is put out of use, and what stands there stays told."""
    spot = _own_or_404(request, gate, code)
    return _write(request, spot, get_object_or_404(Zone, yard=spot.yard, code=zone))


def _own_or_404(request: HttpRequest, gate: str, code: str) -> Spot:
    spot = spot_or_404(gate, code)
    if not operator_or_404(request.user, spot).acts:
        raise Http404
    return spot


def _write(request: HttpRequest, spot: Spot, zone: Zone) -> HttpResponse:
    names = ("name", "kind", "capacity", "in_use")
    initial = {name: getattr(zone, name) for name in names}
    form = ZoneForm(request.POST or None, initial=initial, others=spot.yard.zones.exclude(pk=zone.pk))
    if request.method == "POST" and form.is_valid():
        for name in names:
            setattr(zone, name, form.cleaned_data[name])
        zone.code = zone.code or _free_code(spot.yard, zone.name)
        zone.save()
        messages.success(request, _("Đã lưu %(zone)s.") % {"zone": zone.name})
        return redirect("checkpoints:yard", spot.gate.code, spot.code)
    context = {"spot": spot, "zone": zone if zone.pk else None, "form": form}
    return render(request, "checkpoints/zone.html", context, status=422 if form.errors else 200)


def _free_code(yard: Yard, name: str) -> str:
    """By which other systems name it; stays as it is when the zone is renamed."""
    code = slugify(name.replace("Đ", "D").replace("đ", "d"))[:40]
    taken = code in ("", "new") or yard.zones.filter(code=code).exists()
    return f"{code}-{uuid4().hex[:6]}".strip("-") if taken else code
