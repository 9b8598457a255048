"""What no page can do anything with: refused before it reaches one, or answered for all of them."""

from collections.abc import Callable, Iterator
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import resolve_url
from django.utils.deprecation import MiddlewareMixin

NUL = "\0"


class RefuseNul(MiddlewareMixin):
    """A NUL character in the query, the cookies or a posted form: 400. PostgreSQL keeps none, nobody types one.

    Forms of views that check no CSRF token (machines' addresses) are left to their own serializers, so that no body
    is read before its size was asked.
    """

    def process_request(self, request: HttpRequest) -> None:
        _refuse(*request.COOKIES.values(), *_values(request.GET))

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> None:
        if request.method == "POST" and not getattr(view, "csrf_exempt", False):
            _refuse(*_values(request.POST))


def _values(given: QueryDict) -> Iterator[str]:
    return (value for _name, values in given.lists() for value in values)


def _refuse(*texts: str) -> None:
    if any(NUL in text for text in texts):
        raise BadRequest


class SignInAgain(MiddlewareMixin):
    """Who was signed out meanwhile is led to sign in, and from there back to the page of the click.

    The parts of a page that htmx asks for are answered by a 401 that moves the whole page: else the form to sign in
    would appear inside it.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        sign_in = resolve_url(settings.LOGIN_URL)
        if "HX-Request" not in request.headers or urlsplit(response.headers.get("Location", "")).path != sign_in:
            return response
        again = f"{sign_in}?{urlencode({'next': path_of(request.headers.get('HX-Current-URL', ''))})}"
        answer = HttpResponse(status=401, headers={"HX-Redirect": again})
        answer.cookies = response.cookies
        return answer


def path_of(address: str) -> str:
    """The path of an address that a browser tells; `/` for none or one that is no address."""
    try:
        return urlsplit(address).path or "/"
    except ValueError:
        return "/"
