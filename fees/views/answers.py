"""What a click is answered: in words, and where a form was refused with all that was typed in it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest
from django.utils.translation import gettext as _

from checkpoints.refusals import Refusal
from cuakhauso.templatetags.ui import money

REFUSED = 422
"""The status of a page that shows a refused form again."""


def say(request: HttpRequest, level: int, words: str) -> None:
    messages.add_message(request, level, words)


def say_used(request: HttpRequest, used: int) -> None:
    """How much of what was left over was used, in đồng; an error where nothing of it could be."""
    if used:
        say(request, messages.SUCCESS, _("Đã dùng %(amount)s tiền dư để nộp phí.") % {"amount": money(used)})
    else:
        say(request, messages.ERROR, _("Không có tiền dư nào ở cùng cơ quan thu để dùng."))


def first_error(form: Form) -> str:
    """The first thing wrong with a form; what is said of any field (required, too long) with the field's name."""
    name, error = next((name, error) for name, errors in form.errors.as_data().items() for error in errors)
    words, field = error.messages[0], form.fields.get(name)
    return f"{form[name].label}: {words}" if field and error.code and not field.widget.is_hidden else words


def carried_out(request: HttpRequest, form: Form, act: Callable[[dict[str, Any]], str]) -> bool:
    """Whether what the form asks was done: `act` gets its cleaned data, does it, and returns what is said of it.

    Where not, why is said, and the caller shows the form again as it was sent. Forms of money get a fresh key with
    that: under the old one nothing was written, or something else.
    """
    if not form.is_valid():
        say(request, messages.ERROR, first_error(form))
        return False
    try:
        words = act(form.cleaned_data)
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message)
        return False
    say(request, messages.SUCCESS, words)
    return True
