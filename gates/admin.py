"""Gates with their barriers, lanes, yards and units."""

from django.contrib import admin

from gates.models import Barrier, Gate, Lane, Unit, Yard, Zone


class BarrierInline(admin.TabularInline):
    model = Barrier
    extra = 0


class YardInline(admin.TabularInline):
    model = Yard
    extra = 0


class ZoneInline(admin.TabularInline):
    model = Zone
    extra = 0


class LaneInline(admin.TabularInline):
    model = Lane
    extra = 0


@admin.register(Gate)
class GateAdmin(admin.ModelAdmin):
    list_display = ["name", "kind", "opposite", "opens_at", "closes_at", "book_code"]
    list_filter = ["kind", "book_code"]
    search_fields = ["name", "name_zh", "code"]
    inlines = [BarrierInline, YardInline]


@admin.register(Barrier)
class BarrierAdmin(admin.ModelAdmin):
    list_display = ["gate", "place"]
    list_filter = ["gate", "place"]
    list_select_related = ["gate"]
    search_fields = ["gate__name"]
    inlines = [LaneInline]


@admin.register(Yard)
class YardAdmin(admin.ModelAdmin):
    list_display = ["name", "gate", "inside", "capacity"]
    list_filter = ["gate", "inside"]
    list_select_related = ["gate"]
    search_fields = ["name", "code", "gate__name"]
    inlines = [ZoneInline, LaneInline]


@admin.register(Lane)
class LaneAdmin(admin.ModelAdmin):
    list_display = ["__str__", "number", "direction"]
    list_filter = ["direction", "barrier__gate", "yard__gate"]
    list_select_related = ["barrier__gate", "yard__gate"]


@admin.register(Unit)
class UnitAdmin(admin.ModelAdmin):
    list_display = ["name", "agency", "gate"]
    list_filter = ["agency", "gate"]
    list_select_related = ["gate"]
    search_fields = ["name", "gate__name"]
