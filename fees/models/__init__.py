"""What it costs: the tariff, each truck's assessment, bills, payments, and the ledger that all balances come from.

Money is whole đồng. Customs taxes are never in it.
"""

from fees.models.account import BANKS, BankAccount, DeskSetting
from fees.models.assessment import CLEAR, Assessment, AssessmentLine
from fees.models.authority import PayingAuthority
from fees.models.bill import Bill
from fees.models.conditions import Direction, FeeKind, Handling, Origin
from fees.models.counter import CashShift, DayClosing
from fees.models.ledger import LedgerEntry
from fees.models.order import OrderLine, PaymentOrder, ProviderNotice
from fees.models.payment import Payment
from fees.models.receipt import Receipt, ReceiptSending, ReceiptSeries
from fees.models.refund import RefundRequest
from fees.models.statement import StatementFile, StatementLine
from fees.models.tariff import DateRange, Tariff, TariffLine, TariffRule, TonnesRange

__all__ = [
    "BANKS",
    "CLEAR",
    "Assessment",
    "AssessmentLine",
    "BankAccount",
    "Bill",
    "CashShift",
    "DateRange",
    "DayClosing",
    "DeskSetting",
    "Direction",
    "FeeKind",
    "Handling",
    "LedgerEntry",
    "OrderLine",
    "Origin",
    "PayingAuthority",
    "Payment",
    "PaymentOrder",
    "ProviderNotice",
    "Receipt",
    "ReceiptSending",
    "ReceiptSeries",
    "RefundRequest",
    "StatementFile",
    "StatementLine",
    "Tariff",
    "TariffLine",
    "TariffRule",
    "TonnesRange",
]
