"""Who sits at the fee desk, and the gateway across the street."""

from collections.abc import Iterator

import pytest
from django.test import Client

from tests.fees.payments.gateway import SECRET, TERMINAL, Gateway, serve


@pytest.fixture
def centre(world, client) -> Client:
    """Signed in at the desk of the fee centre."""
    client.force_login(world.officer("fee_centre"))
    return client


@pytest.fixture
def gateway(settings) -> Iterator[Gateway]:
    """A stand-in of VNPAY, by which the platform is set to be paid."""
    gateway, server = serve()
    settings.VNPAY = {"terminal": TERMINAL, "secret": SECRET, "pay_url": f"{gateway.url}pay", "api_url": gateway.url}
    yield gateway
    server.shutdown()
    server.server_close()
