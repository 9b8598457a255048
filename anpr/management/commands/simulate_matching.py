import sys
from random import Random

from django.core.management.base import BaseCommand

from anpr.confusions import measured
from anpr.consensus import merge
from anpr.matching import decide, rank
from anpr.misreadings import Misreader, stranger, trucks

TRAILER_SEEN = 0.4
LEAST_SETTLED, MOST_WRONG = 0.99, 1 / 2000


class Command(BaseCommand):
    help = (
        "Draws readings of expected trucks from the measured confusions and tells how many are settled without a "
        "person and how many wrongly; exit 1 under 99 % or over 1 in 2,000. Needs no database."
    )
    requires_system_checks = ()

    def add_arguments(self, parser) -> None:
        parser.add_argument("--trucks", type=int, default=500)
        parser.add_argument("--readings", type=int, default=20_000)
        parser.add_argument("--strangers", type=int, default=2_000, help="readings of trucks that nobody declared")
        parser.add_argument("--seed", type=int, default=7)

    def handle(self, *args, readings: int, strangers: int, seed: int, **options) -> None:
        random = Random(seed)
        expected = trucks(options["trucks"], random)
        reader = Misreader(measured(), random)
        exact = settled = wrong = matched_strangers = 0
        for _ in range(readings):
            truck = random.choice(expected)
            plates = [reader.read(truck.plate)]
            exact += plates[0].text == truck.plate
            if truck.trailer_plate and random.random() < TRAILER_SEEN:
                plates.append(reader.read(truck.trailer_plate))
            winner = decide(rank(merge([plates]), expected))
            settled += winner is not None
            wrong += winner is not None and winner.trip_id != truck.trip_id
        for _ in range(strangers):
            matched_strangers += decide(rank(merge([[reader.read(stranger(expected, random))]]), expected)) is not None
        right = settled - wrong
        self.stdout.write(
            f"{len(expected)} expected trucks, {readings} readings, {exact / readings:.2%} of the plates read exactly\n"
            f"settled without a person {settled / readings:.2%}, rightly {right}, wrongly {wrong}"
            f" (1 in {readings // wrong if wrong else f'more than {readings}'})\n"
            f"of {strangers} readings of trucks that nobody declared, {matched_strangers} were taken for a declared one"
        )
        if settled < LEAST_SETTLED * readings or wrong > MOST_WRONG * readings:
            sys.exit(1)
