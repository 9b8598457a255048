"""Message catalogues: compiled by polib, so that gettext need not be installed; checked for what they lack.

The Vietnamese sentence is the message id, so Vietnamese is complete by itself.
"""

from collections.abc import Iterator
from pathlib import Path

import polib

BASE_DIR = Path(__file__).resolve().parent.parent


def catalogues(root: Path = BASE_DIR / "locale") -> list[Path]:
    return sorted(root.glob("*/LC_MESSAGES/*.po"))


def compile_catalogues(root: Path = BASE_DIR / "locale") -> Iterator[Path]:
    """Compile each `.po` that is newer than its `.mo`; yield those that were."""
    for source in catalogues(root):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns:
            new = target.with_suffix(".new")
            polib.pofile(str(source)).save_as_mofile(str(new))
            new.replace(target)
            yield target
