"""Declarations as they are, to look up: what is in them is written on the trader's pages, their states by the door."""

from django.contrib import admin

from declarations.models import Consignment, Declaration, GoodsLine, Load, QuarantineRule, Trip


class ReadOnly(admin.ModelAdmin):
    """To look at and search; nothing is added, changed or taken away here."""

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False


class TripInline(ReadOnlyInline):
    model = Trip
    fields = ["position", "plate", "vehicle_type", "driver_name", "procedure_code", "state"]


class ConsignmentInline(ReadOnlyInline):
    model = Consignment


class LineInline(ReadOnlyInline):
    model = GoodsLine


class LoadInline(ReadOnlyInline):
    model = Load


@admin.register(Declaration)
class DeclarationAdmin(ReadOnly):
    list_display = ["code", "organisation", "gate", "purpose", "state", "expected_at", "submitted_at"]
    list_filter = ["state", "purpose", "gate", "submitted_at"]
    list_select_related = ["organisation", "gate"]
    search_fields = ["code", "organisation__name", "organisation__tax_code", "trips__plate"]
    date_hierarchy = "created_at"
    inlines = [TripInline, ConsignmentInline]


@admin.register(Trip)
class TripAdmin(ReadOnly):
    list_display = ["plate", "declaration", "country", "vehicle_type", "driver_name", "procedure_code", "state"]
    list_filter = ["state", "procedure_code", "country", "declaration__gate"]
    list_select_related = ["declaration"]
    search_fields = ["plate", "trailer_plate", "container", "driver_name", "driver_phone", "declaration__code"]
    inlines = [LoadInline]


@admin.register(Consignment)
class ConsignmentAdmin(ReadOnly):
    list_display = ["declaration", "owner_name", "customs_number", "customs_date", "regime", "goods_group"]
    list_filter = ["regime", "goods_group"]
    list_select_related = ["declaration"]
    search_fields = ["declaration__code", "customs_number", "owner_name", "owner_tax_code"]
    inlines = [LineInline]


@admin.register(QuarantineRule)
class QuarantineRuleAdmin(admin.ModelAdmin):
    list_display = ["agency", "hs_prefix", "goods_group", "legal_basis", "valid_from", "valid_to"]
    list_filter = ["agency"]
    search_fields = ["hs_prefix", "legal_basis"]
