"""Bringing in bank statements: the file, its columns, how far it has come, and what is in it."""

from dataclasses import asdict

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from checkpoints.refusals import Refusal
from fees import tasks
from fees.forms.money import StatementForm
from fees.models import BankAccount, StatementFile
from fees.services import importing
from fees.statements import Columns, StatementError, guess
from fees.views.answers import REFUSED, first_error, say
from fees.views.desk import for_desk

PER_PAGE = 25
SHOWN_ROWS = 12
COLUMN_WORDS = {
    "day": gettext_lazy("Ngày giao dịch"),
    "credit": gettext_lazy("Ghi có"),
    "debit": gettext_lazy("Ghi nợ"),
    "amount": gettext_lazy("Số tiền (một cột, có dấu)"),
    "text": gettext_lazy("Nội dung"),
    "reference": gettext_lazy("Số tham chiếu"),
    "party": gettext_lazy("Người chuyển"),
    "balance": gettext_lazy("Số dư"),
}
PROBLEMS = {
    "unknown_form": gettext_lazy("Không đọc được tệp này như CSV, XLSX, camt.053 hay MT940."),
    "old_excel": gettext_lazy("Tệp .xls kiểu cũ: hãy lưu lại thành .xlsx."),
    "empty": gettext_lazy("Tệp không có dòng giao dịch nào."),
    "no_columns": gettext_lazy("Không nhận ra cột ngày và cột số tiền: hãy chọn cột."),
    "no_headings": gettext_lazy("Không tìm thấy các tiêu đề cột đã lưu: hãy chọn lại cột."),
    "not_a_day": gettext_lazy("Không phải là ngày."),
    "no_such_day": gettext_lazy("Ngày không có trong lịch."),
    "not_a_number": gettext_lazy("Không phải là số tiền."),
    "not_whole": gettext_lazy("Số tiền có phần lẻ của đồng."),
    "too_big": gettext_lazy("Số tiền quá lớn."),
    "no_amount": gettext_lazy("Dòng không có số tiền."),
    "formula": gettext_lazy("Ô chứa công thức: sao kê của ngân hàng chỉ có giá trị."),
    "does_not_tie": gettext_lazy("Số dư đầu kỳ cộng phát sinh không bằng số dư cuối kỳ."),
    "balance_gap": gettext_lazy("Số dư lũy kế không nối tiếp dòng trước."),
    "other_account": gettext_lazy("Sao kê của tài khoản khác."),
    "other_currency": gettext_lazy("Sao kê không phải bằng đồng Việt Nam."),
    "many_accounts": gettext_lazy("Tệp có nhiều tài khoản; hãy tách ra từng tài khoản."),
    "not_a_move": gettext_lazy("Dòng giao dịch không đúng dạng MT940."),
}


def _mine(request: HttpRequest) -> list[BankAccount]:
    accounts = BankAccount.objects.filter(is_open=True).select_related("gate")
    return [account for account in accounts if importing.brings_in(request.user, account)]


@require_http_methods(["GET", "POST"])
@for_desk
def statements(request: HttpRequest) -> HttpResponse:
    """The files brought in, the newest first, each with how far it has come; and a place to bring in another."""
    accounts = _mine(request)
    sent = {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}
    form = StatementForm(**sent, initial={"account": accounts[0] if len(accounts) == 1 else None})
    form.fields["account"].queryset = BankAccount.objects.filter(pk__in=[account.pk for account in accounts])
    if request.method == "POST":
        try:
            if form.is_valid():
                data = form.cleaned_data
                file = importing.take_file(account=data["account"], upload=data["file"], actor=request.user)
                tasks.read_statement.delay_on_commit(file.pk)
                return redirect("fees:statement", file_id=file.pk)
            say(request, messages.ERROR, first_error(form))
        except Refusal as refusal:
            say(request, messages.ERROR, refusal.message)
    files = StatementFile.objects.filter(account__in=accounts).select_related("account", "uploaded_by")
    page = Paginator(files, PER_PAGE).get_page(request.GET.get("page"))
    going = any(file.state in ("waiting", "reading") for file in page.object_list)
    context = {"page": page, "form": form, "accounts": accounts, "going": going}
    return render(request, "fees/statements.html", context, status=REFUSED if request.method == "POST" else 200)


def _file_or_404(request: HttpRequest, file_id: int) -> StatementFile:
    files = StatementFile.objects.filter(account__in=_mine(request)).select_related("account", "uploaded_by")
    return get_object_or_404(files, pk=file_id)


@require_safe
@for_desk
def statement(request: HttpRequest, file_id: int) -> HttpResponse:
    """One file: its progress, why it was not taken, or its lines and what became of each."""
    file = _file_or_404(request, file_id)
    if file.state == StatementFile.State.COLUMNS:
        return redirect("fees:columns", file_id=file.pk)
    lines = file.lines.select_related("payment__bill", "payment__order").order_by("pk")
    context = {
        "file": file,
        "going": file.state in ("waiting", "reading"),
        "problems": [problem | {"words": PROBLEMS.get(problem["code"], problem["code"])} for problem in file.problems],
        "page": Paginator(lines, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "fees/statement.html", context)


@require_http_methods(["GET", "POST"])
@for_desk
def columns(request: HttpRequest, file_id: int) -> HttpResponse:
    """Which column means what: once for a bank, remembered with its account."""
    file = _file_or_404(request, file_id)
    with file.file.open("rb") as stored:
        data = stored.read()
    try:
        guessed, rows = guess(data, file.name)
    except StatementError:
        say(request, messages.ERROR, str(PROBLEMS["unknown_form"]))
        return redirect("fees:statements")
    chosen = Columns.of(file.account.columns) if file.account.columns else guessed
    posted = request.method == "POST"
    if posted:
        chosen = Columns.of({name: request.POST.get(name, "")[:100] for name in COLUMN_WORDS})
        try:
            importing.choose_columns(file=file, columns=chosen, actor=request.user)
        except Refusal as refusal:
            say(request, messages.ERROR, refusal.message)
        else:
            tasks.read_statement.delay_on_commit(file.pk)
            say(request, messages.SUCCESS, _("Đã lưu các cột cho %(account)s.") % {"account": file.account})
            return redirect("fees:statement", file_id=file.pk)
    headings = list(dict.fromkeys(cell.strip() for row in rows for cell in row if 0 < len(cell.strip()) <= 60))
    guesses = asdict(guessed)
    shown = {name: heading if heading in headings else guesses[name] for name, heading in asdict(chosen).items()}
    context = {
        "file": file,
        "rows": [row for row in rows if any(row)][:SHOWN_ROWS],
        "headings": headings[:150],
        "fields": [{"name": name, "word": word, "chosen": shown[name]} for name, word in COLUMN_WORDS.items()],
    }
    return render(request, "fees/columns.html", context, status=REFUSED if posted else 200)
