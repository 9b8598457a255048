"""What fees do in the background: thin, told by ids; the sweep takes up what a lost message or a dead worker left."""

import logging

from celery import shared_task

from fees.services import importing

log = logging.getLogger(__name__)


@shared_task(time_limit=900, soft_time_limit=840)
def read_statement(file_id: int) -> None:
    """Read one stored statement; a second message for it does nothing."""
    importing.read_file(file_id)


@shared_task
def sweep() -> None:
    """Take up again what is stored and unfinished."""
    for file_id in importing.unfinished():
        read_statement.delay(file_id)
