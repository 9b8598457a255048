from django.contrib import admin

from fees.models import Assessment, AssessmentLine, Bill, LedgerEntry, Payment, Tariff, TariffLine


class TariffLineInline(admin.TabularInline):
    model = TariffLine
    extra = 1

    def has_change_permission(self, request, obj=None) -> bool:
        return _open_to_change(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None) -> bool:
        return _open_to_change(obj) and super().has_delete_permission(request, obj)


def _open_to_change(tariff: Tariff | None) -> bool:
    """Prices that trucks were charged by stay as they were; missing ones may still be added."""
    return tariff is None or not tariff.assessments.exists()


@admin.register(Tariff)
class TariffAdmin(admin.ModelAdmin):
    list_display = ["name", "province", "valid_from", "valid_to", "legal_basis"]
    list_filter = ["province"]
    inlines = [TariffLineInline]

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        return [] if _open_to_change(obj) else ["province", "name", "legal_basis", "valid_from"]

    def has_delete_permission(self, request, obj=None) -> bool:
        return _open_to_change(obj) and super().has_delete_permission(request, obj)


class ReadOnly:
    """Money is written by the services alone."""

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
    list_display = ["code", "payer", "declaration", "created_at"]
    list_select_related = ["payer", "declaration"]
    search_fields = ["code", "declaration__code", "payer__name"]
    inlines = [LedgerInline]


@admin.register(Payment)
class PaymentAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["received_at", "amount", "method", "reference", "payer", "bill", "recorded_by"]
    list_filter = ["method"]
    list_select_related = ["payer", "bill", "recorded_by"]
    search_fields = ["reference", "bill__code", "payer__name"]
    inlines = [LedgerInline]


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["at", "kind", "amount", "bill", "payment", "actor"]
    list_filter = ["kind"]
    list_select_related = ["bill", "payment", "actor"]
    date_hierarchy = "at"
