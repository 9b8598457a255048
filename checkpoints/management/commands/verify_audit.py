"""`manage.py verify_audit`: whether the recorded history is whole."""

from django.core.management.base import BaseCommand, CommandError

from checkpoints.facts import BrokenChain, verify, verify_anchors


class Command(BaseCommand):
    help = "Checks the chains of recorded facts and the seals over them; exits 1 at the first that does not fit."

    def handle(self, *args, **options) -> None:
        try:
            facts = sum(1 for _fact in verify())
            seals = verify_anchors()
        except BrokenChain as broken:
            raise CommandError(str(broken)) from None
        self.stdout.write(f"{facts} facts, {seals} seals: whole")
