"""Streams watched: what is passed on, what a broken camera does, and that it never slows another."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from anpr.capture.scene import EVERY_SECONDS, STILL_SECONDS, Scene
from anpr.capture.sources import Folder, SourceLost, Video, is_live, open_source, shows_password, without_secret
from anpr.capture.watch import Newest, Watch, Watcher

PATIENCE_SECONDS = 20


def road(block: int | None = None, light: int = 0, width: int = 320, height: int = 180) -> np.ndarray:
    """A still road, BGR; with a truck-like block that far from the left."""
    frame = np.tile(np.linspace(60, 160, width, dtype=np.uint8)[None, :, None], (height, 1, 3)) + np.uint8(light)
    if block is not None:
        frame[60:150, block : block + 80] = (30, 200, 230)
    return frame


def film(path: Path, frames: list[np.ndarray], per_second: int = 10) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), per_second, frames[0].shape[1::-1])
    for frame in frames:
        writer.write(frame)
    writer.release()
    return path


def wait_for(holds) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


class Kept(list):
    """Takes what is passed on."""

    def __call__(self, code: str, jpeg: bytes, at: datetime) -> None:
        self.append((code, jpeg, at))


def passed(frames: list[np.ndarray], per_second: float = 4) -> list[int]:
    scene = Scene()
    return [number for number, frame in enumerate(frames) if scene.is_worth_it(frame, number / per_second)]


# The scene


def test_a_still_scene_is_passed_on_once():
    assert passed([road()] * 40) == [0]


def test_noise_and_light_are_no_motion():
    random = np.random.default_rng(1)
    noisy = [cv2.add(road(light=n % 9), random.integers(0, 12, (180, 320, 3), np.uint8)) for n in range(20)]
    assert passed(noisy) == [0]


def test_what_moves_is_passed_on_now_and_then_and_once_more_at_rest():
    frames = [road()] * 4 + [road(10 * step) for step in range(8)] + [road(70)] * 12
    numbers = passed(frames)
    assert numbers[0] == 0
    gaps = [(b - a) / 4 for a, b in pairwise(numbers)]
    assert min(gaps) >= EVERY_SECONDS
    assert 12 <= numbers[-1] <= 15
    assert 4 <= len(numbers) <= 7


def test_a_standing_truck_is_shown_again_after_a_while():
    scene = Scene()
    assert scene.is_worth_it(road(50), 0)
    assert not scene.is_worth_it(road(50), STILL_SECONDS - 1)
    assert scene.is_worth_it(road(50), STILL_SECONDS + 1)


def test_a_covered_lens_shows_nothing():
    assert passed([np.full((180, 320, 3), value, np.uint8) for value in (0, 3, 200, 255)]) == []


# Sources


def test_which_addresses_go_on_by_themselves_and_which_show_a_secret():
    assert is_live("rtsp://10.0.0.8/1")
    assert not is_live("/srv/film.avi")
    assert shows_password("rtsp://view:secret@10.0.0.8/1")
    assert not shows_password("rtsp://view:${CAMERA_B1}@10.0.0.8/1")
    assert not shows_password("http://10.0.0.8/video?x=a:b")
    assert without_secret("rtsp://view:secret@10.0.0.8/1") == "rtsp://…@10.0.0.8/1"


def test_an_address_may_name_an_environment_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("FILMS", str(tmp_path))
    assert isinstance(open_source("${FILMS}"), Folder)


def test_a_film_gives_its_frames_with_their_time(tmp_path):
    source = Video(str(film(tmp_path / "a.avi", [road(number) for number in range(5)])), live=False)
    frames = [source.read() for _ in range(5)]
    assert [round(at, 3) for at, _frame in frames] == [0, 0.1, 0.2, 0.3, 0.4]
    assert frames[0][1].shape == (180, 320, 3)
    assert source.read() is None
    assert source.seconds == pytest.approx(0.5)


def test_a_folder_gives_its_pictures_by_name_and_passes_over_the_broken(tmp_path):
    for name, block in (("b.png", 100), ("a.png", 0)):
        cv2.imwrite(str(tmp_path / name), road(block))
    (tmp_path / "c.jpg").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("no picture either")
    source = open_source(str(tmp_path))
    (first, a), (second, b) = source.read(), source.read()
    assert (first, second, source.read()) == (0.0, 1.0, None)
    assert (a[100, 20].tolist(), b[100, 120].tolist()) == ([30, 200, 230], [30, 200, 230])


@pytest.mark.parametrize("content", [b"", b"garbage " * 100, None])
def test_what_is_no_film_is_lost(tmp_path, content):
    path = tmp_path / "a.avi"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceLost):
        open_source(str(path))


# Watching


def test_only_the_newest_frame_is_kept():
    newest, now = Newest(), datetime.now(UTC)
    assert newest.take(0) is None
    for number in range(3):
        newest.put(now + timedelta(seconds=number), road(number))
    at, frame = newest.take(0)
    assert at == now + timedelta(seconds=2)
    assert frame[100, 2].tolist() == [30, 200, 230]
    assert newest.take(0) is None


def test_a_film_is_watched_to_its_end_and_none_of_it_lies_in_the_future(tmp_path):
    kept = Kept()
    path = film(tmp_path / "a.avi", [road()] * 20 + [road(2 * step) for step in range(60)])
    watcher = Watcher("b1", str(path), kept, pace=0)
    watcher.start()
    watcher.join(PATIENCE_SECONDS)
    assert (watcher.link.state, watcher.link.passed) == ("ended", len(kept))
    assert 4 <= len(kept) <= 12
    times = [at for _code, _jpeg, at in kept]
    assert times == sorted(times)
    assert times[-1] <= datetime.now(UTC)
    assert cv2.imdecode(np.frombuffer(kept[0][1], np.uint8), cv2.IMREAD_COLOR).shape == (180, 320, 3)


def test_a_frame_that_cannot_be_passed_on_does_not_end_the_watch(tmp_path):
    times = []

    def fails(code, jpeg, at):
        times.append(at)
        raise OSError("the database is away")

    watcher = Watcher("b1", str(film(tmp_path / "a.avi", [road(10 * n) for n in range(20)])), fails, pace=0)
    watcher.start()
    watcher.join(PATIENCE_SECONDS)
    assert len(times) > 1
    assert (watcher.link.state, watcher.link.passed) == ("ended", 0)


class Camera(BaseHTTPRequestHandler):
    """An MJPEG camera; the path says how it behaves."""

    def log_message(self, *args) -> None:
        pass

    def do_GET(self) -> None:
        self.server.visits.append((self.path, time.monotonic()))
        if self.path == "/refuses":
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        try:
            self._send()
        except OSError:
            pass

    def _send(self) -> None:
        if self.path == "/garbage":
            self.wfile.write(np.random.default_rng(1).bytes(200_000))
            return
        for number in range(400):
            _done, jpeg = cv2.imencode(".jpg", road((7 * number) % 240))
            data = jpeg.tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n".encode()
            if self.path == "/breaks" and number == 20:
                self.wfile.write(head + data[: len(data) // 2])
                return
            self.wfile.write(head + data + b"\r\n")
            time.sleep(0.02)


@pytest.fixture
def cameras() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    server.daemon_threads = True
    server.visits = []
    server.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def watching(kept: Kept, **addresses: str) -> Iterator[Watch]:
    watch = Watch(kept)
    watch.follow(addresses)
    try:
        yield watch
    finally:
        watch.stop()


def test_a_live_camera_is_watched(cameras):
    kept = Kept()
    with watching(kept, b1=f"{cameras.address}/good") as watch:
        wait_for(lambda: len(kept) >= 3)
        link = watch.links()["b1"]
        assert (link.state, link.error) == ("live", "")
        assert datetime.now(UTC) - kept[-1][2] < timedelta(seconds=5)
    times = [at for _code, _jpeg, at in kept]
    assert all(b - a >= timedelta(seconds=EVERY_SECONDS) for a, b in pairwise(times))


def test_a_broken_camera_is_opened_again_ever_later_and_the_others_go_on(cameras):
    kept = Kept()
    paths = ("garbage", "breaks", "refuses", "good")
    with watching(kept, **{path: f"{cameras.address}/{path}" for path in paths}) as watch:
        wait_for(lambda: len([path for path, _at in cameras.visits if path == "/breaks"]) >= 2)
        wait_for(lambda: len([path for path, _at in cameras.visits if path == "/refuses"]) >= 3)
        wait_for(lambda: watch.links()["garbage"].state == "lost")
        links = watch.links()
    assert links["good"].state == "live"
    assert links["refuses"].state == "lost"
    assert links["refuses"].error == "not opened"
    visits = [at for path, at in cameras.visits if path == "/refuses"][:3]
    assert 1.5 < visits[1] - visits[0] < visits[2] - visits[1]
    good = [at for code, _jpeg, at in kept if code == "good"]
    assert max((b - a).total_seconds() for a, b in pairwise(good)) < 3


def test_cameras_come_and_go(cameras, tmp_path):
    kept = Kept()
    path = film(tmp_path / "a.avi", [road(10 * number) for number in range(10)])
    with watching(kept, b1=f"{cameras.address}/good") as watch:
        first = watch.watchers["b1"]
        watch.follow({"b1": f"{cameras.address}/good?again", "b2": str(path)})
        assert watch.watchers["b1"] is not first
        wait_for(lambda: watch.links()["b2"].state == "ended")
        wait_for(lambda: watch.links()["b1"].state == "live")
        watch.follow({})
        assert watch.links() == {}
        wait_for(lambda: not first.is_running)
