"""`manage.py export_procedures`: the procedure books as JSON; needs no database."""

import json

from django.core.management.base import BaseCommand

from gates.procedures import BOOKS


class Command(BaseCommand):
    help = "Prints all procedure books as one JSON object, templates expanded."
    requires_system_checks = []

    def handle(self, *args, **options) -> None:
        books = {code: book.export() for code, book in BOOKS.items()}
        self.stdout.write(json.dumps({"books": books}, ensure_ascii=False, indent=2))
