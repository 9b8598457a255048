"""camt.053 and MT940: what the fields say becomes the same lines."""

from datetime import date

import pytest

from fees.statements import Line, StatementError, read
from fees.statements.camt053 import read_camt053
from fees.statements.mt940 import read_mt940


def camt(entries: str, *, version: str = "02", opening: str = "1000000.00", closing: str = "3500000") -> bytes:
    def balance(code: str, amount: str) -> str:
        return (
            f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='VND'>{amount}</Amt>"
            "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-22</Dt></Dt></Bal>"
        )

    return (
        f"<?xml version='1.0'?><Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}'>"
        "<BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S</Id><Acct><Id><Othr><Id>1023020330000</Id></Othr>"
        f"</Id></Acct>{balance('OPBD', opening)}{balance('CLBD', closing)}{entries}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def entry(
    amount: str, kind: str = "CRDT", inside: str = "", status: str = "<Sts>BOOK</Sts>", currency: str = "VND"
) -> str:
    return (
        f"<Ntry><Amt Ccy='{currency}'>{amount}</Amt><CdtDbtInd>{kind}</CdtDbtInd>{status}"
        f"<BookgDt><Dt>2026-11-22</Dt></BookgDt><AcctSvcrRef>FT1</AcctSvcrRef>{inside}</Ntry>"
    )


def details(*pieces: str, party: str = "", amount: str = "", reference: str = "") -> str:
    ustrd = "".join(f"<Ustrd>{piece}</Ustrd>" for piece in pieces)
    return (
        f"<TxDtls>{f'<Refs><AcctSvcrRef>{reference}</AcctSvcrRef></Refs>' if reference else ''}{amount}"
        f"<RltdPties>{party}</RltdPties><RmtInf>{ustrd}</RmtInf></TxDtls>"
    )


def test_camt_pieces_of_text_are_joined_and_the_sums_tie():
    who = "<Dbtr><Nm>CONG TY PHUC HOA</Nm></Dbtr>"
    inside = f"<NtryDtls>{details('CKS12345', '678A NOP', 'PHI', party=who)}</NtryDtls>"
    statement = read(camt(entry("3000000.00", inside=inside) + entry("500000", "DBIT")), "a.xml")
    assert statement.lines == [
        Line(date(2026, 11, 22), 3_000_000, "CKS12345 678A NOP PHI", "FT1", "CONG TY PHUC HOA"),
        Line(date(2026, 11, 22), -500_000, "", "FT1"),
    ]
    assert (statement.account, statement.opening, statement.closing) == ("1023020330000", 1_000_000, 3_500_000)


def test_camt_an_entry_that_gathers_several_is_several_lines():
    both = details("A", amount="<Amt Ccy='VND'>1000000</Amt><CdtDbtInd>CRDT</CdtDbtInd>", reference="R1")
    both += details("B", amount="<AmtDtls><TxAmt><Amt Ccy='VND'>1500000</Amt></TxAmt></AmtDtls>", reference="R2")
    lines = read(camt(entry("2500000", inside=f"<NtryDtls>{both}</NtryDtls>")), "a.xml").lines
    assert [(line.amount, line.text, line.reference) for line in lines] == [
        (1_000_000, "A", "R1"),
        (1_500_000, "B", "R2"),
    ]
    whole = entry("2500000", inside=f"<NtryDtls>{details('A')}{details('B')}</NtryDtls>")
    assert [(line.amount, line.text) for line in read(camt(whole), "a.xml").lines] == [(2_500_000, "A B")]


def test_camt_of_several_days_ties_in_whatever_order_they_stand():
    days = [camt(entry("50"), opening="100", closing="150"), camt(entry("7"), opening="150", closing="157")]
    for order in (days, days[::-1]):
        first, second = order
        inner = second[second.index(b"<Stmt>") : second.index(b"</BkToCstmrStmt>")]
        statement = read(first.replace(b"</BkToCstmrStmt>", inner + b"</BkToCstmrStmt>"), "a.xml")
        assert (statement.opening, statement.closing) == (100, 157)
        assert [line.amount for line in statement.lines] == [50, 7]


def test_camt_newer_versions_and_what_is_not_booked():
    who = "<Dbtr><Pty><Nm>NGUYEN VAN AT</Nm></Pty></Dbtr>"
    booked = entry(
        "2500000", status="<Sts><Cd>BOOK</Cd></Sts>", inside=f"<NtryDtls>{details('x', party=who)}</NtryDtls>"
    )
    pending = entry("9", status="<Sts><Cd>PDNG</Cd></Sts>")
    assert [line.party for line in read(camt(booked + pending, version="08"), "a.xml").lines] == ["NGUYEN VAN AT"]


