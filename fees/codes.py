"""Payment codes: short, unguessable, with a check character, so that a bank's free text finds its bill."""

import re
import secrets

PREFIX = "CKS"
# Crockford's 32 characters: nothing that is read as another one.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8

_VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FORM = re.compile(rf"{PREFIX}([{_VALUES}]{{{LENGTH + 1}}})")
_MISREAD = str.maketrans("OIL", "011")


def new_code() -> str:
    """A code as `CKS` + 8 characters (40 random bits) + 1 check character."""
    body = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
    return f"{PREFIX}{body}{check_character(body)}"


def check_character(body: str) -> str:
    """ISO 7064 MOD 37,36: finds every single wrong character and every two neighbours exchanged."""
    rest = 36
    for sign in body:
        total = (rest + _VALUES.index(sign)) % 36 or 36
        rest = total * 2 % 37
    return _VALUES[(37 - rest) % 36]


def find_code(text: str) -> str | None:
    """The payment code in a free text, whatever the case, the spaces and what a bank puts around it; else None."""
    letters = re.sub(r"[^0-9A-Z]", "", text.upper())
    # From the right: a prefix written twice may by chance make a code that begins with the first of them.
    for start in reversed([found.start() for found in re.finditer(PREFIX, letters)]):
        match = _FORM.match(letters, start)
        if match is None:
            continue
        body, check = match[1][:-1].translate(_MISREAD), match[1][-1]
        if check_character(body) == check:
            return f"{PREFIX}{body}{check}"
    return None
