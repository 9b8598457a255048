"""Lines of statements become payments: by their payment code at once, the others by a person."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules import COLLECTORS, has_role
from checkpoints import facts, registry
from checkpoints.models import Fact
from checkpoints.refusals import Refusal, not_yours
from fees.models import Bill, LedgerEntry, OrderLine, Payment, PaymentOrder, RefundRequest, StatementLine
from fees.rules import collects, collects_at
from fees.services.billing import lock_bills
from fees.services.ledger import enter
from fees.services.paying import record_order, record_payment
from fees.services.refunding import ask_refund

Kind = LedgerEntry.Kind
# A bank's notice and its statement may differ by so many days.
NEAR = timedelta(days=5)


def match(lines: QuerySet[StatementLine]) -> int:
    """Make payments of those lines that name a bill or an order; returns how many lines found theirs.

    What needs no second thought goes in one write for all: one line for a bill, that pays at least what is open.
    Money that came to the account of another collector than the code's waits for a person.
    """
    with transaction.atomic():
        waiting = list(
            lines.filter(payment__isnull=True, aside="", amount__gt=0)
            .exclude(code="")
            .select_for_update(no_key=True, of=("self",))
            .prefetch_related("account")
            .order_by("pk")
        )
        found = len(waiting)
        waiting = _without_known(waiting)
        bills, orders = _named_by({line.code for line in waiting})
        collectors = {code: bill.collector for code, bill in bills.items()}
        collectors |= {code: bill.collector for code, (_order, bill) in orders.items()}
        found -= len(waiting)
        waiting = [
            line
            for line in waiting
            if line.code in collectors and line.account.collector in ("", collectors[line.code])
        ]
        found += len(waiting)
        by_code: dict[str, list[StatementLine]] = defaultdict(list)
        for line in waiting:
            by_code[line.code].append(line)
        simple = [
            (line, bills[line.code])
            for line in waiting
            if line.code in bills and len(by_code[line.code]) == 1 and line.amount >= bills[line.code].outstanding
        ]
        _receive_all(simple)
        done = {line.pk for line, _bill in simple}
        for line in waiting:
            if line.pk in done:
                continue
            if line.code in bills:
                recorded = record_payment(bill=bills[line.code], actor=None, **_how(line))
            else:
                order, _bill = orders[line.code]
                recorded = record_order(order=order, **_how(line))
            _settle(line, recorded.payment, None)
    return found


def _named_by(codes: set[str]) -> tuple[dict[str, Bill], dict[str, tuple[PaymentOrder, Bill]]]:
    """By their codes the bills, and the orders each with one of its bills; all their bills are locked, by id at once.

    One by one they would be locked in another order than by who pays several.
    """
    lines = list(OrderLine.objects.filter(order__code__in=codes).select_related("order"))
    named = Bill.objects.filter(code__in=codes).values_list("pk", flat=True)
    found = lock_bills(pk__in={*named, *(line.bill_id for line in lines)}, related=("declaration",))
    # Of thousands of bills the gates are few.
    prefetch_related_objects(found, "declaration__gate")
    locked = {bill.pk: bill for bill in found}
    bills = {bill.code: bill for bill in locked.values() if bill.code in codes}
    return bills, {line.order.code: (line.order, locked[line.bill_id]) for line in lines}


def _how(line: StatementLine) -> dict:
    return {
        "amount": line.amount,
        "method": Payment.Method.BANK,
        "key": f"line:{line.pk}",
        "reference": line.reference,
        "received_at": _noon(line),
    }


def _noon(line: StatementLine) -> datetime:
    """A statement names days only; the middle of one is on that day for everybody."""
    return timezone.make_aware(datetime.combine(line.booked_on, time(12)))


def _without_known(lines: list[StatementLine]) -> list[StatementLine]:
    """The lines left when those are tied that the bank had told of before, by the same reference and amount."""
    references = {line.reference for line in lines if line.reference}
    told = Payment.objects.filter(
        method__in=[Payment.Method.BANK, Payment.Method.STUB],
        reference__in=references,
        statement_line__isnull=True,
    )
    known: dict[tuple[str, int], list[Payment]] = defaultdict(list)
    for payment in told.order_by("-pk"):
        known[payment.reference, payment.amount].append(payment)
    left = []
    for line in lines:
        candidates = known.get((line.reference, line.amount), [])
        near = next((p for p in reversed(candidates) if abs(p.received_at - _noon(line)) <= NEAR), None)
        if near is None:
            left.append(line)
        else:
            candidates.remove(near)
            _settle(line, near, None)
    return left


def _receive_all(pairs: Sequence[tuple[StatementLine, Bill]]) -> None:
    """What `record_payment` does, for many bills at once; each has one line, and gets all that it asks."""
    if not pairs:
        return
    now = timezone.now()
    payments = _pay_all(pairs, now)
    told = []
    chains = [f"bill:{bill.pk}" for _line, bill in pairs]
    heads = {fact.chain: fact for fact in facts.heads(chains).only("chain", "sequence", "hash")}
    for chain, (line, bill) in zip(chains, pairs, strict=True):
        payment = payments[line.pk]
        data = {"bill": bill.pk, "code": bill.code, "collector": bill.collector}
        data |= {"payment": payment, "amount": line.amount, "outstanding": 0}
        told.append(
            facts.link(
                chain,
                after=heads.get(chain),
                move="record_payment",
                declaration_id=bill.declaration_id,
                trip_id=None,
                gate_id=bill.declaration.gate_id,
                actor_id=None,
                happened_at=now,
                recorded_at=now,
                data=data,
            )
        )
    Fact.objects.bulk_create(told)
    registry.tell_after_commit(told)


def _pay_all(pairs: Sequence[tuple[StatementLine, Bill]], now: datetime) -> dict[int, int]:
    """A payment for each line, its entries in the ledger, the line settled; returns line id to payment id.

    By Django's bulk writes these would be most of the work of a statement.
    """
    lines, bills = zip(*pairs, strict=True)
    days = {line.booked_on: _noon(line) for line in lines}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fees_payment (payer_id, bill_id, amount, method, reference, received_at, recorded_at, key) "
            "SELECT paid.payer, paid.bill, line.amount, %s, line.reference, paid.at, %s, 'line:' || line.id "
            "FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[]) AS paid(line, bill, payer, at) "
            "JOIN fees_statementline AS line ON line.id = paid.line RETURNING bill_id, id",
            [
                Payment.Method.BANK,
                now,
                [line.pk for line in lines],
                [bill.pk for bill in bills],
                [bill.payer_id for bill in bills],
                [days[line.booked_on] for line in lines],
            ],
        )
        of_bill = dict(cursor.fetchall())
        ids = [of_bill[bill.pk] for bill in bills]
        cursor.execute(
            "INSERT INTO fees_ledgerentry (kind, amount, payment_id, at) "
            "SELECT %s, amount, id, %s FROM fees_payment WHERE id = ANY(%s)",
            [Kind.RECEIVED, now, ids],
        )
        cursor.execute(
            "INSERT INTO fees_ledgerentry (kind, amount, payment_id, bill_id, at) SELECT %s, amount, payment, bill, %s "
            "FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS found(payment, bill, amount) WHERE amount > 0",
            [Kind.ALLOCATED, now, ids, [bill.pk for bill in bills], [bill.outstanding for bill in bills]],
        )
        cursor.execute(
            "UPDATE fees_statementline AS line SET payment_id = found.payment, settled_at = %s "
            "FROM unnest(%s::bigint[], %s::bigint[]) AS found(line, payment) WHERE line.id = found.line",
            [now, [line.pk for line in lines], ids],
        )
    return {line.pk: payment for line, payment in zip(lines, ids, strict=True)}


def _settle(line: StatementLine, payment: Payment, actor: User | None) -> None:
    line.payment, line.settled_at, line.settled_by = payment, timezone.now(), actor
    line.save(update_fields=["payment", "settled_at", "settled_by"])


# By a person


def handles_line(actor: User, line: StatementLine) -> bool:
    gate = line.account.gate_id
    return has_role(actor, *COLLECTORS) if gate is None else collects_at(actor, gate)


def assign_line(*, line: StatementLine, bill: Bill, actor: User) -> Payment:
    """The person says for which bill unknown money is; to a settled one it is its payer's credit."""
    with transaction.atomic():
        line = _open_line(line, actor)
        if not collects(actor, bill.kind, bill.declaration.gate):
            raise not_yours()
        if line.account.collector not in ("", bill.collector):
            raise Refusal("other_collector", _("Tiền vào tài khoản của cơ quan khác với cơ quan thu khoản phí này."))
        payment = record_payment(bill=bill, actor=actor, **_how(line)).payment
        _settle(line, payment, actor)
    return payment


