"""Naming who pays."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation, User
from accounts.rules import organisation_ids_of
from declarations.forms.fields import DayField, Text
from declarations.validators import normal_tax_code


class AuthorityForm(forms.Form):
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Phí của"), queryset=Organisation.objects.none(), empty_label=None
    )
    payer = Text(
        label=gettext_lazy("Mã số thuế của người nộp thay"), max_length=14, normal=normal_tax_code, required=True
    )
    valid_from = DayField(label=gettext_lazy("Từ ngày"), required=True, initial=timezone.localdate)
    valid_to = DayField(label=gettext_lazy("Đến hết ngày"), help_text=gettext_lazy("Bỏ trống nếu không có thời hạn."))

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.filter(pk__in=organisation_ids_of(user))

    def clean_payer(self) -> Organisation:
        found = Organisation.objects.filter(tax_code=self.cleaned_data["payer"]).first()
        if found is None:
            raise ValidationError(_("Không có tổ chức nào với mã số thuế này trên nền tảng."))
        return found
