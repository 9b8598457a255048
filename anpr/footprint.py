"""What one worker takes: `python -m anpr.footprint FILE ...` reads the pictures once in a fresh process.

Prints "ready" when the engine is warm, then one JSON line with its memory in MiB.
"""

import json
import sys
from pathlib import Path

from anpr.pipeline import default_engine


def main() -> None:
    engine = default_engine()
    engine.warm_up()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for file in sys.argv[1:]:
        engine.read(Path(file).read_bytes())
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    sys.stdout.write(json.dumps({name: round(int(status[name].split()[0]) / 1024) for name in ("VmRSS", "VmHWM")}))


if __name__ == "__main__":
    main()
