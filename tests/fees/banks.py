"""A bank account of the fee centre, and what stands in the QR codes of pages."""

import re
from base64 import b64decode
from collections.abc import Iterable
from urllib.parse import unquote
from xml.etree import ElementTree

import cv2
import numpy as np

from fees.models import BankAccount
from fees.payments.vietqr import Transfer, decode


def make_account(gate=None, number: str = "1023020330000") -> BankAccount:
    return BankAccount.objects.create(
        gate=gate, bank="970436", number=number, holder="TT KHAI THAC HA TANG KKT CAO BANG"
    )


def transfer_on(html: str) -> Transfer:
    """What a camera reads in the QR picture of a page: the SVG drawn as pixels, decoded by OpenCV."""
    uri = re.search(r'src="(data:image/svg\+xml[^"]+)"', html)[1]
    head, _comma, body = uri.partition(",")
    svg = b64decode(body).decode() if head.endswith("base64") else unquote(body).replace("&#x27;", "'")
    return read_off(drawn(svg, scale) for scale in (4, 3, 6, 8, 5))


def read_off(pictures: Iterable[np.ndarray]) -> Transfer:
    """What a phone reads off a code, held nearer and farther until it does: each code is another picture.

    OpenCV's plain detector cannot read one sharp code in thirty at all.
    """
    readings = (cv2.QRCodeDetectorAruco().detectAndDecode(picture)[0] for picture in pictures)
    return decode(next(filter(None, readings), ""))


def drawn(svg: str, scale: int = 4) -> np.ndarray:
    """The picture that segno writes, as pixels: one path of horizontal strokes, on white."""
    path = next(node for node in ElementTree.fromstring(svg).iter() if node.tag.endswith("path"))
    size = 177
    canvas = np.full((size * scale, size * scale), 255, np.uint8)
    x = y = 0.0
    for letter, numbers in re.findall(r"([MmhH])\s*([-\d. ,]*)", path.get("d")):
        values = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if letter == "M":
            x, y = values
        elif letter == "m":
            x, y = x + values[0], y + values[1]
        else:
            to = x + values[0] if letter == "h" else values[0]
            top = int(y - 0.5) * scale
            canvas[top : top + scale, int(x) * scale : int(to) * scale] = 0
            x = to
    filled = np.argwhere(canvas == 0).max() + 4 * scale
    return canvas[:filled, :filled]
