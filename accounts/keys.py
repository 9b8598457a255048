"""Keys by which other systems sign in: random, shown once, kept as a hash."""

import hashlib
import hmac
import secrets

from accounts.models import ApiKey, User


def new_key() -> str:
    """A fresh random key."""
    return secrets.token_urlsafe(32)


def prefix_of(key: str) -> str:
    """What a key is looked up by; it gives nothing of the rest away."""
    return key[:8]


def hash_of(key: str) -> str:
    """What is kept of a key: SHA-256, as hexadecimal digits."""
    return hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()


def fits(key: str, kept: str) -> bool:
    """Whether this hash was kept of the key, compared in constant time; `kept` is empty where none was found."""
    return hmac.compare_digest(kept or hash_of(""), hash_of(key))


def issue(user: User, *, name: str) -> str:
    """Give the account a further key for the system of this name and return it; it is shown this once."""
    key = new_key()
    ApiKey.objects.create(user=user, name=name, prefix=prefix_of(key), hash=hash_of(key))
    return key


def account_with(key: str) -> User | None:
    """The active account that holds this key, unless it was revoked; compared in constant time."""
    held = (
        ApiKey.objects.select_related("user")
        .filter(prefix=prefix_of(key), revoked_at__isnull=True, user__is_active=True)
        .first()
    )
    return held.user if fits(key, held.hash if held else "") and held else None
