"""Which papers are asked of a vehicle or a driver, and how each stands on a day."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from register.models import OF_DRIVERS, OF_VEHICLES, Driver, Kind, Paper, PaperRule, Vehicle

SHORT = {
    Kind.REGISTRATION: gettext_lazy("đăng ký xe"),
    Kind.INSPECTION: gettext_lazy("đăng kiểm"),
    Kind.INSURANCE: gettext_lazy("bảo hiểm"),
    Kind.PERMIT: gettext_lazy("giấy phép vận tải"),
    Kind.PASSPORT: gettext_lazy("hộ chiếu"),
    Kind.BORDER_PASS: gettext_lazy("giấy thông hành biên giới"),
    Kind.TRAVEL_PASS: gettext_lazy("giấy thông hành"),
    Kind.LICENCE: gettext_lazy("giấy phép lái xe"),
}

MISSING, EXPIRED, EARLY, VALID = "missing", "expired", "early", "valid"
BAD = (MISSING, EXPIRED, EARLY)


def state_on(day: date, first: date | None, last: date | None) -> str:
    """How what holds from `first` to `last`, both included and open where None, stands on that day."""
    if last and last < day:
        return EXPIRED
    return EARLY if first and first > day else VALID


@dataclass(frozen=True)
class Judged:
    """One thing asked: by the paper that answers it best, or by none."""

    any_of: tuple[str, ...]
    state: str
    paper: Paper | None = None
    blocks: bool = False
    legal_basis: str = ""

    @property
    def is_bad(self) -> bool:
        return self.state in BAD

    @property
    def name(self) -> str:
        """The paper that is there; of one that is missing, each that would do."""
        kinds = [self.paper.kind] if self.paper else self.any_of
        return _(" hoặc ").join(str(SHORT[kind]) for kind in kinds)

    @property
    def until(self) -> date | None:
        return self.paper.valid_to if self.paper else None


def rules_in_force(day: date | None = None) -> list[PaperRule]:
    """One query; what holds for whom `asked_of` tells."""
    return list(PaperRule.objects.in_force(day).order_by("pk"))


def asked_of(rules: Iterable[PaperRule], *, driver: bool, country: str, gate_kind: str) -> list[PaperRule]:
    """The rules for a driver or vehicle of this country, at a gate of this kind."""
    own = OF_DRIVERS if driver else OF_VEHICLES
    return [
        rule
        for rule in rules
        if set(rule.any_of) <= set(own) and rule.country in ("", country) and rule.gate_kind in ("", gate_kind)
    ]


def judged(rules: Sequence[PaperRule], papers: Iterable[Paper], *, day: date) -> list[Judged]:
    """How the papers answer these rules on that day: for each, the one that holds, and holds longest."""
    papers = list(papers)
    return [_judged(rule, [paper for paper in papers if paper.kind in rule.any_of], day) for rule in rules]


def _judged(rule: PaperRule, papers: Sequence[Paper], day: date) -> Judged:
    def worth(paper: Paper) -> tuple[bool, date, int]:
        return state_on(day, paper.valid_from, paper.valid_to) == VALID, paper.valid_to or date.max, paper.pk

    best = max(papers, key=worth, default=None)
    state = state_on(day, best.valid_from, best.valid_to) if best else MISSING
    return Judged(tuple(rule.any_of), state, best, rule.blocks, rule.legal_basis)


def told(found: Iterable[Judged]) -> str:
    """What is wrong, in a few words: `thiếu đăng kiểm; hộ chiếu hết hạn 01/11/2026`. Empty where all is well."""
    words = {
        MISSING: _("thiếu %(name)s"),
        EXPIRED: _("%(name)s hết hạn %(until)s"),
        EARLY: _("%(name)s chưa có hiệu lực"),
    }
    return "; ".join(
        words[each.state] % {"name": each.name, "until": f"{each.until:%d/%m/%Y}" if each.until else ""}
        for each in found
        if each.is_bad
    )


class Together(ABC):
    """How several things asked stand together."""

    @property
    @abstractmethod
    def all(self) -> list[Judged]:
        """Each of them."""

    @property
    def bad(self) -> list[Judged]:
        return [each for each in self.all if each.is_bad]

    @property
    def told(self) -> str:
        return told(self.all)

    @property
    def until(self) -> date | None:
        """The day on which the first of them runs out."""
        return min((each.until for each in self.all if each.until), default=None)


@dataclass(frozen=True)
class Held(Together):
    """How the papers of one row of the register stand."""

    judged: list[Judged]
    soon: date

    @property
    def all(self) -> list[Judged]:
        return self.judged

    @property
    def ends_soon(self) -> bool:
        return not self.bad and self.until is not None and self.until <= self.soon


def held_by(rows: Iterable[Vehicle | Driver], gate_kind: str, *, day: date) -> dict[int, Held]:
    """Id of each row, all vehicles or all drivers, to its papers on that day at gates of this kind; two queries."""
    rows = list(rows)
    if not rows:
        return {}
    driver = isinstance(rows[0], Driver)
    papers: dict[int, list[Paper]] = {row.pk: [] for row in rows}
    field = "driver" if driver else "vehicle"
    for paper in Paper.objects.current().filter(**{f"{field}__in": rows}).order_by("pk"):
        papers[getattr(paper, f"{field}_id")].append(paper)
    rules, soon = rules_in_force(day), day + timedelta(days=settings.PAPER_NOTICE_DAYS)
    held = {}
    for row in rows:
        country = row.nationality if driver else row.country
        asked = asked_of(rules, driver=driver, country=country, gate_kind=gate_kind)
        held[row.pk] = Held(judged(asked, papers[row.pk], day=day), soon)
    return held
