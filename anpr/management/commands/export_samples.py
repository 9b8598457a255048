from datetime import date, datetime, time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from anpr.models import Camera
from anpr.samples import export_samples, remove


class Command(BaseCommand):
    help = "Writes a training set of the plates that officers settled: frames, plates cut out, and two tables."

    def add_arguments(self, parser) -> None:
        parser.add_argument("folder", type=Path, help="where to, not there yet or empty")
        parser.add_argument("--since", type=date.fromisoformat, help="settled on this day or later, 2026-11-22")
        parser.add_argument("--camera", default="", metavar="CODE", help="of this camera alone")

    def handle(self, *args, folder: Path, since: date | None, camera: str, **options) -> None:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise CommandError(f"{folder} is not an empty folder", returncode=2)
        if camera and not Camera.objects.filter(code=camera).exists():
            raise CommandError(f"no camera has the code {camera}", returncode=2)
        begin = timezone.make_aware(datetime.combine(since, time.min)) if since else None
        try:
            frames, plates = export_samples(folder, since=begin, camera=camera)
        except BaseException:
            remove(folder)
            raise
        self.stdout.write(f"{frames} frames and {plates} plates written to {folder}")
