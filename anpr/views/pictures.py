"""Frames and plates cut out of them, only for who may see the reading; never by an address that can be guessed."""

import cv2
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from anpr.decode import PictureError, decode
from anpr.models import Reading
from anpr.rectify import rectify

KINDS = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
MARGIN = 0.12
PRIVATE = {"private": True, "max_age": 24 * 60 * 60, "immutable": True}


@require_safe
@login_required
@cache_control(**PRIVATE)
def frame(request: HttpRequest, pk: int) -> HttpResponse:
    """The frame as the camera sent it."""
    reading = _reading(request, pk)
    return HttpResponse(_bytes(reading), content_type=KINDS[reading.image.name.rpartition(".")[2]])


@require_safe
@login_required
@cache_control(**PRIVATE)
def crop(request: HttpRequest, pk: int) -> HttpResponse:
    """The chosen plate, cut out and straightened."""
    reading = _reading(request, pk)
    if not reading.corners:
        raise Http404
    try:
        pixels = decode(_bytes(reading))
    except PictureError as error:
        raise Http404 from error
    plate = rectify(pixels, reading.corners, MARGIN)
    _done, jpeg = cv2.imencode(".jpg", plate[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])
    return HttpResponse(jpeg.tobytes(), content_type="image/jpeg")


def _reading(request: HttpRequest, pk: int) -> Reading:
    return get_object_or_404(Reading.objects.visible_to(request.user), pk=pk)


def _bytes(reading: Reading) -> bytes:
    if not reading.image:
        raise Http404
    try:
        with reading.image.open("rb") as file:
            return file.read()
    except FileNotFoundError as error:
        raise Http404 from error
