"""`manage.py simulate_traffic`: keeps trucks arriving in the running demo; `make demo` starts it."""

import json
import os

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cuakhauso.simulation.traffic import Traffic


class Command(BaseCommand):
    help = "Keeps made-up trucks driving through the running demo until it is stopped; needs DEMO=1."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--url", default=os.environ.get("DEMO_URL", "http://127.0.0.1:8000"))
        parser.add_argument("--seed", type=int, help="the same seed makes the same trucks again")

    def handle(self, *args, url: str, seed: int | None, **options) -> None:
        if not settings.DEMO:
            raise CommandError("made-up trucks drive only under DEMO=1", returncode=2)
        keys = json.loads((settings.VAR_DIR / "demo_cameras.json").read_text())
        Traffic(url=url, keys=keys, seed=seed if seed is not None else int.from_bytes(os.urandom(4))).run()
