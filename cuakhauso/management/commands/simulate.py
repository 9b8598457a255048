"""`manage.py simulate`: trips driven through the real API, worker and services, told as one JSON object."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cuakhauso.simulation.run import simulate
from cuakhauso.simulation.seed import seed_gates
from gates.models import Gate
from gates.procedures import BOOKS

START_SECONDS = 120


class Command(BaseCommand):
    help = "Drives N trips, spread over all procedures of a book, and prints one JSON object that tells how they fared."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--trips", type=int, required=True, help="how many trips to declare and drive")
        parser.add_argument("--seed", type=int, required=True, help="the same seed makes the same border again")
        parser.add_argument("--book", default="cao_bang_2026", choices=sorted(BOOKS), help="the procedures to follow")
        parser.add_argument("--messy", action="store_true", help="corrections, swaps, refusals drawn at random")
        parser.add_argument("--url", help="a running demo; without it a throw-away one is started and stopped")

    def handle(self, *args, trips: int, seed: int, book: str, messy: bool, url: str | None, **options) -> None:
        if trips < 1:
            raise CommandError("--trips must be at least 1", returncode=2)
        if url is None:
            asked = ["--trips", str(trips), "--seed", str(seed), "--book", book, *(["--messy"] if messy else [])]
            sys.exit(_in_a_throw_away_demo(asked))
        keys_file = settings.VAR_DIR / "demo_cameras.json"
        if not Gate.objects.filter(book_code=book).exists():
            seed_gates(book, keys_file=keys_file)
        keys = json.loads(keys_file.read_text())
        result = simulate(
            book_code=book,
            trips=trips,
            seed=seed,
            url=url.rstrip("/"),
            keys=keys,
            messy=messy,
            say=lambda text: self.stderr.write(text),
        )
        self.stdout.write(json.dumps(result, ensure_ascii=False))
        if result["stuck"] or not all(result.get("ties", {}).values()):
            sys.exit(1)


def _in_a_throw_away_demo(arguments: list[str]) -> int:
    """Start a demo of its own without simulated traffic, run the command against it, stop it and leave nothing."""
    with socket.socket() as free, tempfile.TemporaryDirectory(prefix="cuakhauso-simulate-") as var:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")}
        environment |= {"VAR_DIR": var, "PORT": str(port), "DEMO": "1", "HTTPS": "off", "TRAFFIC": "off"}
        demo = subprocess.Popen(
            ["setpriv", "--pdeathsig=TERM", sys.executable, "-m", "cuakhauso.demo"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=sys.stderr,
            stdin=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_ready(demo, url)
            command = [sys.executable, "manage.py", "simulate", *arguments, "--url", url]
            return subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=False).returncode
        finally:
            demo.terminate()
            demo.wait()


def _wait_until_ready(demo: subprocess.Popen, url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and demo.poll() is None:
        try:
            with urlopen(f"{url}/readyz", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise CommandError("the throw-away demo did not start")
