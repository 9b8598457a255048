"""The parts of a declaration as forms: general, one vehicle, one consignment, one line of goods (Phụ lục V, I to III).

Nothing is required here: a draft may lack anything. What may not be missing is asked when it is sent
(`declarations.checks`).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from declarations import plates, validators
from declarations.forms.fields import (
    ChoiceField,
    DayField,
    DongField,
    Lines,
    MomentField,
    NumberField,
    PlateField,
    Text,
)
from declarations.models import Consignment, Trip
from gates.labels import COUNTRIES, PURPOSES, SIDES, choices
from gates.models import Gate, Yard
from gates.procedures.words import Country, Purpose

LOADED = (Purpose.EXPORT, Purpose.IMPORT)
HINTS = {
    Purpose.EXPORT: gettext_lazy("Xe chở hàng từ Việt Nam sang Trung Quốc"),
    Purpose.IMPORT: gettext_lazy("Xe chở hàng từ Trung Quốc vào Việt Nam"),
    Purpose.COLLECT_IMPORT: gettext_lazy("Xe Việt Nam vào bãi nhận hàng sang tải"),
    Purpose.COLLECT_EXPORT: gettext_lazy("Xe vào bãi nhận hàng để chở sang Trung Quốc"),
    Purpose.CROSS_EMPTY: gettext_lazy("Xe không chở hàng đi sang hoặc trở về"),
}
PERMIT_KINDS = ("A", "B", "C", "D", "E", "F", "G")
"""Those of the protocol, offered while typing; others are taken too."""


class YardsByGate(ModelChoiceIterator):
    """The yards in groups, one a gate."""

    def __iter__(self):
        yield "", self.field.empty_label
        groups: dict[Gate, list] = {}
        for yard in self.queryset:
            groups.setdefault(yard.gate, []).append(self.choice(yard))
        yield from groups.items()


class YardField(forms.ModelChoiceField):
    iterator = YardsByGate


class Kept(forms.Form):
    """Nothing need be filled in to be kept, so no field is called optional: what is, says `(nếu có)` itself."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.asked = True


