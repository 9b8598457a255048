import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from cuakhauso.celery import app
from cuakhauso.tasks import clear_sessions


@contextmanager
def broker_at(url: str) -> Iterator[None]:
    """Publish to another server, through a pool of its own."""
    before, pool = app.conf.broker_url, app.amqp._producer_pool
    app.conf.broker_url, app.amqp._producer_pool = url, None
    yield
    app.conf.broker_url, app.amqp._producer_pool = before, pool


@pytest.mark.django_db(transaction=True)
def test_delay_on_commit_queues_after_the_commit(broker):
    with transaction.atomic():
        clear_sessions.delay_on_commit()
        assert broker.llen("default") == 0
    assert broker.llen("default") == 1


@pytest.mark.django_db(transaction=True)
def test_delay_on_commit_queues_nothing_after_a_rollback(broker):
    with transaction.atomic():
        clear_sessions.delay_on_commit()
        transaction.set_rollback(True)
    assert broker.llen("default") == 0


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_is_logged_and_fails_nothing(broker, caplog):
    began = time.monotonic()
    with broker_at("redis://127.0.0.1:1/0"), caplog.at_level(logging.ERROR), transaction.atomic():
        clear_sessions.delay_on_commit()
    assert "on_commit" in caplog.text
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("name", "queue"),
    [
        ("anpr.tasks.read", "readings"),
        ("notices.tasks.deliver", "notices"),
        ("cuakhauso.tasks.clear_sessions", "default"),
    ],
)
def test_each_task_goes_to_its_queue(name, queue):
    assert app.amqp.router.route({}, name)["queue"].name == queue
