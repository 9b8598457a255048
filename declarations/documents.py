"""Documents of consignments: packing lists, invoices. A draft takes them here, a declaration sent by the door."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from declarations.models import Consignment, Declaration, Document
from declarations.workbooks import BadSpreadsheet, opened
from register.files import cleaned_file

MOST_DOCUMENTS = 40
"""So many documents in force a declaration may have, and as many versions of each."""

ZIPPED = b"PK\x03\x04"


def cleaned_document(upload: UploadedFile) -> ContentFile:
    """The file as it is kept: a picture, a PDF or an .xlsx, told by its content; raises `ValidationError`."""
    upload.seek(0)
    head = upload.read(4)
    upload.seek(0)
    if head != ZIPPED:
        return cleaned_file(upload)
    try:
        opened(upload.file, upload.size).close()
    except BadSpreadsheet as bad:
        raise ValidationError(_("Chỉ nhận ảnh (JPEG, PNG, WebP), PDF hoặc bảng tính .xlsx.")) from bad
    upload.seek(0)
    return ContentFile(upload.read(), name="x.xlsx")


def fault(declaration: Declaration, consignment: Consignment | None, kind: str, replaces: int | None) -> str | None:
    """Why such a document cannot be added, or replace the one of that id, now, in words; None if it can."""
    if kind not in Document.Kind.values or consignment is None or consignment.declaration_id != declaration.pk:
        return _("Lô hàng hoặc loại chứng từ không có trên tờ khai này; hãy tải lại trang.")
    newest = declaration.documents.newest()
    if replaces is None:
        too_many = newest.count() >= MOST_DOCUMENTS
    elif (former := newest.filter(pk=replaces, consignment=consignment).first()) is None:
        return _("Chứng từ này vừa được thay bằng bản khác; hãy xem lại.")
    else:
        too_many = declaration.documents.filter(consignment=consignment, kind=former.kind).count() >= MOST_DOCUMENTS
    return _("Đã có quá nhiều chứng từ.") if too_many else None


def add(
    declaration: Declaration,
    consignment: Consignment,
    *,
    kind: str,
    file: ContentFile,
    by: User,
    at: datetime,
    replaces: int | None = None,
) -> Document:
    """Keep the file, in place of the version of that id. The caller holds the lock of the declaration."""
    former = declaration.documents.get(pk=replaces) if replaces is not None else None
    return Document.objects.create(
        declaration=declaration,
        consignment=consignment,
        kind=former.kind if former else kind,
        file=file,
        uploaded_by=by,
        uploaded_at=at,
        replaces=former,
    )


def loose(declaration: Declaration, document_id: int) -> QuerySet[Document]:
    """The versions of a document, the newest named, where it belongs to no consignment: its own was taken out."""
    before = dict(declaration.documents.filter(consignment=None).values_list("pk", "replaces"))
    versions = []
    pk = document_id if document_id not in before.values() else None
    while pk in before:
        versions.append(pk)
        pk = before[pk]
    return declaration.documents.filter(pk__in=versions)