class GeneralForm(Kept):
    """I. Who declares what for, through which gate, and when the vehicles come."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=gettext_lazy("Tên tổ chức, cá nhân"))
    purpose = forms.ChoiceField(
        label=gettext_lazy("Mục đích"), choices=choices(PURPOSES), widget=forms.RadioSelect, required=True
    )
    comes_from = ChoiceField(label=gettext_lazy("Xe đi từ đâu tới"), choices=choices(SIDES), widget=forms.RadioSelect)
    gate = forms.ModelChoiceField(Gate.objects.none(), label=gettext_lazy("Cửa khẩu xuất/nhập"), empty_label=None)
    yard = YardField(
        Yard.objects.none(),
        label=gettext_lazy("Địa điểm tập kết"),
        required=False,
        empty_label=gettext_lazy("Chưa chọn"),
    )
    expected_at = MomentField(label=gettext_lazy("Dự kiến đến"))
    note = Lines(label=gettext_lazy("Ghi chú (nếu có)"), max_length=1000)

    def __init__(self, *args: Any, organisations, gates, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations
        self.fields["gate"].queryset = gates
        # Read once, and not counted first: a required list is looked at for its first choice, and again for all.
        self.fields["gate"].widget.choices = list(iter(self.fields["gate"].choices))
        self.fields["yard"].queryset = Yard.objects.select_related("gate").filter(gate__in=gates)
        self.fields["purpose"].error_messages["required"] = _("Hãy chọn mục đích.")
        self.fields["gate"].error_messages["required"] = _("Hãy chọn cửa khẩu.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        yard, gate = cleaned.get("yard"), cleaned.get("gate")
        if yard and gate and yard.gate_id != gate.pk:
            self.add_error("yard", _("Bến bãi này không thuộc cửa khẩu %(gate)s.") % {"gate": gate})
        return cleaned

    @property
    def loaded(self) -> bool:
        return self.cleaned_data.get("purpose") in LOADED


class GateForm(forms.Form):
    """A gate, and when somebody comes there."""

    gate = forms.ModelChoiceField(Gate.objects.all())
    expected_at = MomentField()


class Row(Kept):
    """One row of a list. `GIVEN` are the fields that people fill in: a row with none of them is blank."""

    GIVEN: tuple[str, ...] = ()

    @property
    def is_blank(self) -> bool:
        return not any(self.cleaned_data.get(name) not in (None, "") for name in self.GIVEN)


class VehicleForm(Row):
    """III. One vehicle with its driver; the permit only where the journey asks one."""

    GIVEN = (
        "plate",
        "trailer_plate",
        "container",
        "seal",
        "driver_name",
        "driver_phone",
        "payload",
        "permit_number",
        "permit_from",
        "permit_to",
    )

    plate = PlateField(label=gettext_lazy("Biển kiểm soát"))
    country = ChoiceField(
        label=gettext_lazy("Nước đăng ký"), choices=[("", gettext_lazy("Theo biển kiểm soát")), *choices(COUNTRIES)]
    )
    vehicle_type = ChoiceField(
        label=gettext_lazy("Loại phương tiện"),
        choices=[("", gettext_lazy("Chưa chọn")), *Trip.VehicleType.choices],
        initial=Trip.VehicleType.CONTAINER_40,
    )
    payload = NumberField(label=gettext_lazy("Trọng tải"), whole=4, places=2)
    driver_name = Text(label=gettext_lazy("Tên người điều khiển phương tiện"), max_length=150)
    driver_phone = Text(
        label=gettext_lazy("Số điện thoại người điều khiển"),
        normal=validators.normal_phone,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    specialised_driver = forms.BooleanField(label=gettext_lazy("Lái xe chuyên trách của cửa khẩu"), required=False)
    companion = Text(label=gettext_lazy("Người đi cùng"), max_length=150)
    trailer_plate = PlateField(label=gettext_lazy("Biển kiểm soát rơ moóc"))
    container = Text(
        label=gettext_lazy("Số container"),
        normal=validators.normal_container,
        max_length=11,
        widget=forms.TextInput(attrs={"class": "plate-input", "autocomplete": "off"}),
    )
    seal = Text(label=gettext_lazy("Số seal"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    origin = Text(label=gettext_lazy("Xuất xứ phương tiện"), max_length=100)
    permit_number = Text(label=gettext_lazy("Số giấy phép"), max_length=40)
    permit_kind = Text(
        label=gettext_lazy("Loại giấy phép"),
        max_length=10,
        widget=forms.TextInput(attrs={"list": "permit-kinds", "autocomplete": "off"}),
    )
    permit_from = DayField(label=gettext_lazy("Có giá trị từ"))
    permit_to = DayField(label=gettext_lazy("Đến hết ngày"))
    stored_or_unloaded = forms.BooleanField(label=gettext_lazy("Lưu kho, hạ bãi tại địa điểm tập kết"), required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["plate"].widget.attrs["list"] = "known-plates"
        self.fields["driver_name"].widget.attrs |= {"list": "known-drivers", "autocomplete": "off"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        problems = vehicle_faults(cleaned)
        for name, message in problems:
            self.add_error(name, message)
        return completed_vehicle(cleaned)


def vehicle_faults(cleaned: dict[str, Any]) -> list[tuple[str, str]]:
    """What cannot be kept of a vehicle, by field."""
    first, last = cleaned.get("permit_from"), cleaned.get("permit_to")
    if first and last and last < first:
        return [("permit_to", _("Ngày hết hạn phải sau ngày bắt đầu."))]
    return []


def completed_vehicle(cleaned: dict[str, Any]) -> dict[str, Any]:
    """The country guessed from the plate where none was chosen, and the vehicle's origin from the country."""
    if not cleaned.get("country"):
        cleaned["country"] = likely_country(cleaned.get("plate") or "")
    if not cleaned.get("origin") and cleaned["country"]:
        cleaned["origin"] = str(COUNTRIES[cleaned["country"]])
    return cleaned


