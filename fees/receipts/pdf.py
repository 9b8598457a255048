"""The receipt on paper: typst, with the fonts beside this module and none of the system's."""

import io
import json
from pathlib import Path

import segno
import typst

HERE = Path(__file__).parent


def receipt_pdf(content: dict, *, address: str, cancelled: str = "") -> bytes:
    """The PDF of a receipt's content; the same content makes the same document.

    `address` is where it is looked up, in the QR code; `cancelled` stands across it where it no longer counts.
    """
    qr = io.BytesIO()
    segno.make(address, error="m").save(qr, kind="svg", border=0)
    data = content | {"address": address, "cancelled": cancelled, "qr": qr.getvalue().decode()}
    return typst.compile(
        HERE / "receipt.typ",
        root=HERE,
        font_paths=[HERE / "fonts"],
        ignore_system_fonts=True,
        sys_inputs={"receipt": json.dumps(data)},
    )
