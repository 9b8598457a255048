"""What a click at a place sends: the key that makes it count once, and what it is about."""

from collections.abc import Iterable

from django import forms
from django.http import QueryDict

from gates.models import Lane


class IdsField(forms.TypedMultipleChoiceField):
    """Any whole numbers; whether they may be acted on is the door's question."""

    def __init__(self, **kwargs) -> None:
        super().__init__(coerce=int, required=False, **kwargs)

    def valid_value(self, value: str) -> bool:
        return value.isascii() and value.isdigit() and len(value) < 19


class MoveForm(forms.Form):
    """`key` once for each form shown; `slot` the confirmations meant, `trip` the trucks where several are."""

    key = forms.UUIDField()
    slot = IdsField()
    trip = IdsField()
    reason = forms.CharField(required=False, strip=True)
    opens = forms.BooleanField(required=False)
    together = forms.BooleanField(required=False)
    lane = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)

    def __init__(self, data: QueryDict, lanes: Iterable[Lane] = ()) -> None:
        super().__init__(data)
        self.lanes = {lane.pk: lane for lane in lanes}
        self.fields["lane"].choices = [(pk, str(lane)) for pk, lane in self.lanes.items()]

    @property
    def chosen_lane(self) -> Lane | None:
        return self.lanes.get(self.cleaned_data["lane"])
