import csv
import io

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from anpr.detector import Detector
from anpr.evaluation import edit_distance, evaluate, rendered_table, shared_area, table
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


def test_evaluate_compares_each_label_with_the_nearest_read(folder):
    outcomes = evaluate(folder, Engine(threads=1))
    assert [outcome.right for outcome in outcomes] == [True, False, False]
    assert [outcome.right_without_province for outcome in outcomes] == [True, False, True]
    assert all(outcome.read is not None and outcome.ms > 0 for outcome in outcomes)
    lines = table(outcomes).splitlines()
    assert lines[2].startswith("| all | 3 | 3 (100.0%) | 1 (33.3%) | 2 (66.7%) |")
    assert any(line.startswith("| CN, 1 line, yellow | 1 |") for line in lines)


def test_evaluate_plates_lists_what_is_wrong(folder):
    out = io.StringIO()
    call_command("evaluate_plates", str(folder), wrong=True, stdout=out)
    assert "1.jpg: 29H98766, read 29H98765" in out.getvalue()


def test_rendered_table_counts_by_width_and_input_size():
    lines = rendered_table(Detector(threads=1), 3).splitlines()
    assert lines[0] == "| plates in rendered scenes | number | found at 640 | found at 320 | found at 1120 |"
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
