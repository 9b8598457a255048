"""Random legal and illegal moves over all procedures, held against what must never happen (design.md §6)."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.rules import role_at
from checkpoints import tasks
from checkpoints.door import perform
from checkpoints.facts import verify
from checkpoints.goods import stored
from checkpoints.journey import camera_stages_ahead, known_yard, next_stage
from checkpoints.models import (
    Closure,
    Confirmation,
    Consent,
    Correction,
    Fact,
    Hold,
    Passage,
    Transshipment,
    TransshipmentLine,
    TripStage,
)
from checkpoints.overstays import deadline
from checkpoints.refusals import Refusal
from checkpoints.states import SETTLED, ConfirmationState
from declarations.correctable import as_text, current
from declarations.models import Declaration, Document, GoodsLine, Load, Trip
from declarations.services import return_of
from declarations.states import LIVE_DECLARATIONS, TripState
from gates.models import Zone
from gates.procedures import BOOKS, Book
from gates.procedures.words import Country, Order, Side
from tests.world import World, ago, goods, make_gate, make_officer, make_trader, vehicle

PLATES = {Country.VN: ("11C00001", "12C00002", "29H00003"), Country.CN: ("桂F00001", "桂L00002")}
AGENCIES = (
    "border_guard",
    "customs",
    "health_quarantine",
    "animal_quarantine",
    "plant_quarantine",
    "transport",
    "fee_centre",
)
PLACES = ("B1", "B2", "yard")


def everything() -> list:
    """All that moves, as plain values, to see that a refused move changed none of it."""
    return [
        sorted(model.objects.values_list(*fields), key=str)
        for model, fields in (
            (Declaration, ("pk", "state", "extended_to")),
            (Hold, ("pk", "kind", "takes", "case", "ended_id")),
            (Trip, ("pk", "state", "procedure_code", "plate", "driver_name", "payload", "zone_id")),
            (GoodsLine, ("pk", "name", "quantity", "weight")),
            (Correction, ("pk", "state", "proposed_id")),
            (Consent, ("correction_id", "agency", "fact_id")),
            (TripStage, ("pk", "moment", "completed_at", "barrier_opened_at")),
            (Confirmation, ("pk", "state", "fact_id")),
            (Load, ("pk", "trip_id", "yard_id", "case", "quantity", "weight")),
            (Transshipment, ("pk", "moved_at")),
            (Passage, ("pk", "trip_id")),
            (Document, ("pk", "replaces_id")),
            (Fact, ("pk",)),
        )
    ]


class Border(RuleBasedStateMachine):
    """A border where the procedures of `book` are followed."""

    trips = Bundle("trips")

    def __init__(self, book: Book) -> None:
        super().__init__()
        self.book = book
        self.procedures = [procedure for procedure in book if procedure.purpose]
        self.declared = 0
        self.rolled_back = transaction.atomic()
        self.rolled_back.__enter__()

    @initialize()
    def people_come(self) -> None:
        self.world = World(gate=make_gate(book=self.book.code))
        self.stranger = make_trader("Công ty khác")
        self.abroad = make_gate("tra-linh", "Trà Lĩnh")
        self.zones = [
            Zone.objects.create(yard=gate.yards.get(inside=True), code="a-1", name="Khu A1", kind="dry", capacity=1)
            for gate in (self.world.gate, self.abroad)
        ]
        self.elsewhere = {agency: make_officer(agency, self.abroad) for agency in AGENCIES}

    def teardown(self) -> None:
        assert len(list(verify())) == Fact.objects.count()
        transaction.set_rollback(True)
        self.rolled_back.__exit__(None, None, None)

    def attempt(self, move: str, subject, **given) -> bool:
        """Whether the door made the move; a refused one changed nothing."""
        before = everything()
        try:
            with transaction.atomic():
                perform(move, subject, key=str(uuid4()), **given)
        except Refusal:
            assert everything() == before
            return False
        return True

    @precondition(lambda self: self.declared < 5)
    @rule(
        target=trips,
        which=st.integers(0, 59),
        plates=st.lists(st.integers(0, 2), min_size=1, max_size=2, unique=True),
        until=st.sampled_from(("leave", "yard", "transship", "enter", "fee", "end", "start")),
    )
    def declare(self, which, plates, until):
        self.declared += 1
        procedure = self.procedures[which % len(self.procedures)]
        side = procedure.comes_from
        country = procedure.country or (Country.VN if side is Side.INLAND else Country.CN)
        numbers = [PLATES[country][index % len(PLATES[country])] for index in plates]
        vehicles = [vehicle(plate, comes_from=side.value) for plate in dict.fromkeys(numbers)]
        declaration = self.world.submit(
            procedure.purpose,
            vehicles,
            [goods(quantity=7, weight=100)],
            outside_yard=procedure.outside_yard,
        )
        assert {trip.procedure_code for trip in declaration.trips.all()} == {procedure.code}
        for trip in declaration.trips.all():
            self.goes_on_until(trip, until)
        return multiple(*declaration.trips.all())

    def is_seen(self, trip, place, direction):
        self.attempt("record_passage", trip, actor=None, lane=self.world.lane(place, direction))

    def an_eager_officer_does_not_wait_for_the_others(self, trip, which):
        """Of a truck at its way out if there is one, where the order is listed."""
        leaving = Trip.objects.filter(stages__moment="leave", stages__completed_at=None, state=TripState.UNDER_WAY)
        trip = leaving.first() or Trip.objects.get(pk=trip.pk)
        waiting = self.world.waiting(trip)
        held = Correction.objects.concerning(trip).exists() or Hold.objects.open().filter(trip=trip).exists()
        if not waiting or trip.has_ended or held:
            return
        slot = waiting[which % len(waiting)]
        if slot.agency == "trader" or slot.of in ("transshipment", "fee_confirmed"):
            return
        before = slot.stage.confirmations.filter(position__lt=slot.position).exclude(state__in=SETTLED)
        in_turn = slot.stage.spec.order is Order.ANY or not before.exists()
        actor = self.world.officer(slot.agency)
        assert self.attempt("confirm", trip, actor=actor, confirmation=slot.pk) == in_turn

    @rule(trip=trips, until=st.sampled_from(("leave", "end", "yard", "fee")))
    def goes_on_until(self, trip, until):
        """Right steps until that stage is open: whatever comes next is done by who should, and must be accepted."""
        for _step in range(0 if until == "start" else 20):
            trip = Trip.objects.select_related("declaration").get(pk=trip.pk)
            if trip.stages.filter(moment=until, completed_at=None).exists():
                return
            self.right_step(trip)

    def right_step(self, trip):
        if trip.has_ended:
            return
        self.nothing_is_open(trip)
        stage = TripStage.objects.filter(trip=trip, completed_at__isnull=True).first()
        if stage is None:
            opened = set(trip.stages.values_list("moment", flat=True))
            ahead = camera_stages_ahead(trip, opened)[0]
            direction = "in" if ahead.moment in ("enter", "yard_in") else "out"
            lane = self.world.lane(ahead.place, direction, inside=not trip.procedure.outside_yard)
            assert self.attempt("record_passage", trip, actor=None, lane=lane)
            return
        slot = stage.confirmations.exclude(state__in=SETTLED).order_by("position").first()
        if slot is None:
            others = Trip.objects.filter(plate=trip.plate, state=TripState.UNDER_WAY).exclude(pk=trip.pk)
            opened = self.attempt("open_barrier", trip, actor=self.world.officer("border_guard"))
            assert opened != others.exists()
        elif slot.state == ConfirmationState.REFUSED:
            actor = self.world.officer(slot.agency)
            assert self.attempt("undo", trip, actor=actor, confirmation=slot.pk, reason="đã sửa")
        elif slot.of == "fee_confirmed":
            self.world.pay(trip)
            assert self.attempt("confirm", trip, actor=self.world.officer(slot.agency), confirmation=slot.pk)
        elif slot.agency != "trader" and slot.of != "transshipment":
            assert self.attempt("confirm", trip, actor=self.world.officer(slot.agency), confirmation=slot.pk)

    def somebody_clicks(self, trip, move, which, agency, here, opens):
        slots = list(Confirmation.objects.filter(stage__trip=trip).select_related("stage").order_by("pk"))
        if not slots:
            return
        slot = slots[which % len(slots)]
        actor = self.world.officer(agency) if here else self.elsewhere[agency]
        earlier_unsettled = slot.stage.confirmations.filter(position__lt=slot.position).exclude(state__in=SETTLED)
        spec = self.book[slot.stage.procedure_code].by_moment[slot.stage.moment]
        in_turn = spec.order is Order.ANY or not earlier_unsettled.exists()
        state, was_open = slot.state, slot.stage.completed_at is None
        if self.attempt(move, trip, actor=actor, confirmation=slot.pk, reason="thử", opens=opens):
            assert here, "an officer of another gate"
            assert agency == slot.agency, "another agency"
            if move != "undo":
                assert in_turn
                assert was_open
                assert state == ConfirmationState.WAITING

    def somebody_opens(self, trip, agency, here):
        actor = self.world.officer(agency) if here else self.elsewhere[agency]
        if self.attempt("open_barrier", trip, actor=actor):
            assert agency == "border_guard"
            assert here

    def goods_are_registered(self, target_trip, source, part, own):
        load = Load.objects.filter(trip=source).first()
        quantities = {str(load.pk): part} if load and part else None
        actor = self.world.trader if own else self.stranger
        if self.attempt("register_transshipment", target_trip, actor=actor, source=source, quantities=quantities):
            assert own
            assert source.pk != target_trip.pk

    @rule()
    def goods_go_over_as_they_should(self):
        """Whoever waits for goods gets half of those of a truck that stands in the yard, and customs confirms."""
        stages = TripStage.objects.filter(completed_at__isnull=True, trip__state=TripState.UNDER_WAY)
        target = Trip.objects.filter(stages__in=stages.filter(moment="transship")).order_by("pk").first()
        loads = Load.objects.filter(trip__stages__in=stages.filter(moment="yard"), quantity__gt=1).order_by("pk")
        load = loads.exclude(trip__transshipments_out__moved_at__isnull=True, trip__transshipments_out__isnull=False)
        way = self.book[target.procedure_code].continues if target else None
        load = load.filter(trip__procedure_code=way.procedure).select_related("trip").first() if way else None
        if target is None or load is None or target.transshipments_in.exists():
            return
        if len({known_yard(target), known_yard(load.trip)} - {None}) > 1:
            return
        for trip in (target, load.trip):
            self.nothing_is_open(trip)
        given = {"source": load.trip, "quantities": {str(load.pk): str(load.quantity / 2)}}
        assert self.attempt("register_transshipment", target, actor=self.world.trader, **given)
        slot = Confirmation.objects.get(stage__trip=target, of="transshipment", stage__completed_at__isnull=True)
        assert self.attempt("confirm", target, actor=self.world.officer("customs"), confirmation=slot.pk)

    def goods_are_put_in_store(self, trip, part, own, abroad):
        load = Load.objects.filter(trip=trip).first()
        given = {"quantities": {str(load.pk): part} if load and part else None}
        given["yard"] = (self.abroad if abroad else self.world.gate).yards.filter(inside=True).get()
        actor = self.world.trader if own else self.stranger
        if self.attempt("register_storage", trip, actor=actor, **given):
            assert own
            assert not abroad

    def goods_are_fetched_from_store(self, trip, part, own):
        load = Load.objects.filter(yard__isnull=False).select_related("line__consignment__declaration", "yard").first()
        if load is None:
            return
        given = {"declaration": load.line.consignment.declaration, "yard": load.yard}
        actor = self.world.trader if own else self.stranger
        quantities = {str(load.pk): part} if part else None
        if self.attempt("register_loading", trip, actor=actor, quantities=quantities, **given):
            assert own
            assert trip.stages.filter(completed_at=None, moment__in=("yard", "transship")).exists()

    @rule(whole=st.booleans())
    def goods_go_into_store_as_they_should(self, whole):
        """Of a truck that stands in the yard all or half is unloaded; emptied, it is asked nothing more."""
        stages = TripStage.objects.filter(completed_at=None, moment="yard", trip__state=TripState.UNDER_WAY)
        load = Load.objects.filter(trip__stages__in=stages, quantity__gt=1).select_related("trip").order_by("pk")
        exchanging = Transshipment.objects.pending()
        load = load.exclude(trip__in=exchanging.filter(source__isnull=False).values("source"))
        load = load.exclude(trip__in=exchanging.filter(target__isnull=False).values("target")).first()
        if load is None:
            return
        self.nothing_is_open(load.trip)
        declared = self.world.gate.yards.get(inside=not load.trip.procedure.outside_yard)
        given = {"yard": known_yard(load.trip) or declared}
        if not whole:
            given["quantities"] = {str(load.pk): str(load.quantity / 2)}
        assert self.attempt("register_storage", load.trip, actor=self.world.trader, **given)
        self.customs_says_yes(load.trip, "storage_or_unloading")
        assert Load.objects.filter(trip=load.trip).exists() != whole

    @rule()
    def goods_come_out_of_store_as_they_should(self):
        """Whoever waits for goods, or carries such, fetches what lies longest in store, and customs confirms."""
        load = Load.objects.filter(yard__isnull=False).select_related("line__consignment__declaration", "yard")
        registered = TransshipmentLine.objects.filter(transshipment__moved_at=None, load__isnull=False)
        load = load.exclude(pk__in=registered.values("load")).order_by("pk").first()
        if load is None:
            return
        declaration = load.line.consignment.declaration
        ways = set(declaration.trips.values_list("began_as", flat=True))
        stages = TripStage.objects.filter(completed_at=None, trip__state=TripState.UNDER_WAY)
        for stage in stages.filter(moment__in=("transship", "yard")).select_related("trip").order_by("pk"):
            way = stage.trip.procedure.continues
            carried_under = way.procedure if way else stage.trip.procedure_code
            here = known_yard(stage.trip) in (None, load.yard)
            if here and carried_under in ways and not Transshipment.objects.of(stage.trip).pending().exists():
                break
        else:
            return
        self.nothing_is_open(stage.trip)
        given = {"declaration": declaration, "yard": load.yard, "quantities": {str(load.pk): str(load.quantity)}}
        assert self.attempt("register_loading", stage.trip, actor=self.world.trader, **given)
        self.customs_says_yes(stage.trip, "transshipment")
        assert Load.objects.filter(trip=stage.trip, line=load.line).exists()

    @rule(agency=st.sampled_from(("customs", "border_guard", "transport")))
    def goods_in_store_are_handed_over(self, agency):
        """What lies longest in store and is not registered to be loaded, by who may seize."""
        registered = TransshipmentLine.objects.filter(transshipment__moved_at=None, load__isnull=False)
        load = Load.objects.filter(yard__isnull=False).exclude(pk__in=registered.values("load")).order_by("pk").first()
        if load is None:
            return
        given = {"actor": self.world.officer(agency), "case": "9/BB", "reason": "hàng hỏng", "loads": [load.pk]}
        made = self.attempt("hand_over_stored", load.line.consignment.declaration, **given)
        assert made == (agency != "transport")

    def customs_says_yes(self, trip, of):
        """To what is registered, a refusal from before taken back first."""
        slot = Confirmation.objects.get(stage__trip=trip, stage__completed_at=None, of=of)
        customs = {"actor": self.world.officer("customs"), "confirmation": slot.pk}
        if slot.state == ConfirmationState.REFUSED:
            assert self.attempt("undo", trip, **customs, reason="đã sửa")
        assert self.attempt("confirm", trip, **customs)

    def customs_confirms_transshipment(self, trip, of="transshipment"):
        slot = Confirmation.objects.filter(stage__trip=trip, of=of, state="waiting").first()
        if slot:
            self.attempt("confirm", trip, actor=self.world.officer("customs"), confirmation=slot.pk)

    def a_registration_is_taken_back(self, own):
        pending = Transshipment.objects.filter(moved_at__isnull=True).select_related("source", "target").first()
        if pending:
            actor = self.world.trader if own else self.stranger
            vehicle = pending.target or pending.source
            assert self.attempt("cancel_transshipment", vehicle, actor=actor, registered=pending.pk) == own

    def it_found_no_goods(self, trip, own):
        if self.attempt("leave_without_goods", trip, actor=self.world.trader if own else self.stranger):
            assert own

    def a_correction_is_asked(self, trip, agency, here, chance):
        actor = self.world.officer(agency) if here else self.elsewhere[agency]
        corrected = [key for key in sorted(current(trip)) if key.endswith(("plate", "driver_name", ".weight"))]
        fields = chance.sample(corrected, 2)
        if self.attempt("ask_correction", trip, actor=actor, fields=fields, reason="thử"):
            assert here
            assert not Trip.objects.get(pk=trip.pk).has_ended

    def something_is_corrected(self, trip, own, chance):
        """The plate, the driver, the goods; what was confirmed on it is in force only once its agency agreed."""
        trip = Trip.objects.get(pk=trip.pk)
        country = Country(trip.country)
        new = {
            "plate": chance.choice(PLATES[country]),
            "trailer_plate": f"11R0{chance.randrange(1000, 9999)}",
            "driver_name": f"Lái xe {chance.randrange(99)}",
            "companion": f"Phụ xe {chance.randrange(99)}",
        }
        for key in current(trip):
            if key.endswith(".weight"):
                new[key] = chance.choice(("50", "80.5", "120", "130", "140", "-1"))
        values = {key: new[key] for key in chance.sample(sorted(new), chance.randint(1, len(new)))}
        if found := Correction.objects.open().filter(trip=trip, asked__isnull=False).first():
            values |= {key: new[key] for key in found.fields if key in new}
        before = {key: as_text(value) for key, value in current(trip).items()}
        actor = self.world.trader if own else self.stranger
        if self.attempt("correct", trip, actor=actor, values=values, sure=True, replaces=chance.random() < 0.3):
            assert own
            made = Correction.objects.filter(trip=trip).latest("pk")
            after = {key: as_text(value) for key, value in current(Trip.objects.get(pk=trip.pk)).items()}
            awaited = made.consents.filter(fact=None).exists()
            assert made.state == ("proposed" if awaited else "applied")
            assert after == (before if awaited else before | made.after)

    def somebody_answers_a_correction(self, trip, agency, here, how):
        found = Correction.objects.open().filter(trip=trip).first()
        if found is None:
            return
        trip = Trip.objects.get(pk=trip.pk)
        awaited = set(found.consents.filter(fact=None).values_list("agency", flat=True))
        confirmed = self.confirmed_on(trip)
        actor = self.world.officer(agency) if here else self.elsewhere[agency]
        if self.attempt(f"{how}_correction", trip, actor=actor, proposal=found.proposed_id or 0, reason="thử"):
            assert here
            assert how == "withdraw" or agency in awaited
            assert self.confirmed_on(trip) >= confirmed, "a confirmation was taken away"

    @rule(
        trip=trips,
        asks=st.sampled_from((*AGENCIES, None)),
        chance=st.randoms(use_true_random=False),
        ends=st.sampled_from((True, True, True, False)),
    )
    def a_correction_goes_its_way(self, trip, asks, chance, ends):
        """Perhaps asked, then made by who declared; often agreed to at once."""
        if asks:
            self.a_correction_is_asked(trip, asks, True, chance)
        self.something_is_corrected(trip, True, chance)
        if ends:
            self.a_correction_comes_to_its_end(trip)

    def a_correction_comes_to_its_end(self, trip):
        """Whoever must agree does; only another truck in the way, or goods about to go over, may forbid it."""
        found = Correction.objects.open().filter(trip=trip, state="proposed").first()
        if found is None or Trip.objects.get(pk=trip.pk).has_ended:
            return
        for agency in found.consents.filter(fact=None).values_list("agency", flat=True):
            actor = self.world.officer(agency)
            if not self.attempt("agree_correction", found.trip, actor=actor, proposal=found.proposed_id):
                again = {"proposal": found.proposed_id, "reason": "không hợp lệ nữa"}
                assert self.attempt("reject_correction", found.trip, actor=actor, **again)
                return

    def confirmed_on(self, trip) -> set[int]:
        return set(
            Confirmation.objects.filter(stage__trip=trip, state=ConfirmationState.CONFIRMED)
            .exclude(of="fee_confirmed")
            .values_list("pk", flat=True)
        )

    def nothing_is_open(self, trip):
        """Whoever must goes on: what is still being corrected is taken back first."""
        for found in Correction.objects.concerning(trip).select_related("asked", "trip"):
            actor = self.world.officer(found.asked.agency) if found.asked else self.world.trader
            if not found.trip.has_ended:
                assert self.attempt("withdraw_correction", found.trip, actor=actor)
        for hold in Hold.objects.open().filter(trip=trip).select_related("began"):
            seized = hold.kind == Hold.Kind.SEIZED
            actor = self.world.officer(hold.began.agency) if seized else self.world.trader
            assert self.attempt("release" if seized else "report_repaired", trip, actor=actor, reason="xong")

    @rule(hours=st.sampled_from((10, 30, 30, 80)))
    def time_passes(self, hours):
        """The platform tells who stays too long, and what nobody came for expires; what stands here does not."""
        ago(hours=hours)
        late = {trip.pk for trip in Trip.objects.filter(state=TripState.UNDER_WAY) if self.stays_too_long(trip)}
        told = set(Fact.objects.filter(move="overstay").values_list("pk", flat=True))
        tasks.tell_overstays()
        assert set(Fact.objects.filter(move="overstay").exclude(pk__in=told).values_list("trip", flat=True)) <= late
        assert all(deadline(trip).told for trip in Trip.objects.filter(pk__in=late))
        standing = set(Trip.objects.filter(state=TripState.UNDER_WAY).values_list("pk", flat=True))
        tasks.expire()
        assert not Trip.objects.filter(pk__in=standing).exclude(state=TripState.UNDER_WAY).exists()
        tasks.leave_unseen()

    def stays_too_long(self, trip) -> bool:
        found = deadline(trip)
        return found is not None and found.is_over

    @rule(trip=trips, agency=st.sampled_from(("border_guard", "border_guard", "customs")))
    def its_overstay_is_noted(self, trip, agency):
        trip = Trip.objects.get(pk=trip.pk)
        due = self.stays_too_long(trip) and not deadline(trip).noted
        made = self.attempt("note_overstay", trip, actor=self.world.officer(agency), reason="BB-07/2026")
        assert made == (due and agency == "border_guard")

    @rule(trip=trips, agency=st.sampled_from(("border_guard", "border_guard", "customs")))
    def it_is_sent_back(self, trip, agency):
        """Refused entry, or let out otherwise than declared: by the border guard, once it came and nothing is open."""
        trip = Trip.objects.get(pk=trip.pk)
        came = trip.state == TripState.UNDER_WAY or trip.stages.filter(completed_at=None).exists()
        live = trip.declaration.state in LIVE_DECLARATIONS and not trip.has_ended
        held = Hold.objects.seizures().filter(trip=trip).exists()
        exchanging = Transshipment.objects.of(trip).pending().exists()
        made = self.attempt("turn_back", trip, actor=self.world.officer(agency), reason="xe không an toàn")
        assert made == (agency == "border_guard" and came and live and not held and not exchanging)

    @rule(trip=trips, abroad=st.booleans())
    def it_is_told_where_to_stand(self, trip, abroad):
        """By the yard's operator, in a zone of the yard; seen anywhere else it stands there no longer."""
        trip = Trip.objects.get(pk=trip.pk)
        zone = self.zones[abroad]
        operator = {"actor": self.world.officer("yard_operator")}
        if self.attempt("place_in_zone", trip, **operator, zone=zone):
            assert not abroad
            assert trip.state == TripState.UNDER_WAY

    def it_is_called_up(self, trip, agency, here, place, direction):
        """By hand, where no camera told: as if it had been seen."""
        actor = self.world.officer(agency) if here else self.elsewhere[agency]
        lane = self.world.lane(place, direction)
        if self.attempt("call_up", trip, actor=actor, lane=lane):
            assert here
            assert trip.passages.filter(lane=lane).exists()

    def its_customs_declaration_is_named(self, trip, own):
        declaration = Declaration.objects.get(pk=trip.declaration_id)
        lot = declaration.consignments.first()
        if lot is None:
            return
        confirmed = set(Confirmation.objects.values_list("pk", "state"))
        given = {"consignment": lot.pk, "number": "108508812341", "day": timezone.localdate()}
        actor = self.world.trader if own else self.stranger
        if self.attempt("name_customs_declaration", declaration, actor=actor, **given):
            assert own
            assert set(Confirmation.objects.values_list("pk", "state")) == confirmed

    @rule(trip=trips, own=st.sampled_from((True, True, False)))
    def goods_come_back(self, trip, own):
        """Of a truck that left with them, once: a declaration the other way round, tied to its trip."""
        trip = Trip.objects.get(pk=trip.pk)
        if (
            trip.state != TripState.LEFT
            or not trip.loads.exists()
            or trip.declaration.purpose not in ("export", "import")
        ):
            return
        draft = return_of(trip, actor=self.world.trader, expected_at=timezone.now())
        draft.consignments.update(customs_number="308508812349", customs_date=timezone.localdate())
        self.attempt("submit", draft, actor=self.world.trader if own else self.stranger)
        if Declaration.objects.get(pk=draft.pk).state != "draft":
            assert own
            assert Declaration.objects.filter(returns=trip).exclude(state="draft").count() == 1
        else:
            draft.delete()

    def the_gate_is_closed_or_a_barrier_opened(self, trip, agency, here):
        """Neither moves a truck."""
        actor, now = self.world.officer(agency) if here else self.elsewhere[agency], timezone.now()
        states = set(Trip.objects.values_list("pk", "state"))
        closing = {"kind": "suspended", "authority": "UBND tỉnh", "starts_at": now, "ends_at": now + timedelta(hours=2)}
        assert not self.attempt("announce_closure", self.world.gate, actor=actor, reason="mưa lũ", **closing)
        forced = self.attempt(
            "open_forced", self.world.gate, actor=actor, reason="xe cứu thương", lane=self.world.lane("B1", "in")
        )
        assert forced == (here and agency == "border_guard")
        assert set(Trip.objects.values_list("pk", "state")) == states

    @rule(trip=trips)
    def it_is_refused_and_set_right(self, trip):
        """By whose turn it is, and undone by the same."""
        trip = Trip.objects.get(pk=trip.pk)
        slot = next(iter(self.world.waiting(trip)), None)
        if slot is None or trip.has_ended or slot.agency == "trader":
            return
        if slot.stage.confirmations.filter(state=ConfirmationState.REFUSED).exists():
            return
        officer = {"actor": self.world.officer(slot.agency), "confirmation": slot.pk}
        assert self.attempt("refuse", trip, **officer, reason="thiếu chứng từ")
        assert self.attempt("undo", trip, **officer, reason="đã bổ sung")

    @rule(move=st.sampled_from(("announce_closure", "lift_closure", "extend_all")))
    def the_authority_decides(self, move):
        """Of its gate as a whole; no truck moves by it."""
        now, states = timezone.now(), set(Trip.objects.values_list("pk", "state"))
        closure = Closure.objects.filter(lifted_at=None, ends_at__gt=now).first()
        awaited = Declaration.objects.filter(state__in=LIVE_DECLARATIONS, trips__state=TripState.EXPECTED).exists()
        closing = {"kind": "suspended", "authority": "UBND tỉnh", "starts_at": now, "ends_at": now + timedelta(hours=2)}
        given, possible = {
            "announce_closure": (closing, True),
            "lift_closure": ({"closure": closure and closure.pk}, closure is not None),
            "extend_all": ({"hours": 72}, awaited),
        }[move]
        authority = {"actor": self.world.officer("zone_authority"), "reason": "mưa lũ"}
        assert self.attempt(move, self.world.gate, **authority, **given) == possible
        assert set(Trip.objects.values_list("pk", "state")) == states

    @rule(trip=trips, other=trips, chance=st.randoms(use_true_random=False))
    def a_truck_leaves_the_straight_road(self, trip, other, chance):
        """Seized, broken down, recorded under another's trip: what is right is accepted, and comes to its end."""
        trip = Trip.objects.get(pk=trip.pk)
        came = trip.state == TripState.UNDER_WAY or trip.stages.filter(completed_at=None).exists()
        seized = Hold.objects.open().filter(trip=trip, kind="seized").exists()
        agency, takes = chance.choice(("border_guard", "customs")), chance.choice(Hold.Takes.values)
        way = chance.choice(("seized", "seized", "broken_down", "recorded_under_another"))
        if way == "recorded_under_another":
            self.recorded_of_another(trip, other, "border_guard", True)
        elif way == "broken_down":
            self.reported(trip, chance, own=True)
        elif came and not trip.has_ended and not seized and (takes == "vehicle" or trip.loads.exists()):
            given = {"actor": self.world.officer(agency), "reason": "vi phạm"}
            assert self.attempt("seize", trip, case=f"{trip.pk}/VPHC", takes=takes, **given)
            end = chance.choice(("hand_over", "hand_over", "release", "later"))
            if end == "hand_over":
                self.is_handed_over(trip, **given)
            assert end != "release" or self.attempt("release", trip, **given)

    def is_handed_over(self, trip, **given):
        """Wherever it stands and whatever is on it, once no goods are registered to go over."""
        for pending in Transshipment.objects.of(trip).pending().select_related("source", "target"):
            vehicle, customs = pending.target or pending.source, self.world.officer("customs")
            taken_back = {"actor": customs, "registered": pending.pk, "reason": "hàng bị tạm giữ"}
            assert self.attempt("cancel_transshipment", vehicle, **taken_back)
        assert self.attempt("hand_over", trip, **given, with_goods=True)
        assert not Load.objects.filter(trip=trip).exists()

    def somebody_seizes(self, trip, agency, here, chance):
        actor = self.world.officer(agency) if here else self.elsewhere[agency]
        holder = Hold.objects.open().filter(trip=trip, kind="seized").select_related("began").first()
        move = chance.choice(("seize", "release", "hand_over"))
        given = {"case": "1/VPHC", "takes": chance.choice(Hold.Takes.values)} if move == "seize" else {}
        if move == "hand_over":
            load, part = trip.loads.first(), chance.choice(("0.5", "2", None))
            given |= {"with_goods": chance.random() < 0.5, "quantities": load and part and {str(load.pk): part}}
        if self.attempt(move, trip, actor=actor, reason="thử", **given):
            assert here
            assert agency in ("border_guard", "customs")
            assert agency == holder.began.agency if holder else move == "seize"

    def reported(self, trip, chance, *, own):
        """By its declarant or by a stranger; one that is broken down is repaired or towed away."""
        actor = self.world.trader if own else self.stranger
        move = chance.choice(("report_breakdown", "report_breakdown", "report_repaired"))
        if self.attempt(move, trip, actor=actor, reason="hỏng máy"):
            assert own
        agency, lane = (
            chance.choice((*AGENCIES, "border_guard", "border_guard")),
            self.world.lane(chance.choice(PLACES), "out"),
        )
        given = {"lane": lane, "with_goods": chance.random() < 0.5, "reason": "xe cứu hộ kéo"}
        if chance.random() < 0.5 and self.attempt("tow_away", trip, actor=self.world.officer(agency), **given):
            assert agency == "border_guard"
            assert lane.barrier_id

    def recorded_of_another(self, trip, other, agency, here):
        """What was seen of the one is of the other: the one waits anew, as if nobody had come."""
        actor = self.world.officer(agency) if here else self.elsewhere[agency]
        seen = set(Passage.objects.filter(trip=trip).values_list("pk", flat=True))
        if self.attempt("reassign", trip, actor=actor, to=other, reason="đọc nhầm biển"):
            assert here
            assert agency == "border_guard"
            assert Trip.objects.get(pk=trip.pk).state == TripState.EXPECTED
            assert list(trip.stages.values_list("moment", flat=True)) == ["declare"]
            assert seen <= set(Passage.objects.filter(trip=other).values_list("pk", flat=True))
            assert other.stages.count() > 1

    def somebody_extends(self, trip, own, whole):
        actor = self.world.trader if own else self.stranger
        subject = self.world.gate if whole else Declaration.objects.get(pk=trip.declaration_id)
        given = {"hours": 72} if whole else {}
        if self.attempt("extend_all" if whole else "extend", subject, actor=actor, reason="tắc đường", **given):
            assert own
            assert not whole

    def a_document_is_updated(self, trip, own):
        """A newer version in place of the former, by who declared; no confirmation knows of it."""
        declaration = Declaration.objects.get(pk=trip.declaration_id)
        consignment = declaration.consignments.first()
        former = declaration.documents.newest().first()
        before = set(Confirmation.objects.values_list("pk", "state", "fact"))
        given = {
            "consignment": consignment and consignment.pk,
            "kind": Document.Kind.PACKING_LIST,
            "file": ContentFile(b"%PDF-1.4 %%EOF", name="x.pdf"),
            "replaces": former and former.pk,
        }
        if self.attempt("update_document", declaration, actor=self.world.trader if own else self.stranger, **given):
            assert own
            assert declaration.state in LIVE_DECLARATIONS
            assert set(Confirmation.objects.values_list("pk", "state", "fact")) == before
            assert declaration.documents.newest().count() == 1

    def it_is_withdrawn(self, trip, own, whole):
        actor = self.world.trader if own else self.stranger
        subject = Declaration.objects.get(pk=trip.declaration_id) if whole else trip
        meant = Trip.objects.filter(declaration=trip.declaration_id) if whole else Trip.objects.filter(pk=trip.pk)
        entered = meant.filter(state__in=(TripState.UNDER_WAY, TripState.LEFT)).exists()
        if self.attempt("withdraw" if whole else "withdraw_trip", subject, actor=actor):
            assert own
            assert not entered

    @rule(trip=trips, other=trips, chances=st.lists(st.randoms(use_true_random=False), min_size=3, max_size=8))
    def mischief_is_tried(self, trip, other, chances):
        """Things that may be out of order, by somebody who may not: each refused, or rightly done."""
        for chance in chances:
            self.mischief(trip, other, chance)

    def mischief(self, trip, other, chance):
        agency, here, own = chance.choice(AGENCIES), chance.random() < 0.6, chance.random() < 0.6
        which = chance.randrange(30)
        chance.choice(
            (
                lambda: self.is_seen(trip, chance.choice(PLACES), chance.choice(("in", "out"))),
                lambda: self.an_eager_officer_does_not_wait_for_the_others(trip, which),
                lambda: self.an_eager_officer_does_not_wait_for_the_others(trip, which),
                lambda: self.somebody_clicks(
                    trip, chance.choice(("confirm", "refuse", "undo")), which, agency, here, own
                ),
                lambda: self.somebody_opens(trip, agency, here),
                lambda: self.goods_are_registered(trip, other, chance.choice(("2", "7", "3.5", "-1", None)), own),
                lambda: self.goods_are_put_in_store(trip, chance.choice(("2", "7", "-1", None)), own, not here),
                lambda: self.goods_are_fetched_from_store(trip, chance.choice(("2", "7.5", "0", None)), own),
                lambda: self.customs_confirms_transshipment(trip),
                lambda: self.customs_confirms_transshipment(trip, of="storage_or_unloading"),
                lambda: self.a_registration_is_taken_back(own),
                lambda: self.it_found_no_goods(trip, own),
                lambda: self.it_is_withdrawn(trip, own, here),
                lambda: self.a_document_is_updated(trip, own),
                lambda: self.it_is_called_up(trip, agency, here, chance.choice(PLACES), chance.choice(("in", "out"))),
                lambda: self.its_customs_declaration_is_named(trip, own),
                lambda: self.the_gate_is_closed_or_a_barrier_opened(trip, agency, here),
                lambda: self.somebody_seizes(trip, agency, here, chance),
                lambda: self.reported(trip, chance, own=own),
                lambda: self.recorded_of_another(trip, other, agency, here),
                lambda: self.somebody_extends(trip, own, here),
                lambda: self.a_correction_is_asked(trip, agency, here, chance),
                lambda: self.something_is_corrected(trip, own, chance),
                lambda: self.something_is_corrected(trip, own, chance),
                lambda: self.somebody_answers_a_correction(
                    trip, agency, here, chance.choice(("agree", "agree", "reject", "withdraw"))
                ),
            )
        )()

    @invariant()
    def no_barrier_opened_before_all_confirmed(self):
        opened = Confirmation.objects.filter(stage__barrier_opened_at__isnull=False)
        assert not opened.exclude(state__in=SETTLED).exists()

    @invariant()
    def nothing_goes_on_while_it_is_seized(self):
        for hold in Hold.objects.open().filter(kind="seized"):
            since = Fact.objects.filter(trip=hold.trip_id, pk__gt=hold.began_id)
            assert not since.filter(move__in=("open_barrier", "start", "leave", "emptied", "continue")).exists()
            confirmed = set(since.filter(move="confirm").values_list("data__of", flat=True))
            assert confirmed <= ({"transshipment"} if hold.takes == "vehicle" else set())

    @invariant()
    def only_the_guard_of_the_gate_opened(self):
        for fact in Fact.objects.filter(move="open_barrier").select_related("actor"):
            assert role_at(fact.actor, ["border_guard"], fact.gate_id)

    @invariant()
    def stages_follow_each_other_and_ask_what_the_book_asks(self):
        for trip in Trip.objects.prefetch_related("stages__confirmations"):
            stages = list(trip.stages.all())
            assert all(stage.completed_at for stage in stages[:-1])
            for stage in stages:
                spec = self.book[stage.procedure_code].by_moment[stage.moment]
                slots = sorted(stage.confirmations.all(), key=lambda slot: slot.position)
                assert [(slot.agency, slot.of) for slot in slots] == [(c.agency, c.of) for c in spec.confirmations]
                if stage.completed_at and spec.opens:
                    assert stage.barrier_opened_at
                if spec.order is Order.LISTED and stage.barrier_opened_at:
                    facts = [slot.fact_id for slot in slots]
                    assert facts == sorted(facts)
            if trip.state == TripState.LEFT:
                assert next_stage(trip, {stage.moment for stage in stages}) is None
                assert stages[-1].completed_at

    @invariant()
    def every_camera_stage_was_seen_there(self):
        for stage in TripStage.objects.filter(place__in=("B1", "B2")).select_related("passage__lane__barrier"):
            assert stage.passage.lane.barrier.place == stage.place

    @invariant()
    def goods_are_neither_doubled_nor_gone(self):
        for line in GoodsLine.objects.select_related("consignment__declaration").annotate(
            quantities=Sum("loads__quantity"), weights=Sum("loads__weight")
        ):
            assert (line.quantities, line.weights) == (line.quantity, line.weight)
            assert line.quantity == 7 or line.consignment.declaration.returns_id

    @invariant()
    def goods_in_store_are_under_way_and_known_since_when(self):
        for load in stored(Load.objects.all()):
            assert load.line.consignment.declaration.state == "under_way"
            assert load.since

    @invariant()
    def what_is_registered_is_still_there(self):
        for line in TransshipmentLine.objects.filter(transshipment__moved_at=None).select_related("load"):
            assert line.load
            assert line.quantity <= line.load.quantity
        waiting = Transshipment.objects.filter(moved_at=None)
        assert not waiting.exclude(source=None).exclude(source__state=TripState.UNDER_WAY).exists()
        assert not waiting.exclude(target=None).exclude(target__state=TripState.UNDER_WAY).exists()

    @invariant()
    def a_vehicle_is_under_way_once(self):
        plates = list(Trip.objects.filter(state=TripState.UNDER_WAY).values_list("plate", flat=True))
        assert len(plates) == len(set(plates))


@pytest.mark.django_db
@pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS)
def test_nothing_that_must_never_happen_happens(book):
    run_state_machine_as_test(
        partial(Border, book),
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
