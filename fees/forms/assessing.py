"""What the fee centre adds so that a truck can be assessed."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ReassessForm(forms.Form):
    payload = forms.DecimalField(
        label=_("Trọng tải (tấn)"), min_value=0.1, max_value=200, max_digits=6, decimal_places=2, required=False
    )
