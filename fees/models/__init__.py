"""What it costs: the tariff, each truck's assessment, bills, payments, and the ledger that all balances come from.

Money is whole đồng. Customs taxes are never in it.
"""

from fees.models.assessment import CLEAR, Assessment, AssessmentLine
from fees.models.bill import Bill
from fees.models.ledger import LedgerEntry
from fees.models.payment import Payment
from fees.models.tariff import DateRange, Tariff, TariffLine, TonnesRange

__all__ = [
    "CLEAR",
    "Assessment",
    "AssessmentLine",
    "Bill",
    "DateRange",
    "LedgerEntry",
    "Payment",
    "Tariff",
    "TariffLine",
    "TonnesRange",
]
