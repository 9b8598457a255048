"""The form by which declared fields are corrected: of the declarant every field, of the driver those asked."""

from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from declarations.correctable import Value, parted
from declarations.forms.fields import Text
from declarations.forms.rows import ConsignmentForm, Kept, LineForm, VehicleForm, likely_country

ROWS = {None: VehicleForm, "line": LineForm, "consignment": ConsignmentForm}


class CorrectionForm(Kept):
    """One field for each key, filled with what is declared; `values` are those that were changed in it.

    `asked` come first. A field keeps the value that it was shown with, so that what another changed meanwhile is
    not set back; one that was not shown is left alone.
    """

    replaces = forms.BooleanField(label=_("Đổi sang xe khác, không phải sửa lỗi ghi nhầm"), required=False)
    reason = Text(label=_("Lý do"), max_length=500)
    sure = forms.BooleanField(label=_("Tôi đã xem lại, đúng như vậy"), required=False)

    def __init__(
        self, declared: Mapping[str, Value], asked: Collection[str], *args: Any, only_asked: bool = False, **kwargs: Any
    ):
        initial = {key: "" if value is None else value for key, value in declared.items()}
        super().__init__(*args, initial=initial, **kwargs)
        self.declared = declared
        keys = [key for key in declared if not self.is_bound or self.add_initial_prefix(key) in self.data]
        self.asked = [key for key in keys if key in asked]
        self.others = [] if only_asked else [key for key in keys if key not in asked]
        for key in (*self.asked, *self.others):
            table, _pk, name = parted(key)
            self.fields[key] = deepcopy(ROWS[table].base_fields[name])
            self.fields[key].show_hidden_initial = self.fields[key].asked = True
        if only_asked:
            del self.fields["replaces"], self.fields["reason"]

    @property
    def values(self) -> dict[str, Any]:
        own = {*self.asked, *self.others}
        values = {key: self.cleaned_data[key] for key in self.changed_data if key in own}
        return self._new_country(values) | values if "plate" in values and "country" in own else values

    def _new_country(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The country that the new plate tells, where the one declared was only told by the old plate."""
        was_told = self.declared["country"] == likely_country(str(self.declared["plate"]))
        told = likely_country(values["plate"])
        return {"country": told} if was_told and told not in ("", self.declared["country"]) else {}

    @property
    def asked_fields(self) -> list[BoundField]:
        return [self[key] for key in self.asked]

    @property
    def of_vehicle(self) -> list[BoundField]:
        return [self[key] for key in self.others if ":" not in key]

    @property
    def of_goods(self) -> list[BoundField]:
        return [self[key] for key in self.others if ":" in key]
