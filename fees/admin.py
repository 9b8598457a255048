"""The tariff, and what was assessed, billed and paid, to read; the tariff is entered on pages of its own."""

from functools import reduce
from operator import or_

from django.contrib import admin
from django.db.models import Q

from accounts.models import Role, User
from accounts.rules import gate_ids_of, has_role
from fees.models import (
    Assessment,
    AssessmentLine,
    BankAccount,
    Bill,
    LedgerEntry,
    Payment,
    ReceiptSeries,
    Tariff,
    TariffLine,
    TariffRule,
)
from fees.rules import DESK, enters_tariffs, sees_desk


class SeenAtDesk:
    """Who sees the fee desk sees these; roles decide, not the permissions of the admin."""

    def has_module_permission(self, request) -> bool:
        return sees_desk(request.user)

    def has_view_permission(self, request, obj=None) -> bool:
        return sees_desk(request.user)


class ReadOnly(SeenAtDesk):
    """Written by the services alone, and money seen at the gates of one's role; `gates` lead to the gate."""

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


class TariffLineInline(ReadOnly, admin.TabularInline):
    model = TariffLine
    extra = 0


class TariffRuleInline(ReadOnly, admin.TabularInline):
    model = TariffRule
    extra = 0


@admin.register(Tariff)
class TariffAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["name", "province", "state", "valid_from", "valid_to", "legal_basis"]
    list_filter = ["province", "state"]
    inlines = [TariffLineInline, TariffRuleInline]


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


class OfTheDesk(SeenAtDesk):
    """What the desk stands on: entered by some, never deleted, and fixed where something already names it."""

    fixed: tuple[str, ...] = ()

    def enters(self, user: User) -> bool:
        return user.is_superuser

    def is_used(self, row) -> bool:
        return False

    def has_add_permission(self, request) -> bool:
        return self.enters(request.user)

    def has_change_permission(self, request, obj=None) -> bool:
        return self.enters(request.user)

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def get_readonly_fields(self, request, obj=None):
        return self.fixed if obj is not None and self.is_used(obj) else ()


@admin.register(BankAccount)
class BankAccountAdmin(OfTheDesk, admin.ModelAdmin):
    """Where the money goes is the administrator's to say, not the cashiers'."""

    fields = ["gate", "collector", "bank", "number", "holder", "is_open"]
    fixed = ("gate", "collector", "bank", "number")
    list_display = ["bank", "number", "holder", "gate", "collector", "is_open"]
    list_select_related = ["gate"]

    def enters(self, user: User) -> bool:
        return user.is_superuser or has_role(user, Role.Code.ADMIN)

    def is_used(self, row: BankAccount) -> bool:
        return row.files.exists()


@admin.register(ReceiptSeries)
class ReceiptSeriesAdmin(OfTheDesk, admin.ModelAdmin):
    """The series that the tax office registered."""

    fields = ["gate", "template", "sign", "is_open"]
    fixed = ("gate", "template", "sign")
    list_display = ["template", "sign", "gate", "last", "is_open"]
    list_select_related = ["gate"]

    def enters(self, user: User) -> bool:
        return enters_tariffs(user)

    def is_used(self, row: ReceiptSeries) -> bool:
        return row.last > 0
