"""Writes notices from facts, marks them read, sends their e-mail."""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone, translation

from accounts.models import Role, User
from accounts.rules import acts_for_organisation
from checkpoints.models import Fact
from notices.models import Notice
from notices.words import told

logger = logging.getLogger(__name__)
Kind = Notice.Kind

KINDS = {
    "submit": Kind.SUBMITTED,
    "refuse": Kind.REFUSED,
    "ask_correction": Kind.CORRECTION_ASKED,
    "corrected": Kind.CORRECTED,
    "reject_correction": Kind.CORRECTION_REJECTED,
    "ready_to_pay": Kind.READY_TO_PAY,
    "record_payment": Kind.PAID,
    "fee_waived": Kind.FEE_WAIVED,
    "extend": Kind.EXTENDED,
    "turn_back": Kind.TURNED_BACK,
    "seize": Kind.SEIZED,
    "release": Kind.RELEASED,
    "hand_over": Kind.HANDED_OVER,
    "hand_over_stored": Kind.HANDED_OVER,
    "report_breakdown": Kind.BROKEN_DOWN,
    "report_repaired": Kind.REPAIRED,
    "tow_away": Kind.TOWED_AWAY,
    "overstay": Kind.OVERSTAYED,
    "note_overstay": Kind.OVERSTAY_NOTED,
    "reassign": Kind.REASSIGNED,
    "leave": Kind.LEFT,
}
"""The moves that somebody waits to hear of, and what is told of them."""

DESKS = {
    Kind.PAID: Role.Code.FEE_CENTRE,
    Kind.SHORT: Role.Code.FEE_CENTRE,
    Kind.SEIZED: Role.Code.BORDER_GUARD,
    Kind.RELEASED: Role.Code.BORDER_GUARD,
    Kind.HANDED_OVER: Role.Code.BORDER_GUARD,
    Kind.BROKEN_DOWN: Role.Code.BORDER_GUARD,
    Kind.OVERSTAYED: Role.Code.BORDER_GUARD,
    Kind.REPAIRED: Role.Code.BORDER_GUARD,
}
"""Which desk at the gate is told besides the declarant."""

LOOK_BACK = timedelta(hours=6)
"""So far back a sweep looks for facts whose notices were lost with the process that should have written them."""

MOST_ATTEMPTS = 6
BATCH = 50


def kind_of(fact: Fact) -> str:
    if fact.move == "record_payment" and fact.data["outstanding"]:
        return Kind.SHORT
    return KINDS[fact.move]


def desk_of(fact: Fact, kind: str) -> str:
    """The role whose desk at the gate is told too; of money that of who collects it. Empty where none is."""
    if kind not in DESKS:
        return ""
    return fact.data.get("collector", DESKS[kind])


def note(facts: Iterable[Fact]) -> None:
    """Write the notices of these facts: to the organisation that declared, and to the desk at the gate that waits.

    A fact noted before is not noted again.
    """
    facts = [fact for fact in facts if fact.move in KINDS and fact.declaration_id]
    if not facts:
        return
    now, kinds = timezone.now(), [kind_of(fact) for fact in facts]
    desks = [str(desk_of(fact, kind)) for fact, kind in zip(facts, kinds, strict=True)]
    with connection.cursor() as cursor:
        # One write however many: a bank's statement brings thousands of facts.
        cursor.execute(
            "WITH told AS (SELECT told.kind, told.desk, fact.id, fact.gate_id, declaration.organisation_id "
            "FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS told(fact, kind, desk) "
            "JOIN checkpoints_fact AS fact ON fact.id = told.fact "
            "JOIN declarations_declaration AS declaration ON declaration.id = fact.declaration_id) "
            "INSERT INTO notices_notice "
            "(kind, fact_id, organisation_id, role, gate_id, created_at, mailed_at, data, attempts) "
            "SELECT kind, id, organisation_id, '', NULL, %s, NULL::timestamptz, '{}'::jsonb, 0 FROM told UNION ALL "
            "SELECT kind, id, NULL, desk, gate_id, %s, %s, '{}', 0 FROM told WHERE desk <> '' "
            "ON CONFLICT DO NOTHING",
            [[fact.pk for fact in facts], kinds, desks, now, now, now],
        )


def note_missed() -> None:
    """Write the notices of facts whose process died between the commit and the listener."""
    noted = Notice.objects.filter(fact=OuterRef("pk"))
    recent = Fact.objects.filter(move__in=KINDS, recorded_at__gte=timezone.now() - LOOK_BACK)
    note(recent.exclude(Exists(noted)).order_by("pk")[:500])


def mark_read(*, actor: User, notice: Notice | None = None) -> int:
    """Mark one notice, or all that the person sees, as read; returns how many were not."""
    unread = Notice.objects.visible_to(actor).unread()
    if notice is not None:
        unread = unread.filter(pk=notice.pk)
    return unread.update(read_at=timezone.now())


def send_mails() -> int:
    """Send the e-mail of notices that have none yet, each at least once; returns how many went out.

    One that fails is tried again by the next sweep, at most `MOST_ATTEMPTS` times.
    """
    due = Notice.objects.filter(mailed_at__isnull=True, attempts__lt=MOST_ATTEMPTS)
    ids = list(due.order_by("attempts", "pk").values_list("pk", flat=True)[:BATCH])
    if not ids:
        return 0
    sent = 0
    with get_connection() as mail:
        for pk in ids:
            sent += _send(pk, mail)
    return sent


def _send(pk: int, mail) -> bool:
    with transaction.atomic():
        rows = Notice.objects.select_for_update(skip_locked=True, of=("self",))
        notice = (
            rows.filter(pk=pk, mailed_at__isnull=True)
            .select_related("fact__declaration__created_by", "fact__trip", "fact__unit", "organisation", "user")
            .first()
        )
        if notice is None:
            return False
        addresses = _addresses(notice)
        if addresses:
            try:
                _message(notice, addresses, mail).send()
            except (SMTPException, OSError) as error:
                logger.warning("notice %s was not mailed: %s", notice.pk, type(error).__name__)
                Notice.objects.filter(pk=pk).update(attempts=F("attempts") + 1)
                return False
        notice.mailed_at = timezone.now()
        notice.save(update_fields=["mailed_at"])
    return bool(addresses)


def _addresses(notice: Notice) -> Sequence[str]:
    """Whom to write to: the person; or the organisation and who declared, while belonging to it."""
    if notice.user_id:
        wanted = [notice.user.email]
    elif notice.organisation_id:
        wanted = [notice.organisation.email]
        declared_by = notice.fact.declaration.created_by if notice.fact else None
        if declared_by and acts_for_organisation(declared_by, notice.organisation_id):
            wanted.append(declared_by.email)
    else:
        wanted = []
    return list(dict.fromkeys(address for address in wanted if address))


def _message(notice: Notice, addresses: Sequence[str], mail) -> EmailMessage:
    with translation.override(settings.LANGUAGE_CODE):
        words = told(notice)
        lines = [words.text, *([settings.SITE_URL + words.url] if words.url else [])]
        return EmailMessage(words.title, "\n\n".join(lines), to=addresses, connection=mail)
