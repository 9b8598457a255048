"""The forms of the register: a vehicle, a driver, a paper of either, a specialised driver of a gate."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.core.files.base import ContentFile
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from declarations import validators
from declarations.forms.fields import ChoiceField, DayField, NumberField, PlateField, Text
from declarations.forms.rows import likely_country
from declarations.plates import normalise
from gates.labels import COUNTRIES, choices
from gates.models import Gate
from gates.procedures.words import Country
from register.files import cleaned_file
from register.models import MAY_BE_ENDLESS, Kind, VehicleType

SCANS = "image/jpeg,image/png,image/webp,application/pdf"


class RowForm(forms.Form):
    """A row of the register; who acts for several firms says for which one it is."""

    def __init__(self, *args: Any, organisations: QuerySet[Organisation] | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if organisations is not None and organisations.count() > 1:
            self.fields["organisation"] = forms.ModelChoiceField(
                organisations, label=_("Tổ chức, cá nhân"), empty_label=None
            )


class ImportForm(RowForm):
    """A spreadsheet of rows."""

    sheet = forms.FileField(
        label=gettext_lazy("Tệp bảng tính"),
        error_messages={"required": gettext_lazy("Hãy chọn tệp bảng tính để nhập.")},
    )


class VehicleForm(RowForm):
    plate = PlateField(label=gettext_lazy("Biển kiểm soát"), required=True)
    vehicle_type = ChoiceField(
        label=gettext_lazy("Loại phương tiện"), choices=VehicleType.choices, initial=VehicleType.CONTAINER_40
    )
    country = ChoiceField(
        label=gettext_lazy("Nước đăng ký"), choices=[("", gettext_lazy("Theo biển kiểm soát")), *choices(COUNTRIES)]
    )
    payload = NumberField(label=gettext_lazy("Trọng tải (tấn)"), whole=4, places=2)
    trailer_plate = PlateField(label=gettext_lazy("Biển kiểm soát rơ moóc"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["vehicle_type"] = cleaned.get("vehicle_type") or VehicleType.OTHER
        cleaned["country"] = cleaned.get("country") or likely_country(cleaned.get("plate") or "")
        if cleaned.get("plate") and not cleaned["country"] and "country" not in self.errors:
            self.add_error("country", _("Không đoán được nước đăng ký từ biển; hãy chọn."))
        return cleaned


class DriverForm(RowForm):
    name = Text(label=gettext_lazy("Họ và tên"), max_length=150, required=True)
    phone = Text(
        label=gettext_lazy("Số điện thoại"),
        normal=validators.normal_phone,
        max_length=20,
        required=True,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    nationality = ChoiceField(label=gettext_lazy("Quốc tịch"), choices=choices(COUNTRIES), initial=Country.VN)

    def clean_nationality(self) -> str:
        return self.cleaned_data["nationality"] or Country.VN


class PaperForm(forms.Form):
    """One paper; `endless` kinds may lack the last day. The scan is kept as `register.files` writes it."""

    kind = forms.ChoiceField(label=gettext_lazy("Loại giấy tờ"))
    variety = Text(
        label=gettext_lazy("Loại giấy phép (nếu có)"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    number = Text(label=gettext_lazy("Số"), max_length=40, required=True)
    valid_from = DayField(label=gettext_lazy("Cấp ngày"))
    valid_to = DayField(label=gettext_lazy("Có giá trị đến hết ngày"))
    photo = forms.FileField(
        label=gettext_lazy("Chụp bằng máy ảnh"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"}),
    )
    scan = forms.FileField(
        label=gettext_lazy("Bản chụp có sẵn (ảnh hoặc PDF)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": SCANS}),
    )

    def __init__(self, *args: Any, kinds: Collection[Kind], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]
        if Kind.PERMIT not in kinds:
            del self.fields["variety"]

    def clean_photo(self) -> ContentFile | None:
        return cleaned_file(upload) if (upload := self.cleaned_data["photo"]) else None

    def clean_scan(self) -> ContentFile | None:
        """The file that was chosen, else the photograph that was taken."""
        upload = self.cleaned_data["scan"]
        return cleaned_file(upload) if upload else self.cleaned_data.get("photo")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last, kind = cleaned.get("valid_from"), cleaned.get("valid_to"), cleaned.get("kind")
        if first and last and last < first:
            self.add_error("valid_to", _("Ngày hết hạn phải sau ngày cấp."))
        if kind and kind not in MAY_BE_ENDLESS and not last and "valid_to" not in self.errors:
            self.add_error("valid_to", _("Hãy ghi ngày hết hạn của giấy tờ này."))
        return cleaned


class SpecialisedDriverForm(forms.Form):
    gate = forms.ModelChoiceField(Gate.objects.none(), label=gettext_lazy("Cửa khẩu"), empty_label=None)
    name = Text(label=gettext_lazy("Họ và tên"), max_length=150, required=True)
    phone = DriverForm.base_fields["phone"]
    paper_number = Text(label=gettext_lazy("Số giấy tờ tùy thân"), max_length=40, required=True)
    plates = Text(
        label=gettext_lazy("Đầu kéo chuyên trách (nếu có)"),
        max_length=400,
        help_text=gettext_lazy("Nhiều biển cách nhau bằng dấu phẩy; bỏ trống là mọi xe."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    valid_from = DayField(label=gettext_lazy("Từ ngày"), required=True)
    valid_to = DayField(label=gettext_lazy("Đến hết ngày"))

    def __init__(self, *args: Any, gates, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["gate"].queryset = gates

    def clean_plates(self) -> list[str]:
        named = [normalise(part) for part in self.cleaned_data["plates"].replace(";", ",").split(",")]
        found = list(dict.fromkeys(filter(None, named)))
        if any(len(plate) > 15 for plate in found):
            raise forms.ValidationError(_("Hãy tách các biển bằng dấu phẩy."))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("valid_from"), cleaned.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", _("Ngày kết thúc phải sau ngày bắt đầu."))
        return cleaned
