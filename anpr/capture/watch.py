"""Watches many cameras at once, each in threads of its own, so that a dead one never slows the others."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal

import cv2
import numpy as np

from anpr.capture.scene import Scene
from anpr.capture.sources import Source, SourceLost, open_source, without_secret

LOOKS_PER_SECOND = 4.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
HEALTHY_SECONDS = 30.0
"""A connection that held so long starts over with the shortest pause when it breaks."""
STUCK_SECONDS = 15.0
"""A live camera that gave no frame for so long is taken for lost."""
QUALITY = 90

State = Literal["connecting", "live", "lost", "ended"]
PassOn = Callable[[str, bytes, datetime], None]
"""Takes a camera's code, a JPEG and the time at which it was taken. May raise: the frame is lost, watching goes on."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Link:
    """How a camera's line is: its state and since when, the last frame seen, and why it was lost."""

    state: State = "connecting"
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    frame_at: datetime | None = None
    error: str = ""
    frames: int = 0
    passed: int = 0


class Newest:
    """Holds one frame: a new one takes the old one's place, so that who is late never works off a queue."""

    def __init__(self) -> None:
        self._frame: tuple[datetime, np.ndarray] | None = None
        self._condition = threading.Condition()

    def put(self, at: datetime, frame: np.ndarray) -> None:
        with self._condition:
            self._frame = (at, frame)
            self._condition.notify()

    def take(self, timeout: float) -> tuple[datetime, np.ndarray] | None:
        """The newest frame that nobody took yet; None if none comes in time."""
        with self._condition:
            self._condition.wait_for(lambda: self._frame is not None, timeout)
            frame, self._frame = self._frame, None
            return frame


class Watcher:
    """Watches one camera until it is stopped or its file ends: opens, looks, passes on, opens again."""

    def __init__(
        self, code: str, address: str, pass_on: PassOn, *, pace: float = 1.0, at_end: Callable[[], None] = lambda: None
    ) -> None:
        """`pace`: how many times faster than it was taken a file is played; 0 as fast as it can be read.

        `at_end` is called in the thread that called `pass_on`, when it ends.
        """
        self.code, self.address = code, address
        self.link = Link()
        self._pass_on = pass_on
        self._pace = pace
        self._at_end = at_end
        self._stopped = threading.Event()
        self._scene = Scene()
        self._thread = threading.Thread(target=self._run, name=f"watch {code}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def join(self, timeout: float | None = None) -> None:
        self._thread.join(timeout)

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._watch_on()
        finally:
            self._at_end()

    def _watch_on(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopped.is_set():
            began = time.monotonic()
            try:
                source = open_source(self.address)
                try:
                    self._watch(source)
                finally:
                    source.close()
                if not self._stopped.is_set():
                    self._say("ended")
                return
            except SourceLost as error:
                self._lost(str(error))
            except Exception:
                log.exception("watching %s failed", self.code)
                self._lost("failed")
            pause = FIRST_PAUSE if time.monotonic() - began > HEALTHY_SECONDS else min(2 * pause, LONGEST_PAUSE)
            self._stopped.wait(pause)

    def _lost(self, why: str) -> None:
        if self.link.state != "lost":
            log.warning("camera %s lost: %s (%s)", self.code, why, without_secret(self.address))
        self._say("lost", error=why)

    def _say(self, state: State, *, error: str = "") -> None:
        since = self.link.since if state == self.link.state else datetime.now(UTC)
        self.link = replace(self.link, state=state, since=since, error=error)

    def _watch(self, source: Source) -> None:
        if source.live:
            self._watch_live(source)
        else:
            self._play(source)

    def _watch_live(self, source: Source) -> None:
        """Take frames as fast as they come, in a thread; look at the newest a few times a second."""
        newest, lost = Newest(), threading.Event()
        why: list[str] = []

        def grab() -> None:
            try:
                while not (self._stopped.is_set() or lost.is_set()):
                    frame = source.read()
                    if frame is None:
                        raise SourceLost("no more frames")
                    newest.put(datetime.now(UTC), frame[1])
            except SourceLost as error:
                why.append(str(error))
            finally:
                lost.set()

        grabber = threading.Thread(target=grab, name=f"grab {self.code}", daemon=True)
        grabber.start()
        try:
            seen_at = time.monotonic()
            while not self._stopped.is_set():
                taken = newest.take(timeout=1 / LOOKS_PER_SECOND)
                if taken:
                    seen_at = time.monotonic()
                    self._look(*taken)
                    self._stopped.wait(1 / LOOKS_PER_SECOND)
                elif lost.is_set():
                    raise SourceLost(why[0] if why else "no more frames")
                elif time.monotonic() - seen_at > STUCK_SECONDS:
                    raise SourceLost("no frame for a while")
        finally:
            lost.set()
            grabber.join(STUCK_SECONDS)

    def _play(self, source: Source) -> None:
        """Look at a file's frames in order. Its last frame counts as taken now, so none lies in the future."""
        length = timedelta(seconds=getattr(source, "seconds", 0.0))
        began = datetime.now(UTC) - (length if self._pace == 0 else timedelta(0))
        started, next_look = time.monotonic(), 0.0
        while not self._stopped.is_set() and (frame := source.read()):
            at, pixels = frame
            if at + 1e-9 < next_look:
                continue
            next_look = at + 1 / LOOKS_PER_SECOND
            if self._pace:
                self._stopped.wait(max(0.0, started + at / self._pace - time.monotonic()))
            self._look(datetime.now(UTC) if self._pace else began + timedelta(seconds=at), pixels)

    def _look(self, at: datetime, frame: np.ndarray) -> None:
        if self.link.state != "live":
            self._say("live")
        self.link = replace(self.link, frame_at=at, frames=self.link.frames + 1)
        if not self._scene.is_worth_it(frame, at.timestamp()):
            return
        done, jpeg = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        if not done:
            return
        try:
            self._pass_on(self.code, jpeg.tobytes(), at)
        except Exception:
            log.exception("a frame of %s was not passed on", self.code)
        else:
            self.link = replace(self.link, passed=self.link.passed + 1)


class Watch:
    """Watchers of many cameras: those asked for run, those no longer asked for stop."""

    def __init__(self, pass_on: PassOn, *, pace: float = 1.0, at_end: Callable[[], None] = lambda: None) -> None:
        self.watchers: dict[str, Watcher] = {}
        self._make = partial(Watcher, pass_on=pass_on, pace=pace, at_end=at_end)

    def follow(self, addresses: dict[str, str]) -> None:
        """Watch exactly these cameras, code to address; one whose address changed is opened anew."""
        for code, watcher in list(self.watchers.items()):
            if addresses.get(code) != watcher.address:
                watcher.stop()
                del self.watchers[code]
        for code, address in addresses.items():
            if code not in self.watchers:
                self.watchers[code] = self._make(code, address)
                self.watchers[code].start()

    def links(self) -> dict[str, Link]:
        return {code: watcher.link for code, watcher in self.watchers.items()}

    @property
    def is_running(self) -> bool:
        return any(watcher.is_running for watcher in self.watchers.values())

    def stop(self, timeout: float = 5.0) -> None:
        """Stop all, and wait for them a little: one that hangs in its camera's line is left to die with the process."""
        until = time.monotonic() + timeout
        for watcher in self.watchers.values():
            watcher.stop()
        for watcher in self.watchers.values():
            with suppress(RuntimeError):
                watcher.join(max(0.0, until - time.monotonic()))
