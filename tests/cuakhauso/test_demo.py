"""`make demo` as a whole, on a database of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cuakhauso import processes


class Demo:
    def __init__(self, var_dir: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        self.var_dir = var_dir
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cuakhauso.demo"],
            env=environment | {"VAR_DIR": str(var_dir), "PORT": str(self.port), "DEMO_PASSWORD": "đúng rồi"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_for(self, words: str) -> str:
        """Read what it prints until a line holds `words`; return that line."""
        for line in self.process.stdout:
            if words in line:
                return line
        raise AssertionError(f"the demo ended without saying {words!r}")

    def get(self, path: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as response:
            return response.status

    def children(self, word: str) -> list[int]:
        return [pid for pid, command in processes.of(self.var_dir).items() if word in command]


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("demo") / "var"


@pytest.fixture
def demo(var_dir: Path) -> Iterator[Demo]:
    demo = Demo(var_dir)
    demo.wait_for("Ctrl-C stops it")
    yield demo
    demo.process.kill()
    demo.process.communicate()
    assert processes.gone(var_dir) == {}


@pytest.mark.xdist_group("demo")
def test_serves_restarts_what_dies_and_stops(demo: Demo):
    assert demo.get("/readyz") == 200
    [beat] = demo.children(" beat ")
    os.kill(beat, signal.SIGKILL)
    assert "beat ended with -9" in demo.wait_for("beat ended")
    deadline = time.monotonic() + 20
    while demo.children(" beat ") in ([], [beat]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(demo.children(" beat ")) == 1
    demo.process.terminate()
    demo.process.communicate(timeout=30)
    assert demo.process.returncode == 0
    assert processes.of(demo.var_dir) == {}


@pytest.mark.xdist_group("demo")
def test_leaves_nothing_when_killed_and_refuses_a_second(demo: Demo):
    second = Demo(demo.var_dir)
    assert "already running" in second.wait_for("demo")
    second.process.communicate(timeout=20)
    assert second.process.returncode == 1
    demo.process.kill()
    assert processes.gone(demo.var_dir) == {}
