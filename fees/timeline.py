"""Versions of one province's tariff along the days: which ends which, which overlap, which days are left open.

`others` are the other versions of the same province; only approved ones count.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from fees.models import Tariff

A_DAY = timedelta(days=1)


def superseded(tariff: Tariff, others: Iterable[Tariff]) -> Tariff | None:
    """The version without an end that this one ends when it is approved: it began earlier."""
    if tariff.is_approved:
        return None
    return next(
        (
            other
            for other in others
            if other.is_approved and other.valid_to is None and other.valid_from < tariff.valid_from
        ),
        None,
    )


def overlapping(tariff: Tariff, others: Iterable[Tariff]) -> Tariff | None:
    """The earliest version that holds on one of its days and would not be superseded by it."""
    others = list(others)
    ended = superseded(tariff, others)
    met = [
        other
        for other in others
        if other.is_approved
        and other != ended
        and (other.valid_to is None or other.valid_to >= tariff.valid_from)
        and (tariff.valid_to is None or other.valid_from <= tariff.valid_to)
    ]
    return min(met, key=lambda other: other.valid_from, default=None)


def gaps_around(tariff: Tariff, others: Iterable[Tariff]) -> list[tuple[date, date | None]]:
    """The days right before and after this version on which no other holds; an open end is None.

    Before the province's first version there is no gap.
    """
    others = list(others)
    ended = superseded(tariff, others)
    periods = [
        (other.valid_from, tariff.valid_from - A_DAY if other == ended else other.valid_to)
        for other in others
        if other.is_approved
    ]
    gaps: list[tuple[date, date | None]] = []
    ends = [until for since, until in periods if since < tariff.valid_from]
    if ends and None not in ends and max(ends) + A_DAY < tariff.valid_from:
        gaps.append((max(ends) + A_DAY, tariff.valid_from - A_DAY))
    if tariff.valid_to:
        after = tariff.valid_to + A_DAY
        if not any(since <= after and (until is None or until >= after) for since, until in periods):
            later = min((since for since, _until in periods if since > after), default=None)
            gaps.append((after, later and later - A_DAY))
    return gaps
