"""Template filters that every page has without loading them."""

from django import template

register = template.Library()


@register.filter
def money(dong: int | None) -> str:
    """`1250000` as `1.250.000 ₫`; nothing for `None`."""
    return "" if dong is None else f"{dong:,}".replace(",", ".") + " ₫"
