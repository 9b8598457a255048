import pytest
from django.test import Client, override_settings

from cuakhauso import health

READY = {"database": "ok", "broker": "ok", "storage": "ok"}


def test_healthz_asks_nobody(client: Client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.django_db
def test_readyz_when_all_answer(client: Client):
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, READY)


@pytest.mark.django_db
def test_readyz_names_the_broker_that_is_down(client: Client):
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, READY | {"broker": "ConnectionError"})


@pytest.mark.django_db
def test_readyz_names_the_storage_that_is_gone(client: Client, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "file" / "media")
    (tmp_path / "file").touch()
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, READY | {"storage": "NotADirectoryError"})


@pytest.mark.django_db
def test_readyz_names_the_database_that_is_down(client: Client, monkeypatch):
    def down() -> None:
        raise ConnectionRefusedError

    monkeypatch.setitem(health.CHECKS, "database", down)
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, READY | {"database": "ConnectionRefusedError"})


@pytest.mark.django_db
def test_metrics_tell_what_waits(client: Client, broker):
    broker.rpush("readings", "one", "two")
    lines = client.get("/metrics").content.decode().splitlines()
    assert 'cuakhauso_queue_length{queue="readings"} 2.0' in lines
    assert 'cuakhauso_queue_length{queue="default"} 0.0' in lines
    assert "cuakhauso_readings_unread 0.0" in lines


@pytest.mark.django_db
def test_metrics_for_loopback_only(client: Client):
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 403
    assert client.get("/metrics", headers={"x-forwarded-for": "10.0.0.7"}).status_code == 403


@pytest.mark.django_db
def test_metrics_with_a_token(client: Client, settings):
    settings.METRICS_TOKEN = "let-me-in"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 403
    response = client.get("/metrics", REMOTE_ADDR="10.0.0.7", headers={"authorization": "Bearer let-me-in"})
    assert response.status_code == 200
