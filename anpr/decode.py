"""From a file's bytes to pixels. Refuses what is no picture, or too much of one, before it costs memory."""

import io

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 20 * 1024 * 1024
MAX_SIDE = 10_000
MAX_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")


class PictureError(ValueError):
    """The bytes cannot be used as a picture. `code` is empty, too_big, not_a_picture, too_many_pixels or broken."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


def decode(data: bytes) -> np.ndarray:
    """The upright picture as an RGB array, the first frame of an animated one. Raises `PictureError`."""
    if not data:
        raise PictureError("empty", "the file is empty")
    if len(data) > MAX_BYTES:
        raise PictureError("too_big", f"the file has {len(data) / 1048576:.0f} MB, at most {MAX_BYTES >> 20} are read")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(*image.size)
            if image.format in {"JPEG", "MPO"} and image.mode in {"RGB", "L"} and _ends(data):
                return _fast(data)
            return _careful(image)
    except PictureError:
        raise
    except UnidentifiedImageError as error:
        raise PictureError("not_a_picture", "the file is not a picture") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError("too_many_pixels", "the picture has too many pixels to be read") from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, cv2.error) as error:
        raise PictureError("broken", f"the picture is damaged or cut off ({error})") from error


def _check_size(width: int, height: int) -> None:
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise PictureError("too_many_pixels", f"the picture has {width} x {height} pixels, too many to be read")


def _ends(data: bytes) -> bool:
    """Whether a JPEG's end mark is there; some cameras write a little behind it."""
    return b"\xff\xd9" in data[-4096:]


def _fast(data: bytes) -> np.ndarray:
    """OpenCV decodes a plain JPEG twice as fast, and turns it upright itself."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    if picture is None:
        raise PictureError("broken", "the picture is damaged or cut off")
    return picture


def _careful(image: Image.Image) -> np.ndarray:
    """Everything else through Pillow: CMYK, palettes, transparency, 16 bits a pixel, animations, cut-off files."""
    image.seek(0)
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I") or image.mode == "F":
        levels = np.asarray(image).astype(np.float32)
        # 16-bit values are kept in wider words; what fits 8 bits already is left alone
        levels = levels / 257 if levels.max(initial=0) > 255 else levels
        return np.repeat(np.clip(levels, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    return np.array(image.convert("RGB"))
