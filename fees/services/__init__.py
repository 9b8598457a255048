"""Writes of money: assess a truck, put it on a bill, record a payment, use a credit, refund, confirm.

Locks: whoever holds the door's (declaration, trip) takes bills after them, by id, then payments by id.
Each function raises `Refusal` with one reason, and then nothing was changed.
"""
