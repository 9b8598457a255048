"""What the page tests post: the declaration form as a browser sends it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from declarations.models import Declaration

VEHICLE = {
    "vehicle_type": "other",
    "plate": "11C-123.45",
    "driver_name": "Lý Văn Sình",
    "driver_phone": "0912 345 678",
}
LINE = {
    "name": "Tinh bột sắn",
    "origin": "Việt Nam",
    "quantity": "600",
    "unit": "bao",
    "weight": "12.500",
    "value": "300.000.000",
}
LOT = {"regime": "ordinary", "goods_group": "general"}


def rows(prefix: str, listed: list[dict[str, Any]]) -> dict[str, Any]:
    named = {f"{prefix}-{i}-{name}": value for i, row in enumerate(listed) for name, value in row.items()}
    return {f"{prefix}-TOTAL_FORMS": len(listed), f"{prefix}-INITIAL_FORMS": 0} | named


def form(world, *, vehicles=None, lines=None, lots=None, do: str = "save", **general: Any) -> dict[str, Any]:
    expected = timezone.localtime() + timedelta(hours=2)
    return {
        "organisation": world.trader.organisations.get().pk,
        "purpose": "export",
        "gate": world.gate.pk,
        "yard": "",
        "expected_at": f"{expected:%Y-%m-%dT%H:%M}",
        "note": "",
        "do": do,
        "key": str(uuid4()),
        **rows("vehicles", [VEHICLE] if vehicles is None else vehicles),
        **rows("consignments", [LOT] if lots is None else lots),
        **rows("lines", [LINE | {"consignment": "0", "vehicle": ""}] if lines is None else lines),
        **general,
    }


def post(client: Client, data: dict[str, Any], draft: Declaration | None = None):
    address = reverse("declarations:edit", args=[draft.code]) if draft else reverse("declarations:new")
    return client.post(address, data)


def text(response) -> str:
    return response.content.decode()
