"""Bringing in a bank statement: taken whole or refused, its lines written in parts so that its progress is seen."""

from datetime import timedelta
from hashlib import sha256

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.rules import COLLECTORS, has_role
from checkpoints.refusals import Refusal, not_yours
from cuakhauso.templatetags.ui import moment
from fees.codes import find_code
from fees.models import BankAccount, StatementFile, StatementLine
from fees.rules import collects_at
from fees.services.matching import match
from fees.statements import Columns, Statement, StatementError, check, read

State = StatementFile.State
MOST_BYTES = 60 * 1024 * 1024
PART = 2000
# A reader that has shown no progress for so long is taken for dead.
PATIENCE = timedelta(minutes=3)
ASK_COLUMNS = {"no_columns", "no_headings"}
WRONG_COLUMNS = {
    "no_such_heading": gettext_lazy("Tệp không có cột: %(names)s. Hãy chọn tiêu đề trong cùng một dòng của tệp."),
    "heading_twice": gettext_lazy("Một cột được chọn cho hai mục: %(names)s. Mỗi cột chỉ mang một nghĩa."),
    "no_movement": gettext_lazy("Theo các cột này, không dòng nào là giao dịch. Hãy chọn lại cột ngày và cột số tiền."),
}


def brings_in(actor: User, account: BankAccount) -> bool:
    """Whether the person may bring in statements of this account: who collects at its gate, or where it has none."""
    if account.gate_id is None:
        return has_role(actor, *COLLECTORS)
    return collects_at(actor, account.gate_id)


def take_file(*, account: BankAccount, upload: UploadedFile, actor: User) -> StatementFile:
    """Store a statement to be read. The same file again is refused, unless it was refused before."""
    if not brings_in(actor, account):
        raise not_yours()
    if upload.size > MOST_BYTES:
        raise Refusal("too_big", _("Tệp lớn quá 60 MB."))
    if not upload.size:
        raise Refusal("empty", _("Tệp không có dòng giao dịch nào."))
    digest = sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    fields = {"uploaded_at": timezone.now(), "uploaded_by": actor, "name": upload.name[-200:]}
    try:
        with transaction.atomic():
            return StatementFile.objects.create(account=account, digest=digest.hexdigest(), file=upload, **fields)
    except IntegrityError:
        before = StatementFile.objects.get(account=account, digest=digest.hexdigest())
    if before.state != State.REFUSED:
        words = _("Tệp này đã được nhận lúc %(when)s.")
        raise Refusal("file_known", words % {"when": moment(before.uploaded_at)})
    StatementFile.objects.filter(pk=before.pk).update(state=State.WAITING, problems=[], **fields)
    before.refresh_from_db()
    return before


def choose_columns(*, file: StatementFile, columns: Columns, actor: User) -> None:
    """Save which column means what for the file's account, and have the file read.

    Columns that are not the file's are refused by their names; those saved before stay.
    """
    if not brings_in(actor, file.account):
        raise not_yours()
    if not columns.is_enough:
        raise Refusal("no_columns", _("Hãy chọn ít nhất cột ngày và cột số tiền."))
    with file.file.open("rb") as stored:
        data = stored.read()
    try:
        check(data, file.name, columns)
    except StatementError as error:
        problem = error.problems[0]
        words = WRONG_COLUMNS.get(problem.code, _("Không đọc được tệp này."))
        raise Refusal(problem.code, words % {"names": problem.what}) from error
    with transaction.atomic():
        BankAccount.objects.filter(pk=file.account_id).update(columns=columns.__dict__)
        StatementFile.objects.filter(pk=file.pk, state__in=[State.COLUMNS, State.REFUSED]).update(
            state=State.WAITING, problems=[]
        )


def unfinished() -> list[int]:
    """The files to be read: waiting ones, and those whose reader died."""
    dead = Q(state=State.READING, begun_at__lt=timezone.now() - PATIENCE)
    return list(StatementFile.objects.filter(Q(state=State.WAITING) | dead).values_list("pk", flat=True))


def read_file(file_id: int) -> None:
    """Read a stored statement, write its lines and match them. Begun twice or broken off, nothing counts twice."""
    if not _claim(file_id):
        return
    file = StatementFile.objects.select_related("account").get(pk=file_id)
    columns = Columns.of(file.account.columns) if file.account.columns else None
    with file.file.open("rb") as stored:
        data = stored.read()
    try:
        statement = _read(data, file, columns)
        _check_account(statement, file.account)
    except StatementError as error:
        _refuse(file, error)
        return
    StatementFile.objects.filter(pk=file.pk).update(
        total=len(statement.lines), done=0, opening=statement.opening, closing=statement.closing
    )
    lines = [_line(file, mark, line) for mark, line in statement.marked()]
    for start in range(0, len(lines), PART):
        _write(file, lines[start : start + PART])
    StatementFile.objects.filter(pk=file.pk).update(state=State.DONE, finished_at=timezone.now())


def _claim(file_id: int) -> bool:
    file = StatementFile.objects.filter(pk__in=set(unfinished()) & {file_id})
    return bool(file.update(state=State.READING, begun_at=timezone.now()))


def _read(data: bytes, file: StatementFile, columns: Columns | None) -> Statement:
    try:
        return read(data, file.name, columns)
    except StatementError as error:
        # A bank that changed its headings: those of the file itself may still say enough.
        if columns is None or error.problems[0].code != "no_headings":
            raise
        return read(data, file.name)


def _check_account(statement: Statement, account: BankAccount) -> None:
    named = "".join(sign for sign in statement.account if sign.isalnum())
    if named and account.number not in named:
        raise StatementError.of("other_account", None, statement.account)


def _refuse(file: StatementFile, error: StatementError) -> None:
    state = State.COLUMNS if error.problems[0].code in ASK_COLUMNS else State.REFUSED
    StatementFile.objects.filter(pk=file.pk).update(
        state=state,
        finished_at=timezone.now(),
        problems=[{"code": p.code, "row": p.row, "what": p.what} for p in error.problems],
    )


def _line(file: StatementFile, mark: str, line) -> StatementLine:
    return StatementLine(
        account_id=file.account_id,
        file=file,
        mark=mark,
        booked_on=line.booked_on,
        amount=line.amount,
        text=line.text,
        reference=line.reference,
        party=line.party,
        code=(find_code(line.text) or find_code(line.reference) or "") if line.amount > 0 else "",
    )


def _write(file: StatementFile, lines: list[StatementLine]) -> None:
    """One part of the file: the lines that are new, and what of them names its bill."""
    with transaction.atomic():
        StatementLine.objects.bulk_create(lines, ignore_conflicts=True)
        match(StatementLine.objects.filter(account_id=file.account_id, mark__in=[line.mark for line in lines]))
        own = StatementLine.objects.filter(file=file)
        StatementFile.objects.filter(pk=file.pk).update(
            done=F("done") + len(lines),
            new=own.count(),
            matched=own.filter(payment__isnull=False).count(),
            begun_at=timezone.now(),
        )
