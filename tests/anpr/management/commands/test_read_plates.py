"""The command as others call it: a process of its own, its two streams and its exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from anpr.synthetic.scenes import render_passage

ROOT = Path(__file__).parents[4]


def _read_plates(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", "read_plates", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def frame(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("frames") / "xe tải.jpg"
    path.write_bytes(render_passage("11C12345", seed=3))
    return path


def test_prints_one_line_a_picture(frame):
    done = _read_plates(str(frame), str(frame))
    assert done.returncode == 0, done.stderr
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["file"] == second["file"] == str(frame)
    assert set(first) == {"file", "ms", "plates"}
    assert first["ms"] > 0
    plate = first["plates"][0]
    assert plate["text"] == "11C12345"
    assert (plate["country"], plate["lines"], plate["colour"], plate["known_form"]) == ("VN", 1, "yellow", True)
    assert 0 < plate["confidence"] <= 1
    assert [len(corner) for corner in plate["corners"]] == [2, 2, 2, 2]


def test_reads_the_others_beside_an_unreadable_file(frame, tmp_path):
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("no picture")
    files = [str(tmp_path / "none.jpg"), str(tmp_path / "empty.jpg"), str(tmp_path / "text.jpg"), str(frame)]
    done = _read_plates(*files)
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["file"] for line in lines] == files
    assert ["error" in line for line in lines] == [True, True, True, False]
    assert lines[3]["plates"][0]["text"] == "11C12345"
    assert done.stderr == ""


def test_says_in_one_line_what_is_wrong_with_the_usage():
    for arguments in ((), ("--loud", "a.jpg")):
        done = _read_plates(*arguments)
        assert done.returncode == 2
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1


def test_needs_no_database(frame):
    """It works where the database cannot be reached."""
    done = _read_plates(str(frame), DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    assert done.returncode == 0
    assert json.loads(done.stdout)["plates"]


def test_prints_han_characters_also_to_a_terminal_without_them(tmp_path):
    path = tmp_path / "cn.jpg"
    path.write_bytes(render_passage("桂F12345", seed=3))
    done = _read_plates(str(path), PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["plates"][0]["text"] == "桂F12345"
