import gettext
from pathlib import Path

import polib
import pytest

from cuakhauso.catalogues import catalogues, compile_catalogues
from cuakhauso.messages import faults, find_messages, merge

HEADER = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": "nplurals=2; plural=(n != 1);"}
PYTHON = """
from django.utils.translation import gettext as _, ngettext, pgettext_lazy
OPEN = _("Mở barie")
WAIT = ngettext("%(n)s xe", "%(n)s xe chờ", 2) % {"n": 2}
STATE = pgettext_lazy("trạng thái", "nháp")
NOT_ONE = print("không dịch")
"""
TEMPLATE = """{% translate "Khai báo mới" %}
  {% blocktranslate trimmed with plate=trip.plate %}
    Xe {{ plate }}
    đã rời
  {% endblocktranslate %}
<p title="{{ _("Mở barie") }}">không dịch</p>
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "app" / "migrations").mkdir(parents=True)
    (tmp_path / "app" / "views.py").write_text(PYTHON)
    (tmp_path / "app" / "migrations" / "0001_initial.py").write_text('_("không dịch")')
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    (tmp_path / "templates" / "styleguide.html").write_text('{% translate "không dịch" %}')
    return tmp_path


@pytest.fixture
def messages(root: Path) -> dict:
    return find_messages(root, ["app", "templates"])


def catalogue(**translations: str) -> polib.POFile:
    made = polib.POFile()
    made.metadata = dict(HEADER)
    made.extend(polib.POEntry(msgid=message, msgstr=text) for message, text in translations.items())
    return made


def test_find_messages_of_code_and_templates(messages):
    assert {key: entry.msgid_plural for key, entry in messages.items()} == {
        (None, "Mở barie"): "",
        (None, "%(n)s xe"): "%(n)s xe chờ",
        ("trạng thái", "nháp"): "",
        (None, "Khai báo mới"): "",
        (None, "Xe %(plate)s đã rời"): "",
    }
    assert messages[None, "Mở barie"].occurrences == [("app/views.py", ""), ("templates/page.html", "")]


def test_merge_keeps_what_is_translated_and_drops_what_is_gone(messages):
    po = catalogue(**{"Mở barie": "Open the barrier", "đã bỏ": "gone"})
    merge(po, messages)
    assert {entry.msgid for entry in po} == {message for _context, message in messages}
    assert po.find("Mở barie").msgstr == "Open the barrier"
    assert po.find("%(n)s xe").msgstr_plural == {0: "", 1: ""}


def test_faults_are_what_is_missing_and_wrong_placeholders(messages):
    po = catalogue()
    merge(po, messages)
    assert len(list(faults(po, messages))) == 5
    for entry in po:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: "one vehicle", 1: "%(n)s vehicles"}
        else:
            entry.msgstr = entry.msgid
    assert list(faults(po, messages)) == []
    po.find("Xe %(plate)s đã rời").msgstr = "%(number)s has left"
    po.find("Mở barie").flags.append("fuzzy")
    assert set(faults(po, messages)) == {
        "not translated: app/views.py: 'Mở barie'",
        "another placeholder: templates/page.html: 'Xe %(plate)s đã rời'",
    }


def test_compile_catalogues_compiles_what_changed(tmp_path: Path):
    source = tmp_path / "en" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    catalogue(**{"Mở barie": "Open the barrier"}).save(str(source))
    compiled = source.with_suffix(".mo")
    assert list(compile_catalogues(tmp_path)) == [compiled]
    assert list(compile_catalogues(tmp_path)) == []
    with compiled.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Mở barie") == "Open the barrier"


def test_there_are_two_catalogues():
    assert [path.parts[-3] for path in catalogues()] == ["en", "zh_Hans"]
