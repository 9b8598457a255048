"""Settings of the test runs: servers, files and numbers in Valkey of their own, thrown away at the end."""

# ruff: noqa: F403
import os
import re
import tempfile
from pathlib import Path

# The run that starts first makes the place; its xdist workers and the programs under test inherit it.
os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="cuakhauso-test-"))
os.environ.setdefault("HTTPS", "off")

from cuakhauso.settings import *
from cuakhauso.settings import REDIS_URL, VAR_DIR, broker_url

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")) + 1

REDIS_URL = re.sub(r"(\?db=|/)\d*$", rf"\g<1>{WORKER}", REDIS_URL)
CELERY_BROKER_URL = broker_url(REDIS_URL)
MEDIA_ROOT = str(Path(VAR_DIR, f"media-{WORKER}"))
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
