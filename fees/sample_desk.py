"""What the demo's desk stands on: an account that no bank has, and a series of receipts."""

from fees.models import BankAccount, ReceiptSeries

# Letters, so that a real banking app that reads the demo's QR code finds nobody to send money to.
NUMBER = "DEMO000000000"


def enter_sample_desk() -> None:
    """Enter both, or leave them as they are."""
    BankAccount.objects.get_or_create(
        bank="970436", number=NUMBER, defaults={"holder": "TAI KHOAN MINH HOA, KHONG CHUYEN TIEN"}
    )
    ReceiptSeries.objects.get_or_create(template="01BLP0-001", sign="DEMO-26T")
