"""Reads of who pays whose fees."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from accounts.models import Organisation, User
from accounts.rules import acts_for_organisation
from fees.models import Bill, PayingAuthority


def authorities_of(organisation_ids: Iterable[int]) -> QuerySet[PayingAuthority]:
    """Those not ended in which one of these organisations owes or pays, the newest first."""
    own = list(organisation_ids)
    found = PayingAuthority.objects.filter(Q(organisation__in=own) | Q(payer__in=own), ended_at__isnull=True)
    return found.select_related("organisation", "payer").order_by("-pk")


def is_asked_to_pay(organisation_ids: Iterable[int]) -> bool:
    """Whether somebody waits for one of these to accept to pay."""
    asked = PayingAuthority.objects.filter(payer__in=list(organisation_ids), accepted_at__isnull=True)
    return asked.filter(ended_at__isnull=True).exists()


def payer_choices(bill: Bill, user: User) -> list[Organisation]:
    """To whom the person may give this bill: as the declarant to those it authorised, as the payer back."""
    declarant = bill.declaration.organisation_id
    if bill.allocated:
        return []
    if acts_for_organisation(user, declarant):
        authorised = PayingAuthority.objects.in_force().filter(organisation=declarant).values("payer")
        choices = Organisation.objects.filter(Q(pk=declarant) | Q(pk__in=authorised))
    elif acts_for_organisation(user, bill.payer_id):
        choices = Organisation.objects.filter(pk=declarant)
    else:
        return []
    return list(choices.exclude(pk=bill.payer_id).order_by("name"))