def set_aside(*, line: StatementLine, aside: str, actor: User) -> None:
    """The money is no payment of a fee: what a gateway passed on, or the centre's own."""
    if aside not in StatementLine.Aside.values:
        raise Refusal("wrong_reason", _("Hãy chọn lý do."))
    with transaction.atomic():
        line = _open_line(line, actor)
        line.aside, line.settled_at, line.settled_by = aside, timezone.now(), actor
        line.save(update_fields=["aside", "settled_at", "settled_by"])


def send_back(*, line: StatementLine, actor: User, to: str, reason: str) -> RefundRequest:
    """Nobody's money, to be sent back to whom it came from."""
    with transaction.atomic():
        line = _open_line(line, actor)
        payment = Payment.objects.create(payer=None, recorded_by=actor, **_how(line))
        enter(Kind.RECEIVED, line.amount, payment=payment, actor=actor)
        _settle(line, payment, actor)
        return ask_refund(
            payment=payment,
            amount=line.amount,
            how=RefundRequest.How.TRANSFER,
            to=to or line.party or "–",
            reason=reason,
            actor=actor,
            key=f"send-back:{line.pk}",
        )


def _open_line(line: StatementLine, actor: User) -> StatementLine:
    line = StatementLine.objects.select_for_update(no_key=True, of=("self",)).select_related("account").get(pk=line.pk)
    if not handles_line(actor, line):
        raise not_yours()
    if line.payment_id or line.aside or line.amount <= 0:
        raise Refusal("line_settled", _("Khoản tiền này đã được xử lý."))
    return line
