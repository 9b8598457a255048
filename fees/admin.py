"""The tariff, entered here; and what was assessed, billed and paid, to read."""

from functools import reduce
from itertools import combinations
from operator import or_

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms import BaseInlineFormSet
from django.utils.translation import gettext as _

from accounts.rules import gate_ids_of
from fees.models import Assessment, AssessmentLine, Bill, LedgerEntry, Payment, Tariff, TariffLine
from fees.rules import DESK, enters_tariffs, sees_desk


def _open_to_change(tariff: Tariff | None) -> bool:
    """Prices that trucks were charged by stay as they were; missing ones may still be added."""
    return tariff is None or not tariff.assessments.exists()


class SeenAtDesk:
    """Who sees the fee desk sees these; roles decide, not the permissions of the admin."""

    def has_module_permission(self, request) -> bool:
        return sees_desk(request.user)

    def has_view_permission(self, request, obj=None) -> bool:
        return sees_desk(request.user)


class EnteredByFeeCentre(SeenAtDesk):
    """The fee centre adds, and changes what nobody was charged by yet."""

    def has_add_permission(self, request, obj=None) -> bool:
        return enters_tariffs(request.user)

    def has_change_permission(self, request, obj=None) -> bool:
        return enters_tariffs(request.user)

    def has_delete_permission(self, request, obj=None) -> bool:
        return enters_tariffs(request.user) and _open_to_change(obj)


class TariffLines(BaseInlineFormSet):
    """Lines entered together are compared here: the database's own check comes only when they are saved."""

    def clean(self) -> None:
        super().clean()
        kept = [form.instance for form in self.forms if form.has_changed() and form not in self.deleted_forms]
        if any(self.errors):
            return
        if any(one.meets(other) for one, other in combinations(kept, 2)):
            raise ValidationError(_("Hai mức phí cho cùng một trường hợp, hoặc các khoảng trọng tải chồng lên nhau."))


class TariffLineInline(EnteredByFeeCentre, admin.TabularInline):
    model = TariffLine
    formset = TariffLines
    extra = 1

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and _open_to_change(obj)


@admin.register(Tariff)
class TariffAdmin(EnteredByFeeCentre, admin.ModelAdmin):
    list_display = ["name", "province", "valid_from", "valid_to", "legal_basis"]
    list_filter = ["province"]
    inlines = [TariffLineInline]

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        return [] if _open_to_change(obj) else ["province", "name", "legal_basis", "valid_from"]


class ReadOnly(SeenAtDesk):
    """Money is written by the services alone, and seen at the gates of one's role; `gates` lead to the gate."""

    gates: tuple[str, ...] = ()

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        seen_at = None if request.user.is_superuser else gate_ids_of(request.user, DESK)
        if seen_at is None or not self.gates:
            return rows
        return rows.filter(reduce(or_, (Q(**{f"{path}__in": seen_at}) for path in self.gates)))

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class AssessmentLineInline(ReadOnly, admin.TabularInline):
    model = AssessmentLine
    extra = 0


@admin.register(Assessment)
class AssessmentAdmin(ReadOnly, admin.ModelAdmin):
    gates = ("trip__declaration__gate",)
    list_display = ["trip", "version", "outcome", "total", "made_at"]
    list_filter = ["outcome"]
    list_select_related = ["trip"]
    search_fields = ["trip__plate", "trip__declaration__code"]
    inlines = [AssessmentLineInline]


class LedgerInline(ReadOnly, admin.TabularInline):
    model = LedgerEntry
    extra = 0


@admin.register(Bill)
class BillAdmin(ReadOnly, admin.ModelAdmin):
    gates = ("declaration__gate",)
    list_display = ["code", "payer", "declaration", "created_at"]
    list_select_related = ["payer", "declaration"]
    search_fields = ["code", "declaration__code", "payer__name"]
    inlines = [LedgerInline]


@admin.register(Payment)
class PaymentAdmin(ReadOnly, admin.ModelAdmin):
    gates = ("bill__declaration__gate",)
    list_display = ["received_at", "amount", "method", "reference", "payer", "bill", "recorded_by"]
    list_filter = ["method"]
    list_select_related = ["payer", "bill", "recorded_by"]
    search_fields = ["reference", "bill__code", "payer__name"]
    inlines = [LedgerInline]


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly, admin.ModelAdmin):
    gates = ("bill__declaration__gate", "payment__bill__declaration__gate")
    list_display = ["at", "kind", "amount", "bill", "payment", "actor"]
    list_filter = ["kind"]
    list_select_related = ["bill", "payment", "actor"]
    date_hierarchy = "at"
