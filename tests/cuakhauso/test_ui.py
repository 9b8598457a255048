"""What templates are written with, and the contrast of the colours they are painted in."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from checkpoints.states import ConfirmationState
from cuakhauso.templatetags import ui
from declarations.states import DeclarationState, TripState

ICONS = Path(settings.BASE_DIR, "static/img/icons.svg").read_text()
TOKENS = Path(settings.BASE_DIR, "static/css/tokens.css").read_text()


def render(source: str, **context) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("dong", "shown"),
    [(1_250_000, "1.250.000\u00a0₫"), (0, "0\u00a0₫"), (-50_000, "-50.000\u00a0₫"), (None, "")],
)
def test_money_is_written_with_dots(dong, shown):
    assert ui.money(dong) == shown


def test_a_moment_is_shown_in_the_time_of_the_gate():
    moment = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)

    assert ui.moment(moment) == "14:05\u00a022/11/2026"
    assert ui.moment(None) == ""
    assert ui.day(date(2026, 11, 2)) == "02/11/2026"
    assert ui.day(datetime(2026, 11, 22, 20, 0, tzinfo=UTC)) == "23/11/2026"


def test_a_clock_names_the_day_only_when_it_is_not_today():
    now = timezone.localtime()

    assert ui.clock(now) == f"{now:%H:%M}"
    assert ui.clock(datetime(2020, 1, 2, 1, 0, tzinfo=UTC)) == "08:00\u00a002/01"


def test_minutes_are_whole_and_never_below_zero():
    assert ui.minutes_since(timezone.now() - timedelta(minutes=12, seconds=40)) == 12
    assert ui.minutes_since(timezone.now() + timedelta(minutes=3)) == 0
    assert ui.minutes_since(None) is None


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0 phút"), (59, "59 phút"), (65, "1 giờ 05"), (1500, "25 giờ 00"), (4400, "3 ngày")]
)
def test_waiting_is_told_in_words(minutes, words):
    assert ui.waited(minutes) == words


def test_every_state_has_a_word_and_a_shape():
    codes = {*DeclarationState.values, *TripState.values, *ConfirmationState.values}

    assert codes <= ui.LOOKS.keys()
    assert ui.LOOKS.keys() == ui.WORDS.keys()
    assert all(f'id="{shape}"' in ICONS for _tone, shape in ui.LOOKS.values())
    html = ui.state_badge("refused")
    assert "badge--bad" in html
    assert "#refused" in html
    assert "Từ chối" in html


def test_an_unknown_state_is_shown_as_its_code():
    assert "Odd" in ui.state_badge("odd")
    assert ui.state_badge(None) == ""


def test_a_plate_is_written_for_people_on_its_ground():
    assert "11C-123.45" in ui.plate_filter("11C12345")
    assert "plate--yellow" in ui.plate_filter("11C12345")
    assert "plate--xl" in ui.plate_filter("桂F12345", "xl")
    assert "plate--white" in ui.plate_tag("11C12345", colour="white")
    assert ui.plate_filter("") == ""
    assert 'data-plate="11C12345"' in ui.plate_filter("11c-123.45")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("11C12345", ["11C", "123.45"]),
        ("桂F12345", ["桂F", "12345"]),
        ("TC1234", ["TC", "12-34"]),
        ("X?1", ["X1"]),
    ],
)
def test_two_lines_part_where_the_plate_does(text, lines):
    assert re.findall(r'plate__line">([^<]*)<', ui.plate_tag(text, lines=2)) == (lines if len(lines) > 1 else [])
    assert all(line in ui.plate_tag(text, lines=2) for line in lines)


def test_the_characters_that_differ_are_marked():
    assert "11C-12<mark>8</mark>.45" in ui.plate_tag("11C12845", against="11C12345")
    assert "<mark>" not in ui.plate_tag("11C-123.45", against="11c12345")
    assert "<mark>桂</mark>F" in ui.plate_tag("桂F12345", against="F12345")


def test_a_plate_from_outside_is_escaped():
    assert "<script" not in ui.plate_filter("<script>alert(1)</script>")


class SampleForm(forms.Form):
    plate = forms.CharField(label="Biển kiểm soát", help_text="Viết liền.")
    seal = forms.CharField(label="Chì", required=False)
    sure = forms.BooleanField(label="Cam đoan")
    trip = forms.CharField(widget=forms.HiddenInput)


def test_a_field_shows_label_help_and_error_and_ties_them_to_the_control():
    html = render("{% fields form %}", form=SampleForm({"seal": "1", "trip": "7"}))

    assert '<label class="field__label" for="id_plate">Biển kiểm soát' in html
    assert 'id="id_plate_helptext"' in html
    assert 'id="id_plate_error"' in html
    assert re.search(r'<input[^>]*name="plate"[^>]*aria-describedby="id_plate_helptext[^"]*"', html)
    assert html.count("(không bắt buộc)") == 1
    assert html.count('name="trip"') == 1
    assert 'role="alert"' in html


def test_each_form_gets_a_key_of_its_own():
    keys = re.findall(r'value="([0-9a-f-]{36})"', render("{% once %}{% once %}"))

    assert len(set(keys)) == 2


def test_comparing_tells_same_differs_and_unknown():
    rows = [
        {"label": "a", "declared": "11C-123.45", "read": "11c12345", "plate": True},
        {"label": "b", "declared": "Hoàng", "read": "Hoàn"},
        {"label": "c", "declared": "x", "read": ""},
        {"label": "d", "declared": "1", "read": "2", "verdict": "same"},
    ]

    assert [row["verdict"] for row in ui.compare(rows)["rows"]] == ["same", "differs", "unknown", "same"]


def test_a_frame_draws_the_box_only_where_the_size_is_known():
    corners = [[1, 2], [3, 2], [3, 4.5], [1, 4.5]]

    assert ui.frame("/a.jpg", 10, 10, corners)["outlines"] == ["0.7,1.625 3.3,1.625 3.3,4.875 0.7,4.875"]
    assert ui.frame("/a.jpg", corners=corners)["outlines"] == []


def test_a_meter_stays_within_its_bar():
    assert 'width="100"' in ui.meter(130, 120)
    assert 'width="0"' in ui.meter(1, 0)


def test_languages_name_this_page_in_each():
    request = RequestFactory().get("/admin/login/?next=1")
    with translation.override("vi"):
        found = ui.languages(Context({"request": request}))

    assert [(one["code"], one["url"], one["current"]) for one in found] == [
        ("vi", "/admin/login/?next=1", True),
        ("en", "/en/admin/login/?next=1", False),
        ("zh-hans", "/zh-hans/admin/login/?next=1", False),
    ]


@pytest.mark.parametrize(
    ("path", "url", "marked"),
    [("/fees/3/", "/fees/", True), ("/fees/", "/", False), ("/en/", "/en/", True), ("/en/fees/", "/en/", False)],
)
def test_a_link_knows_whether_the_page_is_below_it(path, url, marked):
    assert bool(ui.here(Context({"request": RequestFactory().get(path)}), url)) is marked


# Contrast


def _themes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r"^:root(\[[^\]]*\])? \{(.*?)^\}", TOKENS, re.S | re.M)
    light, dark = (dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", body)) for _selector, body in blocks[:2])
    return {"light": light, "dark": light | dark}


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


GROUNDS = ("--paper", "--surface", "--sunken")
PAIRS = [
    *((ink, ground, 7.0) for ink in ("--ink", "--ink-soft") for ground in GROUNDS),
    *((ink, ground, 4.5) for ink in ("--accent", "--ok", "--wait", "--bad") for ground in GROUNDS),
    *((f"--on-{tone}-soft", f"--{tone}-soft", 7.0) for tone in ("accent", "ok", "wait", "bad", "idle")),
    ("--on-accent", "--accent", 7.0),
    ("--on-accent", "--accent-hover", 7.0),
    ("--on-bad", "--bad", 7.0),
    ("--on-bad", "--bad-hover", 7.0),
    ("--ink", "--accent-soft", 7.0),
    ("--ink-soft", "--accent-soft", 4.5),
    *(("--line-strong", ground, 3.0) for ground in GROUNDS),
    *(("--plate-dark-ink", f"--plate-{ground}", 7.0) for ground in ("white", "yellow", "green")),
    *(("--plate-light-ink", f"--plate-{ground}", 7.0) for ground in ("blue", "red", "black")),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_what_is_read_stands_out_enough(theme, ink, ground, least):
    colours = _themes()[theme]

    assert _contrast(colours[ink], colours[ground]) >= least


def test_every_icon_that_templates_name_exists():
    folder = Path(settings.BASE_DIR, "templates")
    named = {
        name for page in folder.rglob("*.html") for name in re.findall(r'\{% icon "([\w-]+)"', page.read_text("utf-8"))
    }

    assert named
    assert {name for name in named if f'id="{name}"' not in ICONS} == set()


def test_pages_carry_no_inline_script_or_style():
    folder = Path(settings.BASE_DIR, "templates")
    inline = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=|javascript:")

    assert [page.name for page in folder.rglob("*.html") if inline.search(page.read_text("utf-8"))] == []


def test_the_stages_of_a_trip_show_the_same_state_in_both_shapes():
    stages = [{"title": "Khai báo", "state": "done"}, {"title": "Barie số 2", "state": "now"}]

    assert render("{% steps stages %}{% track stages %}", stages=stages).count('aria-current="step"') == 2
