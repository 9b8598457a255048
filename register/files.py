"""Files that people hand in: told by their content, not their name, and written anew where they are pictures.

A picture keeps its pixels and nothing else: where and by which telephone it was taken is no business of the gate.
"""

import io

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

PICTURES = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 60_000_000
MOST_SIDE = 12_000
KEPT_SIDE = 2400
QUALITY = 82


def cleaned_file(upload: UploadedFile) -> ContentFile:
    """The file as it is kept, named by what it is (`x.jpg`, `x.pdf`); raises `ValidationError` in words."""
    if not upload.size:
        raise ValidationError(_("Tệp trống."), code="empty")
    if upload.size > settings.PAPER_MAX_BYTES:
        most = settings.PAPER_MAX_BYTES // 1024**2
        raise ValidationError(_("Tệp quá lớn: nhiều nhất %(size)s MB.") % {"size": most}, code="too_big")
    upload.seek(0)
    data = upload.read()
    if data.startswith(b"%PDF-"):
        return ContentFile(_pdf(data), name="x.pdf")
    return ContentFile(_picture(data), name="x.jpg")


def _pdf(data: bytes) -> bytes:
    if b"%%EOF" not in data[-2048:]:
        raise ValidationError(_("Tệp PDF bị hỏng hoặc chưa tải lên hết."), code="broken")
    return data


def _picture(data: bytes) -> bytes:
    """The upright picture as a plain JPEG of at most `KEPT_SIDE` pixels a side."""
    try:
        with Image.open(io.BytesIO(data), formats=PICTURES) as image:
            if max(image.size) > MOST_SIDE or image.width * image.height > MOST_PIXELS:
                raise ValidationError(_("Ảnh quá lớn; hãy chụp lại với độ phân giải thấp hơn."), code="too_many_pixels")
            image.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((KEPT_SIDE, KEPT_SIDE))
            plain = Image.new("RGB", upright.size, "white")
            plain.paste(upright.convert("RGBA"), mask=upright.convert("RGBA").getchannel("A"))
    except UnidentifiedImageError as error:
        raise ValidationError(_("Chỉ nhận ảnh (JPEG, PNG, WebP) hoặc PDF."), code="not_a_picture") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(
            _("Ảnh quá lớn; hãy chụp lại với độ phân giải thấp hơn."), code="too_many_pixels"
        ) from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise ValidationError(_("Ảnh bị hỏng hoặc chưa tải lên hết."), code="broken") from error
    kept = io.BytesIO()
    plain.save(kept, "JPEG", quality=QUALITY, optimize=True)
    return kept.getvalue()