def left_open(vehicle: Mapping[str, Any]) -> dict[str, Any]:
    """The vehicle as its row shows it: a country that only follows from the plate, and an origin that only follows
    from the country, are left open, so that they follow when the plate is mended.
    """
    country = vehicle["country"]
    follows = {
        "country": bool(country) and country == likely_country(vehicle["plate"] or ""),
        "origin": country in COUNTRIES and vehicle["origin"] == str(COUNTRIES[country]),
    }
    return {name: "" if follows.get(name) else value for name, value in vehicle.items()}


def likely_country(plate: str) -> str:
    """Where a plate is from: by its form, else by its first sign; empty when neither tells."""
    if country := plates.parse(plate).country:
        return country
    if plate[:1] and plate[0] in plates.CN_PROVINCES:
        return Country.CN
    return Country.VN if plate[:2] in plates.VN_LOCAL_CODES else ""


class ConsignmentForm(Row):
    """One owner, one customs declaration, one regime. `lot`: the consignment of the draft that the row writes anew."""

    GIVEN = ("owner_name", "owner_tax_code", "customs_number", "customs_date")

    lot = forms.IntegerField(required=False, widget=forms.HiddenInput)
    regime = forms.ChoiceField(
        label=gettext_lazy("Loại hình"),
        choices=Consignment.Regime.choices,
        initial=Consignment.Regime.ORDINARY,
        widget=forms.RadioSelect,
    )
    goods_group = forms.ChoiceField(
        label=gettext_lazy("Nhóm hàng hóa"),
        choices=Consignment.GoodsGroup.choices,
        initial=Consignment.GoodsGroup.GENERAL,
    )
    customs_number = Text(
        label=gettext_lazy("Số tờ khai hải quan"),
        normal=validators.normal_customs_number,
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    customs_date = DayField(label=gettext_lazy("Ngày tờ khai hải quan"))
    owner_name = Text(label=gettext_lazy("Chủ hàng (nếu không phải người khai)"), max_length=200)
    owner_tax_code = Text(
        label=gettext_lazy("Mã số thuế chủ hàng"),
        normal=validators.normal_tax_code,
        max_length=14,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class LineForm(Row):
    """II. One line of goods."""

    GIVEN = ("name", "quantity", "unit", "value", "weight", "hs_code")

    name = Text(label=gettext_lazy("Tên hàng"), max_length=300)
    origin = Text(label=gettext_lazy("Xuất xứ"), max_length=100)
    hs_code = Text(
        label=gettext_lazy("Mã HS"),
        normal=validators.normal_hs_code,
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    quantity = NumberField(label=gettext_lazy("Số lượng"), whole=11, places=3)
    unit = Text(label=gettext_lazy("Đơn vị tính"), max_length=30)
    weight = NumberField(label=gettext_lazy("Trọng lượng"), whole=10, places=2)
    value = DongField(label=gettext_lazy("Giá trị hàng hóa"))
    vehicle = ChoiceField(label=gettext_lazy("Xe chở"))
    consignment = ChoiceField(label=gettext_lazy("Thuộc lô hàng"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name, message in line_faults(cleaned):
            self.add_error(name, message)
        return cleaned


def line_faults(cleaned: dict[str, Any]) -> list[tuple[str, str]]:
    """What cannot be kept of a line, by field."""
    if cleaned.get("quantity") == 0:
        return [("quantity", _("Số lượng phải lớn hơn 0."))]
    return []


class CustomsForm(Kept):
    """The customs declaration of a consignment, named once it exists."""

    customs_number = ConsignmentForm.base_fields["customs_number"]
    customs_date = ConsignmentForm.base_fields["customs_date"]

    def clean_customs_number(self) -> str:
        number = self.cleaned_data["customs_number"]
        if not validators.is_customs_number(number):
            raise forms.ValidationError(_("Số tờ khai hải quan có 12 chữ số, bắt đầu bằng 1 hoặc 3."))
        return number

    def clean_customs_date(self) -> date:
        day = self.cleaned_data["customs_date"]
        if day is None:
            raise forms.ValidationError(_("Hãy ghi ngày tờ khai hải quan."))
        if day > timezone.localdate():
            raise forms.ValidationError(_("Ngày tờ khai hải quan ở tương lai."))
        return day
