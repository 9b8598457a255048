"""`manage.py issue_api_key USERNAME NAME`: a key for another system, shown once."""

from django.core.management.base import BaseCommand, CommandError

from accounts.keys import issue
from accounts.models import User


class Command(BaseCommand):
    help = "Gives an account a key by which another system acts as it, and prints the key, this once."

    def add_arguments(self, parser) -> None:
        parser.add_argument("username", help="the account; the system may do what its roles allow")
        parser.add_argument("name", help="what the system is called")

    def handle(self, *args, username: str, name: str, **options) -> None:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"no active account {username!r}", returncode=2)
        self.stdout.write(issue(user, name=name))
