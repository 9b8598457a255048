"""The yard operators' API: vehicles in and out as the yard's own system saw them, places, who is coming.

What the yard shares counts as its camera does (Lạng Sơn, Điều 4(2)c, e; Cao Bằng, Điều 19(1)).
"""

from datetime import datetime, timedelta

from django.http import Http404
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import ApiKeyAuthentication
from accounts.models import Role, User
from accounts.rules import roles_of
from checkpoints.door import perform
from checkpoints.journey import expects
from checkpoints.models import Fact
from checkpoints.refusals import Refusal, key_reused
from checkpoints.selectors import expected_in_yard, inside, live_trips
from checkpoints.views.places import Spot, spot_or_404
from declarations.models import Trip
from declarations.plates import normalise
from gates.models import Lane

SOON = timedelta(hours=2)
CLOCKS_MAY_DIFFER = timedelta(minutes=2)
MOST_PLACES = 100_000

PROBLEM = inline_serializer("YardProblem", {"code": serializers.CharField(), "message": serializers.CharField()})
KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)


class YardEventSerializer(serializers.Serializer):
    plate = serializers.CharField(max_length=30, help_text="of the tractor, in any spelling")
    direction = serializers.ChoiceField([Lane.Direction.IN, Lane.Direction.OUT])
    happened_at = serializers.DateTimeField(help_text="ISO 8601 with its zone")

    def validate_happened_at(self, value: datetime) -> datetime:
        if value > timezone.now() + CLOCKS_MAY_DIFFER:
            raise serializers.ValidationError(_("Thời điểm ở tương lai: hãy kiểm tra đồng hồ."))
        return value


class YardSerializer(serializers.Serializer):
    capacity = serializers.IntegerField(min_value=0, max_value=MOST_PLACES, help_text="places, in vehicles")
    inside = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="plates in the yard now")
    coming = serializers.ListField(
        child=serializers.DictField(), read_only=True, help_text="`plate`, `expected_at`: within two hours"
    )


def _spot(user: User, gate: str, yard: str) -> Spot:
    """The yard, for who runs it; for anybody else there is none."""
    spot = spot_or_404(gate, yard)
    runs = (
        role.code == Role.Code.YARD_OPERATOR and role.covers(spot.gate.pk) and role.yard_id in (None, spot.yard.pk)
        for role in (roles_of(user) if spot.yard else ())
    )
    if not any(runs):
        raise Http404
    return spot


class YardView(APIView):
    """A yard as its operator's system sees it."""

    authentication_classes = [ApiKeyAuthentication, SessionAuthentication]
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="get_yard", responses={200: YardSerializer, 404: OpenApiResponse()})
    def get(self, request: Request, gate: str, yard: str) -> Response:
        return Response(_now(_spot(request.user, gate, yard)))

    @extend_schema(
        operation_id="set_yard_capacity",
        request=YardSerializer,
        responses={200: YardSerializer, 400: OpenApiResponse(PROBLEM), 404: OpenApiResponse()},
    )
    def patch(self, request: Request, gate: str, yard: str) -> Response:
        spot = _spot(request.user, gate, yard)
        asked = YardSerializer(data=request.data)
        if not asked.is_valid():
            return _problem(asked)
        spot.yard.capacity = asked.validated_data["capacity"]
        spot.yard.save(update_fields=["capacity"])
        return Response(_now(spot))


class YardEvents(APIView):
    """A vehicle drove in or out, as the yard's own barrier or system saw it."""

    authentication_classes = [ApiKeyAuthentication, SessionAuthentication]
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="post_yard_event",
        request=YardEventSerializer,
        parameters=[KEY],
        responses={
            202: OpenApiResponse(inline_serializer("Recorded", {"trip": serializers.IntegerField()})),
            200: OpenApiResponse(description="The same event again: the same answer"),
            400: OpenApiResponse(PROBLEM, description="No usable plate, direction, time or key"),
            404: OpenApiResponse(PROBLEM, description="No such yard, or no declared vehicle of this plate is expected"),
            409: OpenApiResponse(PROBLEM, description="Refused, with its reason; the key of another event; two fit"),
        },
    )
    def post(self, request: Request, gate: str, yard: str) -> Response:
        spot = _spot(request.user, gate, yard)
        key = request.headers.get("Idempotency-Key", "").strip()
        if not 0 < len(key) <= 80 or not key.isascii() or not key.isprintable():
            return _refused(400, "idempotency_key", _("Cần Idempotency-Key, dài từ 1 đến 80 ký tự."))
        event = YardEventSerializer(data=request.data)
        if not event.is_valid():
            return _problem(event)
        asked = event.validated_data
        lane = next((lane for lane in spot.lanes if lane.direction in (asked["direction"], Lane.Direction.BOTH)), None)
        if lane is None:
            return _refused(409, "no_lane", _("Bãi này không có làn theo chiều đó."))
        plate, key = normalise(asked["plate"]), f"yard:{spot.yard.pk}:{key}"
        if told := Fact.objects.filter(key=key, actor=request.user).select_related("trip").first():
            same = told.trip.plate == plate and told.data["lane"] == lane.pk
            return Response({"trip": told.trip_id}) if same else _not_made(key_reused())
        trips = list(
            live_trips()
            .filter(declaration__gate=spot.gate, plate=plate)
            .filter(declaration__submitted_at__lte=asked["happened_at"] + CLOCKS_MAY_DIFFER)
            .select_related("declaration__gate")
        )
        fitting = [trip for trip in trips if _is_expected(trip, lane)]
        if len(fitting) != 1:
            if fitting:
                return _refused(409, "several", _("Có nhiều tờ khai của phương tiện này; hãy ghi nhận bằng tay."))
            return _refused(404, "unknown_plate", _("Không có phương tiện %(plate)s nào đang chờ.") % {"plate": plate})
        try:
            outcome = perform(
                "call_up",
                fitting[0],
                actor=request.user,
                key=key,
                happened_at=asked["happened_at"],
                lane=lane,
                plate=plate,
            )
        except Refusal as refusal:
            return _not_made(refusal)
        return Response({"trip": fitting[0].pk}, 200 if outcome.repeated else 202)


def _is_expected(trip: Trip, lane: Lane) -> bool:
    return expects(trip, set(trip.stages.values_list("moment", flat=True)), lane)


def _now(spot: Spot) -> dict:
    here = inside([spot.gate], spot.gate_lanes)
    expected = expected_in_yard(spot.yard, within=SOON)[:200]
    return {
        "capacity": spot.yard.capacity,
        "inside": [truck.trip.plate for truck in here if truck.standing.yard_id == spot.yard.pk],
        "coming": [{"plate": trip.plate, "expected_at": trip.declaration.expected_at} for trip in expected],
    }


def _problem(serializer: serializers.Serializer) -> Response:
    name, errors = next(iter(serializer.errors.items()))
    return _refused(400, f"{name}_{errors[0].code}", f"{name}: {errors[0]}")


def _not_made(refusal: Refusal) -> Response:
    return _refused(409, refusal.code, refusal.message)


def _refused(status: int, code: str, message: str) -> Response:
    return Response({"code": code, "message": message}, status)


app_name = "yards_api"
urlpatterns = [
    path("yards/<slug:gate>/<slug:yard>/", YardView.as_view(), name="yard"),
    path("yards/<slug:gate>/<slug:yard>/events/", YardEvents.as_view(), name="events"),
]
