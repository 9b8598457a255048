"""How money comes in: the QR of a bank transfer, the gateways, the counter; each behind the same small interface."""
