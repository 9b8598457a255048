"""ISO 20022 camt.053, all versions: an entry, or each of its details where it gathers several, is a line."""

import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from fees.statements.texts import clean
from fees.statements.types import Line, Statement, StatementError, joined
from fees.statements.values import WrongValue, day

OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)


def read_camt053(data: bytes, currency: str = "VND") -> Statement:
    """The booked entries of all statements in the file, which must be of one account and each tie by itself.

    Amounts come in the smallest unit of the currency: đồng, or cents where it has them.
    """
    places = 0 if currency == "VND" else 2
    lines: list[Line] = []
    accounts: set[str] = set()
    balances: dict[str, int] = {}
    parts: list[Statement] = []
    number = 0
    try:
        for _event, node in iterparse(io.BytesIO(data), forbid_dtd=True):
            name = _name(node)
            if name == "Ntry":
                number += 1
                lines += _lines(node, number, currency, places)
                node.clear()
            elif name == "Bal":
                _keep_balance(node, balances, currency, places)
            elif name == "Stmt":
                parts.append(Statement(lines=lines, opening=balances.get("opening"), closing=balances.get("closing")))
                lines, balances = [], {}
                accounts.add(_text(node, "Acct/Id/IBAN") or _text(node, "Acct/Id/Othr/Id"))
                node.clear()
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        if isinstance(error, StatementError):
            raise
        raise StatementError.of("unknown_form") from error
    if not parts:
        raise StatementError.of("unknown_form")
    if len(accounts) > 1:
        raise StatementError.of("many_accounts", None, ", ".join(sorted(accounts)))
    return joined(parts, accounts.pop())


def _lines(entry: Element, number: int, currency: str, places: int) -> Iterator[Line]:
    if (_text(entry, "Sts/Cd") or _text(entry, "Sts") or "BOOK") != "BOOK":
        return
    amount = _amount(entry, number, currency, places)
    booked_on = _day(entry, "BookgDt") or _day(entry, "ValDt")
    if booked_on is None:
        raise StatementError.of("not_a_day", number)
    reference = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    details = [node for group in _all(entry, "NtryDtls") for node in _all(group, "TxDtls")]
    parts = [_part(node, amount, currency, places) for node in details]
    known = [part for part in parts if part is not None]
    if len(known) == len(details) > 1 and sum(known) == amount:
        for node, part in zip(details, known, strict=True):
            yield _line(node, entry, booked_on, part, _text(node, "Refs/AcctSvcrRef") or reference)
    else:
        yield _line(details[0] if details else entry, entry, booked_on, amount, reference, details)


def _line(
    node: Element,
    entry: Element,
    booked_on: date,
    amount: int,
    reference: str,
    all_details: list[Element] | None = None,
) -> Line:
    words = [piece.text or "" for detail in all_details or [node] for piece in _all(detail, "RmtInf/Ustrd")]
    words += [
        piece.text or "" for detail in all_details or [node] for piece in _all(detail, "RmtInf/Strd/CdtrRefInf/Ref")
    ]
    words += [_text(node, "AddtlTxInf"), _text(entry, "AddtlNtryInf")]
    side = "Dbtr" if amount > 0 else "Cdtr"
    party = _text(node, f"RltdPties/{side}/Nm") or _text(node, f"RltdPties/{side}/Pty/Nm")
    return Line(
        booked_on=booked_on,
        amount=amount,
        text=clean(" ".join(dict.fromkeys(filter(None, words)))),
        reference=clean(reference, 100),
        party=clean(party, 200),
    )


def _keep_balance(node: Element, balances: dict[str, int], currency: str, places: int) -> None:
    code = _text(node, "Tp/CdOrPrtry/Cd")
    if code in OPENING:
        balances.setdefault("opening", _amount(node, None, currency, places))
    elif code in CLOSING:
        balances["closing"] = _amount(node, None, currency, places)


def _amount(node: Element, number: int | None, currency: str, places: int) -> int:
    found = _find(node, "Amt")
    if found is None:
        raise StatementError.of("not_a_number", number)
    if found.get("Ccy", currency) != currency:
        raise StatementError.of("other_currency", number, found.get("Ccy"))
    try:
        scaled = Decimal((found.text or "").strip()).scaleb(places)
    except InvalidOperation as error:
        raise StatementError.of("not_a_number", number, found.text) from error
    if not scaled.is_finite() or scaled != int(scaled):
        raise StatementError.of("not_whole", number, found.text)
    out = _text(node, "CdtDbtInd") == "DBIT"
    return -int(scaled) if out else int(scaled)


def _part(node: Element, whole: int, currency: str, places: int) -> int | None:
    """What one detail of an entry moves, signed as the entry where it does not say; None where it says no amount."""
    holder = node if _find(node, "Amt") is not None else _find(node, "AmtDtls/TxAmt")
    if holder is None:
        return None
    amount = abs(_amount(holder, None, currency, places))
    direction = _text(node, "CdtDbtInd")
    out = direction == "DBIT" if direction else whole < 0
    return -amount if out else amount


def _day(node: Element, name: str) -> date | None:
    try:
        return day(_text(node, f"{name}/Dt")[:10] or _text(node, f"{name}/DtTm")[:10])
    except WrongValue as wrong:
        raise StatementError.of(wrong.args[0], None, _text(node, f"{name}/Dt")) from wrong


def _name(node: Element) -> str:
    return node.tag.rpartition("}")[2]


def _all(node: Element, path: str) -> list[Element]:
    """The elements at the end of this path of local names, whatever the version's namespace."""
    found = [node]
    for name in path.split("/"):
        found = [child for parent in found for child in parent if _name(child) == name]
    return found


def _find(node: Element, path: str) -> Element | None:
    return next(iter(_all(node, path)), None)


def _text(node: Element, path: str) -> str:
    found = _find(node, path)
    return (found.text or "").strip() if found is not None else ""
