"""The report of a period as a workbook. Words from outside are written as text, never as formulas."""

import io
from collections.abc import Iterable
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from fees.models import Payment
from fees.selectors.reports import Report, bills_of, payments_of, unknown_of

MONEY = '#,##0" ₫"'


def workbook(found: Report) -> bytes:
    """Four sheets: sums with their checks, bills, payments, unknown money."""
    book = Workbook(write_only=True)
    _sheet(book, _("Tổng hợp"), (_("Chỉ tiêu"), _("Số tiền"), _("Đối chiếu"), _("Chênh lệch")), _sums(found))
    _sheet(
        book,
        _("Thông báo phí"),
        (
            _("Mã nộp phí"),
            _("Ngày"),
            _("Cửa khẩu"),
            _("Tờ khai"),
            _("Người nộp"),
            _("Mã số thuế"),
            _("Loại phí"),
            _("Phải nộp"),
            _("Đã nộp"),
            _("Còn phải nộp"),
        ),
        (
            (
                bill.code,
                timezone.localtime(bill.created_at).replace(tzinfo=None),
                bill.declaration.gate.name,
                bill.declaration.code,
                bill.payer.name,
                bill.payer.tax_code,
                bill.get_kind_display(),
                bill.due,
                bill.allocated,
                bill.outstanding,
            )
            for bill in bills_of(found).order_by("pk").iterator(chunk_size=2000)
        ),
    )
    payments = payments_of(found).with_credit().select_related("payer", "bill", "order", "recorded_by").order_by("pk")
    _sheet(
        book,
        _("Khoản nộp"),
        (
            _("Nhận lúc"),
            _("Hình thức"),
            _("Số chứng từ"),
            _("Người nộp"),
            _("Nộp cho"),
            _("Số tiền"),
            _("Còn dư"),
            _("Người ghi"),
        ),
        (
            (
                _received(payment),
                str(Payment.Method(payment.method).label),
                payment.reference,
                payment.payer.name if payment.payer else "",
                str(payment.bill or payment.order or ""),
                payment.amount,
                payment.credit,
                str(payment.recorded_by or ""),
            )
            for payment in payments.iterator(chunk_size=2000)
        ),
    )
    lines = unknown_of(found).select_related("account").order_by("booked_on", "pk")
    _sheet(
        book,
        _("Tiền chưa rõ"),
        (_("Ngày"), _("Tài khoản"), _("Nội dung"), _("Người chuyển"), _("Số tham chiếu"), _("Số tiền")),
        (
            (line.booked_on, str(line.account), line.text, line.party, line.reference, line.amount)
            for line in lines.iterator(chunk_size=2000)
        ),
    )
    book.save(file := io.BytesIO())
    return file.getvalue()


def _received(payment: Payment) -> date:
    """When it came in: the day alone where nobody knows the hour."""
    local = timezone.localtime(payment.received_at).replace(tzinfo=None)
    return local if payment.hour_is_known else local.date()


def _sums(found: Report) -> Iterable[tuple]:
    words = {
        "assessed": _("Phí phát sinh"),
        "confirmed": _("Đã xác nhận"),
        "open": _("Còn mở"),
        "cancelled": _("Đã giảm"),
        "received": _("Đã nhận"),
        "matched": _("Đã khớp"),
        "unmatched": _("Chưa khớp"),
        "refunded": _("Đã hoàn trả"),
    }
    yield (f"{found.first:%d/%m/%Y} – {found.last:%d/%m/%Y}",)
    for name, word in words.items():
        yield word, getattr(found, name)
    for check in found.checks:
        yield check.what, check.left, check.right, check.difference


def _sheet(book: Workbook, title: str, headings: tuple[str, ...], rows: Iterable[tuple]) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    heads = []
    for at, heading in enumerate(headings):
        sheet.column_dimensions[chr(ord("A") + at)].width = max(14, len(heading) + 4)
        cell = WriteOnlyCell(sheet, heading)
        cell.font = Font(bold=True)
        heads.append(cell)
    sheet.append(heads)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet, value) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
    elif isinstance(value, int):
        cell.number_format = MONEY
    return cell
