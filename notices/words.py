"""The words of a notice and the page it leads to, in the language of who reads."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from checkpoints.corrections import labels
from checkpoints.models import Fact, Hold
from cuakhauso.templatetags.ui import day, moment, money
from declarations.plates import parse
from gates.labels import AGENCIES_SHORT, FACTS
from gates.procedures.words import Agency
from notices.models import Notice

Kind = Notice.Kind
CORRECTIONS = (Kind.CORRECTION_ASKED, Kind.CORRECTED, Kind.CORRECTION_REJECTED)
TROUBLES = {
    Kind.TURNED_BACK: gettext_lazy("Phương tiện %(plate)s của tờ khai %(code)s phải quay về: %(reason)s"),
    Kind.SEIZED: gettext_lazy("%(who)s tạm giữ %(what)s của lượt %(plate)s, vụ việc %(case)s: %(reason)s"),
    Kind.RELEASED: gettext_lazy("%(who)s trả lại, phương tiện %(plate)s đi tiếp: %(reason)s"),
    Kind.HANDED_OVER: gettext_lazy("%(who)s đã bàn giao xử lý vi phạm %(what)s của lượt %(plate)s: %(reason)s"),
    Kind.BROKEN_DOWN: gettext_lazy("Phương tiện %(plate)s báo hỏng: %(reason)s"),
    Kind.REPAIRED: gettext_lazy("Phương tiện %(plate)s đã khắc phục, đi tiếp được."),
    Kind.TOWED_AWAY: gettext_lazy(
        "Phương tiện %(plate)s của tờ khai %(code)s đã được kéo ra khỏi cửa khẩu: %(reason)s"
    ),
    Kind.OVERSTAYED: gettext_lazy("Phương tiện %(plate)s phải rời cửa khẩu trước %(until)s, nay đã quá hạn."),
    Kind.OVERSTAY_NOTED: gettext_lazy("%(who)s ghi vi phạm quá hạn của phương tiện %(plate)s: %(reason)s"),
    Kind.REASSIGNED: gettext_lazy(
        "Ghi nhận của phương tiện %(plate)s, tờ khai %(code)s, đã được sửa vì nhầm xe: %(reason)s"
    ),
}
OF_STORED_GOODS = gettext_lazy(
    "%(who)s đã bàn giao xử lý hàng trong kho, bãi của tờ khai %(code)s, vụ việc %(case)s: %(reason)s"
)
TONES = {
    Kind.TURNED_BACK: "bad",
    Kind.SEIZED: "bad",
    Kind.OVERSTAYED: "bad",
    Kind.OVERSTAY_NOTED: "bad",
    Kind.EXTENDED: "ok",
    Kind.HANDED_OVER: "bad",
    Kind.BROKEN_DOWN: "wait",
    Kind.TOWED_AWAY: "wait",
    Kind.REASSIGNED: "wait",
    Kind.RELEASED: "ok",
    Kind.REPAIRED: "ok",
    Kind.CORRECTION_ASKED: "bad",
    Kind.CORRECTION_REJECTED: "bad",
    Kind.CORRECTED: "ok",
    Kind.REFUSED: "bad",
    Kind.SHORT: "bad",
    Kind.READY_TO_PAY: "wait",
    Kind.PAID: "ok",
    Kind.FEE_WAIVED: "ok",
    Kind.LEFT: "ok",
    Kind.PAPERS_END: "wait",
}


@dataclass(frozen=True)
class Told:
    """`url` is a path of this site; empty where there is no page to show."""

    title: str
    text: str
    url: str = ""
    tone: str = "now"


def told(notice: Notice) -> Told:
    """What happened, in words; the notice comes with its fact, if it has one, declaration and trip."""
    if notice.fact is None:
        return _papers_told(notice)
    fact = notice.fact
    declaration = fact.declaration
    names = {"code": declaration.code, "plate": parse(fact.trip.plate).shown if fact.trip else ""}
    if notice.kind == Kind.SUBMITTED:
        text = _("Tờ khai %(code)s đã được gửi.") % names
    elif notice.kind == Kind.REFUSED:
        agency = AGENCIES_SHORT[Agency(fact.agency)] if fact.agency else ""
        what = FACTS.get(fact.data.get("of", ""), "")
        text = _("%(agency)s từ chối “%(what)s” của phương tiện %(plate)s: %(reason)s") % {
            **names,
            "agency": agency,
            "what": what,
            "reason": fact.reason,
        }
    elif notice.kind in CORRECTIONS:
        text = _correction_text(notice, names)
    elif notice.kind == Kind.EXTENDED:
        text = _("Tờ khai %(code)s được gia hạn đến %(until)s: %(reason)s") % {
            **names,
            "until": _until(fact),
            "reason": fact.reason,
        }
    elif notice.kind in TROUBLES:
        text = _trouble_text(notice, names)
    elif notice.kind == Kind.LEFT:
        text = _("Phương tiện %(plate)s của tờ khai %(code)s đã rời cửa khẩu.") % names
    else:
        text = _money_text(notice, names)
    url = _bill_url(notice) if "bill" in fact.data else _page(notice)
    return Told(str(notice.get_kind_display()), text, url, TONES.get(notice.kind, "now"))


def _papers_told(notice: Notice) -> Told:
    number = notice.data["papers"]
    text = ngettext(
        "%(n)s giấy tờ của xe, lái xe hết hạn từ nay đến %(until)s. Hãy gia hạn trước khi xe đi.",
        "%(n)s giấy tờ của xe, lái xe hết hạn từ nay đến %(until)s. Hãy gia hạn trước khi xe đi.",
        number,
    ) % {"n": number, "until": day(parse_date(notice.data["until"]))}
    url = reverse("register:vehicles" if notice.data["vehicles"] else "register:drivers") + "?tab=papers"
    return Told(str(notice.get_kind_display()), text, url, TONES[notice.kind])


def _money_text(notice: Notice, names: dict) -> str:
    data = notice.fact.data
    names = names | {
        "bill": data["code"],
        "amount": money(data["amount"]),
        "rest": money(data.get("outstanding", 0)),
    }
    if notice.kind == Kind.READY_TO_PAY:
        return _("Phương tiện %(plate)s đã xong thủ tục trong bãi: phí %(amount)s, thông báo phí %(bill)s.") % names
    if notice.kind == Kind.FEE_WAIVED:
        words = _("Không thu phí %(amount)s của phương tiện %(plate)s, thông báo phí %(bill)s: %(reason)s")
        return words % {**names, "reason": notice.fact.reason}
    if notice.kind == Kind.SHORT:
        return _("Thông báo phí %(bill)s đã nhận %(amount)s, còn thiếu %(rest)s.") % names
    names["collector"] = AGENCIES_SHORT[Agency(data.get("collector", Agency.FEE_CENTRE))]
    return _("Thông báo phí %(bill)s đã nhận đủ, lần này %(amount)s; chờ %(collector)s xác nhận.") % names


def _correction_text(notice: Notice, names: dict[str, str]) -> str:
    fact = notice.fact
    named = names | {
        "agency": AGENCIES_SHORT[Agency(fact.agency)] if fact.agency else "",
        "fields": labels(fact.data.get("fields", ())),
        "reason": fact.reason,
    }
    if notice.kind == Kind.CORRECTION_ASKED:
        return _("%(agency)s yêu cầu sửa khai báo của phương tiện %(plate)s (%(fields)s): %(reason)s") % named
    if notice.kind == Kind.CORRECTION_REJECTED:
        return _("%(agency)s không đồng ý sửa khai báo của phương tiện %(plate)s: %(reason)s") % named
    return _("Khai báo của phương tiện %(plate)s đã sửa: %(fields)s.") % named


def _trouble_text(notice: Notice, names: dict[str, str]) -> str:
    fact = notice.fact
    who = fact.unit or (AGENCIES_SHORT[Agency(fact.agency)] if fact.agency in set(Agency) else "")
    takes = fact.data.get("takes")
    named = {
        "who": who,
        "what": Hold.Takes(takes).label if takes else "",
        "case": fact.data.get("case", ""),
        "reason": fact.reason,
        "until": _until(fact),
    }
    if fact.trip_id is None:
        return str(OF_STORED_GOODS) % (names | named)
    return str(TROUBLES[Kind(notice.kind)]) % (names | named)


def _until(fact: Fact) -> str:
    """The moment that the fact names, as people read it."""
    return moment(parse_datetime(fact.data["until"])) if "until" in fact.data else ""


def _bill_url(notice: Notice) -> str:
    return _url("fees:bill", notice.fact.data["code"])


def _page(notice: Notice) -> str:
    """The declaration's page; for a desk at the gate the truck's history."""
    fact = notice.fact
    if notice.role and fact.trip_id:
        return _url("checkpoints:history_trip", str(fact.trip_id))
    return _url("declarations:detail", fact.declaration.code)


def _url(name: str, *args: str) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
