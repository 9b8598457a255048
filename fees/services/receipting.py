"""Receipts: one for a settled and confirmed bill, numbered without gaps, cancelled only by a counter-document."""

from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Sum
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from checkpoints.models import Confirmation
from checkpoints.refusals import Refusal, not_yours
from checkpoints.states import ConfirmationState
from cuakhauso.templatetags.ui import money
from declarations.models import Declaration
from declarations.plates import parse
from fees.models import Assessment, Bill, LedgerEntry, Payment, Receipt, ReceiptSending, ReceiptSeries
from fees.receipts.provider import ISSUED, REFUSED, NoAnswer, ReceiptProvider
from fees.receipts.words import in_words
from fees.receipts.xml import receipt_xml
from fees.rules import collects
from fees.services.billing import amounts_by_trip, lock_bills
from fees.services.confirming import FEE_CONFIRMED, held_back, stranded_trips

LOOK_BACK = timedelta(days=2)
# Written on the counter-document, as all that stands on a receipt in the law's language.
OUTDATED = "số phí phải nộp đã thay đổi sau khi tính lại"
State = ReceiptSending.State
# Between two tries the pause doubles, up to this.
LONGEST_PAUSE = timedelta(hours=1)


def live_receipts():
    """Receipts that count: no counter-documents, none that has one."""
    return Receipt.objects.filter(cancels__isnull=True, cancelled_by__isnull=True)


def issue_receipt(*, bill: Bill, actor: User | None) -> Receipt:
    """The receipt of a settled bill, once each of its trucks on its way is confirmed; one issued before is given again.

    `actor` None is the platform, after a confirmation: whether the fee of a truck that ended on the way is kept, only
    a person decides.
    """
    with transaction.atomic():
        bill = lock_bills(pk=bill.pk)[0]
        if actor is not None and not collects(actor, bill.kind, bill.declaration.gate):
            raise not_yours()
        if before := live_receipts().filter(bill=bill).first():
            return before
        trips = amounts_by_trip(bill)
        undecided = actor is None and stranded_trips().filter(pk__in=trips).exists()
        if not trips or bill.outstanding or held_back(trips) or undecided:
            raise Refusal("not_confirmed", _("Chỉ lập biên lai khi thông báo phí đã nộp đủ và được xác nhận."))
        return _write(bill, bill.due, _content(bill, trips, actor), actor)


def cancel_receipt(*, receipt: Receipt, actor: User, reason: str) -> Receipt:
    """Make the counter-document of a receipt; the receipt itself stays as it is. Twice changes nothing."""
    if len(reason.strip()) < 3:
        raise Refusal("reason_missing", _("Hãy ghi lý do."))
    with transaction.atomic():
        bill = lock_bills(pk=receipt.bill_id)[0]
        if not collects(actor, bill.kind, bill.declaration.gate):
            raise not_yours()
        receipt = Receipt.objects.select_related("series").get(pk=receipt.pk)
        if receipt.cancels_id:
            raise Refusal("counter_document", _("Chứng từ hủy không thể bị hủy."))
        if before := Receipt.objects.filter(cancels=receipt).first():
            return before
        return _counter(bill, receipt, reason.strip()[:200], actor)


def cancel_outdated(*, declaration: Declaration) -> None:
    """The platform cancels the live receipts over another sum than their bill asks; the sweep issues new ones.

    The caller holds the lock of the declaration and of its bills. Without an open series nothing is cancelled: that
    must not keep anybody from correcting what is wrong.
    """
    receipts = live_receipts().filter(bill__declaration=declaration).select_related("series").order_by("pk")
    live = {receipt.bill_id: receipt for receipt in receipts}
    for bill in lock_bills(pk__in=live) if live else []:
        if live[bill.pk].amount != bill.due:
            with suppress(Refusal):
                _counter(bill, live[bill.pk], OUTDATED, None)


def outdated_receipts():
    """The live receipts over another sum than their bill asks: no series was open when the sum changed.

    On a bill that is paid nothing more is put, so that only those are added up of whose bill something was taken off.
    """
    assessed = LedgerEntry.objects.filter(kind=LedgerEntry.Kind.ASSESSED)
    taken_off = assessed.filter(bill=OuterRef("bill"), amount__lt=0, at__gte=OuterRef("issued_at"))
    asked = Sum("bill__entries__amount", filter=Q(bill__entries__kind=LedgerEntry.Kind.ASSESSED))
    return live_receipts().filter(Exists(taken_off)).annotate(asked=asked).exclude(amount=F("asked"))


