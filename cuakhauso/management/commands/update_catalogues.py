import polib
from django.conf import settings
from django.core.management import BaseCommand, CommandError

from cuakhauso.catalogues import catalogues
from cuakhauso.messages import faults, find_messages, merge


class Command(BaseCommand):
    help = "Merge the messages of code and templates into locale/*; with --check, fail where one is missing."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, list what is missing")

    def handle(self, *args, check: bool, **options) -> None:
        messages = find_messages(settings.BASE_DIR, ["cuakhauso", *settings.OUR_APPS, "templates"])
        found = 0
        for path in catalogues():
            catalogue = polib.pofile(str(path), wrapwidth=110)
            if not check:
                merge(catalogue, messages)
                catalogue.save()
            for fault in faults(catalogue, messages):
                found += 1
                self.stderr.write(f"{path.relative_to(settings.BASE_DIR)}: {fault}")
        if check and found:
            raise CommandError(f"{found} faults; `make messages`, then translate")
        self.stdout.write(f"{len(messages)} messages, {found} faults")
