"""Writing the firm's register: rows are added, changed and archived; nothing is deleted under a trip."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation
from register.models import Driver, Paper, SpecialisedDriver, Vehicle


class Overtaken(Exception):
    """Somebody else wrote the row since the person opened it."""


class Twice(Exception):
    """The firm, or the gate, has a row of this plate or number already; `row` is that one."""

    def __init__(self, row: Vehicle | Driver | SpecialisedDriver | None):
        super().__init__()
        self.row = row


KEYS = {Vehicle: ("organisation", "plate"), Driver: ("organisation", "phone"), SpecialisedDriver: ("gate", "phone")}
"""By what a row is known."""


def save(row, fields: Mapping[str, Any], *, version: str = ""):
    """Write a new row or, if it still is of that version, a known one. Raises `Overtaken` and `Twice`."""
    try:
        with transaction.atomic():
            return _saved(row, fields, version)
    except IntegrityError as error:
        key = KEYS.get(type(row))
        if key is None:
            raise
        known = type(row).objects.filter(**{name: fields.get(name, getattr(row, name, None)) for name in key})
        if not (found := known.exclude(pk=row.pk).first()):
            raise
        raise Twice(found) from error


def _saved(row, fields: Mapping[str, Any], version: str):
    if row.pk:
        row = type(row).objects.select_for_update().get(pk=row.pk)
        if version != row.version:
            raise Overtaken
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    return row


def archive(row, *, archived: bool = True) -> None:
    """Offer it no more, or again. What was declared with it stays."""
    type(row).objects.filter(pk=row.pk).update(archived_at=timezone.now() if archived else None)
    row.refresh_from_db()


def save_paper(paper: Paper, fields: Mapping[str, Any], *, scan: ContentFile | None, version: str = "") -> Paper:
    """Write a paper; a new scan takes the place of the one before, whose file goes. Raises `Overtaken`."""
    before = paper.scan.name
    given = dict(fields) | ({"scan": scan} if scan else {})
    saved = save(paper, given, version=version)
    if scan and before:
        transaction.on_commit(lambda: saved.scan.storage.delete(before))
    return saved


def drop_scans(papers) -> int:
    """Delete the files of these papers; what they say stays. Returns how many."""
    dropped = 0
    for paper in papers.exclude(scan="").iterator():
        name = paper.scan.name
        Paper.objects.filter(pk=paper.pk, scan=name).update(scan="")
        paper.scan.storage.delete(name)
        dropped += 1
    return dropped


@transaction.atomic
def remember(organisation: Organisation, listed: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> int:
    """Take vehicles, each with its driver, into the register, as far as they are known and not there yet.

    Returns how many were new; of what is said twice the first is taken. Four queries.
    """
    pairs = list(listed)
    vehicles = [vehicle for vehicle, _driver in pairs if vehicle.get("plate")]
    drivers = [driver for _vehicle, driver in pairs if driver.get("phone") and driver.get("name")]
    return _added(Vehicle, "plate", organisation, vehicles) + _added(Driver, "phone", organisation, drivers)


def _added(model, key: str, organisation: Organisation, listed: Iterable[Mapping[str, Any]]) -> int:
    rows: dict[str, Mapping[str, Any]] = {}
    for fields in listed:
        rows.setdefault(fields[key], fields)
    there = model.objects.filter(organisation=organisation, **{f"{key}__in": rows}).values_list(key, flat=True)
    for known in there:
        del rows[known]
    model.objects.bulk_create([model(organisation=organisation, **row) for row in rows.values()], ignore_conflicts=True)
    return len(rows)
