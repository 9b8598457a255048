"""VietQR: the text of the QR code by which a banking app fills in a transfer (EMVCo merchant QR, NAPAS profile).

Each field is a two-digit tag, a two-digit length and the value; the last one is a checksum over all before it.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

NAPAS = "A000000727"
TO_ACCOUNT = "QRIBFTTA"
DONG, VIETNAM = "704", "VN"
ONCE, MANY_TIMES = "12", "11"
MOST_PURPOSE = 25
MOST_AMOUNT = 10**13 - 1


class VietQRError(ValueError):
    """The text is no VietQR code for a transfer to an account, or what it should say does not fit into one."""


@dataclass(frozen=True)
class Transfer:
    """What the code says: the account (`bin` is the bank's six digits), the đồng, and the words of the transfer.

    Without an amount the payer types it, and the code may be used many times.
    """

    bin: str
    account: str
    amount: int | None = None
    purpose: str = ""

    def __post_init__(self) -> None:
        if not (len(self.bin) == 6 and self.bin.isascii() and self.bin.isdigit()):
            raise VietQRError("the bank's number has six digits")
        if not (0 < len(self.account) <= 19 and self.account.isascii() and self.account.isalnum()):
            raise VietQRError("an account has 1 to 19 letters and digits")
        if self.amount is not None and not 0 < self.amount <= MOST_AMOUNT:
            raise VietQRError("the amount is whole đồng, above zero, of at most 13 digits")
        if len(self.purpose) > MOST_PURPOSE or plain(self.purpose) != self.purpose:
            raise VietQRError("the purpose is plain ASCII, and short")


def plain(text: str) -> str:
    """The text without marks and without what a bank may drop: `Nộp phí` as `Nop phi`."""
    letters = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    kept = (sign if sign.isascii() and (sign.isalnum() or sign in " -.") else "" for sign in letters)
    return " ".join("".join(kept).split())


def encode(transfer: Transfer) -> str:
    """The text of the QR code."""
    to = _field("00", NAPAS)
    to += _field("01", _field("00", transfer.bin) + _field("01", transfer.account))
    to += _field("02", TO_ACCOUNT)
    text = _field("00", "01") + _field("01", MANY_TIMES if transfer.amount is None else ONCE)
    text += _field("38", to) + _field("53", DONG)
    if transfer.amount is not None:
        text += _field("54", str(transfer.amount))
    text += _field("58", VIETNAM)
    if transfer.purpose:
        text += _field("62", _field("08", transfer.purpose))
    text += "6304"
    return text + checksum(text)


def decode(text: str) -> Transfer:
    """What a VietQR code says; `VietQRError` where a field or the checksum is not right."""
    if len(text) < 8 or text[-8:-4] != "6304" or checksum(text[:-4]) != text[-4:].upper():
        raise VietQRError("the checksum does not fit")
    fields = dict(_fields(text))
    to = dict(_fields(fields.get("38", "")))
    if to.get("00") != NAPAS or to.get("02") != TO_ACCOUNT or fields.get("53") != DONG:
        raise VietQRError("no transfer of đồng to an account")
    account = dict(_fields(to.get("01", "")))
    amount = fields.get("54")
    if amount is not None and not (amount.isascii() and amount.isdigit()):
        raise VietQRError("the amount is not whole đồng")
    return Transfer(
        bin=account.get("00", ""),
        account=account.get("01", ""),
        amount=None if amount is None else int(amount),
        purpose=dict(_fields(fields.get("62", ""))).get("08", ""),
    )


def checksum(text: str) -> str:
    """CRC-16/CCITT-FALSE of the text, `6304` included, as four hexadecimal digits."""
    rest = 0xFFFF
    for byte in text.encode():
        rest ^= byte << 8
        for _bit in range(8):
            rest = (rest << 1 ^ 0x1021 if rest & 0x8000 else rest << 1) & 0xFFFF
    return f"{rest:04X}"


def _field(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"


def _fields(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        tag, length = text[at : at + 2], text[at + 2 : at + 4]
        if not (tag.isdigit() and length.isdigit()) or at + 4 + int(length) > len(text):
            raise VietQRError("a field is cut off")
        yield tag, text[at + 4 : at + 4 + int(length)]
        at += 4 + int(length)
