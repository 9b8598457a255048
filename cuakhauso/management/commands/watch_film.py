import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, call_command

from cuakhauso.simulation.watched import watch_film


class Command(BaseCommand):
    help = (
        "Films rendered trucks that pass a camera, watches the film in a throw-away database, and tells how many "
        "passages came of it; exit 1 unless each truck made exactly one."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--passages", type=int, default=30)
        parser.add_argument("--minutes", type=float, default=10)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--here", action="store_true", help="in the database of this VAR_DIR, which must be empty")

    def handle(self, *args, passages: int, minutes: float, seed: int, here: bool, **options) -> None:
        if not here:
            sys.exit(_elsewhere(["--passages", str(passages), "--minutes", str(minutes), "--seed", str(seed)]))
        call_command("migrate", verbosity=0)
        with tempfile.TemporaryDirectory() as folder:
            outcome = watch_film(passages=passages, minutes=minutes, number=seed, folder=Path(folder))
        row = asdict(outcome) | {
            "seconds_filming": round(outcome.seconds_filming, 1),
            "seconds_watching": round(outcome.seconds_watching, 1),
        }
        self.stdout.write(json.dumps(row, ensure_ascii=False))
        if not outcome.is_right:
            sys.exit(1)


def _elsewhere(arguments: list[str]) -> int:
    """Run the command with servers and files of its own, which go with it."""
    with tempfile.TemporaryDirectory(prefix="cuakhauso-film-") as var:
        environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")}
        environment |= {"VAR_DIR": var, "DEMO": "1", "HTTPS": "off", "LOG_LEVEL": "WARNING"}
        command = [sys.executable, "manage.py", "watch_film", "--here", *arguments]
        return subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=False).returncode
