"""What `make bench` measures: a frame read, a move through the door, pages before few and many trucks, the fee desk."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from anpr.pipeline import default_engine
from anpr.synthetic.scenes import render_passage
from checkpoints.door import perform
from checkpoints.models import Confirmation
from checkpoints.states import ConfirmationState
from cuakhauso.simulation.drive import Crew, Driver, key
from cuakhauso.simulation.errands import Declarer
from cuakhauso.simulation.fees import announced, enter_bills, statement
from cuakhauso.simulation.seed import seed
from declarations.models import Trip
from fees.models import BankAccount, StatementFile
from fees.services import importing
from gates.models import Gate, Lane
from gates.procedures import BOOKS

FEW, MANY = 3, 300
FRAMES = 20
TIMES = 15
CONFIRMED = 40
BILLS, LINES = 100_000, 50_000


@dataclass
class Row:
    """One line of the table: how long it took each time, and how many queries it asked."""

    name: str
    seconds: list[float] = field(default_factory=list)
    queries: int | None = None

    def time(self, do: Callable[[], object]) -> None:
        began = perf_counter()
        do()
        self.seconds.append(perf_counter() - began)

    @property
    def median_ms(self) -> float:
        return 1000 * median(self.seconds)

    @property
    def tail_ms(self) -> float:
        """What one in twenty exceeds."""
        return 1000 * sorted(self.seconds)[int(0.95 * (len(self.seconds) - 1))]


def measure() -> Iterator[Row]:
    """Fill an empty database step by step and measure on the way."""
    yield _reading()
    with TemporaryDirectory() as folder:
        seed(password=uuid4().hex, keys_file=Path(folder, "keys.json"))
    gate = Gate.objects.order_by("id").first()
    border = Border(gate)
    declaring, arriving = Row("declare and submit one vehicle"), Row("record a passage (arrival at a barrier)")
    for number in (FEW, MANY):
        while len(border.trips) < number:
            border.bring_one(declaring, arriving)
        yield from border.pages()
    yield declaring
    yield arriving
    yield border.confirming()
    yield from _fee_desk(gate)


def _reading() -> Row:
    row = Row("read a frame of 1280 px, file to text")
    engine = default_engine()
    plates = [f"11C{12000 + 37 * number}" for number in range(FRAMES)]
    for number, plate in enumerate(plates):
        frame = render_passage(plate, seed=number)
        if number == 0:
            engine.read(frame)
        row.time(lambda frame=frame: engine.read(frame))
    return row


class Border:
    """A gate at which vehicles are declared, arrive and are confirmed, all of one procedure."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.trader = User.objects.get(username="trader")
        self.procedure = next(iter(BOOKS[gate.book_code]))
        self.declarer = Declarer(gate, self.trader, Random(7))
        self.crew = Crew()
        self.driver = Driver(self.crew, self._arrive)
        self.trips: list[Trip] = []

    def bring_one(self, declaring: Row, arriving: Row) -> None:
        """One more vehicle declared and come to its first barrier."""
        declaring.time(lambda: self.trips.append(self.declarer.declare(self.procedure)))
        arriving.time(lambda: self.driver.step(self.trips[-1]))

    def pages(self) -> Iterator[Row]:
        """The pages that show all these vehicles, each for whom it is made."""
        place = self.trips[0].stages.latest("pk").place
        console = reverse("checkpoints:place", args=[self.gate.code, place])
        for name, username, address in (
            ("console of a barrier", "border_guard", console),
            ("list of declarations", "trader", reverse("declarations:list")),
            ("public page", None, reverse("checkpoints:public")),
        ):
            yield _page(f"{name}, {len(self.trips)} vehicles", username, address)

    def confirming(self) -> Row:
        row = Row("confirm a slot")
        slots = Confirmation.objects.filter(state=ConfirmationState.WAITING).select_related("stage__trip")
        for slot in slots.order_by("stage__trip_id", "position").distinct("stage__trip_id")[:CONFIRMED]:
            officer = self.crew.officer(slot.spec.agencies, self.gate.pk)
            row.time(
                lambda slot=slot, officer=officer: perform(
                    "confirm", slot.stage.trip, actor=officer, key=key(), confirmation=slot.pk
                )
            )
        return row

    @staticmethod
    def _arrive(trip: Trip, lane: Lane) -> None:
        perform("record_passage", trip, actor=None, key=key(), lane=lane)


def _fee_desk(gate: Gate) -> Iterator[Row]:
    """The desk before very many bills that all wait, and a bank statement that pays a part of them."""
    enter_bills(BILLS, gate=gate, trader=User.objects.get(username="trader"))
    desk = reverse("fees:desk")
    yield _page(f"fee desk, {BILLS:,} bills wait", "fee_centre", desk, times=3)
    body = statement(announced(LINES * 9 // 10), lines=LINES)
    upload = SimpleUploadedFile("statement.csv", body)
    officer = User.objects.get(username="fee_centre")
    file = importing.take_file(account=BankAccount.objects.get(), upload=upload, actor=officer)
    row = Row(f"read and match a statement of {LINES:,} lines")
    row.time(lambda: importing.read_file(file.pk))
    read = StatementFile.objects.get(pk=file.pk)
    if (read.state, read.new, read.matched) != (StatementFile.State.DONE, LINES, LINES * 9 // 10):
        raise RuntimeError(f"of {LINES} lines {read.new} were taken and {read.matched} matched")
    yield row
    yield _page(f"fee desk, {read.matched:,} bills paid", "fee_centre", f"{desk}?tab=paid", times=3)


def _page(name: str, username: str | None, address: str, times: int = TIMES) -> Row:
    client = Client()
    if username:
        client.force_login(User.objects.get(username=username))
    row = Row(name)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    if answer.status_code != HTTPStatus.OK:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    row.queries = len(queries)
    for _ in range(times):
        row.time(lambda: client.get(address))
    return row
