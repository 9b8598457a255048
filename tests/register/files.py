"""Files as people hand them in, good and bad."""

import io
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def picture(size: tuple[int, int] = (60, 40), *, kind: str = "JPEG", exif: bool = False) -> bytes:
    image = Image.new("RGB", size, "navy")
    tags = image.getexif()
    if exif:
        tags[0x010F] = "Hãng máy ảnh"
        tags[0x0112] = 6
    kept = io.BytesIO()
    image.save(kept, kind, exif=tags)
    return kept.getvalue()


def bomb() -> bytes:
    """A PNG of a few kilobytes that says it is 30,000 pixels a side."""
    data = bytearray(picture(kind="PNG"))
    header = data[12:29]
    header[4:12] = (30_000).to_bytes(4, "big") * 2
    data[12:29] = header
    data[29:33] = zlib.crc32(bytes(header)).to_bytes(4, "big")
    return bytes(data)


def upload(data: bytes, name: str = "giay.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)
