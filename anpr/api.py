"""The cameras' API: events in, readings out. OpenAPI at /api/schema/."""

from datetime import datetime
from string import printable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, ParseError, UnsupportedMediaType
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

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
        try:
            taken_at = datetime.fromisoformat(value)
            known_zone = taken_at.utcoffset() is not None
            taken_at.timestamp()
        except (ValueError, OverflowError):
            raise serializers.ValidationError(_("Không phải thời điểm theo ISO 8601.")) from None
        if not known_zone:
            raise serializers.ValidationError(_("Thiếu múi giờ."))
        if taken_at.year < 2000:
            raise serializers.ValidationError(_("Thời điểm chụp quá xa: đồng hồ của camera sai."))
        return taken_at


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


class CameraEvents(APIView):
    """A frame from an edge camera. It is stored and queued; reading happens later."""

    authentication_classes = [CameraKeyAuthentication]
    permission_classes = [IsCamera]
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="post_camera_event",
        request={"multipart/form-data": EventSerializer},
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)],
        responses={
            202: OpenApiResponse(
                inline_serializer("Stored", {"id": serializers.IntegerField(), "url": serializers.CharField()}),
                description="Stored; `Location` is the reading's address",
            ),
            200: OpenApiResponse(description="The same event again: the same answer"),
            400: OpenApiResponse(PROBLEM, description="No usable picture, time or key"),
            401: OpenApiResponse(description="No, unknown or wrong camera key"),
            409: OpenApiResponse(PROBLEM, description="The same Idempotency-Key with another event"),
            413: OpenApiResponse(PROBLEM, description="The picture is too large"),
        },
    )
    def post(self, request: Request) -> Response:
        try:
            key = _idempotency_key(request)
            length = request.headers.get("Content-Length", "")
            if length.isdecimal() and int(length) > settings.CAMERA_IMAGE_MAX_BYTES + FORM_BYTES:
                raise too_large()
            event = _event(request)
            if event["image"].size > settings.CAMERA_IMAGE_MAX_BYTES:
                raise too_large()
            reading, is_new = store_event(
                camera=request.auth,
                key=key,
                image=event["image"].read(),
                taken_at=event["taken_at"],
                plate=event.get("plate", ""),
            )
        except EventRefused as refused:
            return Response({"code": refused.code, "message": refused.message}, refused.status)
        if is_new:
            read_frame.delay_on_commit(reading.pk)
        address = reverse("camera_api:reading", args=[reading.pk])
        return Response({"id": reading.pk, "url": address}, 202 if is_new else 200, headers={"Location": address})


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


def _event(request: Request) -> dict:
    try:
        serializer = EventSerializer(data=request.data)
    except (UnsupportedMediaType, ParseError) as error:
        raise EventRefused(400, "not_multipart", _("Cần gửi dạng multipart/form-data.")) from error
    if not serializer.is_valid():
        name, errors = next(iter(serializer.errors.items()))
        raise EventRefused(400, f"{name}_{errors[0].code}", f"{name}: {errors[0]}")
    return serializer.validated_data


app_name = "camera_api"
urlpatterns = [
    path("camera-events/", CameraEvents.as_view(), name="camera_events"),
    path("readings/<int:pk>/", ReadingView.as_view(), name="reading"),
]
