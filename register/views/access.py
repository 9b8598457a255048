"""Which rows of the register a page is about: those of the person's own organisations, else they do not exist."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from declarations.selectors import organisations_of
from gates.models import Gate
from register.models import Driver, Paper, Vehicle
from register.views.shelves import SHELVES, Shelf


def shelf_or_404(code: str) -> Shelf:
    if code not in SHELVES:
        raise Http404
    return SHELVES[code]


def firms_or_403(user: User) -> QuerySet[Organisation]:
    """For whom the person keeps a register."""
    firms = organisations_of(user)
    if not firms:
        raise PermissionDenied(_("Tài khoản của bạn chưa thuộc tổ chức, cá nhân nào."))
    return firms


def own_row(request: HttpRequest, shelf: Shelf, pk: int) -> Vehicle | Driver:
    return get_object_or_404(shelf.model.objects.visible_to(request.user).select_related("organisation"), pk=pk)


def own_paper(request: HttpRequest, shelf: Shelf, row: Vehicle | Driver, pk: int) -> Paper:
    return get_object_or_404(Paper.objects.current().filter(**{shelf.of: row}), pk=pk)


def usual_kind_of_gate(user: User) -> str:
    """The kind of the gate that the person's firms declared for last; of the first gate, before that."""
    gates = Gate.objects.filter(declarations__organisation__in=organisations_of(user)).order_by("-declarations__id")
    gate = gates.first() or Gate.objects.first()
    return gate.kind if gate else Gate.Kind.INTERNATIONAL
