from django.conf import settings
from django.core.management import BaseCommand, call_command, get_commands

from accounts.models import Role, User


class Command(BaseCommand):
    help = "Bring the demo's database up to date and seed it; `make demo` calls this."
    requires_system_checks = ()  # they load every page of the platform, for nothing here

    def handle(self, *args, **options) -> None:
        call_command("migrate", verbosity=0)
        if "seed_demo" in get_commands():
            call_command("seed_demo")
        accounts = User.objects.filter(username__in=Role.Code.values, is_active=True).order_by("pk")
        (settings.VAR_DIR / "demo_accounts").write_text("\n".join(accounts.values_list("username", flat=True)))
