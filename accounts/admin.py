"""Accounts: who belongs to which organisation and holds which role, where and how long."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, Membership, Organisation, Role, User
from declarations.validators import is_tax_code, normal_tax_code

admin.site.unregister(Group)  # Roles say what a person may do; groups would be a second way.


class RoleInline(admin.TabularInline):
    model = Role
    extra = 0
    autocomplete_fields = ["unit"]


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["user", "organisation"]


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ["username", "full_name", "phone", "role_names", "is_active", "last_login"]
    list_filter = ["roles__code", "roles__gate", "is_active", "is_staff"]
    search_fields = ["username", "full_name", "phone", "email", "organisations__name", "organisations__tax_code"]
    inlines = [RoleInline, MembershipInline]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Người"), {"fields": ["full_name", "phone", "email"]}),
        (_("Tài khoản"), {"fields": ["is_active", "is_staff", "is_superuser", "last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = []

    @admin.display(description=_("vai trò"))
    def role_names(self, user: User) -> str:
        return ", ".join(role.get_code_display() for role in user.roles.all())

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("roles")


class OrganisationForm(forms.ModelForm):
    """A tax code is kept in one spelling, with its check digit right."""

    def clean_tax_code(self) -> str:
        code = normal_tax_code(self.cleaned_data["tax_code"])
        if not is_tax_code(code):
            raise forms.ValidationError(_("Mã số thuế phải có 10, 13 hoặc 12 chữ số và đúng số kiểm tra."))
        return code


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):
    form = OrganisationForm
    list_display = ["name", "tax_code", "address", "phone"]
    search_fields = ["name", "tax_code", "phone"]
    inlines = [MembershipInline]


@admin.register(Role)
class RoleAdmin(admin.ModelAdmin):
    list_display = ["user", "code", "gate", "yard", "unit", "valid_from", "valid_to"]
    list_filter = ["code", "gate"]
    list_select_related = ["user", "gate", "yard__gate", "unit"]
    search_fields = ["user__username", "user__full_name"]
    autocomplete_fields = ["user", "unit"]


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    """Keys are issued by `manage.py issue_api_key`; here they are revoked."""

    list_display = ["name", "prefix", "user", "created_at", "revoked_at"]
    list_select_related = ["user"]
    fields = ["name", "user", "prefix", "created_at", "revoked_at"]
    readonly_fields = ["name", "user", "prefix", "created_at"]

    def has_add_permission(self, request) -> bool:
        return False
