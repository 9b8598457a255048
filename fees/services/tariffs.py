"""Writes of tariffs: entered as a draft, proposed, approved by another person; then only ended or superseded.

Each function raises `Refusal` with one reason, and then nothing was changed.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from checkpoints import facts
from checkpoints.refusals import Refusal, not_yours
from cuakhauso.templatetags.ui import day as day_words
from fees.models import Tariff, TariffLine, TariffRule
from fees.rules import enters_tariffs
from fees.selectors.tariffs import others_of
from fees.timeline import A_DAY, overlapping, superseded

State = Tariff.State
HEADER = ("province", "name", "name_en", "name_zh", "legal_basis", "valid_from", "valid_to")
MOST_ROWS = 500


def new_tariff(*, actor: User, like: Tariff | None = None, **header: Any) -> Tariff:
    """A draft with these words and dates, and the lines and rules of another version where one is given."""
    if not enters_tariffs(actor, header["province"]):
        raise not_yours()
    with transaction.atomic():
        tariff = Tariff.objects.create(**header)
        tariff.authors.add(actor)
        _write(tariff, "enter_tariff", actor, like=like and like.pk)
        if like is not None:
            _add_rows(tariff, like.lines.order_by("pk"), like.rules.order_by("pk"))
    return tariff


def change_header(*, tariff: Tariff, actor: User, header: Mapping[str, Any]) -> None:
    """Other words or dates for a draft."""
    if not enters_tariffs(actor, header["province"]):
        raise not_yours()
    with _draft(tariff, actor) as tariff:
        for name, value in header.items():
            setattr(tariff, name, value)
        tariff.save(update_fields=list(header))


def save_row(*, row: TariffLine | TariffRule, actor: User) -> None:
    """Add or change one line or rule, checked before, of a draft."""
    with _draft(row.tariff, actor):
        if row.pk is None and type(row).objects.filter(tariff=row.tariff_id).count() >= MOST_ROWS:
            raise Refusal("too_many", _("Một biểu phí có nhiều nhất %(most)s dòng.") % {"most": MOST_ROWS})
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as taken:
            raise Refusal("case_taken", _("Trường hợp này đã có dòng khác trong biểu phí.")) from taken


def remove_row(*, row: TariffLine | TariffRule, actor: User) -> None:
    with _draft(row.tariff, actor):
        row.delete()


def replace_rows(*, tariff: Tariff, lines: Iterable[TariffLine], rules: Iterable[TariffRule], actor: User) -> None:
    """Lines and rules read from a spreadsheet, checked before, instead of all that a draft has."""
    with _draft(tariff, actor) as tariff:
        tariff.lines.all().delete()
        tariff.rules.all().delete()
        _add_rows(tariff, lines, rules)


def discard(*, tariff: Tariff, actor: User) -> None:
    """Throw a draft away."""
    with _draft(tariff, actor) as tariff:
        _write(tariff, "discard_tariff", actor, name=tariff.name)
    Tariff.objects.filter(pk=tariff.pk, state=State.DRAFT).delete()


def propose(*, tariff: Tariff, actor: User) -> None:
    """Ask another person to approve the draft as it stands."""
    with _draft(tariff, actor) as tariff:
        if not tariff.lines.exists():
            raise Refusal("no_lines", _("Biểu phí chưa có mức phí nào."))
        _refuse_overlap(tariff)
        tariff.state, tariff.proposed_by, tariff.proposed_at = State.PROPOSED, actor, timezone.now()
        tariff.save(update_fields=["state", "proposed_by", "proposed_at"])
        _write(tariff, "propose_tariff", actor)


def send_back(*, tariff: Tariff, actor: User, reason: str) -> None:
    """What was proposed becomes a draft again."""
    with _locked(tariff, actor, State.PROPOSED) as tariff:
        tariff.state, tariff.proposed_by, tariff.proposed_at = State.DRAFT, None, None
        tariff.save(update_fields=["state", "proposed_by", "proposed_at"])
        _write(tariff, "send_back_tariff", actor, reason=reason)


def approve(*, tariff: Tariff, actor: User, seen: str) -> None:
    """Put in force what another person proposed; the open-ended version before it ends the day before.

    `seen`: when it was proposed, as the person saw it, so that nobody approves what changed meanwhile.
    """
    with _locked(tariff, actor, State.PROPOSED) as tariff:
        if seen != tariff.proposed_at.isoformat():
            raise _just_changed()
        if actor.pk == tariff.proposed_by_id or tariff.authors.filter(pk=actor.pk).exists():
            raise Refusal(
                "own_work", _("Người đã nhập, sửa hoặc đề nghị không được tự duyệt. Cần một người khác duyệt.")
            )
        before = superseded(tariff, others_of(tariff))
        _refuse_overlap(tariff)
        try:
            with transaction.atomic():
                if before is not None:
                    _end(before, tariff.valid_from - A_DAY, actor, superseded_by=tariff.pk)
                tariff.state, tariff.approved_by, tariff.approved_at = State.APPROVED, actor, timezone.now()
                tariff.save(update_fields=["state", "approved_by", "approved_at"])
        except IntegrityError as taken:
            # Another was approved for these days at this moment.
            raise _overlap(tariff) from taken
        _write(tariff, "approve_tariff", actor, superseded=before and before.pk)


def propose_end(*, tariff: Tariff, day: date, actor: User) -> None:
    """Ask another person to end an approved version on this day, its last."""
    with _locked(tariff, actor, State.APPROVED) as tariff:
        if day < tariff.valid_from or (tariff.valid_to and day >= tariff.valid_to):
            raise Refusal("wrong_day", _("Ngày kết thúc phải nằm trong thời gian hiệu lực của biểu phí."))
        if day < timezone.localdate():
            raise Refusal("wrong_day", _("Ngày kết thúc không được trước hôm nay."))
        tariff.end_proposed, tariff.end_proposed_by = day, actor
        tariff.save(update_fields=["end_proposed", "end_proposed_by"])
        _write(tariff, "propose_end_of_tariff", actor, day=day.isoformat())


def approve_end(*, tariff: Tariff, day: date, actor: User) -> None:
    """End the version on the day that another person proposed and this one saw."""
    with _locked(tariff, actor, State.APPROVED) as tariff:
        if tariff.end_proposed is None or tariff.end_proposed != day:
            raise _just_changed()
        if tariff.end_proposed_by_id == actor.pk:
            raise Refusal("own_work", _("Người đã đề nghị không được tự duyệt. Cần một người khác duyệt."))
        _end(tariff, day, actor)


def drop_end(*, tariff: Tariff, actor: User) -> None:
    """The version does not end after all."""
    with _locked(tariff, actor, State.APPROVED) as tariff:
        tariff.end_proposed = tariff.end_proposed_by = None
        tariff.save(update_fields=["end_proposed", "end_proposed_by"])
        _write(tariff, "drop_end_of_tariff", actor)


@contextmanager
def _locked(tariff: Tariff, actor: User, *states: str) -> Iterator[Tariff]:
    """The tariff, locked, in one of these states; whoever comes second finds it changed."""
    if not enters_tariffs(actor, tariff.province):
        raise not_yours()
    with transaction.atomic():
        locked = Tariff.objects.select_for_update(of=("self",), no_key=True).filter(pk=tariff.pk).first()
        if locked is None or locked.state not in states:
            raise _just_changed()
        yield locked


@contextmanager
def _draft(tariff: Tariff, actor: User) -> Iterator[Tariff]:
    """The draft, locked; whoever changes it is one of its authors and cannot approve it."""
    with _locked(tariff, actor, State.DRAFT) as locked:
        yield locked
        locked.authors.add(actor)
        locked.changed_at = timezone.now()
        locked.save(update_fields=["changed_at"])


def _add_rows(tariff: Tariff, lines: Iterable[TariffLine], rules: Iterable[TariffRule]) -> None:
    for model, rows in ((TariffLine, list(lines)), (TariffRule, list(rules))):
        if len(rows) > MOST_ROWS:
            raise Refusal("too_many", _("Một biểu phí có nhiều nhất %(most)s dòng.") % {"most": MOST_ROWS})
        for row in rows:
            row.pk, row.tariff, row._state.adding = None, tariff, True
        try:
            with transaction.atomic():
                model.objects.bulk_create(rows)
        except IntegrityError as taken:
            raise Refusal(
                "case_taken", _("Hai dòng cho cùng một trường hợp, hoặc các khoảng chồng lên nhau.")
            ) from taken


def _end(tariff: Tariff, day: date, actor: User, **why: Any) -> None:
    tariff.valid_to, tariff.end_proposed, tariff.end_proposed_by = day, None, None
    tariff.save(update_fields=["valid_to", "end_proposed", "end_proposed_by"])
    _write(tariff, "end_tariff", actor, day=day.isoformat(), **why)


def _refuse_overlap(tariff: Tariff) -> None:
    if other := overlapping(tariff, others_of(tariff)):
        raise _overlap(tariff, other)


def _overlap(tariff: Tariff, other: Tariff | None = None) -> Refusal:
    if other is None:
        return Refusal("overlap", _("Thời gian này trùng với một biểu phí khác của tỉnh."))
    return Refusal(
        "overlap",
        _("Thời gian này trùng với biểu phí “%(name)s” (từ %(since)s). Hãy đổi ngày, hoặc kết thúc biểu phí đó trước.")
        % {"name": other.name, "since": day_words(other.valid_from)},
    )


def _just_changed() -> Refusal:
    return Refusal("just_changed", _("Biểu phí vừa thay đổi. Hãy xem lại."))


def _write(tariff: Tariff, move: str, actor: User, *, reason: str = "", **data: Any) -> None:
    """Append to the tariff's history, whose lock the caller holds."""
    now = timezone.now()
    facts.append(
        f"tariff:{tariff.pk}",
        move=move,
        actor_id=actor.pk,
        happened_at=now,
        recorded_at=now,
        reason=reason[:500],
        data={"tariff": tariff.pk, **{name: value for name, value in data.items() if value is not None}},
    )
