"""Forms of the fee pages. Amounts are whole đồng, written as people write them: 1.250.000 or 1250000."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cuakhauso.templatetags.ui import money
from declarations.forms.fields import DayField, Text
from fees.models import BankAccount, RefundRequest
from fees.services.paying import MOST

LEAST_REASON = 3
_GROUPED = re.compile(r"\d{1,3}([.,]\d{3})+|\d+")


class DongField(forms.CharField):
    """An amount of whole đồng above zero, in groups of thousands or not; cleaned to an int."""

    def __init__(self, *, allow_zero: bool = False, **kwargs) -> None:
        self.allow_zero = allow_zero
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(**{"label": _("Số tiền"), "max_length": 30} | kwargs)

    def prepare_value(self, value):
        return f"{value:,}".replace(",", ".") if isinstance(value, int) else value

    def clean(self, value) -> int | None:
        text = re.sub(r"\s|₫|đồng|đ|vnd", "", super().clean(value).lower())
        if not text:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        if text.startswith("-"):
            raise ValidationError(_("Số tiền không được âm."))
        if not _GROUPED.fullmatch(text):
            if re.fullmatch(r"\d[\d.,]*", text):
                raise ValidationError(_("Đồng không có phần lẻ: hãy ghi số nguyên, ví dụ 1.250.000."))
            raise ValidationError(_("Hãy ghi số tiền bằng chữ số, ví dụ 1.250.000."))
        amount = int(re.sub(r"[.,]", "", text))
        if not amount and not self.allow_zero:
            raise ValidationError(_("Số tiền phải lớn hơn 0."))
        if amount > MOST:
            raise ValidationError(_("Số tiền quá lớn. Hãy kiểm tra lại."))
        return amount


class CounterPaymentForm(forms.Form):
    """Money taken at the counter; more than the `rest` of the bill only where the cashier says that it is right."""

    key = forms.CharField(max_length=60, widget=forms.HiddenInput)
    amount = DongField()
    reference = forms.CharField(label=_("Số chứng từ"), max_length=100, required=False)
    more = forms.BooleanField(label=_("Đúng, người nộp đưa nhiều hơn"), required=False)

    def __init__(self, *args, rest: int | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.rest = rest
        self.is_too_much = False
        self.fields["more"].asked = True

    def clean(self) -> dict:
        cleaned = super().clean()
        self.is_too_much = self.rest is not None and cleaned.get("amount", 0) > self.rest
        if self.is_too_much and not cleaned["more"]:
            words = _("Nhiều hơn số còn phải nộp %(rest)s. Phần thừa sẽ là tiền dư của người nộp.")
            self.add_error("amount", words % {"rest": money(self.rest) or "0\u00a0₫"})
        return cleaned


class AmountForm(forms.Form):
    key = forms.CharField(max_length=60, widget=forms.HiddenInput)
    amount = DongField()


class RefundForm(forms.Form):
    """What to give back, and how. `gateway` and `cash` say whether these ways are open for this payment."""

    key = forms.CharField(max_length=60, widget=forms.HiddenInput)
    amount = DongField()
    how = forms.ChoiceField(label=_("Hình thức hoàn trả"), choices=RefundRequest.How.choices)
    to = forms.CharField(label=_("Tài khoản nhận: số, ngân hàng, tên"), max_length=200, required=False)
    reason = forms.CharField(label=_("Lý do"), max_length=500)

    def __init__(self, *args, gateway: bool = False, cash: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        shut = set() if gateway else {RefundRequest.How.GATEWAY}
        shut |= set() if cash else {RefundRequest.How.CASH}
        self.fields["how"].choices = [choice for choice in RefundRequest.How.choices if choice[0] not in shut]


class PayOutForm(forms.Form):
    reference = forms.CharField(label=_("Số chứng từ"), max_length=100, required=False)


class ReasonField(Text):
    """Why something is refused or taken back: always asked, in the words of the services that need it."""

    def validate(self, value: str) -> None:
        if len(value) < LEAST_REASON:
            raise ValidationError(_("Hãy ghi lý do."))
        super().validate(value)


class ReasonForm(forms.Form):
    reason = ReasonField(label=_("Lý do"), max_length=500, required=True)


class StatementForm(forms.Form):
    account = forms.ModelChoiceField(label=_("Tài khoản thu phí"), queryset=BankAccount.objects.filter(is_open=True))
    file = forms.FileField(
        label=_("Tệp sao kê"),
        help_text=_("CSV, XLSX, camt.053 hoặc MT940, tối đa 60 MB."),
        error_messages={"empty": _("Tệp không có dòng giao dịch nào.")},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,.xml,.sta,.mt940,.940"}),
    )


class FloatForm(forms.Form):
    """The change with which a shift begins."""

    counted = DongField(label=_("Tiền lẻ đầu ca"), allow_zero=True)


class DayForm(forms.Form):
    day = DayField(label=_("Ngày"), required=True)


class CountForm(forms.Form):
    counted = DongField(label=_("Tiền đếm được"), allow_zero=True)
    note = forms.CharField(label=_("Lý do nếu tiền không khớp"), max_length=500, required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].asked = True
