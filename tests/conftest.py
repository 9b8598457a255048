"""What every test stands on: embedded servers for this run alone, compiled catalogues, a browser."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import translation
from playwright.sync_api import Browser, sync_playwright

from cuakhauso import embedded
from cuakhauso.catalogues import compile_catalogues
from gates.models import Yard
from tests.world import World

A_DAY = 24 * 60 * 60
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure(config: pytest.Config) -> None:
    if not _is_worker(config):
        _clear_away()
        list(compile_catalogues())
        embedded.POSTGRES_OPTIONS |= {"fsync": "off", "full_page_writes": "off"}
        embedded.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config):
        embedded.stop()
        if embedded.var_dir().name.startswith("cuakhauso-test-"):
            shutil.rmtree(embedded.var_dir(), ignore_errors=True)


def _clear_away() -> None:
    """Remove what runs that were killed left behind a day ago or earlier."""
    for left in Path(tempfile.gettempdir()).glob("cuakhauso-test-*"):
        if time.time() - left.stat().st_mtime > A_DAY:
            shutil.rmtree(left, ignore_errors=True)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.fixture(autouse=True)
def nothing_left() -> None:
    """Of the test before: neither the language of the page that it asked for last, nor what pages keep for seconds."""
    translation.deactivate()
    cache.clear()


@pytest.fixture
def world() -> World:
    """A gate with its people, nothing declared yet."""
    return World()


@pytest.fixture
def yard(world) -> Yard:
    return world.gate.yards.get()


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """This worker's own number in Valkey, empty."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture
def environment(transactional_db, broker) -> dict[str, str]:
    """The environment for a program of ours (a Celery worker, a server) that shall see this test's data."""
    name = connection.settings_dict["NAME"]
    url = os.environ.get("DATABASE_URL")
    return {
        **os.environ,
        "DATABASE_URL": url.rpartition("/")[0] + f"/{name}" if url else embedded.database_url(name),
        "REDIS_URL": settings.REDIS_URL,
        "MEDIA_ROOT": settings.MEDIA_ROOT,
        "DEMO": "1",
        "SECRET_KEY": settings.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": "cuakhauso.settings",
    }


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The Chromium of the system; a test marked `browser` is skipped where there is none."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        pytest.skip("no Chromium: set CHROMIUM to its path, or install the package `chromium`")
    # Playwright keeps an event loop in this thread, where Django would refuse to ask the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=Path(path), args=CHROMIUM_ARGS)
        yield browser
        browser.close()
