"""What templates are written with: numbers, moments, plates, states, fields and the components that need arguments.

Built into every template (no `{% load %}`); `docs/design-system.md` shows each in use.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from difflib import SequenceMatcher

from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Textarea
from django.templatetags.static import static
from django.urls import translate_url
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from checkpoints.states import ConfirmationState
from declarations.plates import normalise, parse
from declarations.states import DeclarationState, TripState

register = template.Library()

NBSP = "\u00a0"

WORDS = {
    code: label for states in (DeclarationState, TripState, ConfirmationState) for code, label in states.choices
} | {
    "at_barrier": gettext_lazy("tại barie"),
    "in_gate": gettext_lazy("trong cửa khẩu"),
    "in_yard": gettext_lazy("trong bãi"),
    "ready_to_leave": gettext_lazy("đủ điều kiện rời"),
    "refused_entry": gettext_lazy("không được vào"),
    "towed_away": gettext_lazy("đã kéo ra khỏi cửa khẩu"),
    "handed_over": gettext_lazy("đã bàn giao xử lý vi phạm"),
    "undone": gettext_lazy("đã hủy xác nhận"),
    "ready_to_pay": gettext_lazy("sẵn sàng nộp phí"),
    "paid": gettext_lazy("đã nộp"),
    "mismatch": gettext_lazy("chưa khớp"),
    "open": gettext_lazy("đang mở"),
    "closed": gettext_lazy("tạm dừng"),
}
"""The word of each state, stored or derived, as it stands on screens."""

LOOKS = {
    "draft": ("idle", "edit"),
    "submitted": ("now", "send"),
    "under_way": ("now", "half"),
    "completed": ("ok", "confirmed"),
    "withdrawn": ("idle", "undo"),
    "expired": ("idle", "history"),
    "expected": ("idle", "clock"),
    "at_barrier": ("now", "barrier"),
    "in_gate": ("now", "gate"),
    "in_yard": ("now", "yard"),
    "ready_to_leave": ("ok", "out"),
    "left": ("ok", "confirmed"),
    "turned_back": ("idle", "turn-back"),
    "refused_entry": ("idle", "turn-back"),
    "removed": ("bad", "lock"),
    "towed_away": ("bad", "out"),
    "handed_over": ("bad", "lock"),
    "waiting": ("wait", "clock"),
    "confirmed": ("ok", "confirmed"),
    "refused": ("bad", "refused"),
    "not_required": ("idle", "dash"),
    "undone": ("wait", "undo"),
    "ready_to_pay": ("wait", "bill"),
    "paid": ("ok", "confirmed"),
    "mismatch": ("bad", "differs"),
    "open": ("ok", "barrier-open"),
    "closed": ("bad", "barrier"),
}
"""The tone and the shape of each state: colour never stands alone."""

STEP_ICONS = {"done": "check", "now": "dot", "refused": "cross", "skipped": "minus"}
STEP_WORDS = {
    "done": gettext_lazy("đã xong"),
    "now": gettext_lazy("đang ở đây"),
    "next": gettext_lazy("tiếp theo"),
    "refused": gettext_lazy("bị từ chối"),
    "skipped": gettext_lazy("không yêu cầu"),
}


# Numbers and moments


@register.filter
def money(dong: int | None) -> str:
    """`1250000` as `1.250.000 ₫` with a space that does not break; nothing for `None`."""
    return "" if dong is None else f"{dong:,}".replace(",", ".") + f"{NBSP}₫"


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


@register.filter
def moment(value: datetime | None) -> str:
    """`14:05 22/11/2026` in the gate's time; nothing for `None`."""
    return f"{_local(value):%H:%M}{NBSP}{_local(value):%d/%m/%Y}" if value else ""


@register.filter
def clock(value: datetime | None) -> str:
    """`14:05` today, `14:05 22/11` on another day, in the gate's time."""
    if not value:
        return ""
    local = _local(value)
    return f"{local:%H:%M}" if local.date() == timezone.localdate() else f"{local:%H:%M}{NBSP}{local:%d/%m}"


@register.filter
def day(value: date | None) -> str:
    """`22/11/2026`."""
    return f"{_local(value) if isinstance(value, datetime) else value:%d/%m/%Y}" if value else ""


