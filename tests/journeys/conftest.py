"""A running border: web server and Celery worker on this test's database, and people with browsers before it."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page

from anpr.models import Reading
from anpr.simulator import post_frame
from anpr.synthetic.scenes import render_passage
from cuakhauso.simulation.seed import seed
from declarations.models import Trip

ROOT = Path(__file__).parents[2]
PASSWORD = "chỉ để thử 2026"
PATIENCE_SECONDS = 60


@dataclass
class Border:
    """The running platform; `as_` gives each role its own browser, `camera_sees` brings a truck before a camera."""

    url: str
    keys: dict[str, str]
    browser: Browser
    width: int = 1440
    contexts: dict[str, BrowserContext] = field(default_factory=dict)

    def as_(self, role: str) -> Page:
        """A signed-in page of this role; one browser context a role, so that nobody is signed out."""
        if role not in self.contexts:
            context = self.browser.new_context(viewport={"width": self.width, "height": 900}, locale="vi-VN")
            context.set_default_timeout(20_000)
            self.contexts[role] = context
            page = context.new_page()
            page.goto(f"{self.url}/account/sign-in/")
            page.fill("input[name=username]", role)
            page.fill("input[name=password]", PASSWORD)
            page.press("input[name=password]", "Enter")
            page.wait_for_url(lambda address: "sign-in" not in address, wait_until="commit")
        return self.contexts[role].pages[0]

    def camera_sees(self, plate: str, camera: str) -> Reading:
        """One rendered frame through the camera API; returns its reading once the worker has read it."""
        key = str(uuid4())
        post_frame(self.url, self.keys[camera], render_passage(plate, seed=5), timezone.now(), key)
        wait_for(lambda: Reading.objects.get(idempotency_key=key).read_at)
        return Reading.objects.get(idempotency_key=key)

    def click_for(self, role: str, place: str, plate: str, button: str) -> None:
        """On the console of this place the officer opens the truck with this plate and presses the big button."""
        page = self.as_(role)
        trip = Trip.objects.get(plate=plate)
        page.goto(f"{self.url}/console/ta-lung/{place}/{trip.pk}/")
        page.get_by_role("button", name=button).first.click()
        page.wait_for_load_state("networkidle")


def wait_for(holds: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def border(environment, settings, chromium, tmp_path) -> Iterator[Border]:
    # The server does not know the hasher of the tests; of those that it knows this is the fastest.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
    keys_file = tmp_path / "cameras.json"
    seed(password=PASSWORD, keys_file=keys_file)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = environment | {"HTTPS": "off", "VAR_DIR": environment.get("VAR_DIR", str(tmp_path))}
    uvicorn = [sys.executable, "-m", "uvicorn", "cuakhauso.asgi:application", "--port", str(port)]
    celery = [sys.executable, "-m", "celery", "--app", "cuakhauso", "worker", "--pool", "solo", "--without-mingle"]
    with (tmp_path / "log").open("wb") as log:
        programs = [
            subprocess.Popen(
                ["setpriv", "--pdeathsig=KILL", *command], env=environment, cwd=ROOT, stdout=log, stderr=log
            )
            for command in (uvicorn, [*celery, "--queues", "readings,default,notices"])
        ]
    border = Border(f"http://127.0.0.1:{port}", json.loads(keys_file.read_text()), chromium)
    try:
        wait_for(lambda: _answers(border.url))
        yield border
    finally:
        for context in border.contexts.values():
            context.close()
        for program in programs:
            program.kill()
            program.wait()


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/healthz", timeout=2):
            return True
    except (URLError, OSError):
        return False
