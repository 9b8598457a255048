"""How the forms of dialogs are answered: a refusal goes into the dialog, which stays open with all that was typed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from checkpoints.refusals import Refusal


def is_htmx(request: HttpRequest) -> bool:
    """Whether the page's script asks, and shows the answer in a part of the page."""
    return "HX-Request" in request.headers


def from_dialog(request: HttpRequest) -> bool:
    """Whether the answer is shown in a dialog: its place for refusals has no id, every other part of a page has one."""
    return is_htmx(request) and "HX-Target" not in request.headers


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The sentence for `components/dialog_end.html` (409)."""
    return render(request, "components/refused.html", {"refusal": refusal}, status=409)


def onward(request: HttpRequest, url: str) -> HttpResponse:
    """To the page at `url`, from a dialog or from a page without script."""
    return HttpResponse(status=204, headers={"HX-Redirect": url}) if is_htmx(request) else redirect(url)
