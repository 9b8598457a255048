from django.contrib import admin

from notices.models import Notice


@admin.register(Notice)
class NoticeAdmin(admin.ModelAdmin):
    list_display = ["id", "kind", "organisation", "role", "gate", "created_at", "read_at", "mailed_at", "attempts"]
    list_filter = ["kind", "gate", "mailed_at"]
    date_hierarchy = "created_at"
    list_select_related = ["organisation", "gate"]

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False