BOMB = b"<?xml version='1.0'?><!DOCTYPE d [<!ENTITY a 'aaaaaaaaaa'>]><Document><Stmt>&a;</Stmt></Document>"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (camt(entry("2500001")), "does_not_tie"),
        (camt(entry("2500000.50")), "not_whole"),
        (camt(entry("2500000", currency="USD")), "other_currency"),
        (camt(entry("NaN")), "not_whole"),
        (camt(entry("x")), "not_a_number"),
        (camt(entry("1").replace("2026-11-22", "2026-02-31")), "no_such_day"),
        (camt("")[:-20], "unknown_form"),
        (BOMB, "unknown_form"),
        (b"<html></html>", "unknown_form"),
        (
            camt("").replace(b"</BkToCstmrStmt>", b"<Stmt><Acct><Id><IBAN>X</IBAN></Id></Acct></Stmt></BkToCstmrStmt>"),
            "many_accounts",
        ),
    ],
)
def test_camt_what_is_wrong_is_refused(data, code):
    with pytest.raises(StatementError) as refused:
        read(data, "a.xml")
    assert refused.value.problems[0].code == code


SWIFT = """{1:F01BFTVVNVXAXXX0000000000}{2:I940CUAKHAUX}{4:
:20:STMT0001
:25:970436/1023020330000
:28C:00326/001
:60F:C261122VND1000000,
:61:2611221122C3000000,00NTRFNONREF//FT26326001
 chuyen khoan
:86:CKS12345678A nop phi
ha tang 11C12345
:61:261122D500000,NCHGNONREF//FT26326002
:86:?20PHI QUAN LY?21 TAI KHOAN?32NGAN HANG?33A
:61:2612310102C250000,NTRF11C12345//FT26326003
:86:/NAME/NGUYEN VAN AT/REMI/nop phi CKS1
:62F:C261122VND3750000,
-}
"""


def test_mt940_is_read_with_its_continuations():
    statement = read(SWIFT.replace("\n", "\r\n").encode(), "a.sta")
    assert statement.lines == [
        Line(date(2026, 11, 22), 3_000_000, "CKS12345678A nop phi ha tang 11C12345 chuyen khoan", "FT26326001"),
        Line(date(2026, 11, 22), -500_000, "PHI QUAN LY TAI KHOAN", "FT26326002", "NGAN HANG A"),
        Line(date(2027, 1, 2), 250_000, "nop phi CKS1 11C12345", "FT26326003", "NGUYEN VAN AT"),
    ]
    assert (statement.account, statement.opening, statement.closing) == ("970436/1023020330000", 1_000_000, 3_750_000)


def test_mt940_reversals_and_a_missing_day_of_booking():
    text = ":20:A\n:25:1\n:60F:D261122VND100,\n:61:261122    RC50,NTRF1\n:61:261122RDR20,NTRF2\n:62F:D261122VND130,\n-"
    statement = read_mt940(text)
    assert [line.amount for line in statement.lines] == [-50, 20]
    assert statement.difference() is None


def part(kind: str, opening: int, closing: int, *moves: str) -> str:
    lines = "".join(f":61:{move},NTRF{number}\n" for number, move in enumerate(moves))
    return (
        f":20:A\n:25:1\n:28C:1/1\n:60{kind}:C261122VND{opening},\n{lines}:62{kind}:C261122VND{closing},\n:86:D1C1\n-\n"
    )


def test_mt940_of_several_days_and_pages_ties_in_whatever_order_they_stand():
    days = [part("F", 100, 150, "261122C50"), part("M", 150, 120, "261123D30"), part("M", 120, 127, "261123C7")]
    for order in (days, days[::-1]):
        statement = read("".join(order).encode(), "a.sta")
        assert (statement.opening, statement.closing) == (100, 127)
        assert [line.amount for line in statement.lines] == [50, -30, 7]


def test_mt940_each_statement_of_a_file_ties_by_itself_and_none_is_missing():
    one, two = part("F", 100, 151, "261122C50"), part("F", 151, 150, "261123C0", "261124D2")
    with pytest.raises(StatementError) as refused:
        read((one + two).encode(), "a.sta")
    assert [problem.what for problem in refused.value.problems] == ["100 + … = 150 ≠ 151", "151 + … = 149 ≠ 150"]
    gap = part("F", 100, 150, "261122C50") + part("F", 170, 171, "261124C1")
    with pytest.raises(StatementError) as refused:
        read(gap.encode(), "a.sta")
    assert [problem.what for problem in refused.value.problems] == ["100 + … = 151 ≠ 171"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("VND3750000,", "VND3750001,"), "does_not_tie"),
        (("VND", "USD"), "other_currency"),
        (("C3000000,00", "C3000000,50"), "not_whole"),
        ((":61:2611221122C", ":61:2602301122C"), "no_such_day"),
        ((":61:2611221122C3000000,00", ":61:rest"), "not_a_move"),
        ((":62F:", ":25:2\n:62F:"), "many_accounts"),
        ((":60F:C261122VND1000000,", ":60F:rest"), "not_a_number"),
    ],
)
def test_mt940_what_is_wrong_is_refused(change, code):
    with pytest.raises(StatementError) as refused:
        read(SWIFT.replace(*change).encode(), "a.sta")
    assert refused.value.problems[0].code == code


def test_other_currencies_are_read_in_their_cents_where_asked():
    euros = camt(entry("8.85", currency="EUR"), opening="1.00", closing="9.85").replace(b"VND", b"EUR")
    assert read_camt053(euros, "EUR").lines[0].amount == 885
    assert read_mt940(":20:A\n:25:1\n:60F:C261122EUR1,00\n:61:261122C8,85NTRF1\n-", "EUR").lines[0].amount == 885
