import csv
import io
import sys

import cv2
import numpy as np
import pytest
from django.core.management import CommandError, call_command

from anpr.decode import decode
from anpr.detector import Detector
from anpr.evaluation import (
    Outcome,
    edit_distance,
    evaluate,
    in_frame,
    peer_reads,
    reliability,
    rendered_table,
    shared_area,
    table,
)
from anpr.pipeline import Engine
from anpr.synthetic.scenes import render_passage


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three photos: one labelled truly, one falsely by a character, one by its province only."""
    path = tmp_path_factory.mktemp("photos")
    rows = []
    labels = (("11C12345", "11C12345"), ("29H98765", "29H98766"), ("桂F12345", "粤F12345"))
    for number, (shown, label) in enumerate(labels):
        (path / f"{number}.jpg").write_bytes(render_passage(shown, seed=number))
        nation = "CN" if ord(label[0]) > 255 else "VN"
        rows.append({"file": f"{number}.jpg", "nation": nation, "plate": label, "lines": "1", "colour": "yellow"})
    with (path / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def parrot(tmp_path, monkeypatch):
    """A peer in a module of its own that reads the same in every picture."""
    answer = '{"ms": 7.0, "texts": [["11c-123.45", 0.9]]}'
    code = f"import sys\nfor line in sys.stdin:\n    open(line.strip()).close()\n    print('{answer}')\n"
    (tmp_path / "parrot.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "parrot"


def outcome(truth: str, read: str | None, confidence: float = 1.0, group=("VN", "1", "white")) -> Outcome:
    return Outcome("a.jpg", group, truth, (read, confidence) if read else None, 10.0)


def test_evaluate_compares_each_label_with_the_nearest_read(folder):
    outcomes = evaluate(folder, Engine(threads=1))
    assert [outcome.right for outcome in outcomes] == [True, False, False]
    assert [outcome.right_without_province for outcome in outcomes] == [True, False, True]
    assert [outcome.right_characters for outcome in outcomes] == [8, 7, 6]
    assert all(outcome.read is not None and outcome.ms > 0 for outcome in outcomes)
    lines = table(outcomes).splitlines()
    assert lines[2].startswith("| all | 3 | 3 (100.0%) | 1 (33.3%) | 2 (66.7%) | 91.3% |")
    assert any(line.startswith("| CN, 1 line, yellow | 1 |") for line in lines)


def test_table_sets_the_peer_beside(folder):
    ours, theirs = [outcome("11C1", "11C1")], [outcome("11C1", "11G1")]
    head, _, row, *_ = table(ours, theirs, peer_name="other").splitlines()
    assert head.endswith("| other: exactly right | other: without province | other: ms median |")
    assert row == "| all | 1 | 1 (100.0%) | 1 (100.0%) | 1 (100.0%) | 100.0% | 10 | 10 | 0 (0.0%) | 0 (0.0%) | 10 |"


def test_reliability_counts_the_right_ones_of_each_bin():
    outcomes = [outcome("A", "A", 0.99), outcome("A", "B", 1.0), outcome("A", "B", 0.3), outcome("A", None)]
    lines = reliability(outcomes).splitlines()
    assert lines[2:] == ["| 0 to 0.5 | 1 | 0.30 | 0 (0%) |", "| 0.98 to 1 | 2 | 0.99 | 1 (50%) |"]


def test_peer_reads_come_in_the_normal_form(folder, parrot):
    reads = peer_reads(folder, ["1.jpg", "0.jpg"], sys.executable, parrot, threads=1)
    assert reads == {name: ([("11C12345", 0.9)], 7.0) for name in ("0.jpg", "1.jpg")}


@pytest.mark.parametrize("size", [(640, 360), (3000, 1000)])
def test_in_frame_keeps_small_scenes_and_shrinks_large_ones(size):
    scene = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), np.uint8)
    frame = in_frame(scene, (1920, 1080))
    assert frame.shape == (1080, 1920, 3)
    scale = min(1, 1920 / size[0], 1080 / size[1])
    rows, columns = round(size[1] * scale), round(size[0] * scale)
    top, left = (1080 - rows) // 2, (1920 - columns) // 2
    inner = frame[top : top + rows, left : left + columns]
    assert (inner == cv2.resize(scene, (columns, rows), interpolation=cv2.INTER_AREA)).all()


def test_evaluate_plates_lists_what_is_wrong_and_what_a_worker_takes(folder):
    out = io.StringIO()
    call_command("evaluate_plates", str(folder), wrong=True, worker=True, stdout=out)
    assert "1.jpg: 29H98766, read 29H98765" in out.getvalue()
    assert "A worker is ready in " in out.getvalue()


def test_evaluate_plates_reads_the_scenes_in_frames(folder, monkeypatch):
    shapes = []
    read = Engine.read
    monkeypatch.setattr(Engine, "read", lambda self, data: (shapes.append(decode(data).shape), read(self, data))[1])
    call_command("evaluate_plates", str(folder), "--frame", "1920x1080", stdout=io.StringIO())
    assert set(shapes) == {(1080, 1920, 3)}


def test_evaluate_plates_asks_for_the_peers_environment(folder):
    with pytest.raises(CommandError, match="it is to hold rapidocr"):
        call_command("evaluate_plates", str(folder), "--peer", "rapidocr", "--peer-python", "/nowhere/python")


def test_rendered_table_counts_by_width_and_input_size():
    detector = Detector(threads=1)
    lines = rendered_table(detector, 3).splitlines()
    assert lines[0] == "| plates in rendered scenes | number | found at 640 | found at 960 |"
    counts = [[int(cell) for cell in line.split("|")[2:-1]] for line in lines[2:]]
    assert sum(row[0] for row in counts) >= 1
    assert all(found <= number for number, *founds in counts for found in founds)


def test_shared_area():
    square = np.float32([[0, 0], [10, 0], [10, 10], [0, 10]])
    assert shared_area(square, square) == pytest.approx(1)
    assert shared_area(square, square + np.float32([5, 0])) == pytest.approx(1 / 3)
    assert shared_area(square, square + np.float32([20, 0])) == 0


def test_evaluate_plates_asks_for_labels(tmp_path):
    with pytest.raises(CommandError, match=r"labels\.csv does not exist"):
        call_command("evaluate_plates", str(tmp_path))


@pytest.mark.parametrize(
    ("a", "b", "distance"), [("", "", 0), ("A", "", 1), ("11C1", "11C1", 0), ("11C1", "1IC1", 1), ("AB", "BA", 2)]
)
def test_edit_distance(a, b, distance):
    assert edit_distance(a, b) == distance
