"""What a click at a place sends: the key that makes it count once, and what it is about."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkpoints.models import Closure
from checkpoints.moves.extending import LONGEST_HOURS
from declarations.forms.fields import Lines, MomentField, Text, WholeField
from gates.models import Gate, Lane, Zone


class IdsField(forms.TypedMultipleChoiceField):
    """Any whole numbers; whether they may be acted on is the door's question."""

    def __init__(self, **kwargs) -> None:
        super().__init__(coerce=int, required=False, **kwargs)

    def valid_value(self, value: str) -> bool:
        return value.isascii() and value.isdigit() and len(value) < 19


class KeysField(forms.MultipleChoiceField):
    """Keys of declared fields; whether the truck has them is the door's question."""

    def valid_value(self, value: str) -> bool:
        return len(value) < 60


class MoveForm(forms.Form):
    """`key` once for each form shown; `slot` the confirmations meant, `trip` the trucks where several are.

    `field` names what shall be corrected, `proposal` the fact that proposed the values on the screen. Of a seizure
    `case` and `takes`; `other` is the plate or the declaration of another trip.
    """

    key = forms.UUIDField()
    slot = IdsField()
    trip = IdsField()
    field = KeysField(required=False)
    proposal = forms.IntegerField(required=False)
    registered = forms.IntegerField(required=False)
    reason = forms.CharField(required=False, strip=True)
    opens = forms.BooleanField(required=False)
    together = forms.BooleanField(required=False)
    case = forms.CharField(required=False, strip=True)
    takes = forms.CharField(required=False)
    with_goods = forms.BooleanField(required=False)
    other = forms.CharField(required=False, strip=True, max_length=40)
    exchanges = forms.BooleanField(required=False)
    lane = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)

    def __init__(self, data: QueryDict, lanes: Iterable[Lane] = ()) -> None:
        super().__init__(data)
        self.lanes = {lane.pk: lane for lane in lanes}
        self.fields["lane"].choices = [(pk, str(lane)) for pk, lane in self.lanes.items()]

    @property
    def chosen_lane(self) -> Lane | None:
        return self.lanes.get(self.cleaned_data["lane"])


class ExtensionForm(forms.Form):
    """By how much the authority keeps all declarations awaited at a gate good for longer."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    gate = forms.ModelChoiceField(Gate.objects.none(), label=gettext_lazy("Cửa khẩu"), empty_label=None)
    hours = WholeField(label=gettext_lazy("Thêm bao nhiêu giờ"), min_value=1, max_value=LONGEST_HOURS)
    reason = Lines(label=gettext_lazy("Lý do (người khai đọc được)"), max_length=500, required=True)

    def __init__(self, data: QueryDict | None = None, *, gates: QuerySet[Gate]) -> None:
        super().__init__(data, prefix="extend", initial={"hours": settings.DECLARATION_VALID_HOURS})
        self.fields["gate"].queryset = gates

    def add_prefix(self, field_name: str) -> str:
        """The key bears the name that it has in every form."""
        return field_name if field_name == "key" else super().add_prefix(field_name)


class ZoneForm(forms.Form):
    """One zone of a yard; `others` are the zones beside it, whose names are taken."""

    name = Text(label=gettext_lazy("Tên khu"), max_length=100, required=True)
    kind = forms.ChoiceField(label=gettext_lazy("Loại khu"), choices=Zone.Kind.choices)
    capacity = WholeField(label=gettext_lazy("Sức chứa (xe)"), min_value=1, max_value=10_000)
    in_use = forms.BooleanField(label=gettext_lazy("Đang sử dụng"), required=False)

    def __init__(self, *args: Any, others: QuerySet[Zone], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = others

    def clean_name(self) -> str:
        if self.others.filter(name__iexact=self.cleaned_data["name"]).exists():
            raise forms.ValidationError(_("Bãi đã có khu mang tên này."))
        return self.cleaned_data["name"]


class ClosureForm(forms.Form):
    """What the zone authority announces of a gate."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    gate = forms.ModelChoiceField(Gate.objects.none(), label=gettext_lazy("Cửa khẩu"), empty_label=None)
    kind = forms.ChoiceField(
        label=gettext_lazy("Mức độ"),
        choices=Closure.Kind.choices,
        widget=forms.RadioSelect,
        initial=Closure.Kind.SUSPENDED,
    )
    starts_at = MomentField(label=gettext_lazy("Từ"), required=True)
    ends_at = MomentField(label=gettext_lazy("Đến"), required=True)
    authority = Text(label=gettext_lazy("Cơ quan quyết định"), max_length=200, required=True)
    reason = Lines(label=gettext_lazy("Lý do, phạm vi (mọi người đọc được)"), max_length=500, required=True)

    def __init__(self, data: QueryDict | None = None, *, gates: QuerySet[Gate]) -> None:
        now = timezone.localtime().replace(second=0, microsecond=0)
        super().__init__(data, initial={"starts_at": now, "gate": gates.first()})
        self.fields["gate"].queryset = gates

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", _("Thời điểm kết thúc phải sau lúc bắt đầu."))
        elif ends_at and ends_at <= timezone.now():
            self.add_error("ends_at", _("Thời điểm kết thúc đã qua."))
        return cleaned
