"""The yard operators' API: vehicles in and out as the yard's own system saw them, places and zones, stays, goods
in store, who is coming.

What the yard shares counts as its camera does (Lạng Sơn, Điều 4(2)c, e; Cao Bằng, Điều 19(1)).
"""

from datetime import datetime, timedelta

from django.http import Http404
from django.shortcuts import get_object_or_404
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
from accounts.models import User
from accounts.rules import operator_at
from checkpoints.door import perform
from checkpoints.goods import stored
from checkpoints.journey import expects
from checkpoints.models import Fact
from checkpoints.refusals import Refusal, key_reused
from checkpoints.selectors import expected_in_yard, inside, live_trips
from checkpoints.views.places import Spot, spot_or_404
from checkpoints.yards import SOON, ZoneNow, plan_of, stays, zones_now
from declarations.models import Load, Trip
from declarations.plates import normalise
from gates.models import Lane, Zone

CLOCKS_MAY_DIFFER = timedelta(minutes=2)
MOST_PLACES = 100_000

PROBLEM = inline_serializer("YardProblem", {"code": serializers.CharField(), "message": serializers.CharField()})
KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)


class YardEventSerializer(serializers.Serializer):
    plate = serializers.CharField(max_length=30, help_text="of the tractor, in any spelling")
    direction = serializers.ChoiceField([Lane.Direction.IN, Lane.Direction.OUT])
    happened_at = serializers.DateTimeField(help_text="ISO 8601 with its zone")
    zone = serializers.SlugField(required=False, help_text="code of the zone of the yard where it stands; only for in")

    def validate_happened_at(self, value: datetime) -> datetime:
        if value > timezone.now() + CLOCKS_MAY_DIFFER:
            raise serializers.ValidationError(_("Thời điểm ở tương lai: hãy kiểm tra đồng hồ."))
        return value


class ZoneSerializer(serializers.Serializer):
    code = serializers.SlugField(read_only=True)
    name = serializers.CharField(read_only=True)
    kind = serializers.ChoiceField(Zone.Kind.choices, read_only=True)
    capacity = serializers.IntegerField(min_value=0, max_value=MOST_PLACES, help_text="places, in vehicles")
    in_use = serializers.BooleanField(help_text="false: nothing more is put there")
    count = serializers.IntegerField(read_only=True, help_text="vehicles there, and vehicle loads in store there")


class StaySerializer(serializers.Serializer):
    plate = serializers.CharField()
    zone = serializers.CharField(help_text="code; empty where it is not known")
    came_at = serializers.DateTimeField()
    may_stay_until = serializers.DateTimeField()
    is_over = serializers.BooleanField(help_text="it stays longer than the yard allows")
    standing = serializers.CharField(help_text="`in_yard` or `ready_to_leave`")


class StoredSerializer(serializers.Serializer):
    declaration = serializers.CharField()
    name = serializers.CharField()
    quantity = serializers.DecimalField(max_digits=14, decimal_places=3)
    unit = serializers.CharField()
    weight = serializers.DecimalField(max_digits=12, decimal_places=2, help_text="kilograms, gross")
    zone = serializers.CharField(help_text="code; empty where it is not known")
    since = serializers.DateTimeField()


class PlannedSerializer(serializers.Serializer):
    start = serializers.DateTimeField(help_text="of the hour")
    vehicles = serializers.IntegerField()
    plates = serializers.ListField(child=serializers.CharField())


class PlanSerializer(serializers.Serializer):
    on_the_way = serializers.ListField(child=serializers.CharField(), help_text="plates in the gate area, coming here")
    late = serializers.ListField(child=serializers.CharField(), help_text="plates that were to come before")
    hours = PlannedSerializer(many=True, help_text="the next 24, from the present one")


class YardSerializer(serializers.Serializer):
    capacity = serializers.IntegerField(min_value=0, max_value=MOST_PLACES, help_text="places, in vehicles")
    zones = ZoneSerializer(many=True, read_only=True)
    inside = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="plates in the yard now")
    coming = serializers.ListField(
        child=serializers.DictField(), read_only=True, help_text="`plate`, `expected_at`: within two hours"
    )


def _spot(user: User, gate: str, yard: str) -> Spot:
    """The yard, for who runs it; for anybody else there is none."""
    spot = spot_or_404(gate, yard)
    if spot.yard is None or operator_at(user, spot.yard) is None:
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


