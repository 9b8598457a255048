"""`manage.py evaluate_plates DIR`: how well, how surely and how fast plates are read on labelled photos."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from anpr.evaluation import compare, engine_reads, labels, peer_reads, reliability, rendered_table, table, write_frames
from anpr.pipeline import Engine

PEERS = {"rapidocr": "anpr.training.peers"}


class Command(BaseCommand):
    help = "Read the photos of a folder with a labels.csv; print which plates were found and right, and milliseconds."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="holds the photos and the table of their plates")
        parser.add_argument(
            "--labels",
            default="labels.csv",
            metavar="FILE",
            help="the table in DIR: file, nation, plate, lines, colour",
        )
        parser.add_argument("--peer", choices=PEERS, help="another engine, on the same pictures in the same run")
        parser.add_argument(
            "--peer-python",
            type=Path,
            default=settings.BASE_DIR / ".venv-train" / "bin" / "python",
            help="the interpreter of the environment that holds the peer",
        )
        parser.add_argument("--frame", type=_size, metavar="WxH", help="place each scene in a frame, 1920x1080 say")
        parser.add_argument("--threads", type=int, default=2, help="threads one reading uses, ours and the peer's")
        parser.add_argument("--wrong", action="store_true", help="list the plates not read exactly as well")
        parser.add_argument("--rendered", type=int, default=0, metavar="N", help="count plates found in N scenes, too")
        parser.add_argument("--worker", action="store_true", help="tell a fresh worker's memory and time to be ready")

    def handle(self, *args, folder: Path, peer: str | None, frame: tuple[int, int] | None, **options) -> None:
        table_of_plates = folder / options["labels"]
        if not table_of_plates.is_file():
            raise CommandError(f"{table_of_plates} does not exist", returncode=2)
        if peer and not options["peer_python"].is_file():
            raise CommandError(f"{options['peer_python']} does not exist; it is to hold {peer}", returncode=2)
        rows = labels(table_of_plates)
        files = sorted({row["file"] for row in rows})
        with tempfile.TemporaryDirectory() as scratch:
            if frame:
                write_frames(folder, files, Path(scratch), frame)
                folder = Path(scratch)
            engine = Engine(threads=options["threads"])
            outcomes = compare(rows, engine_reads(folder, files, engine))
            theirs = None
            if peer:
                module, threads = PEERS[peer], options["threads"]
                theirs = compare(rows, peer_reads(folder, files, options["peer_python"], module, threads=threads))
            self.stdout.write(table(outcomes, theirs, peer_name=peer or ""))
            self.stdout.write("\n" + reliability(outcomes))
            if options["wrong"]:
                self._write_wrong(outcomes)
            if options["rendered"]:
                self.stdout.write("\n" + rendered_table(engine.detector, options["rendered"]))
            if options["worker"]:
                self.stdout.write("\n" + worker_figures([folder / file for file in files], options["threads"]))

    def _write_wrong(self, outcomes) -> None:
        self.stdout.write("")
        for outcome in outcomes:
            if not outcome.right:
                read = f"{outcome.read[0]} ({outcome.read[1]:.2f})" if outcome.read else "not found"
                self.stdout.write(f"{outcome.file}: {outcome.truth}, read {read}")


def worker_figures(files: list[Path], threads: int) -> str:
    """How soon a fresh process reads, and the memory it has held after the files."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "anpr.footprint", *map(str, files)]
    environment = os.environ | {"ANPR_THREADS": str(threads)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR, env=environment) as worker:
        worker.stdout.readline()
        ready = time.perf_counter() - start
        memory = json.loads(worker.stdout.readline())
    return f"A worker is ready in {ready:.1f} s and holds {memory['VmRSS']} MiB, {memory['VmHWM']} MiB at most."


def _size(text: str) -> tuple[int, int]:
    width, height = text.lower().split("x")
    return int(width), int(height)
