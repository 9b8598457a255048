"""A picture tried on the reading engine, without being kept: handed to a worker through Redis, answered there.

The worker reads it, not the web process, which stays small and never loads the networks; what is seen is what a
camera's frame would meet, with the same timing. Picture and answer vanish by themselves within seconds.
"""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from types import SimpleNamespace

import redis

from anpr.types import PlateRead

ANSWER_SECONDS = 20
"""How long picture and answer are kept, and the longest a person waits."""

FAINTEST = 0.05
"""Under this confidence a plate is a scrap, a shadow or a piece of a sticker, and would only puzzle who looks."""


@dataclass(frozen=True)
class Trial:
    """What the engine made of a picture: its plates, the time it took, and a smaller copy to show them on.

    Corners are pixels of the copy; `picture` is that as base64 of a JPEG. With an `error` there is nothing else.
    """

    plates: list[dict] = field(default_factory=list)
    width: int = 0
    height: int = 0
    picture: str = ""
    milliseconds: float = 0
    error: str = ""

    @classmethod
    def of(
        cls, plates: Sequence[PlateRead], scale: float, width: int, height: int, picture: str, milliseconds: float
    ) -> "Trial":
        rows = [asdict(plate) for plate in plates if plate.confidence >= FAINTEST]
        for row in rows:
            row["corners"] = [[x * scale, y * scale] for x, y in row["corners"]]
        return cls(rows, width, height, picture, milliseconds)

    def as_json(self) -> dict:
        return asdict(self)

    @property
    def address(self) -> str:
        """The smaller copy as an address that carries it."""
        return f"data:image/jpeg;base64,{self.picture}"

    @property
    def boxes(self) -> list[list[list[float]]]:
        return [plate["corners"] for plate in self.plates]

    @property
    def seen(self) -> list[SimpleNamespace]:
        """The plates as matching takes them."""
        return [SimpleNamespace(**plate) for plate in self.plates]


class NoAnswer(Exception):
    """No worker answered in time."""


def try_picture(picture: bytes, *, redis_url: str, queue: Callable[[str], object]) -> Trial:
    """Hand the picture to a worker and wait for what it read. Raises `NoAnswer`."""
    token = secrets.token_urlsafe(24)
    try:
        with redis.Redis.from_url(redis_url, socket_connect_timeout=2) as client:
            client.set(picture_name(token), picture, ex=ANSWER_SECONDS)
            queue(token)
            answer = client.blpop([answer_name(token)], timeout=ANSWER_SECONDS)
    except (OSError, redis.RedisError) as error:
        raise NoAnswer from error
    if answer is None:
        raise NoAnswer
    return Trial(**json.loads(answer[1]))


def picture_name(token: str) -> str:
    return f"anpr:trial:{token}"


def answer_name(token: str) -> str:
    return f"anpr:trial:{token}:answer"
