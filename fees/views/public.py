"""What it costs, for everybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from fees.selectors.tariffs import tariffs_in_force


@require_safe
def tariff(request: HttpRequest) -> HttpResponse:
    return render(request, "fees/tariff.html", {"tariffs": tariffs_in_force()})
