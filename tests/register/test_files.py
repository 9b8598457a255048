import io

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from register.files import cleaned_file
from tests.register.files import PDF, bomb, picture, upload


def test_a_picture_is_written_anew_upright_and_without_its_tags():
    kept = cleaned_file(upload(picture((60, 40), exif=True)))

    with Image.open(io.BytesIO(kept.read())) as image:
        assert (image.format, image.size) == ("JPEG", (40, 60))
        assert not image.getexif()
    assert kept.name == "x.jpg"


def test_what_it_is_tells_its_content_not_its_name():
    assert cleaned_file(upload(PDF, "giay.jpg")).name == "x.pdf"
    assert cleaned_file(upload(picture(kind="PNG"), "giay.pdf")).name == "x.jpg"


def test_a_large_photograph_is_made_smaller():
    kept = cleaned_file(upload(picture((5000, 2500))))

    with Image.open(io.BytesIO(kept.read())) as image:
        assert image.size == (2400, 1200)


def test_transparency_becomes_white():
    kept = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(kept, "PNG")

    with Image.open(io.BytesIO(cleaned_file(upload(kept.getvalue())).read())) as image:
        assert image.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"MZ\x90\x00 not a paper", "not_a_picture"),
        (b"<script>alert(1)</script>", "not_a_picture"),
        (b"%PDF-1.4 cut off", "broken"),
        (picture((600, 400))[:400], "broken"),
        (bomb(), "too_many_pixels"),
    ],
)
def test_what_is_no_paper_is_refused_in_words(data, code):
    with pytest.raises(ValidationError) as refused:
        cleaned_file(upload(data, "giay.pdf"))

    assert refused.value.code == code
    assert refused.value.messages[0]


def test_a_huge_file_is_refused_before_it_is_read(settings):
    settings.PAPER_MAX_BYTES = 1000

    with pytest.raises(ValidationError, match="Tệp quá lớn") as refused:
        cleaned_file(upload(b"%PDF-" + bytes(2000)))
    assert refused.value.code == "too_big"
