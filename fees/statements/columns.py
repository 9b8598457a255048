"""Which column of a bank's table means what, saved once per bank."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from fees.statements.texts import fold

# Headings seen on statements of Vietnamese banks, folded; the longer ones first where one holds another.
HEADINGS: dict[str, tuple[str, ...]] = {
    "day": (
        "ngay giao dich",
        "ngay hach toan",
        "ngay hieu luc",
        "ngay gd",
        "transaction date",
        "booking date",
        "date",
        "ngay",
    ),
    "credit": ("ghi co", "so tien ghi co", "phat sinh co", "ps co", "tien vao", "co credit", "credit", "co"),
    "debit": ("ghi no", "so tien ghi no", "phat sinh no", "ps no", "tien ra", "no debit", "debit", "no"),
    "amount": ("so tien", "so tien gd", "so tien giao dich", "transaction amount", "amount"),
    "text": (
        "noi dung giao dich",
        "noi dung chi tiet",
        "dien giai",
        "noi dung",
        "mo ta",
        "chi tiet giao dich",
        "transaction description",
        "transactions in detail",
        "description",
        "remark",
        "remarks",
        "details",
    ),
    "reference": (
        "so tham chieu",
        "so but toan",
        "so chung tu",
        "ma giao dich",
        "so giao dich",
        "so ct",
        "reference no",
        "transaction no",
        "reference",
        "doc no",
    ),
    "party": (
        "ten nguoi chuyen",
        "ten doi ung",
        "doi tuong",
        "nguoi chuyen",
        "ten tai khoan doi ung",
        "don vi thu huong",
        "corresponding account name",
        "remitter",
        "counterparty",
        "beneficiary",
    ),
    "balance": ("so du", "so du sau gd", "so du luy ke", "so du cuoi", "running balance", "balance"),
}


@dataclass(frozen=True)
class Columns:
    """The headings of the table; `credit` (and `debit`) or one signed `amount` must be among them."""

    day: str = ""
    credit: str = ""
    debit: str = ""
    amount: str = ""
    text: str = ""
    reference: str = ""
    party: str = ""
    balance: str = ""

    @property
    def is_enough(self) -> bool:
        return bool(self.day and (self.credit or self.amount))

    def named(self) -> dict[str, str]:
        """Meaning to folded heading, the empty ones left out."""
        return {name: fold(heading) for name, heading in asdict(self).items() if heading}

    @classmethod
    def of(cls, saved: dict) -> "Columns":
        known = {field.name for field in fields(cls)}
        return cls(**{name: str(heading) for name, heading in saved.items() if name in known})

    @classmethod
    def guessed(cls, headings: Iterable[object]) -> "Columns":
        """What the headings of one row suggest; one column means one thing."""
        free = {fold(heading): str(heading).strip() for heading in headings if heading not in (None, "")}
        found: dict[str, str] = {}
        for exact in (True, False):
            for name, known in HEADINGS.items():
                for words in known:
                    hit = words if exact and words in free else None
                    if not exact and len(words) > 3:
                        hit = next((folded for folded in free if words in folded), None)
                    if name not in found and hit:
                        found[name] = free.pop(hit)
        if "credit" in found and found.get("amount"):
            del found["amount"]
        return cls(**found)
