"""Who pays another's fees."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import InForceQuerySet, Organisation, Period, User
from fees.models.tariff import DateRange


class PayingAuthorityQuerySet(InForceQuerySet):
    def in_force(self, day=None):
        """Those accepted and not ended that hold on this day, default today."""
        return super().in_force(day).filter(accepted_at__isnull=False, ended_at__isnull=True)


class PayingAuthority(Period):
    """Ủy quyền nộp phí: `payer` pays what `organisation` owes, from a day to a day, once the payer accepted it."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="payers_named")
    payer = models.ForeignKey(Organisation, models.PROTECT, related_name="pays_for")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    accepted_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    accepted_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    ended_at = models.DateTimeField(null=True)

    objects = PayingAuthorityQuerySet.as_manager()

    class Meta:
        verbose_name = _("ủy quyền nộp phí")
        verbose_name_plural = _("ủy quyền nộp phí")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(organisation=F("payer")), name="nobody_is_authorised_by_oneself"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="authority_ends_after_it_begins",
            ),
            ExclusionConstraint(
                name="one_payer_a_day",
                expressions=[
                    ("organisation", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to", Value("[]")), RangeOperators.OVERLAPS),
                ],
                condition=Q(accepted_at__isnull=False, ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} → {self.payer}"
