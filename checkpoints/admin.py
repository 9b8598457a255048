"""The history and the passages, to be read in the admin and never changed."""

from django.contrib import admin
from django.http import HttpRequest

from checkpoints.models import AuditAnchor, Correction, Fact, Passage, StayLimit


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


@admin.register(Fact)
class FactAdmin(ReadOnly):
    list_display = ["recorded_at", "move", "chain", "gate", "place", "actor", "agency", "reason"]
    list_filter = ["gate", "move", "agency"]
    search_fields = ["chain", "trip__plate", "declaration__code"]
    list_select_related = ["gate", "actor"]
    date_hierarchy = "recorded_at"


@admin.register(Passage)
class PassageAdmin(ReadOnly):
    list_display = ["plate", "lane", "first_seen_at", "last_seen_at", "by"]
    search_fields = ["plate"]
    list_select_related = ["lane__barrier__gate", "lane__yard__gate", "by"]


@admin.register(Correction)
class CorrectionAdmin(ReadOnly):
    list_display = ["trip", "state", "replaces", "asked", "proposed", "settled"]
    list_filter = ["state", "replaces"]
    search_fields = ["trip__plate", "trip__declaration__code"]
    list_select_related = ["trip", "asked", "proposed", "settled"]


@admin.register(StayLimit)
class StayLimitAdmin(admin.ModelAdmin):
    list_display = ["kind", "country", "hours", "valid_from", "valid_to", "legal_basis"]
    list_filter = ["kind", "country"]


@admin.register(AuditAnchor)
class AuditAnchorAdmin(ReadOnly):
    list_display = ["at", "facts", "last_fact_id", "hash"]
