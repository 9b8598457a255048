"""The cameras' API: events in, readings out. OpenAPI at /api/schema/."""

import base64
from datetime import datetime, tzinfo
from string import printable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser, JSONParser, MultiPartParser
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from anpr.edge import MOST_XML_BYTES, EdgeEvent, from_hikvision, from_json, xml_and_pictures
from anpr.intake import EventRefused, store_event, too_large
from anpr.models import Camera, Reading
from anpr.services import camera_with_key
from anpr.tasks import read_frame

FORM_BYTES = 64 * 1024
"""What a multipart body may weigh beside its picture."""


class CameraKeyAuthentication(BaseAuthentication):
    """`Authorization: Camera KEY`; the camera is `request.auth`. An unknown, wrong or retired key is answered alike."""

    keyword = "Camera"

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Camera] | None:
        word, _space, key = request.headers.get("Authorization", "").partition(" ")
        if word.lower() != self.keyword.lower():
            return None
        camera = camera_with_key(key) if key and key.isascii() and key.isprintable() else None
        if camera is None:
            raise AuthenticationFailed(_("Khóa camera không đúng."))
        return AnonymousUser(), camera

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


class CameraPasswordAuthentication(BaseAuthentication):
    """The same key for cameras that know no other: as the password of basic authentication, or in the address.

    A key in an address lies in the logs of whatever stands before the platform; the other way is the better one.
    """

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Camera] | None:
        key = request.parser_context["kwargs"].get("key") or self._password(request)
        if not key:
            return None
        camera = camera_with_key(key) if key.isascii() and key.isprintable() else None
        if camera is None:
            raise AuthenticationFailed(_("Khóa camera không đúng."))
        return AnonymousUser(), camera

    @staticmethod
    def _password(request: Request) -> str:
        word, _space, encoded = request.headers.get("Authorization", "").partition(" ")
        if word.lower() != "basic":
            return ""
        try:
            return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
        except ValueError:
            return ""

    def authenticate_header(self, request: Request) -> str:
        return 'Basic realm="camera"'


class CameraPasswordScheme(OpenApiAuthenticationExtension):
    target_class = CameraPasswordAuthentication
    name = "cameraPassword"

    def get_security_definition(self, auto_schema) -> dict:
        return {"type": "http", "scheme": "basic", "description": "any name, the camera's key as password"}


