import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from anpr.decode import MAX_BYTES, MAX_SIDE, PictureError, decode


def _saved(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _half_red() -> Image.Image:
    """Red on the left, white on the right."""
    image = Image.new("RGB", (64, 32), "white")
    image.paste((220, 10, 10), (0, 0, 32, 32))
    return image


def _png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that say to be a large picture."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"])
def test_decode_gives_rgb(kind):
    pixels = decode(_saved(_half_red(), kind))
    assert pixels.shape == (32, 64, 3)
    assert pixels.dtype == np.uint8
    assert pixels[16, 8, 0] > 180
    assert pixels[16, 8, 2] < 60
    assert pixels[16, 56].min() > 225


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_decode_turns_a_picture_upright_by_its_exif(kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = decode(_saved(_half_red(), kind, exif=exif))
    assert pixels.shape == (64, 32, 3)
    assert pixels[8, 16, 2] < 60
    assert pixels[56, 16].min() > 225


def test_decode_reads_cmyk():
    pixels = decode(_saved(_half_red().convert("CMYK"), "JPEG"))
    assert pixels[16, 8, 0] > 180
    assert pixels[16, 8, 2] < 80


def test_decode_reads_sixteen_bits():
    levels = np.full((8, 8), 65535, np.uint16)
    levels[:, :4] = 257 * 100
    pixels = decode(_saved(Image.fromarray(levels), "PNG"))
    assert pixels[4, 1].tolist() == [100, 100, 100]
    assert pixels[4, 6].tolist() == [255, 255, 255]


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1"])
def test_decode_reads_other_modes(mode):
    assert decode(_saved(_half_red().convert(mode), "PNG")).shape == (32, 64, 3)


def test_decode_takes_the_first_frame_of_an_animation():
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    pixels = decode(_saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert pixels[8, 8].tolist() == [255, 0, 0]


def test_decode_reads_one_pixel():
    assert decode(_saved(Image.new("RGB", (1, 1), "white"), "PNG")).tolist() == [[[255, 255, 255]]]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"GET / HTTP/1.1", "not_a_picture"),
        (b"\xff\xd8\xff", "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_a_picture"),
        (b"\0" * (MAX_BYTES + 1), "too_big"),
        (_png_that_claims(MAX_SIDE + 1, 10), "too_many_pixels"),
        (_png_that_claims(10_000, 10_000), "too_many_pixels"),
        (_png_that_claims(60_000, 60_000), "too_many_pixels"),
    ],
)
def test_decode_refuses(data, code):
    with pytest.raises(PictureError) as refusal:
        decode(data)
    assert refusal.value.code == code
    assert str(refusal.value)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_decode_refuses_a_cut_off_picture(kind, share):
    noise = np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)
    data = _saved(Image.fromarray(noise), kind)
    with pytest.raises(PictureError):
        decode(data[: int(len(data) * share)])
