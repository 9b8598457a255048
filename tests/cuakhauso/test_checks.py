"""The deployment check, in programs of their own: settings come from their environment."""

import os
import subprocess
import sys

import pytest

PRODUCTION = {
    "SECRET_KEY": "Zx7-not-a-real-key-but-long-and-various-0123456789-qwertyuiop-ASDF",
    "DATABASE_URL": "postgresql://cuakhauso@db/cuakhauso",
    "REDIS_URL": "redis://redis/0",
    "ALLOWED_HOSTS": "cuakhau.example.vn",
    "DJANGO_SETTINGS_MODULE": "cuakhauso.settings",
}


def check(tmp_path, **environment: str) -> subprocess.CompletedProcess:
    kept = {name: os.environ[name] for name in ("PATH",)}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING", "--tag", "security"],
        env=kept | {"VAR_DIR": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
    )


def test_production_passes(tmp_path):
    result = check(tmp_path, **PRODUCTION)
    assert (result.returncode, result.stdout) == (0, "System check identified no issues (0 silenced).\n")


def test_demo_is_refused(tmp_path):
    result = check(tmp_path, **PRODUCTION, DEMO="1")
    assert result.returncode == 1
    assert "(cuakhauso.E001) DEMO is on." in result.stderr


def test_debug_is_refused(tmp_path):
    result = check(tmp_path, **PRODUCTION, DEBUG="1")
    assert result.returncode == 1
    assert "security.W018" in result.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL"])
def test_what_a_checkout_makes_itself_is_refused(tmp_path, name):
    result = check(tmp_path, **{key: value for key, value in PRODUCTION.items() if key != name})
    assert result.returncode == 1
    assert f"(cuakhauso.E002) {name} is not set." in result.stderr


def test_secret_key_is_made_once_and_private(tmp_path):
    check(tmp_path)
    key = (tmp_path / "secret_key").read_text()
    check(tmp_path)
    assert (tmp_path / "secret_key").read_text() == key
    assert len(key) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
