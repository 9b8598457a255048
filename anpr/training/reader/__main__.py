"""From photos to serving weights: `python -m anpr.training.reader --plates ../shared/plates/train --work var/reader`.

Runs, one after the other: `pool` draws the lessons, `teach` labels the motorbike plates, `train` learns, `export`
makes the serving weights, `calibrate` their confidence, `confusions` measures what they mistake. A run that broke off
goes on where it stopped when the command is given again.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from anpr.reader import WEIGHTS


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m anpr.training.reader", description=__doc__)
    options.add_argument("--plates", type=Path, required=True)
    options.add_argument("--work", type=Path, default=Path("var/reader"))
    options.add_argument("--out", type=Path, default=WEIGHTS)
    options.add_argument("--steps", type=int, default=12000)
    chosen = options.parse_args()
    place = ["--plates", chosen.plates, "--work", chosen.work]
    taught = chosen.work / "taught.csv"
    _run("pool", *place)
    if not taught.exists():
        _run("teach", "--plates", chosen.plates, "--out", taught)
    _run("train", *place, "--steps", chosen.steps)
    _run("export", "--work", chosen.work, "--out", chosen.out)
    _run("calibrate", *place, "--weights", chosen.out)
    _run("confusions", *place, "--weights", chosen.out, "--out", chosen.out.with_name("confusions.json"))


def _run(step: str, *options) -> None:
    subprocess.run([sys.executable, "-m", f"anpr.training.reader.{step}", *map(str, options)], check=True)


if __name__ == "__main__":
    main()
