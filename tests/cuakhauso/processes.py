"""Which processes live, seen from outside."""

import os
import time
from pathlib import Path


def of(var_dir: Path) -> dict[int, str]:
    """The command lines of all living processes that were started for `var_dir`, by process id.

    The servers write their titles over their environment; their titles name the place too.
    """
    wanted = f"VAR_DIR={var_dir}".encode()
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            environment = (process / "environ").read_bytes().split(b"\0")
            if str(var_dir) in command or wanted in environment:
                found[int(process.name)] = command
        except OSError:
            continue
    return {pid: command for pid, command in found.items() if command and pid != os.getpid()}


def gone(var_dir: Path, seconds: float = 15) -> dict[int, str]:
    """Wait until none of `var_dir` is left, at most `seconds`; return those that are."""
    deadline = time.monotonic() + seconds
    while (left := of(var_dir)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left
