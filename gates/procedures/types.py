"""The shape of a procedure book: declarative values, compared and printed, never executed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from gates.procedures.words import Agency, Condition, Country, Moment, Order, Place, Purpose, Side


def _plain(pairs: Mapping[str, Any]) -> dict[str, Any]:
    """The pairs whose value is neither absent nor the default."""
    return {key: value for key, value in pairs.items() if value not in (None, False, (), [], {}, "")}


@dataclass(frozen=True)
class Confirms:
    """One confirmation that a stage asks: which agency confirms which fact."""

    agency: Agency
    of: str
    vi: str = ""
    alternative: Agency | None = None
    together: bool = False
    condition: Condition | None = None
    auto: bool = False

    @property
    def agencies(self) -> tuple[Agency, ...]:
        """Every agency that may give this confirmation, the named one first."""
        return (self.agency, self.alternative) if self.alternative else (self.agency,)

    def export(self) -> dict[str, Any]:
        return {"agency": self.agency.value, "of": self.of} | _plain(
            {
                "or": self.alternative and self.alternative.value,
                "together": self.together,
                "if": self.condition and self.condition.value,
                "auto": self.auto,
            }
        )


@dataclass(frozen=True)
class Stage:
    """A place and a moment of a trip, with the confirmations asked there and the article that asks them."""

    place: Place
    moment: Moment
    confirmations: tuple[Confirms, ...]
    camera: bool = False
    order: Order = Order.ANY
    opens: bool = False
    routed: Mapping[str, Agency] = field(default_factory=dict)
    article: str = ""

    @property
    def is_auto(self) -> bool:
        """Whether the yard's own data confirm all of it, so that a failed device holds no vehicle up (Điều 22(2))."""
        return all(confirms.auto for confirms in self.confirmations)

    def under(self, article: str) -> "Stage":
        """The same stage, asked by this article."""
        return replace(self, article=article)

    def export(self) -> dict[str, Any]:
        return {
            "place": self.place.value,
            "moment": self.moment.value,
            "confirmations": [confirms.export() for confirms in self.confirmations],
        } | _plain(
            {
                "camera": self.camera,
                "order": self.order.value if self.order is not Order.ANY else None,
                "opens": self.opens,
                "routed": {kind: agency.value for kind, agency in self.routed.items()},
            }
        )


@dataclass(frozen=True)
class Continues:
    """From here on the trip follows `procedure` from its moment `start`, as the carrier of what it received."""

    procedure: str
    start: Moment

    def export(self) -> dict[str, str]:
        return {"procedure": self.procedure, "from": self.start.value}


@dataclass(frozen=True)
class Procedure:
    """One procedure of a decision.

    `purpose`, `country` and `outside_yard` say which declaration leads to it (no purpose: it is only reached from
    another procedure); the side that the vehicle comes from follows from its first barrier.
    """

    code: str
    vi: str
    article: str
    stages: tuple[Stage, ...]
    carries_goods: bool = False
    declares: tuple[str, ...] = ()
    driver_app: bool = False
    begins: str = ""
    continues: Continues | None = None
    may_become: str | None = None
    purpose: Purpose | None = None
    country: Country | None = None
    outside_yard: bool = False

    @cached_property
    def by_moment(self) -> dict[Moment, Stage]:
        return {stage.moment: stage for stage in self.stages}

    @property
    def comes_from(self) -> Side | None:
        """The side of the first stage before a camera; none for a procedure that begins inside."""
        entering = self.by_moment.get(Moment.ENTER)
        if entering is None:
            return None
        return Side.BORDER if entering.place is Place.B1 else Side.INLAND

    def export(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "vi": self.vi,
            "article": self.article,
            "stages": [stage.export() for stage in self.stages],
        } | _plain(
            {
                "carries_goods": self.carries_goods,
                "declares": list(self.declares),
                "driver_app": self.driver_app,
                "begins": self.begins,
                "continues": self.continues and self.continues.export(),
                "may_become": self.may_become,
            }
        )


@dataclass(frozen=True)
class Book:
    """One province's decision, in one version.

    `ways_out` names, by country of the vehicle and the barrier it came in by, the procedure whose way out
    an emptied or unserved vehicle takes when its own procedure names none.
    """

    code: str
    province: str
    decision: str
    date: str
    source: str
    procedures: tuple[Procedure, ...]
    ways_out: Mapping[tuple[Country, Place], str]
    barriers_opened_by: Agency = Agency.BORDER_GUARD
    notes: tuple[str, ...] = ()

    @cached_property
    def by_code(self) -> dict[str, Procedure]:
        return {procedure.code: procedure for procedure in self.procedures}

    def __getitem__(self, code: str) -> Procedure:
        return self.by_code[code]

    def __iter__(self) -> Iterator[Procedure]:
        return iter(self.procedures)

    def confirming(self, of: str) -> tuple[Agency, ...]:
        """The agencies that confirm this fact at some stage of some procedure, in the order of the book."""
        slots = (slot for procedure in self for stage in procedure.stages for slot in stage.confirmations)
        return tuple(dict.fromkeys(agency for slot in slots if slot.of == of for agency in slot.agencies))

    def declared_as(
        self, *, purpose: Purpose, country: Country, comes_from: Side, outside_yard: bool = False
    ) -> Procedure | None:
        """The procedure that a vehicle of this country, coming from this side for this purpose, follows.

        A procedure that names no country takes vehicles of both. `outside_yard`: the goods are handed over in a
        yard outside the gate area; a decision that does not tell such yards apart has one procedure for all. None:
        the decision knows no such journey.
        """
        fitting = [
            procedure
            for procedure in self.procedures
            if procedure.purpose == purpose
            and procedure.country in (None, country)
            and procedure.comes_from == comes_from
        ]
        return max(fitting, key=lambda procedure: procedure.outside_yard == outside_yard, default=None)

    def export(self) -> dict[str, Any]:
        return {
            "province": self.province,
            "decision": self.decision,
            "barriers_opened_by": self.barriers_opened_by.value,
            "procedures": [procedure.export() for procedure in self.procedures],
        }
