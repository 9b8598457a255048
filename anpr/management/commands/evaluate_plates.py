"""`manage.py evaluate_plates DIR`: how well plates are read on labelled photos."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from anpr.evaluation import evaluate, rendered_table, table
from anpr.pipeline import Engine


class Command(BaseCommand):
    help = "Read the photos of a folder with a labels.csv and print one table: found, exactly right, milliseconds."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", type=Path, metavar="DIR", help="holds labels.csv: file, nation, plate, lines, colour"
        )
        parser.add_argument("--wrong", action="store_true", help="list the plates not read exactly as well")
        parser.add_argument("--rendered", type=int, default=0, metavar="N", help="count plates found in N scenes, too")

    def handle(self, *args, folder: Path, wrong: bool, rendered: int, **options) -> None:
        if not (folder / "labels.csv").is_file():
            raise CommandError(f"{folder}/labels.csv does not exist", returncode=2)
        engine = Engine()
        outcomes = evaluate(folder, engine)
        self.stdout.write(table(outcomes))
        if wrong:
            for outcome in outcomes:
                if not outcome.right:
                    read = f"{outcome.read.text} ({outcome.read.confidence:.2f})" if outcome.read else "not found"
                    self.stdout.write(f"{outcome.file}: {outcome.truth}, read {read}")
        if rendered:
            self.stdout.write("\n" + rendered_table(engine.detector, rendered))