@register.filter
def minutes_since(value: datetime | None) -> int | None:
    """Whole minutes from then to now, never below zero."""
    return max(0, int((timezone.now() - value).total_seconds() // 60)) if value else None


@register.filter
def waited(value: datetime | int | None) -> str:
    """How long since a moment (or so many minutes) in words: `12 phút`, `1 giờ 05`, `3 ngày`."""
    minutes = minutes_since(value) if isinstance(value, datetime) else value
    if minutes is None:
        return ""
    if minutes < 60:
        return ngettext("%(n)s phút", "%(n)s phút", minutes) % {"n": minutes}
    if minutes < 48 * 60:
        return _("%(hours)s giờ %(minutes)s") % {"hours": minutes // 60, "minutes": f"{minutes % 60:02}"}
    return ngettext("%(n)s ngày", "%(n)s ngày", minutes // 1440) % {"n": minutes // 1440}


# Shapes


@register.simple_tag
def icon(name: str, extra: str = "", label: str = "") -> SafeString:
    """A shape of `img/icons.svg`; with `label` it is read aloud, otherwise the word beside it is."""
    aria = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon {}" {}><use href="{}#{}"></use></svg>', extra, aria, static("img/icons.svg"), name
    )


@register.simple_tag
def badge(word: str, tone: str = "idle", shape: str = "dot", extra: str = "") -> SafeString:
    """A shape and a word on a tone: idle, now, wait, ok or bad."""
    return format_html('<span class="badge badge--{} {}">{}{}</span>', tone, extra, icon(shape), capfirst(word))


@register.filter
def state_badge(code: str | None) -> SafeString | str:
    """The badge of a state by its code; a code without a look is shown as a plain word."""
    if not code:
        return ""
    tone, shape = LOOKS.get(code, ("idle", "dot"))
    return badge(str(WORDS.get(code, code)), tone, shape)


@register.filter
def state_word(code: str | None) -> str:
    """The word of a state, for running text."""
    return str(WORDS.get(code, code or ""))


# Plates


def _plate_lines(text: str, lines: int) -> list[str]:
    known = parse(text)
    if lines != 2 or not known.known_form:
        return [known.shown or text]
    separator = next((sign for sign in " ·-" if sign in known.shown), "-")
    return known.shown.split(separator, 1)


def _plate(text: str, colour: str | None, lines: int, size: str, differing: Iterable[int] = ()) -> SafeString:
    known = parse(text)
    ground = colour or known.likely_colour or "white"
    rows = format_html_join("", "{}", ((line,) for line in _marked_lines(_plate_lines(text, lines), differing)))
    return format_html(
        '<span class="plate plate--{} plate--{}" data-plate="{}" translate="no">{}</span>',
        ground,
        size,
        known.text,
        rows,
    )


def _marked_lines(lines: Sequence[str], differing: Iterable[int]) -> list[SafeString]:
    """Each line as HTML, the characters at these places of the normal form marked."""
    places, at, shown = set(differing), 0, []
    for line in lines:
        signs = []
        for sign in line:
            counts = bool(normalise(sign))
            signs.append(("<mark>{}</mark>" if counts and at in places else "{}", sign))
            at += counts
        html = SafeString("".join(format_html(form, sign) for form, sign in signs))
        shown.append(format_html('<span class="plate__line">{}</span>', html) if len(lines) > 1 else html)
    return shown


@register.filter(name="plate")
def plate_filter(text: str | None, size: str = "m") -> SafeString | str:
    """A plate as it looks in the street, in the ground colour most plates of its kind have; sizes s, m, l, xl."""
    return _plate(text, None, 1, size) if text else ""


@register.simple_tag(name="plate")
def plate_tag(
    text: str | None, colour: str | None = None, lines: int = 1, size: str = "m", against: str | None = None
) -> SafeString | str:
    """A plate on the ground `colour` that was read, in one or two lines; `against` marks the characters that differ.

    `colour="none"` leaves the ground empty: what was declared has no colour.
    """
    if not text:
        return ""
    return _plate(text, colour, lines, size, _differing(text, against) if against else ())


def _differing(text: str, other: str) -> set[int]:
    """The places of `text` in normal form whose character is not the same in `other`, aligned by what they share."""
    mine = normalise(text)
    blocks = SequenceMatcher(None, mine, normalise(other), autojunk=False).get_matching_blocks()
    shared = {place for block in blocks for place in range(block.a, block.a + block.size)}
    return set(range(len(mine))) - shared


# Forms


@register.simple_tag
def once() -> SafeString:
    """A hidden key, fresh for each form shown: the same click sent twice counts once."""
    return format_html('<input type="hidden" name="key" value="{}">', uuid.uuid4())


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, extra: str = "", label: str | None = None, unit: str = "") -> dict:
    """A field with its label, help and errors, one way everywhere."""
    widget = bound.field.widget
    if isinstance(widget, CheckboxInput):
        kind = "check"
    elif isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        kind = "choices"
    else:
        kind = "whole" if isinstance(widget, Textarea) else "line"
    return {
        "bound": bound,
        "kind": kind,
        "extra": extra,
        "unit": unit,
        "label": label if label is not None else bound.label,
        "optional": not getattr(bound.field, "asked", bound.field.required),
    }


@register.inclusion_tag("components/fields.html")
def fields(form, extra: str = "") -> dict:
    """All visible fields of a form in a grid, the errors of the whole before them, the hidden ones too."""
    return {"form": form, "extra": extra}


# Components


@register.inclusion_tag("components/steps.html")
def steps(stages: Iterable) -> dict:
    """The stages of a trip, one below the other: `{"title", "state", "who", "when", "note", "slots"}` each.

    `state` is done, now, next, refused or skipped; `slots` are `{"what", "who", "state", "by", "when", "note"}`.
    """
    return {"stages": stages}


@register.inclusion_tag("components/track.html")
def track(stages: Iterable) -> dict:
    """The same stages in one line, for cards and lists."""
    return {"stages": stages}


@register.filter
def step_icon(state: str) -> str:
    return STEP_ICONS.get(state, "")


@register.filter
def step_word(state: str) -> str:
    return str(STEP_WORDS.get(state, state))


@register.inclusion_tag("components/compare.html")
def compare(rows: Iterable, read_title: str = "") -> dict:
    """Declared against read: `{"label", "declared", "read", "verdict", "plate", "colour"}` a row.

    `verdict` is same, differs or unknown; where it is absent the two texts decide, an empty one being unknown.
    """
    return {"rows": [_with_verdict(row) for row in rows], "read_title": read_title}


def _with_verdict(row: dict) -> dict:
    declared, read = row.get("declared"), row.get("read")
    if row.get("plate"):
        equal = normalise(declared or "") == normalise(read or "")
    else:
        equal = str(declared).casefold() == str(read).casefold()
    verdict = "unknown" if not declared or not read else "same" if equal else "differs"
    return {"verdict": verdict} | row


@register.inclusion_tag("components/frame.html")
def frame(
    url: str,
    width: int | None = None,
    height: int | None = None,
    corners: Sequence | None = None,
    alt: str = "",
    caption: str = "",
    others: Sequence[Sequence] = (),
) -> dict:
    """A camera's picture that opens large, with a box around the plate and around `others`.

    Corners are in pixels of `width` × `height`.
    """
    quads = [quad for quad in (corners, *others) if quad] if width and height else []
    outlines = [" ".join(f"{x:g},{y:g}" for x, y in _around(quad)) for quad in quads]
    return {"url": url, "width": width, "height": height, "outlines": outlines, "alt": alt, "caption": caption}


def _around(corners: Sequence, share: float = 1.3) -> list[tuple[float, float]]:
    """The corners moved outwards, so that the box stands around the plate and not on its own rim."""
    middle_x, middle_y = (sum(axis) / len(corners) for axis in zip(*corners, strict=True))
    return [(middle_x + (x - middle_x) * share, middle_y + (y - middle_y) * share) for x, y in corners]


@register.inclusion_tag("components/confidence.html")
def confidence(value: float | None) -> dict:
    """How sure the reader is, 0..1, as a bar and a number; below 0.9 the tone warns."""
    return {
        "value": value,
        "percent": round((value or 0) * 100),
        "tone": "ok" if (value or 0) >= 0.9 else "wait",
    }


@register.simple_tag
def meter(value: float, full: float, tone: str = "", label: str = "") -> SafeString:
    """A bar of `value` out of `full`."""
    share = min(100, max(0, 100 * value / full)) if full else 0
    return format_html(
        '<svg class="meter meter--{}" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect width="{}" height="1"></rect></svg>',
        tone,
        label or f"{value:g} / {full:g}",
        f"{share:.4g}",
    )


@register.inclusion_tag("components/bars.html")
def bars(rows: Sequence[tuple[str, int]], unit: str = "", label: str = "") -> dict:
    """Upright bars of `(word, number)` pairs from zero, the numbers written on them; 160 px the largest."""
    most = max((number for _word, number in rows), default=0) or 1
    drawn = [{"word": word, "number": number, "height": round(160 * number / most)} for word, number in rows]
    return {"bars": drawn, "unit": unit, "label": label}


@register.inclusion_tag("components/pages.html", takes_context=True)
def pages(context: template.Context, page) -> dict:
    """Links to the page before and after, the rest of the address kept."""
    return {"page": page, "request": context.get("request")}


@register.simple_tag(takes_context=True)
def languages(context: template.Context) -> list[dict]:
    """Each language with the address of this page in it."""
    request = context.get("request")
    here = request.get_full_path() if request else "/"
    return [
        {"code": code, "name": name, "url": translate_url(here, code), "current": code == get_language()}
        for code, name in settings.LANGUAGES
    ]


@register.simple_tag(takes_context=True)
def here(context: template.Context, url: str, links: Iterable[dict] = ()) -> SafeString:
    """`aria-current="page"` for a link to the page shown or to one above it, unless one of `links` is nearer."""
    request = context.get("request")
    path = request.path if request else ""
    roots = {"/", *(f"/{code}/" for code, _name in settings.LANGUAGES)}
    inside = path == url or (url not in roots and path.startswith(url))
    if any(len(link["url"]) > len(url) and path.startswith(link["url"]) for link in links):
        inside = False
    return SafeString('aria-current="page"' if inside else "")
