"""Moves of what a violation case takes: a vehicle, its goods or both are seized, then released or handed over for good.

Goods that lie in store are handed over from there.
"""

from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Role
from checkpoints.context import Context
from checkpoints.goods import free_in_store, free_loads
from checkpoints.holds import OpenHold
from checkpoints.models import Hold
from checkpoints.moves.breaking_down import it_drives
from checkpoints.moves.handing_over import waive_if_emptied
from checkpoints.moves.holding import begin, place_of, remove
from checkpoints.moves.may_correct import change_of
from checkpoints.moves.progress import advance, close_if_over
from checkpoints.moves.quantities import not_so_much, share_of, wanted
from checkpoints.papers import is_named
from checkpoints.refusals import Refusal, not_yours
from declarations.correctable import is_shared, loads_of
from declarations.models import Load, Trip
from gates.procedures.words import Agency, Place

SEIZING = (Agency.BORDER_GUARD, Agency.CUSTOMS)
LONGEST_CASE = 60


# What a seizure holds up


def is_not_seized(ctx: Context) -> Refusal | None:
    """A seized vehicle stays where it is until it is released or handed over."""
    return _seized(ctx.trip, ctx.seizure(ctx.trip))


def none_is_seized(ctx: Context) -> Refusal | None:
    """The same of all vehicles of a declaration, in one query."""
    for hold in Hold.objects.seizures().filter(trip__in=ctx.trips).select_related("trip"):
        return _seized(hold.trip, hold)
    return None


def may_be_confirmed(ctx: Context) -> Refusal | None:
    """Nothing of a seized vehicle is confirmed but that goods which are not seized go over to another."""
    seizure = ctx.seizure(ctx.trip)
    if seizure and seizure.keeps(ctx.slot(ctx.trip).of):
        return _seized(ctx.trip, seizure)
    return it_drives(ctx) if ctx.details.get("opens") else None


def _seized(trip: Trip, hold: OpenHold | Hold | None) -> Refusal | None:
    if hold is None:
        return None
    named = {"plate": trip.plate, "case": hold.case}
    if hold.takes == Hold.Takes.GOODS:
        said = _("Hàng trên phương tiện %(plate)s đang bị tạm giữ theo vụ việc %(case)s.") % named
    else:
        said = _("Phương tiện %(plate)s đang bị tạm giữ theo vụ việc %(case)s.") % named
    return Refusal("seized", said)


def nothing_seized_is_rewritten(ctx: Context) -> Refusal | None:
    """What was declared of a seized vehicle stays as it is, and so does what seized goods share with others."""
    shared = [key for key in change_of(ctx) if is_shared(key)]
    return is_not_seized(ctx) or _goods_are_seized(loads_of(shared))


def lot_is_not_seized(ctx: Context) -> Refusal | None:
    """The same of the customs declaration of a consignment; one left open is named, that the rest may go on."""
    lot = ctx.declaration.consignments.get(pk=ctx.details["consignment"])
    loads = Load.objects.filter(line__consignment=lot)
    return _goods_are_seized(loads if is_named(lot) else loads.filter(trip__isnull=False))


def _goods_are_seized(loads: QuerySet[Load]) -> Refusal | None:
    """The refusal, where some of these goods are in a violation case or on a vehicle of which something is."""
    if not loads.filter(~Q(case="") | Q(trip__in=Hold.objects.seizures().values("trip"))).exists():
        return None
    return Refusal("seized", _("Hàng này có phần đang bị tạm giữ hoặc đã bàn giao xử lý vi phạm; không sửa được."))


# Seized


def by_seizing_agency(ctx: Context) -> Refusal | None:
    """The border guard or customs of this gate."""
    return None if isinstance(ctx.represents(*SEIZING), Role) else not_yours()


def case_is_named(ctx: Context) -> Refusal | None:
    """The violation case has its number."""
    if 0 < len(ctx.details["case"].strip()) <= LONGEST_CASE:
        return None
    return Refusal("case_missing", _("Hãy ghi số vụ việc, không quá %(most)s ký tự.") % {"most": LONGEST_CASE})


def is_not_another_agencys(ctx: Context) -> Refusal | None:
    """One seizure at a time; the agency that seized may seize anew, more or less or by another case."""
    seizure = ctx.seizure(ctx.trip)
    same = seizure and (seizure.case, seizure.takes) == (ctx.details["case"].strip(), ctx.details["takes"])
    if seizure is None or (_who_seized(ctx) and not same):
        return None
    return Refusal("already_seized", _("Phương tiện %(plate)s đã bị tạm giữ rồi.") % {"plate": ctx.trip.plate})


def what_is_seized_is_there(ctx: Context) -> Refusal | None:
    takes = ctx.details["takes"]
    if takes not in Hold.Takes.values:
        return Refusal("nothing_seized", _("Hãy chọn tạm giữ phương tiện, hàng hóa hay cả hai."))
    if takes != Hold.Takes.VEHICLE and not Load.objects.filter(trip=ctx.trip).exists():
        return Refusal("no_goods", _("Trên xe không có hàng hóa để tạm giữ."))
    return None


def seize(ctx: Context) -> None:
    """Handed to a violation case: the vehicle, its goods or both stay until released, or for good.

    In place of what the same agency seized before. Details: `case`, its number; `takes`, a `Hold.Takes`; `reason`.
    """
    by = _who_seized(ctx) or ctx.represents(*SEIZING)
    begin(ctx, by, kind=Hold.Kind.SEIZED, case=ctx.details["case"].strip(), takes=ctx.details["takes"])


