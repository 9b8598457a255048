import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from tests.cuakhauso import processes

SERVE = """
import os, signal, sys
from cuakhauso import embedded
embedded.start()
print(embedded.database()["HOST"], flush=True)
{then}
"""


@pytest.fixture
def var_dir(tmp_path: Path):
    yield tmp_path / "var"
    assert processes.gone(tmp_path / "var") == {}


@contextmanager
def program(var_dir: Path, then: str) -> Iterator[subprocess.Popen]:
    """A program that starts the embedded servers, says so, and goes on with `then`."""
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE.format(then=then)],
        env=environment | {"VAR_DIR": str(var_dir), "PYTHONPATH": os.getcwd()},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
        process.wait(20)
    finally:
        process.kill()
        process.communicate()


def servers(var_dir: Path) -> int:
    return sum(
        "/bin/postgres -D" in command or "valkey-server" in command for command in processes.of(var_dir).values()
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_orphan_after_signal(var_dir: Path, number: signal.Signals):
    with program(var_dir, "signal.pause()") as owner:
        owner.stdout.readline()
        assert servers(var_dir) == 2
        owner.send_signal(number)
    assert processes.gone(var_dir) == {}


def test_no_orphan_after_the_end(var_dir: Path):
    with program(var_dir, "pass") as owner:
        owner.stdout.readline()
    assert owner.returncode == 0
    assert processes.of(var_dir) == {}


def test_servers_outlive_the_thread_that_started_them(var_dir: Path):
    then = "import time; time.sleep(0.5); assert embedded._postgres_answers() and embedded._valkey_answers()"
    code = SERVE.replace(
        "embedded.start()", "import threading; t = threading.Thread(target=embedded.start); t.start(); t.join()"
    )
    environment = os.environ | {"VAR_DIR": str(var_dir), "PYTHONPATH": os.getcwd()}
    result = subprocess.run(
        [sys.executable, "-c", code.format(then=then)], env=environment, capture_output=True, text=True
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_a_second_program_finds_the_same_servers_and_data_stay(var_dir: Path):
    with program(var_dir, "signal.pause()") as owner:
        host = owner.stdout.readline().strip()
        before = processes.of(var_dir)
        with program(var_dir, "pass") as guest:
            assert guest.stdout.readline().strip() == host
        assert guest.returncode == 0
        assert servers(var_dir) == 2
        execute(host, "CREATE TABLE kept AS SELECT 7 AS n")
        assert before.keys() <= processes.of(var_dir).keys()
        owner.terminate()
    with program(var_dir, "signal.pause()") as owner:
        host = owner.stdout.readline().strip()
        assert execute(host, "SELECT n FROM kept") == [(7,)]
        owner.terminate()


def test_restart_right_after_a_kill(var_dir: Path):
    with program(var_dir, "signal.pause()") as owner:
        owner.stdout.readline()
        owner.kill()
    with program(var_dir, "signal.pause()") as owner:
        assert owner.stdout.readline()
        assert servers(var_dir) == 2
        owner.terminate()


def test_a_long_path_gets_short_sockets(tmp_path: Path):
    var_dir = tmp_path / ("a" * 60) / ("b" * 60)
    var_dir.parent.mkdir()
    with program(var_dir, "pass") as owner:
        host = owner.stdout.readline().strip()
    assert owner.returncode == 0
    assert not host.startswith(str(tmp_path))
    assert processes.gone(var_dir) == {}


@pytest.mark.parametrize("name", ["unaccent", "pg_trgm", "btree_gist"])
@pytest.mark.django_db
def test_extension_is_available(name: str, django_user_model):
    connection = django_user_model.objects.none().query.get_compiler("default").connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = %s", [name])
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize("command", [["--help"], ["help", "migrate"], ["check"]])
def test_what_needs_no_database_starts_nothing(var_dir: Path, command: list[str]):
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    environment |= {"VAR_DIR": str(var_dir), "DJANGO_SETTINGS_MODULE": "cuakhauso.settings"}
    subprocess.run([sys.executable, "manage.py", *command], env=environment, check=True, capture_output=True)
    assert not (var_dir / "postgres").exists()
    assert not (var_dir / "valkey.log").exists()


def execute(host: str, sql: str) -> list[tuple]:
    connection = psycopg2.connect(host=host, user="postgres", dbname="cuakhauso")
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
        rows = cursor.fetchall() if cursor.description and cursor.rowcount else []
    connection.close()
    return rows
