"""An edge camera in software: posts frames as the real ones do. Needs no Django."""

import time
import uuid
from datetime import datetime
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

TIMEOUT_SECONDS = 15
PAUSES = (0.2, 1.0, 3.0, 6.0)
"""Seconds before each further try; the same event is sent under the same key, so it counts once."""


class NotTaken(Exception):
    """The platform refused the event for good, or could not be reached in time; the message says why."""


def post_frame(url: str, key: str, jpeg: bytes, taken_at: datetime, idempotency_key: str, plate: str = "") -> str:
    """Post one frame to the platform at `url` and return the address of its reading.

    Tries again where the line or the server failed. Raises `NotTaken`.
    """
    fields = {"taken_at": taken_at.isoformat()} | ({"plate": plate} if plate else {})
    body, content_type = multipart(fields, jpeg)
    headers = {"Authorization": f"Camera {key}", "Idempotency-Key": idempotency_key, "Content-Type": content_type}
    address = f"{url.rstrip('/')}/api/v1/camera-events/"
    for pause in (*PAUSES, None):
        try:
            with urlopen(Request(address, data=body, headers=headers), timeout=TIMEOUT_SECONDS) as answer:
                return answer.headers["Location"]
        except HTTPError as error:
            why = f"{error.code} {error.read(500).decode(errors='replace')}"
            if error.code < 500 and error.code not in (408, 429):
                raise NotTaken(why) from error
        except (URLError, HTTPException, OSError) as error:
            why = str(error)
        if pause is None:
            raise NotTaken(why)
        time.sleep(pause)
    raise AssertionError


def multipart(fields: dict[str, str], jpeg: bytes) -> tuple[bytes, str]:
    """The fields and the picture as a multipart body, and its content type."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    picture = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="frame.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    ).encode()
    return b"".join(
        [*parts, picture, jpeg, f"\r\n--{boundary}--\r\n".encode()]
    ), f"multipart/form-data; boundary={boundary}"
