"""Where frames come from: RTSP, MJPEG, a video file or a folder of pictures, all read in the same way."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import cv2
import numpy as np

from anpr.decode import PictureError, decode

# Over UDP a lost packet is a torn frame.
os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp")
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")

LIVE_SCHEMES = ("rtsp", "rtsps", "http", "https")
OPEN_MS, READ_MS = 8_000, 8_000
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
FOLDER_SECONDS = 1.0
"""How far apart the pictures of a folder are taken to be."""
SECRET = re.compile(r"://[^/@]*@")
OWN_PASSWORD = re.compile(r"://[^/@:]*:(?!\$)[^/@]+@")


class SourceLost(Exception):
    """The source cannot be opened, or gives no more frames although it should; the message says why."""


class Source(Protocol):
    """An opened source. `live`: it goes on by itself, and what is not taken at once is gone."""

    live: bool

    def read(self) -> tuple[float, np.ndarray] | None:
        """The next frame, BGR, with its seconds since the beginning; None at the end. Raises `SourceLost`."""

    def close(self) -> None: ...


def is_live(address: str) -> bool:
    return urlsplit(address).scheme in LIVE_SCHEMES


def shows_password(address: str) -> bool:
    """Whether the address bears a password itself, not the name of an environment variable that holds it."""
    return bool(OWN_PASSWORD.search(address))


def without_secret(address: str) -> str:
    """The address as it may be shown and logged."""
    return SECRET.sub("://…@", address)


def open_source(address: str) -> Source:
    """Open an address in which `${NAME}` stands for an environment variable. Raises `SourceLost`."""
    expanded = os.path.expandvars(address)
    if not is_live(address) and Path(expanded).is_dir():
        return Folder(Path(expanded))
    return Video(expanded, live=is_live(address))


class Video:
    """A stream or a video file, through OpenCV."""

    def __init__(self, address: str, *, live: bool) -> None:
        self.live = live
        options = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_MS]
        try:
            self._capture = cv2.VideoCapture(address, cv2.CAP_FFMPEG, [*options, cv2.CAP_PROP_N_THREADS, 1])
        except cv2.error as error:
            raise SourceLost("not opened") from error
        if not self._capture.isOpened():
            raise SourceLost("not opened")
        self._per_second = self._capture.get(cv2.CAP_PROP_FPS) or 25.0
        self._number = 0

    @property
    def seconds(self) -> float:
        """How long a file plays, as far as it says so."""
        return max(0.0, self._capture.get(cv2.CAP_PROP_FRAME_COUNT) / self._per_second)

    def read(self) -> tuple[float, np.ndarray] | None:
        try:
            done, frame = self._capture.read()
        except cv2.error as error:
            raise SourceLost("broken frame") from error
        if not done or frame is None or frame.size == 0:
            if self.live:
                raise SourceLost("no more frames")
            return None
        at = self._number / self._per_second
        self._number += 1
        return at, frame

    def close(self) -> None:
        self._capture.release()


class Folder:
    """The pictures of a folder by name, one after another; what cannot be read is passed over."""

    live = False

    def __init__(self, folder: Path) -> None:
        self._files: Sequence[Path] = sorted(file for file in folder.iterdir() if file.suffix.lower() in PICTURES)
        self._number = 0
        self.seconds = len(self._files) * FOLDER_SECONDS

    def read(self) -> tuple[float, np.ndarray] | None:
        while self._number < len(self._files):
            file, at = self._files[self._number], self._number * FOLDER_SECONDS
            self._number += 1
            try:
                return at, np.ascontiguousarray(decode(file.read_bytes())[..., ::-1])
            except (PictureError, OSError):
                continue
        return None

    def close(self) -> None:
        pass
