"""What no page can do anything with is refused before it reaches one."""

from collections.abc import Callable, Iterator

from django.core.exceptions import BadRequest
from django.http import HttpRequest, QueryDict
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
