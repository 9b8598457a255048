"""Which papers are asked, kept up as the law changes; the firms' own rows are written on their pages."""

from django import forms
from django.contrib import admin

from register.models import Kind, PaperRule


class PaperRuleForm(forms.ModelForm):
    any_of = forms.MultipleChoiceField(
        label=PaperRule._meta.get_field("any_of").verbose_name,
        choices=Kind.choices,
        widget=forms.CheckboxSelectMultiple,
    )


@admin.register(PaperRule)
class PaperRuleAdmin(admin.ModelAdmin):
    form = PaperRuleForm
    list_display = ["__str__", "country", "gate_kind", "blocks", "legal_basis", "valid_from", "valid_to"]
    list_filter = ["blocks", "gate_kind", "country"]
