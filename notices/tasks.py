"""What the sweep of notices does, on the queue `notices`."""

from celery import shared_task

from notices import papers, services


@shared_task
def sweep() -> None:
    """Write notices that were missed and send e-mail that did not go out; safe to run at any time, and twice."""
    services.note_missed()
    services.send_mails()


@shared_task
def papers_end() -> int:
    """Tell firms of papers that run out soon, each once; returns how many firms were told."""
    return papers.tell_of_papers()
