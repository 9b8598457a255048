"""`make demo`: one supervisor that owns everything the demo consists of, and leaves nothing behind.

It starts PostgreSQL and Valkey, brings the database up to date and seeds it, then keeps web, workers, beat
and camera simulator running until Ctrl-C or SIGTERM. A child that dies is started again, later each time. If
the supervisor itself is killed, the kernel ends the children.
"""

import argparse
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cuakhauso import embedded
from cuakhauso.catalogues import compile_catalogues

BASE_DIR = Path(__file__).resolve().parent.parent
MANAGE = [sys.executable, "manage.py"]
# A demo may run as root, of which Celery warns at length.
CELERY = [sys.executable, "-W", "ignore:You're running", "-m", "celery", "--app", "cuakhauso", "--quiet"]
WORKER = [
    *CELERY,
    "worker",
    "--loglevel",
    "WARNING",
    "--pool",
    "solo",
    "--without-gossip",
    "--without-mingle",
]
WATCH_SECONDS = 0.2
SERVERS_SECONDS = 2
STOP_SECONDS = 10
HEALTHY_SECONDS = 30
LONGEST_PAUSE_SECONDS = 30


class Stopped(Exception):
    """Somebody asked the demo to stop."""


class Refused(Exception):
    """The demo cannot start; the message says why."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__.splitlines()[0])
    parser.add_argument("--reset", action="store_true", help="throw the demo's data away first")
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    began = time.monotonic()
    children: list[Child] = []
    try:
        lock = _claim()
        environment = _prepare(reset=arguments.reset)
        children = [Child(name, command, environment) for name, command in _programs(environment).items()]
        _supervise(children, environment, began)
    except Stopped:
        say("stopping")
        return 0
    except Refused as error:
        say(str(error))
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        _stop_all(children)
        embedded.stop()
    lock.close()
    return 0


def say(text: str) -> None:
    print(f"{'demo':<9}│ {text}", flush=True)


@dataclass
class Child:
    """One program of the demo, and when it starts again."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    process: subprocess.Popen | None = None
    started_at: float = 0
    due_at: float = 0
    pause: float = 1

    def watch(self) -> None:
        """Start it when it is due; where it died, set the next start, later each time it dies young."""
        now = time.monotonic()
        if self.process is None and now >= self.due_at:
            self._start(now)
        elif self.process is not None and self.process.poll() is not None:
            if now - self.started_at > HEALTHY_SECONDS:
                self.pause = 1
            say(f"{self.name} ended with {self.process.returncode}; starts again in {self.pause:g} s")
            _kill_group(self.process)
            self.process, self.due_at = None, now + self.pause
            self.pause = min(2 * self.pause, LONGEST_PAUSE_SECONDS)

    def terminate(self) -> None:
        if self.process:
            self.process.terminate()

    def wait(self, until: float) -> None:
        """Wait for its end, not beyond `until`; then end it and whatever it left behind."""
        if self.process:
            try:
                self.process.wait(max(0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                say(f"{self.name} does not stop by itself")
            _kill_group(self.process)
            self.process.wait()

    def _start(self, now: float) -> None:
        self.started_at = now
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig=KILL", *self.command],
            env=self.environment,
            cwd=BASE_DIR,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._print, args=[self.process.stdout], daemon=True).start()

    def _print(self, lines: Iterable[str]) -> None:
        for line in lines:
            if line.strip():
                print(f"{self.name:<9}│ {line}", end="", flush=True)


def _kill_group(leader: subprocess.Popen) -> None:
    try:
        os.killpg(leader.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _stop(number: int, frame: object) -> None:
    raise Stopped


def _claim() -> IO[str]:
    """Hold this checkout's demo for as long as the process lives."""
    embedded.var_dir().mkdir(parents=True, exist_ok=True)
    lock = (embedded.var_dir() / "demo.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refused("the demo of this checkout is already running") from None
    return lock


def _prepare(*, reset: bool) -> dict[str, str]:
    """Bring servers, catalogues and data to where the programs can start; return their environment."""
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
    _check_port(host, port)
    if reset:
        _reset()
    list(compile_catalogues())
    embedded.start()
    environment = {
        **os.environ,
        "DATABASE_URL": os.environ.get("DATABASE_URL") or embedded.database_url(),
        "REDIS_URL": os.environ.get("REDIS_URL") or embedded.redis_url(),
        "DEBUG": "off",
        "DEMO": "1",
        "DEMO_PASSWORD": os.environ.get("DEMO_PASSWORD") or _password(),
        "DEMO_URL": f"http://{host}:{port}",
        "SITE_URL": os.environ.get("SITE_URL") or f"http://{host}:{port}",
        "HOST": host,
        "PORT": port,
        "PYTHONUNBUFFERED": "1",
        "CELERY_SKIP_CHECKS": "1",
        "OMP_NUM_THREADS": "1",
    }
    try:
        subprocess.run(
            ["setpriv", "--pdeathsig=KILL", *MANAGE, "prepare_demo"],
            env=environment,
            cwd=BASE_DIR,
            check=True,
        )
    except subprocess.CalledProcessError:
        raise Refused("the database could not be prepared") from None
    return environment


def _programs(environment: Mapping[str, str]) -> dict[str, list[str]]:
    host, port = environment["HOST"], environment["PORT"]
    # WhiteNoise hands files over as Django's WSGI side does, of which Django warns.
    python = [sys.executable, "-W", "ignore:StreamingHttpResponse must consume synchronous"]
    uvicorn = [*python, "-m", "uvicorn", "cuakhauso.asgi:application", "--host", host, "--port", port]
    programs: dict[str, list[str]] = {
        "web": [*uvicorn, "--log-level", "warning", "--timeout-graceful-shutdown", "2"],
        "readings": [*WORKER, "--queues", "readings", "--hostname", "readings@%h"],
        "tasks": [*WORKER, "--queues", "default,notices", "--hostname", "tasks@%h"],
        "beat": [*CELERY, "beat", "--loglevel", "WARNING", "--pidfile=", f"--schedule={embedded.var_dir()}/beat"],
    }
    if environment.get("TRAFFIC", "on") == "on":
        programs["traffic"] = [*MANAGE, "simulate_traffic"]
    return programs


def _supervise(children: list[Child], environment: Mapping[str, str], began: float) -> None:
    ready, servers_at = False, time.monotonic() + SERVERS_SECONDS
    while True:
        for child in children:
            child.watch()
        if not ready and _connects(environment["HOST"], environment["PORT"]):
            ready = True
            _announce(environment, time.monotonic() - began)
        if time.monotonic() > servers_at:
            embedded.start()
            servers_at = time.monotonic() + SERVERS_SECONDS
        time.sleep(WATCH_SECONDS)


def _stop_all(children: list[Child]) -> None:
    for child in children:
        child.terminate()
    until = time.monotonic() + STOP_SECONDS
    for child in children:
        child.wait(until)


def _announce(environment: Mapping[str, str], seconds: float) -> None:
    accounts = (embedded.var_dir() / "demo_accounts").read_text().split()
    say("")
    say(f"ready after {seconds:.0f} s: {environment['DEMO_URL']}/")
    say(f"accounts: {', '.join(accounts)}")
    say(f"password of each: {environment['DEMO_PASSWORD']}")
    say("Ctrl-C stops it")
    say("")


def _check_port(host: str, port: str) -> None:
    if not port.isdigit():
        raise Refused(f"PORT is {port!r}, not a number")
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((host, int(port)))
        except OSError as error:
            raise Refused(f"port {port} of {host}: {error.strerror}; choose another with PORT=") from None


def _connects(host: str, port: str) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((host, int(port))) == 0


def _reset() -> None:
    if os.environ.get("DATABASE_URL"):
        raise Refused("DATABASE_URL is set: only the embedded database is thrown away")
    for name in ("postgres", "media", "demo_password"):
        path = embedded.var_dir() / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _password() -> str:
    """The password of all demo accounts, made once and kept with the data."""
    path = embedded.var_dir() / "demo_password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9))
    return path.read_text()


if __name__ == "__main__":
    sys.exit(main())
