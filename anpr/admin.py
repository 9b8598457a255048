"""Cameras are set up here; readings and samples are looked at, never changed."""

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anpr.models import Camera, Reading, Sample
from anpr.services import new_key


@admin.register(Camera)
class CameraAdmin(admin.ModelAdmin):
    list_display = ("code", "name", "lane", "active", "last_seen_at", "link_words", "link_error")
    list_filter = ("active",)
    list_select_related = ("lane__barrier__gate", "lane__yard__gate")
    search_fields = ("code", "name")
    readonly_fields = ("key_prefix", "last_seen_at", "link_words", "link_since", "link_error", "frame_at")
    actions = ("give_new_key",)

    @admin.action(description=gettext_lazy("Cấp khóa mới (khóa cũ hết hiệu lực)"))
    def give_new_key(self, request: HttpRequest, queryset) -> None:
        for camera in queryset:
            words = _("Khóa mới của %(camera)s, chỉ hiện một lần này: %(key)s")
            self.message_user(request, words % {"camera": camera.code, "key": new_key(camera)}, messages.WARNING)

    def save_model(self, request: HttpRequest, obj: Camera, form, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            self.give_new_key(request, [obj])


class LookedAt(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


@admin.register(Reading)
class ReadingAdmin(LookedAt):
    list_display = ("id", "camera", "taken_at", "text", "confidence", "settled_how", "error")
    list_filter = ("camera",)
    list_select_related = ("camera",)
    search_fields = ("text",)
    exclude = ("image",)
    date_hierarchy = "taken_at"


@admin.register(Sample)
class SampleAdmin(LookedAt):
    list_display = ("reading", "text", "by", "at")
    list_select_related = ("reading__camera", "by")
