"""`manage.py read_plates FILE ...`: one JSON line a picture."""

import json
import sys
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser

from anpr.decode import PictureError
from anpr.pipeline import Engine, default_engine
from anpr.types import PlateRead


class Command(BaseCommand):
    help = "Read the number plates in pictures; prints one JSON line a picture. Needs no database."
    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)

        def wrong_usage(message: str) -> None:
            sys.stderr.write(f"{subcommand}: {message}\n")
            sys.exit(2)

        parser.error = wrong_usage
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="a picture: JPEG, PNG, WebP, BMP, GIF, TIFF")

    def handle(self, *args, files: list[str], **options) -> None:
        engine = default_engine()
        escape = "utf" not in (getattr(self.stdout, "encoding", None) or "utf-8").lower()
        failed = False
        for file in files:
            line = read_file(engine, file)
            failed = failed or "error" in line
            self.stdout.write(json.dumps(line, ensure_ascii=escape))
            self.stdout.flush()
        if failed:
            sys.exit(1)


def read_file(engine: Engine, file: str) -> dict:
    """The line for one file: its plates and the milliseconds from its bytes to text, or what is wrong with it."""
    try:
        data = Path(file).read_bytes()
        start = time.perf_counter()
        plates = engine.read(data)
    except OSError as error:
        return {"file": file, "ms": 0.0, "plates": [], "error": error.strerror or "the file cannot be read"}
    except PictureError as error:
        return {"file": file, "ms": 0.0, "plates": [], "error": str(error)}
    ms = round((time.perf_counter() - start) * 1000, 1)
    return {"file": file, "ms": ms, "plates": [as_json(plate) for plate in plates]}


def as_json(plate: PlateRead) -> dict:
    """A plate in the words of the interface."""
    return {
        "text": plate.text,
        "country": plate.country,
        "lines": plate.lines,
        "colour": plate.colour,
        "known_form": plate.known_form,
        "confidence": round(plate.confidence, 4),
        "corners": [[round(x, 1), round(y, 1)] for x, y in plate.corners],
    }
