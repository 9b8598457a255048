"""The committed networks as serving runs them, beside themselves in single precision."""

import subprocess
import sys
import threading

import numpy as np
import pytest

from anpr import network
from anpr.decode import decode
from anpr.detector import Detector
from anpr.reader import WEIGHTS, Reader
from anpr.synthetic.plates import draw_plate, random_plate
from anpr.synthetic.scenes import render_passage


def plates(count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(12)
    return [np.pad(draw_plate(random_plate(rng), rng, height_px=72), ((4, 4), (8, 8), (0, 0))) for _ in range(count)]


def test_what_is_computed_fast_reads_as_what_is_computed_exactly():
    """Where the processor knows no bfloat16 both are the same; elsewhere they differ by rounding."""
    crops = plates(40)
    fast, exact = (Reader(exact=exact).read(crops) for exact in (False, True))
    assert sum(a.text == b.text for a, b in zip(fast, exact, strict=True)) >= 39
    assert np.mean([abs(a.confidence - b.confidence) for a, b in zip(fast, exact, strict=True)]) < 0.02


@pytest.mark.parametrize("text", ["11C12345", "桂F12345", "15R01234"])
def test_what_is_computed_fast_finds_the_same_corners(text):
    picture = decode(render_passage(text, seed=8))
    fast, exact = (Detector(exact=exact).find_closely(picture)[0] for exact in (False, True))
    assert np.abs(np.array(fast.corners) - exact.corners).max() < 3
    assert abs(fast.confidence - exact.confidence) < 0.1
    assert (fast.country, fast.lines) == (exact.country, exact.lines)


def test_a_network_is_kept_for_the_shapes_that_came_last(monkeypatch):
    monkeypatch.setattr(network, "SHAPES", 2)
    reader = network.Network(WEIGHTS)
    given = np.random.default_rng(0).normal(size=(3, 1, 64, 192)).astype(np.float32)
    first = reader(given[:1])
    for count in (1, 2, 1, 3):
        assert np.allclose(reader(given[:count])[0], first[0], atol=0.5)
    assert [shape[0] for shape in reader._compiled] == [1, 3]


def test_threads_get_their_own_answers():
    reader = network.Network(WEIGHTS, exact=True)
    given = np.random.default_rng(0).normal(size=(8, 1, 64, 192)).astype(np.float32)
    alone = [reader(one[None]) for one in given]
    answers: dict[int, np.ndarray] = {}
    threads = [
        threading.Thread(target=lambda n=n: answers.update({n: reader(given[n][None])})) for n in range(len(given))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((answers[n] == alone[n]).all() for n in range(len(given)))


def test_nobody_is_told_that_plates_are_read():
    """OpenVINO's Python package reports each import over the network where its reporter can be found."""
    asked = "import anpr.network, sys; print(sys.modules['openvino_telemetry'])"
    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "None"