class CameraKeyScheme(OpenApiAuthenticationExtension):
    target_class = CameraKeyAuthentication
    name = "cameraKey"

    def get_security_definition(self, auto_schema) -> dict:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Camera KEY`"}


class IsCamera(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, Camera)


class EventSerializer(serializers.Serializer):
    image = serializers.FileField(allow_empty_file=True, help_text="JPEG, PNG or WebP")
    taken_at = serializers.CharField(max_length=40, help_text="ISO 8601 with its zone")
    plate = serializers.CharField(max_length=30, required=False, allow_blank=True, help_text="what the camera read")

    def validate_taken_at(self, value: str) -> datetime:
        return moment_taken(value)


def moment_taken(value: str, *, zone: tzinfo | None = None) -> datetime:
    """When a camera says that it took the picture; `zone` is taken where it names none. Raises `ValidationError`."""
    try:
        taken_at = datetime.fromisoformat(value)
        if taken_at.utcoffset() is None and zone is not None:
            taken_at = taken_at.replace(tzinfo=zone)
        known_zone = taken_at.utcoffset() is not None
        taken_at.timestamp()
    except (ValueError, OverflowError):
        raise serializers.ValidationError(_("Không phải thời điểm theo ISO 8601.")) from None
    if not known_zone:
        raise serializers.ValidationError(_("Thiếu múi giờ."))
    if taken_at.year < 2000:
        raise serializers.ValidationError(_("Thời điểm chụp quá xa: đồng hồ của camera sai."))
    return taken_at


class JsonEventSerializer(serializers.Serializer):
    """The form of the event in JSON; `from_json` reads it."""

    image = serializers.CharField(help_text="JPEG, PNG or WebP in base64")
    taken_at = serializers.CharField(help_text="ISO 8601 with its zone")
    plate = serializers.CharField(required=False, help_text="what the camera read")
    confidence = serializers.FloatField(required=False, help_text="0 to 1, or per cent")
    country = serializers.CharField(required=False, help_text="VN or CN")
    colour = serializers.CharField(required=False, help_text="white, yellow, blue, red, green, black")
    direction = serializers.CharField(required=False, help_text="in or out; or forward (towards the camera), reverse")


class ReadingSerializer(serializers.ModelSerializer):
    camera = serializers.SlugRelatedField("code", read_only=True)
    state = serializers.SerializerMethodField(help_text="queued, read, failed")
    settled = serializers.SerializerMethodField(help_text="matched, by_hand, dismissed, or null")
    country = serializers.CharField(allow_null=True)
    plates = serializers.ListField(child=serializers.DictField(), help_text="as read, the chosen one first")
    trip = serializers.IntegerField(source="passage.trip_id", allow_null=True, default=None)

    class Meta:
        model = Reading
        fields = (
            "id",
            "camera",
            "taken_at",
            "received_at",
            "state",
            "error",
            "text",
            "country",
            "confidence",
            "plates",
            "settled",
            "trip",
        )

    def get_state(self, reading: Reading) -> str:
        return "read" if reading.read_at else "failed" if reading.failed_at else "queued"

    def get_settled(self, reading: Reading) -> str | None:
        return reading.settled_how or None


PROBLEM = inline_serializer("Problem", {"code": serializers.CharField(), "message": serializers.CharField()})
STORED = {
    202: OpenApiResponse(
        inline_serializer("Stored", {"id": serializers.IntegerField(), "url": serializers.CharField()}),
        description="Stored; `Location` is the reading's address",
    ),
    200: OpenApiResponse(description="The same event again: the same answer"),
    401: OpenApiResponse(description="No, unknown or wrong camera key"),
    413: OpenApiResponse(PROBLEM, description="The picture is too large"),
}


class RawParser(BaseParser):
    """A body as it comes, of whatever type, up to what an XML part may weigh."""

    media_type = "*/*"

    def parse(self, stream, media_type=None, parser_context=None) -> bytes:
        return stream.read(MOST_XML_BYTES + 1)


class CameraEvents(APIView):
    """A frame from an edge camera, in a form or as JSON. It is stored and queued; reading happens later."""

    authentication_classes = [CameraKeyAuthentication]
    permission_classes = [IsCamera]
    parser_classes = [MultiPartParser, JSONParser]

    @extend_schema(
        operation_id="post_camera_event",
        request={"multipart/form-data": EventSerializer, "application/json": JsonEventSerializer},
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)],
        responses=STORED
        | {
            400: OpenApiResponse(PROBLEM, description="No usable picture, time or key"),
            409: OpenApiResponse(PROBLEM, description="The same Idempotency-Key with another event"),
        },
    )
    def post(self, request: Request) -> Response:
        try:
            key = _idempotency_key(request)
            _not_too_long(request, times=2 if request.content_type == "application/json" else 1)
            event = _json_event(request) if request.content_type == "application/json" else _form_event(request)
            return _stored(request.auth, event, key=key, taken_at=_moment(event.taken_at))
        except EventRefused as refused:
            return _refusal(refused)


class IsapiEvents(APIView):
    """An alarm of a Hikvision camera that reads plates itself: XML with pictures. Others than of plates are passed by.

    The camera calls this address as its alarm host. Its own reading is kept beside the platform's.
    """

    authentication_classes = [CameraKeyAuthentication, CameraPasswordAuthentication]
    permission_classes = [IsCamera]
    parser_classes = [MultiPartParser, RawParser]

    @extend_schema(
        operation_id="post_isapi_event",
        request={"multipart/form-data": OpenApiTypes.OBJECT, "application/xml": OpenApiTypes.STR},
        responses=STORED
        | {
            204: OpenApiResponse(description="A heartbeat, or an alarm of another kind"),
            400: OpenApiResponse(PROBLEM, description="No usable XML, picture or time"),
        },
    )
    def post(self, request: Request, key: str = "") -> Response:
        try:
            _not_too_long(request, times=2)
            event = _isapi_event(request)
            if event is None:
                return Response(status=204)
            zone = timezone.get_default_timezone()
            return _stored(request.auth, event, key=event.key, taken_at=_moment(event.taken_at, zone=zone))
        except EventRefused as refused:
            return _refusal(refused)


@extend_schema(exclude=True)
class IsapiByAddress(IsapiEvents):
    """The same for cameras that can name nothing but an address: the key stands in it."""


class ReadingView(APIView):
    """What became of an event, for its camera and for people who may watch that lane or own the trip."""

    authentication_classes = [CameraKeyAuthentication, SessionAuthentication]
    permission_classes = [IsCamera | IsAuthenticated]

    @extend_schema(operation_id="get_reading", responses={200: ReadingSerializer, 404: OpenApiResponse()})
    def get(self, request: Request, pk: int) -> Response:
        of_camera = isinstance(request.auth, Camera)
        readings = (
            Reading.objects.filter(camera=request.auth) if of_camera else Reading.objects.visible_to(request.user)
        )
        reading = readings.select_related("camera", "passage").filter(pk=pk).first()
        if reading is None:
            return Response({"code": "not_found", "message": _("Không có ảnh này.")}, 404)
        return Response(ReadingSerializer(reading).data)


def _idempotency_key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key or len(key) > 100 or not set(key) <= set(printable):
        raise EventRefused(400, "idempotency_key", _("Cần Idempotency-Key, dài từ 1 đến 100 ký tự."))
    return key


def _not_too_long(request: Request, *, times: int) -> None:
    """Refuse by its announced length a body that is larger than so many pictures."""
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > times * settings.CAMERA_IMAGE_MAX_BYTES + FORM_BYTES:
        raise too_large()


def _form_event(request: Request) -> EdgeEvent:
    try:
        serializer = EventSerializer(data=request.data)
    except (UnsupportedMediaType, ParseError) as error:
        raise EventRefused(400, "not_multipart", _("Cần gửi dạng multipart/form-data hoặc JSON.")) from error
    if not serializer.is_valid():
        name, errors = next(iter(serializer.errors.items()))
        raise EventRefused(400, f"{name}_{errors[0].code}", f"{name}: {errors[0]}")
    fields = serializer.validated_data
    if fields["image"].size > settings.CAMERA_IMAGE_MAX_BYTES:
        raise too_large()
    return EdgeEvent(fields["image"].read(), fields["taken_at"].isoformat(), fields.get("plate", ""))


def _json_event(request: Request) -> EdgeEvent:
    try:
        return from_json(request.data)
    except ParseError as error:
        raise EventRefused(400, "not_json", _("Không phải JSON.")) from error


def _isapi_event(request: Request) -> EdgeEvent | None:
    try:
        data = request.data
    except (UnsupportedMediaType, ParseError) as error:
        raise EventRefused(400, "not_multipart", _("Cần gửi dạng multipart/form-data hoặc XML.")) from error
    if isinstance(data, bytes):
        return from_hikvision(data, {})
    parts = [(file.name or name, file.content_type or "", file.read()) for name, file in request.FILES.items()]
    texts = [(name, "application/xml", str(text).encode()) for name, text in request.POST.items() if "<" in str(text)]
    return from_hikvision(*xml_and_pictures([*parts, *texts]))


def _moment(value: str, *, zone: tzinfo | None = None) -> datetime:
    try:
        return moment_taken(value, zone=zone)
    except serializers.ValidationError as error:
        raise EventRefused(400, f"taken_at_{error.detail[0].code}", f"taken_at: {error.detail[0]}") from error


def _stored(camera: Camera, event: EdgeEvent, *, key: str, taken_at: datetime) -> Response:
    """Keep the event and queue a new one."""
    if len(event.image) > settings.CAMERA_IMAGE_MAX_BYTES:
        raise too_large()
    reading, is_new = store_event(
        camera=camera, key=key, image=event.image, taken_at=taken_at, plate=event.plate, told=event.told
    )
    if is_new:
        read_frame.delay_on_commit(reading.pk)
    address = reverse("camera_api:reading", args=[reading.pk])
    return Response({"id": reading.pk, "url": address}, 202 if is_new else 200, headers={"Location": address})


def _refusal(refused: EventRefused) -> Response:
    return Response({"code": refused.code, "message": refused.message}, refused.status)


app_name = "camera_api"
urlpatterns = [
    path("camera-events/", CameraEvents.as_view(), name="camera_events"),
    path("camera-events/isapi/", IsapiEvents.as_view(), name="isapi_events"),
    path("camera-events/isapi/<str:key>/", IsapiByAddress.as_view(), name="isapi_by_address"),
    path("readings/<int:pk>/", ReadingView.as_view(), name="reading"),
]
