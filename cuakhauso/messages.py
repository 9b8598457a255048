"""The messages that code and templates ask gettext for, found by Babel, and merged into the catalogues."""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

import polib
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.utils.translation.template import templatize

KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# The style guide is for those who build; its sample trucks need no other language.
UNTRANSLATED = re.compile(r"/migrations/|styleguide")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")

Key = tuple[str | None, str]


def find_messages(root: Path, folders: Iterable[str]) -> dict[Key, polib.POEntry]:
    """All messages of the `.py`, `.html` and `.txt` files in `folders`, by context and message id.

    Not those of migrations and of the style guide, which only developers read.
    """
    found: dict[Key, polib.POEntry] = {}
    for path in _sources(root, folders):
        place = (path.relative_to(root).as_posix(), "")
        for context, singular, plural in _messages(path):
            entry = found.setdefault((context, singular), polib.POEntry(msgid=singular, msgctxt=context))
            if plural:
                entry.msgid_plural = plural
            if place not in entry.occurrences:
                entry.occurrences.append(place)
    return found


def merge(catalogue: polib.POFile, messages: dict[Key, polib.POEntry]) -> None:
    """Give `catalogue` exactly `messages`, in the order of their places, and keep what was translated."""
    old = {_key(entry): entry for entry in catalogue}
    del catalogue[:]
    plurals = int(re.search(r"nplurals=(\d)", catalogue.metadata["Plural-Forms"])[1])
    for key, message in sorted(messages.items(), key=lambda item: (item[1].occurrences[0], item[0][1])):
        entry = old.get(key) or polib.POEntry(msgid=message.msgid, msgctxt=message.msgctxt)
        entry.occurrences = message.occurrences
        entry.msgid_plural = message.msgid_plural
        if entry.msgid_plural:
            entry.msgstr = ""
            entry.msgstr_plural = {number: entry.msgstr_plural.get(number, "") for number in range(plurals)}
        catalogue.append(entry)


def faults(catalogue: polib.POFile, messages: dict[Key, polib.POEntry]) -> Iterator[str]:
    """What `catalogue` lacks of `messages`, and translations whose placeholders differ from the message's."""
    entries = {_key(entry): entry for entry in catalogue}
    for key, message in messages.items():
        entry = entries.get(key)
        where = f"{message.occurrences[0][0]}: {message.msgid!r}"
        if entry is None or entry.fuzzy or not all(_translations(entry)):
            yield f"not translated: {where}"
        elif any(not _placeholders(text) <= _wanted(entry) for text in _translations(entry)):
            yield f"another placeholder: {where}"


def _sources(root: Path, folders: Iterable[str]) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and not UNTRANSLATED.search(path.as_posix()):
                yield path


def _messages(path: Path) -> Iterator[tuple[str | None, str, str | None]]:
    source = path.read_text()
    if path.suffix != ".py":
        # What Django leaves of a template is calls of gettext among crosses; without indentation it is Python.
        source = "\n".join(line.strip() for line in templatize(source).splitlines())
    for _line, message, _comments, context in extract("python", BytesIO(source.encode()), KEYWORDS):
        singular, *plural = message if isinstance(message, tuple) else (message,)
        if singular:
            yield context, singular, next(iter(plural), None)


def _key(entry: polib.POEntry) -> Key:
    return entry.msgctxt, entry.msgid


def _translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def _wanted(entry: polib.POEntry) -> set[str]:
    return _placeholders(entry.msgid) | _placeholders(entry.msgid_plural or "")


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text.replace("%%", "")))