def renew_receipt(*, bill: Bill, actor: User) -> Receipt:
    """Cancel the bill's outdated receipt and issue one over what it asks now, where it asks anything.

    Returns the new one, else the counter-document.
    """
    with transaction.atomic():
        bill = lock_bills(pk=bill.pk)[0]
        if not collects(actor, bill.kind, bill.declaration.gate):
            raise not_yours()
        receipt = live_receipts().filter(bill=bill).select_related("series").first()
        if receipt is None or receipt.amount == bill.due:
            raise Refusal("not_outdated", _("Biên lai của thông báo phí này khớp với số phí."))
        counter = _counter(bill, receipt, OUTDATED, actor)
        if not bill.due:
            return counter
        return issue_receipt(bill=bill, actor=actor)


def _counter(bill: Bill, receipt: Receipt, why: str, actor: User | None) -> Receipt:
    sign, number = receipt.series.sign, receipt.shown_number
    content = receipt.content | {
        "title": "Biên lai hủy",
        "note": f"Hủy biên lai ký hiệu {sign} số {number}. Lý do: {why}",
        "cancels": {"KyHieu": sign, "So": number, "LyDo": why},
        "lines": [_less(line) for line in receipt.content["lines"]],
        "issued_by": str(actor or ""),
        **_total(-receipt.amount),
    }
    return _write(bill, -receipt.amount, content, actor, cancels=receipt)


def _write(bill: Bill, amount: int, content: dict, actor: User | None, cancels: Receipt | None = None) -> Receipt:
    """Take the next number and write; both stand or fall with the transaction, so that no number is lost."""
    series = _series(bill.declaration.gate_id)
    now = timezone.now()
    today = timezone.localdate(now)
    series.last += 1
    series.save(update_fields=["last"])
    receipt = Receipt(
        series=series,
        number=series.last,
        bill=bill,
        amount=amount,
        issued_at=now,
        issued_by=actor,
        cancels=cancels,
    )
    receipt.content = content | {
        "template": series.template,
        "sign": series.sign,
        "number": receipt.shown_number,
        "code": receipt.code,
        "issued_on": today.isoformat(),
        "issued_words": f"{today:%d} tháng {today:%m} năm {today:%Y}",
    }
    receipt.save(force_insert=True)
    ReceiptSending.objects.create(receipt=receipt, changed_at=now)
    return receipt


def _series(gate_id: int) -> ReceiptSeries:
    """The open series of the gate, else the one of all gates, locked: its numbers are given out one after another."""
    series = (
        ReceiptSeries.objects.select_for_update(no_key=True)
        .filter(Q(gate=gate_id) | Q(gate__isnull=True), is_open=True)
        .order_by(F("gate").asc(nulls_last=True), "pk")
        .first()
    )
    if series is None:
        raise Refusal("no_series", _("Chưa có ký hiệu biên lai nào được mở cho cửa khẩu này."))
    return series


def _content(bill: Bill, trips: dict[int, int], actor: User | None) -> dict:
    """All that stands on the receipt, in the law's language whoever asks."""
    with translation.override("vi"):
        declaration, payer = bill.declaration, bill.payer
        return {
            "title": "Biên lai thu phí",
            "note": "",
            "cancels": {},
            "collector": bill.collector_words,
            "gate": f"Cửa khẩu {declaration.gate.name}",
            "payer": {"name": payer.name, "tax_code": payer.tax_code, "address": payer.address},
            "bill": bill.code,
            "fee": bill.get_kind_display(),
            "declaration": declaration.code,
            "paid_by": _paid_by(bill),
            "lines": [_charged(bill, trip_id, amount) for trip_id, amount in trips.items()],
            "issued_by": str(actor or _confirmed_by(trips) or ""),
            **_total(bill.due),
        }


def _charged(bill: Bill, trip_id: int, amount: int) -> dict:
    """One truck: its plate, how its fee came about, and what it was charged on this bill."""
    assessment = Assessment.objects.filter(trip=trip_id).select_related("trip").order_by("-version").first()
    lines = [line for line in assessment.lines.select_related("tariff_line") if line.kind == bill.kind]
    words = [
        f"{line.quantity_words} {line.get_unit_display()} × {money(line.price)}"
        + (f" × {line.factor_words}" if line.factor_words else "")
        + (f" ({line.tariff_line.article})" if line.tariff_line.article else "")
        for line in lines
    ]
    # A bill may carry a part only: what was added after a correction.
    whole = sum(line.amount for line in lines) == amount
    return {
        "plate": parse(assessment.trip.plate).shown or assessment.trip.plate,
        "words": "; ".join(words) if whole else f"Chênh lệch sau khi tính lại: {'; '.join(words)}",
        "amount": amount,
        "shown": _plain(amount),
    }


