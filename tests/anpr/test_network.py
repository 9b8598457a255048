"""The committed networks as serving runs them."""

import subprocess
import sys
import threading

import numpy as np

from anpr import network
from anpr.reader import WEIGHTS


def test_a_network_is_kept_for_the_shapes_that_came_last(monkeypatch):
    monkeypatch.setattr(network, "SHAPES", 2)
    reader = network.Network(WEIGHTS)
    given = np.random.default_rng(0).normal(size=(3, 1, 64, 192)).astype(np.float32)
    first = reader(given[:1])
    for count in (1, 2, 1, 3):
        assert np.allclose(reader(given[:count])[0], first[0], atol=1e-3)
    assert [shape[0] for shape in reader._compiled] == [1, 3]


def test_threads_get_their_own_answers():
    reader = network.Network(WEIGHTS)
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
