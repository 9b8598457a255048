"""How goods are moved in a yard: where it is done, under which permit, by whose hands, and how much of what."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from declarations.forms.fields import NumberField, Text
from declarations.models import Load
from gates.models import Gate, Yard, Zone


class WorkForm(forms.Form):
    """Where goods go over, the permit where one was given, and who loads."""

    zone = forms.TypedChoiceField(label=gettext_lazy("Nơi sang tải trong bãi"), required=False, coerce=int)
    permit_number = Text(label=gettext_lazy("Số giấy phép sang tải"), max_length=40)
    labour = Text(label=gettext_lazy("Đội bốc xếp"), max_length=100)

    def __init__(self, data: Mapping | None = None, *, gate: Gate, yard: Yard | None = None):
        super().__init__(data)
        self.zones = {zone.pk: zone for zone in zones_in_use(gate) if yard is None or zone.yard_id == yard.pk}
        grouped = _by_yard(self.zones.values(), {zone.yard_id: zone.yard for zone in self.zones.values()})
        self.fields["zone"].choices = [("", gettext_lazy("Chưa rõ")), *grouped]
        self.fields["zone"].error_messages["invalid_choice"] = _("Khu này không còn sử dụng. Hãy chọn khu khác.")

    @property
    def told(self) -> dict:
        """The details as the moves take them."""
        given = self.cleaned_data
        zone = self.zones.get(given["zone"]) if given["zone"] else None
        return {"zone": zone, "permit_number": given["permit_number"], "labour": given["labour"]}


class StoreForm(forms.Form):
    """In which yard goods are unloaded, in which of its zones where that is known, and by whom."""

    place = forms.ChoiceField(label=gettext_lazy("Kho, bãi hạ hàng"))
    labour = Text(label=gettext_lazy("Đội bốc xếp"), max_length=100)

    def __init__(self, data: Mapping | None = None, *, gate: Gate, inside: bool, yard: Yard | None):
        super().__init__(data, initial={"place": f"yard:{yard.pk}" if yard else ""})
        self.yards = {each.pk: each for each in gate.yards.filter(inside=inside)}
        self.zones = {zone.pk: zone for zone in zones_in_use(gate) if zone.yard_id in self.yards}
        choices = [
            (str(each), [(f"yard:{each.pk}", _("%(yard)s, chưa rõ khu") % {"yard": each}), *self._zones(each)])
            for each in self.yards.values()
        ]
        self.fields["place"].choices = choices if yard else [("", _("Hãy chọn")), *choices]
        messages = {"required": _("Hãy chọn nơi hạ hàng."), "invalid_choice": _("Nơi này không còn sử dụng.")}
        self.fields["place"].error_messages |= messages

    def _zones(self, yard: Yard) -> list[tuple[str, str]]:
        return [(f"zone:{zone.pk}", str(zone)) for zone in self.zones.values() if zone.yard_id == yard.pk]

    @property
    def told(self) -> dict:
        """The details as `register_storage` takes them."""
        table, pk = self.cleaned_data["place"].split(":")
        zone = self.zones[int(pk)] if table == "zone" else None
        yard = self.yards[zone.yard_id if zone else int(pk)]
        return {"yard": yard, "zone": zone, "labour": self.cleaned_data["labour"]}


def zones_in_use(gate: Gate) -> Iterable[Zone]:
    return Zone.objects.filter(yard__gate=gate, in_use=True).select_related("yard").order_by("yard__name", "name")


def _by_yard(zones: Iterable[Zone], yards: Mapping[int, Yard]) -> list[tuple[str, list[tuple[int, str]]]]:
    return [(str(yard), [(zone.pk, str(zone)) for zone in zones if zone.yard_id == yard.pk]) for yard in yards.values()]


def quantities(data: Mapping[str, str], loads: list[Load]) -> tuple[dict[int, Decimal], dict[str, str]]:
    """What of each load shall be moved, as typed in `quantity-<id>`, and what is wrong with that.

    Each load keeps what was `typed` and its `error`. `free` says how much of it there is.
    """
    field, wanted, errors = NumberField(whole=11, places=3), {}, {}
    for load in loads:
        load.typed = data.get(f"quantity-{load.pk}", "")
        try:
            quantity = field.clean(load.typed)
        except ValidationError as error:
            errors[f"quantity-{load.pk}"] = load.error = error.messages[0]
            continue
        if quantity and quantity > load.free:
            where = _("Nhiều hơn số hàng còn trên xe.") if load.trip_id else _("Nhiều hơn số hàng còn trong kho, bãi.")
            errors[f"quantity-{load.pk}"] = load.error = where
        elif quantity:
            wanted[load.pk] = quantity
    return wanted, errors
