"""Fields that take what people really type: stray signs, separators, decomposed letters; all kept in one spelling."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from declarations import plates, validators

DAY_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")
_SPACES = str.maketrans("", "", " \u00a0\u202f\t'₫")


class Text(forms.CharField):
    """One line; `normal` gives the spelling that is kept, `max_length` is asked of that."""

    def __init__(self, *, normal: Callable[[str], str] = validators.normal_text, **kwargs: Any):
        self.normal = normal
        kwargs.setdefault("required", False)
        length = kwargs.pop("max_length")
        super().__init__(strip=True, **kwargs)
        self.length = length
        self.widget.attrs.setdefault("maxlength", length * 2)

    def to_python(self, value: Any) -> str:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return self.normal("" if value is None else str(value))

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.length:
            raise ValidationError(_("Dài quá %(length)s ký tự.") % {"length": self.length})


class Lines(Text):
    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, **kwargs: Any):
        super().__init__(normal=validators.normal_lines, **kwargs)


class PlateField(Text):
    """Kept in the one normal form, shown as written for people."""

    def __init__(self, **kwargs: Any):
        widget = forms.TextInput(attrs={"class": "plate-input", "autocomplete": "off", "autocapitalize": "characters"})
        super().__init__(normal=plates.normalise, max_length=15, **{"widget": widget} | kwargs)

    def prepare_value(self, value: Any) -> Any:
        return plates.display(value) if isinstance(value, str) and value else value


class TwoReadings(ValueError):
    """`30,000` is thirty to one reader and thirty thousand to another."""


def read_number(typed: str, *, whole: bool = False) -> Decimal:
    """A number as written here: `30.000` is thirty thousand, `1,5` and `1.5` are one and a half.

    Where only `whole` numbers are asked, `30,000` is thirty thousand too; else it raises `TwoReadings`.
    Raises `ValueError` for anything that is no number.
    """
    bare = unicodedata.normalize("NFKC", typed).translate(_SPACES)
    if not re.fullmatch(r"-?\d+([.,]\d+)*", bare, re.ASCII):
        raise ValueError(typed)
    if re.fullmatch(r"-?\d{1,3}(\.\d{3})+(,\d+)?", bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"-?\d{1,3}(,\d{3}){2,}(\.\d+)?|-?\d{1,3}(,\d{3})+\.\d+", bare):
        bare = bare.replace(",", "")
    elif re.fullmatch(r"-?[1-9]\d{0,2},\d{3}", bare):
        if not whole:
            raise TwoReadings(typed)
        bare = bare.replace(",", "")
    elif re.fullmatch(r"-?\d+,\d+", bare):
        bare = bare.replace(",", ".")
    try:
        return Decimal(bare)
    except InvalidOperation:
        raise ValueError(typed) from None


def write_number(number: Decimal | int) -> str:
    """`30.000`, `1,5`: what `read_number` reads back; a fraction of three digits gets a fourth for that."""
    whole, _point, fraction = f"{Decimal(number):f}".partition(".")
    fraction = fraction.rstrip("0")
    fraction += "0" if len(fraction) == 3 else ""
    grouped = f"{int(whole):,}".replace(",", ".")
    sign = "-" if whole.startswith("-") and not grouped.startswith("-") else ""
    return f"{sign}{grouped},{fraction}" if fraction else f"{sign}{grouped}"


class NumberField(forms.Field):
    """A number from `least`, with so many digits before and after the comma; `None` when empty."""

    widget = forms.TextInput

    def __init__(self, *, whole: int, places: int = 0, least: Decimal | int = 0, **kwargs: Any):
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)
        self.whole, self.places, self.least = whole, places, Decimal(least)
        self.widget.attrs |= {"inputmode": "decimal" if places else "numeric", "autocomplete": "off", "maxlength": 30}

    def prepare_value(self, value: Any) -> Any:
        return write_number(value) if isinstance(value, Decimal | int) else value

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values or (isinstance(value, str) and not value.strip()):
            return None
        try:
            number = read_number(value, whole=not self.places) if isinstance(value, str) else Decimal(str(value))
        except TwoReadings:
            raise ValidationError(
                _("“%(typed)s” có thể đọc hai cách: hãy ghi %(thousands)s hoặc %(fraction)s.")
                % {
                    "typed": value.strip(),
                    "thousands": value.strip().replace(",", "."),
                    "fraction": value.strip().rstrip("0").rstrip(",") + ("" if value.strip()[-1] == "0" else "0"),
                }
            ) from None
        except (ValueError, InvalidOperation):
            raise ValidationError(_("Hãy ghi một số, ví dụ 1.250 hoặc 1,5.")) from None
        if not number.is_finite():
            raise ValidationError(_("Hãy ghi một số, ví dụ 1.250 hoặc 1,5."))
        return number

    def validate(self, value: Decimal | None) -> None:
        super().validate(value)
        if value is None:
            return
        if value < self.least:
            raise ValidationError(
                _("Số không được âm.")
                if self.least == 0
                else _("Số phải từ %(least)s trở lên.") % {"least": write_number(self.least)}
            )
        if value >= 10**self.whole:
            raise ValidationError(_("Số quá lớn."))
        if value != round(value, self.places):
            raise ValidationError(
                _("Nhiều nhất %(places)s chữ số sau dấu phẩy.") % {"places": self.places}
                if self.places
                else _("Số phải là số nguyên, không có phần lẻ.")
            )


class WholeField(forms.IntegerField):
    """A whole number, its bounds told in few words."""

    default_error_messages = {
        "invalid": gettext_lazy("Hãy ghi số nguyên."),
        "min_value": gettext_lazy("Ít nhất là %(limit_value)s."),
        "max_value": gettext_lazy("Nhiều nhất là %(limit_value)s."),
    }


class DongField(NumberField):
    """Whole đồng; an integer or `None`."""

    def __init__(self, **kwargs: Any):
        super().__init__(whole=16, **kwargs)

    def clean(self, value: Any) -> int | None:
        number = super().clean(value)
        return None if number is None else int(number)


class DayField(forms.DateField):
    """A day, typed as 22/11/2026 or picked."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    default_error_messages = {"invalid": gettext_lazy("Hãy ghi ngày dạng 22/11/2026.")}

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("required", False)
        super().__init__(input_formats=DAY_FORMATS, **kwargs)

    def to_python(self, value: Any) -> date | None:
        value = value if isinstance(value, date | None) else str(value).strip()
        day = value.date() if isinstance(value, datetime) else super().to_python(value)
        if day and not 2000 <= day.year <= 2100:
            raise ValidationError(_("Hãy xem lại năm."))
        return day


class MomentField(forms.DateTimeField):
    """A moment in the gate's time."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    default_error_messages = {"invalid": gettext_lazy("Hãy ghi ngày giờ dạng 14:05 22/11/2026.")}

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("required", False)
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%H:%M %d/%m/%Y", "%d/%m/%Y %H:%M"], **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(value)
        if moment and not 2000 <= moment.year <= 2100:
            raise ValidationError(_("Hãy xem lại năm."))
        return moment


class ChoiceField(forms.ChoiceField):
    """Not required; a choice that is none is said so in plain words."""

    default_error_messages = {"invalid_choice": gettext_lazy("Hãy chọn một mục trong danh sách.")}

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)
