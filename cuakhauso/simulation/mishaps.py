"""What goes wrong at a real gate, at random: corrections, refusals, seizures, breakdowns, wrong records, long stays."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from random import Random

from django.db import transaction
from django.db.models import F

from accounts.models import User
from checkpoints.door import perform
from checkpoints.models import Confirmation, Consent, Correction, Hold, Transshipment
from checkpoints.refusals import Refusal
from checkpoints.states import ConfirmationState
from cuakhauso.simulation.drive import Crew, key, pay
from cuakhauso.simulation.errands import Declarer, Errand
from declarations.models import Trip
from declarations.states import TripState
from gates.models import Lane
from gates.procedures.words import Agency

SHARE = 0.3
"""So many of the trips meet with something."""
STORED_SHARE = 0.5
"""So much of the goods that go over to other trucks goes through the store of a yard."""
MOST_TRIES = 6


class Mishaps:
    """Lets so many trips meet with something somewhere on their way; `happened` counts what did."""

    def __init__(self, crew: Crew, declarer: Declarer) -> None:
        self.crew = crew
        self.declarer = declarer
        self.inventor = declarer.inventor
        self.random: Random = self.inventor.random
        self.happened: Counter[str] = Counter()
        self._to_come: dict[int, int] = {}
        self._alone: set[int] = set()
        self._kinds: dict[str, Callable[[Trip], bool]] = {
            "driver_corrected": self._driver_corrected,
            "plate_asked": self._plate_asked,
            "weight_corrected": self._weight_corrected,
            "vehicle_swapped": self._vehicle_swapped,
            "refused": self._refused,
            "registration_taken_back": self._registration_taken_back,
            "seized_and_released": self._seized_and_released,
            "handed_over": self._handed_over,
            "refused_entry": self._refused_entry,
            "repaired": self._repaired,
            "towed_away": self._towed_away,
            "recorded_under_another": self._recorded_under_another,
            "extended": self._extended,
            "overstayed": self._overstayed,
        }

    def draw(self, errands: Iterable[Errand]) -> None:
        """Which of the trips, and at which step of theirs; and whose goods for others go through the store."""
        for errand in errands:
            if self.random.random() < SHARE:
                self._to_come[errand.trip.pk] = self.random.randrange(1, 9)
                self._alone |= {errand.trip.pk} if errand.is_alone else set()
            if errand.source and self.random.random() < STORED_SHARE:
                errand.source.through_store = True
                self.happened["stored_and_loaded_later"] += 1

    def befall(self, trip: Trip) -> None:
        """Let it happen, once this trip has gone the steps drawn for it."""
        left = self._to_come.get(trip.pk)
        if left is None:
            return
        self._to_come[trip.pk] = left - 1
        if left > 1:
            return
        trip = Trip.objects.select_related("declaration__gate", "declaration__created_by").get(pk=trip.pk)
        names = self.random.sample(list(self._kinds), len(self._kinds))
        names.sort(key=lambda name: self.happened[name])  # What is rarely possible happens when it is.
        done = next((name for name in names if self._tried(name, trip)), None)
        if done:
            self.happened[done] += 1
        if done or left < -MOST_TRIES or trip.has_ended:
            del self._to_come[trip.pk]

    def _tried(self, name: str, trip: Trip) -> bool:
        try:
            return self._kinds[name](trip)
        except Refusal:
            return False

    def _driver_corrected(self, trip: Trip) -> bool:
        """Another driver sits at the wheel."""
        name, phone = self.inventor.driver(trip.country)
        return self._corrected(trip, {"driver_name": name, "driver_phone": phone})

    def _plate_asked(self, trip: Trip) -> bool:
        """The border guard asks for the plate, before the truck was ever seen; the declarant mistyped it."""
        if trip.state != TripState.EXPECTED or trip.passages.exists():
            return False
        perform(
            "ask_correction",
            trip,
            actor=self._guard(trip),
            key=key(),
            fields=["plate"],
            reason="Biển kiểm soát khai sai",
        )
        return self._corrected(trip, {"plate": self.inventor.plate(trip.country)})

    def _weight_corrected(self, trip: Trip) -> bool:
        """The weighbridge says a little more."""
        load = trip.loads.filter(line__consignment__declaration=trip.declaration_id).first()
        if load is None:
            return False
        return self._corrected(trip, {f"line:{load.line_id}.weight": load.weight + Decimal("120")})

    def _vehicle_swapped(self, trip: Trip) -> bool:
        """Another tractor takes over the trailer and the goods."""
        values = {"plate": self.inventor.plate(trip.country)}
        return self._corrected(trip, values, replaces=True)

    def _refused(self, trip: Trip) -> bool:
        """An officer refuses and, set right, takes the refusal back."""
        slot = (
            Confirmation.objects.filter(
                stage__trip=trip, stage__completed_at__isnull=True, state=ConfirmationState.WAITING
            )
            .exclude(agency=Agency.TRADER)
            .select_related("stage")
            .order_by("position")
            .first()
        )
        if slot is None:
            return False
        slot.stage.trip = trip
        officer = self.crew.officer(slot.spec.agencies, trip.declaration.gate_id)
        perform("refuse", trip, actor=officer, key=key(), confirmation=slot.pk, reason="Thông tin chưa đầy đủ")
        perform("undo", trip, actor=officer, key=key(), confirmation=slot.pk, reason="Đã bổ sung đầy đủ")
        return True

    def _registration_taken_back(self, trip: Trip) -> bool:
        """Goods were registered to the wrong truck: taken back, and registered again as they were."""
        pairs = Transshipment.objects.pending().filter(target=trip, source__isnull=False)
        registered = pairs.select_related("source__declaration").first()
        if registered is None:
            return False
        trader = registered.source.declaration.created_by
        quantities = {str(line.load_id): str(line.quantity) for line in registered.lines.all()}
        perform("cancel_transshipment", trip, actor=trader, key=key(), registered=registered.pk, reason="Nhầm xe")
        given = {"source": registered.source, "quantities": quantities}
        perform("register_transshipment", trip, actor=trader, key=key(), **given)
        return True

    def _seized_and_released(self, trip: Trip) -> bool:
        """What customs or the border guard doubted is set right after all."""
        officer, given = self._seizing(trip, self.random.choice(Hold.Takes.values))
        perform("seize", trip, actor=officer, key=key(), **given)
        perform("release", trip, actor=officer, key=key(), reason="Đã xuất trình đủ chứng từ")
        return True

    def _handed_over(self, trip: Trip) -> bool:
        """A truck with which no other exchanges goods is handed to a violation case for good; what it owed is paid."""
        if trip.pk not in self._alone or not trip.loads.exists() or trip.state != TripState.UNDER_WAY:
            return False
        officer, given = self._seizing(trip, self.random.choice((Hold.Takes.GOODS, Hold.Takes.BOTH)))
        perform("seize", trip, actor=officer, key=key(), **given)
        perform("hand_over", trip, actor=officer, key=key(), reason="Quyết định tịch thu")
        pay(trip)
        return True

    def _seizing(self, trip: Trip, takes: str) -> tuple[User, dict[str, str]]:
        agency = self.random.choice((Agency.BORDER_GUARD, Agency.CUSTOMS))
        given = {"case": f"{trip.pk}/VPHC", "takes": takes, "reason": "Hàng hóa không rõ nguồn gốc"}
        return self.crew.officer([agency], trip.declaration.gate_id), given

    def _refused_entry(self, trip: Trip) -> bool:
        """One that nobody waits for is not let in at its first barrier."""
        if trip.pk not in self._alone or trip.state != TripState.EXPECTED:
            return False
        perform("turn_back", trip, actor=self._guard(trip), key=key(), reason="Xe không bảo đảm an toàn")
        return True

    def _repaired(self, trip: Trip) -> bool:
        """It breaks down and drives again."""
        trader = trip.declaration.created_by
        perform("report_breakdown", trip, actor=trader, key=key(), reason="Nổ lốp")
        perform("report_repaired", trip, actor=trader, key=key())
        return True

    def _towed_away(self, trip: Trip) -> bool:
        """A truck that gave its goods to others breaks down on its way out and is towed over the border."""
        gave = trip.transshipments_out.filter(moved_at__isnull=False).exists()
        if not gave or trip.loads.exists() or trip.state != TripState.UNDER_WAY:
            return False
        lane = Lane.objects.filter(barrier__gate=trip.declaration.gate_id, direction=Lane.Direction.OUT).first()
        perform("report_breakdown", trip, actor=trip.declaration.created_by, key=key(), reason="Hỏng hộp số")
        perform("tow_away", trip, actor=self._guard(trip), key=key(), lane=lane, reason="Xe cứu hộ kéo")
        pay(trip)
        return True

    def _recorded_under_another(self, trip: Trip) -> bool:
        """It was recorded under another of its declarations, and is given back what was seen of it."""
        if not trip.passages.exists() or trip.pk not in self._alone:
            return False
        other = self.declarer.declare_again(trip)
        try:
            perform("reassign", trip, actor=self._guard(trip), key=key(), to=other, reason="Nhầm tờ khai")
            perform("reassign", other, actor=self._guard(trip), key=key(), to=trip, reason="Đúng là tờ khai trước")
        finally:
            perform("withdraw", other.declaration, actor=other.declaration.created_by, key=key())
        return True

    def _extended(self, trip: Trip) -> bool:
        """It will come later than declared."""
        trader = trip.declaration.created_by
        perform("extend", trip.declaration, actor=trader, key=key(), reason="Xe hỏng trên đường")
        return True

    def _overstayed(self, trip: Trip) -> bool:
        """It has stood there for days: its clock is put back, the platform tells and the border guard notes it."""
        since = timedelta(days=3)
        with transaction.atomic():
            trip.stages.update(barrier_opened_at=F("barrier_opened_at") - since)
            trip.transshipments_out.update(moved_at=F("moved_at") - since)
            perform("overstay", trip, actor=None, key=key())
        perform("note_overstay", trip, actor=self._guard(trip), key=key(), reason=f"BB-{trip.pk}/2026")
        return True

    def _guard(self, trip: Trip) -> User:
        return self.crew.officer([trip.book.barriers_opened_by], trip.declaration.gate_id)

    def _corrected(self, trip: Trip, values: dict, **how) -> bool:
        """The declarant corrects, and who had confirmed on the old values agrees."""
        trader = trip.declaration.created_by
        perform("correct", trip, actor=trader, key=key(), values=values, reason="Khai nhầm", sure=True, **how)
        while correction := Correction.objects.open().filter(trip=trip).first():
            consent = Consent.objects.filter(correction=correction, fact=None).order_by("pk").first()
            officer = self.crew.officer([Agency(consent.agency)], trip.declaration.gate_id)
            perform("agree_correction", trip, actor=officer, key=key(), proposal=correction.proposed_id)
        return True