class YardZone(APIView):
    """One zone of a yard: how many vehicles it holds, and whether it is in use."""

    authentication_classes = [ApiKeyAuthentication, SessionAuthentication]
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="set_zone",
        request=ZoneSerializer,
        responses={200: ZoneSerializer, 400: OpenApiResponse(PROBLEM), 404: OpenApiResponse()},
    )
    def patch(self, request: Request, gate: str, yard: str, zone: str) -> Response:
        found = get_object_or_404(_spot(request.user, gate, yard).yard.zones, code=zone)
        asked = ZoneSerializer(data=request.data, partial=True)
        if not asked.is_valid():
            return _problem(asked)
        for name, value in asked.validated_data.items():
            setattr(found, name, value)
        found.save(update_fields=list(asked.validated_data))
        [now] = zones_now([found]) or [ZoneNow(found, 0, 0)]
        return Response(_zone(now))


class YardTrucks(APIView):
    """The vehicles in a yard and since when, longest first."""

    authentication_classes = [ApiKeyAuthentication, SessionAuthentication]
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="list_yard_trucks", responses={200: StaySerializer(many=True), 404: OpenApiResponse()})
    def get(self, request: Request, gate: str, yard: str) -> Response:
        spot = _spot(request.user, gate, yard)
        codes = dict(spot.yard.zones.values_list("pk", "code"))
        found = stays(spot.yard, inside([spot.gate], spot.gate_lanes))
        told = [
            {
                "plate": stay.truck.trip.plate,
                "zone": codes.get(stay.truck.trip.zone_id, ""),
                "came_at": stay.since,
                "may_stay_until": stay.ends_at,
                "is_over": stay.is_over,
                "standing": stay.truck.standing.code,
            }
            for stay in found
        ]
        return Response(StaySerializer(told, many=True).data)


class YardGoods(APIView):
    """What lies in store in a yard and since when, longest first."""

    authentication_classes = [ApiKeyAuthentication, SessionAuthentication]
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="list_yard_goods", responses={200: StoredSerializer(many=True), 404: OpenApiResponse()})
    def get(self, request: Request, gate: str, yard: str) -> Response:
        spot = _spot(request.user, gate, yard)
        codes = dict(spot.yard.zones.values_list("pk", "code"))
        told = [
            {
                "declaration": load.line.consignment.declaration.code,
                "name": load.line.name,
                "quantity": load.quantity,
                "unit": load.line.unit,
                "weight": load.weight,
                "zone": codes.get(load.zone_id, ""),
                "since": load.since,
            }
            for load in stored(Load.objects.filter(yard=spot.yard))
        ]
        return Response(StoredSerializer(told, many=True).data)


class YardPlan(APIView):
    """Who is to come into a yard, hour by hour, by what was declared."""

    authentication_classes = [ApiKeyAuthentication, SessionAuthentication]
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="get_yard_plan", responses={200: PlanSerializer, 404: OpenApiResponse()})
    def get(self, request: Request, gate: str, yard: str) -> Response:
        spot = _spot(request.user, gate, yard)
        plan = plan_of(spot.yard, inside([spot.gate], spot.gate_lanes))
        told = {
            "on_the_way": [truck.trip.plate for truck in plan.on_the_way],
            "late": [trip.plate for trip in plan.late],
            "hours": [
                {"start": hour.start, "vehicles": hour.count, "plates": [trip.plate for trip in hour.trips]}
                for hour in plan.hours
            ],
        }
        return Response(PlanSerializer(told).data)


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
        zone = spot.yard.zones.filter(code=asked["zone"], in_use=True).first() if asked.get("zone") else None
        if asked.get("zone") and (zone is None or asked["direction"] == Lane.Direction.OUT):
            return _refused(400, "zone_invalid", _("Bãi này không có khu đó, hoặc xe đang ra."))
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
                zone=zone,
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
        "zones": [_zone(now) for now in zones_now(spot.yard.zones.order_by("name"))],
        "inside": [truck.trip.plate for truck in here if truck.standing.yard_id == spot.yard.pk],
        "coming": [{"plate": trip.plate, "expected_at": trip.declaration.expected_at} for trip in expected],
    }


def _zone(now: ZoneNow) -> dict:
    zone = now.zone
    told = {name: getattr(zone, name) for name in ("code", "name", "kind", "capacity", "in_use")}
    return told | {"count": now.count}


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
    path("yards/<slug:gate>/<slug:yard>/zones/<slug:zone>/", YardZone.as_view(), name="zone"),
    path("yards/<slug:gate>/<slug:yard>/trucks/", YardTrucks.as_view(), name="trucks"),
    path("yards/<slug:gate>/<slug:yard>/goods/", YardGoods.as_view(), name="goods"),
    path("yards/<slug:gate>/<slug:yard>/plan/", YardPlan.as_view(), name="plan"),
    path("yards/<slug:gate>/<slug:yard>/events/", YardEvents.as_view(), name="events"),
]