def by_who_seized(ctx: Context) -> Refusal | None:
    """The agency that seized decides what becomes of it."""
    return None if _who_seized(ctx) else not_yours()


def _who_seized(ctx: Context) -> Role | None:
    seizure = ctx.seizure(ctx.trip)
    return ctx.represents(Agency(seizure.agency)) if seizure else None


def release(ctx: Context) -> None:
    """Given back: the trip goes on where it stood."""
    trip, seizure = ctx.trip, ctx.seizure(ctx.trip)
    fact = ctx.record(trip, place=place_of(ctx), by=_who_seized(ctx), case=seizure.case)
    ctx.end_hold(trip, seizure, fact)
    advance(ctx, trip)


def _takes(ctx: Context) -> Hold.Takes:
    """What goes for good: what is seized, and what is on a vehicle that goes where `with_goods` says so."""
    takes = Hold.Takes(ctx.seizure(ctx.trip).takes)
    return Hold.Takes.BOTH if takes == Hold.Takes.VEHICLE and ctx.details.get("with_goods") else takes


def goods_are_off_or_go_along(ctx: Context) -> Refusal | None:
    """A vehicle that goes for good takes the goods on it along, or they went over to another before."""
    if _takes(ctx) != Hold.Takes.VEHICLE or not Load.objects.filter(trip=ctx.trip).exists():
        return None
    return Refusal(
        "goods_on_it",
        _("Hàng không bị tạm giữ còn trên xe: hãy sang tải sang xe khác, hoặc ghi rõ hàng được bàn giao cùng xe."),
    )


def part_is_on_it(ctx: Context) -> Refusal | None:
    """Where only a part of the goods goes for good, they alone were seized, and there is as much of each."""
    if not ctx.details.get("quantities"):
        return None
    if _takes(ctx) != Hold.Takes.GOODS:
        return Refusal("whole_vehicle", _("Phương tiện bị bàn giao thì hàng trên xe được bàn giao toàn bộ."))
    loads = {load.pk: load for load in free_loads(ctx.trip)}
    too_much = _("Số lượng bàn giao vượt quá số hàng còn trên xe.")
    return not_so_much(wanted(ctx, loads), loads, nothing=too_much, too_much=too_much)


def hand_over(ctx: Context) -> None:
    """Handed over for good: goods are off the vehicle, whose trip ends if it goes too; an emptied one goes home.

    Details: `with_goods`, what is on a seized vehicle goes along though it is not seized itself; `quantities`, load id
    to quantity, only so much of the seized goods goes and the rest is given back with the vehicle; `reason`.
    """
    trip, seizure, takes = ctx.trip, ctx.seizure(ctx.trip), _takes(ctx)
    loads = {load.pk: load for load in free_loads(trip)} if takes != Hold.Takes.VEHICLE else {}
    asked = wanted(ctx, loads)
    part = (
        {"loads": {str(pk): str(quantity) for pk, quantity in asked.items()}} if ctx.details.get("quantities") else {}
    )
    fact = ctx.record(trip, place=place_of(ctx), by=_who_seized(ctx), case=seizure.case, takes=takes.value, **part)
    ctx.end_hold(trip, seizure, fact)
    for pk, quantity in asked.items():
        _take_off(loads[pk], quantity, seizure.case)
    ctx.forget_goods(trip)
    if seizure.takes_vehicle:
        remove(ctx, trip)
        return
    waive_if_emptied(ctx, trip, why="goods_handed_over")
    advance(ctx, trip)


def _take_off(load: Load, quantity: Decimal, case: str) -> None:
    """So much of a load goes into the violation case, with its share of the weight."""
    if quantity == load.quantity:
        load.trip, load.case = None, case
    else:
        weight = share_of(load, quantity)
        Load.objects.create(line=load.line, case=case, quantity=quantity, weight=weight)
        load.quantity -= quantity
        load.weight -= weight
    load.save(update_fields=["trip", "case", "quantity", "weight"])


# Goods in store


def stored_goods_are_there(ctx: Context) -> Refusal | None:
    """All that are named, or any, lie in store, and none of them is registered to be loaded."""
    named = _stored(ctx)
    if not named or len(named) < len(set(ctx.details.get("loads") or ())):
        return Refusal("no_goods", _("Hàng này không còn trong kho, bãi."))
    if any(load.free < load.quantity for load in named):
        return Refusal("goods_registered", _("Hàng đã đăng ký xếp lên xe; hãy thu hồi đăng ký trước."))
    return None


def _stored(ctx: Context) -> list[Load]:
    loads = free_in_store(ctx.declaration)
    return list(loads.filter(pk__in=ctx.details["loads"]) if ctx.details.get("loads") else loads)


def hand_over_stored(ctx: Context) -> None:
    """Goods that nobody will fetch from store: handed to a case, destroyed, abandoned; nothing waits for them any more.

    Subject: their declaration. Details: `case`, its number; optional `loads`, ids of some only; `reason`.
    """
    case, loads = ctx.details["case"].strip(), _stored(ctx)
    Load.objects.filter(pk__in=[load.pk for load in loads]).update(yard=None, case=case)
    named = {str(load.pk): str(load.quantity) for load in loads}
    ctx.record(ctx.declaration, place=Place.YARD, by=ctx.represents(*SEIZING), case=case, loads=named)
    close_if_over(ctx, ctx.declaration)
