"""The form of a camera test."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from anpr.models import watched_by
from gates.models import Lane


class TrialForm(forms.Form):
    image = forms.FileField(
        label=_("Ảnh chụp"),
        allow_empty_file=True,
        help_text=_("Ảnh JPEG, PNG hoặc WebP, tối đa 12 MB. Ảnh không được lưu lại."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    lane = forms.ModelChoiceField(
        Lane.objects.none(),
        label=_("Đối chiếu như ảnh của làn"),
        required=False,
        empty_label=_("Không đối chiếu"),
    )

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        lanes = Lane.objects.filter(watched_by(user, through="")).select_related("barrier__gate", "yard__gate")
        self.fields["lane"].queryset = lanes.order_by("barrier__gate", "yard__gate", "barrier", "yard", "number")
