"""Which declaration a page is about, and whether the person may write in it."""

from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from accounts.rules import acts_for_organisation
from checkpoints.closures import holding
from checkpoints.models import Closure
from declarations.models import Declaration, Trip
from gates.models import Gate

QUARTER = timedelta(minutes=15)
USUALLY_AHEAD = timedelta(hours=2)
MOST_CLOSURES = 10
"""So many suspensions, one after another, are looked beyond."""


def seen(request: HttpRequest, code: str) -> Declaration:
    """The declaration, if the person may see it; else it does not exist (404)."""
    declarations = Declaration.objects.visible_to(request.user).select_related("organisation", "gate", "yard")
    return get_object_or_404(declarations, code=code)


def own(request: HttpRequest, code: str) -> Declaration:
    """The declaration, if the person acts for the organisation that made it; officers who only see it get 403."""
    declaration = seen(request, code)
    if not acts_for_organisation(request.user, declaration.organisation_id):
        raise PermissionDenied
    return declaration


def own_trip(request: HttpRequest, code: str, position: int) -> Trip:
    declaration = own(request, code)
    trip = get_object_or_404(declaration.trips, position=position)
    trip.declaration = declaration
    return trip


def back_to(declaration: Declaration) -> HttpResponse:
    """To the page of the declaration; to the list, if it was deleted meanwhile."""
    if Declaration.objects.filter(pk=declaration.pk).exists():
        return redirect("declarations:detail", declaration.code)
    return redirect("declarations:list")


def key_of(request: HttpRequest) -> str | None:
    """The idempotency key that the form carries; None for a form without a proper one."""
    try:
        return str(UUID(request.POST.get("key", "")))
    except ValueError:
        return None


def usual_arrival(gate: Gate | None) -> datetime:
    """In two hours, at the next quarter; where the gate is closed or suspended then, when it opens again."""
    arrival = _next_quarter(timezone.localtime() + USUALLY_AHEAD)
    for _time in range(MOST_CLOSURES if gate else 0):
        arrival = gate.next_open(arrival)
        closure = holding(gate, arrival)
        if closure is None or closure.kind != Closure.Kind.SUSPENDED:
            break
        arrival = _next_quarter(timezone.localtime(closure.ends_at))
    return arrival


def _next_quarter(moment: datetime) -> datetime:
    """This moment where it is a full quarter of an hour, never one before it."""
    past = timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)
    return moment + -past % QUARTER
