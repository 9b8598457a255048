"""Keys by which other systems sign in: random, shown once, kept as a hash."""

import hashlib
import hmac
import secrets

from accounts.models import ApiKey, User


def issue(user: User, *, name: str) -> str:
    """Give the account a further key for the system of this name and return it; it is shown this once."""
    key = secrets.token_urlsafe(32)
    ApiKey.objects.create(user=user, name=name, prefix=key[:8], hash=_hash(key))
    return key


def account_with(key: str) -> User | None:
    """The active account that holds this key, unless it was revoked; compared in constant time."""
    held = (
        ApiKey.objects.select_related("user")
        .filter(prefix=key[:8], revoked_at__isnull=True, user__is_active=True)
        .first()
    )
    matches = hmac.compare_digest(held.hash if held else _hash(""), _hash(key))
    return held.user if held and matches else None


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()
