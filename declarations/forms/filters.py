"""The search and the filters of the list."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from declarations.forms.fields import ChoiceField, DayField, Text
from declarations.forms.rows import Kept
from declarations.states import DeclarationState
from gates.labels import PURPOSES, choices

STATES = [("", _("Mọi trạng thái")), ("live", _("Đang trên đường")), *DeclarationState.choices]


class FilterForm(Kept):
    """All optional; what cannot be read narrows nothing."""

    q = Text(label=_("Tìm"), max_length=60)
    state = ChoiceField(label=_("Trạng thái"), choices=STATES)
    purpose = ChoiceField(label=_("Mục đích"), choices=[("", _("Mọi mục đích")), *choices(PURPOSES)])
    gate = ChoiceField(label=_("Cửa khẩu"))
    first = DayField(label=_("Đến từ ngày"))
    last = DayField(label=_("Đến hết ngày"))

    def __init__(self, data: Any, *, gates):
        super().__init__(data)
        self.fields["gate"].choices = [("", _("Mọi cửa khẩu")), *((str(gate.pk), gate.name) for gate in gates)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", _("Ngày cuối phải sau ngày đầu."))
        return cleaned

    @property
    def wanted(self) -> dict[str, Any]:
        """What was asked and could be read."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def narrows(self) -> bool:
        """Whether more than the search narrows the list, or something could not be read."""
        return bool(self.errors or self.wanted.keys() - {"q"})
