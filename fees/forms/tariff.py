"""Forms of the tariff: its words and dates, one line, one rule, the calculator. Numbers as people write them."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from declarations.forms.fields import DayField, DongField, NumberField, Text
from declarations.models import Consignment, Trip
from fees.models import Direction, Handling, Origin, Tariff, TariffLine, TariffRule
from fees.models.conditions import HS_PREFIX, HS_PREFIX_WORDS
from fees.models.tariff import MOST_PRICE
from fees.rules import enters_tariffs

ANY = gettext_lazy("(mọi trường hợp)")
CASE = ("direction", "regime", "goods_group", "origin", "transshipment", "vehicle_type")


class PriceField(DongField):
    """Whole đồng up to the most that a price may be."""

    def validate(self, value) -> None:
        super().validate(value)
        if value is not None and value > MOST_PRICE:
            raise forms.ValidationError(_("Số tiền quá lớn. Hãy kiểm tra lại."))


class TariffForm(forms.ModelForm):
    name = Text(label=gettext_lazy("Tên biểu phí"), max_length=200, required=True)
    legal_basis = Text(label=gettext_lazy("Căn cứ pháp lý"), max_length=300, required=True)
    valid_from = DayField(label=gettext_lazy("Có hiệu lực từ ngày"), required=True)
    valid_to = DayField(
        label=gettext_lazy("Đến hết ngày"), help_text=gettext_lazy("Bỏ trống nếu chưa biết ngày hết hiệu lực.")
    )
    name_en = Text(label=gettext_lazy("Tên bằng tiếng Anh"), max_length=200)
    name_zh = Text(label=gettext_lazy("Tên bằng tiếng Trung"), max_length=200)

    class Meta:
        model = Tariff
        fields = ["province", "name", "legal_basis", "valid_from", "valid_to", "name_en", "name_zh"]

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        own = [pair for pair in self.fields["province"].choices if pair[0] and enters_tariffs(user, pair[0])]
        self.fields["province"].choices = own

    def _get_validation_exclusions(self) -> set[str]:
        # Whether its days are free is asked when it is proposed: a draft may overlap.
        return super()._get_validation_exclusions() | {"province"}


class RowForm(forms.ModelForm):
    """One row of a tariff. What the database asks of all rows together is asked when the row is saved."""

    hs_prefix = forms.RegexField(
        HS_PREFIX,
        label=gettext_lazy("Mã HS bắt đầu bằng"),
        required=False,
        help_text=gettext_lazy("2 đến 8 chữ số, ví dụ 2710 là xăng dầu. Bỏ trống là mọi mã."),
        error_messages={"invalid": HS_PREFIX_WORDS},
    )
    payload_from = NumberField(label=gettext_lazy("Trọng tải từ (tấn)"), whole=4, places=2)
    payload_below = NumberField(label=gettext_lazy("đến dưới (tấn)"), whole=4, places=2)
    article = Text(label=gettext_lazy("Điều, khoản, mục"), max_length=100)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name in CASE:
            self.fields[name].choices = [("", ANY), *(pair for pair in self.fields[name].choices if pair[0])]

    def _get_validation_exclusions(self) -> set[str]:
        # The fields and the row's own `clean` ask all that one row can tell; 500 rows ask the database nothing.
        return {field.name for field in self._meta.model._meta.fields}

    def clean(self) -> dict[str, Any]:
        return self.cleaned_data


class LineForm(RowForm):
    price = PriceField(label=gettext_lazy("Mức phí (đồng)"), required=True)

    class Meta:
        model = TariffLine
        fields = ["kind", *CASE, "hs_prefix", "payload_from", "payload_below", "unit", "price", "article"]


class RuleForm(RowForm):
    factor = NumberField(
        label=gettext_lazy("Hệ số"),
        whole=3,
        places=4,
        help_text=gettext_lazy("Ví dụ 0,3 hoặc 1,3. Mọi hệ số phù hợp với một xe được nhân với nhau."),
    )
    most = PriceField(label=gettext_lazy("Tối đa một lượt xe (đồng)"))
    reason = Text(label=gettext_lazy("Lý do, nội dung"), max_length=200)
    reason_en = Text(label=gettext_lazy("Lý do bằng tiếng Anh"), max_length=200)
    reason_zh = Text(label=gettext_lazy("Lý do bằng tiếng Trung"), max_length=200)

    class Meta:
        model = TariffRule
        fields = [
            "effect",
            "factor",
            "most",
            "charged_as",
            *CASE,
            "hs_prefix",
            "payload_from",
            "payload_below",
            "article",
            "reason",
            "reason_en",
            "reason_zh",
        ]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        kinds = [pair for pair in self.fields["charged_as"].choices if pair[0]]
        self.fields["charged_as"].choices = [("", gettext_lazy("(như mức phí)")), *kinds]


class CalculatorForm(forms.Form):
    """A truck that may be, to try a tariff out on."""

    direction = forms.ChoiceField(label=gettext_lazy("Chiều"), choices=Direction)
    regime = forms.ChoiceField(label=gettext_lazy("Loại hình"), choices=Consignment.Regime)
    goods_group = forms.ChoiceField(label=gettext_lazy("Nhóm hàng hóa"), choices=Consignment.GoodsGroup)
    hs_prefix = forms.RegexField(
        HS_PREFIX,
        label=gettext_lazy("Mã HS"),
        required=False,
        error_messages={"invalid": HS_PREFIX_WORDS},
    )
    origin = forms.ChoiceField(label=gettext_lazy("Xuất xứ hàng hóa"), choices=Origin, required=False)
    transshipment = forms.ChoiceField(label=gettext_lazy("Sang tải"), choices=Handling)
    vehicle_type = forms.ChoiceField(label=gettext_lazy("Loại phương tiện"), choices=Trip.VehicleType)
    payload = NumberField(label=gettext_lazy("Trọng tải (tấn)"), whole=4, places=2)
    tonnes = NumberField(label=gettext_lazy("Trọng lượng hàng hóa (tấn)"), whole=5, places=5)
    volume = NumberField(
        label=gettext_lazy("Thể tích hàng hóa (m³)"),
        whole=6,
        places=3,
        help_text=gettext_lazy("Chỉ khi mọi hàng hóa trên xe khai theo m³."),
    )


class UploadForm(forms.Form):
    sheet = forms.FileField(
        label=gettext_lazy("Tệp bảng tính .xlsx"), widget=forms.FileInput(attrs={"accept": ".xlsx"})
    )


class EndForm(forms.Form):
    day = DayField(label=gettext_lazy("Ngày cuối cùng có hiệu lực"), required=True)
