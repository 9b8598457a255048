"""What edge cameras that read plates themselves send, in their own forms: Hikvision's ISAPI, and a plain JSON."""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext as _

from anpr.intake import EventRefused

MOST_XML_BYTES = 256 * 1024
MOST_DEPTH = 20
WAYS = {"forward": "towards", "reverse": "away", "approach": "towards", "leave": "away", "in": "in", "out": "out"}
"""How cameras say which way a vehicle drove: by the lane, or as seen from the camera."""
COUNTRIES = {"VN": "VN", "VNM": "VN", "VIETNAM": "VN", "CN": "CN", "CHN": "CN", "CHINA": "CN"}
COLOURS = frozenset({"white", "yellow", "blue", "red", "green", "black"})
UNREAD = frozenset({"", "unknown", "noplate", "no plate", "none"})
FIELDS = frozenset(
    {
        "eventType", "dateTime", "licensePlate", "confidenceLevel", "plateColor", "direction", "country", "UUID",
    }
)  # fmt: skip


@dataclass(frozen=True)
class EdgeEvent:
    """One event of an edge camera. `told` is what `Reading.told` keeps; `key` makes it count once."""

    image: bytes
    taken_at: str
    plate: str = ""
    key: str = ""
    told: dict[str, Any] = field(default_factory=dict)


def from_hikvision(xml: bytes, pictures: Mapping[str, bytes]) -> EdgeEvent | None:
    """An ISAPI alarm with its pictures by file name; None for a heartbeat or another alarm than of plates.

    The whole scene is kept, not the plate that the camera cut out. Raises `EventRefused`.
    """
    fields = _fields(xml)
    if fields.get("eventType", "").upper() not in ("ANPR", "VEHICLEDETECTION"):
        return None
    image = _scene(pictures)
    plate = fields.get("licensePlate", "")
    plate = "" if plate.strip().lower() in UNREAD else plate
    identity = fields.get("UUID") or hashlib.sha256(xml + hashlib.sha256(image).digest()).hexdigest()
    return EdgeEvent(
        image=image,
        taken_at=fields.get("dateTime", ""),
        plate=plate,
        key=f"isapi:{identity[:80]}",
        told=told(
            confidence=fields.get("confidenceLevel"),
            country=fields.get("country"),
            colour=fields.get("plateColor"),
            direction=fields.get("direction"),
        ),
    )


def from_json(data: Any) -> EdgeEvent:
    """A plain JSON object: `image` (base64), `taken_at`, `plate`, `confidence`, `country`, `colour`, `direction`."""
    if not isinstance(data, dict):
        raise EventRefused(400, "not_an_object", _("Cần một đối tượng JSON."))
    encoded, taken_at, plate = data.get("image", ""), data.get("taken_at", ""), data.get("plate") or ""
    if not all(isinstance(value, str) for value in (encoded, taken_at, plate)):
        raise EventRefused(400, "wrong_type", _("image, taken_at và plate phải là chuỗi."))
    if len(plate) > 30:
        raise EventRefused(400, "plate_max_length", _("Biển dài quá 30 ký tự."))
    try:
        image = base64.b64decode(encoded.partition("base64,")[2] or encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EventRefused(400, "not_base64", _("image phải ở dạng base64.")) from error
    said = {name: data.get(name) for name in ("confidence", "country", "colour", "direction")}
    return EdgeEvent(image=image, taken_at=taken_at, plate=plate, told=told(**said))


def told(*, confidence: Any, country: Any, colour: Any, direction: Any) -> dict[str, Any]:
    """What a camera says beside the plate, in our words; what is not understood is left out."""
    words: dict[str, Any] = {}
    if (sure := _share(confidence)) is not None:
        words["confidence"] = sure
    if isinstance(country, str) and (known := COUNTRIES.get(country.strip().upper())):
        words["country"] = known
    if isinstance(colour, str) and colour.strip().lower() in COLOURS:
        words["colour"] = colour.strip().lower()
    if isinstance(direction, str) and (way := WAYS.get(direction.strip().lower())):
        words["direction"] = way
    return words


def _share(value: Any) -> float | None:
    """A confidence of 0 to 1, whether it was given so or in per cent."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    if not 0 <= number <= 100:
        return None
    return round(number / 100 if number > 1 else number, 4)


def _scene(pictures: Mapping[str, bytes]) -> bytes:
    """The picture of the whole scene: the one named so, else the largest."""
    if not pictures:
        raise EventRefused(400, "image_required", _("Sự kiện không kèm ảnh."))
    named = [data for name, data in pictures.items() if "detection" in name.lower() or "vehicle" in name.lower()]
    return max(named or pictures.values(), key=len)


def _fields(xml: bytes) -> dict[str, str]:
    """The first text of each element that is known here, whatever holds it. No entities, no external anything."""
    if len(xml) > MOST_XML_BYTES:
        raise EventRefused(413, "xml_too_large", _("Phần XML quá lớn."))
    found: dict[str, str] = {}
    closed: set[str] = set()
    open_elements: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, _attributes: Any) -> None:
        open_elements.append(name.rpartition(" ")[2])
        if len(open_elements) > MOST_DEPTH:
            raise ValueError("too deep")

    def end(_name: str) -> None:
        name = open_elements.pop()
        if found.get(name, "").strip():
            closed.add(name)

    def text(data: str) -> None:
        name = open_elements[-1] if open_elements else ""
        if name in FIELDS and name not in closed and len(found.get(name, "")) < 200:
            found[name] = found.get(name, "") + data

    def refuse(*_args: Any) -> None:
        raise ValueError("declarations are not taken")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.EntityDeclHandler = parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError) as error:
        raise EventRefused(400, "not_xml", _("Phần XML không đọc được.")) from error
    return {name: value.strip() for name, value in found.items()}


def xml_and_pictures(parts: Iterable[tuple[str, str, bytes]]) -> tuple[bytes, dict[str, bytes]]:
    """Of a multipart body's files, each with name, content type and bytes: the XML and the pictures by name."""
    xml, pictures = b"", {}
    for name, content_type, data in parts:
        if "xml" in content_type or name.lower().endswith(".xml"):
            xml = xml or data
        elif data[:3] in (b"\xff\xd8\xff", b"\x89PN", b"RIF"):
            pictures[name] = data
    return xml, pictures
