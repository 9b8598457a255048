"""`manage.py seed_demo`: the demo's gates, cameras, tariff and accounts; only under DEMO=1."""

import os
import secrets

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Organisation, User
from cuakhauso.simulation.register import seed_register
from cuakhauso.simulation.seed import seed


class Command(BaseCommand):
    help = "Makes gates with places and cameras, a sample tariff, an account for each role, a register; needs DEMO=1."

    def handle(self, *args, **options) -> None:
        if not settings.DEMO:
            raise CommandError(
                "seed_demo makes accounts with a known password: it runs only under DEMO=1", returncode=2
            )
        given = os.environ.get("DEMO_PASSWORD")
        password = given or secrets.token_urlsafe(9)
        names = seed(password=password, keys_file=settings.VAR_DIR / "demo_cameras.json")
        seed_register(
            Organisation.objects.filter(people__username="trader").get(), User.objects.get(username="border_guard")
        )
        self.stdout.write(f"accounts: {', '.join(names)}")
        if not given:
            self.stdout.write(f"password of each, shown once: {password}")
