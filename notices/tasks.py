"""What the sweep of notices does, on the queue `notices`."""

from celery import shared_task

from notices import services


@shared_task
def sweep() -> None:
    """Write notices that were missed and send e-mail that did not go out; safe to run at any time, and twice."""
    services.note_missed()
    services.send_mails()
