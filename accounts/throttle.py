"""Wrong passwords are counted by name and address, so that guessing is slow; the counts lie in Redis and pass away."""

import logging
from hashlib import sha256

import redis
from django.conf import settings

MOST = 5
MOST_OF_ADDRESS = 50
WINDOW_SECONDS = 15 * 60

log = logging.getLogger(__name__)


def seconds_to_wait(username: str, address: str) -> int:
    """How long until this person at this address may try again; 0 when now. Without Redis nobody waits."""
    try:
        with _client() as client:
            counts = [(key, most, client.get(key)) for key, most in _keys(username, address)]
            over = [key for key, most, count in counts if int(count or 0) >= most]
            return max((max(client.ttl(key), 1) for key in over), default=0)
    except redis.RedisError:
        log.warning("the throttle of passwords is off: Redis does not answer")
        return 0


def count_failure(username: str, address: str) -> None:
    try:
        with _client() as client, client.pipeline() as pipe:
            for key, _most in _keys(username, address):
                pipe.incr(key)
                pipe.expire(key, WINDOW_SECONDS, nx=True)
            pipe.execute()
    except redis.RedisError:
        pass


def forget(username: str, address: str) -> None:
    """The right password was given: this name starts anew at this address."""
    try:
        with _client() as client:
            client.delete(_keys(username, address)[0][0])
    except redis.RedisError:
        pass


def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)


def _keys(username: str, address: str) -> tuple[tuple[str, int], tuple[str, int]]:
    """The keys with how many failures each allows; hashed, for a name typed in the wrong field may be a password."""
    person = sha256(f"{username.casefold()}|{address}".encode()).hexdigest()[:32]
    return (f"sign-in:{person}", MOST), (f"sign-in:from:{sha256(address.encode()).hexdigest()[:32]}", MOST_OF_ADDRESS)
