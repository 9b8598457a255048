import threading

import numpy as np
import pytest

from anpr.decode import PictureError, decode
from anpr.pipeline import Engine, default_engine
from anpr.synthetic.plates import design_for, draw_plate
from anpr.synthetic.scenes import render_passage


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(threads=1)


@pytest.mark.parametrize(
    ("text", "night"),
    [("11C12345", False), ("29H98765", True), ("桂F12345", False), ("桂LA1234", False), ("12C01789", True)],
)
def test_read_reads_the_simulators_frames(engine, text, night):
    plate = engine.read(render_passage(text, seed=len(text), night=night))[0]
    assert plate.text == text
    assert plate.known_form
    assert plate.confidence > 0.5
    assert len(plate.char_confidences) == len(text)


def test_read_reads_tractor_and_trailer(engine):
    texts = {plate.text for plate in engine.read(render_passage("15C12345", seed=4, trailer_plate="15R04321"))}
    assert {"15C12345", "15R04321"} <= texts


def test_read_takes_bytes_and_pixels_alike(engine):
    data = render_passage("11C12345", seed=3)
    assert engine.read(data) == engine.read(decode(data))


def test_read_puts_the_surest_first(engine):
    plates = engine.read(render_passage("15C12345", seed=4, trailer_plate="15R04321"))
    confidences = [plate.confidence for plate in plates]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence <= 1 for confidence in confidences)


def test_read_tells_what_else_the_plate_looks_like(engine):
    plate = engine.read(render_passage("11C12345", seed=3))[0]
    assert (plate.country, plate.lines, plate.colour) == ("VN", 1, "yellow")
    assert np.array(plate.corners).shape == (4, 2)


def test_read_finds_nothing_where_nothing_is(engine):
    assert engine.read(np.full((480, 640, 3), 90, np.uint8)) == []


@pytest.mark.parametrize(("text", "lines"), [("11C12345", 1), ("11C12345", 2), ("桂F12345", 1), ("15R04321", 2)])
def test_read_reads_a_picture_of_nothing_but_a_plate(engine, text, lines):
    """As cameras send it that cut plates out themselves."""
    plate = draw_plate(design_for(text, lines=lines), np.random.default_rng(5), height_px=90)
    read = engine.read(np.pad(plate, ((6, 6), (9, 9), (0, 0)), constant_values=50))
    assert read[0].text == text
    assert read[0].confidence > 0.5


def test_read_refuses_what_is_no_picture(engine):
    with pytest.raises(PictureError):
        engine.read(b"no picture")


def test_read_may_be_called_from_several_threads(engine):
    frames = {text: render_passage(text, seed=2) for text in ("11C12345", "29H98765", "桂F12345")}
    read: dict[str, str] = {}

    def work(text: str) -> None:
        read[text] = engine.read(frames[text])[0].text

    threads = [threading.Thread(target=work, args=(text,)) for text in frames]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == {text: text for text in frames}


def test_a_warm_engine_reads_a_frame_with_one_plate_without_compiling(monkeypatch):
    engine = Engine(threads=1)
    engine.warm_up()
    monkeypatch.setattr("anpr.network.Network._for", lambda network, shape: pytest.fail(f"compiles for {shape}"))
    frame = np.full((1080, 1920, 3), 120, np.uint8)
    frame[300:1020, 300:1580] = decode(render_passage("11C12345", seed=3))
    assert engine.read(frame)[0].text == "11C12345"


def test_default_engine_is_one():
    assert default_engine() is default_engine()
