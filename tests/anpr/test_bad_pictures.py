"""Whatever a camera or a person hands in: nothing crashes, and nothing doubtful is read as if it were sure."""

import io
import resource
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from anpr.decode import PictureError, decode
from anpr.pipeline import SURE, Engine
from anpr.synthetic.scenes import render_passage
from declarations.plates import parse

TEXT = "11C12345"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(threads=1)


@pytest.fixture(scope="module")
def passage() -> Image.Image:
    return Image.fromarray(decode(render_passage(TEXT, seed=3)))


def saved(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def sure(plates) -> list[str]:
    """What would pass for a whole plate; one without its province could only complete a plate that is expected."""
    whole = (plate for plate in plates if plate.known_form and parse(plate.text).complete)
    return [plate.text for plate in whole if plate.confidence >= SURE]


def answer(engine: Engine, data: bytes) -> list | str:
    """The plates, or the code with which the picture was refused."""
    try:
        return engine.read(data)
    except PictureError as refusal:
        return refusal.code


def sixteen_bits(image: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)


def on_its_side(image: Image.Image) -> tuple[Image.Image, Image.Exif]:
    """Turned, with the EXIF mark that turns it back."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return image.transpose(Image.Transpose.ROTATE_90), exif


@pytest.mark.parametrize("kind", ["CMYK", "16 bits", "grey", "palette", "animated GIF", "animated WebP", "EXIF", "MPO"])
def test_an_unusual_file_is_read_like_any_other(engine, passage, kind):
    blank = Image.new("RGB", passage.size, "grey")
    turned, exif = on_its_side(passage)
    data = {
        "CMYK": lambda: saved(passage.convert("CMYK"), "JPEG", quality=92),
        "16 bits": lambda: saved(sixteen_bits(passage), "PNG"),
        "grey": lambda: saved(passage.convert("LA"), "PNG"),
        "palette": lambda: saved(passage.quantize(256), "PNG"),
        "animated GIF": lambda: saved(passage, "GIF", save_all=True, append_images=[blank]),
        "animated WebP": lambda: saved(passage, "WEBP", save_all=True, append_images=[blank], quality=90),
        "EXIF": lambda: saved(turned, "JPEG", exif=exif, quality=92),
        "MPO": lambda: saved(passage, "MPO", save_all=True, append_images=[blank], quality=92),
    }[kind]()
    assert engine.read(data)[0].text == TEXT


@pytest.mark.parametrize("share", [0.05, 0.3, 0.7, 0.98])
def test_a_cut_off_jpeg_is_refused(engine, passage, share):
    data = saved(passage, "JPEG", quality=92)
    with pytest.raises(PictureError):
        engine.read(data[: int(len(data) * share)])


def test_bytes_spoilt_on_the_way_crash_nothing(engine, passage):
    whole = saved(passage.resize((640, 360)), "JPEG")
    rng = np.random.default_rng(4)
    for _ in range(12):
        data = bytearray(whole)
        for place in rng.integers(2, len(data), 30):
            data[place] = rng.integers(256)
        assert answer(engine, bytes(data)) != ""


def png(width: int, height: int, rows: bytes) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def flood(size: int) -> bytes:
    """So many zeros, compressed a thousandfold."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()


@pytest.mark.parametrize(("width", "height"), [(12_000, 9_000), (10_000, 10_000), (100_000, 1_000)])
def test_a_hundred_megapixels_and_bombs_are_refused_before_they_cost_memory(engine, width, height):
    bomb = png(width, height, flood(200 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(PictureError) as refusal:
        engine.read(bomb)
    assert refusal.value.code == "too_many_pixels"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30 * 1024


def test_more_data_than_pixels_costs_no_memory(engine):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert answer(engine, png(64, 64, flood(400 << 20))) in ([], "broken")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 * 1024


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (7, 5)])
def test_a_picture_of_hardly_any_pixels_holds_nothing(engine, size):
    assert engine.read(saved(Image.new("RGB", size, "white"), "PNG")) == []


@pytest.mark.parametrize("turn", [Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_180])
@pytest.mark.parametrize("text", ["11C12345", "桂F12345", "15R04321", "29H98765", "桂LA123挂", "51F90861"])
def test_a_plate_in_a_mirror_or_upside_down_is_not_surely_read(engine, text, turn):
    frame = Image.fromarray(decode(render_passage(text, seed=len(text) + ord(text[-1]))))
    assert sure(engine.read(np.asarray(frame.transpose(turn)))) == []


STROKES = {
    "0": [(0, 0), (1, 0), (1, 2), (0, 2), (0, 0)],
    "1": [(0.2, 0.5), (0.6, 0), (0.6, 2)],
    "2": [(0, 0.3), (0.5, 0), (1, 0.4), (0, 2), (1, 2)],
    "3": [(0, 0), (1, 0), (0.4, 0.9), (1, 1.4), (0.5, 2), (0, 1.8)],
    "4": [(0.7, 2), (0.7, 0), (0, 1.3), (1, 1.3)],
    "5": [(1, 0), (0, 0), (0, 0.9), (0.8, 0.9), (1, 1.5), (0.6, 2), (0, 1.9)],
    "7": [(0, 0), (1, 0), (0.4, 2)],
    "9": [(1, 0.6), (0.5, 0.9), (0, 0.5), (0.5, 0), (1, 0.6), (0.7, 2)],
    "C": [(1, 0.3), (0.5, 0), (0, 0.6), (0, 1.4), (0.5, 2), (1, 1.7)],
    "F": [(1, 0), (0, 0), (0, 0.9), (0.7, 0.9), (0, 0.9), (0, 2)],
    "H": [(0, 0), (0, 2), (0, 1), (1, 1), (1, 0), (1, 2)],
}


def handwritten(text: str, rng: np.random.Generator) -> np.ndarray:
    """A number in a shaky hand on a sheet of paper that lies on a darker ground."""
    frame = np.full((720, 1280, 3), rng.uniform(60, 130), np.uint8)
    cv2.rectangle(frame, (300, 220), (980, 480), (232, 232, 226), -1)
    size = rng.uniform(34, 46)
    for place, sign in enumerate(text):
        origin = np.array([350 + place * size * 1.7, 300 + rng.normal(0, 6)])
        lean = rng.normal(0.1, 0.1)
        points = np.array(STROKES[sign]) + rng.normal(0, 0.09, (len(STROKES[sign]), 2))
        points = points @ np.array([[1, 0], [-lean, 1]]) * size + origin
        cv2.polylines(frame, [points.astype(np.int32)], False, (30, 34, 70), int(rng.integers(3, 7)), cv2.LINE_AA)
    return cv2.GaussianBlur(frame, (0, 0), 1.2)


def boards(count: int) -> list[np.ndarray]:
    texts, frames = ["51F12345", "11C30217", "29H54710", "15C01234"], []
    for seed in range(count):
        rng = np.random.default_rng(seed)
        frames.append(handwritten(str(rng.choice(texts)), rng))
    return frames


def test_a_persons_writing_in_a_cameras_frame_is_not_surely_read(engine):
    assert [text for frame in boards(16) for text in sure(engine.read(frame))] == []


def test_a_persons_writing_in_a_small_picture_is_seldom_surely_read(engine):
    """Block letters are plain to read where they fill a picture, and no reader tells them from a plate each time."""
    small = [cv2.resize(frame, (640, 360), interpolation=cv2.INTER_AREA) for frame in boards(12)]
    assert len([text for picture in small for text in sure(engine.read(picture))]) <= 5


@pytest.mark.parametrize("seed", range(4))
def test_other_writing_is_not_surely_read(engine, seed):
    rng = np.random.default_rng(seed)
    frame = np.full((720, 1280, 3), rng.integers(90, 250, 3), np.uint8)
    for row, words in enumerate(("HOTLINE 0912.345.678", "MAX GROSS 30.480", "TRANSPORT LOGISTICS", "TCKU 305438 3")):
        cv2.putText(frame, words, (180, 140 + 150 * row), cv2.FONT_HERSHEY_DUPLEX, 2.2, (20, 20, 20), 6, cv2.LINE_AA)
    assert sure(engine.read(frame)) == []
