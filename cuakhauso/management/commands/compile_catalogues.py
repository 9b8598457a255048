from django.conf import settings
from django.core.management import BaseCommand

from cuakhauso.catalogues import compile_catalogues


class Command(BaseCommand):
    help = "Compile locale/*/LC_MESSAGES/*.po where it has changed; gettext need not be installed."

    def handle(self, *args, **options) -> None:
        for path in compile_catalogues():
            self.stdout.write(str(path.relative_to(settings.BASE_DIR)))
