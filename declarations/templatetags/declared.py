"""How declared numbers are written on the trader's pages."""

from collections.abc import Mapping
from decimal import Decimal

from django import template

from declarations.forms.fields import write_number
from declarations.plates import display

register = template.Library()


@register.filter
def figure(number: Decimal | int | None) -> str:
    """`30.000`, `1,5`; a dash for what was not declared."""
    return "—" if number is None else write_number(number)


@register.filter
def hint(code: str, hints: Mapping[str, str]) -> str:
    """The words of this choice among `hints`, if it has some."""
    return hints.get(code, "")


@register.filter
def plate_text(text: str) -> str:
    """A plate in plain letters, for paper."""
    return display(text)


@register.filter
def lonely(number: int) -> bool:
    """Whether it is the only one."""
    return number == 1
