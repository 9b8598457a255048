"""The Celery application: queues `readings` (the barrier), `notices` and `default`."""

import os

from celery import Celery
from celery.contrib.django.task import DjangoTask
from django.db import transaction

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cuakhauso.settings")


class Task(DjangoTask):
    """A task whose message may be lost: a broker that is down never fails the request.

    The row in the database is the truth, and the sweep queues again what is stored and unfinished.
    """

    abstract = True

    def delay_on_commit(self, *args, **kwargs) -> None:
        """Queue after the transaction commits; log, and go on, when the broker does not answer."""
        transaction.on_commit(lambda: self.delay(*args, **kwargs), robust=True)


app = Celery("cuakhauso", task_cls=Task)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
