"""Bills: what is asked of a payer."""

from django.db import models
from django.db.models import F, OuterRef, Q, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.rules import gate_ids_of, organisation_ids_of
from declarations.models import Declaration
from fees.codes import new_code
from fees.models.conditions import FeeKind
from fees.models.ledger import LedgerEntry, sum_of
from fees.rules import DESK, collector_of
from gates.labels import AGENCIES
from gates.procedures import BOOKS
from gates.procedures.words import Agency


class BillQuerySet(models.QuerySet):
    def with_sums(self):
        """Adds `due`, `allocated`, and `outstanding` in đồng, from the ledger."""
        entries = LedgerEntry.objects
        return self.annotate(
            due=sum_of(entries.filter(kind=LedgerEntry.Kind.ASSESSED), bill=OuterRef("pk")),
            allocated=sum_of(entries.filter(kind=LedgerEntry.Kind.ALLOCATED), bill=OuterRef("pk")),
        ).annotate(outstanding=F("due") - F("allocated"))

    def summed(self):
        """Adds the same as `with_sums` by one join with the ledger: for bills named by their ids, however many."""
        due = Sum("entries__amount", filter=Q(entries__kind=LedgerEntry.Kind.ASSESSED), default=0)
        allocated = Sum("entries__amount", filter=Q(entries__kind=LedgerEntry.Kind.ALLOCATED), default=0)
        return self.annotate(due=due, allocated=allocated, outstanding=due - allocated)

    def with_surplus(self):
        """Adds `surplus`: what was paid for it and is neither allocated to any bill nor refunded, in đồng."""
        spent = [LedgerEntry.Kind.ALLOCATED, LedgerEntry.Kind.REFUNDED]
        entries = LedgerEntry.objects
        return self.annotate(
            surplus=sum_of(entries.filter(kind=LedgerEntry.Kind.RECEIVED), payment__bill=OuterRef("pk"))
            - sum_of(entries.filter(kind__in=spent), payment__bill=OuterRef("pk"))
        )

    def visible_to(self, user: User):
        """The payer's and the declarant's own; for those who collect or oversee, those of their gates."""
        gates = gate_ids_of(user, DESK)
        if user.is_superuser or gates is None:
            return self
        own = organisation_ids_of(user)
        return self.filter(Q(payer__in=own) | Q(declaration__organisation__in=own) | Q(declaration__gate__in=gates))


class Bill(models.Model):
    """Thông báo phí: one kind of fee, asked of one payer for a declaration's trucks that are ready, under one code."""

    code = models.CharField(_("mã nộp phí"), max_length=12, unique=True, default=new_code)
    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="bills")
    payer = models.ForeignKey(Organisation, models.PROTECT, related_name="bills")
    kind = models.CharField(_("loại phí"), max_length=20, choices=FeeKind, default=FeeKind.INFRASTRUCTURE)
    created_at = models.DateTimeField()

    objects = BillQuerySet.as_manager()

    class Meta:
        verbose_name = _("thông báo phí")
        verbose_name_plural = _("thông báo phí")
        ordering = ["-id"]
        indexes = [models.Index(fields=["payer", "-id"])]

    def __str__(self) -> str:
        return self.code

    @property
    def collector(self) -> Agency:
        """Who collects this kind of fee here, by the book of the gate."""
        return collector_of(self.kind, BOOKS[self.declaration.gate.book_code])

    @property
    def holder(self) -> tuple[str, Agency]:
        """Who holds the money that is paid for it: collectors are a province's, each with accounts of its own.

        What is left over of a payment can be used only for bills of the same holder.
        """
        return BOOKS[self.declaration.gate.book_code].province, self.collector

    @property
    def collector_words(self) -> str:
        return str(AGENCIES[self.collector])