def _confirmed_by(trips: dict[int, int]) -> User | None:
    confirmed = Confirmation.objects.filter(
        of=FEE_CONFIRMED, stage__trip__in=trips, state=ConfirmationState.CONFIRMED, fact__actor__isnull=False
    )
    last = confirmed.select_related("fact__actor").order_by("-fact").first()
    return last.fact.actor if last else None


def _less(line: dict) -> dict:
    return line | {"amount": -line["amount"], "shown": _plain(-line["amount"])}


def _total(amount: int) -> dict:
    return {"total": amount, "shown_total": _plain(amount), "total_words": in_words(amount)}


def _plain(amount: int) -> str:
    return f"{amount:,}".replace(",", ".")


def _paid_by(bill: Bill) -> str:
    shares = LedgerEntry.objects.filter(kind=LedgerEntry.Kind.ALLOCATED, bill=bill)
    methods = Payment.objects.filter(pk__in=shares.values("payment")).values_list("method", flat=True)
    return ", ".join(str(Payment.Method(method).label) for method in sorted(set(methods)))


# In the background


def issue_missing() -> int:
    """Issue the receipts of bills confirmed lately, or cancelled lately, that have none; returns how many.

    What a person cancelled a person issues anew, once what was wrong is set right.
    """
    lately = timezone.now() - LOOK_BACK
    confirmed = Confirmation.objects.filter(
        of=FEE_CONFIRMED, state=ConfirmationState.CONFIRMED, fact__recorded_at__gte=lately
    )
    carried = LedgerEntry.objects.filter(
        kind=LedgerEntry.Kind.ASSESSED, assessment__trip__in=confirmed.values("stage__trip")
    )
    cancelled = Receipt.objects.filter(cancels__isnull=False, issued_at__gte=lately)
    lacking = Bill.objects.filter(Q(pk__in=carried.values("bill")) | Q(pk__in=cancelled.values("bill"))).exclude(
        Exists(live_receipts().filter(bill=OuterRef("pk")))
        | Exists(Receipt.objects.filter(bill=OuterRef("pk"), cancels__isnull=False, issued_by__isnull=False))
    )
    if not ReceiptSeries.objects.filter(is_open=True).exists():
        return 0
    issued = 0
    for bill in lacking.with_sums().filter(due__gt=0, outstanding=0).order_by("pk")[:200]:
        try:
            issue_receipt(bill=bill, actor=None)
        except Refusal:
            continue
        issued += 1
    return issued


def send_receipts(provider: ReceiptProvider, most: int = 50) -> int:
    """Hand in the receipts that wait for it and ask after those handed in; returns how many moved on."""
    due = ReceiptSending.objects.filter(state__in=[State.NEW, State.SENT]).order_by("changed_at")
    moved = 0
    for pk in list(due.values_list("pk", flat=True)[:most]):
        with transaction.atomic():
            rows = ReceiptSending.objects.select_for_update(skip_locked=True, of=("self",)).select_related("receipt")
            sending = rows.filter(pk=pk, state__in=[State.NEW, State.SENT]).first()
            if sending is None or not _is_due(sending):
                continue
            moved += _send(sending, provider)
    return moved


def _is_due(sending: ReceiptSending) -> bool:
    pause = min(timedelta(seconds=5 * 2 ** min(sending.tries, 12)), LONGEST_PAUSE)
    return sending.tries == 0 or timezone.now() - sending.changed_at >= pause


def _send(sending: ReceiptSending, provider: ReceiptProvider) -> bool:
    receipt, before = sending.receipt, sending.state
    try:
        if sending.state == State.NEW:
            answer = provider.send(receipt.code, receipt_xml(receipt.content))
        else:
            answer = provider.ask(receipt.code, sending.reference)
    except NoAnswer as error:
        sending.message, sending.tries = str(error)[:500], sending.tries + 1
    else:
        sending.state = {ISSUED: State.ISSUED, REFUSED: State.REFUSED}.get(answer.state, State.SENT)
        sending.reference, sending.message = answer.reference or sending.reference, answer.message
        sending.tries = 0 if sending.state != before else sending.tries + 1
    sending.changed_at = timezone.now()
    sending.save(update_fields=["state", "reference", "message", "tries", "changed_at"])
    return sending.state != before
