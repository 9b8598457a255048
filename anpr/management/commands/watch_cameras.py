import signal
import threading
import time
from datetime import datetime

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, close_old_connections, connections
from django.utils import timezone

from anpr.capture.watch import Watch
from anpr.models import LINK_OLD_AFTER, Camera
from anpr.tasks import read_frame
from anpr.watching import addresses, keep_frame, tell_links

TELL_SECONDS = 5.0
ASK_SECONDS = 30.0


class Command(BaseCommand):
    help = "Watches the streams of the cameras that have a source, and passes on what moves before them to be read."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--camera", action="append", metavar="CODE", help="only this one; may be given again")
        parser.add_argument("--until-end", action="store_true", help="stop when all files and folders have ended")
        parser.add_argument("--fast", action="store_true", help="play files as fast as they can be read")
        parser.add_argument(
            "--check", action="store_true", help="only tell whether a watcher is at work, by exit 0 or 1"
        )

    def handle(self, *args, camera: list[str] | None, until_end: bool, fast: bool, check: bool, **options) -> None:
        if check:
            self._check()
            return
        unknown = set(camera or ()) - set(Camera.objects.values_list("code", flat=True))
        if unknown:
            raise CommandError(f"no camera has the code {sorted(unknown)[0]}", returncode=2)
        self.stopped = threading.Event()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self.stopped.set())
        watch = Watch(pass_on, pace=0.0 if fast else 1.0, at_end=connections.close_all)
        try:
            self._watch(watch, camera, until_end=until_end)
        finally:
            watch.stop()
            tell(watch)
        for code, link in sorted(watch.links().items()):
            self.stdout.write(f"{code}: {link.state}, {link.frames} frames looked at, {link.passed} passed on")

    def _watch(self, watch: Watch, codes: list[str] | None, *, until_end: bool) -> None:
        asked = 0.0
        while not self.stopped.is_set():
            if not asked or time.monotonic() - asked >= ASK_SECONDS:
                asked = time.monotonic()
                follow(watch, codes)
            tell(watch)
            if until_end and not watch.is_running:
                return
            self.stopped.wait(0.2 if until_end else TELL_SECONDS)

    def _check(self) -> None:
        watched = Camera.objects.filter(active=True).exclude(source="")
        lately = watched.filter(link_told_at__gte=timezone.now() - LINK_OLD_AFTER)
        if watched.exists() and not lately.exists():
            raise CommandError("no watcher has told of any camera lately")


def pass_on(code: str, jpeg: bytes, taken_at: datetime) -> None:
    """Keep a frame and queue it. Runs in the camera's thread, which has a connection of its own."""
    try:
        reading = keep_frame(code, jpeg, taken_at)
        if reading:
            read_frame.delay_on_commit(reading.pk)
    except (DatabaseError, InterfaceError):
        connections.close_all()
        raise


def follow(watch: Watch, codes: list[str] | None) -> None:
    """Ask which cameras are to be watched; while the database does not answer, those known are watched on."""
    try:
        watch.follow(addresses(codes))
    except (DatabaseError, InterfaceError):
        close_old_connections()


def tell(watch: Watch) -> None:
    try:
        tell_links(watch.links())
    except (DatabaseError, InterfaceError):
        close_old_connections()
