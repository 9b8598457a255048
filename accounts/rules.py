"""Who may do what: predicates over a person's roles and organisations, the same for page, API and file."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from accounts.models import Membership, Role, User
from gates.models import Gate, Lane, Yard
from gates.procedures.words import Agency

OFFICERS = frozenset(
    {
        Role.Code.BORDER_GUARD,
        Role.Code.CUSTOMS,
        Role.Code.HEALTH_QUARANTINE,
        Role.Code.ANIMAL_QUARANTINE,
        Role.Code.PLANT_QUARANTINE,
        Role.Code.TRANSPORT,
    }
)
# These act by belonging to the organisation that declared, never by a role alone.
DECLARING = frozenset({Agency.TRADER, Agency.DRIVER})
COLLECTORS = frozenset({Role.Code.FEE_CENTRE, Role.Code.TAX_OFFICE})
OVERSEERS = frozenset({Role.Code.ZONE_AUTHORITY, Role.Code.ADMIN, Role.Code.INDUSTRY_TRADE})


def roles_of(user: User) -> list[Role]:
    """The roles in force today, read once per fetched user."""
    if not user.is_authenticated or not user.is_active:
        return []
    if not hasattr(user, "_roles_in_force"):
        user._roles_in_force = list(
            Role.objects.in_force().filter(user=user).select_related("gate", "yard", "unit").order_by("id")
        )
    return user._roles_in_force


def organisation_ids_of(user: User) -> set[int]:
    """The organisations for which the person acts today, read once per fetched user."""
    if not user.is_authenticated or not user.is_active:
        return set()
    if not hasattr(user, "_organisation_ids"):
        user._organisation_ids = set(
            Membership.objects.in_force().filter(user=user).values_list("organisation_id", flat=True)
        )
    return user._organisation_ids


def role_at(user: User, codes: Iterable[str], gate_id: int | None) -> Role | None:
    """The first role in force among `codes` that holds at this gate."""
    wanted = set(codes)
    return next((role for role in roles_of(user) if role.code in wanted and role.covers(gate_id)), None)


def role_at_lane(user: User, lane: Lane) -> Role | None:
    """By what the person serves at this lane: an officer of its gate, or the operator of its yard (Điều 19(1))."""
    if officer := role_at(user, OFFICERS, lane.gate_id):
        return officer
    return operator_at(user, lane.yard) if lane.yard_id else None


def operator_at(user: User, yard: Yard) -> Role | None:
    """The role by which the person runs this yard."""
    operating = (role for role in roles_of(user) if role.code == Role.Code.YARD_OPERATOR)
    return next((role for role in operating if role.covers(yard.gate_id) and role.yard_id in (None, yard.pk)), None)


def role_at_yard(user: User, yard: Yard) -> Role | None:
    """By what the person serves in this yard: an officer of its gate, or its operator."""
    return role_at(user, OFFICERS, yard.gate_id) or operator_at(user, yard)


def has_role(user: User, *codes: str) -> bool:
    """Whether the person holds one of these roles, at whatever gate."""
    return any(role.code in codes for role in roles_of(user))


def acts_for_agency(user: User, agencies: Iterable[Agency], gate_id: int) -> Role | None:
    """The role by which the person confirms for one of these agencies at this gate, if any."""
    return role_at(user, (agency.value for agency in agencies), gate_id)


def acts_for_organisation(user: User, organisation_id: int) -> bool:
    return organisation_id in organisation_ids_of(user)


def gate_ids_of(user: User, codes: Iterable[str]) -> set[int] | None:
    """The gates where the person holds one of these roles; None means all gates."""
    wanted = set(codes)
    held = [role for role in roles_of(user) if role.code in wanted]
    return None if any(role.gate_id is None for role in held) else {role.gate_id for role in held}


def gates_or_403(user: User, codes: Iterable[str]) -> QuerySet[Gate]:
    """The gates where the person holds one of these roles; `PermissionDenied` for who holds none of them."""
    held = gate_ids_of(user, codes)
    if held is None:
        return Gate.objects.all()
    if not held:
        raise PermissionDenied
    return Gate.objects.filter(pk__in=held)
