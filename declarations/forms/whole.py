"""A whole declaration as one page of forms, from draft to form and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from declarations import plates
from declarations.checks import Problem
from declarations.forms.rows import ConsignmentForm, GeneralForm, LineForm, Row, VehicleForm, left_open
from declarations.selectors import organisations_of
from gates.models import Gate

MOST_VEHICLES = 30
MOST_LINES = 60
MOST_CONSIGNMENTS = 20
"""So many rows are written on the page; longer lists are kept in a spreadsheet."""

CONSIGNMENTS = formset_factory(
    ConsignmentForm, extra=0, can_delete=True, max_num=MOST_CONSIGNMENTS, absolute_max=100, validate_max=True
)
VEHICLES = formset_factory(
    VehicleForm, extra=0, can_delete=True, max_num=MOST_VEHICLES, absolute_max=200, validate_max=True
)


class _Lines(BaseFormSet):
    """Lines that choose among the vehicles and consignments of the same page by the numbers of their rows."""

    def __init__(self, *args: Any, vehicles: BaseFormSet, consignments: BaseFormSet, **kwargs: Any):
        self.vehicle_choices = [("", _("Chia đều các xe")), *_choices(vehicles, _("Xe"), "plate")]
        self.consignment_choices = _choices(consignments, _("Lô"), "customs_number")
        super().__init__(*args, **kwargs)

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["vehicle"].choices = self.vehicle_choices
        form.fields["consignment"].choices = self.consignment_choices


def _choices(formset: BaseFormSet, word: str, name: str) -> list[tuple[str, str]]:
    """Each row by its index, with its number and what is written in it."""
    rows = enumerate(form[name].value() or "" for form in formset.forms)
    return [(str(index), f"{word} {index + 1} · {text}" if text else f"{word} {index + 1}") for index, text in rows]


LINES = formset_factory(
    LineForm, formset=_Lines, extra=0, can_delete=True, max_num=MOST_LINES, absolute_max=300, validate_max=True
)


@dataclass(frozen=True)
class Said:
    """A problem as the page says it: where (`Xe 2`), the element that it leads to, and the page that mends it."""

    problem: Problem
    where: str
    anchor: str

    @property
    def mend(self) -> str:
        if self.problem.mend is None:
            return ""
        shelf, pk = self.problem.mend
        return reverse("register:row", args=[shelf, pk]) if pk else reverse("register:new", args=[shelf])


class DeclarationForms:
    """The page on which a declaration is written.

    `data` is what was posted. `fields`, as `selectors.fields_of` gives them, is what the draft holds. Lists that are
    too long for a page are shown as they are and taken over untouched.
    """

    def __init__(
        self,
        user: User,
        data: QueryDict | None = None,
        *,
        organisation: Organisation | None = None,
        fields: Mapping[str, Any],
    ):
        self.kept = fields
        vehicles, lines = fields["vehicles"], _flat(fields["consignments"])
        self.long = is_long(fields)
        side = fields["general"]["comes_from"] or next((vehicle["comes_from"] for vehicle in vehicles), "")
        self.general = GeneralForm(
            data,
            initial={**fields["general"], "organisation": organisation, "comes_from": side},
            organisations=organisations_of(user),
            gates=Gate.objects.all(),
        )
        self.consignments = _formset(CONSIGNMENTS, "consignments", data, fields["consignments"])
        if self.long:
            vehicles = lines = ()
            data = data and _without_lists()
        self.vehicles = _formset(VEHICLES, "vehicles", data, [left_open(vehicle) for vehicle in vehicles])
        self.lines = _formset(LINES, "lines", data, lines, vehicles=self.vehicles, consignments=self.consignments)
        self.said: list[Said] = []

    def is_valid(self) -> bool:
        """Whether everything typed can be kept; each part is checked, so that all errors show at once."""
        parts = (self.general, self.consignments, self.vehicles, self.lines)
        wrong = [part for part in parts if not part.is_valid()]
        return not wrong and self._lines_can_be_kept()

    def _lines_can_be_kept(self) -> bool:
        """The vehicle of a line is kept as the load on it, which needs a quantity."""
        several = len(_kept(self.vehicles)) > 1
        wrong = [
            form
            for form in _kept(self.lines)
            if several and form.cleaned_data.get("vehicle") and form.cleaned_data.get("quantity") is None
        ]
        for form in wrong:
            form.add_error("quantity", _("Hãy ghi số lượng của hàng trên xe đã chọn."))
        return not wrong

    def fields(self) -> dict[str, Any]:
        """What `services.save_draft` takes, of valid forms; goods of an empty vehicle are left out."""
        general = dict(self.general.cleaned_data)
        side = general["comes_from"]
        organisation = general.pop("organisation")
        vehicles = self.kept["vehicles"] if self.long else [_values(form) for form in _kept(self.vehicles)]
        return {
            "organisation": organisation,
            "general": general,
            "vehicles": [{**vehicle, "comes_from": side} for vehicle in vehicles],
            "consignments": self._consignments() if self.general.loaded else [],
        }

    def _consignments(self) -> list[dict[str, Any]]:
        forms_of = self.consignments.forms
        chosen = [index for index, form in enumerate(forms_of) if form not in self.consignments.deleted_forms]
        if not chosen:
            return []
        lines: dict[int, list] = {index: [] for index in chosen}
        for index, line in self._listed_lines():
            lines[index if index in lines else chosen[0]].append(line)
        first = chosen[0]
        return [
            _values(forms_of[index]) | {"lines": lines[index]}
            for index in chosen
            if index == first or lines[index] or not forms_of[index].is_blank
        ]

    def _listed_lines(self) -> list[tuple[int, dict[str, Any]]]:
        """Each line with the index of its consignment and the number of its vehicle."""
        if self.long:
            return [(index, line) for index, lot in enumerate(self.kept["consignments"]) for line in lot["lines"]]
        kept = _kept(self.vehicles)
        numbers = {str(i): kept.index(form) + 1 for i, form in enumerate(self.vehicles.forms) if form in kept}
        listed = []
        for form in _kept(self.lines):
            line = _values(form)
            index = int(line.pop("consignment") or 0)
            listed.append((index, line | {"vehicle": numbers.get(line["vehicle"]), "value": line["value"] or 0}))
        return listed

    @property
    def lists(self) -> tuple[BaseFormSet, ...]:
        return self.consignments, self.vehicles, self.lines

    @property
    def kept_lines(self) -> list[dict[str, Any]]:
        """The lines that the draft holds, of all consignments."""
        return _flat(self.kept["consignments"])

    @property
    def wrong(self) -> int:
        """How many fields hold what cannot be kept."""
        rows = [form for part in self.lists for form in part.forms]
        return sum(len(form.errors) for form in (self.general, *rows)) + sum(
            len(part.non_form_errors()) for part in self.lists
        )

    def say(self, problems: Sequence[Problem]) -> None:
        """Show the problems of the saved draft at their fields and in a list before the form."""
        parts = {"vehicles": self.vehicles, "consignments": self.consignments, "lines": self.lines}
        for problem in problems:
            part, _dot, rest = problem.at.partition(".")
            number, _dot, name = rest.partition(".")
            if part == "general":
                form, where, name = self.general, "", number
            elif name and self.long and part != "consignments":
                form, where = None, self._row_name(part, int(number))
            elif name:
                form, where = parts[part].forms[int(number) - 1], self._row_name(part, int(number))
            else:
                form, where = None, ""
            if form is not None:
                field = form.fields[name]
                field.problems = [*getattr(field, "problems", ()), problem]
                if problem.hard:
                    field.widget.attrs["aria-invalid"] = "true"
            self.said.append(Said(problem, where, _element(form[name]) if form is not None else part or "form"))

    def _row_name(self, part: str, number: int) -> str:
        if part == "vehicles":
            plate = self.kept["vehicles"][number - 1]["plate"]
            return " ".join(filter(None, (_("Xe %(number)s") % {"number": number}, plates.display(plate))))
        if part == "lines":
            return _("Dòng hàng %(number)s") % {"number": number}
        return _("Lô %(number)s") % {"number": number}

    @property
    def hard(self) -> list[Said]:
        return [said for said in self.said if said.problem.hard]

    @property
    def warnings(self) -> list[Said]:
        return [said for said in self.said if not said.problem.hard]


def _element(bound: forms.BoundField) -> str:
    """The id of the control, of the first one among radio buttons."""
    return bound.id_for_label or f"{bound.auto_id}_0"


def is_long(fields: Mapping[str, Any]) -> bool:
    """Whether these lists are too long to be written on a page."""
    return len(fields["vehicles"]) > MOST_VEHICLES or len(_flat(fields["consignments"])) > MOST_LINES


def _flat(consignments: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines of all consignments as rows: consignment and vehicle by the index of their row."""
    return [
        line | {"consignment": str(index), "vehicle": str(line["vehicle"] - 1) if line.get("vehicle") else ""}
        for index, consignment in enumerate(consignments)
        for line in consignment["lines"]
    ]


def _formset(kind: type[BaseFormSet], prefix: str, data: Any, rows: Sequence[Mapping], **kwargs: Any) -> BaseFormSet:
    formset = kind(data, prefix=prefix, initial=list(rows) if data is None else None, **kwargs)
    if data is None and not rows:
        formset.extra = 1
    return formset


def _without_lists() -> dict[str, str]:
    return {f"{name}-{what}_FORMS": "0" for name in ("vehicles", "lines") for what in ("TOTAL", "INITIAL")}


def _kept(formset: BaseFormSet) -> list[Row]:
    """The rows that are neither blank nor taken out."""
    return [form for form in formset.forms if form not in formset.deleted_forms and not form.is_blank]


def _values(form: Row) -> dict[str, Any]:
    return {name: value for name, value in form.cleaned_data.items() if name != "DELETE"}
