import os
import platform
from collections.abc import Iterable

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.utils import timezone

from cuakhauso.simulation.bench import FEW, MANY, Row, measure


class Command(BaseCommand):
    help = "Measure reading, moves and pages on this machine; `make bench` gives it a database of its own."

    def handle(self, *args, **options) -> None:
        if not settings.DEMO:
            raise CommandError("bench fills the database with made-up trucks: it runs only under DEMO=1", returncode=2)
        settings.ALLOWED_HOSTS.append("testserver")
        call_command("migrate", verbosity=0)
        table = _table(list(measure()))
        path = settings.BASE_DIR / "docs" / "benchmarks" / "latest.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(table)
        self.stdout.write(table)


def _table(rows: list[Row]) -> str:
    lines = [
        "# What it takes",
        "",
        f"`make bench` on {timezone.localdate():%d/%m/%Y}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        "embedded PostgreSQL; one process, nothing else running is assumed.",
        "",
        "| | median ms | 95 % under ms | queries |",
        "|---|---:|---:|---:|",
        *(f"| {row.name} | {row.median_ms:.1f} | {row.tail_ms:.1f} | {_count(row.queries)} |" for row in rows),
        "",
        f"## The same page before {MANY} vehicles and before {FEW}",
        "",
        "| | ratio |",
        "|---|---:|",
        *(f"| {name} | {ratio:.1f} |" for name, ratio in _ratios(rows)),
        "",
    ]
    return "\n".join(lines)


def _count(queries: int | None) -> str:
    return "" if queries is None else str(queries)


def _ratios(rows: list[Row]) -> Iterable[tuple[str, float]]:
    by_name = {row.name: row.median_ms for row in rows}
    for name, few in by_name.items():
        many = by_name.get(name.replace(f", {FEW} vehicles", f", {MANY} vehicles"))
        if many and name.endswith(f", {FEW} vehicles"):
            yield name.removesuffix(f", {FEW} vehicles"), many / few
