"""The province's provider of electronic receipts, behind a small interface; the demo has one that accepts at once."""

import json
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Protocol
from urllib.parse import quote
from urllib.request import Request, urlopen

from django.conf import settings

SENT, ISSUED, REFUSED = "sent", "issued", "refused"
MOST_ANSWER_BYTES = 64 * 1024


class NoAnswer(Exception):
    """The provider did not answer, or not in its own words: to be tried again."""


@dataclass(frozen=True)
class Answer:
    """Where the receipt stands there: `sent`, `issued` or `refused`, its reference, and why."""

    state: str
    reference: str = ""
    message: str = ""


class ReceiptProvider(Protocol):
    def send(self, code: str, xml: bytes) -> Answer:
        """Hand in one receipt; the same `code` again is the same receipt. Raises `NoAnswer`."""

    def ask(self, code: str, reference: str) -> Answer:
        """Where a receipt stands that was handed in. Raises `NoAnswer`."""


@dataclass(frozen=True)
class HttpProvider:
    """Posts the XML to `url` and asks `url/REFERENCE`; answers are JSON with state, reference and message."""

    url: str
    token: str = field(repr=False)
    timeout: float = 20

    def send(self, code: str, xml: bytes) -> Answer:
        headers = {"Content-Type": "application/xml", "Idempotency-Key": code}
        return self._call(Request(self.url, xml, headers))

    def ask(self, code: str, reference: str) -> Answer:
        return self._call(Request(f"{self.url.rstrip('/')}/{quote(reference, safe='')}"))

    def _call(self, request: Request) -> Answer:
        request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urlopen(request, timeout=self.timeout) as response:
                told = json.loads(response.read(MOST_ANSWER_BYTES))
            answer = Answer(
                str(told["state"]), str(told.get("reference", ""))[:100], str(told.get("message", ""))[:500]
            )
        except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError) as error:
            raise NoAnswer(type(error).__name__) from error
        if answer.state not in (SENT, ISSUED, REFUSED):
            raise NoAnswer("unknown state")
        return answer


class StubProvider:
    """Accepts whatever it gets, as the demo needs it."""

    def send(self, code: str, xml: bytes) -> Answer:
        return Answer(ISSUED, f"DEMO-{code}")

    def ask(self, code: str, reference: str) -> Answer:
        return Answer(ISSUED, reference)


def receipt_provider() -> ReceiptProvider | None:
    """The provider that the environment names; the stub in the demo; else none, and receipts stay our own."""
    if settings.RECEIPT_PROVIDER["url"]:
        return HttpProvider(**settings.RECEIPT_PROVIDER)
    return StubProvider() if settings.DEMO else None
